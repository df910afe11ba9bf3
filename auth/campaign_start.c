/* campaign.start: who is asked for a new password, by whose leave, by when. */
#include "config.h"
#include "auth_policy.h"
#include "campaign_plan.h"
#include "campaign_show.h"
#include "campaign_verbs.h"
#include "campaigns.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "tier.h"
#include "verbs_login.h"
#include "workdays.h"
#include <string.h>

#define NAME_MAX_BYTES 64
#define SPAN_DAYS_MAX 366
#define WAVES_MAX 250
#define DEPARTMENTS_MAX 200
#define DAY_US G_TIME_SPAN_DAY

typedef struct {
    VerbCall *call;
    const char *name, *reason, *unit, *group, *approver;
    GPtrArray *departments; /* const char *; empty: all */
    gint64 older_than, waves, per_day;
    gboolean weak;
    GDate from, until;
    Passwords *passwords;
    GArray *places; /* CampaignPlace */
} Plan;

static void
clear_place(gpointer data)
{
    CampaignPlace *place = data;
    g_free(place->address);
    g_free(place->unit);
    g_free(place->department);
}

static void
plan_clear(Plan *plan)
{
    g_clear_pointer(&plan->departments, g_ptr_array_unref);
    g_clear_pointer(&plan->places, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static gboolean
refuse(GError **error, const char *text)
{
    g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_USAGE, text);
    return FALSE;
}

/* --- arguments ------------------------------------------------------------------------------------------------ */

static gboolean
take_number(const VerbCall *call, const char *name, gint64 most, gint64 *number_out, GError **error)
{
    const json_t *value = json_object_get(call->arguments, name);
    *number_out = 0;
    if (value == NULL || json_is_null(value))
        return TRUE;
    *number_out = json_integer_value(value);
    if (json_is_integer(value) && *number_out >= 1 && *number_out <= most)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument %s is no number from 1 to %" G_GINT64_FORMAT, name,
                most);
    return FALSE;
}

static gboolean
take_day(const VerbCall *call, const char *name, GDate *day_out, GError **error)
{
    const char *text;
    if (!verb_text(call, name, TRUE, &text, error))
        return FALSE;
    if (workdays_read(text, day_out))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "%s: %s is not a day like 2026-11-22", name, text);
    return FALSE;
}

static gboolean
take_departments(Plan *plan, GError **error)
{
    const json_t *list = json_object_get(plan->call->arguments, "departments");
    gsize i;
    json_t *one;
    if (list != NULL && (!json_is_array(list) || json_array_size(list) > DEPARTMENTS_MAX))
        return refuse(error, "argument departments is no list of at most 200 texts");
    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one) || strlen(json_string_value(one)) > RECORD_TEXT_MAX)
            return refuse(error, "argument departments is no list of at most 200 texts");
        g_ptr_array_add(plan->departments, (gpointer)json_string_value(one));
    }
    return TRUE;
}

static gboolean
check_days(const Plan *plan, GError **error)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(plan->call->now_us / G_USEC_PER_SEC);
    GDate today;
    g_date_clear(&today, 1);
    g_date_set_dmy(&today, (GDateDay)g_date_time_get_day_of_month(now), (GDateMonth)g_date_time_get_month(now),
                   (GDateYear)g_date_time_get_year(now));
    if (g_date_compare(&plan->from, &today) < 0)
        return refuse(error, "from: that day is over");
    if (g_date_compare(&plan->from, &plan->until) >= 0 ||
        g_date_days_between(&plan->from, &plan->until) > SPAN_DAYS_MAX)
        return refuse(error, "until: a campaign ends after it begins, and within a year");
    return TRUE;
}

static gboolean
take_arguments(Plan *plan, GError **error)
{
    const VerbCall *call = plan->call;
    plan->departments = g_ptr_array_new();
    if (!verb_text(call, "name", TRUE, &plan->name, error) || !verb_text(call, "reason", TRUE, &plan->reason, error) ||
        !verb_text(call, "unit", FALSE, &plan->unit, error) || !verb_text(call, "group", FALSE, &plan->group, error) ||
        !verb_text(call, "approver", TRUE, &plan->approver, error) || !take_departments(plan, error) ||
        !take_number(call, "older_than", 3650, &plan->older_than, error) ||
        !take_number(call, "waves", WAVES_MAX, &plan->waves, error) ||
        !take_number(call, "per_day", 1000000, &plan->per_day, error) || !take_day(call, "from", &plan->from, error) ||
        !take_day(call, "until", &plan->until, error))
        return FALSE;
    plan->weak = verb_flag(call, "weak");
    if (strlen(plan->name) > NAME_MAX_BYTES)
        return refuse(error, "name: at most 64 bytes");
    if ((plan->waves == 0) == (plan->per_day == 0))
        return refuse(error, "name either how many waves or how many people a day");
    return check_days(plan, error);
}

/* --- who ------------------------------------------------------------------------------------------------------ */

static gboolean
in_departments(const Plan *plan, const Account *account)
{
    g_autofree char *whole =
        g_strconcat(account_get(account, ACCOUNT_UNIT), "/", account_get(account, ACCOUNT_DEPARTMENT), NULL);
    for (guint i = 0; i < plan->departments->len; i++)
        if (account_is(account, ACCOUNT_DEPARTMENT, g_ptr_array_index(plan->departments, i)) ||
            g_str_equal(whole, g_ptr_array_index(plan->departments, i)))
            return TRUE;
    return plan->departments->len == 0;
}

/* Whether its password is one that the campaign asks for: with neither --weak nor --older-than, any. */
static gboolean
has_such_password(const Plan *plan, const Account *account)
{
    g_auto(PasswordState) state = {0};
    gboolean seen = passwords_state(plan->passwords, account_get(account, ACCOUNT_ADDRESS), &state);
    if (!plan->weak && plan->older_than == 0)
        return seen || !account_is(account, ACCOUNT_KIND, "service"); /* one bound to networks logs in nowhere */
    return (plan->weak && seen && state.verdict == VERDICT_WEAK) ||
           (plan->older_than > 0 && seen && state.since_us > 0 &&
            plan->call->now_us - state.since_us >= plan->older_than * DAY_US);
}

static gboolean
choose(const Account *account, gpointer user, GError **error)
{
    Plan *plan = user;
    Tier tier = tier_from_word(account_get(account, ACCOUNT_TIER));
    if (account_is(account, ACCOUNT_KIND, "administrator") || (tier < TIERS && tier_row(tier)->age_days == 0) ||
        (plan->group != NULL && !account_is(account, ACCOUNT_GROUP, plan->group)) || !in_departments(plan, account) ||
        !has_such_password(plan, account))
        return TRUE;
    const CampaignPlace place = {account->number, g_strdup(account_get(account, ACCOUNT_ADDRESS)),
                                 g_strdup(account_get(account, ACCOUNT_UNIT)),
                                 g_strdup(account_get(account, ACCOUNT_DEPARTMENT)), 0};
    g_array_append_val(plan->places, place);
    return TRUE;
}

static gboolean
choose_all(Plan *plan, GError **error)
{
    const AccountFilter open = {.state = "open", .unit = plan->unit};
    plan->places = g_array_new(FALSE, FALSE, sizeof(CampaignPlace));
    g_array_set_clear_func(plan->places, clear_place);
    if (!accounts_each(plan->call->database, &open, choose, plan, error))
        return FALSE;
    if (plan->places->len > 0)
        return TRUE;
    g_set_error(
        error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
        "no open account is chosen by this; `hangu account list` and `hangu report passwords` show who there is");
    return FALSE;
}

/* Who was chosen, in words, for the record. Gives. */
static char *
selection(const Plan *plan)
{
    GString *text = g_string_new(NULL);
    if (plan->unit != NULL)
        g_string_append_printf(text, "unit %s; ", plan->unit);
    for (guint i = 0; i < plan->departments->len; i++)
        g_string_append_printf(text, "department %s; ", (const char *)g_ptr_array_index(plan->departments, i));
    if (plan->group != NULL)
        g_string_append_printf(text, "group %s; ", plan->group);
    if (plan->weak)
        g_string_append(text, "weak; ");
    if (plan->older_than > 0)
        g_string_append_printf(text, "older than %" G_GINT64_FORMAT " days; ", plan->older_than);
    g_string_truncate(text, text->len > 0 ? text->len - 2 : 0);
    return g_string_free(text->len > 0 ? text : g_string_append(text, "all"), FALSE);
}

/* --- by whose leave ------------------------------------------------------------------------------------------- */

/* He must be able to approve for every place that is touched, and is not who starts it. Gives his address. */
static char *
find_approver(const Plan *plan, GError **error)
{
    const VerbCall *call = plan->call;
    g_autofree char *approver = NULL;
    for (guint i = 0; i < plan->places->len; i++) {
        const CampaignPlace *place = &g_array_index(plan->places, CampaignPlace, i);
        const CampaignPlace *last = i > 0 ? &g_array_index(plan->places, CampaignPlace, i - 1) : NULL;
        if (last != NULL && g_str_equal(last->unit, place->unit) && g_str_equal(last->department, place->department))
            continue;
        g_autofree char *one = accounts_approver(
            call->database, place->unit, *place->department != '\0' ? place->department : NULL, plan->approver, error);
        if (one == NULL)
            return NULL;
        g_free(approver);
        approver = g_steal_pointer(&one);
    }
    const char *by = verb_by(call);
    if (g_ascii_strcasecmp(by, approver) != 0 && !accounts_officer_is_called(call->database, approver, by))
        return g_steal_pointer(&approver);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                "%s starts it and cannot approve it: nobody approves himself", approver);
    return NULL;
}

/* --- start ---------------------------------------------------------------------------------------------------- */

/* The years of the span whose holidays nobody has written down, by spaces. Gives. */
static char *
uncovered(const Plan *plan, const Workdays *calendar)
{
    GString *years = g_string_new(NULL);
    for (GDateYear year = g_date_get_year(&plan->from); year <= g_date_get_year(&plan->until); year++)
        if (!workdays_covers(calendar, year))
            g_string_append_printf(years, "%s%u", years->len > 0 ? " " : "", year);
    return g_string_free(years, FALSE);
}

static GArray *
plan_deadlines(Plan *plan, const Workdays *calendar, GError **error)
{
    guint waves = plan->waves > 0 ? campaign_plan_waves(plan->places, (guint)plan->waves)
                                  : campaign_plan_per_day(plan->places, (guint)plan->per_day);
    g_autoptr(GArray) days = workdays_between(calendar, &plan->from, &plan->until);
    GArray *deadlines = campaign_plan_deadlines(days, waves);
    if (deadlines == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    "%u waves need as many working days, after %d that people are given at least; from that day until "
                    "that day there are %u working days",
                    waves, CAMPAIGN_LEAD_DAYS, days->len);
    return deadlines;
}

static gboolean
add_members(const Plan *plan, gint64 campaign, const GArray *deadlines, GError **error)
{
    for (guint i = 0; i < plan->places->len; i++) {
        const CampaignPlace *place = &g_array_index(plan->places, CampaignPlace, i);
        const GDate *day = &g_array_index(deadlines, GDate, place->wave - 1);
        char text[WORKDAYS_TEXT];
        g_autofree char *over = clock_format(workdays_end_us(day));
        if (!campaigns_add(plan->call->database, campaign, place->account, place->wave, workdays_text(day, text), over,
                           error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
write_campaign(Plan *plan, Campaign *campaign, const GArray *deadlines, GError **error)
{
    const GDate *last = &g_array_index(deadlines, GDate, deadlines->len - 1);
    g_autofree char *over = clock_format(workdays_end_us(last));
    g_autofree char *note =
        g_strdup_printf("%s: %s; %u waves; %s", campaign->name, campaign->selection, deadlines->len, campaign->reason);
    json_t *fields = json_object();
    record_put_text(fields, "note", note);
    record_put_text(fields, "approver", campaign->approver);
    record_put_text(fields, "until", over);
    json_object_set_new(fields, "count", json_integer(plan->places->len));
    if (!campaigns_insert(plan->call->database, campaign, error) ||
        !add_members(plan, campaign->number, deadlines, error)) {
        json_decref(fields);
        return FALSE;
    }
    return campaign_finish(plan->call, campaign->name, "started", fields, error) &&
           campaign_answer(plan->call, campaign, TRUE, FALSE, error);
}

gboolean
campaign_start(VerbCall *call, GError **error)
{
    g_auto(Plan) plan = {.call = call};
    if (!verbs_login_need(error) || !take_arguments(&plan, error))
        return FALSE;
    plan.passwords = auth_policy_passwords(verbs_login_policy());
    g_autoptr(Workdays) calendar = workdays_load(call->settings->accounts_calendar, error);
    if (calendar == NULL || !choose_all(&plan, error))
        return FALSE;
    g_autofree char *approver = find_approver(&plan, error);
    g_autoptr(GArray) deadlines = approver != NULL ? plan_deadlines(&plan, calendar, error) : NULL;
    if (deadlines == NULL)
        return FALSE;
    char first[WORKDAYS_TEXT], last[WORKDAYS_TEXT];
    g_autoptr(Campaign) campaign = campaign_new();
    campaign->name = g_strdup(plan.name);
    campaign->reason = g_strdup(plan.reason);
    campaign->begins = g_strdup(workdays_text(&plan.from, first));
    campaign->ends = g_strdup(workdays_text(&plan.until, last));
    campaign->selection = selection(&plan);
    campaign->uncovered = uncovered(&plan, calendar);
    campaign->approver = g_steal_pointer(&approver);
    campaign->started = clock_format(call->now_us);
    campaign->started_by = g_strdup(verb_by(call));
    return write_campaign(&plan, campaign, deadlines, error);
}
