/* The strength tiers against the figures that the rules ask. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tier.h"

static void
test_tier_words_lead_to_their_rows(void **state)
{
    for (guint i = 0; i < TIERS; i++)
        assert_int_equal(tier_from_word(tier_row((Tier)i)->word), i);
    assert_int_equal(tier_from_word("stricter"), TIERS);
    assert_int_equal(tier_from_word(NULL), TIERS);
}

static void
test_tier_figures_are_those_of_the_rules(void **state)
{
    assert_int_equal(tier_row(TIER_BASE)->length, 8); /* */
    assert_int_equal(tier_row(TIER_BASE)->age_days, 90);
    assert_int_equal(tier_row(TIER_STRICT)->length, 8); /* */
    assert_int_equal(tier_row(TIER_STRICT)->age_days, 30);
    assert_int_equal(tier_row(TIER_HIGH)->length, 10); /* */
    assert_int_equal(tier_row(TIER_HIGH)->age_days, 7);
    assert_int_equal(tier_row(TIER_STRICT)->classes, CLASS_LETTER | CLASS_DIGIT | CLASS_SPECIAL); /* */
    assert_int_equal(tier_row(TIER_OTP)->age_days, 0);
    assert_int_equal(tier_row(TIER_OTP)->length, 8); /* of the password before the code */
    assert_int_equal(tier_row(TIER_BASE)->unlock_minutes, 30);
    assert_int_equal(tier_row(TIER_HIGH)->unlock_minutes, 0);
}

static void
test_tier_out_of_range_is_the_strictest(void **state)
{
    assert_int_equal(tier_row(TIERS)->length, tier_row(TIER_HIGH)->length);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tier_words_lead_to_their_rows),
        cmocka_unit_test(test_tier_figures_are_those_of_the_rules),
        cmocka_unit_test(test_tier_out_of_range_is_the_strictest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
