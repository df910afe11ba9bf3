/* Locks and passwords as verbs. State lives in memory: the register's database is asked for names only. */
#include "config.h"
#include "verbs_login.h"
#include "clock.h"
#include "dovecot.h"
#include "errors.h"
#include "record.h"
#include "verbs.h"
#include "verbs_tables.h"
#include <string.h>
#include <unistd.h>

static struct {
    AuthPolicy *policy;
    PolicyHttp *http;
    gint64 started_us;
} used;

void
verbs_login_use(AuthPolicy *policy, PolicyHttp *http)
{
    used.policy = policy;
    used.http = http;
    used.started_us = clock_wall_us();
}

AuthPolicy *
verbs_login_policy(void)
{
    return used.policy;
}

gboolean
verbs_login_need(GError **error)
{
    if (used.policy != NULL)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                "hangu-authd knows nothing of logins: accounts.policy_listen is empty");
    return FALSE;
}

static void
put_time(json_t *row, const char *name, gint64 when_us)
{
    g_autofree char *text = when_us > 0 && when_us != LOGINS_FOR_EVER ? clock_format(when_us) : NULL;
    json_object_set_new(row, name, text != NULL ? json_string(text) : json_null());
}

/* --- unlock --------------------------------------------------------------------------------------------------- */

static char *
name_of(VerbCall *call, const char *account, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    g_autofree char *now = clock_format(call->now_us);
    if (!accounts_facts(call->database, account, "", now, &facts, error))
        return NULL;
    return auth_policy_name(&facts, account);
}

static gboolean
run_unlock(VerbCall *call, GError **error)
{
    const char *account, *note;
    if (!verbs_login_need(error) || !verb_text(call, "account", TRUE, &account, error) ||
        !verb_text(call, "note", FALSE, &note, error))
        return FALSE;
    /* a network, "198.51.100.0/24", is no name of an account */
    const char *network = strchr(account, '/') != NULL ? account : NULL;
    account = network != NULL ? NULL : account;
    g_autofree char *name = account != NULL ? name_of(call, account, error) : g_strdup("");
    if (name == NULL)
        return FALSE;
    json_auto_t *fields = json_object();
    record_put_text(fields, "note", account != NULL ? note : network);
    if (!verb_record(call, "login", "unlocked", account != NULL ? name : "-", fields, error))
        return FALSE;
    guint count = lockout_unlock(auth_policy_lockout(used.policy), name, network != NULL ? network : "");
    if (!logins_settle(auth_policy_logins(used.policy), error))
        return FALSE;
    return verb_answer(call,
                       json_pack("{s:s, s:i}", account != NULL ? "account" : "network",
                                 account != NULL ? name : network, "locks", (int)count),
                       error);
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

static void
add_lock(const char *account, const char *network, gint64 locked_us, gint64 until_us, guint wrong, gpointer user)
{
    json_t *row = json_pack("{s:s, s:s, s:i, s:b}", "account", account, "network", network, "wrong", (int)wrong,
                            "officer", until_us == LOGINS_FOR_EVER);
    put_time(row, "since", locked_us);
    put_time(row, "until", until_us);
    g_ptr_array_add(user, row);
}

/* Takes the rows, which stand in no lock any more. */
static gboolean
answer_rows(VerbCall *call, GPtrArray *rows, GError **error)
{
    gboolean good = TRUE;
    for (guint i = 0; i < rows->len && good; i++)
        good = verb_answer(call, json_incref(g_ptr_array_index(rows, i)), error);
    g_ptr_array_unref(rows);
    return good;
}

static gboolean
run_locks(VerbCall *call, GError **error)
{
    if (!verbs_login_need(error))
        return FALSE;
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    lockout_each(auth_policy_lockout(used.policy), call->now_us, add_lock, rows);
    return answer_rows(call, rows, error);
}

static void
add_password(const char *account, const PasswordState *state, gpointer user)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s?, s:I}", "account", account, "login", state->login,
                            "verdict", password_verdict_word(state->verdict), "mechanism", state->mechanism, "protocol",
                            state->protocol, "client_ip", state->client, "logins", (json_int_t)state->logins);
    put_time(row, "first_seen", state->first_seen_us);
    put_time(row, "since", state->since_us);
    put_time(row, "last_seen", state->last_seen_us);
    put_time(row, "judged", state->judged_us);
    /* the first password ever seen may be older than that: nobody knows */
    json_object_set_new(row, "age_known", json_boolean(state->since_us > state->first_seen_us));
    g_ptr_array_add(user, row);
}

/* What is not in the answer never logged in. */
static gboolean
run_passwords(VerbCall *call, GError **error)
{
    if (!verbs_login_need(error))
        return FALSE;
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    passwords_each(auth_policy_passwords(used.policy), add_password, rows);
    return answer_rows(call, rows, error);
}

static void
count_lock(const char *account, const char *network, gint64 locked_us, gint64 until_us, guint wrong, gpointer user)
{
    (void)network;
    (void)locked_us;
    (void)until_us;
    (void)wrong;
    if (*account != '\0')
        g_hash_table_add(user, g_strdup(account)); /* once, on however many networks */
}

static json_int_t
locked_accounts(gint64 now_us)
{
    g_autoptr(GHashTable) accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lockout_each(auth_policy_lockout(used.policy), now_us, count_lock, accounts);
    return (json_int_t)g_hash_table_size(accounts);
}

/* Of the program itself. Takes the row. */
static json_t *
add_program(json_t *row, gint64 now_us)
{
    g_autofree char *started = clock_format(used.started_us);
    json_object_set_new(row, "version", json_string("hangu-authd " PACKAGE_VERSION));
    json_object_set_new(row, "pid", json_integer(getpid()));
    json_object_set_new(row, "started", json_string(started));
    json_object_set_new(row, "locked", json_integer(locked_accounts(now_us)));
    return row;
}

static gboolean
run_status(VerbCall *call, GError **error)
{
    EventsState events;
    PolicyHttpState http = {0};
    if (!verbs_login_need(error))
        return FALSE;
    g_autofree char *blind = auth_policy_blind(used.policy), *why = NULL;
    static const char *const words[] = {"good", "wrong", "unknown"};
    DovecotState dovecot = dovecot_check(call->settings, &why);
    events_state(auth_policy_events(used.policy), &events);
    if (used.http != NULL)
        policy_http_state(used.http, &http);
    json_t *row = json_pack("{s:s, s:s?, s:s?, s:I, s:I, s:I, s:i, s:i, s:I, s:I, s:b}", "dovecot", words[dovecot],
                            "dovecot_why", why, "blind", blind, "answered", (json_int_t)http.answered, "refused",
                            (json_int_t)http.refused, "cut", (json_int_t)http.cut, "connections", (int)http.connections,
                            "events_waiting", (int)events.waiting, "events_written", (json_int_t)events.written,
                            "events_lost", (json_int_t)events.lost, "ledger_away", events.away);
    return verb_answer(call, add_program(row, call->now_us), error);
}

const Verb verbs_login[] = {
    {"unlock", "account note", FALSE, run_unlock},
    {"locks", "", FALSE, run_locks},
    {"passwords", "", FALSE, run_passwords},
    {"login-status", "", FALSE, run_status},
    {NULL, NULL, FALSE, NULL},
};
