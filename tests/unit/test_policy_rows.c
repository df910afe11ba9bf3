/* policy: modes, stages, addresses; mistakes with their place. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "policy_given.h"

/* --- other policies ---------------------------------------------------------------------------------------------- */

static Policy *
policy_of(const char *yaml, Problems *problems)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("policy-XXXXXX", &path, NULL);
    close(fd);
    assert_true(g_file_set_contents(path, yaml, -1, NULL));
    Policy *policy = policy_load(path, problems);
    g_unlink(path);
    return policy;
}

#define ROW(id, more) "  - id: " id "\n    title: {zh: 甲, en: a}\n" more

static void
test_modes_of_row_and_direction(void **state)
{
    static const char *const YAML = "version: 1\nrows:\n" ROW("reject", "    mode: observe\n    when: {class: state}\n"
                                                                        "    out: {verdict: reject}\n"
                                                                        "    in: {verdict: reject, mode: enforce}\n")
        ROW("hold", "    mode: enforce\n    when: {class: [state, work]}\n    out: {verdict: hold, actions: [log]}\n"
                    "    local: {verdict: hold, mode: inherit}\n")
            ROW("tag",
                "    mode: enforce\n    when: {class: [state, trade]}\n    out: {verdict: accept, actions: [tag]}\n"
                "    local: {verdict: accept, mode: observe}\n")
                ROW("foreign", "    mode: observe\n    when: {class: [foreign, trade]}\n    out: {verdict: hold}\n");
    static const struct {
        const char *name;
        Class class;
        Direction direction;
        const char *wanted;
        Mode mode;
        const char *observed;
    } CASES[] = {
        {"observing rejection does not hide enforcing hold", CLASS_STATE, DIRECTION_OUT, "hold tag+log out-hold",
         MODE_ENFORCE, "out-reject"},
        {"a direction's mode goes first", CLASS_STATE, DIRECTION_IN, "reject in-reject 550 5.7.1", MODE_ENFORCE, NULL},
        {"the row enforces", CLASS_WORK, DIRECTION_OUT, "hold log out-hold", MODE_ENFORCE, NULL},
        {"enforcing acceptance does not hide observing hold", CLASS_TRADE, DIRECTION_OUT, "hold tag out-foreign",
         MODE_OBSERVE, NULL},
        {"inherit in a direction is the row's", CLASS_WORK, DIRECTION_LOCAL, "hold local-hold", MODE_ENFORCE, NULL},
        {"observing", CLASS_FOREIGN, DIRECTION_OUT, "hold out-foreign", MODE_OBSERVE, NULL},
    };
    Problems *problems = problems_new();
    g_autoptr(Policy) policy = policy_of(YAML, problems);
    g_autofree char *mistakes = problems_to_text(problems);
    assert_string_equal(mistakes, "");
    problems_free(problems);
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Given given = {.class = CASES[i].class, .mode = MODE_ENFORCE};
        Decision decision = {0};
        decide(policy, &given, CASES[i].direction, &decision);
        g_autofree char *text = decision_text(&decision);
        if (strcmp(text, CASES[i].wanted) != 0 || decision.mode != CASES[i].mode)
            fail_msg("%s: '%s', wanted '%s'", CASES[i].name, text, CASES[i].wanted);
        assert_true(g_strcmp0(decision.observed_row, CASES[i].observed) == 0);
        assert_int_equal(decision.observed, CASES[i].observed != NULL ? VERDICT_REJECT : decision.verdict);
        decision_clear(&decision);
        given.mode = MODE_OBSERVE; /* of the settings: whatever rows say */
        decide(policy, &given, CASES[i].direction, &decision);
        assert_int_equal(decision.mode, MODE_OBSERVE);
        assert_null(decision.observed_row);
        decision_clear(&decision);
    }
}

/* An account's rows go in stages; content's do not. */
static void
test_stage_of_the_account(void **state)
{
    static const struct {
        const char *name;
        Given given;
        const char *wanted;
        Mode mode;
        AccountEffect effect;
    } CASES[] = {
        {"observed only",
         {.problem = "password-expired", .stage = SUBMITTER_STAGE_OBSERVE, .mode = MODE_ENFORCE},
         "reject alert out-password 550 5.7.1",
         MODE_OBSERVE,
         ACCOUNT_EFFECT_NONE},
        {"warned",
         {.problem = "password-expired", .stage = SUBMITTER_STAGE_WARN, .mode = MODE_ENFORCE},
         "reject alert out-password 550 5.7.1",
         MODE_OBSERVE,
         ACCOUNT_EFFECT_WARNED},
        {"carried out",
         {.problem = "password-expired", .stage = SUBMITTER_STAGE_ENFORCE, .mode = MODE_ENFORCE},
         "reject alert out-password 550 5.7.1",
         MODE_ENFORCE,
         ACCOUNT_EFFECT_DECIDED},
        {"the settings' observe goes before all",
         {.problem = "password-expired", .stage = SUBMITTER_STAGE_ENFORCE, .mode = MODE_OBSERVE},
         "reject alert out-password 550 5.7.1",
         MODE_OBSERVE,
         ACCOUNT_EFFECT_NONE},
        {"and before warning",
         {.problem = "password-expired", .stage = SUBMITTER_STAGE_WARN, .mode = MODE_OBSERVE},
         "reject alert out-password 550 5.7.1",
         MODE_OBSERVE,
         ACCOUNT_EFFECT_NONE},
        {"content is enforced beside an account that observes",
         {.problem = "locked", .class = CLASS_STATE, .stage = SUBMITTER_STAGE_OBSERVE, .mode = MODE_ENFORCE},
         "reject alert out-state 550 5.7.1",
         MODE_ENFORCE,
         ACCOUNT_EFFECT_NONE},
        {"content is held, the account warned",
         {.problem = "locked", .class = CLASS_WORK, .stage = SUBMITTER_STAGE_WARN, .mode = MODE_ENFORCE},
         "hold out-work",
         MODE_ENFORCE,
         ACCOUNT_EFFECT_WARNED},
        {"the first row of two that refuse decides",
         {.problem = "locked", .class = CLASS_STATE, .stage = SUBMITTER_STAGE_ENFORCE, .mode = MODE_ENFORCE},
         "reject alert out-state 550 5.7.1",
         MODE_ENFORCE,
         ACCOUNT_EFFECT_NONE},
        {"nothing wrong",
         {.stage = SUBMITTER_STAGE_WARN, .mode = MODE_ENFORCE},
         "accept -",
         MODE_ENFORCE,
         ACCOUNT_EFFECT_NONE},
    };
    g_autoptr(Policy) policy = shipped();
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Decision decision = {0};
        decide(policy, &CASES[i].given, DIRECTION_OUT, &decision);
        g_autofree char *text = decision_text(&decision);
        if (strcmp(text, CASES[i].wanted) != 0 || decision.mode != CASES[i].mode ||
            decision.account_effect != CASES[i].effect)
            fail_msg("%s: '%s' mode %d effect %d", CASES[i].name, text, (int)decision.mode,
                     (int)decision.account_effect);
        decision_clear(&decision);
    }
}

static void
test_addresses_make_groups(void **state)
{
    static const struct {
        const char *pattern, *sender;
        gboolean holds;
    } CASES[] = {
        {"a@unit.example", "a@unit.example", TRUE},
        {"A@Unit.Example", "a@unit.example", TRUE},
        {"a@unit.example", "b@unit.example", FALSE},
        {"a@unit.example", "a@x.unit.example", FALSE},
        {"a@", "a@anywhere.example", TRUE},
        {"a@", "ba@anywhere.example", FALSE},
        {"@unit.example", "a@unit.example", TRUE},
        {"unit.example", "a@unit.example", TRUE},
        {"unit.example", "a@x.unit.example", FALSE},
        {".unit.example", "a@x.y.unit.example", TRUE},
        {".unit.example", "a@unit.example", TRUE},
        {".unit.example", "a@otherunit.example", FALSE},
        {"单位.example", "a@xn--fiq6nt4o.example", FALSE},
        {"例子.example", "a@xn--fsqu00a.example", TRUE},
        {"a@.unit.example", "a@x.unit.example", TRUE},
        {"unit.example", "local", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("version: 1\nrows:\n" ROW("group", "    when: {sender: [\"%s\"], class: work}\n"
                                                               "    out: {verdict: hold}\n"),
                            CASES[i].pattern);
        Problems *problems = problems_new();
        g_autoptr(Policy) policy = policy_of(yaml, problems);
        g_autofree char *mistakes = problems_to_text(problems);
        assert_string_equal(mistakes, "");
        problems_free(problems);
        Given given = {.class = CLASS_WORK, .sender = CASES[i].sender};
        Decision decision = {0};
        decide(policy, &given, DIRECTION_OUT, &decision);
        if ((decision.verdict == VERDICT_HOLD) != CASES[i].holds)
            fail_msg("%s, %s", CASES[i].pattern, CASES[i].sender);
        decision_clear(&decision);
    }
}

/* A row names a mailbox; a tag, SRS or BATV round it does not lead past the row. */
static void
test_addresses_behind_tags_are_the_same_mailbox(void **state)
{
    Problems *problems = problems_new();
    g_autoptr(Policy) policy = policy_of("version: 1\nexempt: [\"abuse@\"]\nrows:\n" ROW(
                                             "group", "    when: {recipient: [\"bob@unit.example\"], class: work}\n"
                                                      "    out: {verdict: hold}\n")
                                             ROW("sender", "    when: {sender: [\"bob@unit.example\"]}\n"
                                                           "    out: {verdict: reject}\n"),
                                         problems);
    problems_free(problems);
    GPtrArray *recipients = g_ptr_array_new(), *bases = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer) "bob+tag@unit.example");
    g_ptr_array_add(bases, (gpointer) "bob@unit.example");
    PolicyFacts facts = {.mode = MODE_ENFORCE, .sender = "x@other.example", .recipients = recipients};
    facts.classes[CLASS_WORK].found = TRUE;
    facts.classes[CLASS_WORK].confidence = CONFIDENCE_CONFIRMED;
    facts.direction = DIRECTION_OUT;
    const Verdict wanted[] = {VERDICT_ACCEPT, VERDICT_HOLD, VERDICT_REJECT, VERDICT_HOLD};
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        Decision decision = {0};
        facts.recipient_bases = i > 0 ? bases : NULL;
        facts.sender_base = i == 2 ? "bob@unit.example" : NULL;
        policy_decide(policy, &facts, &decision);
        assert_int_equal(decision.verdict, wanted[i]);
        decision_clear(&decision);
    }
    recipients->pdata[0] = (gpointer) "abuse+x@unit.example"; /* exempt from rows about the sender alone */
    bases->pdata[0] = (gpointer) "abuse@unit.example";
    facts.sender_base = "bob@unit.example";
    Decision decision = {0};
    policy_decide(policy, &facts, &decision);
    assert_int_equal(decision.verdict, VERDICT_ACCEPT);
    decision_clear(&decision);
    g_ptr_array_unref(recipients);
    g_ptr_array_unref(bases);
}

static void
test_load_tells_mistakes_with_their_place(void **state)
{
    static const struct {
        const char *name, *yaml, *wanted; /* line, and a piece of the text */
        guint line;
    } CASES[] = {
        {"unknown key", "version: 1\nrows: []\nrow: []\n", "row", 3},
        {"no version", "rows: []\n", "version", 1},
        {"future version", "version: 2\nrows: []\n", "1", 1},
        {"rows is no list", "version: 1\nrows: {a: 1}\n", "list of rows", 2},
        {"unknown key of a row",
         "version: 1\nrows:\n" ROW("x", "    where: {class: state}\n    when: {class: state}\n"
                                        "    out: {verdict: hold}\n"),
         "when", 5},
        {"unknown condition", "version: 1\nrows:\n" ROW("x", "    when: {clas: state}\n    out: {verdict: hold}\n"),
         "class", 5},
        {"unknown class", "version: 1\nrows:\n" ROW("x", "    when: {class: secret}\n    out: {verdict: hold}\n"),
         "mention, sensitive", 5},
        {"unknown verdict", "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {verdict: refuse}\n"),
         "accept", 6},
        {"tempfail", "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {verdict: tempfail}\n"),
         "accept", 6},
        {"unknown action",
         "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {verdict: hold, actions: [shout]}\n"),
         "note-account", 6},
        {"no verdict", "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {actions: [tag]}\n"),
         "verdict", 6},
        {"no column", "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n"), "out, local or in", 3},
        {"no when", "version: 1\nrows:\n" ROW("x", "    out: {verdict: hold}\n"), "when", 3},
        {"no condition", "version: 1\nrows:\n" ROW("x", "    when: {}\n    out: {verdict: hold}\n"), "every letter", 5},
        {"empty list", "version: 1\nrows:\n" ROW("x", "    when: {class: []}\n    out: {verdict: hold}\n"),
         "empty list", 5},
        {"confidence alone",
         "version: 1\nrows:\n" ROW("x", "    when: {confidence: confirmed}\n    out: {verdict: hold}\n"),
         "needs a class", 5},
        {"reply of a hold",
         "version: 1\nrows:\n" ROW("x",
                                   "    when: {class: state}\n    out: {verdict: hold, reply: \"550 5.7.1 no\"}\n"),
         "reject only", 6},
        {"4yz reply",
         "version: 1\nrows:\n" ROW("x",
                                   "    when: {class: state}\n    out: {verdict: reject, reply: \"450 4.7.1 no\"}\n"),
         "5NN", 6},
        {"reply without enhanced code",
         "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {verdict: reject, reply: \"550 no\"}\n"),
         "5NN", 6},
        {"Chinese reply",
         "version: 1\nrows:\n" ROW("x",
                                   "    when: {class: state}\n    out: {verdict: reject, reply: \"550 5.7.1 拒收\"}\n"),
         "ASCII", 6},
        {"two lines",
         "version: 1\nrows:\n" ROW(
             "x", "    when: {class: state}\n    out: {verdict: reject, reply: \"550 5.7.1 a\\r\\nb\"}\n"),
         "5NN", 6},
        {"auth outbound", "version: 1\nrows:\n" ROW("x", "    when: {auth: failed}\n    out: {verdict: hold}\n"),
         "outside", 6},
        {"bad id", "version: 1\nrows:\n" ROW("X y", "    when: {class: state}\n    out: {verdict: hold}\n"), "hyphens",
         3},
        {"two of a name",
         "version: 1\nrows:\n" ROW("x", "    when: {class: state}\n    out: {verdict: hold}\n")
             ROW("x", "    when: {class: work}\n    out: {verdict: hold}\n"),
         "already", 7},
        {"no English title",
         "version: 1\nrows:\n  - id: x\n    title: {zh: 甲}\n    when: {class: state}\n    out: {verdict: hold}\n",
         "en", 4},
        {"bad address", "version: 1\nexempt: [\"a b\"]\nrows: []\n", "user@domain", 2},
        {"row is no map", "version: 1\nrows: [x]\n", "map", 2},
        {"empty file", "# nothing\n", "empty", 0},
    };
    guint wrong = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        Problems *problems = problems_new();
        g_autoptr(Policy) policy = policy_of(CASES[i].yaml, problems);
        g_autofree char *text = problems_to_text(problems);
        const Problem *first = problems_count(problems) > 0 ? problems_get(problems, 0) : NULL;
        if (policy != NULL || first == NULL || first->line != CASES[i].line || strstr(text, CASES[i].wanted) == NULL) {
            print_error("%s: %s\n", CASES[i].name, text);
            wrong++;
        }
        problems_free(problems);
    }
    assert_int_equal(wrong, 0);
}

static void
test_load_tells_all_mistakes_in_one_run(void **state)
{
    Problems *problems = problems_new();
    g_autoptr(Policy) policy =
        policy_of("version: 1\nrows:\n" ROW("x", "    when: {class: nothing, why: never}\n    out: {verdict: maybe}\n"
                                                 "    local: {verdict: reject, reply: hello}\n"),
                  problems);
    assert_null(policy);
    assert_int_equal(problems_count(problems), 4);
    problems_free(problems);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes_of_row_and_direction),
        cmocka_unit_test(test_stage_of_the_account),
        cmocka_unit_test(test_addresses_make_groups),
        cmocka_unit_test(test_addresses_behind_tags_are_the_same_mailbox),
        cmocka_unit_test(test_load_tells_mistakes_with_their_place),
        cmocka_unit_test(test_load_tells_all_mistakes_in_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
