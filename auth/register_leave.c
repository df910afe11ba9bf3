/* The verb leave: what the register does when somebody goes, and what it knows that people must do. */
#include "config.h"
#include "errors.h"
#include "register_change.h"
#include "register_verbs.h"
#include <string.h>

/* Years and months of the watch by role. */
static const struct {
    const char *role;
    gint years, months;
} watches[] = {{"core", 2, 0}, {"important", 1, 0}, {"ordinary", 0, 6}};

static char *
end_of_watch(const char *role, const char *left)
{
    g_autoptr(GDateTime) day = NULL;
    g_autofree char *midnight = g_strconcat(left, "T00:00:00Z", NULL);
    day = g_date_time_new_from_iso8601(midnight, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(watches) && day != NULL; i++) {
        if (!g_str_equal(watches[i].role, role))
            continue;
        g_autoptr(GDateTime) end = g_date_time_add_full(day, watches[i].years, watches[i].months, 0, 0, 0, 0);
        return g_date_time_format(end, "%Y-%m-%d");
    }
    return NULL;
}

static gboolean
set_leaving(Change *change, GError **error)
{
    const char *date, *role;
    Account *account = change->account;
    if (!verb_text(change->call, "date", FALSE, &date, error) || !verb_text(change->call, "role", FALSE, &role, error))
        return FALSE;
    g_autofree char *day = date != NULL                           ? account_field_read(ACCOUNT_LEFT, date, error)
                           : account->field[ACCOUNT_LEFT] != NULL ? g_strdup(account->field[ACCOUNT_LEFT])
                                                                  : g_strndup(change->now, strlen("2026-11-22"));
    if (role == NULL)
        role = account->field[ACCOUNT_ROLE] != NULL ? account->field[ACCOUNT_ROLE] : "ordinary";
    g_autofree char *kept = day != NULL ? account_field_read(ACCOUNT_ROLE, role, error) : NULL;
    if (kept == NULL)
        return FALSE;
    g_autofree char *until = end_of_watch(kept, day);
    account_set(account, ACCOUNT_LEFT, day);
    account_set(account, ACCOUNT_ROLE, kept);
    account_set(account, ACCOUNT_WATCHED_UNTIL, until);
    account_set(account, ACCOUNT_NEW_PASSWORD,
                account->field[ACCOUNT_NEW_PASSWORD] != NULL ? account->field[ACCOUNT_NEW_PASSWORD] : change->now);
    return account_is(account, ACCOUNT_STATE, "suspended") || account_is(account, ACCOUNT_STATE, "closed") ||
           accounts_move(account, "suspended", error);
}

/* Ends all delegations of these rows; the list of them. NULL with error. Gives. */
static json_t *
end_delegations(Change *change, const json_t *rows, gboolean given, GError **error)
{
    json_t *ended = json_array();
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *address = json_string_value(json_object_get(row, "address"));
        g_autoptr(Account) other = accounts_get(change->call->database, address, error);
        gint64 own = change->account->number;
        if (other == NULL || !accounts_delegate_remove(change->call->database, given ? own : other->number,
                                                       given ? other->number : own, error)) {
            json_decref(ended);
            return NULL;
        }
        json_array_append_new(ended, json_string(address));
    }
    return ended;
}

typedef struct {
    const Account *account;
    json_t *list;
} Kept;

static gboolean
note_kept(const Account *other, gpointer user, GError **error)
{
    const Kept *kept = user;
    const char *keeper = account_get(other, ACCOUNT_KEEPER);
    gboolean his = *keeper != '\0' && (g_str_equal(keeper, account_get(kept->account, ACCOUNT_ADDRESS)) ||
                                       g_str_equal(keeper, account_get(kept->account, ACCOUNT_OWNER)));
    if (his && other->number != kept->account->number && !account_is(other, ACCOUNT_STATE, "closed"))
        json_array_append_new(kept->list, json_string(account_get(other, ACCOUNT_ADDRESS)));
    return TRUE;
}

static gboolean
answer_item(Change *change, const char *item, const char *status, json_t *what, GError **error)
{
    return verb_answer(change->call, json_pack("{s:s, s:s, s:o}", "item", item, "status", status, "what", what), error);
}

static gboolean
answer_list(Change *change, json_t *ended, const json_t *aliases, GError **error)
{
    const AccountFilter all = {NULL};
    Kept kept = {change->account, json_array()};
    json_auto_t *owned = kept.list;
    if (!accounts_each(change->call->database, &all, note_kept, &kept, error))
        return FALSE;
    return answer_item(change, "account", "done", account_json(change->account), error) &&
           answer_item(change, "delegations", "done", json_incref(ended), error) &&
           answer_item(change, "aliases", json_array_size(aliases) > 0 ? "to-do" : "done", json_deep_copy(aliases),
                       error) &&
           answer_item(change, "shared-mailboxes", json_array_size(owned) > 0 ? "to-do" : "done", json_incref(owned),
                       error) &&
           answer_item(change, "watch", "done", json_string(account_get(change->account, ACCOUNT_WATCHED_UNTIL)),
                       error);
}

static gboolean
record_leaving(Change *change, const json_t *ended, GError **error)
{
    VerbCall *call = change->call;
    const char *address = account_get(change->account, ACCOUNT_ADDRESS);
    if (json_array_size(ended) > 0)
        json_object_set(change->more, "delegations_ended", (json_t *)ended);
    if (!change_is_real(change))
        return TRUE;
    change_record_text(change, "department", account_get(change->account, ACCOUNT_DEPARTMENT));
    g_autofree char *until = g_strconcat(account_get(change->account, ACCOUNT_WATCHED_UNTIL), "T00:00:00.000Z", NULL);
    change_record_time(change, "until", until);
    account_set(change->account, ACCOUNT_CHANGED, change->now);
    return accounts_update(call->database, change->account, error) &&
           accounts_note(call->database, change->account->number, address, change->now, call->actor, verb_by(call),
                         "leave", change->more, error) &&
           verb_record(call, "account", "left", address, change->record, error);
}

static gboolean
run_leave(VerbCall *call, GError **error)
{
    g_auto(Change) change = {0};
    json_auto_t *row = json_object(), *ended = NULL, *received = NULL;
    if (!change_open(&change, call, error) ||
        !accounts_describe(call->database, change.account, change.now, FALSE, row, error) ||
        !set_leaving(&change, error))
        return FALSE;
    ended = end_delegations(&change, json_object_get(row, "delegates"), TRUE, error);
    received = ended != NULL ? end_delegations(&change, json_object_get(row, "delegated"), FALSE, error) : NULL;
    if (received == NULL)
        return FALSE;
    json_array_extend(ended, received);
    return record_leaving(&change, ended, error) && answer_list(&change, ended, json_object_get(row, "aliases"), error);
}

const Verb register_leave[] = {
    {"leave", "account date role", TRUE, run_leave},
    {NULL, NULL, FALSE, NULL},
};
