/* One-time passwords against the values of RFC 4226 (appendix D) and RFC 6238 (appendix B). */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "one_time.h"
#include <string.h>

#define SECRET "12345678901234567890"
#define SECOND G_USEC_PER_SEC

static const char *const counters[] = {"755224", "287082", "359152", "969429", "338314",
                                       "254676", "287922", "162583", "399871", "520489"};

static OneTime
standard(OneTimeKind kind, guint64 next)
{
    OneTime one_time = {.kind = kind, .next = next};
    memcpy(one_time.secret, SECRET, sizeof one_time.secret);
    return one_time;
}

static void
test_check_hotp_values_of_the_standard(void **state)
{
    OneTime one_time = standard(ONE_TIME_HOTP, 0);
    for (guint i = 0; i < G_N_ELEMENTS(counters); i++) {
        assert_int_equal(one_time_check(&one_time, counters[i], 0), ONE_TIME_GOOD);
        assert_int_equal(one_time.next, i + 1);
        assert_int_equal(one_time_check(&one_time, counters[i], 0), ONE_TIME_USED);
    }
}

static void
test_check_totp_values_of_the_standard(void **state)
{
    static const struct {
        gint64 time;
        const char *code; /* the last six of the eight digits */
    } cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        OneTime one_time = standard(ONE_TIME_TOTP, 0);
        assert_int_equal(one_time_check(&one_time, cases[i].code, cases[i].time * SECOND), ONE_TIME_GOOD);
        assert_int_equal(one_time.next, cases[i].time / ONE_TIME_STEP + 1);
    }
}

static void
test_check_totp_takes_a_step_once_and_none_before_it(void **state)
{
    OneTime one_time = standard(ONE_TIME_TOTP, 0);
    const gint64 now = 7 * ONE_TIME_STEP * SECOND; /* step 7 */
    assert_int_equal(one_time_check(&one_time, counters[5], now), ONE_TIME_WRONG);
    assert_int_equal(one_time_check(&one_time, counters[9], now), ONE_TIME_WRONG);
    assert_int_equal(one_time_check(&one_time, counters[7], now), ONE_TIME_GOOD);
    assert_int_equal(one_time_check(&one_time, counters[7], now), ONE_TIME_USED);
    assert_int_equal(one_time_check(&one_time, counters[6], now), ONE_TIME_USED);
    assert_int_equal(one_time_check(&one_time, counters[8], now), ONE_TIME_GOOD);
    assert_int_equal(one_time_check(&one_time, counters[8], now + 2 * ONE_TIME_STEP * SECOND), ONE_TIME_USED);
    assert_int_equal(one_time_check(&one_time, counters[8], now + 3 * ONE_TIME_STEP * SECOND), ONE_TIME_WRONG);
    assert_int_equal(one_time.next, 9);
}

/* Whoever keeps `next` loses nothing by a restart; a clock set back opens nothing. */
static void
test_check_totp_after_restart_and_with_the_clock_set_back(void **state)
{
    OneTime one_time = standard(ONE_TIME_TOTP, 8);
    assert_int_equal(one_time_check(&one_time, counters[7], 7 * ONE_TIME_STEP * SECOND), ONE_TIME_USED);
    assert_int_equal(one_time_check(&one_time, counters[2], 2 * ONE_TIME_STEP * SECOND), ONE_TIME_USED);
    assert_int_equal(one_time_check(&one_time, counters[0], -1), ONE_TIME_USED);
    assert_int_equal(one_time.next, 8);
}

static void
test_check_hotp_looks_ahead_so_far_and_never_back(void **state)
{
    OneTime one_time = standard(ONE_TIME_HOTP, 0);
    assert_int_equal(one_time_check(&one_time, counters[ONE_TIME_AHEAD - 1], 0), ONE_TIME_GOOD);
    assert_int_equal(one_time_check(&one_time, counters[3], 0), ONE_TIME_USED);
    OneTime late = standard(ONE_TIME_HOTP, 0);
    OneTime ahead = standard(ONE_TIME_HOTP, ONE_TIME_AHEAD);
    const char *code = NULL; /* of counter 10: the one that only `ahead` takes */
    char text[ONE_TIME_DIGITS + 1];
    for (guint i = 0; i < 1000000 && code == NULL; i++) {
        OneTime fresh = ahead;
        g_snprintf(text, sizeof text, "%06u", i);
        if (one_time_check(&fresh, text, 0) == ONE_TIME_GOOD && fresh.next == ONE_TIME_AHEAD + 1)
            code = text;
    }
    assert_non_null(code);
    assert_int_equal(one_time_check(&late, code, 0), ONE_TIME_WRONG);
    assert_int_equal(late.next, 0);
}

static void
test_resync_needs_two_codes_in_a_row(void **state)
{
    OneTime one_time = standard(ONE_TIME_HOTP, 0);
    assert_int_equal(one_time_resync(&one_time, counters[4], counters[6]), ONE_TIME_WRONG);
    assert_int_equal(one_time_resync(&one_time, counters[5], counters[4]), ONE_TIME_WRONG);
    assert_int_equal(one_time.next, 0);
    assert_int_equal(one_time_resync(&one_time, counters[4], counters[5]), ONE_TIME_GOOD);
    assert_int_equal(one_time.next, 6);
    assert_int_equal(one_time_resync(&one_time, counters[4], counters[5]), ONE_TIME_WRONG);
    OneTime clock = standard(ONE_TIME_TOTP, 0);
    assert_int_equal(one_time_resync(&clock, counters[4], counters[5]), ONE_TIME_WRONG);
}

static void
test_check_what_is_no_code(void **state)
{
    static const char *const cases[] = {"",       "75522",  "7552244", "75522a",       " 55224",
                                        "755 24", "-55224", "0x5224",  "７５５２２４", "755224\n"};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        OneTime one_time = standard(ONE_TIME_HOTP, 0);
        assert_int_equal(one_time_check(&one_time, cases[i], 0), ONE_TIME_WRONG);
        assert_int_equal(one_time_resync(&one_time, cases[i], counters[1]), ONE_TIME_WRONG);
    }
}

static void
test_uri_is_what_authenticators_scan(void **state)
{
    OneTime one_time = standard(ONE_TIME_TOTP, 0), counter = standard(ONE_TIME_HOTP, 4);
    char *uri = one_time_uri(&one_time, "江州 & Co", "li:1@unit.example");
    assert_string_equal(uri, "otpauth://totp/%E6%B1%9F%E5%B7%9E%20%26%20Co:li%3A1@unit.example"
                             "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E6%B1%9F%E5%B7%9E%20%26%20Co"
                             "&algorithm=SHA1&digits=6&period=30");
    one_time_text_free(uri);
    uri = one_time_uri(&counter, "unit", "li@unit.example");
    assert_string_equal(uri, "otpauth://hotp/unit:li@unit.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=unit"
                             "&algorithm=SHA1&digits=6&counter=4");
    one_time_text_free(uri);
}

static void
test_make_gives_another_secret_each_time(void **state)
{
    OneTime one, two;
    one_time_make(&one, ONE_TIME_TOTP);
    one_time_make(&two, ONE_TIME_TOTP);
    assert_memory_not_equal(one.secret, two.secret, sizeof one.secret);
    one_time_clear(&one);
    for (guint i = 0; i < sizeof one.secret; i++)
        assert_int_equal(one.secret[i], 0);
}

static void
test_kind_words_lead_back(void **state)
{
    OneTimeKind kind;
    assert_true(one_time_kind_from_word("hotp", &kind) && kind == ONE_TIME_HOTP);
    assert_true(one_time_kind_from_word(one_time_kind_word(ONE_TIME_TOTP), &kind) && kind == ONE_TIME_TOTP);
    assert_false(one_time_kind_from_word("sms", &kind));
    assert_false(one_time_kind_from_word(NULL, &kind));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_hotp_values_of_the_standard),
        cmocka_unit_test(test_check_totp_values_of_the_standard),
        cmocka_unit_test(test_check_totp_takes_a_step_once_and_none_before_it),
        cmocka_unit_test(test_check_totp_after_restart_and_with_the_clock_set_back),
        cmocka_unit_test(test_check_hotp_looks_ahead_so_far_and_never_back),
        cmocka_unit_test(test_resync_needs_two_codes_in_a_row),
        cmocka_unit_test(test_check_what_is_no_code),
        cmocka_unit_test(test_uri_is_what_authenticators_scan),
        cmocka_unit_test(test_make_gives_another_secret_each_time),
        cmocka_unit_test(test_kind_words_lead_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
