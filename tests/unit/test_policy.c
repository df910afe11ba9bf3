/* policy: the policy that ships, cell by cell. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "policy_given.h"

/* The policy that ships: situation by direction. NULL: the same as the column before. */
static const struct {
    const char *name;
    Given given;
    const char *out, *local, *in;
} TABLE[] = {
    {"nothing", {0}, "accept -", "accept -", "accept -"},
    {"state confirmed",
     {.class = CLASS_STATE},
     "reject alert out-state 550 5.7.1",
     "reject alert local-state 550 5.7.1",
     "reject alert in-state 550 5.7.1"},
    {"state uncertain",
     {.class = CLASS_STATE, .confidence = CONFIDENCE_UNCERTAIN},
     "hold alert out-state-uncertain",
     "hold alert local-state-uncertain",
     "hold alert in-state-uncertain"},
    {"exam confirmed",
     {.class = CLASS_STATE, .exam = TRUE},
     "hold alert out-exam",
     "hold alert local-exam",
     "hold alert in-exam"},
    {"exam uncertain",
     {.class = CLASS_STATE, .confidence = CONFIDENCE_UNCERTAIN, .exam = TRUE},
     "hold alert out-exam",
     "hold alert local-exam",
     "hold alert in-exam"},
    {"state mention",
     {.class = CLASS_STATE, .confidence = CONFIDENCE_MENTION},
     "accept out-mention",
     "accept local-mention",
     "accept in-mention"},
    {"mention",
     {.class = CLASS_MENTION, .confidence = CONFIDENCE_MENTION},
     "accept out-mention",
     "accept local-mention",
     "accept in-mention"},
    {"work", {.class = CLASS_WORK}, "hold out-work", "accept tag+alert local-work", "hold alert in-work"},
    {"work uncertain",
     {.class = CLASS_WORK, .confidence = CONFIDENCE_UNCERTAIN},
     "hold out-work",
     "accept tag+alert local-work",
     "hold alert in-work"},
    {"trade", {.class = CLASS_TRADE}, "hold out-work", "accept tag+alert local-work", "hold alert in-work"},
    {"registered paper of a state secret, whole",
     {.class = CLASS_STATE, .registered = TRUE},
     "hold alert out-registered",
     "hold tag+alert local-registered-state",
     "hold alert in-registered"},
    {"registered paper of a state secret, an excerpt",
     {.class = CLASS_STATE, .registered = TRUE, .confidence = CONFIDENCE_UNCERTAIN},
     "hold alert out-registered",
     "accept tag+alert local-registered",
     "hold alert in-registered"},
    {"registered paper of a work secret",
     {.class = CLASS_WORK, .registered = TRUE},
     "hold alert out-registered",
     "accept tag+alert local-registered",
     "hold alert in-registered"},
    {"foreign",
     {.class = CLASS_FOREIGN},
     "hold out-foreign",
     "accept tag local-foreign",
     "accept tag+alert in-foreign"},
    {"sensitive",
     {.class = CLASS_SENSITIVE},
     "accept tag+alert out-sensitive",
     "accept local-sensitive",
     "accept in-sensitive"},
    {"encrypted",
     {.coverage = COVERAGE_UNREADABLE, .why = WHY_ENCRYPTED},
     "hold out-unreadable",
     "accept log local-unreadable",
     "accept tag+log in-unreadable"},
    {"over budget",
     {.coverage = COVERAGE_PARTIAL, .why = WHY_OVER_BUDGET},
     "hold out-unreadable",
     "accept log local-unreadable",
     "accept tag+log in-unreadable"},
    {"opaque", {.coverage = COVERAGE_OPAQUE}, "accept -", "accept -", "accept -"},
    {"malformed",
     {.malformed = TRUE},
     "hold out-malformed",
     "accept log local-malformed",
     "accept tag+log in-malformed"},
    {"executable", {.executable = TRUE}, "accept -", "accept -", "hold tag+log in-executable"},
    {"unreadable with executable",
     {.executable = TRUE, .coverage = COVERAGE_UNREADABLE},
     "hold out-unreadable",
     "accept log local-unreadable",
     "hold tag+log in-executable"},
    {"auto-forward",
     {.auto_forward = TRUE},
     "reject alert+note-account out-auto-forward 550 5.7.1",
     "accept log local-auto-forward",
     "accept -"},
    {"weak password",
     {.problem = "password-weak"},
     "reject alert out-password 550 5.7.1",
     "reject alert local-password 550 5.7.1",
     "accept -"},
    {"expired password",
     {.problem = "password-expired"},
     "reject alert out-password 550 5.7.1",
     "reject alert local-password 550 5.7.1",
     "accept -"},
    {"unregistered",
     {.problem = "unregistered"},
     "reject alert out-unregistered 550 5.7.1",
     "reject alert local-unregistered 550 5.7.1",
     "accept -"},
    {"administrator",
     {.problem = "administrator"},
     "reject alert out-unregistered 550 5.7.1",
     "reject alert local-unregistered 550 5.7.1",
     "accept -"},
    {"locked",
     {.problem = "locked"},
     "reject alert out-closed 525 5.7.13",
     "reject alert local-closed 525 5.7.13",
     "accept -"},
    {"suspended",
     {.problem = "suspended"},
     "reject alert out-closed 525 5.7.13",
     "reject alert local-closed 525 5.7.13",
     "accept -"},
    {"closed",
     {.problem = "closed"},
     "reject alert out-closed 525 5.7.13",
     "reject alert local-closed 525 5.7.13",
     "accept -"},
    {"no tls",
     {.problem = "no-tls"},
     "reject alert out-login 530 5.7.0",
     "reject alert local-login 530 5.7.0",
     "accept -"},
    {"no authentication",
     {.problem = "no-auth"},
     "reject alert out-login 530 5.7.0",
     "reject alert local-login 530 5.7.0",
     "accept -"},
    {"weak mechanism",
     {.problem = "mechanism-weak"},
     "reject alert out-mechanism 534 5.7.9",
     "reject alert local-mechanism 534 5.7.9",
     "accept -"},
    {"clear password",
     {.problem = "clear-password"},
     "reject alert out-clear-password 538 5.7.11",
     "reject alert local-clear-password 538 5.7.11",
     "accept -"},
    {"sender not owned",
     {.problem = "sender-not-owned"},
     "reject alert out-sender 553 5.7.1",
     "reject alert local-sender 553 5.7.1",
     "accept -"},
    {"dmarc reject",
     {.dmarc_reject = TRUE, .auth_failed = TRUE},
     "accept -",
     "accept -",
     "reject tag in-dmarc 550 5.7.1"},
    {"authentication failed", {.auth_failed = TRUE}, "accept -", "accept -", "accept tag in-auth"},
    {"authentication absent", {.auth_missing = TRUE}, "accept -", "accept -", "accept tag in-auth"},
    {"null sender, account", {.null_sender = TRUE, .problem = "locked"}, "accept -", "accept -", "accept -"},
    {"null sender of a login",
     {.null_sender = TRUE, .problem = "locked", .unproven = TRUE},
     "reject alert out-closed 525 5.7.13",
     "reject alert local-closed 525 5.7.13",
     "accept -"},
    {"postmaster as a stranger's sender",
     {.sender = "postmaster@unit.example", .problem = "unregistered", .unproven = TRUE},
     "reject alert out-unregistered 550 5.7.1",
     "reject alert local-unregistered 550 5.7.1",
     "accept -"},
    {"a stranger to postmaster",
     {.recipient = "postmaster@unit.example", .problem = "unregistered", .unproven = TRUE},
     "accept -",
     "accept -",
     "accept -"},
    {"null sender, dmarc", {.null_sender = TRUE, .dmarc_reject = TRUE}, "accept -", "accept -", "accept -"},
    {"null sender, content",
     {.null_sender = TRUE, .class = CLASS_STATE},
     "reject alert out-state 550 5.7.1",
     "reject alert local-state 550 5.7.1",
     "reject alert in-state 550 5.7.1"},
    {"postmaster sends, account",
     {.sender = "postmaster@unit.example", .problem = "locked"},
     "accept -",
     "accept -",
     "accept -"},
    {"to postmaster, dmarc",
     {.recipient = "postmaster@unit.example", .dmarc_reject = TRUE},
     "accept -",
     "accept -",
     "accept -"},
    {"to abuse, content",
     {.recipient = "abuse@unit.example", .class = CLASS_WORK},
     "hold out-work",
     "accept tag+alert local-work",
     "hold alert in-work"},
    {"egress rejects as well: the gate finds another way",
     {.class = CLASS_STATE, .egress = TRUE},
     "reject alert out-state 550 5.7.1",
     "reject alert local-state 550 5.7.1",
     "reject alert in-state 550 5.7.1"},
    {"work and unreadable: the first of two equals",
     {.class = CLASS_WORK, .coverage = COVERAGE_UNREADABLE},
     "hold out-work",
     "accept tag+alert+log local-work",
     "hold tag+alert+log in-work"},
};

static void
test_shipped_policy_is_the_table(void **state)
{
    g_autoptr(Policy) policy = shipped();
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(TABLE); i++) {
        const char *wanted[] = {TABLE[i].out, TABLE[i].local, TABLE[i].in};
        for (Direction direction = DIRECTION_OUT; direction <= DIRECTION_IN; direction++)
            for (Mode mode = MODE_OBSERVE; mode <= MODE_ENFORCE; mode++) {
                Decision decision = {0};
                Given given = TABLE[i].given;
                given.mode = mode;
                given.stage = SUBMITTER_STAGE_ENFORCE;
                decide(policy, &given, direction, &decision);
                g_autofree char *text = decision_text(&decision);
                if (strcmp(text, wanted[direction]) != 0 || decision.mode != mode) {
                    print_error("%s, %s: '%s', wanted '%s'\n", TABLE[i].name, direction_word(direction), text,
                                wanted[direction]);
                    wrong++;
                }
                assert_int_equal(decision.observed, decision.verdict);
                assert_null(decision.observed_row);
                decision_clear(&decision);
            }
    }
    assert_int_equal(wrong, 0);
}

static void
test_title_is_found_by_the_decisions_row(void **state)
{
    g_autoptr(Policy) policy = shipped();
    assert_string_equal(policy_title(policy, "in-mention", TRUE), "仅提及");
    assert_string_equal(policy_title(policy, "out-mention", FALSE), "Mention only");
    assert_null(policy_title(policy, "out-nothing", FALSE));
    assert_null(policy_title(policy, "", FALSE));
    assert_true(g_str_has_prefix(policy_digest(policy), "sha256:"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_policy_is_the_table),
        cmocka_unit_test(test_title_is_found_by_the_decisions_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
