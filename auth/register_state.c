/* The verbs that move an account from state to state: approve, open, suspend, resume, close, handover. */
#include "config.h"
#include "errors.h"
#include "register_change.h"
#include "register_verbs.h"
#include <string.h>

static gboolean
has_network(const Change *change, GError **error)
{
    json_auto_t *row = json_object();
    return accounts_describe(change->call->database, change->account, change->now, FALSE, row, error) &&
           json_array_size(json_object_get(row, "networks")) > 0;
}

/* What must be known before a leader can sign. */
static gboolean
can_be_approved(const Change *change, GError **error)
{
    const Account *account = change->account;
    const char *missing = NULL;
    GError *failed = NULL;
    if (account->field[ACCOUNT_OWNER] == NULL)
        missing = "owner";
    else if (account->field[ACCOUNT_PURPOSE] == NULL)
        missing = "purpose";
    else if (account_is(account, ACCOUNT_KIND, "unit") && account->field[ACCOUNT_KEEPER] == NULL)
        missing = "keeper";
    else if (account_is(account, ACCOUNT_KIND, "service") && !has_network(change, &failed) && failed == NULL)
        missing = "network";
    if (failed != NULL)
        g_propagate_error(error, failed);
    if (missing != NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "%s (%s) has no %s and cannot be approved; add it with: hangu account %s",
                    account_get(account, ACCOUNT_ADDRESS), account_get(account, ACCOUNT_KIND), missing,
                    g_str_equal(missing, "network") ? "network" : "set");
    return missing == NULL && failed == NULL;
}

/* The day of the approval: today, or the day on the paper. */
static gboolean
set_day(Change *change, GError **error)
{
    const char *text;
    if (!verb_text(change->call, "date", FALSE, &text, error))
        return FALSE;
    g_autofree char *day =
        text != NULL ? account_field_read(ACCOUNT_APPROVED, text, error) : g_strndup(change->now, strlen("2026-11-22"));
    if (day == NULL)
        return FALSE;
    if (strncmp(day, change->now, strlen(day)) > 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "date: %s is yet to come", day);
        return FALSE;
    }
    account_set(change->account, ACCOUNT_APPROVED, day);
    return TRUE;
}

static gboolean
run_approve(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    if (!change_open(&change, call, error))
        return FALSE;
    /* One that is in use while its approval is made up is open with it. */
    gboolean in_use = change.account->field[ACCOUNT_DEADLINE] != NULL;
    g_autofree char *approver = change_approver(&change, "approver", error);
    if (approver == NULL || !can_be_approved(&change, error) || !set_day(&change, error))
        return FALSE;
    account_set(change.account, ACCOUNT_APPROVER, approver);
    account_set(change.account, ACCOUNT_DEADLINE, NULL);
    change_record_text(&change, "approver", approver);
    if (!accounts_move(change.account, "approved", error) ||
        ((in_use || verb_flag(call, "open")) && !accounts_move(change.account, "open", error)))
        return FALSE;
    return change_finish(&change, "approved", error);
}

/* Moves with a reason. */
static gboolean
move(VerbCall *call, const char *state, const char *event, gboolean with_reason, GError **error)
{
    g_auto(Change) change = {0};
    const char *reason;
    if (!verb_text(call, "reason", with_reason, &reason, error) || !change_open(&change, call, error))
        return FALSE;
    if (account_is(change.account, ACCOUNT_STATE, state)) /* asked twice: nothing to do */
        return change_finish(&change, event, error);
    if (!accounts_move(change.account, state, error))
        return FALSE;
    change_record_text(&change, "note", reason);
    if (reason != NULL)
        change_more(&change, "reason", "%s", reason);
    return change_finish(&change, event, error);
}

static gboolean
run_open(VerbCall *call, GError **error)
{
    return move(call, "open", "opened", FALSE, error);
}

static gboolean
run_suspend(VerbCall *call, GError **error)
{
    return move(call, "suspended", "suspended", TRUE, error);
}

/* Whoever left does not come back by this door: his mailbox is handed over first. */
static gboolean
run_resume(VerbCall *call, GError **error)
{
    g_autoptr(Account) account = change_other(call, "account", error);
    if (account == NULL)
        return FALSE;
    if (account->field[ACCOUNT_LEFT] == NULL)
        return move(call, "open", "resumed", FALSE, error);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                "the owner of %s left on %s; hand it over first: hangu account handover",
                account_get(account, ACCOUNT_ADDRESS), account_get(account, ACCOUNT_LEFT));
    return FALSE;
}

static gboolean
run_close(VerbCall *call, GError **error)
{
    return move(call, "closed", "closed", TRUE, error);
}

/* A successor begins with a new password, a new commitment and new training. */
static gboolean
run_handover(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    const char *owner;
    if (!verb_text(call, "owner", TRUE, &owner, error) || !change_open(&change, call, error))
        return FALSE;
    g_autofree char *name = account_field_read(ACCOUNT_OWNER, owner, error);
    if (name == NULL)
        return FALSE;
    if (account_is(change.account, ACCOUNT_STATE, "closed") || account_is(change.account, ACCOUNT_OWNER, name)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "%s %s", account_get(change.account, ACCOUNT_ADDRESS),
                    account_is(change.account, ACCOUNT_STATE, "closed") ? "is closed: nobody takes it over"
                                                                        : "has this owner already");
        return FALSE;
    }
    account_set(change.account, ACCOUNT_OWNER, name); /* who approves must not be the new one either */
    g_autofree char *approver = change_approver(&change, "approver", error);
    if (approver == NULL)
        return FALSE;
    static const AccountField anew[] = {ACCOUNT_COMMITMENT, ACCOUNT_TRAINING, ACCOUNT_LEFT, ACCOUNT_WATCHED_UNTIL,
                                        ACCOUNT_ROLE};
    for (guint i = 0; i < G_N_ELEMENTS(anew); i++)
        account_set(change.account, anew[i], NULL);
    account_set(change.account, ACCOUNT_NEW_PASSWORD, change.now);
    change_record_text(&change, "approver", approver);
    change_more(&change, "approver", "%s", approver);
    return change_finish(&change, "handed-over", error);
}

const Verb register_state[] = {
    {"approve", "account approver date open", TRUE, run_approve},
    {"open", "account", TRUE, run_open},
    {"suspend", "account reason", TRUE, run_suspend},
    {"resume", "account reason", TRUE, run_resume},
    {"close", "account reason", TRUE, run_close},
    {"handover", "account owner approver", TRUE, run_handover},
    {NULL, NULL, FALSE, NULL},
};
