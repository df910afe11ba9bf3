/* ruleset-explain - what `hangu rules explain` shows of one rule. */
#include "config.h"
#include "condition-text.h"
#include "ruleset-parts.h"

#define SCORE(field)                               \
    {                                              \
#field, G_STRUCT_OFFSET(RuleScores, field) \
    }

static const struct {
    const char *form;
    gsize offset;
} FORMS[] = {SCORE(star_term), SCORE(star),     SCORE(star_doubtful), SCORE(exam),
             SCORE(alone),     SCORE(field),    SCORE(ticked),        SCORE(bracketed),
             SCORE(prefix),    SCORE(sentence), SCORE(anywhere),      SCORE(expression)};
G_STATIC_ASSERT(G_N_ELEMENTS(FORMS) * sizeof(gint64) == sizeof(RuleScores));

gboolean
ruleset_example(const Ruleset *ruleset, guint rule, guint index, RuleExampleInfo *example_out)
{
    g_return_val_if_fail(rule < ruleset->rules->len, FALSE);
    const Rule *one = ruleset_rule(ruleset, rule);
    gboolean finds = index < one->must->len;
    const GPtrArray *list = finds ? one->must : one->not ;
    guint at = finds ? index : index - one->must->len;
    if (at >= list->len)
        return FALSE;
    const RuleExample *example = g_ptr_array_index(list, at);
    const RuleExampleText *first = example->texts->len > 0 ? g_ptr_array_index(example->texts, 0) : NULL;
    gboolean plain = example->texts->len == 1 && !example->has_facts && first->name == NULL;
    *example_out = (RuleExampleInfo){plain ? places_word(first->place) : "letter", example->shown, finds, example->line,
                                     example->has_facts};
    return TRUE;
}

static void
list_show(const GPtrArray *list, const char *heading, gboolean chinese, GString *out)
{
    if (list == NULL || list->len == 0)
        return;
    g_string_append_printf(out, "%s\n", heading);
    for (guint i = 0; i < list->len; i++)
        condition_show(g_ptr_array_index(list, i), 1, chinese, out);
}

char *
ruleset_condition(const Ruleset *ruleset, guint rule, gboolean chinese)
{
    g_return_val_if_fail(rule < ruleset->rules->len, NULL);
    const Rule *one = ruleset_rule(ruleset, rule);
    GString *out = g_string_new(NULL);
    if (one->condition != NULL)
        condition_show(one->condition, 0, chinese, out);
    list_show(one->exceptions, "exceptions", chinese, out);
    list_show(one->cues, "cues", chinese, out);
    return g_string_free(out, FALSE);
}

char *
ruleset_places(const Ruleset *ruleset, guint rule)
{
    g_return_val_if_fail(rule < ruleset->rules->len, NULL);
    const Rule *one = ruleset_rule(ruleset, rule);
    return places_describe(&one->places, &one->except);
}

char *
ruleset_when(const Ruleset *ruleset, guint rule)
{
    g_return_val_if_fail(rule < ruleset->rules->len, NULL);
    const Rule *one = ruleset_rule(ruleset, rule);
    return one->when != NULL ? when_text(one->when) : g_strdup("");
}

gboolean
ruleset_score(const Ruleset *ruleset, guint rule, guint index, RuleScoreInfo *score_out)
{
    g_return_val_if_fail(rule < ruleset->rules->len, FALSE);
    const RuleScores *scores = &ruleset_rule(ruleset, rule)->scores;
    guint seen = 0;
    if (ruleset_rule(ruleset, rule)->detect == DETECT_CONDITION) {
        *score_out = (RuleScoreInfo){"condition", ruleset_rule(ruleset, rule)->score};
        return index == 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(FORMS); i++) {
        gint64 score = G_STRUCT_MEMBER(gint64, scores, FORMS[i].offset);
        if (score == 0 || seen++ < index)
            continue;
        *score_out = (RuleScoreInfo){FORMS[i].form, score};
        return TRUE;
    }
    return FALSE;
}
