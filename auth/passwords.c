/* Passwords seen through their hashes. One record for each login name, because the name is in the hash; what is said of
 * an account is what its name used last says. */
#include "config.h"
#include "passwords.h"
#include "clock.h"
#include "guess.h"
#include "log.h"
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WAITING_MAX 2000
#define GUESSES_MAX 2000000
#define PREFIX_MAX 1024
#define NICEST 19
#define SEEN_PUT_US G_TIME_SPAN_HOUR

typedef struct {
    char *account, *login;
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    gboolean has_hmac, dirty;
    gint64 first_seen, since, last_seen, put_seen, judged, warned, logins;
    PasswordVerdict verdict;
    char *tried, *mechanism, *protocol, *client;
    GArray *former; /* of CRYPTO_DIGEST_SIZE */
} Record;

/* A hash that waits to be tried. */
typedef struct {
    char *account, *login, *address, *name, *unit, *department;
    guint8 hash[PASSWORDS_HASH_SIZE], hmac[CRYPTO_DIGEST_SIZE];
} Job;

struct Passwords {
    PasswordsOptions options;
    char *nonce, *words_file, *version;
    Logins *logins;
    guint8 key[CRYPTO_KEY_SIZE];
    GThread *thread;

    GMutex lock; /* guards what follows */
    GCond wake, idle;
    GHashTable *records;  /* "account\nlogin": Record */
    GHashTable *accounts; /* account: Record used last; lent */
    GQueue waiting;       /* Job */
    gboolean busy, stop, blind, full;
};

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
    Record *record = data;
    g_free(record->account);
    g_free(record->login);
    g_free(record->tried);
    g_free(record->mechanism);
    g_free(record->protocol);
    g_free(record->client);
    g_array_unref(record->former);
    g_free(record);
}

static void
job_free(Job *job)
{
    crypto_wipe(job->hash, sizeof job->hash);
    g_free(job->account);
    g_free(job->login);
    g_free(job->address);
    g_free(job->name);
    g_free(job->unit);
    g_free(job->department);
    g_free(job);
}

/* --- records -------------------------------------------------------------------------------------------------- */

static Record *
find(const Passwords *passwords, const char *account, const char *login)
{
    g_autofree char *key = g_strconcat(account, "\n", login, NULL);
    return g_hash_table_lookup(passwords->records, key);
}

static Record *
make(Passwords *passwords, const char *account, const char *login)
{
    Record *record = g_new0(Record, 1);
    record->account = g_strdup(account);
    record->login = g_strdup(login);
    record->former = g_array_new(FALSE, FALSE, CRYPTO_DIGEST_SIZE);
    g_hash_table_insert(passwords->records, g_strconcat(account, "\n", login, NULL), record);
    return record;
}

static void
put(const Passwords *passwords, Record *record)
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

static void
set(char **text, const char *value)
{
    if (g_strcmp0(*text, value) == 0)
        return;
    g_free(*text);
    *text = g_strdup(value);
}

static gboolean
is_former(const Record *record, const guint8 *hmac)
{
    for (guint i = 0; record != NULL && i < record->former->len; i++)
        if (memcmp(record->former->data + (gsize)i * CRYPTO_DIGEST_SIZE, hmac, CRYPTO_DIGEST_SIZE) == 0)
            return TRUE;
    return FALSE;
}

/* --- a hash --------------------------------------------------------------------------------------------------- */

static void
hash_guess(const Passwords *passwords, const char *login, const char *guess, gsize length,
           guint8 out[PASSWORDS_HASH_SIZE])
{
    guint8 text[PREFIX_MAX];
    gsize nonce = strlen(passwords->nonce), name = strlen(login) + 1; /* with its zero */
    memcpy(text, passwords->nonce, nonce);
    memcpy(text + nonce, login, name);
    memcpy(text + nonce + name, guess, length);
    crypto_sha256(text, nonce + name + length, out);
}

/* A mechanism that sends no password gives the hash of an empty one. */
static gboolean
says_something(const Passwords *passwords, const PasswordUse *use)
{
    guint8 empty[PASSWORDS_HASH_SIZE];
    if (use->hash_length != PASSWORDS_HASH_SIZE || strlen(passwords->nonce) + strlen(use->login) + 1 > PREFIX_MAX / 2)
        return FALSE;
    hash_guess(passwords, use->login, "", 0, empty);
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
    g_mutex_lock(&passwords->lock);
    const Record *record = find(passwords, use->account, use->login);
    sight_out->known = record != NULL && record->has_hmac && crypto_equal(record->hmac, hmac, sizeof hmac);
    sight_out->former = !sight_out->known && is_former(record, hmac);
    if (sight_out->known) {
        sight_out->verdict = passwords->blind ? VERDICT_UNKNOWN : record->verdict;
        sight_out->since_us = record->since;
        sight_out->judged_us = record->judged;
    }
    g_mutex_unlock(&passwords->lock);
}

/* --- trying --------------------------------------------------------------------------------------------------- */

typedef struct {
    const Passwords *passwords;
    const Job *job;
    guint64 left;
    gboolean found;
} Trying;

static gboolean
try_guess(const char *guess, gsize length, gpointer user)
{
    Trying *trying = user;
    guint8 hash[PASSWORDS_HASH_SIZE];
    if (length > PREFIX_MAX / 2)
        return TRUE;
    hash_guess(trying->passwords, trying->job->login, guess, length, hash);
    trying->found = memcmp(hash, trying->job->hash, sizeof hash) == 0;
    return !trying->found && --trying->left > 0 && !g_atomic_int_get(&trying->passwords->stop);
}

static void
judge(Passwords *passwords, const Job *job)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    gint64 wall = clock_wall_us();
    Trying trying = {passwords, job, GUESSES_MAX, FALSE};
    GuessPerson person = {job->login,
                          job->address,
                          job->name,
                          job->unit,
                          job->department,
                          passwords->words_file,
                          g_date_time_get_year(now)};
    guint64 guesses = guess_each(&person, try_guess, &trying);
    if (g_atomic_int_get(&passwords->stop) && !trying.found)
        return;
    PasswordVerdict verdict = trying.found ? VERDICT_WEAK : VERDICT_TRIED;
    g_mutex_lock(&passwords->lock);
    Record *record = find(passwords, job->account, job->login);
    gboolean same = record != NULL && memcmp(record->hmac, job->hmac, sizeof job->hmac) == 0;
    if (same) {
        record->verdict = verdict;
        record->judged = wall;
        set(&record->tried, passwords->version);
        put(passwords, record);
    }
    g_mutex_unlock(&passwords->lock);
    if (same && passwords->options.judged != NULL)
        passwords->options.judged(passwords->options.user, job->account, verdict, guesses);
}

static gpointer
run(gpointer data)
{
    Passwords *passwords = data;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICEST); /* answers come first */
    g_mutex_lock(&passwords->lock);
    for (;;) {
        while (g_queue_is_empty(&passwords->waiting) && !passwords->stop) {
            g_cond_broadcast(&passwords->idle);
            g_cond_wait(&passwords->wake, &passwords->lock);
        }
        if (passwords->stop)
            break;
        Job *job = g_queue_pop_head(&passwords->waiting);
        passwords->busy = TRUE;
        g_mutex_unlock(&passwords->lock);
        judge(passwords, job);
        job_free(job);
        g_mutex_lock(&passwords->lock);
        passwords->busy = FALSE;
    }
    g_mutex_unlock(&passwords->lock);
    return NULL;
}

/* Under the lock. What finds no room is tried at the next login. */
static void
enqueue(Passwords *passwords, const Record *record, const PasswordUse *use, const PasswordPerson *person)
{
    guint most = passwords->options.waiting != 0 ? passwords->options.waiting : WAITING_MAX;
    if (passwords->waiting.length >= most) {
        if (!passwords->full)
            log_warn("%u new passwords wait to be tried: more are tried at their next login", most);
        passwords->full = TRUE;
        return;
    }
    for (const GList *at = passwords->waiting.head; at != NULL; at = at->next)
        if (memcmp(((const Job *)at->data)->hmac, record->hmac, sizeof record->hmac) == 0)
            return;
    Job *job = g_new0(Job, 1);
    job->account = g_strdup(use->account);
    job->login = g_strdup(use->login);
    job->address = g_strdup(person->address);
    job->name = g_strdup(person->name);
    job->unit = g_strdup(person->unit);
    job->department = g_strdup(person->department);
    memcpy(job->hash, use->hash, sizeof job->hash);
    memcpy(job->hmac, record->hmac, sizeof job->hmac);
    passwords->full = FALSE;
    g_queue_push_tail(&passwords->waiting, job);
    g_cond_signal(&passwords->wake);
}

/* --- a good login --------------------------------------------------------------------------------------------- */

static void
keep_former(Passwords *passwords, Record *record, gint64 now_us)
{
    g_autofree char *hex = crypto_hex(record->hmac, sizeof record->hmac);
    if (is_former(record, record->hmac))
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
    const Record *other = g_hash_table_lookup(passwords->accounts, account);
    return other != NULL && other->has_hmac ? other->since : now_us;
}

static void
take_password(Passwords *passwords, Record *record, const PasswordUse *use, const guint8 *hmac, PasswordChange *change)
{
    if (record->has_hmac && memcmp(record->hmac, hmac, CRYPTO_DIGEST_SIZE) == 0)
        return;
    change->changed = record->has_hmac;
    change->reused = is_former(record, hmac);
    if (record->has_hmac)
        keep_former(passwords, record, use->now_us);
    record->since = record->has_hmac ? use->now_us : age_of_other_name(passwords, use->account, use->now_us);
    memcpy(record->hmac, hmac, CRYPTO_DIGEST_SIZE);
    record->has_hmac = record->dirty = TRUE;
    record->verdict = VERDICT_UNKNOWN;
    set(&record->tried, NULL);
}

void
passwords_good(Passwords *passwords, const PasswordUse *use, const PasswordPerson *person, PasswordChange *change_out)
{
    guint8 hmac[CRYPTO_DIGEST_SIZE];
    gboolean checkable = says_something(passwords, use);
    *change_out = (PasswordChange){0};
    if (checkable)
        crypto_hmac(passwords->key, sizeof passwords->key, use->hash, use->hash_length, hmac);
    g_mutex_lock(&passwords->lock);
    Record *record = find(passwords, use->account, use->login);
    if (record == NULL) {
        change_out->first = !g_hash_table_contains(passwords->accounts, use->account);
        record = make(passwords, use->account, use->login);
        record->first_seen = use->now_us;
        record->dirty = TRUE;
    }
    if (checkable)
        take_password(passwords, record, use, hmac, change_out);
    else if (!record->has_hmac)
        record->verdict = VERDICT_UNCHECKABLE;
    record->last_seen = use->now_us;
    record->logins++;
    set(&record->mechanism, use->mechanism);
    set(&record->protocol, use->protocol);
    set(&record->client, use->client);
    g_hash_table_replace(passwords->accounts, record->account, record);
    if (checkable && !passwords->blind && g_strcmp0(record->tried, passwords->version) != 0)
        enqueue(passwords, record, use, person);
    if (record->dirty || use->now_us - record->put_seen > SEEN_PUT_US)
        put(passwords, record);
    record->dirty = FALSE;
    g_mutex_unlock(&passwords->lock);
}

/* --- questions ------------------------------------------------------------------------------------------------ */

static void
tell(const Passwords *passwords, const Record *record, PasswordState *state)
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
    const Record *record = g_hash_table_lookup(passwords->accounts, account);
    if (record != NULL)
        tell(passwords, record, state_out);
    g_mutex_unlock(&passwords->lock);
    return record != NULL;
}

void
passwords_set_warned(Passwords *passwords, const char *account, gint64 now_us)
{
    g_mutex_lock(&passwords->lock);
    Record *record = g_hash_table_lookup(passwords->accounts, account);
    if (record != NULL) {
        record->warned = now_us;
        put(passwords, record);
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
    Record *record = make(passwords, row->account, row->login);
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
    const Record *other = g_hash_table_lookup(passwords->accounts, record->account);
    if (other == NULL || other->last_seen < record->last_seen)
        g_hash_table_replace(passwords->accounts, record->account, record);
}

static void
load_former(const char *account, const char *login, const char *hmac, gpointer user)
{
    const Passwords *passwords = user;
    guint8 bytes[CRYPTO_DIGEST_SIZE];
    Record *record = find(passwords, account, login);
    if (record == NULL || !read_hmac(hmac, bytes) || is_former(record, bytes))
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
    passwords->thread = g_thread_new("passwords", run, passwords);
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
    g_queue_clear_full(&passwords->waiting, (GDestroyNotify)job_free);
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
