/* judge-report - from a weighed hit to a finding: class, level, confidence, excerpt; each thing once, the strongest
 * kept. */
#include "config.h"
#include "judge-parts.h"
#include <string.h>

#define EXCERPT_MAX 60     /* characters */
#define MENTION_CONTEXT 12 /* characters shown to either side of a mention */

/* The source text of the hit on one line; a mention with some text around it. */
char *
excerpt_of(const Judge *judge, gsize from, gsize to, guint context)
{
    const char *text = judge->segment->text, *begin = text + from, *end = text + to,
               *limit = text + judge->segment->length;
    GString *excerpt = g_string_sized_new(64);
    gboolean blank = FALSE;
    guint count = 0;

    for (guint i = 0; i < context && begin > text && begin[-1] != '\n'; i++)
        begin = g_utf8_prev_char(begin);
    for (guint i = 0; i < context && end < limit && *end != '\n'; i++)
        end = g_utf8_next_char(end);
    for (const char *p = begin; p < end && count < EXCERPT_MAX; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (g_unichar_isspace(c) || g_unichar_iscntrl(c)) {
            blank = excerpt->len > 0;
            continue;
        }
        if (blank && ++count < EXCERPT_MAX)
            g_string_append_c(excerpt, ' ');
        blank = FALSE;
        g_string_append_unichar(excerpt, c);
        count++;
    }
    return g_string_free(excerpt, FALSE);
}

static guint
line_of(const Judge *judge, const Hit *hit)
{
    return judge->segment->place.line > 0 ? judge->segment->place.line + hit->line : 0;
}

/* The same mark in another decoding, window or view of the same part. */
static gboolean
is_known(Judge *judge, const Hit *hit, Class class, int score)
{
    const Mark *mark = &hit->reading.mark;
    char *key = g_strdup_printf("%u|%d|%s|%d|%d|%s|%s|%u|%d", judge->segment->part, judge->segment->place.kind,
                                hit->rule->name, class, mark->level, mark->term, mark->condition, line_of(judge, hit),
                                class == CLASS_MENTION ? 0 : score);

    return !g_hash_table_add(judge->seen, key);
}

static int
strength_compare(Class class_a, int score_a, Class class_b, int score_b)
{
    return class_a != class_b ? (int)class_a - (int)class_b : score_a - score_b;
}

static void
find_weakest(Judge *judge)
{
    judge->weakest = 0;
    for (guint i = 1; i < judge->findings->len; i++) {
        const Finding *a = g_ptr_array_index(judge->findings, i);
        const Finding *b = g_ptr_array_index(judge->findings, judge->weakest);
        if (strength_compare(a->class, a->score, b->class, b->score) < 0)
            judge->weakest = i;
    }
}

/* When the letter is full, only what is stronger than its weakest finding. */
gboolean
finding_is_wanted(Judge *judge, Class class, int score)
{
    if (judge->findings->len < judge->limits.max_findings)
        return TRUE;
    if (judge->findings->len == 0)
        return FALSE;
    if (!judge->full)
        find_weakest(judge);
    judge->full = TRUE;
    const Finding *least = g_ptr_array_index(judge->findings, judge->weakest);
    return strength_compare(class, score, least->class, least->score) > 0;
}

void
finding_keep(Judge *judge, Finding *finding)
{
    if (judge->findings->len < judge->limits.max_findings) {
        g_ptr_array_add(judge->findings, finding);
        return;
    }
    finding_free(g_ptr_array_index(judge->findings, judge->weakest));
    g_ptr_array_index(judge->findings, judge->weakest) = finding;
    find_weakest(judge);
}

Confidence
confidence_of(int score)
{
    return score >= SCORE_CONFIRMED   ? CONFIDENCE_CONFIRMED
           : score >= SCORE_UNCERTAIN ? CONFIDENCE_UNCERTAIN
                                      : CONFIDENCE_MENTION;
}

static void
note(GArray *reasons, const char *id)
{
    const Reason reason = {.id = id};

    g_array_append_val(reasons, reason);
}

static Finding *
finding_make(const Judge *judge, const Hit *hit, int score, GArray *reasons)
{
    Finding *finding = finding_new();
    const Mark *mark = &hit->reading.mark;

    g_array_unref(finding->reasons);
    finding->reasons = g_array_ref(reasons);
    finding->rule = hit->rule->name;
    finding->confidence = confidence_of(score);
    finding->class = (Class)hit->rule->class;
    finding->level = mark->level;
    finding->score = score;
    finding->part = judge->segment->part;
    finding->place = judge->segment->place;
    finding->line = line_of(judge, hit);
    finding->observe = hit->rule->status == RULE_OBSERVE;
    finding->visual = judge->visual;
    finding->mark = *mark;
    fold_source_range(judge->view, judge->segment->text, MIN(mark->from, judge->view->length),
                      MIN(mark->to, judge->view->length), &finding->from, &finding->to);
    finding->mark.from = finding->from;
    finding->mark.to = finding->to;
    if (mark->voided && finding->class == CLASS_STATE) {
        finding->class = CLASS_WORK;
        finding->level = LEVEL_WORK_SECRET;
        note(reasons, "declassified");
    }
    if (finding->confidence == CONFIDENCE_MENTION) {
        finding->class = CLASS_MENTION;
        finding->level = LEVEL_NONE;
    }
    if (mark->term_over_limit)
        note(reasons, "term-over-limit");
    if (judge->segment->place.kind == PLACE_HIDDEN)
        note(reasons, "hidden-text");
    finding->header_zone =
        (seen_of(judge, hit) & (1u << SEEN_FIRST_LINES | 1u << SEEN_HEADER_LINES | 1u << SEEN_ENVELOPE)) != 0;
    return finding;
}

/* A level word that is no mark: only the first few of a part are told. */
static void
mention_report(Judge *judge, const Hit *hit)
{
    g_autoptr(GArray) reasons = g_array_new(FALSE, FALSE, sizeof(Reason));

    if (judge->mentions >= MENTIONS_MAX || is_known(judge, hit, CLASS_MENTION, 0) ||
        !finding_is_wanted(judge, CLASS_MENTION, SCORE_MENTION))
        return;
    judge->mentions++;
    note(reasons, "word-only");
    Finding *finding = finding_make(judge, hit, SCORE_MENTION, reasons);
    finding->excerpt = excerpt_of(judge, finding->from, finding->to, MENTION_CONTEXT);
    finding_keep(judge, finding);
}

void
hit_report(Judge *judge, const Hit *hit)
{
    g_autoptr(GArray) reasons = NULL;
    int score;

    if (hit->reading.forms == 0) {
        mention_report(judge, hit);
        return;
    }
    reasons = g_array_new(FALSE, FALSE, sizeof(Reason));
    score = hit_weigh(judge, hit, reasons);
    if (judge->ruleset->leaves->len > 0)
        leaves_add_hit(judge, hit->rule->index, &hit->reading.mark, hit->reading.forms, score);
    gboolean mention = score < SCORE_UNCERTAIN;
    if (mention && (judge->mentions >= MENTIONS_MAX || (hit->rule->detect == DETECT_WORDS && score < SCORE_MENTION)))
        return;
    Class class = mention ? CLASS_MENTION : (Class)hit->rule->class;
    if (is_known(judge, hit, class, score) || !finding_is_wanted(judge, class, score))
        return;
    judge->mentions += mention;
    Finding *finding = finding_make(judge, hit, score, reasons);
    finding->excerpt = excerpt_of(judge, finding->from, finding->to, mention ? MENTION_CONTEXT : 0);
    finding_keep(judge, finding);
}
