/* ruleset-explain - what `hangu rules explain` shows of one rule. */
#include "config.h"
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
    *example_out = (RuleExampleInfo){place_word(example->place), example->text, finds};
    return TRUE;
}

gboolean
ruleset_score(const Ruleset *ruleset, guint rule, guint index, RuleScoreInfo *score_out)
{
    g_return_val_if_fail(rule < ruleset->rules->len, FALSE);
    const RuleScores *scores = &ruleset_rule(ruleset, rule)->scores;
    guint seen = 0;
    for (guint i = 0; i < G_N_ELEMENTS(FORMS); i++) {
        gint64 score = G_STRUCT_MEMBER(gint64, scores, FORMS[i].offset);
        if (score == 0 || seen++ < index)
            continue;
        *score_out = (RuleScoreInfo){FORMS[i].form, score};
        return TRUE;
    }
    return FALSE;
}
