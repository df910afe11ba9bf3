/* The verbs of campaigns: campaign.start, campaign.except, campaign.list, campaign.show, campaign.stop. */
#include "config.h"
#include "campaign_verbs.h"
#include "campaign_show.h"
#include "campaigns.h"
#include "clock.h"
#include "errors.h"
#include "record.h"
#include "register_change.h"
#include "verbs_tables.h"

#define EXCEPT_DAYS_MAX 366

/* History and record of what was done with a campaign; takes the fields. */
gboolean
campaign_finish(VerbCall *call, const char *name, const char *reason, json_t *fields, GError **error)
{
    json_auto_t *record = fields;
    g_autofree char *now = clock_format(call->now_us);
    const char *verb = json_string_value(json_object_get(call->arguments, "verb"));
    record_put_word(record, "reason", reason);
    return accounts_note(call->database, 0, name, now, call->actor, verb_by(call), verb, call->arguments, error) &&
           verb_record(call, "password", "campaign", "-", record, error);
}

static gboolean
except_member(Change *change, gint64 campaign, const char *reason, GError **error)
{
    const VerbCall *call = change->call;
    g_autofree char *until = change_until(call, "until", EXCEPT_DAYS_MAX, error);
    g_autofree char *approver = until != NULL ? change_approver(change, "approver", error) : NULL;
    if (approver == NULL)
        return FALSE;
    const char *address = account_get(change->account, ACCOUNT_ADDRESS), *verb = "campaign.except";
    gint64 count = campaigns_except(call->database, campaign, change->account->number, until, approver, reason, error);
    if (count == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT,
                    "%s is in no campaign that runs, or has changed its password already", address);
    if (count <= 0)
        return FALSE;
    json_auto_t *fields = json_object();
    record_put_word(fields, "reason", "excepted");
    record_put_text(fields, "note", reason);
    record_put_text(fields, "approver", approver);
    record_put_text(fields, "until", until);
    return accounts_note(call->database, change->account->number, address, change->now, call->actor, verb_by(call),
                         verb, call->arguments, error) &&
           verb_record(change->call, "password", "campaign", address, fields, error) &&
           verb_answer(change->call,
                       json_pack("{s:s, s:s, s:s, s:I}", "account", address, "excepted_until", until, "excepted_by",
                                 approver, "campaigns", (json_int_t)count),
                       error);
}

static gboolean
run_except(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    const char *name, *reason;
    if (!verb_text(call, "campaign", FALSE, &name, error) || !verb_text(call, "reason", TRUE, &reason, error) ||
        !change_open(&change, call, error))
        return FALSE;
    g_autoptr(Campaign) campaign = name != NULL ? campaigns_get(call->database, name, error) : NULL;
    return (name == NULL || campaign != NULL) &&
           except_member(&change, campaign != NULL ? campaign->number : 0, reason, error);
}

static gboolean
run_list(VerbCall *call, GError **error)
{
    g_autoptr(GPtrArray) all = campaigns_all(call->database, error);
    for (guint i = 0; all != NULL && i < all->len; i++)
        if (!campaign_answer(call, g_ptr_array_index(all, i), FALSE, FALSE, error))
            return FALSE;
    return all != NULL;
}

static gboolean
run_show(VerbCall *call, GError **error)
{
    const char *name;
    if (!verb_text(call, "name", TRUE, &name, error))
        return FALSE;
    g_autoptr(Campaign) campaign = campaigns_get(call->database, name, error);
    return campaign != NULL && campaign_answer(call, campaign, TRUE, verb_flag(call, "members"), error);
}

static gboolean
run_stop(VerbCall *call, GError **error)
{
    const char *name, *reason;
    if (!verb_text(call, "name", TRUE, &name, error) || !verb_text(call, "reason", TRUE, &reason, error))
        return FALSE;
    g_autoptr(Campaign) campaign = campaigns_get(call->database, name, error);
    if (campaign == NULL)
        return FALSE;
    if (campaign->stopped != NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "campaign %s was stopped on %s already", name,
                    campaign->stopped);
        return FALSE;
    }
    campaign->stopped = clock_format(call->now_us);
    campaign->stopped_by = g_strdup(verb_by(call));
    campaign->stop_reason = g_strdup(reason);
    json_t *fields = json_object();
    g_autofree char *note = g_strdup_printf("%s: %s", name, reason);
    record_put_text(fields, "note", note);
    return campaigns_stop(call->database, campaign->number, campaign->stopped, campaign->stopped_by, reason, error) &&
           campaign_finish(call, name, "stopped", fields, error) &&
           campaign_answer(call, campaign, FALSE, FALSE, error);
}

const Verb verbs_campaign[] = {
    {"campaign.start", "name reason from until departments unit group weak older_than waves per_day approver", TRUE,
     campaign_start},
    {"campaign.except", "account campaign reason until approver", TRUE, run_except},
    {"campaign.list", "", FALSE, run_list},
    {"campaign.show", "name members", FALSE, run_show},
    {"campaign.stop", "name reason", TRUE, run_stop},
    {NULL, NULL, FALSE, NULL},
};
