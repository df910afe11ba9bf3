/* login_report - records of kind "login" and "password" summed up: by account, with departments.
 *
 * Numbers count events, not lines: a line may stand for several (field count). */
#pragma once
#include <glib.h>
#include <jansson.h>

typedef struct {
    char *account, *department; /* department "" if no record told one */
    guint64 good, failed, refused, locked, unlocked, changed, alerts;
    guint64 observed;       /* would have been refused */
    GHashTable *networks;   /* char *: of good logins: /24 or /48 */
    GHashTable *mechanisms; /* char * */
    char last_good[32];     /* a record's time; "": none */
} LoginCount;

typedef struct {
    GHashTable *accounts;  /* LoginCount by name */
    guint64 records, lost; /* of logins and passwords; events that were lost on the way to the ledger */
    char first[32], last[32];
} LoginReport;

void login_report_init(LoginReport *report);
void login_report_clear(LoginReport *report);
/* Takes one record of any kind; those of other kinds count nowhere. */
void login_report_add(LoginReport *report, const json_t *record);
/* LoginCount *, by department and account; lent by the report. Gives the array. */
GPtrArray *login_report_sorted(const LoginReport *report);
/* Sums of departments: LoginCount *, without networks and mechanisms. Gives. */
GPtrArray *login_report_departments(const LoginReport *report);
json_t *login_count_json(const LoginCount *count); /* gives a reference */
