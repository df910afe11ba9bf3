/* What passwords are remembered at a start, and what is said of them. */
#include "config.h"
#include "guess.h"
#include "passwords_private.h"
#include <string.h>

const char *
password_verdict_word(PasswordVerdict verdict)
{
    static const char *const words[] = {"unknown", "uncheckable", "tried", "weak"};
    return words[verdict];
}

static PasswordVerdict
verdict_from(const char *word)
{
    for (guint i = 0; i <= VERDICT_WEAK; i++)
        if (g_strcmp0(word, password_verdict_word((PasswordVerdict)i)) == 0)
            return (PasswordVerdict)i;
    return VERDICT_UNKNOWN;
}

void
password_state_clear(PasswordState *state)
{
    g_free(state->mechanism);
    g_free(state->protocol);
    g_free(state->client);
    g_free(state->login);
}

static void
record_free(gpointer data)
{
    PasswordRecord *record = data;
    g_free(record->account);
    g_free(record->login);
    g_free(record->tried);
    g_free(record->mechanism);
    g_free(record->protocol);
    g_free(record->client);
    g_array_unref(record->former);
    g_free(record);
}

/* --- questions ------------------------------------------------------------------------------------------------ */

static void
tell(const Passwords *passwords, const PasswordRecord *record, PasswordState *state)
{
    *state = (PasswordState){passwords->blind ? VERDICT_UNKNOWN : record->verdict,
                             record->first_seen,
                             record->since,
                             record->last_seen,
                             record->judged,
                             record->warned,
                             record->logins,
                             g_strdup(record->mechanism),
                             g_strdup(record->protocol),
                             g_strdup(record->client),
                             g_strdup(record->login)};
    if (passwords->blind || !record->has_hmac)
        state->since_us = 0;
}

gboolean
passwords_state(Passwords *passwords, const char *account, PasswordState *state_out)
{
    *state_out = (PasswordState){0};
    g_mutex_lock(&passwords->lock);
    const PasswordRecord *record = g_hash_table_lookup(passwords->accounts, account);
    if (record != NULL)
        tell(passwords, record, state_out);
    g_mutex_unlock(&passwords->lock);
    return record != NULL;
}

gboolean
passwords_may_warn(Passwords *passwords, const char *account, gint64 now_us)
{
    g_mutex_lock(&passwords->lock);
    PasswordRecord *record = g_hash_table_lookup(passwords->accounts, account);
    if (record != NULL && record->warned > now_us)
        record->warned = now_us;
    gboolean may = record == NULL || now_us - record->warned >= PASSWORDS_WARN_US;
    g_mutex_unlock(&passwords->lock);
    return may;
}

void
passwords_set_warned(Passwords *passwords, const char *account, gint64 now_us)
{
    g_mutex_lock(&passwords->lock);
    PasswordRecord *record = g_hash_table_lookup(passwords->accounts, account);
    if (record != NULL) {
        record->warned = now_us;
        passwords_put(passwords, record);
    }
    g_mutex_unlock(&passwords->lock);
}

void
passwords_each(Passwords *passwords, PasswordStateVisit visit, gpointer user)
{
    GHashTableIter iter;
    gpointer account, record;
    g_mutex_lock(&passwords->lock);
    g_hash_table_iter_init(&iter, passwords->accounts);
    while (g_hash_table_iter_next(&iter, &account, &record)) {
        g_auto(PasswordState) state = {0};
        tell(passwords, record, &state);
        visit(account, &state, user);
    }
    g_mutex_unlock(&passwords->lock);
}

void
passwords_set_blind(Passwords *passwords, gboolean blind)
{
    g_mutex_lock(&passwords->lock);
    passwords->blind = blind;
    g_mutex_unlock(&passwords->lock);
}

void
passwords_wait(Passwords *passwords)
{
    g_mutex_lock(&passwords->lock);
    while (passwords->busy || !g_queue_is_empty(&passwords->waiting))
        g_cond_wait(&passwords->idle, &passwords->lock);
    g_mutex_unlock(&passwords->lock);
}

/* --- life ----------------------------------------------------------------------------------------------------- */

static gboolean
read_hmac(const char *hex, guint8 *out)
{
    if (strlen(hex) != LOGINS_HMAC_HEX)
        return FALSE;
    for (guint i = 0; i < CRYPTO_DIGEST_SIZE; i++)
        out[i] = (guint8)(g_ascii_xdigit_value(hex[i * 2]) << 4 | g_ascii_xdigit_value(hex[i * 2 + 1]));
    return TRUE;
}

static void
load(const PasswordRow *row, gpointer user)
{
    Passwords *passwords = user;
    PasswordRecord *record = passwords_make(passwords, row->account, row->login);
    record->has_hmac = read_hmac(row->hmac, record->hmac);
    record->first_seen = row->first_seen;
    record->since = row->since;
    record->last_seen = record->put_seen = row->last_seen;
    record->verdict = verdict_from(row->verdict);
    record->judged = row->judged;
    record->warned = row->warned;
    record->logins = row->logins;
    record->tried = g_strdup(row->tried);
    record->mechanism = g_strdup(row->mechanism);
    record->protocol = g_strdup(row->protocol);
    record->client = g_strdup(row->client);
    const PasswordRecord *other = g_hash_table_lookup(passwords->accounts, record->account);
    if (other == NULL || other->last_seen < record->last_seen)
        g_hash_table_replace(passwords->accounts, record->account, record);
}

static void
load_former(const char *account, const char *login, const char *hmac, gpointer user)
{
    const Passwords *passwords = user;
    guint8 bytes[CRYPTO_DIGEST_SIZE];
    PasswordRecord *record = passwords_find(passwords, account, login);
    if (record == NULL || !read_hmac(hmac, bytes) || passwords_is_former(record, bytes))
        return;
    g_array_append_vals(record->former, bytes, 1);
    if (record->former->len > MAX(passwords->options.history, 1))
        g_array_remove_index(record->former, 0);
}

Passwords *
passwords_new(const PasswordsOptions *options, Logins *logins, GError **error)
{
    guint8 key[CRYPTO_KEY_SIZE];
    if (!crypto_key_load(options->key_file, key, error))
        return NULL;
    Passwords *passwords = g_new0(Passwords, 1);
    passwords->options = *options;
    passwords->nonce = g_strdup(options->nonce);
    passwords->words_file = g_strdup(options->words_file);
    passwords->version = guess_version(options->words_file);
    passwords->logins = logins;
    memcpy(passwords->key, key, sizeof key);
    crypto_wipe(key, sizeof key);
    g_mutex_init(&passwords->lock);
    g_cond_init(&passwords->wake);
    g_cond_init(&passwords->idle);
    passwords->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, record_free);
    passwords->accounts = g_hash_table_new(g_str_hash, g_str_equal);
    g_queue_init(&passwords->waiting);
    if (!logins_each_password(logins, load, passwords, error) ||
        !logins_each_former(logins, load_former, passwords, error)) {
        passwords_free(passwords);
        return NULL;
    }
    passwords->thread = g_thread_new("passwords", passwords_run, passwords);
    return passwords;
}

void
passwords_free(Passwords *passwords)
{
    if (passwords == NULL)
        return;
    g_mutex_lock(&passwords->lock);
    g_atomic_int_set(&passwords->stop, TRUE);
    g_cond_signal(&passwords->wake);
    g_mutex_unlock(&passwords->lock);
    if (passwords->thread != NULL)
        g_thread_join(passwords->thread);
    g_queue_clear_full(&passwords->waiting, password_job_free);
    g_hash_table_unref(passwords->accounts);
    g_hash_table_unref(passwords->records);
    crypto_wipe(passwords->key, sizeof passwords->key);
    g_mutex_clear(&passwords->lock);
    g_cond_clear(&passwords->wake);
    g_cond_clear(&passwords->idle);
    g_free(passwords->nonce);
    g_free(passwords->words_file);
    g_free(passwords->version);
    g_free(passwords);
}
