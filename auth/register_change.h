/* register_change - what all verbs that change an account share: read it, change it, write it with history and record.
 */
#pragma once
#include "accounts.h"
#include "verbs.h"

typedef struct {
    VerbCall *call;
    Account *account, *before; /* before: as it was; NULL of a new one */
    char *now;
    json_t *more;   /* what else changed, for the history: {"alias": "+x@unit.example"} */
    json_t *record; /* fields for the record */
} Change;
void change_clear(Change *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, change_clear)

/* Reads the account that the argument "account" names. */
gboolean change_open(Change *change, VerbCall *call, GError **error);
/* For a new account: account is empty, before NULL. */
void change_new(Change *change, VerbCall *call);
/* Notes in the history and for the record. */
void change_more(Change *change, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);
void change_record_text(Change *change, const char *field, const char *text);
void change_record_time(Change *change, const char *field, const char *time);
/* Has anything changed at all? */
gboolean change_is_real(const Change *change);
/* Writes the account, its history and the record, in this order, and answers with the account. "dry_run": only
 * answers. Without a real change: only answers. */
gboolean change_finish(Change *change, const char *event, GError **error);

/* The approver that the argument names: officer of this place, and neither owner, keeper, nor who asked for it. NULL
 * with error PERMISSION. Gives his address. */
char *change_approver(Change *change, const char *argument, GError **error);
/* Like accounts_get() for another account that an argument names. */
Account *change_other(const VerbCall *call, const char *argument, GError **error);
/* A time that an argument names: in the future and at most `days` away. Gives. */
char *change_until(const VerbCall *call, const char *argument, guint days, GError **error);
/* Puts "name_fault", "name_like" and "name_near" into the row, null if the user name is fine. Kinds service and
 * administrator are not looked at. */
gboolean change_name_check(const VerbCall *call, const Account *account, json_t *row, GError **error);
