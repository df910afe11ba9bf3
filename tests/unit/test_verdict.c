/* verdict: every word there and back. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verdict.h"

static void
test_words_are_those_of_the_interface(void **state)
{
    assert_string_equal(class_word(CLASS_STATE), "state");
    assert_string_equal(level_word(LEVEL_HIGHLY_SECRET), "highly-secret");
    assert_string_equal(level_word_zh(LEVEL_HIGHLY_SECRET), "机密");
    assert_string_equal(level_word_zh(LEVEL_NONE), "无");
    assert_string_equal(coverage_word(COVERAGE_UNREADABLE), "unreadable");
    assert_string_equal(why_word(WHY_OVER_BUDGET), "over-budget");
    assert_string_equal(direction_word(DIRECTION_IN), "in");
    assert_string_equal(verdict_word(VERDICT_TEMPFAIL), "tempfail");
    assert_string_equal(action_word(ACTION_NOTE_ACCOUNT), "note-account");
}

static void
test_words_that_claim_nothing_are_null(void **state)
{
    assert_null(confidence_word(CONFIDENCE_NONE));
    assert_null(confidence_word(CONFIDENCE_MENTION));
    assert_null(why_word(WHY_NONE));
}

/* Every word leads back to its value. */
#define ROUND(type, prefix, last)                                 \
    for (type value = 0; value <= last; value++) {                \
        type back = last;                                         \
        assert_true(prefix##_parse(prefix##_word(value), &back)); \
        assert_int_equal(back, value);                            \
    }

static void
test_parse_undoes_word(void **state)
{
    ROUND(Class, class, CLASS_STATE)
    ROUND(Level, level, LEVEL_TOP_SECRET)
    ROUND(Coverage, coverage, COVERAGE_UNREADABLE)
    ROUND(Direction, direction, DIRECTION_IN)
    ROUND(Verdict, verdict, VERDICT_TEMPFAIL)
    for (guint bit = ACTION_TAG; bit <= ACTION_NOTE_ACCOUNT; bit <<= 1) {
        Action back = 0;
        assert_true(action_parse(action_word((Action)bit), &back));
        assert_int_equal(back, bit);
    }
    Confidence confidence;
    assert_true(confidence_parse("mention", &confidence));
    assert_int_equal(confidence, CONFIDENCE_MENTION);
    CoverageWhy why;
    assert_true(why_parse("reader-failed", &why));
    assert_int_equal(why, WHY_READER_FAILED);
}

static void
test_parse_refuses_unknown_words_and_leaves_out_alone(void **state)
{
    Verdict verdict = VERDICT_HOLD;
    assert_false(verdict_parse("Reject", &verdict));
    assert_false(verdict_parse("", &verdict));
    assert_false(verdict_parse(NULL, &verdict));
    assert_int_equal(verdict, VERDICT_HOLD);
    Action action;
    assert_false(action_parse("tags", &action));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_those_of_the_interface),
        cmocka_unit_test(test_words_that_claim_nothing_are_null),
        cmocka_unit_test(test_parse_undoes_word),
        cmocka_unit_test(test_parse_refuses_unknown_words_and_leaves_out_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
