/* The words of judgement that records take are those that the rules room has: neither fewer nor more. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "record.h"
#include "sample_record.h"
#include "verdict.h"

/* Puts the word into every place of the letter that has such a field. */
static void
expect_taken(const char *field, const char *word, gboolean in_finding, gboolean in_part)
{
    g_autoptr(GError) error = NULL;
    json_t *record = sample_letter();
    json_object_set_new(record, field, json_string(word));
    if (in_finding)
        json_object_set_new(json_array_get(json_object_get(record, "findings"), 0), field, json_string(word));
    if (in_part)
        json_object_set_new(json_array_get(json_object_get(record, "parts"), 0), field, json_string(word));
    if (!record_check(record, &error))
        fail_msg("%s %s: %s", field, word, error->message);
    json_decref(record);
}

static void
test_record_check_takes_every_word(void **state)
{
    for (Class class = CLASS_NONE; class <= CLASS_STATE; class ++)
        expect_taken("class", class_word(class), TRUE, FALSE);
    for (Level level = LEVEL_NONE; level <= LEVEL_TOP_SECRET; level++)
        expect_taken("level", level_word(level), TRUE, FALSE);
    for (Verdict verdict = VERDICT_ACCEPT; verdict <= VERDICT_TEMPFAIL; verdict++) {
        expect_taken("verdict", verdict_word(verdict), FALSE, FALSE);
        expect_taken("answer", verdict_word(verdict), FALSE, FALSE);
    }
    for (Direction direction = DIRECTION_OUT; direction <= DIRECTION_IN; direction++)
        expect_taken("direction", direction_word(direction), FALSE, FALSE);
    for (Coverage coverage = COVERAGE_COMPLETE; coverage <= COVERAGE_UNREADABLE; coverage++)
        expect_taken("coverage", coverage_word(coverage), FALSE, TRUE);
    for (CoverageWhy why = WHY_ENCRYPTED; why <= WHY_READER_FAILED; why++)
        expect_taken("why", why_word(why), FALSE, TRUE);
    for (Confidence confidence = CONFIDENCE_UNCERTAIN; confidence <= CONFIDENCE_CONFIRMED; confidence++)
        expect_taken("confidence", confidence_word(confidence), TRUE, FALSE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_check_takes_every_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
