/* The writer of logins: rows wait by key, so that a storm of failures costs one row, and a batch is one commit. */
#include "config.h"
#include "logins.h"
#include "database.h"
#include "errors.h"
#include "log.h"

#define BATCH_US (500 * G_TIME_SPAN_MILLISECOND)
/* Somebody waits for this batch: others who come meanwhile share it. */
#define SHARE_US (3 * G_TIME_SPAN_MILLISECOND)
/* After a failed batch. */
#define PAUSE_US (1 * G_TIME_SPAN_SECOND)

static const char *const migrations[] = {
    "CREATE TABLE login_state (account TEXT NOT NULL, network TEXT NOT NULL, first_good INTEGER NOT NULL,"
    " last_good INTEGER NOT NULL, wrong INTEGER NOT NULL, last_wrong INTEGER NOT NULL, digests TEXT NOT NULL,"
    " locked INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (account, network)) WITHOUT ROWID;"
    "CREATE TABLE login_password (account TEXT NOT NULL, login TEXT NOT NULL, hmac TEXT NOT NULL,"
    " first_seen INTEGER NOT NULL, since INTEGER NOT NULL, last_seen INTEGER NOT NULL, verdict TEXT NOT NULL,"
    " tried TEXT NOT NULL, judged INTEGER NOT NULL, mechanism TEXT NOT NULL, protocol TEXT NOT NULL,"
    " client TEXT NOT NULL, warned INTEGER NOT NULL, logins INTEGER NOT NULL,"
    " PRIMARY KEY (account, login)) WITHOUT ROWID;"
    "CREATE TABLE login_former (number INTEGER PRIMARY KEY, account TEXT NOT NULL, login TEXT NOT NULL,"
    " hmac TEXT NOT NULL, until INTEGER NOT NULL);"
    "CREATE INDEX login_former_account ON login_former (account, login);",
    NULL,
};

typedef enum { ROW_STATE, ROW_DROP, ROW_PASSWORD, ROW_FORMER } RowKind;

/* A row that waits. Texts of both kinds of row are strings of the chunk. */
typedef struct {
    RowKind kind;
    GStringChunk *texts;
    LoginRow state;
    PasswordRow password;
} Waiting;

/* Who waits for a batch. */
typedef struct {
    LoginsDone done;
    gpointer user;
} Listener;

struct Logins {
    Database *database; /* the writer's alone after the start */
    GThread *thread;

    GMutex lock; /* guards what follows; never held while writing */
    GCond wake, settled;
    GHashTable *waiting;  /* key: Waiting */
    GArray *listeners;    /* Listener, of what waits */
    guint64 put, durable; /* batches begun, batches on the disk */
    gboolean stop, hurry;
    guint former;   /* makes keys of former passwords unique */
    GError *failed; /* of the last attempt */
    guint64 attempts;
};

static void
waiting_free(gpointer data)
{
    Waiting *waiting = data;
    g_string_chunk_free(waiting->texts);
    g_free(waiting);
}

/* --- what is there ------------------------------------------------------------------------------------------- */

gboolean
logins_each(Logins *logins, LoginVisit visit, gpointer user, GError **error)
{
    int got;
    g_autoptr(Statement) rows =
        database_query(logins->database, error,
                       "SELECT account, network, first_good, last_good, wrong, last_wrong, digests, locked, until"
                       " FROM login_state",
                       "");
    while (rows != NULL && (got = statement_step(rows, error)) != 0) {
        if (got < 0)
            return FALSE;
        LoginRow row = {statement_text(rows, 0),    statement_text(rows, 1),    statement_integer(rows, 2),
                        statement_integer(rows, 3), statement_integer(rows, 4), statement_integer(rows, 5),
                        statement_text(rows, 6),    statement_integer(rows, 7), statement_integer(rows, 8)};
        visit(&row, user);
    }
    return rows != NULL;
}

gboolean
logins_each_password(Logins *logins, PasswordVisit visit, gpointer user, GError **error)
{
    int got;
    g_autoptr(Statement) rows =
        database_query(logins->database, error,
                       "SELECT account, login, hmac, first_seen, since, last_seen, verdict, tried, judged, mechanism,"
                       " protocol, client, warned, logins FROM login_password",
                       "");
    while (rows != NULL && (got = statement_step(rows, error)) != 0) {
        if (got < 0)
            return FALSE;
        PasswordRow row = {statement_text(rows, 0),     statement_text(rows, 1),    statement_text(rows, 2),
                           statement_integer(rows, 3),  statement_integer(rows, 4), statement_integer(rows, 5),
                           statement_text(rows, 6),     statement_text(rows, 7),    statement_integer(rows, 8),
                           statement_text(rows, 9),     statement_text(rows, 10),   statement_text(rows, 11),
                           statement_integer(rows, 12), statement_integer(rows, 13)};
        visit(&row, user);
    }
    return rows != NULL;
}

gboolean
logins_each_former(Logins *logins, FormerVisit visit, gpointer user, GError **error)
{
    int got;
    g_autoptr(Statement) rows =
        database_query(logins->database, error, "SELECT account, login, hmac FROM login_former ORDER BY number", "");
    while (rows != NULL && (got = statement_step(rows, error)) != 0) {
        if (got < 0)
            return FALSE;
        visit(statement_text(rows, 0), statement_text(rows, 1), statement_text(rows, 2), user);
    }
    return rows != NULL;
}

/* --- in ------------------------------------------------------------------------------------------------------- */

static const char *
keep(Waiting *waiting, const char *text)
{
    return g_string_chunk_insert(waiting->texts, text != NULL ? text : "");
}

static Waiting *
waiting_new(RowKind kind)
{
    Waiting *waiting = g_new0(Waiting, 1);
    waiting->kind = kind;
    waiting->texts = g_string_chunk_new(256);
    return waiting;
}

static void
put(Logins *logins, const char *space, const char *first, const char *second, Waiting *waiting)
{
    /* neither part has a newline: names are checked, networks are ours */
    g_mutex_lock(&logins->lock);
    if (waiting->kind == ROW_FORMER)
        g_hash_table_replace(logins->waiting, g_strdup_printf("f%u", logins->former++), waiting);
    else
        g_hash_table_replace(logins->waiting, g_strconcat(space, first, "\n", second, NULL), waiting);
    g_mutex_unlock(&logins->lock);
}

void
logins_put(Logins *logins, const LoginRow *row)
{
    Waiting *waiting = waiting_new(ROW_STATE);
    waiting->state = *row;
    waiting->state.account = keep(waiting, row->account);
    waiting->state.network = keep(waiting, row->network);
    waiting->state.digests = keep(waiting, row->digests);
    put(logins, "s", row->account, row->network, waiting);
}

void
logins_drop(Logins *logins, const char *account, const char *network)
{
    Waiting *waiting = waiting_new(ROW_DROP);
    waiting->state.account = keep(waiting, account);
    waiting->state.network = keep(waiting, network);
    put(logins, "s", account, network, waiting);
}

void
logins_put_password(Logins *logins, const PasswordRow *row)
{
    Waiting *waiting = waiting_new(ROW_PASSWORD);
    PasswordRow *kept = &waiting->password;
    *kept = *row;
    kept->account = keep(waiting, row->account);
    kept->login = keep(waiting, row->login);
    kept->hmac = keep(waiting, row->hmac);
    kept->verdict = keep(waiting, row->verdict);
    kept->tried = keep(waiting, row->tried);
    kept->mechanism = keep(waiting, row->mechanism);
    kept->protocol = keep(waiting, row->protocol);
    kept->client = keep(waiting, row->client);
    put(logins, "p", row->account, row->login, waiting);
}

void
logins_put_former(Logins *logins, const char *account, const char *login, const char *hmac, gint64 until)
{
    Waiting *waiting = waiting_new(ROW_FORMER);
    waiting->password.account = keep(waiting, account);
    waiting->password.login = keep(waiting, login);
    waiting->password.hmac = keep(waiting, hmac);
    waiting->password.last_seen = until;
    put(logins, "f", account, login, waiting);
}

/* --- out ------------------------------------------------------------------------------------------------------ */

static gboolean
write_row(Database *database, const Waiting *waiting, GError **error)
{
    const LoginRow *state = &waiting->state;
    const PasswordRow *password = &waiting->password;
    switch (waiting->kind) {
    case ROW_STATE:
        return database_run(database, error, "INSERT OR REPLACE INTO login_state VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            "ttiiiitii", state->account, state->network, state->first_good, state->last_good,
                            state->wrong, state->last_wrong, state->digests, state->locked, state->until);
    case ROW_DROP:
        return database_run(database, error, "DELETE FROM login_state WHERE account = ? AND network = ?", "tt",
                            state->account, state->network);
    case ROW_PASSWORD:
        return database_run(
            database, error, "INSERT OR REPLACE INTO login_password VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "tttiiittitttii", password->account, password->login, password->hmac, password->first_seen, password->since,
            password->last_seen, password->verdict, password->tried, password->judged, password->mechanism,
            password->protocol, password->client, password->warned, password->logins);
    case ROW_FORMER:
        return database_run(database, error,
                            "INSERT INTO login_former (account, login, hmac, until) VALUES (?, ?, ?, ?)", "ttti",
                            password->account, password->login, password->hmac, password->last_seen);
    }
    return TRUE;
}

static gboolean
write_batch(Database *database, GHashTable *rows, GError **error)
{
    GHashTableIter iter;
    gpointer row;
    if (!database_begin(database, error))
        return FALSE;
    g_hash_table_iter_init(&iter, rows);
    while (g_hash_table_iter_next(&iter, NULL, &row))
        if (!write_row(database, row, error)) {
            database_rollback(database);
            return FALSE;
        }
    if (database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

static void
tell_listeners(const GArray *listeners, const GError *error)
{
    for (guint i = 0; i < listeners->len; i++) {
        const Listener *listener = &g_array_index(listeners, Listener, i);
        listener->done(listener->user, error);
    }
}

static GHashTable *
new_rows(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, waiting_free);
}

/* Under the lock: what could not be written waits again, unless a newer state of the row does. */
static void
put_back(Logins *logins, GHashTable *rows)
{
    GHashTableIter iter;
    gpointer key, row;
    g_hash_table_iter_init(&iter, rows);
    while (g_hash_table_iter_next(&iter, &key, &row)) {
        if (g_hash_table_contains(logins->waiting, key))
            continue;
        g_hash_table_iter_steal(&iter);
        g_hash_table_insert(logins->waiting, key, row);
    }
}

/* Under the lock, which is given up while writing. */
static void
flush(Logins *logins)
{
    GHashTable *rows = logins->waiting;
    GError *error = NULL;
    guint64 batch = ++logins->put;
    g_autoptr(GArray) listeners = logins->listeners;
    logins->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
    logins->waiting = new_rows();
    logins->hurry = FALSE;
    g_mutex_unlock(&logins->lock);
    gboolean good = g_hash_table_size(rows) == 0 || write_batch(logins->database, rows, &error);
    tell_listeners(listeners, error);
    g_mutex_lock(&logins->lock);
    if (good) {
        logins->durable = batch;
        if (logins->failed != NULL)
            log_info("logins are written again");
        g_clear_error(&logins->failed);
    } else {
        if (logins->failed == NULL)
            log_error("logins cannot be written: %s", error->message);
        g_clear_error(&logins->failed);
        logins->failed = error;
        put_back(logins, rows);
    }
    logins->attempts++;
    g_hash_table_unref(rows);
    g_cond_broadcast(&logins->settled);
}

/* Under the lock. */
static void
wait_for_batch(Logins *logins)
{
    gint64 end = g_get_monotonic_time() + (logins->failed != NULL ? PAUSE_US : BATCH_US);
    while (!logins->stop && !logins->hurry && logins->listeners->len == 0 &&
           g_cond_wait_until(&logins->wake, &logins->lock, end))
        continue;
    end = g_get_monotonic_time() + SHARE_US;
    while (!logins->stop && !logins->hurry && logins->listeners->len > 0 &&
           g_cond_wait_until(&logins->wake, &logins->lock, end))
        continue;
}

static gpointer
run(gpointer data)
{
    Logins *logins = data;
    g_mutex_lock(&logins->lock);
    while (!logins->stop) {
        wait_for_batch(logins);
        flush(logins);
    }
    flush(logins);
    g_mutex_unlock(&logins->lock);
    return NULL;
}

void
logins_when_durable(Logins *logins, LoginsDone done, gpointer user)
{
    Listener listener = {done, user};
    g_mutex_lock(&logins->lock);
    g_array_append_val(logins->listeners, listener);
    if (logins->listeners->len == 1)
        g_cond_signal(&logins->wake);
    g_mutex_unlock(&logins->lock);
}

gboolean
logins_settle(Logins *logins, GError **error)
{
    g_mutex_lock(&logins->lock);
    /* a batch in hand may have been taken before: the next one counts */
    guint64 wanted = logins->put + 1, attempts = logins->attempts + (logins->put > logins->attempts ? 2 : 1);
    while (logins->durable < wanted && logins->attempts < attempts) {
        logins->hurry = TRUE;
        g_cond_signal(&logins->wake);
        g_cond_wait(&logins->settled, &logins->lock);
    }
    gboolean good = logins->durable >= wanted;
    if (!good)
        g_propagate_error(error, logins->failed != NULL
                                     ? g_error_copy(logins->failed)
                                     : g_error_new(HANGU_ERROR, HANGU_ERROR_IO, "logins were not written"));
    g_mutex_unlock(&logins->lock);
    return good;
}

/* --- life ----------------------------------------------------------------------------------------------------- */

Logins *
logins_open(const char *path, GError **error)
{
    g_autoptr(Database) database = database_open(path, error);
    if (database == NULL || !database_migrate(database, "logins", migrations, error))
        return NULL;
    Logins *logins = g_new0(Logins, 1);
    logins->database = g_steal_pointer(&database);
    g_mutex_init(&logins->lock);
    g_cond_init(&logins->wake);
    g_cond_init(&logins->settled);
    logins->waiting = new_rows();
    logins->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
    logins->thread = NULL;
    return logins;
}

void
logins_start(Logins *logins)
{
    logins->thread = g_thread_new("logins", run, logins);
}

void
logins_free(Logins *logins)
{
    if (logins == NULL)
        return;
    g_mutex_lock(&logins->lock);
    logins->stop = TRUE;
    g_cond_signal(&logins->wake);
    g_mutex_unlock(&logins->lock);
    if (logins->thread != NULL)
        g_thread_join(logins->thread);
    g_hash_table_unref(logins->waiting);
    g_array_unref(logins->listeners);
    g_clear_error(&logins->failed);
    database_free(logins->database);
    g_mutex_clear(&logins->lock);
    g_cond_clear(&logins->wake);
    g_cond_clear(&logins->settled);
    g_free(logins);
}
