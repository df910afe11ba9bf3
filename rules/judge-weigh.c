/* judge-weigh - base score of the form, cues and vetoes (requirements.md B.6). */
#include "config.h"
#include "judge-parts.h"

#define DISTINCT_MAX 20
#define HITS_LOOKED_AT 256 /* of one cue around one hit */

static void
reason_add(GArray *reasons, const char *id, int score)
{
    const Reason reason = {.id = id, .score = score};

    g_array_append_val(reasons, reason);
}

/* --- the base ------------------------------------------------------------------------------- */

typedef struct {
    gint64 score;
    const char *reason;
} Base;

static void
base_raise(Base *base, gint64 score, const char *reason)
{
    if (score > base->score)
        *base = (Base){score, reason};
}

static gboolean
has_form(const Hit *hit, MarkForm form)
{
    return (hit->reading.forms & (1u << form)) != 0;
}

static void
base_of_star(const Hit *hit, Base *base)
{
    const RuleScores *scores = &hit->rule->scores;
    const Mark *mark = &hit->reading.mark;
    gboolean level = mark->level >= LEVEL_SECRET, term = mark->term_unit != TERM_NONE;

    if (hit->doubtful || (hit->reading.traits & TRAIT_STAR_DOUBTFUL) != 0) {
        guint edges = TRAIT_ALONE | TRAIT_LEFT_EDGE | TRAIT_RIGHT_EDGE;
        if (term && (hit->reading.traits & edges) != 0)
            base_raise(base, scores->star_doubtful, "doubtful-star");
        else if (!term && (hit->reading.traits & TRAIT_ALONE) != 0)
            base_raise(base, scores->star_doubtful / 2, "doubtful-star");
    } else if (mark->exam)
        base_raise(base, scores->exam, "exam-mark");
    else if (term)
        base_raise(base, scores->star_term, level ? "level+star+period" : "words-star");
    else
        base_raise(base, scores->star, level ? "level+star" : "words-star");
}

static Base
base_of(const Hit *hit)
{
    const RuleScores *scores = &hit->rule->scores;
    gboolean level = hit->reading.mark.level >= LEVEL_SECRET;
    Base base = {0, "word-only"};

    if (has_form(hit, MARK_FORM_WORD))
        base_raise(&base, hit->expression ? scores->expression : scores->anywhere, "words-found");
    if (has_form(hit, MARK_FORM_STAR))
        base_of_star(hit, &base);
    if (hit->doubtful)
        return base;
    if (has_form(hit, MARK_FORM_ALONE))
        base_raise(&base, scores->alone, level ? "level-alone" : "words-alone");
    if (has_form(hit, MARK_FORM_FIELD))
        base_raise(&base, scores->field, level ? "level-field" : "words-field");
    if (has_form(hit, MARK_FORM_TICKED))
        base_raise(&base, scores->ticked, "level-ticked");
    if (has_form(hit, MARK_FORM_SENTENCE))
        base_raise(&base, scores->sentence, level ? "level-sentence" : "words-sentence");
    if (has_form(hit, MARK_FORM_BRACKETED)) {
        gboolean prefix = (hit->reading.traits & TRAIT_PREFIX) != 0;
        base_raise(&base, prefix ? scores->prefix : scores->bracketed,
                   prefix  ? "level-prefix"
                   : level ? "level-bracketed"
                           : "words-bracketed");
    }
    return base;
}

/* --- cues ----------------------------------------------------------------------------------- */

typedef struct {
    gsize from, to;
} Span;

static Span
span_of(const Judge *judge, const Cue *cue, const Hit *hit)
{
    const Mark *mark = &hit->reading.mark;
    const Lines *lines = &judge->lines;
    const Line *first = lines_get(lines, hit->line);
    const Line *last = lines_get(lines, lines_at(lines, mark->to > 0 ? mark->to - 1 : 0));
    gsize characters = (gsize)cue->reach * 3;
    guint reach = (guint)cue->reach, count = lines->array->len;

    switch (cue->scope) {
    case SCOPE_LINE:
        return (Span){first->from, last->to};
    case SCOPE_BEFORE:
        return (Span){MAX(first->from, mark->from > characters ? mark->from - characters : 0), mark->from};
    case SCOPE_AFTER:
        return (Span){mark->to, MIN(last->to, mark->to + characters)};
    case SCOPE_AROUND:
        return (Span){lines_get(lines, hit->line > reach ? hit->line - reach : 0)->from,
                      lines_get(lines, MIN(hit->line + reach, count - 1))->to};
    default:
        return (Span){0, judge->view->length};
    }
}

/* Index of the first hit at or after the offset. */
static guint
lower_bound(const GArray *hits, gsize from)
{
    guint low = 0, high = hits->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(hits, CueHit, middle).from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Enough different words inside the span, none of them a piece of the mark. */
static gboolean
words_near(const Judge *judge, guint cue_index, const Hit *hit)
{
    const Cue *cue = ruleset_cue(judge->ruleset, cue_index);
    const GArray *hits = judge->cue_hits[cue_index];
    guint distinct[DISTINCT_MAX], count = 0;
    Span span;

    if (hits->len == 0)
        return FALSE;
    span = span_of(judge, cue, hit);
    for (guint i = lower_bound(hits, span.from), looked = 0; i < hits->len && looked < HITS_LOOKED_AT; i++, looked++) {
        const CueHit *near = &g_array_index(hits, CueHit, i);
        if (near->from >= span.to)
            break;
        if (near->to > span.to || (near->from < hit->reading.mark.to && near->to > hit->reading.mark.from))
            continue;
        guint known = 0;
        while (known < count && distinct[known] != near->pattern)
            known++;
        if (known == count && count < DISTINCT_MAX)
            distinct[count++] = near->pattern;
        if (count >= cue->count)
            return TRUE;
    }
    return FALSE;
}

static gboolean
cue_concerns(const Cue *cue, const Hit *hit)
{
    if (cue->classes != 0 && (cue->classes & (1u << hit->rule->class)) == 0)
        return FALSE;
    if (cue->exam && !hit->reading.mark.exam)
        return FALSE;
    return cue->forms == 0 || (cue->forms & hit->reading.forms) != 0;
}

static gboolean
cue_holds(const Judge *judge, guint index, const Hit *hit, guint seen)
{
    const Cue *cue = ruleset_cue(judge->ruleset, index);

    if (!cue_concerns(cue, hit))
        return FALSE;
    return cue->seen == SEEN_WORDS ? words_near(judge, index, hit) : (seen & (1u << cue->seen)) != 0;
}

/* Something that only the first page of a real document has stands by. */
static gboolean
has_companion(const Judge *judge, const gboolean *holds)
{
    for (guint i = 0; i < judge->ruleset->cues->len; i++)
        if (holds[i] && ruleset_cue(judge->ruleset, i)->companion)
            return TRUE;
    return FALSE;
}

int
hit_weigh(const Judge *judge, const Hit *hit, GArray *reasons)
{
    guint count = judge->ruleset->cues->len, seen = seen_of(judge, hit);
    const Mark *mark = &hit->reading.mark;
    Base base = base_of(hit);
    gboolean *holds = judge->holds;
    guint zone = 1u << SEEN_FIRST_LINES | 1u << SEEN_HEADER_LINES;
    gboolean sunk = FALSE;
    gint64 score = base.score;

    reason_add(reasons, base.reason, (int)base.score);
    for (guint i = 0; i < count; i++)
        holds[i] = base.score > 0 && cue_holds(judge, i, hit, seen);
    gboolean first_page = (seen & zone) != 0 && has_companion(judge, holds);
    for (guint i = 0; i < count; i++) {
        const Cue *cue = ruleset_cue(judge->ruleset, i);
        if (!holds[i] || (first_page && cue->quotation && cue->score < 0))
            continue;
        score += cue->score;
        sunk |= cue->sinks;
        reason_add(reasons, cue->name, (int)cue->score);
    }
    gboolean whole = mark->level >= LEVEL_SECRET && mark->star && mark->term_unit != TERM_NONE && !mark->exam &&
                     !hit->doubtful && (hit->reading.traits & TRAIT_STAR_DOUBTFUL) == 0;
    if (whole && !sunk && score < SCORE_UNCERTAIN) {
        reason_add(reasons, "floor", (int)(SCORE_UNCERTAIN - score));
        score = SCORE_UNCERTAIN;
    }
    if (hit->doubtful)
        score = MIN(score, SCORE_CONFIRMED - 1);
    return (int)score;
}
