/* Campaigns: who starts one, when its waves end, who has changed, who is over his day, who is excepted. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "sweep_year.h"
#include "workdays.h"
#include <string.h>

#define LI "li@unit.example"
#define WU "wu@unit.example"
#define SUN "sun@unit.example"
#define QIAN "qian@unit.example"
/* 2026-03-16 to 2026-05-15: over 清明 and 劳动节 */
#define START_WITH(more)                                                                                            \
    "{\"verb\": \"campaign.start\", \"name\": \"spring\", \"reason\": \"年度更换\", \"from\": \"2026-03-16\", " \
    "\"until\": \"2026-05-15\", \"approver\": \"ju@unit.example\", \"by\": \"王刚\"" more "}"

static int
start(void **state)
{
    Year *year = year_new();
    year_account(year, LI, "办公室", "base");
    year_account(year, WU, "办公室", "base");
    year_account(year, SUN, "财务科", "base");
    year_account(year, QIAN, "财务科", "base");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_log_in(year, WU, "right-Kx7", "PLAIN");
    year_log_in(year, SUN, "right-Kx7", "PLAIN");
    *state = year;
    return 0;
}

static int
stop(void **state)
{
    year_free(*state);
    return 0;
}

static const json_t *
row(const Year *year, gsize index)
{
    return json_array_get(year_rows(year), index);
}

static const char *
text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL ? value : "";
}

/* The state of a member, as `campaign.show` tells it. */
static const char *
state_of(Year *year, const char *address)
{
    gsize i;
    const json_t *one;
    assert_int_equal(year_call(year, NULL, "{\"verb\": \"campaign.show\", \"name\": \"spring\", \"members\": true}"),
                     0);
    json_array_foreach(year_rows(year), i, one) if (strcmp(text(one, "account"), address) == 0) return text(one,
                                                                                                            "state");
    return "no member";
}

static void
test_start_needs_an_approver_who_is_another(void **state)
{
    Year *year = *state;
    guint before = year_records(year, "campaign", NULL, NULL);
    assert_int_equal(year_call(year, "may approve",
                               "{\"verb\": \"campaign.start\", \"name\": \"x\", \"reason\": \"r\", \"from\": "
                               "\"2026-03-16\", \"until\": \"2026-05-15\", \"waves\": 1, \"approver\": \"" LI "\"}"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(year_call(year, "nobody approves himself",
                               "{\"verb\": \"campaign.start\", \"name\": \"x\", \"reason\": \"r\", \"from\": "
                               "\"2026-03-16\", \"until\": \"2026-05-15\", \"waves\": 1, \"approver\": "
                               "\"ju@unit.example\", \"by\": \"局长\"}"),
                     HANGU_ERROR_PERMISSION);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 2, \"dry_run\": true")), 0);
    assert_int_equal(json_array_size(year_rows(year)), 3);
    assert_int_equal(year_records(year, "campaign", NULL, NULL), before);
    assert_int_equal(year_call(year, "no campaign", "{\"verb\": \"campaign.show\", \"name\": \"spring\"}"),
                     HANGU_ERROR_NO_INPUT);
}

static void
test_start_refuses_what_makes_no_sense(void **state)
{
    Year *year = *state;
    static const struct {
        const char *from, *until, *more, *said;
    } cases[] = {
        {"2026-02-01", "2026-05-15", "\"waves\": 1", "is over"},
        {"2026-03-16", "2026-03-16", "\"waves\": 1", "ends after"},
        {"2026-03-16", "2028-03-16", "\"waves\": 1", "within a year"},
        {"2026-03-16", "2026-05-15", "\"waves\": 0", "number"},
        {"2026-03-16", "2026-05-15", "\"waves\": 1, \"per_day\": 1", "either"},
        {"2026-03-16", "2026-05-15", "\"weak\": true", "either"},
        {"2026-03-16", "2026-03-20", "\"per_day\": 1", "there are 5 working days"},
        {"2026-04-03", "2026-04-07", "\"waves\": 1", "there are 2 working days"}, /* 清明 in between */
        {"2026-03-16", "2026-05-15", "\"waves\": 1, \"departments\": [\"nobody\"]", "no open account"},
        {"2026-03-16", "2026-05-15", "\"waves\": 1, \"departments\": \"x\"", "list"},
        {"2026-3-16", "2026-05-15", "\"waves\": 1", "not a day"},
        {"2026-03-16", "2026-05-15", "\"waves\": 1, \"older_than\": 30", "no open account"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_not_equal(year_call(year, cases[i].said,
                                       "{\"verb\": \"campaign.start\", \"name\": \"x\", \"reason\": \"r\", \"from\": "
                                       "\"%s\", \"until\": \"%s\", \"approver\": \"ju@unit.example\", %s}",
                                       cases[i].from, cases[i].until, cases[i].more),
                             0);
}

static void
test_deadlines_are_working_days(void **state)
{
    Year *year = *state;
    g_autoptr(GError) error = NULL;
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "contrib", "workdays.conf", NULL);
    g_autoptr(Workdays) calendar = workdays_load(path, &error);
    char name[64];
    for (int i = 0; i < 12; i++) {
        g_snprintf(name, sizeof name, "p%d@unit.example", i);
        year_account(year, name, "业务科", "base");
    }
    assert_int_equal(year_call(year, NULL, START_WITH(", \"per_day\": 1")), 0);
    assert_string_equal(text(row(year, 0), "uncovered"), "");
    assert_int_equal(json_array_size(year_rows(year)), 17);
    for (gsize i = 1; i < 17; i++) {
        GDate day;
        assert_true(workdays_read(text(row(year, i), "deadline"), &day));
        if (!workdays_is(calendar, &day))
            fail_msg("%s is no working day", text(row(year, i), "deadline"));
    }
    assert_string_equal(text(row(year, 16), "deadline"), "2026-05-15");
}

static void
test_year_without_holidays_is_said(void **state)
{
    Year *year = *state;
    year_at(year, 280);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"campaign.start\", \"name\": \"winter\", \"reason\": \"r\", \"from\": "
                               "\"2026-12-14\", \"until\": \"2027-01-22\", \"approver\": \"ju@unit.example\", "
                               "\"waves\": 1}"),
                     0);
    assert_string_equal(text(row(year, 0), "uncovered"), "2027");
}

static void
test_away_ledger_starts_nothing(void **state)
{
    Year *year = *state;
    fake_ledger_behave(year_ledger(year), FAKE_LEDGER_REFUSES_IO);
    assert_int_not_equal(year_call(year, "nothing was changed", START_WITH(", \"waves\": 1")), 0);
    fake_ledger_behave(year_ledger(year), FAKE_LEDGER_GOOD);
    assert_int_equal(year_call(year, NULL, "{\"verb\": \"campaign.list\"}"), 0);
    assert_int_equal(json_array_size(year_rows(year)), 0);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 1")), 0);
    assert_int_equal(year_records(year, "campaign", "-", "started"), 1);
    assert_int_not_equal(year_call(year, "already", START_WITH(", \"waves\": 1")), 0);
}

static void
test_campaign_from_start_to_end(void **state)
{
    Year *year = *state;
    year_at(year, 10);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 2")), 0);
    assert_int_equal(json_integer_value(json_object_get(row(year, 0), "members")), 4);
    assert_string_equal(text(row(year, 1), "department"), "办公室");
    g_autofree char *first = g_strdup(text(row(year, 1), "deadline"));
    assert_string_equal(first, "2026-04-16");
    year_at(year, 20); /* 2026-03-22: begun, and nobody's day is near */
    year_sweep(year);
    assert_int_equal(year_notices(year, NULL, NULL), 0);
    assert_string_equal(state_of(year, LI), "waiting");
    assert_string_equal(state_of(year, QIAN), "unknown"); /* never logged in */
    year_at(year, 33.5);                                  /* 2026-04-04: two weeks before */
    year_sweep(year);
    year_restart(year);
    year_sweep(year);
    assert_int_equal(year_notices(year, "password-campaign", LI), 1); /* though the group observes */
    assert_int_equal(year_notices(year, "password-campaign", SUN), 0);
    g_autofree char *date = year_notice_value(year, "password-campaign", "date");
    assert_string_equal(date, first);
    assert_string_equal(state_of(year, LI), "warned");
    year_at(year, 40);
    year_log_in(year, LI, "other-Rt5", "PLAIN");
    assert_string_equal(state_of(year, LI), "changed"); /* before the next sweep, too */
    year_sweep(year);
    assert_int_equal(year_records(year, "campaign", LI, "changed"), 1);
    year_at(year, 45.5); /* 2026-04-16 is the last day */
    assert_int_equal(year_problems(year, WU), 0);
    year_at(year, 47); /* and is over */
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", WU, "campaign"), 1);
    assert_int_equal(year_records(year, "expired", LI, NULL), 0);
    assert_int_equal(year_problems(year, WU), PROBLEM_PASSWORD_EXPIRED);
    assert_int_equal(year_problems(year, LI), 0);
    assert_string_equal(state_of(year, WU), "overdue");
    assert_int_equal(year_notices(year, NULL, LI), 1); /* changed since */
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"enforce\", \"group\": \"all\", \"stage\": \"enforce\", \"skip_warn\": "
                               "true}"),
                     0);
    assert_string_equal(state_of(year, WU), "refused");
    year_log_in(year, WU, "third-Gh2", "PLAIN");
    assert_int_equal(year_problems(year, WU), 0);
    assert_string_equal(state_of(year, WU), "changed");
    year_at(year, 65);
    year_sweep(year);
    year_at(year, 75); /* the second wave: 2026-05-15 is over */
    year_sweep(year);
    assert_string_equal(state_of(year, SUN), "refused");
    assert_string_equal(state_of(year, QIAN), "unknown");
    assert_int_equal(year_records(year, "expired", QIAN, NULL), 0);
    assert_true(year_notices(year, "password-campaign", QIAN) > 0); /* asked to, all the same */
    year_log_in(year, QIAN, "fresh-Ab9", "PLAIN");
    assert_string_equal(state_of(year, QIAN), "unknown"); /* the first ever: nothing to compare */
    assert_int_equal(year_problems(year, QIAN), 0);
}

static void
test_except_until(void **state)
{
    Year *year = *state;
    year_at(year, 10);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 1, \"departments\": [\"办公室\"]")), 0);
    assert_int_not_equal(year_call(year, "in no campaign",
                                   "{\"verb\": \"campaign.except\", \"account\": \"" SUN
                                   "\", \"reason\": \"r\", \"until\": \"2026-07-01\", \"approver\": "
                                   "\"ju@unit.example\"}"),
                         0);
    assert_int_not_equal(year_call(year, "may approve",
                                   "{\"verb\": \"campaign.except\", \"account\": \"" LI
                                   "\", \"reason\": \"r\", \"until\": \"2026-07-01\", \"approver\": \"" LI "\"}"),
                         0);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"campaign.except\", \"account\": \"" LI
                               "\", \"reason\": \"出国\", \"until\": \"2026-06-01\", \"approver\": "
                               "\"ju@unit.example\"}"),
                     0);
    assert_int_equal(year_records(year, "campaign", LI, "excepted"), 1);
    year_at(year, 80);
    year_sweep(year);
    assert_string_equal(state_of(year, LI), "excepted");
    assert_string_equal(state_of(year, WU), "overdue");
    assert_int_equal(year_problems(year, LI) & PROBLEM_PASSWORD_EXPIRED, 0);
    year_at(year, 92); /* 2026-06-02, and the age of 90 days is over too */
    year_sweep(year);
    assert_string_equal(state_of(year, LI), "overdue");
    assert_int_equal(year_records(year, "campaign-exception-ends", LI, NULL), 0); /* seen when it was over */
    assert_int_equal(year_records(year, "campaign-exception-ended", LI, NULL), 1);
}

static void
test_stop_ends_all_demands(void **state)
{
    Year *year = *state;
    year_at(year, 10);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 1")), 0);
    year_at(year, 75);
    assert_int_equal(year_problems(year, WU), PROBLEM_PASSWORD_EXPIRED);
    assert_int_equal(
        year_call(year, NULL, "{\"verb\": \"campaign.stop\", \"name\": \"spring\", \"reason\": \"系统切换\"}"), 0);
    assert_int_equal(year_problems(year, WU), 0);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", NULL, "campaign"), 0);
    assert_int_equal(year_records(year, "campaign", "-", "stopped"), 1);
    assert_int_not_equal(
        year_call(year, "already", "{\"verb\": \"campaign.stop\", \"name\": \"spring\", \"reason\": \"x\"}"), 0);
}

static void
test_selection_by_what_is_known_of_passwords(void **state)
{
    Year *year = *state;
    year_at(year, 5);
    year_log_in(year, WU, "other-Rt5", "PLAIN");
    year_at(year, 10);
    assert_int_equal(year_call(year, NULL, START_WITH(", \"waves\": 1, \"older_than\": 10")), 0);
    assert_int_equal(json_integer_value(json_object_get(row(year, 0), "members")), 2);
    assert_string_equal(text(row(year, 0), "selection"), "older than 10 days");
    assert_string_equal(state_of(year, WU), "no member");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_start_needs_an_approver_who_is_another, start, stop),
        cmocka_unit_test_setup_teardown(test_start_refuses_what_makes_no_sense, start, stop),
        cmocka_unit_test_setup_teardown(test_deadlines_are_working_days, start, stop),
        cmocka_unit_test_setup_teardown(test_year_without_holidays_is_said, start, stop),
        cmocka_unit_test_setup_teardown(test_away_ledger_starts_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_campaign_from_start_to_end, start, stop),
        cmocka_unit_test_setup_teardown(test_except_until, start, stop),
        cmocka_unit_test_setup_teardown(test_stop_ends_all_demands, start, stop),
        cmocka_unit_test_setup_teardown(test_selection_by_what_is_known_of_passwords, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
