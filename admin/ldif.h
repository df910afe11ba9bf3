/* ldif - entries of a directory as text (RFC 2849): content records only, change records are refused. */
#pragma once
#include <glib.h>

typedef struct {
    char *name, *value; /* name in lower case, without options (";lang-zh"); value UTF-8 */
    guint line;
} LdifValue;
typedef struct {
    GArray *values; /* LdifValue, "dn" among them */
    guint line;
} LdifEntry;
/* Array of LdifEntry. Values that are files (":<") and userPassword are left out. NULL with error (DATA) that names the
 * line. Gives. */
GPtrArray *ldif_parse(const char *bytes, gsize length, GError **error);
/* The same with userPassword. */
GPtrArray *ldif_parse_passwords(const char *bytes, gsize length, GError **error);
/* The first value of the attribute, or NULL. Lends. */
const LdifValue *ldif_value(const LdifEntry *entry, const char *name);
