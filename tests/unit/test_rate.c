/* So many tries in a span, and no more names than there is room for. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "rate.h"

#define SPAN G_TIME_SPAN_MINUTE

static void
test_rate_take_as_many_as_allowed(void **state)
{
    g_autoptr(Rate) rate = rate_new(3, SPAN, 10);
    (void)state;
    clock_set_fake(SPAN, SPAN);
    for (guint i = 0; i < 3; i++)
        assert_true(rate_take(rate, "li"));
    assert_false(rate_take(rate, "li"));
    assert_true(rate_take(rate, "wu"));
    clock_set_fake(SPAN, 2 * SPAN - 1);
    assert_false(rate_take(rate, "li"));
    clock_set_fake(SPAN, 2 * SPAN);
    assert_true(rate_take(rate, "li"));
    clock_set_fake(-1, -1);
}

static void
test_rate_take_without_room(void **state)
{
    g_autoptr(Rate) rate = rate_new(1, SPAN, 2);
    (void)state;
    clock_set_fake(SPAN, SPAN);
    assert_true(rate_take(rate, "a") && rate_take(rate, "b"));
    assert_false(rate_take(rate, "c"));
    clock_set_fake(SPAN, 2 * SPAN);
    assert_true(rate_take(rate, "c"));
    clock_set_fake(-1, -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_take_as_many_as_allowed),
        cmocka_unit_test(test_rate_take_without_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
