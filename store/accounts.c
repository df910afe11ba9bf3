/* Accounts in the database: one by one, and all that a filter lets through. */
#include "config.h"
#include "accounts.h"
#include "errors.h"
#include "nearest.h"
#include <string.h>

/* The columns in the order of AccountField. */
#define COLUMNS                                                                                                     \
    "address, kind, unit, department, owner, keeper, purpose, tier, group_name, role, commitment, training, note, " \
    "state, requested_by, requested, approver, approved, deadline, source, new_password, left_on, watched_until, "  \
    "changed"
#define TEXTS "tttttttttttttttttttttttt"
#define MARKS "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define VALUES(a)                                                                                                    \
    (a)->field[0], (a)->field[1], (a)->field[2], (a)->field[3], (a)->field[4], (a)->field[5], (a)->field[6],         \
        (a)->field[7], (a)->field[8], (a)->field[9], (a)->field[10], (a)->field[11], (a)->field[12], (a)->field[13], \
        (a)->field[14], (a)->field[15], (a)->field[16], (a)->field[17], (a)->field[18], (a)->field[19],              \
        (a)->field[20], (a)->field[21], (a)->field[22], (a)->field[23]
G_STATIC_ASSERT(ACCOUNT_FIELDS == 24);

static Account *
read_row(const Statement *row)
{
    Account *account = account_new();
    account->number = statement_integer(row, 0);
    for (int i = 0; i < ACCOUNT_FIELDS; i++)
        account_set(account, (AccountField)i, statement_text(row, i + 1));
    return account;
}

/* An account like the one that was asked for, for the error's text. */
static char *
nearest_address(Database *database, const char *name)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Statement) rows = database_query(database, NULL, "SELECT address FROM accounts LIMIT 20000", "");
    while (rows != NULL && statement_step(rows, NULL) == 1)
        g_ptr_array_add(known, g_strdup(statement_text(rows, 0)));
    g_ptr_array_add(known, NULL);
    return g_strdup(nearest_word(name, (const char *const *)known->pdata));
}

int
accounts_find(Database *database, const char *name, Account **account_out, GError **error)
{
    g_autofree char *address = accounts_address(name, FALSE, error);
    *account_out = NULL;
    if (address == NULL)
        return -1;
    g_autoptr(Statement) row = database_query(database, error,
                                              "SELECT number, " COLUMNS " FROM accounts WHERE address = ?1 OR number = "
                                              "(SELECT account FROM aliases WHERE alias = ?1)",
                                              "t", address);
    int got = row != NULL ? statement_step(row, error) : -1;
    if (got == 1)
        *account_out = read_row(row);
    return got;
}

Account *
accounts_get(Database *database, const char *name, GError **error)
{
    Account *account;
    if (accounts_find(database, name, &account, error) == 0) {
        g_autofree char *address = accounts_address(name, FALSE, NULL);
        g_autofree char *near = nearest_address(database, address);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    near != NULL ? "%s is not in the register; is it %s?" : "%s is not in the register%s", address,
                    near != NULL ? near : "");
    }
    return account;
}

/* What a constraint means to the reader. */
static gboolean
explain(Database *database, const Account *account, GError *raw, GError **error)
{
    const char *address = account_get(account, ACCOUNT_ADDRESS);
    if (strstr(raw->message, "UNIQUE") != NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s is in the register already", address);
    else if (strstr(raw->message, "FOREIGN KEY") != NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "%s: there is no unit \"%s\" with a department \"%s\"; add it with: hangu account department",
                    address, account_get(account, ACCOUNT_UNIT), account_get(account, ACCOUNT_DEPARTMENT));
    else
        g_set_error_literal(error, HANGU_ERROR, raw->code, raw->message);
    g_error_free(raw);
    return FALSE;
}

static gboolean
alias_is_free(Database *database, const char *address, GError **error)
{
    g_autoptr(Statement) row = database_query(
        database, error, "SELECT a.address FROM aliases JOIN accounts a ON a.number = account WHERE alias = ?", "t",
        address);
    int got = row != NULL ? statement_step(row, error) : -1;
    if (got == 1)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s is an alias of %s already", address,
                    statement_text(row, 0));
    return got == 0;
}

gboolean
accounts_insert(Database *database, Account *account, GError **error)
{
    GError *raw = NULL;
    if (!alias_is_free(database, account_get(account, ACCOUNT_ADDRESS), error))
        return FALSE;
    if (!database_run(database, &raw, "INSERT INTO accounts (" COLUMNS ") VALUES (" MARKS ")", TEXTS, VALUES(account)))
        return explain(database, account, raw, error);
    account->number = database_last_number(database);
    return TRUE;
}

gboolean
accounts_update(Database *database, const Account *account, GError **error)
{
    GError *raw = NULL;
    if (!database_run(database, &raw, "UPDATE accounts SET (" COLUMNS ") = (" MARKS ") WHERE number = ?", TEXTS "i",
                      VALUES(account), account->number))
        return explain(database, account, raw, error);
    return TRUE;
}

gboolean
accounts_each(Database *database, const AccountFilter *filter, AccountVisit visit, gpointer user, GError **error)
{
    g_autofree char *text = filter->text != NULL ? g_utf8_strdown(filter->text, -1) : NULL;
    g_autoptr(Statement) rows = database_query(
        database, error,
        "SELECT number, " COLUMNS " FROM accounts WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR kind = ?2)"
        " AND (?3 IS NULL OR unit = ?3) AND (?4 IS NULL OR department = ?4)"
        " AND (?5 IS NULL OR instr(lower(address || ' ' || ifnull(owner, '') || ' ' || ifnull(keeper, '') || ' ' ||"
        " ifnull(purpose, '')), ?5) > 0)"
        " AND (?6 = 0 OR (state = 'requested' AND deadline IS NOT NULL)) ORDER BY unit, department, address",
        "ttttti", filter->state, filter->kind, filter->unit, filter->department, text, (gint64)filter->pending);
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        g_autoptr(Account) account = read_row(rows);
        if (!visit(account, user, error))
            return FALSE;
    }
    return got == 0;
}

gboolean
accounts_each_name(Database *database, AccountVisit visit, gpointer user, GError **error)
{
    static const AccountField fields[] = {ACCOUNT_ADDRESS, ACCOUNT_KIND, ACCOUNT_STATE};
    g_autoptr(Statement) rows = database_query(
        database, error, "SELECT number, address, kind, state FROM accounts WHERE state != 'closed'", "");
    g_autoptr(Account) account = account_new();
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        account->number = statement_integer(rows, 0);
        for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
            account_set(account, fields[i], statement_text(rows, (int)i + 1));
        if (!visit(account, user, error))
            return FALSE;
    }
    return got == 0;
}

gboolean
accounts_note(Database *database, gint64 account, const char *subject, const char *time, const char *actor,
              const char *by, const char *verb, const json_t *changes, GError **error)
{
    char *text = changes != NULL ? json_dumps(changes, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    gboolean good = database_run(database, error,
                                 "INSERT INTO history (account, subject, time, actor, by, verb, changes)"
                                 " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?)",
                                 "itttttt", account, subject, time, actor, by, verb, text);
    free(text);
    return good;
}

/* --- changes under way --------------------------------------------------------------------------------------- */

gint64
accounts_intend(Database *database, const char *time, const char *actor, const char *verb, const json_t *subjects,
                GError **error)
{
    char *text = json_dumps(subjects, JSON_COMPACT);
    gboolean good =
        database_run(database, error, "INSERT INTO intents (time, actor, verb, subjects) VALUES (?, ?, ?, ?)", "tttt",
                     time, actor, verb, text);
    free(text);
    return good ? database_last_number(database) : -1;
}

gboolean
accounts_intent_done(Database *database, gint64 intent, GError **error)
{
    return database_run(database, error, "DELETE FROM intents WHERE number = ?", "i", intent);
}

json_t *
accounts_intents(Database *database, GError **error)
{
    json_t *list = json_array();
    g_autoptr(Statement) rows =
        database_query(database, error, "SELECT number, time, actor, verb, subjects FROM intents ORDER BY number", "");
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        json_t *subjects = json_loads(statement_text(rows, 4), 0, NULL);
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:o}", "number",
                                              (json_int_t)statement_integer(rows, 0), "time", statement_text(rows, 1),
                                              "actor", statement_text(rows, 2), "verb", statement_text(rows, 3),
                                              "subjects", subjects != NULL ? subjects : json_array()));
    }
    if (got != 0)
        g_clear_pointer(&list, json_decref);
    return list;
}
