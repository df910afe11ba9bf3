/* password_report - register, knowledge of passwords and locks together: who is weak, old, locked, dormant,
 * unregistered.
 *
 * A pure function of what hangu-authd answers to list, passwords and locks, and of the time. What is not known is told
 * as that: never logged in, waiting to be tried, a mechanism that shows no password, an age that began
 * before the first sight. */
#pragma once
#include <glib.h>
#include <jansson.h>

typedef enum {
    REPORT_WEAK = 1 << 0,
    REPORT_OLD = 1 << 1,          /* older than its tier allows, or to be changed since a hand-over */
    REPORT_LOCKED = 1 << 2,       /* an officer or time must open a lock */
    REPORT_DORMANT = 1 << 3,      /* open, and no login for so many days */
    REPORT_NEVER = 1 << 4,        /* open, and no login was ever seen */
    REPORT_UNREGISTERED = 1 << 5, /* logs in and is not in the register, or there without approval */
    REPORT_CLOSED = 1 << 6,       /* suspended or closed, and logged in since */
} ReportProblem;
#define REPORT_PROBLEMS 7

typedef enum { KNOWN_TRIED, KNOWN_WAITING, KNOWN_UNCHECKABLE, KNOWN_NEVER, KNOWINGS } ReportKnown;

typedef struct {
    const json_t *account;                   /* row of the register; NULL: unregistered; lent */
    const json_t *password;                  /* row of passwords; NULL: never seen; lent */
    const char *address, *unit, *department; /* "" if unknown; lent */
    guint problems;                          /* ReportProblem bits */
    ReportKnown known;
    int age_days;          /* of the password, -1 unknown */
    gboolean age_at_least; /* it may be older */
    int idle_days;         /* since the last login, -1 never */
} ReportRow;

typedef struct {
    const char *unit, *department;
    guint accounts, problems[REPORT_PROBLEMS], known[KNOWINGS];
} ReportGroup;

typedef struct {
    GArray *rows;   /* ReportRow, problems first, then by unit, department, address */
    GArray *groups; /* ReportGroup, by unit and department */
    ReportGroup all;
} PasswordReport;

/* Arrays of rows as hangu-authd gives them, which must outlive the report; dormant_days: 1 and more. Closed accounts
 * without a login count nowhere. */
void password_report_make(PasswordReport *report, const json_t *accounts, const json_t *passwords, const json_t *locks,
                          int dormant_days, gint64 now_us);
void password_report_clear(PasswordReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PasswordReport, password_report_clear)

const char *report_problem_word(guint index);     /* "weak" ... of the bit 1 << index; lends */
const char *report_known_word(ReportKnown known); /* "tried", "waiting", "uncheckable", "never"; lends */
/* One account, for --json. Gives a reference. */
json_t *password_report_row_json(const ReportRow *row);
/* A department's or the whole's counts. Gives a reference. */
json_t *password_report_group_json(const ReportGroup *group);
