/* The auth policy: one answer for each request of Dovecot's. */
#include "config.h"
#include "auth_policy.h"
#include "auth_policy_private.h"
#include "clock.h"
#include "errors.h"
#include "log.h"
#include "record.h"
#include "tier.h"
#include <string.h>

#define FAILED_SPAN_US (500 * G_TIME_SPAN_MILLISECOND)
#define DAY_US G_TIME_SPAN_DAY

/* What a person reads who is refused: Chinese first, then English. */
#define SAY_LOCKED                                                                                                                        \
    "账号因多次输错密码已锁定，请稍后再试或联系保密员 / Locked after too many wrong passwords: try later or ask " \
    "the security officer"
#define SAY_BUSY "尝试过多，请稍后再试 / Too many tries: wait a minute"
#define SAY_WEAK "密码过于简单，请先修改密码 / Your password is too weak: change it first"
#define SAY_EXPIRED "密码已到期，请先修改密码 / Your password has expired: change it first"
#define SAY_CLOSED "账号已停用，请联系管理员 / This account is suspended or closed: ask the administrator"
#define SAY_ENROL                                                                                                             \
    "本账号须使用一次性口令，请先到保密员处登记 / This account needs one-time codes: have the security " \
    "officer enrol it first"
#define SAY_TROUBLE "认证服务暂时不可用，请稍后再试 / The auth policy has trouble: try later"

/* --- who it is ------------------------------------------------------------------------------------------------ */

static Database *
borrow(AuthPolicy *policy, GError **error)
{
    Database *database = NULL;
    g_mutex_lock(&policy->lock);
    if (policy->spares->len > 0)
        database = g_ptr_array_steal_index_fast(policy->spares, policy->spares->len - 1);
    g_mutex_unlock(&policy->lock);
    return database != NULL ? database : accounts_open(policy->database, error);
}

static gboolean
learn_facts(AuthPolicy *policy, const PolicyRequest *request, gint64 now_us, AccountFacts *facts, GError **error)
{
    g_autofree char *now = clock_format(now_us);
    Database *database = borrow(policy, error);
    if (database == NULL)
        return FALSE;
    gboolean good = accounts_login_facts(database, request->login, request->remote, now, facts, error);
    g_mutex_lock(&policy->lock);
    g_ptr_array_add(policy->spares, database);
    g_mutex_unlock(&policy->lock);
    return good;
}

char *
auth_policy_name(const AccountFacts *facts, const char *login)
{
    if (facts->address != NULL && *facts->address != '\0')
        return g_strdup(facts->address);
    return g_utf8_strdown(login, -1);
}

static guint
unlock_minutes(const AccountFacts *facts)
{
    Tier tier = tier_from_word(facts->tier);
    return tier_row(tier < TIERS ? tier : TIER_BASE)->unlock_minutes;
}

/* --- records -------------------------------------------------------------------------------------------------- */

json_t *
policy_record(const Case *at, const char *kind, const char *event, const char *reason)
{
    json_t *record = events_about(at->policy->events, kind, event, at->account);
    record_put_text(record, "client_ip", *at->request->remote != '\0' ? at->request->remote : NULL);
    record_put_text(record, "auth_type", *at->request->mech != '\0' ? at->request->mech : NULL);
    record_put_text(record, "tls", at->request->tls ? "yes" : NULL);
    if (g_str_equal(kind, "login"))
        record_put_word(record, "protocol", *at->request->protocol != '\0' ? at->request->protocol : NULL);
    record_put_word(record, "reason", reason);
    if (at->facts.department != NULL && *at->facts.department != '\0')
        record_put_text(record, "department", at->facts.department);
    if (tier_from_word(at->facts.tier) < TIERS)
        record_put_word(record, "tier", at->facts.tier);
    return record;
}

void
policy_alert(const Case *at, const char *kind, const char *event, const char *reason)
{
    json_t *record = policy_record(at, kind, event, reason);
    json_object_set_new(record, "alert", json_true());
    events_queue(at->policy->events, record);
}

static void
merge(const Case *at, const char *event, const char *reason, gint64 span_us)
{
    g_autofree char *key = g_strjoin("\n", event, at->account, at->network, at->request->mech, at->request->protocol,
                                     reason != NULL ? reason : "", NULL);
    if (!events_again(at->policy->events, key))
        events_merge(at->policy->events, key, span_us, policy_record(at, "login", event, reason));
}

/* Refused where the group is at enforce; else only recorded. */
static void
refuse(const Case *at, PolicyAnswer *answer, const char *reason, const char *text)
{
    gboolean enforce = g_strcmp0(at->facts.stage, "enforce") == 0;
    merge(at, enforce ? "refused" : "observed", reason, FAILED_SPAN_US);
    answer->status = enforce ? -1 : 0;
    answer->text = enforce ? g_strdup(text) : NULL;
}

/* --- allow ---------------------------------------------------------------------------------------------------- */

gint64
auth_policy_expires(const AccountFacts *facts, gint64 since_us)
{
    Tier tier = tier_from_word(facts->tier);
    guint days = tier_row(tier < TIERS ? tier : TIER_BASE)->age_days;
    return days > 0 && since_us > 0 ? since_us + days * DAY_US : 0;
}

guint
auth_policy_password_problems(const AuthPolicy *policy, const AccountFacts *facts, PasswordVerdict verdict,
                              gint64 judged_us, gint64 since_us, gint64 now_us)
{
    Tier tier = tier_from_word(facts->tier);
    const TierRow *row = tier_row(tier < TIERS ? tier : TIER_BASE);
    gint64 grace = g_strcmp0(facts->stage, "enforce") == 0 ? policy->settings->accounts_grace_days * DAY_US : 0;
    gint64 wanted = 0;
    guint problems = 0;
    if (row->age_days == 0)
        return 0;
    if (verdict == VERDICT_WEAK && now_us >= judged_us + grace)
        problems |= PROBLEM_PASSWORD_WEAK;
    if (since_us > 0 && now_us >= since_us + row->age_days * DAY_US + grace)
        problems |= PROBLEM_PASSWORD_EXPIRED;
    if (since_us > 0 && facts->new_password != NULL && *facts->new_password != '\0' &&
        clock_parse(facts->new_password, &wanted, NULL) && since_us < wanted)
        problems |= PROBLEM_PASSWORD_EXPIRED;
    return problems & ~facts->exempt;
}

/* Tier otp, and no first code has come yet. */
static gboolean
must_enrol(const Case *at)
{
    return at->policy->one_times != NULL && tier_from_word(at->facts.tier) == TIER_OTP &&
           one_times_state(at->policy->one_times, at->account, NULL, NULL) != ONE_TIMES_CONFIRMED;
}

static void
answer_allow(Case *at, PolicyAnswer *answer)
{
    LockoutAnswer open = lockout_allow(at->policy->lockout, &at->attempt);
    if (open.word != LOCKOUT_OPEN) {
        gboolean busy = open.word == LOCKOUT_BUSY || open.word == LOCKOUT_FULL;
        g_autofree char *reason = g_strconcat(busy ? "" : "locked-", lockout_word(open.word), NULL);
        refuse(at, answer, reason, busy ? SAY_BUSY : SAY_LOCKED);
        return;
    }
    gboolean watched = at->facts.stage == NULL || *at->facts.stage == '\0' || g_str_equal(at->facts.stage, "observe");
    answer->status = watched ? 0 : (int)open.delay;
    if (at->facts.problems & (PROBLEM_SUSPENDED | PROBLEM_CLOSED)) {
        refuse(at, answer, at->facts.problems & PROBLEM_CLOSED ? "closed" : "suspended", SAY_CLOSED);
        return;
    }
    if (g_str_equal(at->request->protocol, POLICY_PROTOCOL_PASSWD))
        return; /* a weak or old one is just what is to be changed */
    if (must_enrol(at)) {
        refuse(at, answer, "otp-not-enrolled", SAY_ENROL);
        if (answer->status == 0 && !watched)
            answer->status = (int)open.delay;
        return;
    }
    if (!at->sight.known)
        return;
    guint problems = auth_policy_password_problems(at->policy, &at->facts, at->sight.verdict, at->sight.judged_us,
                                                   at->sight.since_us, at->attempt.now_us);
    if (g_strcmp0(at->facts.stage, "enforce") != 0)
        return; /* told once, when it is found */
    if (problems & PROBLEM_PASSWORD_WEAK)
        refuse(at, answer, "password-weak", SAY_WEAK);
    else if (problems & PROBLEM_PASSWORD_EXPIRED)
        refuse(at, answer, "password-expired", SAY_EXPIRED);
}

/* --- report --------------------------------------------------------------------------------------------------- */

static void
tell_lock(const Case *at, const LockoutChange *change)
{
    g_autofree char *reason = g_strconcat("wrong-", lockout_word(change->locked), NULL);
    g_autofree char *until = change->until_us != LOGINS_FOR_EVER ? clock_format(change->until_us) : NULL;
    json_t *record = policy_record(at, "login", "locked", reason);
    json_object_set_new(record, "alert", json_true());
    json_object_set_new(record, "count", json_integer(change->wrong));
    if (until != NULL)
        record_put_text(record, "until", until);
    if (change->locked == LOCKOUT_NETWORK)
        record_put_text(record, "note", at->network);
    events_queue(at->policy->events, record);
    gboolean staged = g_strcmp0(at->facts.stage, "warn") == 0 || g_strcmp0(at->facts.stage, "enforce") == 0;
    if (staged && at->facts.known && change->locked != LOCKOUT_NETWORK)
        notice_client_send(at->policy->notices, "locked", at->account, "network", at->network, "until",
                           until != NULL ? until : "-", NULL);
}

static void
take_failure(Case *at, PolicyAnswer *answer)
{
    LockoutChange change;
    lockout_failed(at->policy->lockout, &at->attempt, !at->sight.former, &change);
    merge(at, "failed", at->sight.former ? "former-password" : change.counted ? NULL : "same-again", FAILED_SPAN_US);
    answer->settle = change.counted; /* a lock is never without one */
    if (change.locked != LOCKOUT_OPEN)
        tell_lock(at, &change);
}

static void
take_report(Case *at, PolicyAnswer *answer)
{
    if (at->request->policy_reject) /* our own refusal, recorded then */
        return;
    if (at->request->success)
        policy_take_good(at);
    else
        take_failure(at, answer);
}

/* --- one request ---------------------------------------------------------------------------------------------- */

/* What is typed ends in a code, or will. */
static gboolean
has_codes(const Case *at)
{
    return tier_from_word(at->facts.tier) == TIER_OTP ||
           (at->policy->one_times != NULL &&
            one_times_state(at->policy->one_times, at->account, NULL, NULL) == ONE_TIMES_CONFIRMED);
}

static void
look(Case *at)
{
    const PolicyRequest *request = at->request;
    at->use = (PasswordUse){at->account,       request->login,  request->hash,      request->hash_length, request->mech,
                            request->protocol, request->remote, at->attempt.now_us, has_codes(at)};
    passwords_look(at->policy->passwords, &at->use, &at->sight);
    at->attempt.account = at->account;
    at->attempt.network = at->network;
    at->attempt.digest = at->sight.digest;
    at->attempt.known = at->sight.known;
    at->attempt.unlock_minutes = unlock_minutes(&at->facts);
    if (request->hash_length != PASSWORDS_HASH_SIZE)
        auth_policy_set_blind(at->policy, "Dovecot sends hashes of another length: auth_policy_hash_truncate must be "
                                          "0 and auth_policy_hash_mech sha256");
}

static void
case_clear(Case *at)
{
    account_facts_clear(&at->facts);
    g_free(at->account);
    g_free(at->network);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

static void
answer_request(AuthPolicy *policy, const PolicyRequest *request, PolicyAnswer *answer_out)
{
    g_autoptr(GError) error = NULL;
    g_auto(Case) at = {.policy = policy, .request = request, .attempt.now_us = clock_wall_us()};
    *answer_out = (PolicyAnswer){0};
    if (*request->login == '\0') /* a name that Dovecot itself refused */
        return;
    at.network = lockout_network(request->remote, (guint)policy->settings->accounts_network_v4,
                                 (guint)policy->settings->accounts_network_v6);
    if (at.network == NULL)
        at.network = g_strdup("local");
    if (!learn_facts(policy, request, at.attempt.now_us, &at.facts, &error)) {
        log_error("the register does not answer, logins are refused: %s", error->message);
        *answer_out = (PolicyAnswer){.status = -1, .text = g_strdup(SAY_TROUBLE)};
        return;
    }
    at.account = auth_policy_name(&at.facts, request->login);
    look(&at);
    if (request->command == POLICY_ALLOW)
        answer_allow(&at, answer_out);
    else
        take_report(&at, answer_out);
}

void
auth_policy_answer(gpointer user, const PolicyRequest *request, PolicyAnswer *answer_out)
{
    AuthPolicy *policy = user;
    g_rw_lock_reader_lock(&policy->settings_lock);
    answer_request(policy, request, answer_out);
    g_rw_lock_reader_unlock(&policy->settings_lock);
}

typedef struct {
    PolicySettled settled;
    gpointer user;
} Settling;

/* The writer has told the log already. */
static void
end_settling(gpointer user, const GError *error)
{
    g_autofree Settling *settling = user;
    (void)error;
    settling->settled(settling->user);
}

void
auth_policy_settle(gpointer user, PolicySettled settled, gpointer settled_user)
{
    const AuthPolicy *policy = user;
    Settling *settling = g_new(Settling, 1);
    *settling = (Settling){settled, settled_user};
    logins_when_durable(policy->logins, end_settling, settling);
}

static guint
find_problems(AuthPolicy *policy, const AccountFacts *facts, const char *account, const char *client)
{
    g_auto(PasswordState) state = {0};
    gint64 now = clock_wall_us();
    guint problems = 0;
    g_autofree char *name = auth_policy_name(facts, account);
    g_autofree char *network = lockout_network(client, (guint)policy->settings->accounts_network_v4,
                                               (guint)policy->settings->accounts_network_v6);
    if (*name == '\0')
        return 0;
    if (passwords_state(policy->passwords, name, &state))
        problems = auth_policy_password_problems(policy, facts, state.verdict, state.judged_us, state.since_us, now);
    if (lockout_is_locked(policy->lockout, name, network != NULL ? network : "local", now))
        problems |= PROBLEM_LOCKED;
    return problems & ~facts->exempt;
}

guint
auth_policy_problems(gpointer user, const AccountFacts *facts, const char *account, const char *client)
{
    AuthPolicy *policy = user;
    g_rw_lock_reader_lock(&policy->settings_lock);
    guint problems = find_problems(policy, facts, account, client);
    g_rw_lock_reader_unlock(&policy->settings_lock);
    return problems;
}
