/* judge-examples - the rules' own examples, judged as letters in miniature. */
#include "config.h"
#include "judge-parts.h"
#include <glib/gi18n.h>
#include <string.h>

/* Any day will do as long as it stays the same. 2026-01-15. */
#define EXAMPLE_NOW (G_GINT64_CONSTANT(1768435200) * G_USEC_PER_SEC)

/* Does the rule find something that may stop a letter? FALSE with error if the scanner failed. */
static gboolean
example_judge(Judge *judge, const Rule *rule, const RuleExample *example, gboolean *found_out, GError **error)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    Segment segment = {
        .place = {.kind = example->place, .line = example->place == PLACE_BODY ? 1 : 0},
        .charset = "utf-8",
        .declared = TRUE,
        .text = example->text,
        .length = strlen(example->text),
    };

    judge_begin(judge, EXAMPLE_NOW, findings);
    if (!judge_segment(judge, &segment, error))
        return FALSE;
    *found_out = FALSE;
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        *found_out |= finding->rule == rule->name && finding->confidence >= CONFIDENCE_UNCERTAIN;
    }
    return TRUE;
}

static guint
examples_run(Judge *judge, const Rule *rule, const GPtrArray *examples, gboolean wanted, Problems *problems)
{
    for (guint i = 0; i < examples->len; i++) {
        const RuleExample *example = g_ptr_array_index(examples, i);
        g_autoptr(GError) error = NULL;
        gboolean found;
        if (!example_judge(judge, rule, example, &found, &error))
            problems_add(problems, rule->file, example->line, 1, rule->id, "%s", error->message);
        else if (found != wanted)
            problems_add(problems, rule->file, example->line, 1, rule->id,
                         wanted ? _("the rule must find this and does not: %s") : _("the rule must not find this: %s"),
                         example->text);
    }
    return examples->len;
}

guint
ruleset_test(const Ruleset *ruleset, Problems *problems)
{
    static const JudgeLimits limits = {.max_hits = 1000, .max_findings = 100};
    g_autoptr(Judge) judge = judge_new(ruleset, &limits);
    guint count = 0;

    for (guint i = 0; i < ruleset->rules->len; i++) {
        const Rule *rule = ruleset_rule(ruleset, i);
        if (rule->status == RULE_OFF)
            continue;
        count += examples_run(judge, rule, rule->must, TRUE, problems);
        count += examples_run(judge, rule, rule->not, FALSE, problems);
    }
    return count;
}
