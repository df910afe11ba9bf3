/* Good logins: what is unusual about them, and what their owners must be told. And the policy's life. */
#include "config.h"
#include "auth_policy_private.h"
#include "clock.h"
#include "log.h"
#include "record.h"
#include "secrets.h"
#include "tier.h"
#include <gio/gio.h>
#include <string.h>

#define DAY_US G_TIME_SPAN_DAY
#define OK_SPAN_US G_TIME_SPAN_HOUR
/* An owner is told so long before his password expires. */
#define WARN_DAYS 7
#define HISTORY_MAX 24
/* Between a good code and Dovecot's report of the login. */
#define CODE_US G_TIME_SPAN_MINUTE

/* --- what is unusual ------------------------------------------------------------------------------------------ */

static gboolean
is_home(const AuthPolicy *policy, const char *address)
{
    const GPtrArray *networks = policy->settings->accounts_home_networks;
    g_autoptr(GInetAddress) client = networks->len > 0 ? g_inet_address_new_from_string(address) : NULL;
    if (client == NULL)
        return TRUE;
    for (guint i = 0; i < networks->len; i++) {
        g_autoptr(GInetAddressMask) mask = g_inet_address_mask_new_from_string(g_ptr_array_index(networks, i), NULL);
        if (mask != NULL && g_inet_address_mask_matches(mask, client))
            return TRUE;
    }
    return FALSE;
}

/* Digits are checked by the settings. */
static int
minutes(const char *text)
{
    return (g_ascii_digit_value(text[0]) * 10 + g_ascii_digit_value(text[1])) * 60 + g_ascii_digit_value(text[3]) * 10 +
           g_ascii_digit_value(text[4]);
}

static gboolean
is_work_hour(const AuthPolicy *policy, gint64 now_us)
{
    const char *hours = policy->settings->accounts_work_hours;
    if (hours == NULL || strlen(hours) != strlen("06:00-23:00"))
        return TRUE;
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(now_us / G_USEC_PER_SEC);
    int at = g_date_time_get_hour(now) * 60 + g_date_time_get_minute(now);
    int from = minutes(hours), until = minutes(hours + 6);
    return from <= until ? at >= from && at < until : at >= from || at < until;
}

static void
tell_unusual(const Case *at, const LockoutChange *change, gboolean was_good)
{
    gboolean home = is_home(at->policy, at->request->remote);
    if (change->new_network || (!home && !was_good)) {
        json_t *record = policy_record(at, "login", "new-network", home ? NULL : "foreign");
        if (!home)
            json_object_set_new(record, "alert", json_true());
        record_put_text(record, "note", at->network);
        events_queue(at->policy->events, record);
    }
    if (change->networks > 0) {
        json_t *record = policy_record(at, "login", "many-networks", NULL);
        json_object_set_new(record, "alert", json_true());
        json_object_set_new(record, "count", json_integer(change->networks));
        events_queue(at->policy->events, record);
    }
    gboolean sends = g_str_equal(at->request->protocol, "smtp") || g_str_equal(at->request->protocol, "submission");
    if ((!was_good || sends) && !is_work_hour(at->policy, at->attempt.now_us)) {
        g_autofree char *key = g_strjoin("\n", "odd-hour", at->account, at->network, NULL);
        if (events_again(at->policy->events, key))
            return;
        json_t *record = policy_record(at, "login", "odd-hour", NULL);
        json_object_set_new(record, "alert", json_true());
        events_merge(at->policy->events, key, 12 * G_TIME_SPAN_HOUR, record);
    }
}

/* --- passwords ------------------------------------------------------------------------------------------------ */

static void
tell_change(const Case *at, const PasswordChange *change)
{
    if (change->reused)
        policy_alert(at, "password", "reused", NULL);
    else if (change->changed)
        events_queue(at->policy->events, policy_record(at, "password", "changed", NULL));
}

/* Once a day, where the group has come further than observe. */
static void
warn_owner(const Case *at)
{
    AuthPolicy *policy = at->policy;
    g_auto(PasswordState) state = {0};
    gint64 now = at->attempt.now_us;
    gboolean staged = g_strcmp0(at->facts.stage, "warn") == 0 || g_strcmp0(at->facts.stage, "enforce") == 0;
    if (!staged || !at->facts.known || !passwords_state(policy->passwords, at->account, &state) ||
        !passwords_may_warn(policy->passwords, at->account, now))
        return;
    Tier tier = tier_from_word(at->facts.tier);
    gint64 age = tier_row(tier < TIERS ? tier : TIER_BASE)->age_days * DAY_US;
    gboolean weak = state.verdict == VERDICT_WEAK && !(at->facts.exempt & PROBLEM_PASSWORD_WEAK);
    gboolean old = age > 0 && state.since_us > 0 && now >= state.since_us + age - WARN_DAYS * DAY_US &&
                   !(at->facts.exempt & PROBLEM_PASSWORD_EXPIRED);
    if (!weak && !old)
        return;
    gint64 end = weak ? state.judged_us : state.since_us + age;
    g_autofree char *date = clock_format(end + policy->settings->accounts_grace_days * DAY_US);
    date[strlen("2026-11-22")] = '\0';
    if (!notice_client_send(policy->notices, weak ? "password-weak" : "password-expires", at->account, "date", date,
                            NULL))
        return;
    passwords_set_warned(policy->passwords, at->account, now);
    events_queue(policy->events, policy_record(at, "password", "warned", weak ? "weak" : "expiring"));
}

/* Somebody came in by a passdb that asks for no code. That is seen only now: what Dovecot asks before and after is the
 * same. */
static void
tell_without_code(const Case *at)
{
    OneTimes *one_times = at->policy->one_times;
    if (one_times == NULL || one_times_state(one_times, at->account, NULL, NULL) != ONE_TIMES_CONFIRMED ||
        at->attempt.now_us - one_times_last_good(one_times, at->account) < CODE_US)
        return;
    policy_alert(at, "login", "without-code", NULL);
}

void
policy_take_good(Case *at)
{
    LockoutChange change;
    PasswordChange password;
    PasswordPerson person = {at->facts.address, at->facts.owner, at->facts.unit, at->facts.department};
    gboolean was_good = lockout_is_good(at->policy->lockout, at->account, at->network, at->attempt.now_us);
    lockout_good(at->policy->lockout, &at->attempt, &change);
    passwords_good(at->policy->passwords, &at->use, &person, &password);
    g_autofree char *key =
        g_strjoin("\n", "ok", at->account, at->network, at->request->mech, at->request->protocol, NULL);
    if (!events_again(at->policy->events, key))
        events_merge(at->policy->events, key, OK_SPAN_US, policy_record(at, "login", "ok", NULL));
    tell_unusual(at, &change, was_good);
    tell_without_code(at);
    tell_change(at, &password);
    if (!g_str_equal(at->request->protocol, POLICY_PROTOCOL_PASSWD))
        warn_owner(at);
}

/* By the thread that tries passwords. */
static void
take_verdict(gpointer user, const char *account, PasswordVerdict verdict, guint64 guesses)
{
    AuthPolicy *policy = user;
    (void)guesses;
    if (verdict != VERDICT_WEAK)
        return;
    json_t *record = events_about(policy->events, "password", "weak", account);
    json_object_set_new(record, "alert", json_true());
    events_queue(policy->events, record);
}

/* --- life ----------------------------------------------------------------------------------------------------- */

static LockoutLimits
limits_of(const Settings *settings)
{
    return (LockoutLimits){
        .lock_after = (guint)settings->accounts_lock_after,
        .lock_everywhere = (guint)settings->accounts_lock_everywhere,
        .lock_network = (guint)settings->accounts_lock_network,
        .many_networks = (guint)settings->accounts_many_networks,
    };
}

static gboolean
open_parts(AuthPolicy *policy, GError **error)
{
    const Settings *settings = policy->settings;
    g_auto(Secrets) secrets = {0};
    g_autofree char *path = secrets_path(settings->accounts_database, "logins.db");
    g_autofree char *key = secrets_path(settings->accounts_database, "password.key");
    LockoutLimits limits = limits_of(settings);
    if (!secrets_load(settings->accounts_database, &secrets, error))
        return FALSE;
    PasswordsOptions passwords = {
        .nonce = secrets.nonce,
        .key_file = key,
        .words_file = settings->accounts_words,
        .history = HISTORY_MAX,
        .judged = take_verdict,
        .user = policy,
    };
    policy->logins = logins_open(path, error);
    if (policy->logins == NULL)
        return FALSE;
    policy->lockout = lockout_new(&limits, policy->logins, clock_wall_us(), error);
    if (policy->lockout == NULL)
        return FALSE;
    policy->passwords = passwords_new(&passwords, policy->logins, error);
    if (policy->passwords == NULL)
        return FALSE;
    logins_start(policy->logins);
    return TRUE;
}

AuthPolicy *
auth_policy_new(const Settings *settings, Events *events, GError **error)
{
    AuthPolicy *policy = g_new0(AuthPolicy, 1);
    policy->settings = settings;
    policy->database = g_strdup(settings->accounts_database);
    policy->events = events;
    g_rw_lock_init(&policy->settings_lock);
    policy->spares = g_ptr_array_new_with_free_func((GDestroyNotify)database_free);
    g_mutex_init(&policy->lock);
    policy->notices = notice_client_new(settings->control_socket);
    if (open_parts(policy, error))
        return policy;
    auth_policy_free(policy);
    return NULL;
}

void
auth_policy_use_one_times(AuthPolicy *policy, OneTimes *one_times)
{
    policy->one_times = one_times;
}

void
auth_policy_free(AuthPolicy *policy)
{
    if (policy == NULL)
        return;
    passwords_free(policy->passwords);
    lockout_free(policy->lockout);
    logins_free(policy->logins);
    notice_client_free(policy->notices);
    g_ptr_array_unref(policy->spares);
    g_mutex_clear(&policy->lock);
    g_rw_lock_clear(&policy->settings_lock);
    g_free(policy->database);
    g_free(policy->blind);
    g_free(policy);
}

void
auth_policy_set_settings(AuthPolicy *policy, const Settings *settings)
{
    LockoutLimits limits = limits_of(settings);
    g_rw_lock_writer_lock(&policy->settings_lock);
    policy->settings = settings;
    lockout_set_limits(policy->lockout, &limits);
    g_rw_lock_writer_unlock(&policy->settings_lock);
}

gint64
auth_policy_grace_us(AuthPolicy *policy)
{
    g_rw_lock_reader_lock(&policy->settings_lock);
    gint64 grace = policy->settings->accounts_grace_days * DAY_US;
    g_rw_lock_reader_unlock(&policy->settings_lock);
    return grace;
}

Lockout *
auth_policy_lockout(AuthPolicy *policy)
{
    return policy->lockout;
}

Passwords *
auth_policy_passwords(AuthPolicy *policy)
{
    return policy->passwords;
}

Logins *
auth_policy_logins(AuthPolicy *policy)
{
    return policy->logins;
}

Events *
auth_policy_events(AuthPolicy *policy)
{
    return policy->events;
}

char *
auth_policy_blind(AuthPolicy *policy)
{
    g_mutex_lock(&policy->lock);
    char *why = g_strdup(policy->blind);
    g_mutex_unlock(&policy->lock);
    return why;
}

void
auth_policy_set_blind(AuthPolicy *policy, const char *why)
{
    g_mutex_lock(&policy->lock);
    gboolean changed = g_strcmp0(policy->blind, why) != 0;
    if (changed) {
        g_free(policy->blind);
        policy->blind = g_strdup(why);
    }
    g_mutex_unlock(&policy->lock);
    if (!changed)
        return;
    passwords_set_blind(policy->passwords, why != NULL);
    if (why == NULL)
        return;
    log_error("nothing can be known of passwords: %s", why);
    json_t *record = events_about(policy->events, "password", "blind", "-");
    json_object_set_new(record, "alert", json_true());
    record_put_text(record, "note", why);
    events_queue(policy->events, record);
}
