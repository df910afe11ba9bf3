/* Rows of one-time passwords. */
#include "config.h"
#include "one_time_rows.h"
#include "errors.h"

static const char *const migrations[] = {
    "CREATE TABLE one_time (account TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('totp', 'hotp')),"
    "  sealed TEXT NOT NULL, next INTEGER NOT NULL, made INTEGER NOT NULL, confirmed INTEGER NOT NULL,"
    "  wrong INTEGER NOT NULL) STRICT;",
    NULL,
};

Database *
one_time_rows_open(const char *path, GError **error)
{
    g_autoptr(Database) database = database_open(path, error);
    if (database == NULL || !database_migrate(database, "one_time", migrations, error))
        return NULL;
    return g_steal_pointer(&database);
}

gboolean
one_time_rows_each(Database *database, const char *account, OneTimeRowVisit visit, gpointer user, GError **error)
{
    g_autoptr(Statement) query = database_query(database, error,
                                                "SELECT account, kind, sealed, next, made, confirmed, wrong "
                                                "FROM one_time WHERE ?1 IS NULL OR account = ?1",
                                                "t", account);
    if (query == NULL)
        return FALSE;
    int step;
    while ((step = statement_step(query, error)) == 1) {
        OneTimeRow row = {statement_text(query, 0),    statement_text(query, 1),    statement_text(query, 2),
                          statement_integer(query, 3), statement_integer(query, 4), statement_integer(query, 5),
                          statement_integer(query, 6)};
        visit(&row, user);
    }
    return step == 0;
}

gboolean
one_time_rows_put(Database *database, const OneTimeRow *row, GError **error)
{
    return database_run(database, error,
                        "INSERT OR REPLACE INTO one_time (account, kind, sealed, next, made, confirmed, wrong) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)",
                        "tttiiii", row->account, row->kind, row->sealed, row->next, row->made, row->confirmed,
                        row->wrong);
}

gboolean
one_time_rows_drop(Database *database, const char *account, GError **error)
{
    return database_run(database, error, "DELETE FROM one_time WHERE account = ?", "t", account);
}

gboolean
one_time_rows_move(Database *database, const char *account, gint64 before, gint64 next, GError **error)
{
    if (!database_run(database, error, "UPDATE one_time SET next = ? WHERE account = ? AND next = ? AND next < ?",
                      "itii", next, account, before, next))
        return FALSE;
    if (database_changes(database) == 1)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the one-time password of %s changed meanwhile", account);
    return FALSE;
}
