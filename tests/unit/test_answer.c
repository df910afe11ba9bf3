/* What the mail server is told for each outcome, and that it is told only once. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fake_mta.h"
#include <string.h>

#define ID "0123456789AB"

typedef struct {
    const char *name;
    Outcome outcome;
    gboolean forged;
    sfsistat answer;
    const char *told;
} Case;

static const Case cases[] = {
    {"inward",
     {.answer = VERDICT_ACCEPT, .done = {.direction = DIRECTION_IN}},
     FALSE,
     SMFIS_CONTINUE,
     "insert 0 X-Hangu-Result: verdict=accept; class=none; level=none; id=" ID "\n"},
    {"inward, tagged",
     {.answer = VERDICT_ACCEPT,
      .done = {.direction = DIRECTION_LOCAL, .class = CLASS_WORK, .level = LEVEL_WORK_SECRET}},
     FALSE,
     SMFIS_CONTINUE,
     "insert 0 X-Hangu-Result: verdict=accept; class=work; level=work-secret; id=" ID "\n"},
    {"outward only the id",
     {.answer = VERDICT_ACCEPT, .done = {.direction = DIRECTION_OUT, .class = CLASS_WORK}},
     FALSE,
     SMFIS_CONTINUE,
     "insert 0 X-Hangu-Id: " ID "\n"},
    {"no verdict, only the id",
     {.answer = VERDICT_HOLD, .failure = FAILURE_DEADLY},
     FALSE,
     SMFIS_CONTINUE,
     "quarantine hangu " ID "\ninsert 0 X-Hangu-Id: " ID "\n"},
    {"held",
     {.answer = VERDICT_HOLD, .done = {.direction = DIRECTION_OUT}},
     FALSE,
     SMFIS_CONTINUE,
     "quarantine hangu " ID "\ninsert 0 X-Hangu-Id: " ID "\n"},
    {"forged",
     {.answer = VERDICT_ACCEPT, .done = {.direction = DIRECTION_OUT}},
     TRUE,
     SMFIS_CONTINUE,
     "change x-hangu-result 2 (none)\nchange x-hangu-result 1 (none)\ninsert 0 X-Hangu-Id: " ID "\n"},
    {"observing", {.answer = VERDICT_ACCEPT, .unchanged = TRUE}, TRUE, SMFIS_CONTINUE, ""},
    {"refused",
     {.answer = VERDICT_REJECT, .reply = (char *)"550 5.7.1 100% no"},
     TRUE,
     SMFIS_REJECT,
     "reply 550 5.7.1 100%% no\n"},
    {"put off",
     {.answer = VERDICT_TEMPFAIL, .reply = (char *)"451 4.3.0 later"},
     FALSE,
     SMFIS_TEMPFAIL,
     "reply 451 4.3.0 later\n"},
};

static void
test_answer_send_every_case(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FakeMta) mta = fake_mta_new();
        g_autoptr(GHashTable) forged = g_hash_table_new(g_str_hash, g_str_equal);
        g_hash_table_insert(forged, (gpointer) "x-hangu-result", GINT_TO_POINTER(2));
        Outcome outcome = cases[i].outcome;
        outcome.id = (char *)ID;
        sfsistat answer =
            answer_send(&fake_mta_calls, fake_mta_context(mta), &outcome, cases[i].forged ? forged : NULL);
        if (answer != cases[i].answer || strcmp(mta->told->str, cases[i].told) != 0)
            fail_msg("%s: %d, told:\n%s", cases[i].name, answer, mta->told->str);
    }
}

static void
test_answer_send_puts_off_what_cannot_be_changed(void **state)
{
    g_autoptr(FakeMta) mta = fake_mta_new();
    mta->refuses = TRUE;
    for (Verdict verdict = VERDICT_ACCEPT; verdict <= VERDICT_HOLD; verdict++) {
        Outcome outcome = {.answer = verdict, .id = (char *)ID};
        assert_int_equal(answer_send(&fake_mta_calls, fake_mta_context(mta), &outcome, NULL), SMFIS_TEMPFAIL);
        assert_int_equal(outcome.answer, VERDICT_TEMPFAIL);
    }
    Outcome refused = {.answer = VERDICT_REJECT, .id = (char *)ID, .reply = (char *)"550 5.7.1 no"};
    assert_int_equal(answer_send(&fake_mta_calls, fake_mta_context(mta), &refused, NULL), SMFIS_REJECT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_send_every_case),
        cmocka_unit_test(test_answer_send_puts_off_what_cannot_be_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
