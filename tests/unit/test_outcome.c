/* What becomes of a letter, for every verdict, failure, mode and way in. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_inspector.h"
#include "outcome.h"
#include <string.h>

typedef struct {
    const char *name;
    Failure failure;
    Verdict verdict; /* of the inspector */
    Mode row_mode;
    Mode mode; /* of the settings */
    OnFailure on_failure;
    gboolean never_5xx;
    Verdict answer;
    gboolean carried_out;
    const char *reply; /* beginning, or NULL */
} Case;

#define TEMPFAIL ON_FAILURE_TEMPFAIL
static const Case cases[] = {
    {"accept", 0, VERDICT_ACCEPT, 1, 1, TEMPFAIL, 0, VERDICT_ACCEPT, 1, NULL},
    {"reject", 0, VERDICT_REJECT, 1, 1, TEMPFAIL, 0, VERDICT_REJECT, 1, "550 5.7.1 Not"},
    {"hold", 0, VERDICT_HOLD, 1, 1, TEMPFAIL, 0, VERDICT_HOLD, 1, NULL},
    {"egress never 5xx", 0, VERDICT_REJECT, 1, 1, TEMPFAIL, 1, VERDICT_HOLD, 1, NULL},
    {"row observes", 0, VERDICT_REJECT, 0, 1, TEMPFAIL, 0, VERDICT_ACCEPT, 0, NULL},
    {"all observes", 0, VERDICT_REJECT, 1, 0, TEMPFAIL, 0, VERDICT_ACCEPT, 0, NULL},
    {"died", FAILURE_INSPECTOR_DIED, 0, 1, 1, TEMPFAIL, 0, VERDICT_TEMPFAIL, 1, "451 4.3.0"},
    {"died, hold", FAILURE_INSPECTOR_DIED, 0, 1, 1, ON_FAILURE_HOLD, 0, VERDICT_HOLD, 1, NULL},
    {"died, observe", FAILURE_INSPECTOR_DIED, 0, 1, 0, TEMPFAIL, 0, VERDICT_TEMPFAIL, 1, "451 4.3.0"},
    {"died, observe, accept", FAILURE_INSPECTOR_DIED, 0, 1, 0, ON_FAILURE_ACCEPT, 0, VERDICT_ACCEPT, 0, NULL},
    {"accept does not count in enforce", FAILURE_INSPECTOR_HUNG, 0, 1, 1, ON_FAILURE_ACCEPT, 0, VERDICT_TEMPFAIL, 1,
     "451 4.3.0"},
    {"deadly", FAILURE_DEADLY, 0, 1, 1, TEMPFAIL, 0, VERDICT_HOLD, 1, NULL},
    {"deadly, observe", FAILURE_DEADLY, 0, 1, 0, TEMPFAIL, 0, VERDICT_ACCEPT, 0, NULL},
    {"too large", FAILURE_TOO_LARGE, 0, 1, 1, TEMPFAIL, 0, VERDICT_REJECT, 1, "552 5.3.4"},
    {"too large, egress", FAILURE_TOO_LARGE, 0, 1, 1, TEMPFAIL, 1, VERDICT_HOLD, 1, NULL},
    {"too large, observe", FAILURE_TOO_LARGE, 0, 1, 0, TEMPFAIL, 0, VERDICT_ACCEPT, 0, NULL},
    {"disk full", FAILURE_DISK_FULL, 0, 1, 1, ON_FAILURE_HOLD, 0, VERDICT_TEMPFAIL, 1, "452 4.3.1"},
    {"no record", FAILURE_LEDGER, 0, 1, 1, ON_FAILURE_HOLD, 0, VERDICT_TEMPFAIL, 1, "451 4.3.0"},
    {"no record, observe", FAILURE_LEDGER, 0, 1, 0, TEMPFAIL, 0, VERDICT_TEMPFAIL, 1, "451 4.3.0"},
    {"no record, observe, accept", FAILURE_LEDGER, 0, 1, 0, ON_FAILURE_ACCEPT, 0, VERDICT_ACCEPT, 0, NULL},
    {"stopping", FAILURE_STOPPING, 0, 1, 1, TEMPFAIL, 0, VERDICT_TEMPFAIL, 1, "451 4.3.2"},
};

static void
check(const Case *one)
{
    g_auto(Outcome) outcome = {.failure = one->failure, .id = g_strdup("0123456789AB")};
    Settings settings = {.mode = one->mode, .on_failure = one->on_failure};
    fake_done(&outcome.done, 1, one->verdict);
    outcome.done.mode = one->row_mode;
    outcome_decide(&outcome, &settings, one->never_5xx);
    if (outcome.answer != one->answer || outcome.carried_out != one->carried_out)
        fail_msg("%s: answer %s, carried out %d", one->name, verdict_word(outcome.answer), outcome.carried_out);
    assert_int_equal(outcome.unchanged, one->mode == MODE_OBSERVE);
    assert_int_equal(outcome.reply != NULL, one->reply != NULL);
    if (one->reply == NULL || outcome.reply == NULL)
        return;
    assert_true(g_str_has_prefix(outcome.reply, one->reply));
    assert_true(g_str_has_suffix(outcome.reply, " (record 0123456789AB)"));
    assert_true(g_str_is_ascii(outcome.reply));
    assert_true(strlen(outcome.reply) <= 320); /* fits a record */
}

static void
test_outcome_decide_every_case(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

/* What is stopped on its way out by a machine is held, or dropped where the unit says so; never bounced. */
static void
test_outcome_decide_automatic_forward(void **state)
{
    static const struct {
        Mode mode;
        gboolean never_5xx, forward;
        ForwardStopped stopped;
        Verdict answer;
    } rows[] = {
        {MODE_ENFORCE, TRUE, TRUE, FORWARD_STOPPED_HOLD, VERDICT_HOLD},
        {MODE_ENFORCE, TRUE, TRUE, FORWARD_STOPPED_DISCARD, VERDICT_DISCARD},
        {MODE_ENFORCE, TRUE, FALSE, FORWARD_STOPPED_DISCARD, VERDICT_HOLD},   /* refused for another reason */
        {MODE_ENFORCE, FALSE, TRUE, FORWARD_STOPPED_DISCARD, VERDICT_REJECT}, /* its submitter is told */
        {MODE_OBSERVE, TRUE, TRUE, FORWARD_STOPPED_DISCARD, VERDICT_ACCEPT},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Outcome) outcome = {.id = g_strdup("0123456789AB")};
        Settings settings = {.mode = (int)rows[i].mode, .forward_stopped = (int)rows[i].stopped};
        fake_done(&outcome.done, 1, VERDICT_REJECT);
        outcome.done.forward = rows[i].forward;
        outcome_decide(&outcome, &settings, rows[i].never_5xx);
        assert_string_equal(verdict_word(outcome.answer), verdict_word(rows[i].answer));
        assert_int_equal(outcome.reply != NULL, rows[i].answer == VERDICT_REJECT);
    }
}

static void
test_failure_word_names_every_failure_once(void **state)
{
    for (int i = FAILURE_NONE; i <= FAILURE_LEDGER; i++)
        for (int j = FAILURE_NONE; j < i; j++)
            assert_string_not_equal(failure_word(i), failure_word(j));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcome_decide_every_case),
        cmocka_unit_test(test_outcome_decide_automatic_forward),
        cmocka_unit_test(test_failure_word_names_every_failure_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
