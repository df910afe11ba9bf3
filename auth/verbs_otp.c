/* One-time passwords as verbs. Each leaves a record before it answers; no record and no answer but that of otp-enrol
 * holds a secret, and none a code. */
#include "config.h"
#include "verbs_otp.h"
#include "accounts.h"
#include "auth_policy.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "verbs.h"
#include "verbs_tables.h"
#include <string.h>

static OneTimes *used;

void
verbs_otp_use(OneTimes *one_times)
{
    used = one_times;
}

/* --- who may, and about whom ---------------------------------------------------------------------------------- */

static gboolean
is_ready(const VerbCall *call, GError **error)
{
    if (used == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "one-time passwords are not there yet");
    else if (verb_flag(call, "dry_run"))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "one-time passwords cannot be tried without being changed");
    else
        return TRUE;
    return FALSE;
}

static gboolean
is_administrator(const VerbCall *call)
{
    return g_str_equal(call->actor, "root") || g_str_equal(call->actor, g_get_user_name());
}

static gboolean
need_administrator(const VerbCall *call, GError **error)
{
    if (is_administrator(call))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "%s: only root may, not %s",
                json_string_value(json_object_get(call->arguments, "verb")), call->actor);
    return FALSE;
}

/* Who is not root must himself be an officer of the account's unit: a name on the command line is not enough here. */
static gboolean
need_officer(const VerbCall *call, const AccountFacts *facts, GError **error)
{
    if (is_administrator(call))
        return TRUE;
    g_auto(AccountFacts) officer = {0};
    g_autofree char *now = clock_format(call->now_us);
    if (!accounts_facts(call->database, call->actor, "", now, &officer, error))
        return FALSE;
    const char *person = officer.known ? officer.address : call->actor;
    g_autofree char *address = accounts_approver(call->database, facts->unit, facts->department, person, error);
    return address != NULL;
}

/* The account, and by what name its one-time password is kept. `registered`: it must be in the register. */
static char *
find_account(const VerbCall *call, gboolean registered, AccountFacts *facts, GError **error)
{
    const char *account;
    g_autofree char *now = clock_format(call->now_us);
    if (!is_ready(call, error) || !verb_text(call, "account", TRUE, &account, error) ||
        !accounts_facts(call->database, account, "", now, facts, error))
        return NULL;
    if (facts->known || !registered)
        return auth_policy_name(facts, account);
    Account *none = accounts_get(call->database, account, error); /* names the nearest */
    if (none != NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "%s is not one account; name its address", account);
    account_free(none);
    return NULL;
}

/* --- records -------------------------------------------------------------------------------------------------- */

typedef struct {
    VerbCall *call;
    const AccountFacts *facts;
    const char *name, *event, *note;
} Told;

static gboolean
record_change(gpointer user, GError **error)
{
    const Told *told = user;
    json_auto_t *fields = json_object();
    if (told->facts->tier != NULL && *told->facts->tier != '\0')
        record_put_word(fields, "tier", told->facts->tier);
    record_put_text(fields, "note", told->note);
    return verb_record(told->call, "password", told->event, told->name, fields, error);
}

/* --- otp-enrol ------------------------------------------------------------------------------------------------ */

static gboolean
issue(VerbCall *call, const char *name, OneTimeKind kind, Told *told, GError **error)
{
    g_auto(OneTime) made = {0};
    told->event = "otp-issued";
    if (!one_times_enrol(used, name, kind, call->now_us, record_change, told, &made, error))
        return FALSE;
    char *secret = one_time_secret_text(&made);
    char *uri = one_time_uri(&made, call->settings->unit, name);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:i}", "account", name, "kind", one_time_kind_word(kind), "secret",
                            secret, "uri", uri, "minutes", ONE_TIMES_CONFIRM_MINUTES);
    one_time_text_free(secret);
    one_time_text_free(uri);
    return verb_answer(call, row, error);
}

static gboolean
confirm(VerbCall *call, const char *name, const char *code, Told *told, GError **error)
{
    OneTimeResult result = ONE_TIME_WRONG;
    told->event = "otp-enrolled";
    if (!one_times_confirm(used, name, code, call->now_us, record_change, told, &result, error))
        return FALSE;
    return verb_answer(call, json_pack("{s:s, s:b}", "account", name, "confirmed", result == ONE_TIME_GOOD), error);
}

static gboolean
run_enrol(VerbCall *call, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    const char *code, *word;
    OneTimeKind kind = ONE_TIME_TOTP;
    g_autofree char *name = find_account(call, TRUE, &facts, error);
    if (name == NULL || !need_administrator(call, error) || !verb_text(call, "code", FALSE, &code, error) ||
        !verb_text(call, "kind", FALSE, &word, error))
        return FALSE;
    if (word != NULL && !one_time_kind_from_word(word, &kind)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "kind is totp or hotp");
        return FALSE;
    }
    Told told = {call, &facts, name, NULL, NULL};
    return code != NULL ? confirm(call, name, code, &told, error) : issue(call, name, kind, &told, error);
}

/* --- otp-check ------------------------------------------------------------------------------------------------ */

static gboolean
record_login(VerbCall *call, const AccountFacts *facts, const char *name, const char *event, const char *reason,
             GError **error)
{
    const char *client, *protocol;
    json_auto_t *fields = json_object();
    if (!verb_text(call, "client_ip", FALSE, &client, error) || !verb_text(call, "protocol", FALSE, &protocol, error))
        return FALSE;
    record_put_text(fields, "client_ip", client);
    if (protocol != NULL && *protocol != '\0')
        record_put_word(fields, "protocol", protocol);
    if (facts->tier != NULL && *facts->tier != '\0')
        record_put_word(fields, "tier", facts->tier);
    record_put_word(fields, "reason", reason);
    return verb_record(call, "login", event, name, fields, error);
}

/* What is not confirmed is asked for where the tier wants it and the group enforces. A code that nobody can know of is
 * part of a wrong password. */
static gboolean
answer_without(VerbCall *call, const AccountFacts *facts, const char *name, gboolean missing, GError **error)
{
    gboolean wanted = g_strcmp0(facts->tier, "otp") == 0, enforce = g_strcmp0(facts->stage, "enforce") == 0;
    gboolean refused = wanted && enforce;
    if (wanted && missing &&
        !record_login(call, facts, name, refused ? "refused" : "observed", "otp-not-enrolled", error))
        return FALSE;
    return verb_answer(call,
                       json_pack("{s:s, s:b, s:s}", "account", name, "pass", missing && !refused, "result",
                                 refused ? "not-enrolled" : "none"),
                       error);
}

/* A good code is used up before its record, and the record is there before the answer. */
static gboolean
run_check(VerbCall *call, GError **error)
{
    static const char *const events[] = {"code-good", "code-used", "code-wrong"};
    static const char *const words[] = {"good", "used", "wrong"};
    g_auto(AccountFacts) facts = {0};
    const char *code;
    OneTimeResult result = ONE_TIME_WRONG;
    g_autofree char *name = find_account(call, FALSE, &facts, error);
    if (name == NULL || !verb_text(call, "code", FALSE, &code, error))
        return FALSE;
    gboolean missing = code == NULL || *code == '\0';
    if (one_times_state(used, name, NULL, NULL) != ONE_TIMES_CONFIRMED)
        return answer_without(call, &facts, name, missing, error);
    if (!missing && !one_times_check(used, name, code, NULL, call->now_us, &result, error))
        return FALSE;
    if (!record_login(call, &facts, name, missing ? "code-missing" : events[result], NULL, error))
        return FALSE;
    return verb_answer(call,
                       json_pack("{s:s, s:b, s:s}", "account", name, "pass", result == ONE_TIME_GOOD, "result",
                                 missing ? "missing" : words[result]),
                       error);
}

/* --- otp-resync, otp-reset, otp-state ------------------------------------------------------------------------- */

static gboolean
run_resync(VerbCall *call, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    const char *code, *second;
    OneTimeResult result = ONE_TIME_WRONG;
    g_autofree char *name = find_account(call, TRUE, &facts, error);
    if (name == NULL || !need_administrator(call, error) || !verb_text(call, "code", TRUE, &code, error) ||
        !verb_text(call, "second", TRUE, &second, error) ||
        !one_times_check(used, name, code, second, call->now_us, &result, error))
        return FALSE;
    Told told = {call, &facts, name, result == ONE_TIME_GOOD ? "otp-resynced" : "otp-not-resynced", NULL};
    return record_change(&told, error) &&
           verb_answer(call, json_pack("{s:s, s:b}", "account", name, "resynced", result == ONE_TIME_GOOD), error);
}

static gboolean
run_reset(VerbCall *call, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    Told told = {call, &facts, NULL, "otp-reset", NULL};
    g_autofree char *name = find_account(call, FALSE, &facts, error);
    if (name == NULL || !need_officer(call, &facts, error) || !verb_text(call, "note", FALSE, &told.note, error))
        return FALSE;
    told.name = name;
    return one_times_reset(used, name, record_change, &told, error) &&
           verb_answer(call, json_pack("{s:s, s:s}", "account", name, "state", "none"), error);
}

static gboolean
run_state(VerbCall *call, GError **error)
{
    g_auto(AccountFacts) facts = {0};
    OneTimeKind kind = ONE_TIME_TOTP;
    gint64 confirmed = 0;
    g_autofree char *name = find_account(call, TRUE, &facts, error);
    if (name == NULL)
        return FALSE;
    OneTimesState state = one_times_state(used, name, &kind, &confirmed);
    g_autofree char *since = confirmed > 0 ? clock_format(confirmed) : NULL;
    return verb_answer(call,
                       json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s}", "account", name, "state",
                                 one_times_state_word(state), "kind",
                                 state != ONE_TIMES_NONE ? one_time_kind_word(kind) : NULL, "confirmed", since, "tier",
                                 facts.tier, "stage", facts.stage),
                       error);
}

const Verb verbs_otp[] = {
    {"otp-enrol", "account kind code", FALSE, run_enrol},
    {"otp-check", "account code client_ip protocol", FALSE, run_check},
    {"otp-resync", "account code second", FALSE, run_resync},
    {"otp-reset", "account note", FALSE, run_reset},
    {"otp-state", "account", FALSE, run_state},
    {NULL, NULL, FALSE, NULL},
};
