/* judge - from text to findings: fold, scan, parse marks, weigh them, keep the strongest. */
#include "config.h"
#include "judge.h"
#include "escapes.h"
#include "fold.h"
#include "judge-parts.h"
#include "judge-visual.h"
#include <string.h>
#include <time.h>

#define COLUMN_LINES 60 /* levels alone on lines this near are heads of a table */
#define LIST_LINES 3    /* whole marks of different levels this near are a list */

/* --- life ----------------------------------------------------------------------------------- */

/* Rules of a pack share a set; most rules have none of their own. */
static void
companions_new(Judge *judge)
{
    guint count = judge->ruleset->rules->len;

    judge->companions = g_new0(GArray *, count + 1);
    judge->companion_sets = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < judge->ruleset->targets->len; i++) {
        const Target *target = &g_array_index(judge->ruleset->targets, Target, i);
        if (target->kind != TARGET_COMPANION || judge->companions[target->owner] != NULL)
            continue;
        judge->companions[target->owner] = g_array_new(FALSE, FALSE, sizeof(CueHit));
        g_array_append_val(judge->companion_sets, target->owner);
    }
}

static void
companions_free(Judge *judge)
{
    for (guint i = 0; i < judge->companion_sets->len; i++)
        g_array_unref(judge->companions[g_array_index(judge->companion_sets, guint, i)]);
    g_array_unref(judge->companion_sets);
    g_free(judge->companions);
}

static GArray **
arrays_new(guint count)
{
    GArray **arrays = g_new0(GArray *, count + 1);

    for (guint i = 0; i < count; i++)
        arrays[i] = g_array_new(FALSE, FALSE, sizeof(CueHit));
    return arrays;
}

static void
arrays_free(GArray **arrays)
{
    for (guint i = 0; arrays[i] != NULL; i++)
        g_array_unref(arrays[i]);
    g_free(arrays);
}

Judge *
judge_new(const Ruleset *ruleset, const JudgeLimits *limits)
{
    Judge *judge = g_new0(Judge, 1);

    judge->ruleset = ruleset;
    judge->limits = *limits;
    judge->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    judge->holds = g_new0(gboolean, ruleset->cues->len + 1);
    judge->last_words = g_new0(guint32, ruleset->rules->len + 1);
    judge->fold = fold_new();
    judge->space = scan_space_new(ruleset->scanner);
    judge->scan_hits = g_array_new(FALSE, FALSE, sizeof(ScanHit));
    judge->hits = g_array_new(FALSE, FALSE, sizeof(Hit));
    judge->cue_hits = arrays_new(ruleset->cues->len);
    companions_new(judge);
    judge->leaves = leaves_new(ruleset);
    judge->visual_text = g_string_new(NULL);
    judge_lines_init(&judge->lines);
    return judge;
}

void
judge_free(Judge *judge)
{
    if (judge == NULL)
        return;
    g_hash_table_unref(judge->seen);
    g_free(judge->last_words);
    g_free(judge->holds);
    fold_free(judge->fold);
    scan_space_free(judge->space);
    g_array_unref(judge->scan_hits);
    g_array_unref(judge->hits);
    arrays_free(judge->cue_hits);
    companions_free(judge);
    leaves_free(judge->leaves);
    g_string_free(judge->visual_text, TRUE);
    judge_lines_clear(&judge->lines);
    paper_search_free(judge->papers);
    g_free(judge);
}

static void
part_begin(Judge *judge, guint part)
{
    judge->part = part;
    judge->part_hits = 0;
    judge->capped = FALSE;
    judge->mentions = 0;
}

void
judge_begin(Judge *judge, gint64 now_us, GPtrArray *findings)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);

    judge->now_us = now_us;
    judge->year = now != NULL ? g_date_time_get_year(now) : 0;
    judge->findings = findings;
    judge->full = FALSE;
    judge->counted = 0;
    g_hash_table_remove_all(judge->seen);
    if (judge->papers != NULL)
        paper_search_begin(judge->papers);
    leaves_begin(judge->leaves, NULL);
    part_begin(judge, 0);
}

void
judge_facts(Judge *judge, const LetterFacts *facts)
{
    leaves_begin(judge->leaves, facts);
}

void
judge_end(Judge *judge)
{
    conditions_report(judge);
    papers_report(judge);
    leaves_begin(judge->leaves, NULL);
}

guint32
judge_counted(const Judge *judge)
{
    return judge->counted;
}

gboolean
judge_part_end(Judge *judge, guint part)
{
    gboolean capped = judge->part == part && judge->capped;

    part_begin(judge, part + 1);
    return capped;
}

/* --- lists over several lines --------------------------------------------------------------- */

typedef struct {
    guint forms;
    gboolean star;
    guint levels_reach; /* lines between two levels */
    guint words_reach;  /* lines between words of different rules */
} Columns;

static gboolean
is_in_column(const Hit *hit, const Columns *columns)
{
    return (hit->reading.forms & columns->forms) != 0 && hit->reading.mark.star == columns->star &&
           (hit->reading.traits & (TRAIT_ALONE | TRAIT_APART | TRAIT_CELL)) != 0 && !hit->companion;
}

/* Levels list each other; a word is listed by any other word of a scale, but takes nothing from a level. */
static void
list_together(Hit *above, Hit *below, const Columns *columns)
{
    gboolean levels = above->rule->detect == DETECT_MARK && below->rule->detect == DETECT_MARK;
    guint reach = levels ? columns->levels_reach : columns->words_reach;
    gboolean differ = above->rule != below->rule || above->reading.mark.level != below->reading.mark.level;

    gboolean within = below->reading.mark.from < above->reading.mark.to; /* the value of a longer one */

    if (!differ || within || above->line >= below->line || below->line - above->line > reach)
        return;
    if (levels || above->rule->class < CLASS_STATE)
        above->reading.traits |= TRAIT_LISTED;
    if (levels || below->rule->class < CLASS_STATE)
        below->reading.traits |= TRAIT_LISTED;
}

/* Two different levels near each other, each alone on its line: the heads of a table (or, for whole marks, a list of
 * examples). Hits are in order of lines. */
static void
columns_mark(Judge *judge, const Columns *columns)
{
    Hit *last = NULL;

    for (guint i = 0; i < judge->hits->len; i++) {
        Hit *hit = &g_array_index(judge->hits, Hit, i);
        if (!is_in_column(hit, columns))
            continue;
        if (last != NULL)
            list_together(last, hit, columns);
        last = hit;
    }
}

/* --- counting ------------------------------------------------------------------------------- */

gint64
cost_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
judge_count(Judge *judge, JudgeCost *costs)
{
    judge->costs = costs;
}

/* A hit of a list that several rules use is one of each. */
static void
hits_count(Judge *judge)
{
    const Ruleset *ruleset = judge->ruleset;

    for (guint i = 0; i < judge->scan_hits->len; i++) {
        const Target *target = &g_array_index(ruleset->targets, Target, g_array_index(judge->scan_hits, ScanHit, i).id);
        if (target->kind <= TARGET_EXPRESSION)
            judge->costs[target->owner].hits++;
        if (target->kind != TARGET_SOURCE)
            continue;
        const GArray *leaves = ruleset_source(ruleset, target->owner)->leaves;
        for (guint k = 0; k < leaves->len; k++)
            judge->costs[ruleset_leaf(ruleset, g_array_index(leaves, guint, k))->rule].hits++;
    }
}

/* --- a segment ------------------------------------------------------------------------------ */

static gboolean
scan(Judge *judge, const Segment *segment, GError **error)
{
    gboolean capped = FALSE;
    guint left = judge->limits.max_hits > judge->part_hits ? judge->limits.max_hits - judge->part_hits : 0;

    fold_run(judge->fold, segment->text, segment->length);
    judge->view = fold_folded(judge->fold);
    judge->segment = segment;
    if (judge->papers != NULL && !judge->visual && !paper_search_segment(judge->papers, judge->fold, segment))
        judge->capped = TRUE;
    g_array_set_size(judge->scan_hits, 0);
    if (left == 0) {
        judge->capped = TRUE;
        return TRUE;
    }
    if (!scan_run(judge->ruleset->scanner, judge->space, judge->fold, left, judge->scan_hits, &capped, error))
        return FALSE;
    judge->part_hits += judge->scan_hits->len;
    if (judge->costs != NULL)
        hits_count(judge);
    judge->capped |= capped;
    return TRUE;
}

static gboolean
judge_text(Judge *judge, const Segment *segment, GError **error)
{
    static const Columns heads = {1u << MARK_FORM_ALONE | 1u << MARK_FORM_FIELD, FALSE, COLUMN_LINES, LIST_LINES};
    static const Columns examples = {1u << MARK_FORM_STAR, TRUE, LIST_LINES, 0};

    if (!scan(judge, segment, error))
        return FALSE;
    gboolean anchors = anchors_collect(judge), leaves = leaves_collect(judge);
    if (!anchors && !leaves) {
        leaves_pass(judge);
        return TRUE;
    }
    lines_index(&judge->lines, judge->view->text, judge->view->length, segment->place.continued,
                leaves_begins_quoted(judge));
    leaves_know_lines(judge);
    if (anchors) {
        faces_survey(&judge->faces, segment);
        anchors_read(judge);
        columns_mark(judge, &heads);
        columns_mark(judge, &examples);
        for (guint i = 0; i < judge->hits->len; i++) {
            const Hit *hit = &g_array_index(judge->hits, Hit, i);
            gint64 since = cost_begin(judge);
            hit_report(judge, hit);
            cost_end(judge, hit->rule, since);
        }
    }
    leaves_take(judge);
    return TRUE;
}

/* What was found in the text as it is seen stands, in the text as it is, somewhere among the overridden pieces. */
static void
place_anew(Judge *judge, const VisualSpan *span)
{
    for (guint i = 0; i < judge->findings->len; i++) {
        Finding *finding = g_ptr_array_index(judge->findings, i);
        if (!finding->visual)
            continue;
        finding->from = finding->mark.from = span->from;
        finding->to = finding->mark.to = span->to;
        finding->visual = FALSE;
    }
}

/* Another text that a segment holds, which stands somewhere in `span` of it. */
static gboolean
judge_other(Judge *judge, const Segment *segment, const GString *text, VisualSpan span, GError **error)
{
    Segment seen = *segment;

    seen.text = text->str;
    seen.length = text->len;
    seen.face_count = 0;
    judge->visual = TRUE;
    gboolean done = judge_text(judge, &seen, error);
    judge->visual = FALSE;
    place_anew(judge, &span);
    return done;
}

static guint
lines_before(const Segment *segment, gsize offset)
{
    guint lines = 0;

    for (gsize i = 0; i < offset; i++)
        lines += segment->text[i] == '\n';
    return lines;
}

/* What codes in a text say. Signatures and the like in headers and undecoded bytes are codes of something else. */
static gboolean
judge_codes(Judge *judge, const Segment *segment, GError **error)
{
    g_autoptr(GString) said = g_string_new(NULL);
    EscapesSpan span;
    Segment lines = *segment;

    if (segment->place.kind == PLACE_HEADER || segment->place.kind == PLACE_RAW ||
        !escapes_undo(segment->text, segment->length, said, &span))
        return TRUE;
    guint before = lines_before(segment, span.from);
    lines.place.line = segment->place.line > 0 ? segment->place.line + before : 0;
    lines.place.continued = segment->place.continued || before >= HEADER_LINES;
    judge->capped |= said->len > SEGMENT_MAX; /* more than can be judged */
    return said->len > SEGMENT_MAX || judge_other(judge, &lines, said, (VisualSpan){span.from, span.to}, error);
}

gboolean
judge_segment(Judge *judge, const Segment *segment, GError **error)
{
    VisualSpan span;

    if (segment->part != judge->part)
        part_begin(judge, segment->part);
    if (!judge_text(judge, segment, error))
        return FALSE;
    if (visual_order(segment, judge->visual_text, &span) &&
        !judge_other(judge, segment, judge->visual_text, span, error))
        return FALSE;
    return judge_codes(judge, segment, error);
}
