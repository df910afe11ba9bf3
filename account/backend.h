/* backend - where hashes of passwords are stored, and how one of them is replaced.
 *
 * Dovecot's passwd-file, an LDAP directory or a database behind ODBC, as the settings `passwords` say. A Place is one
 * account there. What was read is not overwritten blindly: a passwd-file stays locked, a directory takes the new value
 * only together with the old one's removal, a database does both in one transaction. Prepare does all that can fail,
 * so that between the record and the commit little is left. Errors: SETTINGS, NO_INPUT (no such account), DATA (it is
 * there twice), AWAY (server does not answer), PERMISSION, IO, TIMEOUT (somebody else changed it meanwhile). No text
 * has a password or a hash in it. A Backend may be used by threads at once, a Place by one. */
#pragma once
#include "password_hash.h"
#include "settings.h"
#include <glib.h>

typedef struct Backend Backend;
/* `settings` are lent. NULL with error: they name no backend, or miss something that it needs. */
Backend *backend_new(const Settings *settings, GError **error);
Backend *backend_new_file(const char *path); /* a passwd-file, whatever the settings say */
void backend_free(Backend *backend);         /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Backend, backend_free)

typedef struct Place Place;
/* Gives. */
Place *backend_open(const Backend *backend, const char *account, GError **error);
void place_free(Place *place); /* without commit: everything is as it was */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Place, place_free)
/* Is this the present password? (A directory may have several.) FALSE also if what is stored cannot be tried. */
gboolean place_has(const Place *place, const char *password);
gboolean place_prepare(Place *place, const char *stored, GError **error);
gboolean place_commit(Place *place, GError **error);

/* Scheme of the settings. */
HashMake backend_scheme(const Settings *settings);
