/* One change: account, history, record, answer. */
#include "config.h"
#include "register_change.h"
#include "clock.h"
#include "errors.h"
#include "name_checks.h"
#include "record.h"
#include <string.h>

void
change_clear(Change *change)
{
    account_free(change->account);
    account_free(change->before);
    g_free(change->now);
    json_decref(change->more);
    json_decref(change->record);
}

static void
start(Change *change, VerbCall *call)
{
    change->call = call;
    change->now = clock_format(call->now_us);
    change->more = json_object();
    change->record = json_object();
}

gboolean
change_open(Change *change, VerbCall *call, GError **error)
{
    start(change, call);
    change->account = change_other(call, "account", error);
    if (change->account != NULL)
        change->before = account_copy(change->account);
    return change->account != NULL;
}

void
change_new(Change *change, VerbCall *call)
{
    start(change, call);
    change->account = account_new();
}

Account *
change_other(const VerbCall *call, const char *argument, GError **error)
{
    const char *name;
    return verb_text(call, argument, TRUE, &name, error) ? accounts_get(call->database, name, error) : NULL;
}

void
change_more(Change *change, const char *name, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *text = g_strdup_vprintf(format, values);
    va_end(values);
    json_object_set_new(change->more, name, json_string(text));
}

void
change_record_text(Change *change, const char *field, const char *text)
{
    record_put_text(change->record, field, text != NULL && *text != '\0' ? text : NULL);
}

void
change_record_time(Change *change, const char *field, const char *time)
{
    if (time != NULL && record_is_time(time))
        json_object_set_new(change->record, field, json_string(time));
}

/* {"owner": ["张伟", "李强"]}: what was, what is. Gives. */
static json_t *
differences(const Change *change)
{
    json_t *out = json_deep_copy(change->more);
    for (guint i = 0; i < ACCOUNT_FIELDS; i++) {
        const char *was = change->before != NULL ? account_get(change->before, (AccountField)i) : "";
        const char *is = account_get(change->account, (AccountField)i);
        if (i != ACCOUNT_CHANGED && !g_str_equal(was, is))
            json_object_set_new(out, account_field((AccountField)i)->name, json_pack("[ss]", was, is));
    }
    return out;
}

gboolean
change_is_real(const Change *change)
{
    json_auto_t *what = differences(change);
    return json_object_size(what) > 0;
}

static gboolean
write_change(Change *change, const char *event, GError **error)
{
    VerbCall *call = change->call;
    const char *verb = json_string_value(json_object_get(call->arguments, "verb"));
    const char *address = account_get(change->account, ACCOUNT_ADDRESS);
    json_auto_t *what = differences(change);
    account_set(change->account, ACCOUNT_CHANGED, change->now);
    change_record_text(change, "department", account_get(change->account, ACCOUNT_DEPARTMENT));
    record_put_word(change->record, "tier", change->account->field[ACCOUNT_TIER]);
    return accounts_update(call->database, change->account, error) &&
           accounts_note(call->database, change->account->number, address, change->now, call->actor, verb_by(call),
                         verb, what, error) &&
           verb_record(call, "account", event, address, change->record, error);
}

gboolean
change_finish(Change *change, const char *event, GError **error)
{
    VerbCall *call = change->call;
    gboolean real = change_is_real(change);
    if (real && !verb_flag(call, "dry_run") && !write_change(change, event, error))
        return FALSE;
    if (call->brief)
        return TRUE;
    json_auto_t *row = account_json(change->account);
    json_object_set_new(row, "event", real ? json_string(event) : json_null());
    return accounts_describe(call->database, change->account, change->now, FALSE, row, error) &&
           (change->before != NULL || change_name_check(call, change->account, row, error)) &&
           verb_answer(call, json_incref(row), error);
}

/* --- approval ------------------------------------------------------------------------------------------------ */

/* Whether a text of the register (an address or a name) means the officer of this address. */
static gboolean
means(const VerbCall *call, const char *text, const char *officer)
{
    if (*text == '\0')
        return FALSE;
    return g_ascii_strcasecmp(text, officer) == 0 || accounts_officer_is_called(call->database, officer, text);
}

static gboolean
owns_account(const VerbCall *call, const Account *account, const char *officer)
{
    g_autoptr(Account) own = NULL;
    return accounts_find(call->database, officer, &own, NULL) == 1 && own->number == account->number;
}

char *
change_approver(Change *change, const char *argument, GError **error)
{
    const char *person;
    const Account *account = change->account;
    if (!verb_text(change->call, argument, TRUE, &person, error))
        return NULL;
    g_autofree char *officer = accounts_approver(change->call->database, account_get(account, ACCOUNT_UNIT),
                                                 account->field[ACCOUNT_DEPARTMENT], person, error);
    if (officer == NULL)
        return NULL;
    static const struct {
        AccountField field;
        const char *what;
    } selves[] = {
        {ACCOUNT_OWNER, "its owner"}, {ACCOUNT_KEEPER, "its keeper"}, {ACCOUNT_REQUESTED_BY, "who asked for it"}};
    const char *self = owns_account(change->call, account, officer) ? "its user" : NULL;
    for (guint i = 0; i < G_N_ELEMENTS(selves) && self == NULL; i++)
        if (means(change->call, account_get(account, selves[i].field), officer))
            self = selves[i].what;
    if (self == NULL)
        return g_steal_pointer(&officer);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                "%s is %s and cannot approve %s: nobody approves himself; ask the deputy or the unit's leader", officer,
                self, account_get(account, ACCOUNT_ADDRESS));
    return NULL;
}

char *
change_until(const VerbCall *call, const char *argument, guint days, GError **error)
{
    const char *text;
    gint64 when_us, most_us = call->now_us + (gint64)days * G_TIME_SPAN_DAY;
    if (!verb_text(call, argument, TRUE, &text, error) || !clock_parse(text, &when_us, error))
        return NULL;
    if (when_us > call->now_us && when_us <= most_us)
        return clock_format(when_us);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "%s: %s is not between now and %u days from now", argument, text,
                days);
    return NULL;
}

/* --- user names ---------------------------------------------------------------------------------------------- */

static gboolean
add_name(const Account *other, gpointer user, GError **error)
{
    name_checks_add(user, other);
    return TRUE;
}

/* In a batch all names are indexed once; comparing each with each would take minutes for ten thousand. */
static gboolean
index_names(const VerbCall *call, const Account *account, GError **error)
{
    if (*call->names != NULL) {
        name_checks_add(*call->names, account);
        return TRUE;
    }
    *call->names = name_checks_new(call->database);
    return accounts_each_name(call->database, add_name, *call->names, error);
}

gboolean
change_name_check(const VerbCall *call, const Account *account, json_t *row, GError **error)
{
    if (call->names != NULL)
        return index_names(call, account, error) && name_checks_put(*call->names, account, row, error);
    g_autoptr(NameChecks) names = name_checks_new_for(call->database, account);
    return accounts_each_name(call->database, add_name, names, error) && name_checks_put(names, account, row, error);
}
