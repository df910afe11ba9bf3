/* The verbs add, import and set: an account and its fields. */
#include "config.h"
#include "clock.h"
#include "errors.h"
#include "register_change.h"
#include "register_verbs.h"
#include <string.h>

#define PENDING_DAYS_MAX 366

/* Reads the settable fields that the call has; an empty text clears the field. */
static gboolean
read_fields(Change *change, GError **error)
{
    for (guint i = 0; i < ACCOUNT_FIELDS; i++) {
        const AccountFieldRow *row = account_field((AccountField)i);
        const char *text;
        if (!row->settable || (i == ACCOUNT_ADDRESS && change->before != NULL))
            continue;
        if (!verb_text(change->call, row->name, FALSE, &text, error))
            return FALSE;
        if (text == NULL)
            continue;
        g_autofree char *value = *text != '\0' ? account_field_read((AccountField)i, text, error) : g_strdup("");
        if (value == NULL)
            return FALSE;
        account_set(change->account, (AccountField)i, value);
    }
    return TRUE;
}

/* What an account cannot be without gets what is usual: a person, base, the unit of the domain. */
static gboolean
fill_in(Change *change, GError **error)
{
    Account *account = change->account;
    GError *failed = NULL;
    const char *at = strchr(account_get(account, ACCOUNT_ADDRESS), '@');
    if (at == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument address is missing");
        return FALSE;
    }
    if (account->field[ACCOUNT_KIND] == NULL)
        account_set(account, ACCOUNT_KIND, "person");
    if (account->field[ACCOUNT_TIER] == NULL)
        account_set(account, ACCOUNT_TIER, "base");
    if (account->field[ACCOUNT_UNIT] == NULL) {
        g_autofree char *unit = accounts_unit_of(change->call->database, at + 1, &failed);
        account_set(account, ACCOUNT_UNIT, unit);
    }
    if (failed != NULL)
        g_propagate_error(error, failed);
    return failed == NULL;
}

/* What the register must say of an account that somebody asks for. */
static gboolean
is_complete(const Account *account, GError **error)
{
    static const AccountField needed[] = {ACCOUNT_UNIT, ACCOUNT_OWNER, ACCOUNT_PURPOSE};
    for (guint i = 0; i < G_N_ELEMENTS(needed); i++)
        if (account->field[needed[i]] == NULL) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "%s: %s is missing; the register must have it",
                        account_get(account, ACCOUNT_ADDRESS), account_field(needed[i])->name);
            return FALSE;
        }
    return TRUE;
}

static gboolean
add_list(Change *change, const char *argument, gboolean (*add)(Database *, gint64, const char *, GError **),
         GError **error)
{
    const json_t *list = json_object_get(change->call->arguments, argument);
    gsize i;
    json_t *one;
    if (list != NULL && !json_is_array(list)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument %s is no list", argument);
        return FALSE;
    }
    json_array_foreach(list, i, one)
    {
        const char *text = json_string_value(one);
        if (text == NULL || !add(change->call->database, change->account->number, text, error)) {
            if (text == NULL)
                g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "argument %s is no list of texts", argument);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
insert(Change *change, const char *source, GError **error)
{
    Account *account = change->account;
    account_set(account, ACCOUNT_STATE, "requested");
    account_set(account, ACCOUNT_REQUESTED, change->now);
    account_set(account, ACCOUNT_REQUESTED_BY, verb_by(change->call));
    account_set(account, ACCOUNT_SOURCE, source);
    return accounts_insert(change->call->database, account, error) &&
           add_list(change, "aliases", accounts_alias_add, error) &&
           add_list(change, "networks", accounts_network_add, error);
}

/* A name of the unit's needs a reason in the field note. */
static gboolean
name_is_fine(Change *change, GError **error)
{
    json_auto_t *row = json_object();
    if (!change_name_check(change->call, change->account, row, error))
        return FALSE;
    const char *like = json_string_value(json_object_get(row, "name_like"));
    if (like == NULL || change->account->field[ACCOUNT_NOTE] != NULL)
        return TRUE;
    g_set_error(
        error, HANGU_ERROR, HANGU_ERROR_DATA,
        "%s: a user name must not be the unit's (it is, or is one letter from, %s): choose another, or give the "
        "reason in --note",
        account_get(change->account, ACCOUNT_ADDRESS), like);
    return FALSE;
}

static gboolean
run_add(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    change_new(&change, call);
    return read_fields(&change, error) && fill_in(&change, error) && is_complete(change.account, error) &&
           insert(&change, "add", error) && name_is_fine(&change, error) && change_finish(&change, "requested", error);
}

/* --- import -------------------------------------------------------------------------------------------------- */

/* An approval from before Hangu, taken over with its date: by an officer, as for any other. */
static gboolean
take_approval(Change *change, GError **error)
{
    const char *date;
    if (!verb_text(change->call, "approved", TRUE, &date, error))
        return FALSE;
    g_autofree char *day = account_field_read(ACCOUNT_APPROVED, date, error);
    g_autofree char *approver = day != NULL ? change_approver(change, "approver", error) : NULL;
    if (approver == NULL || !is_complete(change->account, error))
        return FALSE;
    if (strncmp(day, change->now, strlen(day)) > 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "approved: %s is yet to come", day);
        return FALSE;
    }
    account_set(change->account, ACCOUNT_APPROVER, approver);
    account_set(change->account, ACCOUNT_APPROVED, day);
    account_set(change->account, ACCOUNT_DEADLINE, NULL);
    change_record_text(change, "approver", approver);
    if (account_is(change->account, ACCOUNT_STATE, "requested"))
        account_set(change->account, ACCOUNT_STATE, "approved");
    return !account_is(change->account, ACCOUNT_STATE, "approved") || accounts_move(change->account, "open", error);
}

static gboolean
set_deadline(Change *change, GError **error)
{
    g_autofree char *deadline = change_until(change->call, "deadline", PENDING_DAYS_MAX, error);
    account_set(change->account, ACCOUNT_DEADLINE, deadline);
    change_record_time(change, "until", deadline);
    return deadline != NULL;
}

/* One that is in the register already gets the fields of the call; its state stays. */
static gboolean
open_or_insert(Change *change, GError **error)
{
    const char *address, *source;
    if (!verb_text(change->call, "address", TRUE, &address, error) ||
        !verb_text(change->call, "source", FALSE, &source, error))
        return FALSE;
    g_autoptr(Account) known = NULL;
    if (accounts_find(change->call->database, address, &known, error) < 0)
        return FALSE;
    if (known == NULL)
        return read_fields(change, error) && fill_in(change, error) &&
               insert(change, g_strcmp0(source, "discover") == 0 ? source : "import", error);
    account_free(change->account);
    change->account = g_steal_pointer(&known);
    change->before = account_copy(change->account);
    return read_fields(change, error);
}

static gboolean
run_import(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    const char *approver;
    change_new(&change, call);
    if (!open_or_insert(&change, error) || !verb_text(call, "approver", FALSE, &approver, error))
        return FALSE;
    if (approver != NULL && *approver != '\0' && change.account->field[ACCOUNT_APPROVER] == NULL) {
        if (!take_approval(&change, error))
            return FALSE;
    } else if (change.before == NULL && !set_deadline(&change, error)) {
        return FALSE;
    }
    return change_finish(&change, change.before == NULL ? "imported" : "changed", error);
}

static gboolean
run_set(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    return change_open(&change, call, error) && read_fields(&change, error) && change_finish(&change, "changed", error);
}

#define FIELDS "kind unit department owner keeper purpose tier group role commitment training note"
const Verb register_add[] = {
    {"add", "address aliases networks " FIELDS, TRUE, run_add},
    {"import", "address aliases networks deadline approver approved source " FIELDS, TRUE, run_import},
    {"set", "account " FIELDS, TRUE, run_set},
    {NULL, NULL, FALSE, NULL},
};
