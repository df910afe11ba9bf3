/* sweep_year - a register with people whose passwords age while the test moves the clock: the real policy, passwords,
 * sweep and verbs, a ledger and a gate that remember what they are told. Time is UTC; day 0 is Monday, 2026-03-02,
 * 04:00. */
#pragma once
#include "auth_policy.h"
#include "fake_ledger.h"
#include "sweep.h"
#include <jansson.h>

#define YEAR_UNIT "江州市水务局"

typedef struct Year Year;
Year *year_new(void);
void year_free(Year *year);
/* Both clocks; the second: the wall clock alone, by so much wrong. */
void year_at(Year *year, double day);
void year_wrong_clock(Year *year, double days);
/* hangu-authd ends and begins again. */
void year_restart(Year *year);

/* An open account of YEAR_UNIT. */
void year_account(Year *year, const char *address, const char *department, const char *tier);
void year_log_in(Year *year, const char *address, const char *password, const char *mechanism);
/* Problems that the gate would be told. */
guint year_problems(Year *year, const char *address);
void year_sweep(Year *year);
/* One turn: more to do at once? */
gboolean year_turn(Year *year);

/* How many there are by now; NULL: any. */
guint year_records(Year *year, const char *event, const char *account, const char *reason);
const char *year_note(Year *year, const char *event); /* of the last such record */
guint year_notices(Year *year, const char *kind, const char *recipient);
/* A value of the last such notice. */
char *year_notice_value(Year *year, const char *kind, const char *name);

/* A call: 0 or the error's code; `said` (may be NULL) must be in its text. Rows lent until the next. */
int year_call(Year *year, const char *said, const char *format, ...) G_GNUC_PRINTF(3, 4);
const json_t *year_rows(const Year *year);
FakeLedger *year_ledger(const Year *year);
