/* judge-anchor - from the scanner's hits to read anchors: places in the folded view, cues apart, words widened by what
 * goes with them. */
#include "config.h"
#include "judge-parts.h"
#include <string.h>

#define COMPANION_GAP 6 /* characters between a word and what goes with it */
#define COMPANIONS_MAX 3
#define LOOK_AHEAD 16 /* hits that begin where this one does */

/* The end is after the last character, so that what was squeezed out behind it stays outside. */
CueHit
scan_hit_place(const Judge *judge, const ScanHit *hit)
{
    const FoldView *folded = judge->view;
    CueHit place = {(guint32)hit->from, (guint32)hit->to, hit->id};
    guint32 last, end;

    if (hit->view == SCAN_FOLDED)
        return place;
    place.from = (guint32)fold_to_folded(judge->fold, hit->from);
    last = end = (guint32)fold_to_folded(judge->fold, hit->to - 1);
    /* All that one source character became belongs together. */
    while (end < folded->length && folded->source[end] == folded->source[last])
        end++;
    place.to = end;
    return place;
}

static const Target *
target_of(const Judge *judge, guint pattern)
{
    return &g_array_index(judge->ruleset->targets, Target, pattern);
}

static gboolean
is_anchor(const Target *target)
{
    return target->kind <= TARGET_EXPRESSION;
}

static int
cue_hit_compare(gconstpointer a, gconstpointer b)
{
    const CueHit *x = a, *y = b;

    return x->from < y->from ? -1 : x->from > y->from;
}

/* Words come from one view and expressions from the other: a cue that has both needs sorting. */
static void
array_sort(GArray *array)
{
    for (guint k = 1; k < array->len; k++)
        if (g_array_index(array, CueHit, k).from < g_array_index(array, CueHit, k - 1).from) {
            g_array_sort(array, cue_hit_compare);
            break;
        }
}

static GArray *
companions_at(const Judge *judge, guint number)
{
    return judge->companions[g_array_index(judge->companion_sets, guint, number)];
}

gboolean
anchors_collect(Judge *judge)
{
    gboolean anchors = FALSE;

    for (guint i = 0; i < judge->scan_hits->len && !anchors; i++)
        anchors = is_anchor(target_of(judge, g_array_index(judge->scan_hits, ScanHit, i).id));
    if (!anchors)
        return FALSE;
    for (guint i = 0; judge->cue_hits[i] != NULL; i++)
        g_array_set_size(judge->cue_hits[i], 0);
    for (guint i = 0; i < judge->companion_sets->len; i++)
        g_array_set_size(companions_at(judge, i), 0);
    for (guint i = 0; i < judge->scan_hits->len; i++) {
        const ScanHit *hit = &g_array_index(judge->scan_hits, ScanHit, i);
        const Target *target = target_of(judge, hit->id);
        if (target->kind != TARGET_CUE && target->kind != TARGET_COMPANION)
            continue;
        CueHit place = scan_hit_place(judge, hit);
        GArray *array = target->kind == TARGET_CUE ? judge->cue_hits[target->owner] : judge->companions[target->owner];
        g_array_append_val(array, place);
    }
    for (guint i = 0; judge->cue_hits[i] != NULL; i++)
        array_sort(judge->cue_hits[i]);
    for (guint i = 0; i < judge->companion_sets->len; i++)
        array_sort(companions_at(judge, i));
    return TRUE;
}

/* --- companions ----------------------------------------------------------------------------- */

/* Only blanks, commas, separators and brackets stand between. */
static gboolean
is_short_gap(const char *text, gsize from, gsize to)
{
    guint lines = 0;

    if (to < from || to - from > COMPANION_GAP * 3)
        return FALSE;
    for (const char *p = text + from; p < text + to; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        lines += c == '\n';
        if (g_unichar_isalnum(c) || c == U'。' || lines > 1)
            return FALSE;
    }
    return TRUE;
}

static const CueHit *
companion_after(const GArray *companions, const char *text, gsize at)
{
    guint low = 0, high = companions->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(companions, CueHit, middle).from < at)
            low = middle + 1;
        else
            high = middle;
    }
    const CueHit *hit = low < companions->len ? &g_array_index(companions, CueHit, low) : NULL;
    /* Of those that begin here the longest: 用毕交回会务组. */
    for (; hit != NULL && low < companions->len && g_array_index(companions, CueHit, low).from == hit->from; low++)
        if (g_array_index(companions, CueHit, low).to > hit->to)
            hit = &g_array_index(companions, CueHit, low);
    return hit != NULL && is_short_gap(text, at, hit->from) ? hit : NULL;
}

static const CueHit *
companion_before(const GArray *companions, const char *text, gsize at)
{
    guint low = 0, high = companions->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(companions, CueHit, middle).to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    const CueHit *hit = low > 0 ? &g_array_index(companions, CueHit, low - 1) : NULL;
    return hit != NULL && is_short_gap(text, hit->to, at) ? hit : NULL;
}

/* The word with the companions that touch it: 内部资料 注意保存. */
static gboolean
widen(const Judge *judge, guint owner, CueHit *place)
{
    const GArray *companions = judge->companions[ruleset_rule(judge->ruleset, owner)->companion_set];
    const char *text = judge->view->text;
    const CueHit *next;
    gboolean found = FALSE;

    if (companions == NULL)
        return FALSE;
    for (guint i = 0; i < COMPANIONS_MAX && (next = companion_after(companions, text, place->to)) != NULL; i++) {
        place->to = next->to;
        found = TRUE;
    }
    next = companion_before(companions, text, place->from);
    if (next != NULL)
        place->from = next->from;
    return found || next != NULL;
}

/* --- reading -------------------------------------------------------------------------------- */

static MarkingPlace
marking_place(const Place *place)
{
    if (place->ocr && place->head)
        return MARKING_SCAN;
    return place->kind == PLACE_SUBJECT     ? MARKING_SUBJECT
           : place->kind == PLACE_FILE_NAME ? MARKING_NAME
                                            : MARKING_TEXT;
}

static gboolean
read_at(const Judge *judge, const CueHit *place, Level level, MarkReading *reading)
{
    return marking_read(judge->view->text, judge->view->length, place->from, place->to, level,
                        marking_place(&judge->segment->place), reading);
}

gboolean
has_capitals_only(const Judge *judge, const CueHit *place)
{
    gsize from, to;

    fold_source_range(judge->view, judge->segment->text, place->from, place->to, &from, &to);
    for (const char *p = judge->segment->text + from; p < judge->segment->text + to; p = g_utf8_next_char(p))
        if (g_unichar_islower(g_utf8_get_char(p)))
            return FALSE;
    return TRUE;
}

/* A longer word of any rule holds this level word: 工作秘密, 極機密. Words come before what they hold. */
static gboolean
is_part_of_word(const Judge *judge, guint index)
{
    const ScanHit *hit = &g_array_index(judge->scan_hits, ScanHit, index);
    guint first = index > LOOK_AHEAD ? index - LOOK_AHEAD : 0;

    for (guint i = first; i < judge->scan_hits->len && i < index + LOOK_AHEAD; i++) {
        const ScanHit *other = &g_array_index(judge->scan_hits, ScanHit, i);
        if (other->view == hit->view && other->from <= hit->from && other->to >= hit->to &&
            other->to - other->from > hit->to - hit->from && target_of(judge, other->id)->kind == TARGET_WORD)
            return TRUE;
    }
    return FALSE;
}

/* A longer word of the same rule begins here, or an earlier one covers this. */
static gboolean
is_covered(Judge *judge, guint index, guint owner, const CueHit *place)
{
    const ScanHit *hit = &g_array_index(judge->scan_hits, ScanHit, index);

    for (guint i = index + 1; i < judge->scan_hits->len && i < index + LOOK_AHEAD; i++) {
        const ScanHit *next = &g_array_index(judge->scan_hits, ScanHit, i);
        const Target *target = target_of(judge, next->id);
        if (next->view != hit->view || next->from != hit->from)
            break;
        if (target->kind == TARGET_WORD && target->owner == owner && next->to > hit->to)
            return TRUE;
    }
    if (place->to <= judge->last_words[owner])
        return TRUE;
    judge->last_words[owner] = place->to;
    return FALSE;
}

/* Without the grammar: only where it stands. */
static void
read_plain(const Judge *judge, const CueHit *place, Level level, MarkReading *reading)
{
    const Line *line = lines_get(&judge->lines, lines_at(&judge->lines, place->from));

    *reading = (MarkReading){
        .mark = {.level = level, .from = place->from, .to = place->to},
        .line_from = line->from,
        .line_to = line->to,
    };
}

/* The word alone and, where companions touch it, the wider reading: the forms of both hold. */
static gboolean
word_read(Judge *judge, const Target *target, CueHit *place, Hit *hit)
{
    const RuleScores *scores = &hit->rule->scores;
    CueHit wide = *place;
    MarkReading reading;

    if (!read_at(judge, place, (Level)target->level, &hit->reading)) {
        if (!hit->expression)
            return FALSE;
        read_plain(judge, place, (Level)target->level, &hit->reading);
    }
    hit->companion = widen(judge, target->owner, &wide);
    if (hit->companion && read_at(judge, &wide, (Level)target->level, &reading)) {
        reading.mark.star = hit->reading.mark.star;
        if (reading.forms != 0 && hit->reading.forms == 0)
            hit->reading.mark = reading.mark;
        hit->reading.forms |= reading.forms;
        hit->reading.traits |= reading.traits;
    }
    if ((hit->expression ? scores->expression : scores->anywhere) > 0)
        hit->reading.forms |= 1u << MARK_FORM_WORD;
    if (hit->reading.mark.form == MARK_FORM_NONE && hit->reading.forms != 0)
        hit->reading.mark.form = MARK_FORM_WORD;
    return hit->reading.forms != 0 && (hit->companion || !hit->rule->needs_companion);
}

static gboolean
is_han_at(const char *text, gsize length, gsize at)
{
    guchar lead = at < length ? (guchar)text[at] : 0;

    return lead >= 0xE4 && lead <= 0xE9;
}

/* A level word inside a sentence, in no form at all: text touches it on the left by a character that introduces no
 * mark, and neither star nor number follows. Most hits of a text about secrecy are such; they need no reading once
 * enough of them were told. */
static gboolean
is_plain_prose(const Judge *judge, const CueHit *place)
{
    static const char introduces[] = "为属于系是含有按级度限别照口";
    const char *text = judge->view->text;
    gsize length = judge->view->length, end = MIN((gsize)place->to + 24, length);

    if (place->from < 3 || place->to - place->from != 6 || !is_han_at(text, length, place->from - 3))
        return FALSE;
    for (const char *p = introduces; *p != '\0'; p += 3)
        if (memcmp(p, text + place->from - 3, 3) == 0)
            return FALSE;
    for (gsize i = place->to; i < end; i++) {
        guchar c = (guchar)text[i];
        if (g_ascii_isdigit((char)c) || c == '*' || c == '\n' || c == 0xE2)
            return FALSE; /* 0xE2: ★, boxes, quotes */
    }
    return TRUE;
}

static void
anchor_read(Judge *judge, guint index)
{
    const ScanHit *scan_hit = &g_array_index(judge->scan_hits, ScanHit, index);
    const Target *target = target_of(judge, scan_hit->id);
    Hit hit = {.rule = ruleset_rule(judge->ruleset, target->owner), .expression = target->kind == TARGET_EXPRESSION};
    CueHit place = scan_hit_place(judge, scan_hit);

    const Places *places = &hit.rule->places, *except = &hit.rule->except;
    if (target->wrapped && memchr(judge->view->text + place.from, '\n', place.to - place.from) == NULL)
        return;
    if ((!places_empty(places) || !places_empty(except)) &&
        !places_hold(places, except, where_of(judge, place.from, places->bits | except->bits),
                     judge->segment->place.name))
        return;
    if (hit.rule->when != NULL && !leaves_wants_rule(judge->leaves, target->owner))
        return;
    if (hit.rule->capitals && !has_capitals_only(judge, &place))
        return;
    if (target->kind == TARGET_LEVEL || target->kind == TARGET_DOUBTFUL) {
        hit.doubtful = target->kind == TARGET_DOUBTFUL;
        if ((judge->words_only >= MENTIONS_MAX && is_plain_prose(judge, &place)) || is_part_of_word(judge, index))
            return;
        if (!read_at(judge, &place, (Level)target->level, &hit.reading) || (hit.doubtful && hit.reading.forms == 0))
            return;
    } else if ((target->kind == TARGET_WORD && is_covered(judge, index, target->owner, &place)) ||
               !word_read(judge, target, &place, &hit)) {
        return;
    }
    judge->words_only += hit.reading.forms == 0;
    if (hit.reading.forms == 0 && judge->words_only > MENTIONS_MAX)
        return;
    hit.line = lines_at(&judge->lines, hit.reading.mark.from);
    g_array_append_val(judge->hits, hit);
}

static int
hit_compare(gconstpointer a, gconstpointer b)
{
    const Hit *x = a, *y = b;

    return x->reading.mark.from < y->reading.mark.from ? -1 : x->reading.mark.from > y->reading.mark.from;
}

void
anchors_read(Judge *judge)
{
    g_array_set_size(judge->hits, 0);
    judge->words_only = judge->mentions;
    memset(judge->last_words, 0, judge->ruleset->rules->len * sizeof *judge->last_words);
    for (guint i = 0; i < judge->scan_hits->len; i++) {
        const Target *target = target_of(judge, g_array_index(judge->scan_hits, ScanHit, i).id);
        if (!is_anchor(target))
            continue;
        gint64 since = cost_begin(judge);
        anchor_read(judge, i);
        cost_end(judge, ruleset_rule(judge->ruleset, target->owner), since);
    }
    g_array_sort(judge->hits, hit_compare);
}
