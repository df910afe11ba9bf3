/* The verbs alias, network, delegate and exception. */
#include "config.h"
#include "errors.h"
#include "register_change.h"
#include "register_verbs.h"

#define DELEGATE_DAYS_MAX 366
#define EXCEPTION_DAYS_MAX 366

typedef gboolean (*LinkFunction)(Database *, gint64, const char *, GError **);

/* An alias or a network: added, or with "remove" taken away. */
static gboolean
change_link(VerbCall *call, const char *name, LinkFunction add, LinkFunction take, GError **error)
{
    g_auto(Change) change = {0};
    const char *value;
    gboolean away = verb_flag(call, "remove");
    if (!verb_text(call, name, TRUE, &value, error) || !change_open(&change, call, error))
        return FALSE;
    if (!(away ? take : add)(call->database, change.account->number, value, error))
        return FALSE;
    change_more(&change, name, "%c%s", away ? '-' : '+', value);
    g_autofree char *note = g_strdup_printf("%c%s", away ? '-' : '+', value);
    change_record_text(&change, "note", note);
    g_autofree char *event = g_strdup_printf("%s-%s", name, away ? "removed" : "added");
    return change_finish(&change, event, error);
}

static gboolean
run_alias(VerbCall *call, GError **error)
{
    return change_link(call, "alias", accounts_alias_add, accounts_alias_remove, error);
}

static gboolean
run_network(VerbCall *call, GError **error)
{
    return change_link(call, "network", accounts_network_add, accounts_network_remove, error);
}

static gboolean
add_delegate(Change *change, const Account *delegate, GError **error)
{
    g_autofree char *until = change_until(change->call, "until", DELEGATE_DAYS_MAX, error);
    g_autofree char *approver = until != NULL ? change_approver(change, "approver", error) : NULL;
    if (approver == NULL)
        return FALSE;
    if (g_str_equal(approver, account_get(delegate, ACCOUNT_ADDRESS))) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, "%s cannot approve that he sends for others himself",
                    approver);
        return FALSE;
    }
    change_record_text(change, "approver", approver);
    change_record_time(change, "until", until);
    change_more(change, "delegate", "+%s until %s, approved by %s", account_get(delegate, ACCOUNT_ADDRESS), until,
                approver);
    return accounts_delegate_add(change->call->database, change->account->number, delegate->number, approver,
                                 change->now, until, error);
}

static gboolean
run_delegate(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    if (!change_open(&change, call, error))
        return FALSE;
    g_autoptr(Account) delegate = change_other(call, "delegate", error);
    if (delegate == NULL)
        return FALSE;
    change_record_text(&change, "note", account_get(delegate, ACCOUNT_ADDRESS));
    if (!verb_flag(call, "remove"))
        return add_delegate(&change, delegate, error) && change_finish(&change, "delegated", error);
    if (!accounts_delegate_remove(call->database, change.account->number, delegate->number, error))
        return FALSE;
    change_more(&change, "delegate", "-%s", account_get(delegate, ACCOUNT_ADDRESS));
    return change_finish(&change, "delegation-ended", error);
}

static gboolean
add_exception(Change *change, const char *problem, GError **error)
{
    const char *reason;
    if (!verb_text(change->call, "reason", TRUE, &reason, error))
        return FALSE;
    g_autofree char *until = change_until(change->call, "until", EXCEPTION_DAYS_MAX, error);
    g_autofree char *approver = until != NULL ? change_approver(change, "approver", error) : NULL;
    if (approver == NULL || !accounts_exception_add(change->call->database, change->account->number, problem, approver,
                                                    reason, until, error))
        return FALSE;
    change_record_text(change, "approver", approver);
    change_record_time(change, "until", until);
    change_more(change, "exception", "+%s until %s, approved by %s: %s", problem, until, approver, reason);
    return TRUE;
}

static gboolean
run_exception(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    const char *problem;
    gboolean away = verb_flag(call, "remove");
    if (!verb_text(call, "problem", TRUE, &problem, error) || !change_open(&change, call, error))
        return FALSE;
    if (away ? !accounts_exception_remove(call->database, change.account->number, problem, error)
             : !add_exception(&change, problem, error))
        return FALSE;
    if (away)
        change_more(&change, "exception", "-%s", problem);
    change_record_text(&change, "note", problem);
    return change_finish(&change, away ? "exception-ended" : "excepted", error);
}

const Verb register_links[] = {
    {"alias", "account alias remove", TRUE, run_alias},
    {"network", "account network remove", TRUE, run_network},
    {"delegate", "account delegate approver until remove", TRUE, run_delegate},
    {"exception", "account problem approver reason until remove", TRUE, run_exception},
    {NULL, NULL, FALSE, NULL},
};
