/* Tables of the sweep. */
#include "config.h"
#include "sweeps.h"

static const char *const migrations[] = {
    "CREATE TABLE sweep_state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
    "CREATE TABLE sweep_accounts (account INTEGER PRIMARY KEY REFERENCES accounts (number), since INTEGER NOT NULL,"
    "  step INTEGER NOT NULL, told_step INTEGER NOT NULL, told INTEGER NOT NULL, marked INTEGER NOT NULL) STRICT;"
    "CREATE TABLE sweep_ends (what TEXT NOT NULL, account INTEGER NOT NULL REFERENCES accounts (number),"
    "  other TEXT NOT NULL, until TEXT NOT NULL, step INTEGER NOT NULL, officer TEXT NOT NULL,"
    "  told INTEGER NOT NULL, PRIMARY KEY (what, account, other, until, step, officer)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX sweep_ends_told ON sweep_ends (told, officer);"
    "CREATE TABLE sweep_officers (officer TEXT PRIMARY KEY, told INTEGER NOT NULL) STRICT;",
    NULL,
};

gboolean
sweeps_migrate(Database *database, GError **error)
{
    return database_migrate(database, "sweep", migrations, error);
}

gboolean
sweeps_get(Database *database, const char *name, gint64 *value_out, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error, "SELECT value FROM sweep_state WHERE name = ?", "t", name);
    int got = row != NULL ? statement_step(row, error) : -1;
    *value_out = got == 1 ? statement_integer(row, 0) : 0;
    return got >= 0;
}

gboolean
sweeps_set(Database *database, const char *name, gint64 value, GError **error)
{
    return database_run(database, error, "INSERT OR REPLACE INTO sweep_state VALUES (?, ?)", "ti", name, value);
}

/* --- accounts ------------------------------------------------------------------------------------------------- */

gboolean
sweeps_account(Database *database, gint64 account, SweepAccount *row_out, GError **error)
{
    g_autoptr(Statement) row = database_query(
        database, error, "SELECT since, step, told_step, told, marked FROM sweep_accounts WHERE account = ?", "i",
        account);
    int got = row != NULL ? statement_step(row, error) : -1;
    *row_out = (SweepAccount){.step = SWEEPS_NO_STEP, .told_step = SWEEPS_NO_STEP};
    if (got == 1)
        *row_out = (SweepAccount){statement_integer(row, 0), statement_integer(row, 1), statement_integer(row, 2),
                                  statement_integer(row, 3), statement_integer(row, 4)};
    return got >= 0;
}

gboolean
sweeps_account_set(Database *database, gint64 account, const SweepAccount *row, GError **error)
{
    return database_run(database, error, "INSERT OR REPLACE INTO sweep_accounts VALUES (?, ?, ?, ?, ?, ?)", "iiiiii",
                        account, row->since, row->step, row->told_step, row->told, row->marked);
}

gint64
sweeps_open_accounts(Database *database, gint64 after, guint most, SweepVisit visit, gpointer user, GError **error)
{
    gint64 count = 0;
    int got = -1;
    g_autoptr(Statement) rows = database_query(
        database, error,
        "SELECT number, address FROM accounts WHERE number > ? AND state = 'open' ORDER BY number LIMIT ?", "ii", after,
        (gint64)most);
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        if (!visit(statement_integer(rows, 0), statement_text(rows, 1), user, error))
            return -1;
        count++;
    }
    return got == 0 ? count : -1;
}

/* --- what ends ------------------------------------------------------------------------------------------------ */

/* All kinds in one list. Of a registration only the one that nobody has made up; of an exception of a campaign only
 * where the password is not changed. */
#define ENDS                                                                                                         \
    "SELECT what, e.account, a.address, other, until FROM ("                                                         \
    " SELECT 'delegation' AS what, account, (SELECT address FROM accounts WHERE number = delegate) AS other, until"  \
    "  FROM delegates UNION ALL"                                                                                     \
    " SELECT 'exception', account, problem, until FROM exceptions UNION ALL"                                         \
    " SELECT 'campaign-exception', account, name, exempt_until FROM campaign_members JOIN campaigns ON number ="     \
    "  campaign WHERE exempt_until IS NOT NULL AND changed IS NULL AND stopped IS NULL UNION ALL"                    \
    " SELECT 'registration', number, '', deadline FROM accounts WHERE state = 'requested' AND deadline IS NOT NULL)" \
    " e JOIN accounts a ON a.number = e.account WHERE until > ?1 AND until <= ?2 AND a.state <> 'closed' AND NOT"    \
    " EXISTS (SELECT 1 FROM sweep_ends s WHERE s.what = e.what AND s.account = e.account AND s.other = e.other AND"  \
    " s.until = e.until AND s.step <= ?3) ORDER BY until, e.what, e.account LIMIT ?4"

gint64
sweeps_ends(Database *database, const char *from, const char *until, gint64 step, guint most, SweepEndVisit visit,
            gpointer user, GError **error)
{
    gint64 count = 0;
    int got = -1;
    g_autoptr(Statement) rows = database_query(database, error, ENDS, "ttii", from, until, step, (gint64)most);
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        const SweepEnd end = {statement_text(rows, 0), statement_integer(rows, 1), statement_text(rows, 2),
                              statement_text(rows, 3), statement_text(rows, 4)};
        if (!visit(&end, user, error))
            return -1;
        count++;
    }
    return got == 0 ? count : -1;
}

gboolean
sweeps_end_note(Database *database, const SweepEnd *end, gint64 step, const char *officer, GError **error)
{
    return database_run(database, error, "INSERT OR IGNORE INTO sweep_ends VALUES (?, ?, ?, ?, ?, ?, ?)", "tittiti",
                        end->what, end->account, end->other, end->until, step, officer, (gint64)(*officer == '\0'));
}

gint64
sweeps_digests(Database *database, gint64 told_before, SweepDigestVisit visit, gpointer user, GError **error)
{
    gint64 count = 0;
    int got = -1;
    /* with min(), SQLite takes the other columns from the row of the least */
    g_autoptr(Statement) rows = database_query(
        database, error,
        "SELECT s.officer, count(*), sum(what = 'delegation'), sum(what IN ('exception', 'campaign-exception')),"
        " sum(what = 'registration'), a.address, min(until) FROM sweep_ends s JOIN accounts a ON a.number = s.account"
        " LEFT JOIN sweep_officers o ON o.officer = s.officer WHERE s.told = 0 AND ifnull(o.told, 0) < ?"
        " GROUP BY s.officer ORDER BY s.officer",
        "i", told_before);
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        const SweepDigest digest = {statement_text(rows, 0),    statement_integer(rows, 1), statement_integer(rows, 2),
                                    statement_integer(rows, 3), statement_integer(rows, 4), statement_text(rows, 5),
                                    statement_text(rows, 6)};
        if (!visit(&digest, user, error))
            return -1;
        count++;
    }
    return got == 0 ? count : -1;
}

gboolean
sweeps_officer_told(Database *database, const char *officer, gint64 now, GError **error)
{
    return database_run(database, error, "UPDATE sweep_ends SET told = 1 WHERE told = 0 AND officer = ?", "t",
                        officer) &&
           database_run(database, error, "INSERT OR REPLACE INTO sweep_officers VALUES (?, ?)", "ti", officer, now);
}
