/* Asked before a password is changed: was the new one used before? By its hash under each name that was seen. */
#include "config.h"
#include "passwords_private.h"

GPtrArray *
passwords_logins(Passwords *passwords, const char *account)
{
    GHashTableIter iter;
    gpointer value;
    GPtrArray *logins = g_ptr_array_new_with_free_func(g_free);
    g_mutex_lock(&passwords->lock);
    g_hash_table_iter_init(&iter, passwords->records);
    while (logins->len < PASSWORDS_LOGINS_MAX && g_hash_table_iter_next(&iter, NULL, &value)) {
        const PasswordRecord *record = value;
        if (record->has_hmac && g_str_equal(record->account, account))
            g_ptr_array_add(logins, g_strdup(record->login));
    }
    g_mutex_unlock(&passwords->lock);
    return logins;
}

/* `former` holds the oldest first. */
static gboolean
is_of_last(const PasswordRecord *record, const guint8 *hmac, guint history)
{
    const guint count = record->former->len;
    if (record->has_hmac && crypto_equal(record->hmac, hmac, CRYPTO_DIGEST_SIZE))
        return TRUE;
    for (guint i = 0; i < count && i + 1 < history; i++)
        if (crypto_equal(record->former->data + (gsize)(count - 1 - i) * CRYPTO_DIGEST_SIZE, hmac, CRYPTO_DIGEST_SIZE))
            return TRUE;
    return FALSE;
}

gboolean
passwords_used(Passwords *passwords, const char *account, const char *login, const guint8 hash[PASSWORDS_HASH_SIZE],
               guint history)
{
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    crypto_hmac(passwords->key, sizeof passwords->key, hash, PASSWORDS_HASH_SIZE, hmac);
    g_mutex_lock(&passwords->lock);
    const PasswordRecord *record = passwords_find(passwords, account, login);
    const gboolean used = history > 0 && record != NULL && is_of_last(record, hmac, history);
    g_mutex_unlock(&passwords->lock);
    crypto_wipe(hmac, sizeof hmac);
    return used;
}

const char *
passwords_nonce(const Passwords *passwords)
{
    return passwords->nonce;
}
