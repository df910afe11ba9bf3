/* Aliases, networks, delegates and exceptions of an account. */
#include "config.h"
#include "accounts.h"
#include "errors.h"
#include <gio/gio.h>
#include <string.h>

/* FALSE with error if nothing was there to remove. */
static gboolean
was_there(const Database *database, const char *what, const char *which, GError **error)
{
    if (database_changes(database) > 0)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "there is no %s %s to take away", what, which);
    return FALSE;
}

static gboolean
is_taken(Database *database, const char *alias, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error,
                       "SELECT address FROM accounts WHERE address = ?1 OR number = (SELECT account FROM aliases WHERE "
                       "alias = ?1)",
                       "t", alias);
    int got = row != NULL ? statement_step(row, error) : -1;
    if (got == 1)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s belongs to %s already", alias, statement_text(row, 0));
    return got != 0;
}

gboolean
accounts_alias_add(Database *database, gint64 account, const char *alias, GError **error)
{
    g_autofree char *address = accounts_address(alias, TRUE, error);
    return address != NULL && !is_taken(database, address, error) &&
           database_run(database, error, "INSERT INTO aliases VALUES (?, ?)", "ti", address, account);
}

gboolean
accounts_alias_remove(Database *database, gint64 account, const char *alias, GError **error)
{
    g_autofree char *address = accounts_address(alias, TRUE, error);
    return address != NULL &&
           database_run(database, error, "DELETE FROM aliases WHERE alias = ? AND account = ?", "ti", address,
                        account) &&
           was_there(database, "alias", address, error);
}

/* In its one form, or NULL with error. */
static char *
read_network(const char *text, GError **error)
{
    GError *raw = NULL;
    g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string(text, &raw);
    if (mask != NULL)
        return g_inet_address_mask_to_string(mask);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%.100s\" is no network like 192.0.2.7 or 192.0.2.0/24: %s",
                text, raw->message);
    g_error_free(raw);
    return NULL;
}

gboolean
accounts_network_add(Database *database, gint64 account, const char *network, GError **error)
{
    g_autofree char *text = read_network(network, error);
    return text != NULL &&
           database_run(database, error, "INSERT OR REPLACE INTO networks VALUES (?, ?)", "it", account, text);
}

gboolean
accounts_network_remove(Database *database, gint64 account, const char *network, GError **error)
{
    g_autofree char *text = read_network(network, error);
    return text != NULL &&
           database_run(database, error, "DELETE FROM networks WHERE account = ? AND network = ?", "it", account,
                        text) &&
           was_there(database, "network", text, error);
}

gboolean
accounts_delegate_add(Database *database, gint64 account, gint64 delegate, const char *approver, const char *since,
                      const char *until, GError **error)
{
    if (account == delegate) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "an account needs no delegation to send for itself");
        return FALSE;
    }
    return database_run(database, error, "INSERT OR REPLACE INTO delegates VALUES (?, ?, ?, ?, ?)", "iittt", account,
                        delegate, approver, since, until);
}

gboolean
accounts_delegate_remove(Database *database, gint64 account, gint64 delegate, GError **error)
{
    return database_run(database, error, "DELETE FROM delegates WHERE account = ? AND delegate = ?", "ii", account,
                        delegate) &&
           was_there(database, "delegation", "between these accounts", error);
}

char *
accounts_destination(const char *text, GError **error)
{
    if (*text == '\0')
        return g_strdup("");
    g_autofree char *domain = strchr(text, '@') == NULL ? g_strconcat("@", text, NULL) : g_strdup(text);
    char *address = accounts_address(domain, TRUE, error);
    g_prefix_error(error, "to: ");
    return address;
}

gboolean
accounts_exception_add(Database *database, gint64 account, const char *problem, const char *to, const char *approver,
                       const char *reason, const char *until, GError **error)
{
    g_autofree char *destination = accounts_destination(to, error);
    if (destination == NULL)
        return FALSE;
    if (account_problem_from_word(problem) == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "\"%.100s\" is no problem of an account; see hangu(8)",
                    problem);
        return FALSE;
    }
    if (*destination != '\0' && account_problem_from_word(problem) != PROBLEM_AUTO_FORWARD) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "a destination is for auto-forward only, not for %s",
                    problem);
        return FALSE;
    }
    return database_run(database, error,
                        "INSERT OR REPLACE INTO exceptions (account, problem, destination, approver, reason, until)"
                        " VALUES (?, ?, ?, ?, ?, ?)",
                        "ittttt", account, problem, destination, approver, reason, until);
}

gboolean
accounts_exception_remove(Database *database, gint64 account, const char *problem, const char *to, GError **error)
{
    g_autofree char *destination = accounts_destination(to, error);
    return destination != NULL &&
           database_run(database, error, "DELETE FROM exceptions WHERE account = ? AND problem = ? AND destination = ?",
                        "itt", account, problem, destination) &&
           was_there(database, "exception for", problem, error);
}

gboolean
accounts_exception_covers(const json_t *exception, const char *problem, const char *now, const char *address)
{
    const char *to = json_string_value(json_object_get(exception, "to"));
    if (g_strcmp0(json_string_value(json_object_get(exception, "problem")), problem) != 0 ||
        g_strcmp0(json_string_value(json_object_get(exception, "until")), now) <= 0)
        return FALSE;
    if (to == NULL)
        return TRUE;
    const char *at = address != NULL ? strrchr(address, '@') : NULL;
    return at != NULL && g_ascii_strcasecmp(*to == '@' ? at : address, to) == 0;
}

/* --- all of it, for people ----------------------------------------------------------------------------------- */

/* Rows as an array: of texts if there is one column, else of objects. NULL with error. */
static json_t *
collect(Statement *rows, GError **error)
{
    json_t *list = json_array();
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        int columns = (int)statement_columns(rows);
        json_t *one = columns > 1 ? json_object() : NULL;
        for (int i = 0; i < columns; i++) {
            const char *text = statement_text(rows, i);
            json_t *value = text != NULL ? json_string(text) : json_null();
            if (one == NULL)
                json_array_append_new(list, value);
            else
                json_object_set_new(one, statement_column(rows, i), value);
        }
        if (one != NULL)
            json_array_append_new(list, one);
    }
    if (got == 0)
        return list;
    json_decref(list);
    return NULL;
}

static gboolean
put(json_t *object, const char *name, Statement *rows, GError **error)
{
    g_autoptr(Statement) owned = rows;
    json_t *list = owned != NULL ? collect(owned, error) : NULL;
    return list != NULL && json_object_set_new(object, name, list) == 0;
}

static gboolean
put_history(Database *database, gint64 number, json_t *object, GError **error)
{
    if (!put(object, "history",
             database_query(database, error,
                            "SELECT time, actor, by, verb, changes FROM history WHERE account = ? ORDER BY number", "i",
                            number),
             error))
        return FALSE;
    gsize i;
    json_t *line;
    json_array_foreach(json_object_get(object, "history"), i, line)
    {
        const char *text = json_string_value(json_object_get(line, "changes"));
        json_t *changes = text != NULL ? json_loads(text, 0, NULL) : NULL;
        json_object_set_new(line, "changes", changes != NULL ? changes : json_null());
    }
    return TRUE;
}

static gboolean
put_facts(Database *database, const Account *account, const char *now, json_t *object, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    if (!accounts_facts(database, account_get(account, ACCOUNT_ADDRESS), NULL, now, &facts, error))
        return FALSE;
    json_object_set_new(object, "stage", json_string(*facts.stage != '\0' ? facts.stage : "observe"));
    json_object_set_new(object, "pending", json_boolean(facts.pending));
    json_t *problems = json_array();
    for (guint bit = 1; bit < PROBLEM_ALL; bit <<= 1)
        if (facts.problems & bit)
            json_array_append_new(problems, json_string(account_problem_word((AccountProblem)bit)));
    return json_object_set_new(object, "problems", problems) == 0;
}

gboolean
accounts_describe(Database *database, const Account *account, const char *now, gboolean history, json_t *object,
                  GError **error)
{
    gint64 number = account->number;
    return put(object, "aliases",
               database_query(database, error, "SELECT alias FROM aliases WHERE account = ? ORDER BY 1", "i", number),
               error) &&
           put(object, "networks",
               database_query(database, error, "SELECT network FROM networks WHERE account = ? ORDER BY 1", "i",
                              number),
               error) &&
           put(object, "delegates",
               database_query(
                   database, error,
                   "SELECT a.address AS address, d.approver AS approver, d.since AS since, d.until AS until"
                   " FROM delegates d JOIN accounts a ON a.number = d.delegate WHERE d.account = ? ORDER BY 1",
                   "i", number),
               error) &&
           put(object, "delegated",
               database_query(
                   database, error,
                   "SELECT a.address AS address, d.approver AS approver, d.since AS since, d.until AS until"
                   " FROM delegates d JOIN accounts a ON a.number = d.account WHERE d.delegate = ? ORDER BY 1",
                   "i", number),
               error) &&
           put(object, "exceptions",
               database_query(database, error,
                              "SELECT problem, nullif(destination, '') AS \"to\", approver, reason, until FROM"
                              " exceptions WHERE account = ? ORDER BY problem, destination",
                              "i", number),
               error) &&
           put_facts(database, account, now, object, error) &&
           (!history || put_history(database, number, object, error));
}
