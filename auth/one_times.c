/* One-time passwords of accounts. One database, used by one thread at a time; what policy asks at each login is in
 * memory. */
#include "config.h"
#include "one_times.h"
#include "crypto.h"
#include "errors.h"
#include "one_time_rows.h"
#include "secrets.h"
#include <string.h>

#define SALT_SIZE 16
#define SEALED_SIZE (SALT_SIZE + ONE_TIME_SECRET_SIZE + CRYPTO_TAG_SIZE)
#define CONFIRM_US (ONE_TIMES_CONFIRM_MINUTES * G_TIME_SPAN_MINUTE)

typedef struct {
    OneTimeKind kind;
    gint64 confirmed, last_good;
} Known;

struct OneTimes {
    guint8 key[CRYPTO_KEY_SIZE];
    GMutex desk; /* held by whoever uses the database */
    Database *database;
    GMutex lock;       /* guards what follows */
    GHashTable *known; /* account: Known */
};

/* A row, with its secret opened. */
typedef struct {
    OneTimes *one_times;
    gboolean found, opened;
    OneTime one_time;
    gint64 made, confirmed, wrong;
} Entry;

static void
entry_clear(Entry *entry)
{
    one_time_clear(&entry->one_time);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Entry, entry_clear)

const char *
one_times_state_word(OneTimesState state)
{
    static const char *const words[] = {"none", "waiting", "confirmed"};
    return words[state];
}

/* --- sealed secrets ------------------------------------------------------------------------------------------- */

/* A key that seals once: the box's number is always 0. */
static CryptoBox *
box_of(const OneTimes *one_times, const char *account, const guint8 salt[SALT_SIZE])
{
    guint8 key[CRYPTO_DIGEST_SIZE];
    g_autoptr(GByteArray) name = g_byte_array_new();
    g_byte_array_append(name, salt, SALT_SIZE);
    g_byte_array_append(name, (const guint8 *)account, (guint)strlen(account));
    crypto_hmac(one_times->key, sizeof one_times->key, name->data, name->len, key);
    CryptoBox *box = crypto_box_new(key);
    crypto_wipe(key, sizeof key);
    return box;
}

static char *
seal(const OneTimes *one_times, const char *account, const OneTime *one_time)
{
    guint8 sealed[SEALED_SIZE];
    crypto_random(sealed, SALT_SIZE);
    g_autoptr(CryptoBox) box = box_of(one_times, account, sealed);
    crypto_box_seal(box, 0, one_time->secret, sizeof one_time->secret, sealed + SALT_SIZE);
    return crypto_hex(sealed, sizeof sealed);
}

static gboolean
open_sealed(const OneTimes *one_times, const char *account, const char *hex, OneTime *one_time)
{
    guint8 sealed[SEALED_SIZE];
    if (strlen(hex) != sizeof sealed * 2)
        return FALSE;
    for (gsize i = 0; i < sizeof sealed; i++) {
        int high = g_ascii_xdigit_value(hex[i * 2]), low = g_ascii_xdigit_value(hex[i * 2 + 1]);
        if (high < 0 || low < 0)
            return FALSE;
        sealed[i] = (guint8)(high << 4 | low);
    }
    g_autoptr(CryptoBox) box = box_of(one_times, account, sealed);
    return crypto_box_open(box, 0, sealed + SALT_SIZE, sizeof sealed - SALT_SIZE, one_time->secret);
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

static void
take_row(const OneTimeRow *row, gpointer user)
{
    Entry *entry = user;
    entry->found = TRUE;
    entry->opened = one_time_kind_from_word(row->kind, &entry->one_time.kind) &&
                    open_sealed(entry->one_times, row->account, row->sealed, &entry->one_time);
    entry->one_time.next = (guint64)MAX(row->next, 0);
    entry->made = row->made;
    entry->confirmed = row->confirmed;
    entry->wrong = row->wrong;
}

static gboolean
put(OneTimes *one_times, const char *account, const Entry *entry, GError **error)
{
    g_autofree char *sealed = seal(one_times, account, &entry->one_time);
    OneTimeRow row = {account,     one_time_kind_word(entry->one_time.kind),
                      sealed,      (gint64)entry->one_time.next,
                      entry->made, entry->confirmed,
                      entry->wrong};
    return one_time_rows_put(one_times->database, &row, error);
}

/* Whether it is there and confirmed, or there and waits. */
static gboolean
load(OneTimes *one_times, const char *account, gboolean confirmed, Entry *entry, GError **error)
{
    entry->one_times = one_times;
    if (!one_time_rows_each(one_times->database, account, take_row, entry, error))
        return FALSE;
    if (!entry->found || (entry->confirmed != 0) != confirmed)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    confirmed ? "%s has no confirmed one-time password" : "no one-time password of %s waits for a code",
                    account);
    else if (!entry->opened)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "the one-time password of %s does not open: is one_time.key another one? It must be reset",
                    account);
    else
        return TRUE;
    return FALSE;
}

/* `entry` NULL: it has none any more. */
static void
remember(OneTimes *one_times, const char *account, const Entry *entry)
{
    g_mutex_lock(&one_times->lock);
    if (entry == NULL)
        g_hash_table_remove(one_times->known, account);
    else {
        Known *known = g_new(Known, 1);
        *known = (Known){entry->one_time.kind, entry->confirmed, 0};
        g_hash_table_replace(one_times->known, g_strdup(account), known);
    }
    g_mutex_unlock(&one_times->lock);
}

OneTimesState
one_times_state(OneTimes *one_times, const char *account, OneTimeKind *kind_out, gint64 *confirmed_out)
{
    g_mutex_lock(&one_times->lock);
    const Known *known = g_hash_table_lookup(one_times->known, account);
    OneTimesState state = known == NULL           ? ONE_TIMES_NONE
                          : known->confirmed != 0 ? ONE_TIMES_CONFIRMED
                                                  : ONE_TIMES_WAITING;
    if (known != NULL && kind_out != NULL)
        *kind_out = known->kind;
    if (known != NULL && confirmed_out != NULL)
        *confirmed_out = known->confirmed;
    g_mutex_unlock(&one_times->lock);
    return state;
}

gint64
one_times_last_good(OneTimes *one_times, const char *account)
{
    g_mutex_lock(&one_times->lock);
    const Known *known = g_hash_table_lookup(one_times->known, account);
    gint64 when = known != NULL ? known->last_good : 0;
    g_mutex_unlock(&one_times->lock);
    return when;
}

static void
note_good(OneTimes *one_times, const char *account, gint64 now_us)
{
    g_mutex_lock(&one_times->lock);
    Known *known = g_hash_table_lookup(one_times->known, account);
    if (known != NULL)
        known->last_good = now_us;
    g_mutex_unlock(&one_times->lock);
}

/* --- changes -------------------------------------------------------------------------------------------------- */

/* Change, record, commit: what fails before the commit undoes all of it. */
static gboolean
finish(OneTimes *one_times, gboolean changed, OneTimesRecord record, gpointer user, GError **error)
{
    if (changed && (record == NULL || record(user, error)) && database_commit(one_times->database, error))
        return TRUE;
    database_rollback(one_times->database);
    return FALSE;
}

static gboolean
enrol(OneTimes *one_times, const char *account, const Entry *fresh, OneTimesRecord record, gpointer user,
      GError **error)
{
    g_auto(Entry) old = {.one_times = one_times};
    if (!one_time_rows_each(one_times->database, account, take_row, &old, error))
        return FALSE;
    if (old.found && old.confirmed != 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "%s has a confirmed one-time password; it must be reset first", account);
        return FALSE;
    }
    return database_begin(one_times->database, error) &&
           finish(one_times, put(one_times, account, fresh, error), record, user, error);
}

gboolean
one_times_enrol(OneTimes *one_times, const char *account, OneTimeKind kind, gint64 now_us, OneTimesRecord record,
                gpointer user, OneTime *made_out, GError **error)
{
    g_auto(Entry) fresh = {.made = now_us};
    one_time_make(&fresh.one_time, kind);
    g_mutex_lock(&one_times->desk);
    gboolean done = enrol(one_times, account, &fresh, record, user, error);
    if (done)
        remember(one_times, account, &fresh);
    g_mutex_unlock(&one_times->desk);
    if (done)
        *made_out = fresh.one_time;
    return done;
}

static gboolean
drop(OneTimes *one_times, const char *account, OneTimesRecord record, gpointer user, GError **error)
{
    if (!database_begin(one_times->database, error) ||
        !finish(one_times, one_time_rows_drop(one_times->database, account, error), record, user, error))
        return FALSE;
    remember(one_times, account, NULL);
    return TRUE;
}

static gboolean
confirm(OneTimes *one_times, const char *account, const char *code, gint64 now_us, OneTimesRecord record, gpointer user,
        OneTimeResult *result_out, GError **error)
{
    g_auto(Entry) entry = {0};
    if (!load(one_times, account, FALSE, &entry, error))
        return FALSE;
    gboolean late = now_us - entry.made > CONFIRM_US;
    *result_out = late ? ONE_TIME_WRONG : one_time_check(&entry.one_time, code, now_us);
    if (*result_out == ONE_TIME_GOOD)
        entry.confirmed = now_us;
    else if (++entry.wrong >= ONE_TIMES_CONFIRM_TRIES || late)
        return drop(one_times, account, NULL, NULL, error);
    if (!database_begin(one_times->database, error) ||
        !finish(one_times, put(one_times, account, &entry, error), *result_out == ONE_TIME_GOOD ? record : NULL, user,
                error))
        return FALSE;
    remember(one_times, account, &entry);
    return TRUE;
}

gboolean
one_times_confirm(OneTimes *one_times, const char *account, const char *code, gint64 now_us, OneTimesRecord record,
                  gpointer user, OneTimeResult *result_out, GError **error)
{
    g_mutex_lock(&one_times->desk);
    gboolean done = confirm(one_times, account, code, now_us, record, user, result_out, error);
    g_mutex_unlock(&one_times->desk);
    return done;
}

static gboolean
check(OneTimes *one_times, const char *account, const char *code, const char *second, gint64 now_us,
      OneTimeResult *result_out, GError **error)
{
    g_auto(Entry) entry = {0};
    if (!load(one_times, account, TRUE, &entry, error))
        return FALSE;
    gint64 before = (gint64)entry.one_time.next;
    *result_out =
        second != NULL ? one_time_resync(&entry.one_time, code, second) : one_time_check(&entry.one_time, code, now_us);
    return *result_out != ONE_TIME_GOOD ||
           one_time_rows_move(one_times->database, account, before, (gint64)entry.one_time.next, error);
}

gboolean
one_times_check(OneTimes *one_times, const char *account, const char *code, const char *second, gint64 now_us,
                OneTimeResult *result_out, GError **error)
{
    *result_out = ONE_TIME_WRONG;
    g_mutex_lock(&one_times->desk);
    gboolean done = check(one_times, account, code, second, now_us, result_out, error);
    if (done && *result_out == ONE_TIME_GOOD)
        note_good(one_times, account, now_us);
    g_mutex_unlock(&one_times->desk);
    return done;
}

gboolean
one_times_reset(OneTimes *one_times, const char *account, OneTimesRecord record, gpointer user, GError **error)
{
    if (one_times_state(one_times, account, NULL, NULL) == ONE_TIMES_NONE) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "%s has no one-time password", account);
        return FALSE;
    }
    g_mutex_lock(&one_times->desk);
    gboolean done = drop(one_times, account, record, user, error);
    g_mutex_unlock(&one_times->desk);
    return done;
}

/* --- life ----------------------------------------------------------------------------------------------------- */

static void
take_known(const OneTimeRow *row, gpointer user)
{
    OneTimes *one_times = user;
    Entry entry = {.confirmed = row->confirmed};
    if (one_time_kind_from_word(row->kind, &entry.one_time.kind))
        remember(one_times, row->account, &entry);
}

OneTimes *
one_times_new(const char *register_path, GError **error)
{
    g_autofree char *path = secrets_path(register_path, "one_time.db");
    g_autofree char *key = secrets_path(register_path, "one_time.key");
    g_autoptr(OneTimes) one_times = g_new0(OneTimes, 1);
    g_mutex_init(&one_times->desk);
    g_mutex_init(&one_times->lock);
    one_times->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!crypto_key_load(key, one_times->key, error))
        return NULL;
    one_times->database = one_time_rows_open(path, error);
    if (one_times->database == NULL || !one_time_rows_each(one_times->database, NULL, take_known, one_times, error))
        return NULL;
    return g_steal_pointer(&one_times);
}

void
one_times_free(OneTimes *one_times)
{
    if (one_times == NULL)
        return;
    database_free(one_times->database);
    g_hash_table_unref(one_times->known);
    crypto_wipe(one_times->key, sizeof one_times->key);
    g_mutex_clear(&one_times->desk);
    g_mutex_clear(&one_times->lock);
    g_free(one_times);
}
