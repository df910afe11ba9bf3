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
add_exception(Change *change, const char *problem, const char *to, GError **error)
{
    const char *reason;
    if (!verb_text(change->call, "reason", TRUE, &reason, error))
        return FALSE;
    g_autofree char *until = change_until(change->call, "until", EXCEPTION_DAYS_MAX, error);
    g_autofree char *approver = until != NULL ? change_approver(change, "approver", error) : NULL;
    if (approver == NULL || !accounts_exception_add(change->call->database, change->account->number, problem, to,
                                                    approver, reason, until, error))
        return FALSE;
    change_record_text(change, "approver", approver);
    change_record_time(change, "until", until);
    change_more(change, "exception", "+%s%s%s until %s, approved by %s: %s", problem, *to != '\0' ? " to " : "", to,
                until, approver, reason);
    return TRUE;
}

/* The problem, which is auto-forward where a destination is named; to_out: as the register keeps it. */
static gboolean
read_exception(const VerbCall *call, const char **problem_out, char **to_out, GError **error)
{
    const char *to;
    if (!verb_text(call, "to", FALSE, &to, error) ||
        !verb_text(call, "problem", to == NULL || *to == '\0', problem_out, error))
        return FALSE;
    if (*problem_out == NULL || **problem_out == '\0')
        *problem_out = account_problem_word(PROBLEM_AUTO_FORWARD);
    *to_out = accounts_destination(to != NULL ? to : "", error);
    return *to_out != NULL;
}

static gboolean
run_exception(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    const char *problem;
    g_autofree char *to = NULL;
    gboolean away = verb_flag(call, "remove");
    if (!read_exception(call, &problem, &to, error) || !change_open(&change, call, error))
        return FALSE;
    if (away ? !accounts_exception_remove(call->database, change.account->number, problem, to, error)
             : !add_exception(&change, problem, to, error))
        return FALSE;
    g_autofree char *what = g_strdup_printf("%s%s%s", problem, *to != '\0' ? " to " : "", to);
    if (away)
        change_more(&change, "exception", "-%s", what);
    change_record_text(&change, "note", what);
    return change_finish(&change, away ? "exception-ended" : "excepted", error);
}

const Verb register_links[] = {
    {"alias", "account alias remove", TRUE, run_alias},
    {"network", "account network remove", TRUE, run_network},
    {"delegate", "account delegate approver until remove", TRUE, run_delegate},
    {"exception", "account problem to approver reason until remove", TRUE, run_exception},
    {NULL, NULL, FALSE, NULL},
};
