/* The writer: it alone touches the database after the start. */
#include "config.h"
#include "tracks.h"
#include "clock.h"
#include "database.h"
#include "errors.h"
#include "log.h"
#include <glib/gstdio.h>
#include <string.h>

#define ROWS_MAX 20000 /* of one batch and kind */
#define CLEAN_US (60 * G_USEC_PER_SEC)
#define HEX 16 /* digits of the name of a recipient */

static const char *const migrations[] = {
    "CREATE TABLE correlation (high INTEGER NOT NULL, low INTEGER NOT NULL, until INTEGER NOT NULL,"
    " told_all INTEGER NOT NULL, told TEXT NOT NULL, PRIMARY KEY (high, low)) WITHOUT ROWID;"
    "CREATE TABLE history (high INTEGER NOT NULL, low INTEGER NOT NULL, day INTEGER NOT NULL,"
    " letters INTEGER NOT NULL, PRIMARY KEY (high, low, day)) WITHOUT ROWID;",
    NULL,
};

struct Tracks {
    Database *database;
    Correlation *correlation;
    History *history;
    GThread *thread;
    gint64 cleaned_us; /* the thread's */
    gboolean failing;  /* the thread's: told already */

    GMutex lock; /* guards what follows; never held while writing */
    GCond wake, settled;
    guint64 asked, done; /* settlings */
    GError *failed;      /* of the last batch */
    gboolean stop;
};

/* --- names as two numbers ---------------------------------------------------------------------------------------- */

G_STATIC_ASSERT(CORRELATION_NAME_SIZE == 2 * sizeof(gint64) && HISTORY_NAME_SIZE == CORRELATION_NAME_SIZE);

static void
split_name(const guint8 *name, gint64 halves[2])
{
    memcpy(halves, name, 2 * sizeof halves[0]);
}

static void
join_name(const Statement *row, guint8 *name)
{
    const gint64 halves[2] = {statement_integer(row, 0), statement_integer(row, 1)};
    memcpy(name, halves, sizeof halves);
}

static char *
told_text(const GArray *told)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; told != NULL && i < told->len; i++)
        g_string_append_printf(text, "%0*" G_GINT64_MODIFIER "x", HEX, g_array_index(told, guint64, i));
    return g_string_free(text, FALSE);
}

static GArray *
told_parse(const char *text)
{
    GArray *told = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (gsize left = text != NULL ? strlen(text) : 0; left >= HEX && told->len < CORRELATION_TOLD_MAX; left -= HEX) {
        char one[HEX + 1] = {0};
        memcpy(one, text, HEX);
        text += HEX;
        const guint64 name = g_ascii_strtoull(one, NULL, 16);
        g_array_append_val(told, name);
    }
    return told;
}

/* --- what is there ----------------------------------------------------------------------------------------------- */

static gint64
wall_offset(void)
{
    return clock_wall_us() - g_get_monotonic_time();
}

static gboolean
load_correlation(Tracks *tracks, GError **error)
{
    const gint64 now = clock_wall_us(), offset = wall_offset();
    g_autoptr(Statement) rows = database_query(
        tracks->database, error,
        "SELECT high, low, until, told_all, told FROM correlation WHERE until > ? ORDER BY until", "i", now);
    int got = rows != NULL ? 1 : -1;
    while (got == 1 && (got = statement_step(rows, error)) == 1) {
        CorrelationEntry entry = {.told_all = statement_integer(rows, 3) != 0};
        entry.until_us = MIN(statement_integer(rows, 2), now + TRACKS_WINDOW_MAX_US) - offset;
        join_name(rows, entry.name);
        entry.told = told_parse(statement_text(rows, 4));
        correlation_restore(tracks->correlation, &entry);
        correlation_entry_clear(&entry);
    }
    return got == 0;
}

static gboolean
load_history(Tracks *tracks, GError **error)
{
    g_autoptr(Statement) rows =
        database_query(tracks->database, error, "SELECT high, low, day, letters FROM history ORDER BY day", "");
    int got = rows != NULL ? 1 : -1;
    while (got == 1 && (got = statement_step(rows, error)) == 1) {
        HistoryEntry entry = {.day = (guint)CLAMP(statement_integer(rows, 2), 0, G_MAXINT32),
                              .letters = (guint)CLAMP(statement_integer(rows, 3), 0, G_MAXINT32)};
        join_name(rows, entry.name);
        history_restore(tracks->history, &entry);
    }
    return got == 0;
}

/* Forgets what is over, and of more than the tables hold the oldest. */
static gboolean
clean(Database *database, guint retention, GError **error)
{
    const gint64 now = clock_wall_us(), first = (gint64)history_day(now) - retention;
    return database_run(database, error, "DELETE FROM correlation WHERE until <= ?", "i", now) &&
           database_run(database, error,
                        "DELETE FROM correlation WHERE until <= (SELECT until FROM correlation ORDER BY until DESC "
                        "LIMIT 1 OFFSET ?)",
                        "i", (gint64)CORRELATION_MAX) &&
           database_run(database, error, "DELETE FROM history WHERE day <= ?", "i", first) &&
           database_run(database, error,
                        "DELETE FROM history WHERE (high, low) IN (SELECT high, low FROM history GROUP BY high, low "
                        "ORDER BY max(day) DESC LIMIT -1 OFFSET ?)",
                        "i", (gint64)HISTORY_MAX);
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static gboolean
write_correlation(Database *database, const GArray *changes, GError **error)
{
    const gint64 offset = wall_offset();
    gboolean good = TRUE;
    for (guint i = 0; good && i < changes->len; i++) {
        const CorrelationEntry *entry = &g_array_index(changes, CorrelationEntry, i);
        g_autofree char *told = told_text(entry->told);
        gint64 halves[2];
        split_name(entry->name, halves);
        good = database_run(database, error, "INSERT OR REPLACE INTO correlation VALUES (?, ?, ?, ?, ?)", "iiiit",
                            halves[0], halves[1], entry->until_us + offset, (gint64)entry->told_all, told);
    }
    return good;
}

static gboolean
write_history(Database *database, const GArray *changes, GError **error)
{
    gboolean good = TRUE;
    for (guint i = 0; good && i < changes->len; i++) {
        const HistoryEntry *entry = &g_array_index(changes, HistoryEntry, i);
        gint64 halves[2];
        split_name(entry->name, halves);
        good = database_run(database, error, "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?)", "iiii", halves[0],
                            halves[1], (gint64)entry->day, (gint64)entry->letters);
    }
    return good;
}

static gboolean
commit(Tracks *tracks, const GArray *letters, const GArray *days, gboolean cleaning, GError **error)
{
    Database *database = tracks->database;
    if (!database_begin(database, error))
        return FALSE;
    if ((!cleaning || clean(database, history_retention(tracks->history), error)) &&
        write_correlation(database, letters, error) && write_history(database, days, error) &&
        database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

/* One batch. *more_out: there may be more. */
static gboolean
write_batch(Tracks *tracks, gboolean *more_out, GError **error)
{
    g_autoptr(GArray) letters = correlation_take_changes(tracks->correlation, ROWS_MAX);
    g_autoptr(GArray) days = history_take_changes(tracks->history, ROWS_MAX);
    gint64 now = g_get_monotonic_time();
    gboolean cleaning = now >= tracks->cleaned_us + CLEAN_US;
    *more_out = letters->len >= ROWS_MAX || days->len >= ROWS_MAX;
    if (letters->len == 0 && days->len == 0 && !cleaning)
        return TRUE;
    if (!commit(tracks, letters, days, cleaning, error)) {
        correlation_give_back(tracks->correlation, letters);
        history_give_back(tracks->history, days);
        *more_out = FALSE;
        return FALSE;
    }
    if (cleaning)
        tracks->cleaned_us = now;
    return TRUE;
}

static GError *
write_all(Tracks *tracks)
{
    GError *error = NULL;
    gboolean more = TRUE;
    while (more && write_batch(tracks, &more, &error))
        continue;
    if (error != NULL && !tracks->failing)
        log_error("what the gate knows of letters' ways is in memory only for now: %s", error->message);
    else if (error == NULL && tracks->failing)
        log_info("what the gate knows of letters' ways is on the disk again");
    tracks->failing = error != NULL;
    return error;
}

static gpointer
run(gpointer user)
{
    Tracks *tracks = user;
    g_mutex_lock(&tracks->lock);
    for (gboolean last = FALSE; !last;) {
        gint64 until = g_get_monotonic_time() + TRACKS_BATCH_US;
        while (!tracks->stop && tracks->asked == tracks->done && g_cond_wait_until(&tracks->wake, &tracks->lock, until))
            continue;
        guint64 asked = tracks->asked;
        last = tracks->stop;
        g_mutex_unlock(&tracks->lock);
        GError *error = write_all(tracks);
        g_mutex_lock(&tracks->lock);
        g_clear_error(&tracks->failed);
        tracks->failed = error;
        tracks->done = asked;
        g_cond_broadcast(&tracks->settled);
    }
    g_mutex_unlock(&tracks->lock);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static Database *
open_database(const char *path, GError **error)
{
    g_autoptr(GError) damaged = NULL;
    Database *database = database_open(path, &damaged);
    if (database != NULL && database_migrate(database, "tracks", migrations, &damaged))
        return database;
    database_free(database);
    if (!g_error_matches(damaged, HANGU_ERROR, HANGU_ERROR_DATA)) {
        g_propagate_error(error, g_steal_pointer(&damaged));
        return NULL;
    }
    log_error("%s; it is set aside, and what was known of letters' ways is lost", damaged->message);
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *file = g_strconcat(path, endings[i], NULL);
        g_autofree char *aside = g_strconcat(path, ".damaged", endings[i], NULL);
        if (g_rename(file, aside) != 0 && i == 0)
            g_unlink(file);
    }
    database = database_open(path, error);
    if (database != NULL && !database_migrate(database, "tracks", migrations, error))
        g_clear_pointer(&database, database_free);
    return database;
}

Tracks *
tracks_open(const char *path, Correlation *correlation, History *history, GError **error)
{
    Database *database = open_database(path, error);
    if (database == NULL)
        return NULL;
    Tracks *tracks = g_new0(Tracks, 1);
    tracks->database = database;
    tracks->correlation = correlation;
    tracks->history = history;
    g_mutex_init(&tracks->lock);
    g_cond_init(&tracks->wake);
    g_cond_init(&tracks->settled);
    if (!clean(database, history_retention(history), error) || !load_correlation(tracks, error) ||
        !load_history(tracks, error)) {
        tracks_close(tracks);
        return NULL;
    }
    tracks->cleaned_us = g_get_monotonic_time();
    tracks->thread = g_thread_new("tracks", run, tracks);
    return tracks;
}

void
tracks_close(Tracks *tracks)
{
    if (tracks == NULL)
        return;
    g_mutex_lock(&tracks->lock);
    tracks->stop = TRUE;
    g_cond_signal(&tracks->wake);
    g_mutex_unlock(&tracks->lock);
    if (tracks->thread != NULL)
        g_thread_join(tracks->thread);
    database_free(tracks->database);
    g_clear_error(&tracks->failed);
    g_mutex_clear(&tracks->lock);
    g_cond_clear(&tracks->wake);
    g_cond_clear(&tracks->settled);
    g_free(tracks);
}

gboolean
tracks_settle(Tracks *tracks, GError **error)
{
    g_mutex_lock(&tracks->lock);
    guint64 asked = ++tracks->asked;
    g_cond_signal(&tracks->wake);
    while (tracks->done < asked)
        g_cond_wait(&tracks->settled, &tracks->lock);
    if (tracks->failed != NULL)
        g_propagate_error(error, g_error_copy(tracks->failed));
    gboolean good = tracks->failed == NULL;
    g_mutex_unlock(&tracks->lock);
    return good;
}
