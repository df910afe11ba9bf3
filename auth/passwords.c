/* Passwords seen through their hashes. One record for each login name, because the name is in the hash; what is said of
 * an account is what its name used last says. */
#include "config.h"
#include "passwords.h"
#include "passwords_private.h"
#include <string.h>

#define SEEN_PUT_US G_TIME_SPAN_HOUR

/* --- records -------------------------------------------------------------------------------------------------- */

PasswordRecord *
passwords_find(const Passwords *passwords, const char *account, const char *login)
{
    g_autofree char *key = g_strconcat(account, "\n", login, NULL);
    return g_hash_table_lookup(passwords->records, key);
}

PasswordRecord *
passwords_make(Passwords *passwords, const char *account, const char *login)
{
    PasswordRecord *record = g_new0(PasswordRecord, 1);
    record->account = g_strdup(account);
    record->login = g_strdup(login);
    record->former = g_array_new(FALSE, FALSE, CRYPTO_DIGEST_SIZE);
    g_hash_table_insert(passwords->records, g_strconcat(account, "\n", login, NULL), record);
    return record;
}

void
passwords_put(const Passwords *passwords, PasswordRecord *record)
{
    g_autofree char *hmac = record->has_hmac ? crypto_hex(record->hmac, sizeof record->hmac) : g_strdup("");
    PasswordRow row = {record->account,
                       record->login,
                       hmac,
                       record->first_seen,
                       record->since,
                       record->last_seen,
                       password_verdict_word(record->verdict),
                       record->tried,
                       record->judged,
                       record->mechanism,
                       record->protocol,
                       record->client,
                       record->warned,
                       record->logins};
    logins_put_password(passwords->logins, &row);
    record->put_seen = record->last_seen;
}

void
passwords_set(char **text, const char *value)
{
    if (g_strcmp0(*text, value) == 0)
        return;
    g_free(*text);
    *text = g_strdup(value);
}

gboolean
passwords_is_former(const PasswordRecord *record, const guint8 *hmac)
{
    for (guint i = 0; record != NULL && i < record->former->len; i++)
        if (memcmp(record->former->data + (gsize)i * CRYPTO_DIGEST_SIZE, hmac, CRYPTO_DIGEST_SIZE) == 0)
            return TRUE;
    return FALSE;
}

/* --- a hash --------------------------------------------------------------------------------------------------- */

/* A mechanism that sends no password gives the hash of an empty one. */
static gboolean
says_something(const Passwords *passwords, const PasswordUse *use)
{
    guint8 empty[PASSWORDS_HASH_SIZE];
    if (use->hash_length != PASSWORDS_HASH_SIZE ||
        strlen(passwords->nonce) + strlen(use->login) + 1 > PASSWORDS_PREFIX_MAX / 2)
        return FALSE;
    passwords_hash(passwords, use->login, "", 0, empty);
    return memcmp(empty, use->hash, sizeof empty) != 0 && g_ascii_strncasecmp(use->mechanism, "SCRAM", 5) != 0 &&
           g_ascii_strcasecmp(use->mechanism, "XOAUTH2") != 0 && g_ascii_strcasecmp(use->mechanism, "OAUTHBEARER") != 0;
}

void
passwords_look(Passwords *passwords, const PasswordUse *use, PasswordSight *sight_out)
{
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    *sight_out = (PasswordSight){0};
    if (!says_something(passwords, use))
        return;
    crypto_hmac(passwords->key, sizeof passwords->key, use->hash, use->hash_length, hmac);
    memcpy(&sight_out->digest, hmac, sizeof sight_out->digest);
    sight_out->digest |= 1;
    if (use->one_time)
        return;
    g_mutex_lock(&passwords->lock);
    const PasswordRecord *record = passwords_find(passwords, use->account, use->login);
    sight_out->known = record != NULL && record->has_hmac && crypto_equal(record->hmac, hmac, sizeof hmac);
    sight_out->former = !sight_out->known && passwords_is_former(record, hmac);
    if (sight_out->known) {
        sight_out->verdict = passwords->blind ? VERDICT_UNKNOWN : record->verdict;
        sight_out->since_us = record->since;
        sight_out->judged_us = record->judged;
    }
    g_mutex_unlock(&passwords->lock);
}

/* --- a good login --------------------------------------------------------------------------------------------- */

static void
keep_former(Passwords *passwords, PasswordRecord *record, gint64 now_us)
{
    g_autofree char *hex = crypto_hex(record->hmac, sizeof record->hmac);
    if (passwords_is_former(record, record->hmac))
        return;
    if (record->former->len >= MAX(passwords->options.history, 1))
        g_array_remove_index(record->former, 0);
    g_array_append_vals(record->former, record->hmac, 1);
    logins_put_former(passwords->logins, record->account, record->login, hex, now_us);
}

/* Another spelling of the name has another hash of the same password: its age is that of the name used before. */
static gint64
age_of_other_name(const Passwords *passwords, const char *account, gint64 now_us)
{
    const PasswordRecord *other = g_hash_table_lookup(passwords->accounts, account);
    return other != NULL && other->has_hmac ? other->since : now_us;
}

static void
take_password(Passwords *passwords, PasswordRecord *record, const PasswordUse *use, const guint8 *hmac,
              PasswordChange *change)
{
    if (record->has_hmac && memcmp(record->hmac, hmac, CRYPTO_DIGEST_SIZE) == 0)
        return;
    change->changed = record->has_hmac;
    change->reused = passwords_is_former(record, hmac);
    if (record->has_hmac)
        keep_former(passwords, record, use->now_us);
    record->since = record->has_hmac ? use->now_us : age_of_other_name(passwords, use->account, use->now_us);
    memcpy(record->hmac, hmac, CRYPTO_DIGEST_SIZE);
    record->has_hmac = record->dirty = TRUE;
    record->verdict = VERDICT_UNKNOWN;
    passwords_set(&record->tried, NULL);
}

void
passwords_good(Passwords *passwords, const PasswordUse *use, const PasswordPerson *person, PasswordChange *change_out)
{
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    gboolean checkable = !use->one_time && says_something(passwords, use);
    *change_out = (PasswordChange){0};
    if (checkable)
        crypto_hmac(passwords->key, sizeof passwords->key, use->hash, use->hash_length, hmac);
    g_mutex_lock(&passwords->lock);
    PasswordRecord *record = passwords_find(passwords, use->account, use->login);
    if (record == NULL) {
        change_out->first = !g_hash_table_contains(passwords->accounts, use->account);
        record = passwords_make(passwords, use->account, use->login);
        record->first_seen = use->now_us;
        record->dirty = TRUE;
    }
    if (use->one_time && record->has_hmac) { /* what was known is of the days before */
        record->has_hmac = FALSE;
        record->dirty = TRUE;
    }
    if (checkable)
        take_password(passwords, record, use, hmac, change_out);
    else if (!record->has_hmac)
        record->verdict = VERDICT_UNCHECKABLE;
    record->last_seen = use->now_us;
    record->logins++;
    passwords_set(&record->mechanism, use->mechanism);
    passwords_set(&record->protocol, use->protocol);
    passwords_set(&record->client, use->client);
    g_hash_table_replace(passwords->accounts, record->account, record);
    if (checkable && !passwords->blind && g_strcmp0(record->tried, passwords->version) != 0)
        passwords_enqueue(passwords, record, use, person);
    if (record->dirty || use->now_us - record->put_seen > SEEN_PUT_US)
        passwords_put(passwords, record);
    record->dirty = FALSE;
    g_mutex_unlock(&passwords->lock);
}
