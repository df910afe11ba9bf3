#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "finding.h"
#include "reasons.h"

static void
test_finding_new_is_empty(void **state)
{
    Finding *finding = finding_new();

    assert_int_equal(finding->class, CLASS_NONE);
    assert_int_equal(finding->reasons->len, 0);
    assert_int_equal(finding->mark.form, MARK_FORM_NONE);
    finding_free(finding);
    finding_free(NULL);
}

static void
test_reason_text_has_both_languages(void **state)
{
    assert_string_equal(reason_text("level+star+period", FALSE), "level, star and period");
    assert_string_equal(reason_text("level+star+period", TRUE), "密级、★和保密期限俱全");
    assert_string_equal(reason_text("no-such-reason", TRUE), "no-such-reason");
}

static void
test_reasons_register_adds_a_text(void **state)
{
    const char *id = reasons_register("unit-cue", "本单位的线索", "a cue of this unit");

    assert_string_equal(reason_text(id, TRUE), "本单位的线索");
    assert_string_equal(reason_text("unit-cue", FALSE), "a cue of this unit");
    reasons_register("unit-cue", "新的说法", "other words");
    assert_string_equal(reason_text(id, TRUE), "新的说法");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finding_new_is_empty),
        cmocka_unit_test(test_reason_text_has_both_languages),
        cmocka_unit_test(test_reasons_register_adds_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
