/* For those who change passwords, hangu passwd and hangu-passwd-service: who it is, whether the present password may be
 * tried, whether the new one was used before, and that it was changed. What comes is a hash under Dovecot's nonce,
 * never a password. Whoever has the nonce may ask whether a hash is a password, so only few may, and not often. */
#include "config.h"
#include "clock.h"
#include "crypto.h"
#include "errors.h"
#include "rate.h"
#include "record.h"
#include "tier.h"
#include "verbs.h"
#include "verbs_login.h"
#include "verbs_tables.h"
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define TRIES_PER_ACCOUNT 30
#define TRIES_SPAN_US (10 * G_TIME_SPAN_MINUTE)
#define ACCOUNTS_REMEMBERED 20000
#define HISTORY_MAX 1000

/* Besides root: our own user, and the one of hangu-passwd-service. */
static gboolean
may_ask(const VerbCall *call, GError **error)
{
    const struct passwd *self = getpwuid(geteuid());
    if (g_str_equal(call->actor, "root") || verbs_is_passwd_service(call) ||
        (self != NULL && g_str_equal(call->actor, self->pw_name)))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "only root and %s may change passwords",
                call->settings->passwd_service_user);
    return FALSE;
}

static gboolean
take_turn(const char *account, GError **error)
{
    static gsize once;
    static Rate *rate;
    if (g_once_init_enter(&once)) {
        rate = rate_new(TRIES_PER_ACCOUNT, TRIES_SPAN_US, ACCOUNTS_REMEMBERED);
        g_once_init_leave(&once, 1);
    }
    if (rate_take(rate, account))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT, "too many tries for this account: wait ten minutes");
    return FALSE;
}

static gboolean
learn(VerbCall *call, const char *account, AccountFacts *facts_out, GError **error)
{
    g_autofree char *now = clock_format(call->now_us);
    return accounts_facts(call->database, account, "", now, facts_out, error);
}

/* Hexadecimal of SHA-256. */
static gboolean
read_hash(const char *hex, guint8 hash_out[CRYPTO_DIGEST_SIZE], GError **error)
{
    const gsize length = hex != NULL ? strlen(hex) : 0;
    if (length != (gsize)CRYPTO_DIGEST_SIZE * 2 || strspn(hex, "0123456789abcdef") != length) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "a hash is 64 hexadecimal digits");
        return FALSE;
    }
    for (gsize i = 0; i < CRYPTO_DIGEST_SIZE; i++)
        hash_out[i] = (guint8)(g_ascii_xdigit_value(hex[i * 2]) << 4 | g_ascii_xdigit_value(hex[i * 2 + 1]));
    return TRUE;
}

/* --- who is it? ----------------------------------------------------------------------------------------------- */

static json_t *
logins_of(const char *account)
{
    json_t *list = json_array();
    AuthPolicy *policy = verbs_login_policy();
    if (policy == NULL)
        return list;
    g_autoptr(GPtrArray) logins = passwords_logins(auth_policy_passwords(policy), account);
    for (guint i = 0; i < logins->len; i++)
        json_array_append_new(list, json_string(g_ptr_array_index(logins, i)));
    return list;
}

static gboolean
run_ask(VerbCall *call, GError **error)
{
    const char *account;
    g_auto(AccountFacts) facts = {0};
    if (!may_ask(call, error) || !verb_text(call, "account", TRUE, &account, error) ||
        !learn(call, account, &facts, error))
        return FALSE;
    g_autofree char *name = auth_policy_name(&facts, account);
    AuthPolicy *policy = verbs_login_policy();
    return verb_answer(call,
                       json_pack("{s:b,s:b,s:s,s:s?,s:s?,s:s?,s:s?,s:s,s:o}", "known", facts.known, "hears",
                                 policy != NULL, "address", name, "tier", facts.tier, "owner", facts.owner, "unit",
                                 facts.unit, "department", facts.department, "nonce",
                                 policy != NULL ? passwords_nonce(auth_policy_passwords(policy)) : "", "logins",
                                 logins_of(name)),
                       error);
}

/* --- was it used before? -------------------------------------------------------------------------------------- */

static gboolean
is_used(const VerbCall *call, const char *account, guint history, gboolean *used_out, GError **error)
{
    const char *login;
    json_t *hex;
    Passwords *passwords = auth_policy_passwords(verbs_login_policy());
    const json_t *hashes = json_object_get(call->arguments, "hashes");
    *used_out = FALSE;
    if (!json_is_object(hashes) || json_object_size(hashes) > PASSWORDS_LOGINS_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument hashes is no object of at most %d hashes",
                    PASSWORDS_LOGINS_MAX);
        return FALSE;
    }
    json_object_foreach((json_t *)hashes, login, hex)
    {
        guint8 hash[CRYPTO_DIGEST_SIZE];
        if (!read_hash(json_string_value(hex), hash, error))
            return FALSE;
        *used_out = passwords_used(passwords, account, login, hash, history) || *used_out;
        crypto_wipe(hash, sizeof hash);
    }
    return TRUE;
}

static gboolean
run_used(VerbCall *call, GError **error)
{
    const char *account;
    g_auto(AccountFacts) facts = {0};
    gboolean used;
    const json_t *history = json_object_get(call->arguments, "history");
    if (!may_ask(call, error) || !verbs_login_need(error) || !verb_text(call, "account", TRUE, &account, error) ||
        !learn(call, account, &facts, error))
        return FALSE;
    if (!json_is_integer(history) || json_integer_value(history) < 0 || json_integer_value(history) > HISTORY_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument history is no number from 0 to %d", HISTORY_MAX);
        return FALSE;
    }
    g_autofree char *name = auth_policy_name(&facts, account);
    return take_turn(name, error) && is_used(call, name, (guint)json_integer_value(history), &used, error) &&
           verb_answer(call, json_pack("{s:b}", "used", used), error);
}

/* --- tries of the present one, counted as logins are ---------------------------------------------------------- */

static gboolean
run_try(VerbCall *call, PolicyCommand command, GError **error)
{
    const char *login, *client, *hex;
    PolicyAnswer answer;
    PolicyRequest request = {.command = command,
                             .protocol = POLICY_PROTOCOL_PASSWD,
                             .session = "",
                             .mech = "PLAIN",
                             .hash_length = CRYPTO_DIGEST_SIZE,
                             .success = verb_flag(call, "good")};
    if (!may_ask(call, error) || !verbs_login_need(error) || !verb_text(call, "account", TRUE, &login, error) ||
        !verb_text(call, "client", FALSE, &client, error) || !verb_text(call, "hash", TRUE, &hex, error) ||
        !read_hash(hex, request.hash, error))
        return FALSE;
    request.login = login;
    request.remote = client != NULL ? client : "";
    auth_policy_answer(verbs_login_policy(), &request, &answer);
    crypto_wipe(request.hash, sizeof request.hash);
    g_autofree char *text = answer.text;
    if (answer.settle && !logins_settle(auth_policy_logins(verbs_login_policy()), error))
        return FALSE;
    return verb_answer(call, json_pack("{s:b,s:s}", "allowed", answer.status >= 0, "text", text != NULL ? text : ""),
                       error);
}

static gboolean
run_allow(VerbCall *call, GError **error)
{
    return run_try(call, POLICY_ALLOW, error);
}

static gboolean
run_report(VerbCall *call, GError **error)
{
    return run_try(call, POLICY_REPORT, error);
}

/* --- it was changed ------------------------------------------------------------------------------------------- */

/* Its age is known when it is first used. */
static gboolean
run_changed(VerbCall *call, GError **error)
{
    const char *account;
    g_auto(AccountFacts) facts = {0};
    if (!may_ask(call, error) || !verb_text(call, "account", TRUE, &account, error) ||
        !learn(call, account, &facts, error))
        return FALSE;
    g_autofree char *name = auth_policy_name(&facts, account);
    json_auto_t *fields = json_object();
    if (facts.known && tier_from_word(facts.tier) < TIERS)
        record_put_word(fields, "tier", facts.tier);
    else
        record_put_word(fields, "reason", "unregistered");
    return verb_record(call, "password", verb_flag(call, "undone") ? "undone" : "changed", name, fields, error) &&
           verb_answer(call, json_pack("{s:s}", "account", name), error);
}

const Verb verbs_password[] = {
    {"password.ask", "account", FALSE, run_ask},
    {"password.used", "account history hashes", FALSE, run_used},
    {"password.allow", "account client hash", FALSE, run_allow},
    {"password.report", "account client hash good", FALSE, run_report},
    {"password.changed", "account undone", FALSE, run_changed},
    {NULL, NULL, FALSE, NULL},
};
