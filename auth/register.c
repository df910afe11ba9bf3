/* The verbs of the register that only read: list, show. */
#include "config.h"
#include "accounts.h"
#include "clock.h"
#include "errors.h"
#include "name_checks.h"
#include "verbs_tables.h"

typedef struct {
    VerbCall *call;
    char *now;
    NameChecks *names; /* NULL: not asked for */
} Listing;

static gboolean
index_name(const Account *account, gpointer user, GError **error)
{
    name_checks_add(user, account);
    return TRUE;
}

static gboolean
answer_account(const Account *account, gpointer user, GError **error)
{
    const Listing *listing = user;
    json_auto_t *row = account_json(account);
    if (listing->names != NULL && !name_checks_put(listing->names, account, row, error))
        return FALSE;
    return accounts_describe(listing->call->database, account, listing->now, FALSE, row, error) &&
           verb_answer(listing->call, json_incref(row), error);
}

static gboolean
run_list(VerbCall *call, GError **error)
{
    AccountFilter filter = {.pending = verb_flag(call, "pending")};
    const AccountFilter all = {NULL};
    g_autofree char *now = clock_format(call->now_us);
    g_autoptr(NameChecks) names = verb_flag(call, "names") ? name_checks_new(call->database) : NULL;
    Listing listing = {call, now, names};
    return verb_text(call, "state", FALSE, &filter.state, error) &&
           verb_text(call, "kind", FALSE, &filter.kind, error) && verb_text(call, "unit", FALSE, &filter.unit, error) &&
           verb_text(call, "department", FALSE, &filter.department, error) &&
           verb_text(call, "text", FALSE, &filter.text, error) &&
           (names == NULL || accounts_each(call->database, &all, index_name, names, error)) &&
           accounts_each(call->database, &filter, answer_account, &listing, error);
}

static gboolean
run_show(VerbCall *call, GError **error)
{
    const char *name;
    if (!verb_text(call, "account", TRUE, &name, error))
        return FALSE;
    g_autofree char *now = clock_format(call->now_us);
    g_autoptr(Account) account = accounts_get(call->database, name, error);
    if (account == NULL)
        return FALSE;
    json_auto_t *row = account_json(account);
    return accounts_describe(call->database, account, now, TRUE, row, error) &&
           verb_answer(call, json_incref(row), error);
}

const Verb verbs_register[] = {
    {"list", "state kind unit department text pending names", FALSE, run_list},
    {"show", "account", FALSE, run_show},
    {NULL, NULL, FALSE, NULL},
};
