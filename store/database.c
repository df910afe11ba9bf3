/* SQLite behind one door. Statements are kept prepared by the address of their text: what is asked for each letter must
 * not be parsed each time. */
#include "config.h"
#include <stdarg.h>
#include "database.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct Statement {
    sqlite3_stmt *handle;
    Database *database;
    gboolean in_use, kept;
};

struct Database {
    sqlite3 *handle;
    char *path;
    GHashTable *statements; /* const char * (the literal itself) to Statement */
};

/* --- errors -------------------------------------------------------------------------------------------------- */

static int
code_of(int result)
{
    switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return HANGU_ERROR_DATA;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return HANGU_ERROR_TIMEOUT;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return HANGU_ERROR_PERMISSION;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return HANGU_ERROR_INTERNAL;
    default:
        return HANGU_ERROR_IO;
    }
}

/* What to do about it, for those whom it may befall. */
static const char *
advice(int result)
{
    switch (result & 0xff) {
    case SQLITE_FULL:
        return "; make room on its disk";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return "; it is damaged or no database: bring back a saved copy";
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return "; its owner must be able to write the file and its directory";
    default:
        return "";
    }
}

static void
set_error(const Database *database, int result, GError **error)
{
    g_set_error(error, HANGU_ERROR, code_of(result), "database %s: %s%s", database->path,
                database->handle != NULL ? sqlite3_errmsg(database->handle) : sqlite3_errstr(result), advice(result));
}

/* --- one owner ----------------------------------------------------------------------------------------------- */

typedef struct {
    int fd;
    guint users;
} Lock;
static GMutex locks_guard;
static GHashTable *locks; /* path to Lock */

static int
open_lock(const char *path, GError **error)
{
    g_autofree char *name = g_strconcat(path, ".lock", NULL);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && why == EWOULDBLOCK)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    "database %s: another process owns it (lock %s); ask that one over its socket", path, name);
    else
        g_set_error(error, HANGU_ERROR, why == EACCES ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO,
                    "database %s: lock %s: %s", path, name, g_strerror(why));
    return -1;
}

static gboolean
lock_path(const char *path, GError **error)
{
    gboolean held = TRUE;
    g_mutex_lock(&locks_guard);
    if (locks == NULL)
        locks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Lock *lock = g_hash_table_lookup(locks, path);
    if (lock == NULL) {
        int fd = open_lock(path, error);
        held = fd >= 0;
        if (held) {
            lock = g_new0(Lock, 1);
            lock->fd = fd;
            g_hash_table_insert(locks, g_strdup(path), lock);
        }
    }
    if (held)
        lock->users++;
    g_mutex_unlock(&locks_guard);
    return held;
}

static void
unlock_path(const char *path)
{
    g_mutex_lock(&locks_guard);
    Lock *lock = g_hash_table_lookup(locks, path);
    if (lock != NULL && --lock->users == 0) {
        close(lock->fd);
        g_hash_table_remove(locks, path);
    }
    if (g_hash_table_size(locks) == 0)
        g_clear_pointer(&locks, g_hash_table_unref);
    g_mutex_unlock(&locks_guard);
}

/* --- open and close ------------------------------------------------------------------------------------------ */

static void
free_statement(gpointer data)
{
    Statement *statement = data;
    sqlite3_finalize(statement->handle);
    g_free(statement);
}

static gboolean
execute(Database *database, const char *script, GError **error)
{
    int result = sqlite3_exec(database->handle, script, NULL, NULL, NULL);
    if (result != SQLITE_OK)
        set_error(database, result, error);
    return result == SQLITE_OK;
}

static gboolean
set_up(Database *database, GError **error)
{
    int fd = open(database->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* SQLite would ask the umask */
    if (fd < 0) {
        g_set_error(error, HANGU_ERROR, errno == EACCES ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, "database %s: %s%s",
                    database->path, g_strerror(errno), advice(SQLITE_CANTOPEN));
        return FALSE;
    }
    close(fd);
    int result = sqlite3_open_v2(database->path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK) {
        set_error(database, result, error);
        return FALSE;
    }
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, DATABASE_BUSY_MS);
    return execute(
        database,
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
        "CREATE TABLE IF NOT EXISTS schema_parts (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;",
        error);
}

Database *
database_open(const char *path, GError **error)
{
    if (!lock_path(path, error))
        return NULL;
    Database *database = g_new0(Database, 1);
    database->path = g_strdup(path);
    database->statements = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_statement);
    if (!set_up(database, error))
        g_clear_pointer(&database, database_free);
    return database;
}

void
database_free(Database *database)
{
    if (database == NULL)
        return;
    g_hash_table_unref(database->statements);
    sqlite3_close(database->handle);
    unlock_path(database->path);
    g_free(database->path);
    g_free(database);
}

/* --- statements ---------------------------------------------------------------------------------------------- */

static Statement *
prepare(Database *database, const char *sql, gboolean keep, GError **error)
{
    Statement *statement = g_new0(Statement, 1);
    statement->database = database;
    statement->kept = keep;
    int result =
        sqlite3_prepare_v3(database->handle, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &statement->handle, NULL);
    if (result == SQLITE_OK) {
        if (keep)
            g_hash_table_insert(database->statements, (gpointer)sql, statement);
        return statement;
    }
    set_error(database, result, error);
    free_statement(statement);
    return NULL;
}

/* A statement that is being read may be asked for again: the second one is not kept. */
static Statement *
borrow(Database *database, const char *sql, GError **error)
{
    Statement *statement = g_hash_table_lookup(database->statements, sql);
    if (statement == NULL || statement->in_use)
        statement = prepare(database, sql, statement == NULL, error);
    if (statement != NULL)
        statement->in_use = TRUE;
    return statement;
}

static int
bind(Statement *statement, const char *types, va_list values)
{
    int result = SQLITE_OK;
    for (int i = 0; types[i] != '\0' && result == SQLITE_OK; i++) {
        if (types[i] == 'i') {
            result = sqlite3_bind_int64(statement->handle, i + 1, va_arg(values, gint64));
            continue;
        }
        const char *text = va_arg(values, const char *);
        result = text != NULL ? sqlite3_bind_text(statement->handle, i + 1, text, -1, SQLITE_TRANSIENT)
                              : sqlite3_bind_null(statement->handle, i + 1);
    }
    return result;
}

static Statement *
query(Database *database, GError **error, const char *sql, const char *types, va_list values)
{
    Statement *statement = borrow(database, sql, error);
    if (statement == NULL)
        return NULL;
    int result = (int)strlen(types) == sqlite3_bind_parameter_count(statement->handle) ? bind(statement, types, values)
                                                                                       : SQLITE_RANGE;
    if (result == SQLITE_OK)
        return statement;
    g_set_error(error, HANGU_ERROR, code_of(result), "database %s: %s", database->path, sqlite3_errstr(result));
    statement_done(statement);
    return NULL;
}

Statement *
database_query(Database *database, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    Statement *statement = query(database, error, sql, types, values);
    va_end(values);
    return statement;
}

int
statement_step(Statement *statement, GError **error)
{
    int result = sqlite3_step(statement->handle);
    if (result == SQLITE_ROW)
        return 1;
    if (result == SQLITE_DONE)
        return 0;
    set_error(statement->database, result, error);
    return -1;
}

gint64
statement_integer(const Statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

const char *
statement_text(const Statement *statement, int column)
{
    return (const char *)sqlite3_column_text(statement->handle, column);
}

guint
statement_columns(const Statement *statement)
{
    return (guint)sqlite3_column_count(statement->handle);
}

const char *
statement_column(const Statement *statement, int column)
{
    return sqlite3_column_name(statement->handle, column);
}

gboolean
statement_is_integer(const Statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_INTEGER;
}

void
statement_done(Statement *statement)
{
    if (statement == NULL)
        return;
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->in_use = FALSE;
    if (!statement->kept)
        free_statement(statement);
}

gboolean
database_run(Database *database, GError **error, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    g_autoptr(Statement) statement = query(database, error, sql, types, values);
    va_end(values);
    return statement != NULL && statement_step(statement, error) >= 0;
}

gint64
database_changes(const Database *database)
{
    return sqlite3_changes64(database->handle);
}

gint64
database_last_number(const Database *database)
{
    return sqlite3_last_insert_rowid(database->handle);
}

/* --- transactions -------------------------------------------------------------------------------------------- */

gboolean
database_begin(Database *database, GError **error)
{
    return database_run(database, error, "BEGIN IMMEDIATE", "");
}

gboolean
database_snapshot(Database *database)
{
    return sqlite3_get_autocommit(database->handle) && database_run(database, NULL, "BEGIN DEFERRED", "");
}

gboolean
database_commit(Database *database, GError **error)
{
    return database_run(database, error, "COMMIT", "");
}

void
database_rollback(Database *database)
{
    if (!sqlite3_get_autocommit(database->handle))
        database_run(database, NULL, "ROLLBACK", "");
}

gboolean
database_try(Database *database, GError **error)
{
    return database_run(database, error, "SAVEPOINT attempt", "");
}

gboolean
database_tried(Database *database, gboolean keep, GError **error)
{
    return (keep || database_run(database, error, "ROLLBACK TO attempt", "")) &&
           database_run(database, error, "RELEASE attempt", "");
}

/* --- migrations ---------------------------------------------------------------------------------------------- */

int
database_version(Database *database, const char *part, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error, "SELECT version FROM schema_parts WHERE part = ?", "t", part);
    int got = row != NULL ? statement_step(row, error) : -1;
    return got == 1 ? (int)statement_integer(row, 0) : got;
}

static gboolean
migrate(Database *database, const char *part, const char *const *migrations, GError **error)
{
    int known = (int)g_strv_length((char **)migrations);
    int version = database_version(database, part, error);
    if (version < 0)
        return FALSE;
    if (version > known) {
        g_set_error(
            error, HANGU_ERROR, HANGU_ERROR_DATA,
            "database %s: part \"%s\" is of version %d, this program knows %d: it was written by a newer Hangu; "
            "install that one or bring back a copy from before",
            database->path, part, version, known);
        return FALSE;
    }
    for (int i = version; i < known; i++)
        if (!execute(database, migrations[i], error))
            return FALSE;
    return version == known || database_run(database, error,
                                            "INSERT INTO schema_parts VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET "
                                            "version = excluded.version",
                                            "ti", part, (gint64)known);
}

gboolean
database_migrate(Database *database, const char *part, const char *const *migrations, GError **error)
{
    if (!database_begin(database, error))
        return FALSE;
    if (migrate(database, part, migrations, error) && database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}
