/* Secrets as key files: 32 random bytes each, shown to Dovecot in hexadecimal. */
#include "config.h"
#include "secrets.h"
#include "crypto.h"
#include <string.h>

char *
secrets_path(const char *database, const char *name)
{
    g_autofree char *directory = g_path_get_dirname(database);
    return g_build_filename(directory, name, NULL);
}

static char *
load_hex(const char *database, const char *name, GError **error)
{
    guint8 key[CRYPTO_KEY_SIZE];
    g_autofree char *path = secrets_path(database, name);
    if (!crypto_key_load(path, key, error))
        return NULL;
    char *hex = crypto_hex(key, sizeof key);
    crypto_wipe(key, sizeof key);
    return hex;
}

gboolean
secrets_load(const char *database, Secrets *secrets_out, GError **error)
{
    secrets_out->nonce = load_hex(database, "policy.nonce", error);
    secrets_out->key = secrets_out->nonce != NULL ? load_hex(database, "policy.key", error) : NULL;
    return secrets_out->key != NULL;
}

static void
wipe(char *text)
{
    if (text != NULL)
        crypto_wipe(text, strlen(text));
    g_free(text);
}

void
secrets_clear(Secrets *secrets)
{
    wipe(secrets->nonce);
    wipe(secrets->key);
}
