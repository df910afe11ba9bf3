/* password_list - the accounts of a Dovecot passwd-file or an LDIF export, with what is stored for their passwords.
 *
 * passwd-file (name:password:uid:gid:gecos:...) and LDIF (userPassword, several of them a row each; mail, uid, cn, o,
 * ou) are told apart by their text. */
#pragma once
#include "crypto.h"
#include "password_hash.h"
#include <glib.h>

#define PASSWORD_LIST_BYTES_MAX (32 * 1024 * 1024) /* of one file */

typedef struct {
    char *account;                            /* as it stands there, UTF-8 */
    char *address, *name, *unit, *department; /* NULL where it is not told */
    char *file;
    guint line;
    PasswordHash *hash;
} PasswordEntry;

/* Array of PasswordEntry that frees them; give it to password_list_read(). */
GPtrArray *password_list_new(void);
/* Adds the accounts of one file. NO_INPUT, IO, DATA (with the line; too big; no account in it). `digest` (may be NULL)
 * takes the bytes. */
gboolean password_list_read(GPtrArray *list, const char *path, CryptoHash *digest, GError **error);
