/* policy: the policy that ships, cell by cell; modes; addresses; mistakes. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Facts in short form. */
typedef struct {
    Class class;
    Confidence confidence;
    gboolean registered, exam, malformed, executable, auto_forward, auth_failed, auth_missing, dmarc_reject,
        null_sender, egress;
    Coverage coverage;
    CoverageWhy why;
    const char *sender, *recipient, *problem;
    gboolean unproven;    /* the sender */
    SubmitterStage stage; /* less than enforce: cases of their own */
    Mode mode;
} Given;

static void
decide(const Policy *policy, const Given *given, Direction direction, Decision *decision)
{
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    PolicyFacts facts = {
        .direction = direction,
        .egress = given->egress,
        .mode = given->mode,
        .exam = given->exam,
        .coverage = given->coverage,
        .why = given->why,
        .malformed = given->malformed,
        .executable = given->executable,
        .auto_forward = given->auto_forward,
        .auth_failed = given->auth_failed,
        .auth_missing = given->auth_missing,
        .dmarc_reject = given->dmarc_reject,
        .null_sender = given->null_sender,
        .sender = given->null_sender      ? ""
                  : given->sender != NULL ? given->sender
                                          : "a@unit.example",
        .recipients = recipients,
        .account_stage = given->stage,
        .sender_unproven = given->unproven,
    };
    g_ptr_array_add(recipients, (gpointer)(given->recipient != NULL ? given->recipient : "b@other.example"));
    if (given->problem != NULL)
        assert_true(submitter_problem_parse(given->problem, &facts.account_problems));
    if (given->class != CLASS_NONE) {
        PolicyFound *found = given->registered ? &facts.registered[given->class] : &facts.classes[given->class];
        found->found = TRUE;
        found->confidence = given->confidence != CONFIDENCE_NONE ? given->confidence : CONFIDENCE_CONFIRMED;
    }
    policy_decide(policy, &facts, decision);
}

static Policy *
shipped(void)
{
    g_autofree char *path = g_build_filename(g_getenv("top_srcdir"), "contrib", "policy.yaml", NULL);
    Problems *problems = problems_new();
    Policy *policy = policy_load(path, problems);
    g_autofree char *text = problems_to_text(problems);
    if (policy == NULL)
        fail_msg("%s", text);
    problems_free(problems);
    return policy;
}

/* "verdict action+action row reply-code" of one decision; gives. */
static char *
decision_text(const Decision *decision)
{
    GString *out = g_string_new(verdict_word(decision->verdict));
    const char *between = " ";
    for (guint bit = ACTION_TAG; bit <= ACTION_NOTE_ACCOUNT; bit <<= 1)
        if (decision->actions & bit) {
            g_string_append_printf(out, "%s%s", between, action_word((Action)bit));
            between = "+";
        }
    g_string_append_printf(out, " %s", decision->row != NULL ? decision->row : "-");
    if (decision->reply != NULL)
        g_string_append_printf(out, " %.*s", (int)strcspn(strchr(decision->reply, ' ') + 1, " ") + 4, decision->reply);
    return g_string_free(out, FALSE);
}

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
        cmocka_unit_test(test_shipped_policy_is_the_table),
        cmocka_unit_test(test_title_is_found_by_the_decisions_row),
        cmocka_unit_test(test_modes_of_row_and_direction),
        cmocka_unit_test(test_stage_of_the_account),
        cmocka_unit_test(test_addresses_make_groups),
        cmocka_unit_test(test_addresses_behind_tags_are_the_same_mailbox),
        cmocka_unit_test(test_load_tells_mistakes_with_their_place),
        cmocka_unit_test(test_load_tells_all_mistakes_in_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
