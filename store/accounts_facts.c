/* The gate's question, once for each letter: a handful of prepared look-ups by key. */
#include "config.h"
#include "accounts.h"
#include <gio/gio.h>
#include <string.h>

static const char *const words[] = {
    "password-weak",  "password-expired", "unregistered", "administrator", "locked",
    "suspended",      "closed",           "no-tls",       "no-auth",       "mechanism-weak",
    "clear-password", "sender-not-owned", "auto-forward",
};
G_STATIC_ASSERT(PROBLEM_ALL == (1 << G_N_ELEMENTS(words)) - 1);

const char *
account_problem_word(AccountProblem problem)
{
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (problem == 1U << i)
            return words[i];
    return NULL;
}

AccountProblem
account_problem_from_word(const char *word)
{
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_strcmp0(word, words[i]) == 0)
            return (AccountProblem)(1U << i);
    return (AccountProblem)0;
}

void
account_facts_clear(AccountFacts *facts)
{
    char **texts[] = {&facts->address, &facts->kind,  &facts->tier,         &facts->unit,    &facts->department,
                      &facts->owner,   &facts->stage, &facts->new_password, &facts->deadline};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    g_clear_pointer(&facts->senders, g_ptr_array_unref);
    g_clear_pointer(&facts->officers, g_ptr_array_unref);
}

static char *
text(const Statement *row, int column)
{
    const char *value = statement_text(row, column);
    return g_strdup(value != NULL ? value : "");
}

/* What the row of an account says; the columns are those of SELECT below. */
#define SELECT                                                                                               \
    "SELECT number, address, kind, tier, ifnull(unit, ''), ifnull(department, ''), owner, state, deadline, " \
    "new_password, group_name FROM accounts "
typedef struct {
    gint64 number; /* 0: none */
    char *state, *group;
} Found;

static void
take_row(const Statement *row, Found *found, AccountFacts *facts)
{
    found->number = statement_integer(row, 0);
    facts->known = TRUE;
    facts->address = text(row, 1);
    facts->kind = text(row, 2);
    facts->tier = text(row, 3);
    facts->unit = text(row, 4);
    facts->department = text(row, 5);
    facts->owner = text(row, 6);
    found->state = text(row, 7);
    facts->deadline = text(row, 8);
    facts->new_password = text(row, 9);
    found->group = text(row, 10);
}

/* 1 found, 0 not, -1 error. A row that is not the only one counts as none: nobody is let in as another. */
static int
take_only(Statement *rows, Found *found, AccountFacts *facts, GError **error)
{
    g_autoptr(Statement) owned = rows;
    int got = owned != NULL ? statement_step(owned, error) : -1;
    if (got != 1)
        return got;
    take_row(owned, found, facts);
    int more = statement_step(owned, error);
    if (more == 0)
        return 1;
    account_facts_clear(facts);
    facts->known = FALSE;
    g_clear_pointer(&found->state, g_free);
    g_clear_pointer(&found->group, g_free);
    found->number = 0;
    return more < 0 ? -1 : 0;
}

static int
find_login(Database *database, const char *login, Found *found, AccountFacts *facts, GError **error)
{
    int got = take_only(database_query(database, error,
                                       SELECT "WHERE address = ?1 OR number = (SELECT account FROM aliases WHERE "
                                              "alias = ?1)",
                                       "t", login),
                        found, facts, error);
    if (got != 0 || strchr(login, '@') != NULL)
        return got;
    return take_only(database_query(database, error, SELECT "WHERE local_part = ?", "t", login), found, facts, error);
}

/* --- networks ------------------------------------------------------------------------------------------------ */

static gboolean
lies_in(GInetAddress *address, const char *network)
{
    g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string(network, NULL);
    return mask != NULL && g_inet_address_mask_matches(mask, address);
}

/* The device that comes from this address: the one service with the narrowest network. */
static int
find_device(Database *database, const char *client, Found *found, AccountFacts *facts, GError **error)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(client);
    g_autoptr(Statement) rows = database_query(
        database, error,
        "SELECT account, network FROM networks JOIN accounts ON number = account WHERE kind = 'service'", "");
    gint64 best = 0;
    guint narrowest = 0;
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        const char *network = statement_text(rows, 1);
        const char *slash = strchr(network, '/');
        guint bits = slash != NULL ? (guint)g_ascii_strtoull(slash + 1, NULL, 10) : 128;
        if (address != NULL && lies_in(address, network) && bits + 1 > narrowest) {
            best = statement_integer(rows, 0);
            narrowest = bits + 1;
        }
    }
    if (got < 0 || best == 0)
        return got < 0 ? -1 : 0;
    return take_only(database_query(database, error, SELECT "WHERE number = ?", "i", best), found, facts, error);
}

/* 1 bound to networks and not in one of them, 0 fine, -1 error. */
static int
is_elsewhere(Database *database, gint64 account, const char *client, GError **error)
{
    g_autoptr(GInetAddress) address = client != NULL ? g_inet_address_new_from_string(client) : NULL;
    g_autoptr(Statement) rows =
        database_query(database, error, "SELECT network FROM networks WHERE account = ?", "i", account);
    int got = -1;
    gboolean bound = FALSE, inside = client == NULL;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        bound = TRUE;
        inside = inside || (address != NULL && lies_in(address, statement_text(rows, 0)));
    }
    return got < 0 ? -1 : bound && !inside;
}

/* --- what follows from it ------------------------------------------------------------------------------------ */

static gboolean
judge_state(Database *database, const Found *found, const char *client, const char *now, AccountFacts *facts,
            GError **error)
{
    const char *state = found->state != NULL ? found->state : "";
    facts->pending = g_str_equal(state, "requested") && *facts->deadline != '\0' && strcmp(now, facts->deadline) < 0;
    if (g_str_equal(state, "suspended"))
        facts->problems |= PROBLEM_SUSPENDED;
    else if (g_str_equal(state, "closed"))
        facts->problems |= PROBLEM_CLOSED;
    else if (!g_str_equal(state, "open") && !facts->pending)
        facts->problems |= PROBLEM_UNREGISTERED;
    if (g_str_equal(facts->kind, "administrator"))
        facts->problems |= PROBLEM_ADMINISTRATOR;
    int elsewhere = g_str_equal(facts->kind, "service") ? is_elsewhere(database, found->number, client, error) : 0;
    if (elsewhere > 0)
        facts->problems |= PROBLEM_UNREGISTERED;
    return elsewhere >= 0;
}

static gboolean
except(Database *database, gint64 account, const char *now, AccountFacts *facts, GError **error)
{
    g_autoptr(Statement) rows = database_query(
        database, error, "SELECT problem FROM exceptions WHERE account = ? AND until > ? AND destination = ''", "it",
        account, now);
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1)
        facts->exempt |= account_problem_from_word(statement_text(rows, 0));
    facts->problems &= ~facts->exempt;
    return got == 0;
}

/* Who did not change his password in a campaign until his day was over has an expired one. */
static gboolean
ask_campaigns(Database *database, gint64 account, const char *now, AccountFacts *facts, GError **error)
{
    g_autoptr(Statement) row = database_query(
        database, error,
        "SELECT max(c.started) FROM campaign_members m JOIN campaigns c ON c.number = m.campaign WHERE m.account = ?1"
        " AND m.changed IS NULL AND m.over <= ?2 AND c.stopped IS NULL AND ifnull(m.exempt_until, '') <= ?2",
        "it", account, now);
    int got = row != NULL ? statement_step(row, error) : -1;
    const char *started = got == 1 ? statement_text(row, 0) : NULL;
    if (started != NULL && strcmp(started, facts->new_password) > 0) {
        g_free(facts->new_password);
        facts->new_password = g_strdup(started);
    }
    return got >= 0;
}

static gboolean
add_texts(GPtrArray *list, Statement *rows, GError **error)
{
    g_autoptr(Statement) owned = rows;
    int got = -1;
    while (owned != NULL && (got = statement_step(owned, error)) == 1)
        g_ptr_array_add(list, g_strdup(statement_text(owned, 0)));
    return got == 0;
}

static gboolean
find_senders(Database *database, gint64 account, const char *now, AccountFacts *facts, GError **error)
{
    g_ptr_array_add(facts->senders, g_strdup(facts->address));
    return add_texts(facts->senders,
                     database_query(database, error,
                                    "SELECT alias FROM aliases WHERE account = ? AND instr(alias, '@') > 0", "i",
                                    account),
                     error) &&
           add_texts(facts->senders,
                     database_query(database, error,
                                    "SELECT a.address FROM delegates d JOIN accounts a ON a.number = d.account"
                                    " WHERE d.delegate = ?1 AND d.until > ?2 AND (a.state = 'open' OR"
                                    " (a.state = 'requested' AND a.deadline > ?2))",
                                    "it", account, now),
                     error);
}

static gboolean
find_stage(Database *database, const char *group, AccountFacts *facts, GError **error)
{
    g_autofree char *department = g_strconcat(facts->unit, "/", facts->department, NULL);
    g_autoptr(Statement) row = database_query(
        database, error,
        "SELECT stage FROM stages WHERE group_name IN (?1, ?2, ?3, ?4, 'all') ORDER BY CASE group_name WHEN ?1 THEN 1"
        " WHEN ?2 THEN 2 WHEN ?3 THEN 3 WHEN ?4 THEN 4 ELSE 5 END LIMIT 1",
        "tttt", facts->address, group, *facts->department != '\0' ? department : "", facts->unit);
    int got = row != NULL ? statement_step(row, error) : -1;
    facts->stage = got == 1 ? text(row, 0) : g_strdup("");
    return got >= 0;
}

/* The handlers of the department, else of the unit, else its leader. */
static gboolean
find_officers(Database *database, AccountFacts *facts, GError **error)
{
    gboolean good = add_texts(facts->officers,
                              database_query(database, error,
                                             "SELECT address FROM officers WHERE unit = ? AND department = ? AND role"
                                             " = 'handler'",
                                             "tt", facts->unit, facts->department),
                              error);
    static const char *const roles[] = {"handler", "leader"};
    for (guint i = 0; i < G_N_ELEMENTS(roles) && good && facts->officers->len == 0; i++)
        good =
            add_texts(facts->officers,
                      database_query(database, error,
                                     "SELECT address FROM officers WHERE unit = ? AND department IS NULL AND role = ?",
                                     "tt", facts->unit, roles[i]),
                      error);
    return good;
}

static gboolean
set_unknown(Database *database, const char *login, AccountFacts *facts, GError **error)
{
    GError *failed = NULL;
    const char *at = strrchr(login, '@');
    facts->unit = at != NULL ? accounts_unit_of(database, at + 1, &failed) : NULL;
    facts->problems = PROBLEM_UNREGISTERED;
    facts->address = g_strdup("");
    facts->kind = g_strdup("");
    facts->tier = g_strdup("");
    facts->department = g_strdup("");
    facts->owner = g_strdup("");
    facts->new_password = g_strdup("");
    facts->deadline = g_strdup("");
    if (facts->unit == NULL)
        facts->unit = g_strdup("");
    if (failed != NULL)
        g_propagate_error(error, failed);
    return failed == NULL;
}

static gboolean
find_facts(Database *database, const char *account, const char *client, const char *now, gboolean sends,
           AccountFacts *facts, GError **error)
{
    Found found = {0};
    g_autofree char *login = *account != '\0' ? accounts_address(account, FALSE, NULL) : NULL;
    int got = 0;
    if (login != NULL)
        got = find_login(database, login, &found, facts, error);
    else if (*account == '\0' && client != NULL)
        got = find_device(database, client, &found, facts, error);
    g_autofree char *group = found.group;
    facts->senders = g_ptr_array_new_with_free_func(g_free);
    facts->officers = g_ptr_array_new_with_free_func(g_free);
    if (got < 0) {
        g_free(found.state);
        return FALSE;
    }
    gboolean good = got == 0 ? set_unknown(database, login != NULL ? login : "", facts, error)
                             : judge_state(database, &found, client, now, facts, error) &&
                                   except(database, found.number, now, facts, error) &&
                                   ask_campaigns(database, found.number, now, facts, error) &&
                                   (!sends || find_senders(database, found.number, now, facts, error));
    g_free(found.state);
    return good && find_stage(database, group != NULL ? group : "", facts, error) &&
           (!sends || find_officers(database, facts, error));
}

static gboolean
look(Database *database, const char *account, const char *client, const char *now, gboolean sends, AccountFacts *facts,
     GError **error)
{
    gboolean snapshot = database_snapshot(database);
    gboolean good = find_facts(database, account, client, now, sends, facts, error);
    if (snapshot)
        database_rollback(database);
    return good;
}

gboolean
accounts_facts(Database *database, const char *account, const char *client, const char *now, AccountFacts *facts_out,
               GError **error)
{
    return look(database, account, client, now, TRUE, facts_out, error);
}

gboolean
accounts_login_facts(Database *database, const char *account, const char *client, const char *now,
                     AccountFacts *facts_out, GError **error)
{
    return look(database, account, client, now, FALSE, facts_out, error);
}
