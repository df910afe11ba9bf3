/* One account of the sweep: what is due of its password and in its campaigns, and the one letter that follows. */
#include "config.h"
#include "campaign_state.h"
#include "clock.h"
#include "record.h"
#include "sweep_private.h"
#include "tier.h"
#include <string.h>

/* A letter that is due; of several the one whose end is nearest. */
typedef struct {
    gint64 step;      /* SWEEPS_NO_STEP: none */
    gint64 date;      /* that it names */
    const char *kind; /* of notice.h */
    gint64 campaign;  /* 0: of the password's age */
} Due;

typedef struct {
    Sweep *sweep;
    gint64 account;
    AccountFacts facts;
    PasswordState state;
    gboolean known; /* the password's age */
    SweepAccount row;
    GPtrArray *members; /* CampaignMember, with texts of its own */
    Due due;
} Look;

static void
look_clear(Look *look)
{
    account_facts_clear(&look->facts);
    password_state_clear(&look->state);
    g_clear_pointer(&look->members, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

static gboolean
is_staged(const Look *look)
{
    return g_strcmp0(look->facts.stage, "warn") == 0 || g_strcmp0(look->facts.stage, "enforce") == 0;
}

static json_t *
record_of(const Look *look, const char *event, const char *reason, gint64 until, const char *note)
{
    json_t *record = events_about(look->sweep->events, "password", event, look->facts.address);
    record_put_word(record, "reason", reason);
    record_put_text(record, "note", note);
    if (*look->facts.department != '\0')
        record_put_text(record, "department", look->facts.department);
    if (tier_from_word(look->facts.tier) < TIERS)
        record_put_word(record, "tier", look->facts.tier);
    if (until > 0) {
        g_autofree char *time = clock_format(until);
        record_put_text(record, "until", time);
    }
    return record;
}

static void
want(Look *look, gint64 step, gint64 date, const char *kind, gint64 campaign)
{
    if (step < look->due.step)
        look->due = (Due){step, date, kind, campaign};
}

/* --- its age -------------------------------------------------------------------------------------------------- */

static gboolean
save_row(Look *look, GError **error)
{
    look->row.marked = look->sweep->now;
    return sweeps_account_set(look->sweep->database, look->account, &look->row, error);
}

/* In a transaction of its own: the record before it has taken its time. */
static gboolean
save(Look *look, GError **error)
{
    Database *database = look->sweep->database;
    if (database_begin(database, error) && save_row(look, error) && database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

static gboolean
look_at_age(Look *look, GError **error)
{
    const Sweep *sweep = look->sweep;
    gint64 expires = look->known ? auth_policy_expires(&look->facts, look->state.since_us) : 0;
    if (expires == 0 || (look->facts.exempt & PROBLEM_PASSWORD_EXPIRED))
        return TRUE;
    if (look->row.since != look->state.since_us) {
        look->row.since = look->state.since_us;
        look->row.step = look->row.told_step = SWEEPS_NO_STEP;
    }
    gint64 step = sweep_step(sweep, expires);
    if (step < look->row.step) {
        g_autofree char *note = g_strdup_printf("%" G_GINT64_FORMAT " days", step);
        /* the first password that was ever seen may be older */
        const char *reason = look->state.since_us > look->state.first_seen_us ? "age" : "age-at-least";
        if (!sweep_record(look->sweep,
                          record_of(look, step > 0 ? "expiring" : "expired", reason, expires, step > 0 ? note : NULL),
                          error))
            return FALSE;
        look->row.step = step;
        if (!save(look, error))
            return FALSE;
    }
    gint64 refused = expires + auth_policy_grace_us(sweep->policy);
    if (is_staged(look) && step < look->row.told_step)
        want(look, step, refused, sweep->now >= refused ? "password-expired" : "password-expires", 0);
    return TRUE;
}

/* --- its campaigns -------------------------------------------------------------------------------------------- */

static void
member_free(gpointer data)
{
    CampaignMember *member = data;
    g_free((char *)member->name);
    g_free((char *)member->over);
    g_free((char *)member->begins);
    g_free((char *)member->started);
    g_free((char *)member->exempt_until);
    g_free(member);
}

static gboolean
keep_member(const CampaignMember *member, gpointer user, GError **error)
{
    CampaignMember *copy = g_memdup2(member, sizeof *member);
    copy->name = g_strdup(member->name);
    copy->over = g_strdup(member->over);
    copy->begins = g_strdup(member->begins);
    copy->started = g_strdup(member->started);
    copy->exempt_until = g_strdup(member->exempt_until);
    copy->changed = member->changed != NULL ? "" : NULL;
    copy->told = member->told != NULL ? "" : NULL;
    copy->state = g_intern_string(member->state);
    copy->address = copy->unit = copy->department = copy->deadline = copy->exempt_by = copy->exempt_why = NULL;
    g_ptr_array_add(user, copy);
    return TRUE;
}

static gboolean
mark_changed(Look *look, const CampaignMember *member, GError **error)
{
    Database *database = look->sweep->database;
    g_autofree char *since = clock_format(look->state.since_us);
    if (!sweep_record(look->sweep, record_of(look, "campaign", "changed", 0, member->name), error))
        return FALSE;
    if (database_begin(database, error) && campaigns_mark_changed(database, member, since, error) &&
        database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

static gboolean
mark_step(Look *look, const CampaignMember *member, gint64 step, gint64 over, GError **error)
{
    Database *database = look->sweep->database;
    if (!sweep_record(look->sweep, record_of(look, step > 0 ? "expiring" : "expired", "campaign", over, member->name),
                      error))
        return FALSE;
    if (database_begin(database, error) && campaigns_mark_step(database, member, step, error) &&
        database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

static gboolean
look_at_member(Look *look, const CampaignMember *member, GError **error)
{
    const Sweep *sweep = look->sweep;
    gint64 over = 0;
    CampaignSight sight = {&look->facts, look->known ? &look->state : NULL, sweep->now};
    MemberState state = campaign_member_state(member, &sight);
    if (member->changed != NULL || !clock_parse(member->over, &over, NULL))
        return TRUE;
    if (state == MEMBER_CHANGED)
        return mark_changed(look, member, error);
    g_autofree char *today = sweep_date(sweep->now);
    if (strcmp(member->begins, today) > 0 || state == MEMBER_EXCEPTED || state == MEMBER_CLOSED)
        return TRUE;
    gint64 step = sweep_step(sweep, over);
    if (step == 0 && state == MEMBER_UNKNOWN) /* whether it was changed, nobody knows */
        return TRUE;
    if (step < member->step && !mark_step(look, member, step, over, error))
        return FALSE;
    /* the day that is named is the last one on which it is in time */
    if (step < member->told_step)
        want(look, step, over - 1, step > 0 ? "password-campaign" : "password-expired", member->campaign);
    return TRUE;
}

static gboolean
look_at_campaigns(Look *look, GError **error)
{
    look->members = g_ptr_array_new_with_free_func(member_free);
    if (!campaigns_of(look->sweep->database, look->account, keep_member, look->members, error))
        return FALSE;
    for (guint i = 0; i < look->members->len; i++)
        if (!look_at_member(look, g_ptr_array_index(look->members, i), error))
            return FALSE;
    return TRUE;
}

/* --- the letter ----------------------------------------------------------------------------------------------- */

static gboolean
mark_told(Look *look, GError **error)
{
    Database *database = look->sweep->database;
    g_autofree char *now = clock_format(look->sweep->now);
    const CampaignMember member = {.campaign = look->due.campaign, .account = look->account};
    look->row.told = look->sweep->now;
    if (look->due.campaign == 0)
        look->row.told_step = look->due.step;
    if (database_begin(database, error) && save_row(look, error) &&
        (look->due.campaign == 0 || campaigns_mark_told(database, &member, look->due.step, now, error)) &&
        database_commit(database, error))
        return TRUE;
    database_rollback(database);
    return FALSE;
}

/* Marked first: one that is lost with a sudden death is followed by that of the next step; one told twice is a storm.
 */
static gboolean
tell(Look *look, GError **error)
{
    Sweep *sweep = look->sweep;
    Passwords *passwords = auth_policy_passwords(sweep->policy);
    if (look->due.step == SWEEPS_NO_STEP || sweep->now - look->row.told < PASSWORDS_WARN_US ||
        !passwords_may_warn(passwords, look->facts.address, sweep->now))
        return TRUE;
    if (!mark_told(look, error))
        return FALSE;
    passwords_set_warned(passwords, look->facts.address, sweep->now);
    g_autofree char *date = sweep_date(look->due.date);
    if (notice_client_send(sweep->notices, look->due.kind, look->facts.address, "date", date, NULL))
        events_queue(sweep->events, record_of(look, "warned", look->due.campaign != 0 ? "campaign" : "expiring",
                                              look->due.date, NULL));
    return TRUE;
}

gboolean
sweep_look_at_account(Sweep *sweep, gint64 account, const char *address, GError **error)
{
    g_auto(Look) look = {.sweep = sweep, .account = account, .due.step = SWEEPS_NO_STEP};
    g_autofree char *now = clock_format(sweep->now);
    if (!accounts_facts(sweep->database, address, NULL, now, &look.facts, error) ||
        !sweeps_account(sweep->database, account, &look.row, error))
        return FALSE;
    if (!look.facts.known || g_strcmp0(look.facts.kind, "administrator") == 0) /* has no mailbox to log in to */
        return TRUE;
    if (look.row.marked > sweep->now + SWEEP_JUMP_US) /* noted by a clock that was wrong */
        look.row = (SweepAccount){.step = SWEEPS_NO_STEP, .told_step = SWEEPS_NO_STEP};
    look.known = passwords_state(auth_policy_passwords(sweep->policy), look.facts.address, &look.state) &&
                 look.state.since_us > 0;
    if (!look_at_age(&look, error) || !look_at_campaigns(&look, error) || !tell(&look, error))
        return FALSE;
    sweep->accounts++;
    sweep->unknown += !look.known;
    return TRUE;
}
