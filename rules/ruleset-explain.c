/* ruleset-explain - what `hangu rules explain` shows of one rule. */
#include "config.h"
#include "condition-text.h"
#include "marking.h"
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
    g_autofree char *text = one->when != NULL ? when_text(one->when) : g_strdup("");
    if (one->history_letters == 0)
        return g_steal_pointer(&text);
    return g_strdup_printf("%s; history: letters %" G_GINT64_FORMAT ", days %" G_GINT64_FORMAT, text,
                           one->history_letters, one->history_days);
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

guint
ruleset_levels(const Ruleset *ruleset, guint rule)
{
    g_return_val_if_fail(rule < ruleset->rules->len, 0);
    guint levels = 0;
    for (guint i = 0; i < ruleset->targets->len; i++) {
        const Target *target = &g_array_index(ruleset->targets, Target, i);
        if (target->kind == TARGET_LEVEL && target->owner == rule)
            levels |= 1u << target->level;
    }
    return levels != 0 ? levels : 1u << ruleset_rule(ruleset, rule)->level;
}

/* --- cues ------------------------------------------------------------------------------------------------------- */

gboolean
ruleset_cue_info(const Ruleset *ruleset, guint index, CueInfo *cue_out)
{
    if (index >= ruleset->cues->len)
        return FALSE;
    const Cue *cue = ruleset_cue(ruleset, index);
    *cue_out = (CueInfo){.id = cue->id,
                         .text_zh = cue->text_zh,
                         .text_en = cue->text_en,
                         .file = cue->file,
                         .seen = cue->seen != SEEN_WORDS ? cue_seen_word(cue->seen) : NULL,
                         .scope = cue_scope_word(cue->scope),
                         .score = cue->score,
                         .reach = cue->reach,
                         .count = cue->count,
                         .line = cue->line,
                         .quotation = cue->quotation,
                         .companion = cue->companion,
                         .exam = cue->exam,
                         .sinks = cue->sinks,
                         .classes = cue->class_names,
                         .forms = cue->form_names};
    for (guint i = 0; i < ruleset->targets->len; i++) {
        const Target *target = &g_array_index(ruleset->targets, Target, i);
        cue_out->patterns += target->kind == TARGET_CUE && target->owner == index;
    }
    return TRUE;
}

/* 1 << MarkForm: those that the rule gives a score. */
static guint
forms_of(const Rule *rule)
{
    const RuleScores *scores = &rule->scores;
    gint64 star = scores->star_term + scores->star + scores->star_doubtful + scores->exam;
    return (star > 0 ? 1u << MARK_FORM_STAR : 0) | (scores->alone > 0 ? 1u << MARK_FORM_ALONE : 0) |
           (scores->field > 0 ? 1u << MARK_FORM_FIELD : 0) | (scores->ticked > 0 ? 1u << MARK_FORM_TICKED : 0) |
           (scores->bracketed + scores->prefix > 0 ? 1u << MARK_FORM_BRACKETED : 0) |
           (scores->sentence > 0 ? 1u << MARK_FORM_SENTENCE : 0) |
           (scores->anywhere + scores->expression > 0 ? 1u << MARK_FORM_WORD : 0);
}

gboolean
ruleset_cue_concerns(const Ruleset *ruleset, guint cue, guint rule)
{
    g_return_val_if_fail(cue < ruleset->cues->len && rule < ruleset->rules->len, FALSE);
    const Cue *one = ruleset_cue(ruleset, cue);
    const Rule *asked = ruleset_rule(ruleset, rule);
    if (asked->detect == DETECT_CONDITION || (one->exam && asked->scores.exam == 0))
        return FALSE;
    return (one->classes == 0 || (one->classes & 1u << asked->class) != 0) &&
           (one->forms == 0 || (one->forms & forms_of(asked)) != 0);
}
