/* backend_private - what each kind of backend brings. */
#pragma once
#include "backend.h"

#define BACKEND_WAIT_S 5 /* for a server */

typedef struct {
    gboolean (*open)(const Backend *backend, Place *place, GError **error); /* fills values */
    gboolean (*prepare)(Place *place, const char *stored, GError **error);
    gboolean (*commit)(Place *place, GError **error);
    void (*close)(Place *place); /* what `data` holds */
} BackendKind;

struct Backend {
    const BackendKind *kind;
    const Settings *settings; /* NULL of backend_new_file() */
    char *file;
};

struct Place {
    const Backend *backend;
    char *account;
    GPtrArray *values; /* char *: what is stored; wiped at the end */
    gpointer data;
};

extern const BackendKind backend_file, backend_ldap, backend_sql;

/* What the settings must name for each kind; FALSE with error. */
gboolean backend_ldap_check(const Settings *settings, GError **error);
gboolean backend_sql_check(const Settings *settings, GError **error);
/* One setting that must be there. */
gboolean backend_need(const char *value, const char *key, GError **error);
/* The account in an LDAP filter (RFC 4515): `filter` with "%u" replaced, everything but letters and digits escaped.
 * Gives. */
char *backend_ldap_filter(const char *filter, const char *account);
