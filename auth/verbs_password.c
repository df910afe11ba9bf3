/* What hangu-authd is told of passwords by those who change them: never one, nor a hash of one. */
#include "config.h"
#include "accounts.h"
#include "record.h"
#include "verbs.h"
#include "verbs_tables.h"

/* A password was replaced by `hangu passwd`; its age is known when it is first used. */
static gboolean
run_changed(VerbCall *call, GError **error)
{
    const char *name;
    if (!verb_text(call, "account", TRUE, &name, error))
        return FALSE;
    g_autoptr(Account) account = accounts_get(call->database, name, error);
    if (account == NULL)
        return FALSE;
    const char *address = account_get(account, ACCOUNT_ADDRESS);
    json_auto_t *fields = json_object();
    record_put_word(fields, "tier", account_get(account, ACCOUNT_TIER));
    return verb_record(call, "password", "changed", address, fields, error) &&
           verb_answer(call, json_pack("{s:s}", "account", address), error);
}

const Verb verbs_password[] = {
    {"password.changed", "account", TRUE, run_changed},
    {NULL, NULL, FALSE, NULL},
};
