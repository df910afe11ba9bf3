/* What a letter asks for and when, by a clock that stands still. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "lease.h"

#define START (G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC)

typedef struct {
    guint yes;   /* so many times */
    guint asked; /* bits of LeaseKind */
} Answers;

static gboolean
ask(LeaseKind wanted, gpointer user)
{
    Answers *answers = user;
    assert_int_equal(answers->asked & 1U << wanted, 0); /* once for each */
    answers->asked |= 1U << wanted;
    return answers->yes-- > 0;
}

static int
teardown(void **state)
{
    clock_set_fake(-1, -1);
    return 0;
}

static void
test_lease_light_asks_before_a_document(void **state)
{
    Answers answers = {.yes = 1};
    clock_set_fake(0, START);
    Lease lease = lease_new(LEASE_LIGHT, ask, &answers);
    assert_true(lease_goes_on(&lease));
    assert_int_equal(answers.asked, 0);
    clock_set_fake(0, START + LEASE_LIGHT_US - 1);
    assert_true(lease_opens(&lease));
    assert_int_equal(answers.asked, 1U << LEASE_DOCUMENTS);
    assert_int_equal(lease.kind, LEASE_DOCUMENTS);
    assert_true(lease_opens(&lease)); /* the next one is free */
    clock_set_fake(0, START + LEASE_LIGHT_US + LEASE_SLICE_US - 2);
    assert_true(lease_goes_on(&lease)); /* the slice began anew */
}

static void
test_lease_asks_for_more_when_its_time_is_over(void **state)
{
    Answers answers = {.yes = 2};
    clock_set_fake(0, START);
    Lease lease = lease_new(LEASE_LIGHT, ask, &answers);
    assert_int_equal(lease_until(&lease, START + LEASE_SLICE_US), START + LEASE_LIGHT_US);
    assert_int_equal(lease_until(&lease, START + 1), START + 1);
    clock_set_fake(0, START + LEASE_LIGHT_US);
    assert_true(lease_goes_on(&lease));
    assert_int_equal(answers.asked, 1U << LEASE_DOCUMENTS);
    assert_true(lease_opens(&lease)); /* that is included */
    clock_set_fake(0, START + LEASE_LIGHT_US + LEASE_SLICE_US);
    assert_true(lease_goes_on(&lease));
    assert_int_equal(answers.asked, 1U << LEASE_DOCUMENTS | 1U << LEASE_LONG);
    clock_set_fake(0, START + 100 * LEASE_SLICE_US);
    assert_true(lease_goes_on(&lease) && lease_opens(&lease));
    assert_int_equal(lease_until(&lease, G_MAXINT64), G_MAXINT64);
}

static void
test_lease_that_was_refused_has_ended(void **state)
{
    for (guint yes = 0; yes < 2; yes++) {
        Answers answers = {.yes = yes};
        clock_set_fake(0, START);
        Lease lease = lease_new(LEASE_LIGHT, ask, &answers);
        assert_int_equal(lease_opens(&lease), yes == 1);
        clock_set_fake(0, START + LEASE_SLICE_US);
        assert_false(lease_goes_on(&lease));
        assert_false(lease_opens(&lease)); /* nobody is asked again */
        assert_false(lease_goes_on(&lease));
        assert_true(lease.ended);
    }
}

static void
test_lease_of_nobody_has_no_limits(void **state)
{
    assert_true(lease_opens(NULL) && lease_goes_on(NULL));
    assert_int_equal(lease_until(NULL, 5), 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_lease_light_asks_before_a_document, teardown),
        cmocka_unit_test_teardown(test_lease_asks_for_more_when_its_time_is_over, teardown),
        cmocka_unit_test_teardown(test_lease_that_was_refused_has_ended, teardown),
        cmocka_unit_test(test_lease_of_nobody_has_no_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
