/* database - one SQLite file: opened safely, brought up to date by numbered migrations, asked by prepared statements.
 *
 * Write-ahead log, synchronous=FULL (a commit is on the disk), foreign keys, a busy timeout of DATABASE_BUSY_MS.
 * A database has one owning process: the first opener holds a lock on PATH.lock until the last of its Databases is
 * freed; a second process is refused. Within the process each thread opens a Database of its own; readers never wait
 * for the one writer. Not thread-safe.
 * Texts are bound, never pasted. Errors: DATA (no database, damaged, a constraint, a newer version), PERMISSION,
 * TIMEOUT (another writer), IO (disk full, other). */
#pragma once
#include <glib.h>

#define DATABASE_BUSY_MS 10000

typedef struct Database Database;
/* Opens or makes `path` (mode 0600; its directory must be there). NULL with error. */
Database *database_open(const char *path, GError **error);
void database_free(Database *database);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_free)

/* Brings one part of the schema up to date, in one transaction. `part` is a word ("accounts", "logins"): each module
 * numbers its own. migrations: SQL scripts, the first leads from version 0 to 1, and so on; NULL ends. Those that are
 * released are never changed. A part of a newer version than the list is refused (HANGU_ERROR_DATA) and not touched. */
gboolean database_migrate(Database *database, const char *part, const char *const *migrations, GError **error);
/* 0: not there. -1 with error. */
int database_version(Database *database, const char *part, GError **error);

/* --- transactions: they do not nest -------------------------------------------------------------------------- */
gboolean database_begin(Database *database, GError **error); /* takes the write lock at once */
gboolean database_commit(Database *database, GError **error);
void database_rollback(Database *database); /* fine if none is open */
/* Until database_rollback() all questions see one state, and pay for one lock together. FALSE: it is not begun (a
 * transaction is open already), and database_rollback() must not be called. */
gboolean database_snapshot(Database *database);
/* Within a transaction: what follows can be undone by itself. They do not nest. */
gboolean database_try(Database *database, GError **error);
gboolean database_tried(Database *database, gboolean keep, GError **error);

/* --- statements ---------------------------------------------------------------------------------------------- */

/* types: one letter for each "?": 't' const char * (NULL binds null), 'i' gint64. Copied.
 * A query in use; g_autoptr gives it back. Prepared once and kept: `sql` must be a literal. */
typedef struct Statement Statement;
Statement *database_query(Database *database, GError **error, const char *sql, const char *types, ...);
/* 1 a row, 0 no more, -1 with error. */
int statement_step(Statement *statement, GError **error);
gint64 statement_integer(const Statement *statement, int column);   /* of null 0 */
const char *statement_text(const Statement *statement, int column); /* NULL of null; lent until the next step */
guint statement_columns(const Statement *statement);
const char *statement_column(const Statement *statement, int column); /* its name; lent */
gboolean statement_is_integer(const Statement *statement, int column);
void statement_done(Statement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Statement, statement_done)

/* Runs a statement that gives no rows. */
gboolean database_run(Database *database, GError **error, const char *sql, const char *types, ...);
gint64 database_changes(const Database *database);     /* rows that the last one changed */
gint64 database_last_number(const Database *database); /* rowid of the last insert */
