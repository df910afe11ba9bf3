#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"

static void
test_clock_set_fake_stops_both(void **state)
{
    clock_set_fake(5, 7);
    assert_int_equal(clock_wall_us(), 5);
    assert_int_equal(clock_monotonic_us(), 7);
    clock_set_fake(-1, -1);
    assert_true(clock_wall_us() > G_GINT64_CONSTANT(1600000000000000));
    assert_int_not_equal(clock_monotonic_us(), 7);
}

static void
test_clock_format_is_utc_milliseconds(void **state)
{
    static const struct {
        gint64 us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {G_GINT64_CONSTANT(1795309323456789), "2026-11-22T01:02:03.456Z"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = clock_format(cases[i].us);
        assert_string_equal(text, cases[i].text);
    }
}

static void
test_clock_parse_reads_rfc3339(void **state)
{
    static const struct {
        const char *text;
        gint64 us;
    } cases[] = {
        {"2026-11-22T01:02:03Z", G_GINT64_CONSTANT(1795309323000000)},
        {"2026-11-22T09:02:03+08:00", G_GINT64_CONSTANT(1795309323000000)},
        {"2026-11-22t01:02:03.456z", G_GINT64_CONSTANT(1795309323456000)},
        {"2026-11-22 09:02:03+08:00", G_GINT64_CONSTANT(1795309323000000)},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 us = 0;
        g_autoptr(GError) error = NULL;
        assert_true(clock_parse(cases[i].text, &us, &error));
        assert_int_equal(us, cases[i].us);
    }
}

static void
test_clock_parse_date_is_local_midnight(void **state)
{
    gint64 us = 0;
    g_autoptr(GDateTime) midnight = g_date_time_new_local(2026, 11, 22, 0, 0, 0);
    assert_true(clock_parse("2026-11-22", &us, NULL));
    assert_int_equal(us, g_date_time_to_unix(midnight) * G_USEC_PER_SEC);
}

static void
test_clock_parse_refuses_everything_else(void **state)
{
    static const char *const cases[] = {
        "",
        "now",
        "2026-11-22T01:02:03" /* no zone */,
        "2026-13-01",
        "2026-02-30",
        "2026-W03-1",
        "20261122",
        "2026-11-22\n",
        "2026-326",
        "2026-11-22T25:00:00Z",
        "12026-11-22T01:02:03Z",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 us = 0;
        g_autoptr(GError) error = NULL;
        assert_false(clock_parse(cases[i], &us, &error));
        assert_int_equal(error->code, HANGU_ERROR_USAGE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_set_fake_stops_both),
        cmocka_unit_test(test_clock_format_is_utc_milliseconds),
        cmocka_unit_test(test_clock_parse_reads_rfc3339),
        cmocka_unit_test(test_clock_parse_date_is_local_midnight),
        cmocka_unit_test(test_clock_parse_refuses_everything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
