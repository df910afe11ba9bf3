/* judge-examples - the rules' own examples, judged as letters in miniature. */
#include "config.h"
#include "judge-parts.h"
#include <glib/gi18n.h>
#include <string.h>

static gboolean
text_judge(Judge *judge, const RuleExampleText *text, GError **error)
{
    guint across = PLACES_ATTACHMENT | PLACES_OCR;
    PlaceKind kind = (text->place & across) != 0 ? PLACE_BODY : (PlaceKind)g_bit_nth_lsf(text->place, -1);
    Segment segment = {
        .place = {.kind = kind,
                  .name = text->name,
                  .line = kind == PLACE_BODY ? 1 : 0,
                  .attachment = (text->place & PLACES_ATTACHMENT) != 0,
                  .ocr = (text->place & PLACES_OCR) != 0},
        .part = text->part,
        .charset = "utf-8",
        .declared = TRUE,
        .text = text->text,
        .length = strlen(text->text),
    };

    return judge_segment(judge, &segment, error);
}

/* A condition that is worth a mention only is found when it is mentioned. */
static int
wanted_score(const Rule *rule)
{
    return rule->detect == DETECT_CONDITION ? (int)MIN(rule->score, SCORE_UNCERTAIN) : SCORE_UNCERTAIN;
}

gboolean
judge_example_text(Judge *judge, PlaceKind place, const char *text, GPtrArray *findings, GError **error)
{
    const RuleExampleText only = {.place = 1u << place, .text = (char *)text};

    judge_begin(judge, JUDGE_EXAMPLE_NOW, findings);
    if (!text_judge(judge, &only, error))
        return FALSE;
    judge_end(judge);
    return TRUE;
}

static gboolean
letter_judge(Judge *judge, const RuleExample *example, GPtrArray *findings, GError **error)
{
    gint64 now_us = example->time_us != 0 ? example->time_us : JUDGE_EXAMPLE_NOW;
    g_autoptr(GArray) history = g_array_new(FALSE, FALSE, sizeof(LetterHistory));
    for (guint i = 0; i < example->recipients->len && example->history.letters > 0; i++)
        g_array_append_val(history, example->history);
    const LetterFacts facts = {.direction = example->direction,
                               .sender = example->sender,
                               .recipients = example->recipients,
                               .own = example->own,
                               .reply_to = example->reply_to,
                               .history = history->len > 0 ? history : NULL,
                               .time_us = now_us};

    judge_begin(judge, now_us, findings);
    if (example->has_facts)
        judge_facts(judge, &facts);
    for (guint i = 0; i < example->texts->len; i++)
        if (!text_judge(judge, g_ptr_array_index(example->texts, i), error))
            return FALSE;
    judge_end(judge);
    return TRUE;
}

gboolean
judge_example(Judge *judge, guint rule, guint example, GPtrArray *findings, GError **error)
{
    const Rule *one = ruleset_rule(judge->ruleset, rule);
    gboolean must = example < one->must->len;

    return letter_judge(
        judge, must ? g_ptr_array_index(one->must, example) : g_ptr_array_index(one->not, example - one->must->len),
        findings, error);
}

/* Does the rule find something that may stop a letter? FALSE with error if the scanner failed. */
static gboolean
example_judge(Judge *judge, const Rule *rule, const RuleExample *example, gboolean *found_out, GError **error)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

    if (!letter_judge(judge, example, findings, error))
        return FALSE;
    *found_out = FALSE;
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        *found_out |= finding->rule == rule->name && finding->score >= wanted_score(rule);
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
                         example->shown);
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
