/* secrets - the secrets of the auth policy, made at the first start beside the database. */
#pragma once
#include <glib.h>

typedef struct {
    char *nonce; /* auth_policy_hash_nonce: 64 hexadecimal digits */
    char *key;   /* of the header X-Hangu-Key, the same */
} Secrets;
/* From the directory of the database; made when absent. */
gboolean secrets_load(const char *database, Secrets *secrets_out, GError **error);
void secrets_clear(Secrets *secrets); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Secrets, secrets_clear)
/* A file beside the database. Gives. */
char *secrets_path(const char *database, const char *name);
