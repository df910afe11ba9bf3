/* What time does to passwords and permissions: steps, restarts, a clock that jumps, a ledger that is away. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sweep_year.h"
#include <string.h>

#define LI "li@unit.example"
#define WU "wu@unit.example"

static int
start(void **state)
{
    *state = year_new();
    return 0;
}

static int
stop(void **state)
{
    year_free(*state);
    return 0;
}

static void
set_stage(Year *year, const char *stage)
{
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"enforce\", \"group\": \"all\", \"stage\": \"%s\", \"skip_warn\": true}",
                               stage),
                     0);
}

static void
test_steps_are_told_once_each(void **state)
{
    Year *year = *state;
    static const struct {
        double day;
        guint expiring, expired, notices;
    } cases[] = {
        {0, 0, 0, 0},    {70, 0, 0, 0},   {76.5, 1, 0, 1}, {76.9, 1, 0, 1}, {80, 1, 0, 1},  {83.5, 2, 0, 2},
        {87.5, 3, 0, 3}, {89.5, 4, 0, 4}, {90.5, 4, 1, 5}, {96, 4, 1, 5},   {120, 4, 1, 5},
    };
    year_account(year, LI, "办公室", "base");
    set_stage(year, "warn");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        year_at(year, cases[i].day);
        year_sweep(year);
        if (year_records(year, "expiring", LI, NULL) != cases[i].expiring ||
            year_records(year, "expired", LI, NULL) != cases[i].expired ||
            year_notices(year, NULL, LI) != cases[i].notices)
            fail_msg("day %g: %u expiring, %u expired, %u notices", cases[i].day,
                     year_records(year, "expiring", LI, NULL), year_records(year, "expired", LI, NULL),
                     year_notices(year, NULL, LI));
    }
    g_autofree char *date = year_notice_value(year, "password-expires", "date");
    assert_string_equal(date, "2026-06-07"); /* with the days of grace */
    assert_int_equal(year_records(year, "warned", LI, "expiring"), 5);
    year_log_in(year, LI, "other-Rt5", "PLAIN");
    year_at(year, 197);
    year_sweep(year);
    assert_int_equal(year_records(year, "expiring", LI, NULL), 5); /* of the new password */
}

static void
test_restart_repeats_nothing(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "strict"); /* 30 days */
    set_stage(year, "enforce");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_at(year, 17);
    for (int i = 0; i < 3; i++) {
        year_sweep(year);
        year_restart(year);
    }
    assert_int_equal(year_records(year, "expiring", LI, NULL), 1);
    assert_int_equal(year_notices(year, "password-expires", LI), 1);
    year_at(year, 45); /* away for four weeks: what was missed in between is not told */
    year_restart(year);
    year_sweep(year);
    assert_int_equal(year_records(year, "expiring", LI, NULL), 1);
    assert_int_equal(year_records(year, "expired", LI, "age-at-least"), 1);
    assert_int_equal(year_notices(year, "password-expired", LI), 1); /* it is refused by now */
}

static void
test_observe_records_and_tells_nobody(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "strict");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_at(year, 31);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", LI, NULL), 1);
    assert_int_equal(year_notices(year, NULL, NULL), 0);
    set_stage(year, "warn");
    year_at(year, 32);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", LI, NULL), 1);
    assert_int_equal(year_notices(year, "password-expires", LI), 1);
}

static void
test_unknown_age_is_told_as_that(void **state)
{
    Year *year = *state;
    static const char *const nobody[] = {"zhao@unit.example", "qian@unit.example"};
    year_account(year, LI, "办公室", "strict");
    year_account(year, nobody[0], "办公室", "strict");
    year_account(year, nobody[1], "办公室", "strict");
    set_stage(year, "warn");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_log_in(year, nobody[0], "right-Kx7", "SCRAM-SHA-256");
    year_at(year, 300);
    year_sweep(year);
    for (gsize i = 0; i < G_N_ELEMENTS(nobody); i++) {
        assert_int_equal(year_records(year, "expired", nobody[i], NULL), 0);
        assert_int_equal(year_notices(year, NULL, nobody[i]), 0);
    }
    assert_non_null(strstr(year_note(year, "swept"), "accounts 3, age of the password unknown 2"));
}

static void
test_exception_and_one_time_passwords_do_not_age(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "otp");
    year_account(year, WU, "办公室", "strict");
    year_log_in(year, LI, "123456", "PLAIN");
    year_log_in(year, WU, "right-Kx7", "PLAIN");
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"exception\", \"account\": \"" WU
                               "\", \"problem\": \"password-expired\", \"approver\": \"ju@unit.example\", \"reason\": "
                               "\"出国\", \"until\": \"2026-06-01\"}"),
                     0);
    year_at(year, 60);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", NULL, NULL), 0);
    year_at(year, 95);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", WU, NULL), 1);
    assert_int_equal(year_records(year, "expired", LI, NULL), 0);
}

static void
test_clock_jumps_are_an_alert_and_no_storm(void **state)
{
    Year *year = *state;
    char name[64];
    for (int i = 0; i < 20; i++) {
        g_snprintf(name, sizeof name, "p%d@unit.example", i);
        year_account(year, name, "办公室", "strict");
        year_log_in(year, name, "right-Kx7", "PLAIN");
    }
    set_stage(year, "warn");
    year_at(year, 17);
    year_sweep(year);
    assert_int_equal(year_notices(year, NULL, NULL), 20);
    year_wrong_clock(year, 3650);
    year_sweep(year);
    assert_int_equal(year_records(year, "clock-jumped", NULL, NULL), 1);
    assert_int_equal(year_records(year, "expired", NULL, NULL), 0);
    year_wrong_clock(year, -3650);
    year_sweep(year);
    year_wrong_clock(year, -100);
    year_sweep(year);
    year_restart(year);
    year_sweep(year);
    assert_int_equal(year_records(year, "clock-jumped", NULL, NULL), 3);
    assert_int_equal(year_notices(year, NULL, NULL), 20);
    year_wrong_clock(year, 100);
    year_sweep(year);
    assert_int_equal(year_records(year, "clock-jumped", NULL, NULL), 4);
    assert_int_equal(year_notices(year, NULL, NULL), 20);
    year_at(year, 18.5); /* a day later all goes on */
    year_sweep(year);
    assert_int_equal(year_notices(year, NULL, NULL), 20);
    year_at(year, 24);
    year_sweep(year);
    assert_int_equal(year_notices(year, NULL, NULL), 40);
    assert_int_equal(year_notices(year, NULL, "p7@unit.example"), 2);
}

/* Notes of a clock that was ahead do not keep people from being told in time. */
static void
test_marks_of_the_future_do_not_count(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "strict");
    set_stage(year, "warn");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_at(year, 20);
    year_restart(year);
    year_wrong_clock(year, 20); /* not seen: the process was away for less than a month */
    year_restart(year);
    year_sweep(year);
    assert_int_equal(year_records(year, "expired", LI, NULL), 1);
    year_at(year, 20.1);
    year_sweep(year);
    assert_int_equal(year_records(year, "clock-jumped", NULL, NULL), 1);
    year_at(year, 22);
    year_sweep(year);
    assert_int_equal(year_records(year, "expiring", LI, NULL), 1);
    year_at(year, 24);
    year_sweep(year);
    assert_true(year_notices(year, "password-expires", LI) >= 1);
}

static void
test_away_ledger_loses_nothing(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "strict");
    year_account(year, WU, "办公室", "strict");
    set_stage(year, "warn");
    year_log_in(year, LI, "right-Kx7", "PLAIN");
    year_log_in(year, WU, "right-Kx7", "PLAIN");
    year_at(year, 17);
    fake_ledger_behave(year_ledger(year), FAKE_LEDGER_REFUSES_IO);
    assert_false(year_turn(year));
    assert_false(year_turn(year));
    fake_ledger_behave(year_ledger(year), FAKE_LEDGER_GOOD);
    assert_int_equal(year_notices(year, NULL, NULL), 0);
    year_sweep(year);
    assert_int_equal(year_records(year, "expiring", NULL, NULL), 2);
    assert_int_equal(year_notices(year, NULL, NULL), 2);
}

/* Bounded turns; an end in the middle goes on there. */
static void
test_many_accounts_over_turns_and_restarts(void **state)
{
    Year *year = *state;
    char name[64];
    guint turns = 1;
    for (int i = 0; i < 130; i++) {
        g_snprintf(name, sizeof name, "p%d@unit.example", i);
        year_account(year, name, "办公室", "strict");
        year_log_in(year, name, "right-Kx7", "PLAIN");
    }
    year_at(year, 31);
    for (; year_turn(year); turns++)
        if (turns == 1) {
            assert_int_equal(year_records(year, "expired", NULL, NULL), 100);
            year_restart(year);
        }
    assert_int_equal(turns, 5); /* 100, 30, what ends soon, what has ended, officers */
    assert_int_equal(year_records(year, "expired", NULL, NULL), 130);
    assert_non_null(strstr(year_note(year, "swept"), "accounts 130,"));
}

/* --- what ends ------------------------------------------------------------------------------------------------ */

static void
test_ends_are_told_to_the_officer_in_one_letter(void **state)
{
    Year *year = *state;
    year_account(year, LI, "办公室", "base");
    year_account(year, WU, "财务科", "base");
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"department\", \"unit\": \"" YEAR_UNIT
                               "\", \"department\": \"办公室\", \"role\": \"handler\", \"person\": "
                               "\"banli@unit.example\"}"),
                     0);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"delegate\", \"account\": \"" LI "\", \"delegate\": \"" WU
                               "\", \"approver\": \"ju@unit.example\", \"until\": \"2026-03-20\"}"),
                     0);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"exception\", \"account\": \"" LI
                               "\", \"problem\": \"no-tls\", \"approver\": \"ju@unit.example\", \"reason\": "
                               "\"旧设备\", \"until\": \"2026-03-19\"}"),
                     0);
    year_at(year, 5);
    year_sweep(year);
    assert_int_equal(year_notices(year, NULL, NULL), 0);
    year_at(year, 12); /* 2026-03-14 */
    year_sweep(year);
    year_sweep(year);
    year_restart(year);
    year_sweep(year);
    assert_int_equal(year_records(year, "delegation-ends", LI, NULL), 1);
    assert_int_equal(year_records(year, "exception-ends", LI, NULL), 1);
    assert_int_equal(year_notices(year, "officer-endings", "banli@unit.example"), 1);
    g_autofree char *count = year_notice_value(year, "officer-endings", "count");
    g_autofree char *date = year_notice_value(year, "officer-endings", "date");
    assert_string_equal(count, "2");
    assert_string_equal(date, "2026-03-19");
    year_at(year, 30);
    year_sweep(year);
    year_at(year, 31);
    year_sweep(year);
    assert_int_equal(year_records(year, "delegation-ended", LI, NULL), 1);
    assert_int_equal(year_records(year, "exception-ended", LI, NULL), 1);
    assert_int_equal(year_notices(year, NULL, NULL), 2);
}

static void
test_registration_to_be_made_up(void **state)
{
    Year *year = *state;
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"import\", \"address\": \"printer@unit.example\", \"unit\": \"" YEAR_UNIT
                               "\", \"purpose\": \"打印机\", \"owner\": \"张伟\", \"deadline\": \"2026-03-12\"}"),
                     0);
    assert_int_equal(year_call(year, NULL,
                               "{\"verb\": \"unit\", \"unit\": \"" YEAR_UNIT
                               "\", \"role\": \"leader\", \"person\": \"zhang@unit.example\"}"),
                     0);
    year_at(year, 4);
    year_sweep(year);
    assert_int_equal(year_records(year, "registration-ends", "printer@unit.example", NULL), 1);
    year_at(year, 11);
    year_sweep(year);
    assert_int_equal(year_records(year, "registration-ended", "printer@unit.example", NULL), 1);
    assert_int_equal(year_notices(year, "officer-endings", "zhang@unit.example"), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_steps_are_told_once_each, start, stop),
        cmocka_unit_test_setup_teardown(test_restart_repeats_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_observe_records_and_tells_nobody, start, stop),
        cmocka_unit_test_setup_teardown(test_unknown_age_is_told_as_that, start, stop),
        cmocka_unit_test_setup_teardown(test_exception_and_one_time_passwords_do_not_age, start, stop),
        cmocka_unit_test_setup_teardown(test_clock_jumps_are_an_alert_and_no_storm, start, stop),
        cmocka_unit_test_setup_teardown(test_marks_of_the_future_do_not_count, start, stop),
        cmocka_unit_test_setup_teardown(test_away_ledger_loses_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_many_accounts_over_turns_and_restarts, start, stop),
        cmocka_unit_test_setup_teardown(test_ends_are_told_to_the_officer_in_one_letter, start, stop),
        cmocka_unit_test_setup_teardown(test_registration_to_be_made_up, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
