/* policy_given - facts of a letter in short form, and what a policy decides on them. */
#pragma once
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

static inline void
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

static inline Policy *
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
static inline char *
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
