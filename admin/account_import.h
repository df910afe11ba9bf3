/* account_import - lists of accounts from spreadsheets and directories, as calls for hangu-authd. */
#pragma once
#include "yaml.h"
#include <glib.h>
#include <jansson.h>

typedef struct {
    json_t *request; /* fields of the verb "import" */
    guint line;
    guint column; /* of the address; 0: LDIF */
} ImportRow;

/* Array of ImportRow. What is wrong goes to `problems`, all of it, with line and column; such rows are not in the
 * array. name: of the file, for the texts. Columns are known by English and Chinese headings (account_import_help()).
 * Gives. */
GPtrArray *account_import_csv(const char *name, const char *bytes, gsize length, Problems *problems);
/* Entries with "mail"; the others are left out. */
GPtrArray *account_import_ldif(const char *name, const char *bytes, gsize length, Problems *problems);
/* The headings that are known, for --help. Gives. */
char *account_import_help(void);
