/* Working days: the calendar that ships, mistakes with their line, what no line covers. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "workdays.h"
#include <string.h>

static GDate
day(const char *text)
{
    GDate date;
    assert_true(workdays_read(text, &date));
    return date;
}

static Workdays *
shipped(void)
{
    g_autoptr(GError) error = NULL;
    const char *top = g_getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top != NULL ? top : ".", "contrib", "workdays.conf", NULL);
    Workdays *workdays = workdays_load(path, &error);
    assert_null(error);
    return workdays;
}

static void
test_workdays_is_of_the_shipped_calendar(void **state)
{
    static const struct {
        const char *day;
        gboolean work;
    } cases[] = {
        {"2026-01-01", FALSE},
        {"2026-01-04", TRUE},
        {"2026-01-05", TRUE},
        {"2026-02-14", TRUE},
        {"2026-02-16", FALSE},
        {"2026-02-24", TRUE},
        {"2026-02-28", TRUE},
        {"2026-03-01", FALSE},
        {"2026-05-09", TRUE},
        {"2026-09-25", FALSE},
        {"2026-10-07", FALSE},
        {"2026-10-08", TRUE},
        {"2026-10-10", TRUE},
        {"2026-10-11", FALSE},
        {"2026-11-22", FALSE},
        {"2026-11-23", TRUE},
        {"2027-01-01", TRUE} /* not covered: a Friday */,
    };
    g_autoptr(Workdays) workdays = shipped();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        GDate date = day(cases[i].day);
        if (workdays_is(workdays, &date) != cases[i].work)
            fail_msg("%s", cases[i].day);
    }
    assert_true(workdays_covers(workdays, 2026));
    assert_false(workdays_covers(workdays, 2027));
    (void)state;
}

static void
test_workdays_between_spans_a_holiday(void **state)
{
    g_autoptr(Workdays) workdays = shipped();
    GDate from = day("2026-09-19"), until = day("2026-10-11");
    g_autoptr(GArray) days = workdays_between(workdays, &from, &until);
    char first[WORKDAYS_TEXT], last[WORKDAYS_TEXT];
    assert_int_equal(days->len, 1 + 4 + 3 + 2 + 1); /* 09-20; 21 to 24; 28 to 30; 10-08, 09; 10-10 */
    assert_string_equal(workdays_text(&g_array_index(days, GDate, 0), first), "2026-09-20");
    assert_string_equal(workdays_text(&g_array_index(days, GDate, days->len - 1), last), "2026-10-10");
    (void)state;
}

static void
test_workdays_parse_names_the_line(void **state)
{
    static const struct {
        const char *text, *line;
    } bad[] = {
        {"year 2026\n2026-02-30 holiday x\n", ":2:"},
        {"2026-02-03..2026-02-01 holiday x\n", ":1:"},
        {"2026-02-01..2027-02-01 holiday x\n", ":1:"},
        {"\n\n2026-02-01 feast x\n", ":3:"},
        {"2026-02-01\n", ":1:"},
        {"2026-02-01 holiday a\n2026-01-31..2026-02-02 holiday b\n", ":2:"},
        {"year\n", ":1:"},
        {"year 26\n", ":1:"},
        {"2026-2-1 holiday\n", ":1:"},
        {"\xff\n", ":1:"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(workdays_parse("days", bad[i].text, &error));
        assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_SETTINGS));
        if (strstr(error->message, bad[i].line) == NULL)
            fail_msg("%s: %s", bad[i].text, error->message);
    }
    (void)state;
}

static void
test_workdays_parse_takes_comments_and_a_mark(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Workdays) workdays =
        workdays_parse("days", "\xef\xbb\xbf# no\r\n\t2026-11-23  holiday\tx # y\r\nyear 2026\r\n", &error);
    assert_null(error);
    GDate monday = day("2026-11-23"), sunday = day("2026-11-22");
    assert_false(workdays_is(workdays, &monday));
    assert_false(workdays_is(workdays, &sunday));
    (void)state;
}

static void
test_workdays_load_without_a_file(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Workdays) weekends = workdays_load(NULL, &error);
    GDate holiday = day("2026-10-01"), saturday = day("2026-10-10");
    assert_true(workdays_is(weekends, &holiday));
    assert_false(workdays_is(weekends, &saturday));
    assert_false(workdays_covers(weekends, 2026));
    assert_null(workdays_load("/nowhere/workdays.conf", &error));
    assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_IO));
    (void)state;
}

static void
test_workdays_read_refuses(void **state)
{
    static const char *const bad[] = {
        "", "2026", "2026-13-01", "2026-00-10", "2026-02-29", "2026-11-22 ", "2026/11/22", "1900-01-01", "2026-11-2"};
    GDate date;
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_false(workdays_read(bad[i], &date));
    date = day("2026-11-22");
    assert_true(workdays_end_us(&date) % (15 * G_TIME_SPAN_MINUTE) == 0);
    (void)state;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workdays_is_of_the_shipped_calendar),
        cmocka_unit_test(test_workdays_between_spans_a_holiday),
        cmocka_unit_test(test_workdays_parse_names_the_line),
        cmocka_unit_test(test_workdays_parse_takes_comments_and_a_mark),
        cmocka_unit_test(test_workdays_load_without_a_file),
        cmocka_unit_test(test_workdays_read_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
