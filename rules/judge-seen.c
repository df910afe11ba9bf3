/* judge-seen - the facts of position: where on the page a hit stands and what the lines around it are. */
#include "config.h"
#include "judge-parts.h"
#include <string.h>

#define FIRST_LINES 3
#define COMPANION_LINES 4 /* copy number above, urgency below */
#define COPY_LINES 2      /* a short copy number, which might be another number elsewhere */
#define COPY_LIST_LINES 8 /* another such number this near makes it a list */
#define PAPER_LINES 24    /* the closing words of a one-page order */
#define RED_HEAD_LINES 14
#define OPTION_LINES 3 /* 公开 above or below 内部: a scale */
#define IMPRINT_LINES 30
#define YEAR_BEFORE 200 /* bytes looked at for the year of an examination */
#define YEAR_AFTER 600

static guint
bit(CueSeen seen)
{
    return 1u << seen;
}

/* Where the first lines are a header zone: a page that begins, and what a reader says stands at the head of one. The
 * running header of later pages and all other places of a document are judged like running text. */
static gboolean
is_paper(const Place *place)
{
    static const guint papers = 1u << PLACE_BODY | 1u << PLACE_TITLE | 1u << PLACE_RAW | 1u << PLACE_OUTSIDE |
                                1u << PLACE_TEXT_BOX | 1u << PLACE_SHEET_NAME;

    return place->head || (place->kind == PLACE_PAGE_HEADER && place->page <= 1) || (papers & 1u << place->kind) != 0;
}

/* A mark, not a word in a sentence. */
static gboolean
stands_apart(const Hit *hit)
{
    guint traits = hit->reading.traits, forms = hit->reading.forms;
    guint framed = 1u << MARK_FORM_BRACKETED | 1u << MARK_FORM_FIELD | 1u << MARK_FORM_SENTENCE;

    if ((traits & (TRAIT_OPTION | TRAIT_EXAMPLE | TRAIT_LISTED)) != 0)
        return FALSE;
    if ((traits & (TRAIT_ALONE | TRAIT_CELL)) != 0)
        return TRUE;
    if (forms == 1u << MARK_FORM_WORD)
        return FALSE;
    return (traits & (TRAIT_LEFT_EDGE | TRAIT_RIGHT_EDGE)) != 0 || (forms & framed) != 0;
}

guint
where_of(const Judge *judge, gsize offset, guint asked)
{
    const Place *place = &judge->segment->place;
    guint where = 1u << place->kind | (place->attachment ? PLACES_ATTACHMENT : 0) | (place->ocr ? PLACES_OCR : 0);

    if ((asked & (PLACES_QUOTED | PLACES_HEADER_ZONE)) == 0)
        return where;
    const Line *line = lines_get(&judge->lines, lines_at(&judge->lines, offset));
    gboolean top = line->ordinal <= HEADER_LINES && line->sheet != SHEET_RULED;
    if ((line->flags & LINE_QUOTED) != 0)
        where |= PLACES_QUOTED;
    if (place->kind == PLACE_SUBJECT || place->kind == PLACE_FILE_NAME || place->head || (is_paper(place) && top))
        where |= PLACES_HEADER_ZONE;
    return where;
}

static guint
zone_of(const Judge *judge, const Hit *hit)
{
    const Line *line = lines_get(&judge->lines, hit->line);
    guint seen = 0;
    PlaceKind place = judge->segment->place.kind;

    if (place == PLACE_SUBJECT || place == PLACE_FILE_NAME)
        return bit(SEEN_ENVELOPE);
    if (!stands_apart(hit))
        return 0;
    if (!is_paper(&judge->segment->place))
        return 0;
    if (line->ordinal <= FIRST_LINES)
        seen |= bit(line->sheet == SHEET_RULED ? SEEN_HEADER_LINES : SEEN_FIRST_LINES);
    else if (line->ordinal <= HEADER_LINES)
        seen |= bit(SEEN_HEADER_LINES);
    if (hit->line >= judge->lines.last_lines)
        seen |= bit(SEEN_LAST_LINES);
    return seen;
}

/* One short copy number at the mark. Several numbers near each other are those of a list: 第7号, 第8号. */
static gboolean
is_copied(const Judge *judge, guint line)
{
    const Lines *lines = &judge->lines;
    guint from = line > COPY_LIST_LINES ? line - COPY_LIST_LINES : 0, count = 0;

    if ((lines_around(lines, line, COPY_LINES, 1) & LINE_COPY) == 0)
        return FALSE;
    for (guint i = from; i <= line + COPY_LIST_LINES && i < lines->array->len; i++)
        count += (lines_flags(lines, i) & LINE_COPY) != 0;
    return count == 1;
}

static guint
companions_of(const Judge *judge, const Hit *hit)
{
    guint traits = hit->reading.traits, seen = 0;
    guint framed = 1u << MARK_FORM_ALONE | 1u << MARK_FORM_WORD;
    guint near_flags = lines_around(&judge->lines, hit->line, COMPANION_LINES, COMPANION_LINES);

    if ((near_flags & (LINE_COPY_NUMBER | LINE_URGENT)) != 0 || (traits & (TRAIT_URGENT | TRAIT_COPY_NUMBER)) != 0)
        seen |= bit(SEEN_COPY_NUMBER);
    if ((lines_around(&judge->lines, hit->line, COMPANION_LINES, PAPER_LINES) & LINE_PAPER) != 0 ||
        is_copied(judge, hit->line))
        seen |= bit(SEEN_PAPER);
    if ((hit->reading.forms & ~(guint)framed) == 0 &&
        (lines_around(&judge->lines, hit->line, OPTION_LINES, OPTION_LINES) & LINE_OPTION) != 0)
        seen |= bit(SEEN_LISTED);
    if ((lines_around(&judge->lines, hit->line, RED_HEAD_LINES, RED_HEAD_LINES) & LINE_RED_HEAD) != 0)
        seen |= bit(SEEN_RED_HEAD);
    if (hit->line + IMPRINT_LINES >= judge->lines.array->len || hit->line <= HEADER_LINES) {
        guint last = judge->lines.last_lines;
        if (last < judge->lines.array->len && (lines_around(&judge->lines, last, 3, 3) & LINE_IMPRINT) != 0)
            seen |= bit(SEEN_IMPRINT);
    }
    return seen;
}

/* A year before this one stands near: 2019年全国统一考试, 2023-2024学年. */
static gboolean
is_past_year(const Judge *judge, const Hit *hit)
{
    gsize from = hit->reading.mark.from > YEAR_BEFORE ? hit->reading.mark.from - YEAR_BEFORE : 0;
    gsize to = MIN(hit->reading.mark.to + YEAR_AFTER, judge->view->length);
    const char *text = judge->view->text;
    gboolean past = FALSE;

    for (gsize i = from; i + 4 <= to; i++) {
        if (!g_ascii_isdigit(text[i]) || (i > 0 && g_ascii_isdigit(text[i - 1])))
            continue;
        guint64 value = 0;
        gsize k = i;
        for (; k < to && k < i + 5 && g_ascii_isdigit(text[k]); k++)
            value = value * 10 + (guint64)(text[k] - '0');
        if (k - i != 4 || value < 1980 || value > 2100)
            continue;
        if (value >= (guint64)judge->year)
            return FALSE;
        past = TRUE;
    }
    return past;
}

static guint
surroundings_of(guint traits)
{
    static const struct {
        guint trait;
        CueSeen seen;
    } rows[] = {
        {TRAIT_TERM_BARE, SEEN_TERM_BARE}, {TRAIT_QUOTED, SEEN_QUOTED},     {TRAIT_EXAMPLE, SEEN_EXAMPLE},
        {TRAIT_TITLED, SEEN_TITLED},       {TRAIT_LISTED, SEEN_LISTED},     {TRAIT_OPTION, SEEN_OPTION},
        {TRAIT_GLUED_BEFORE, SEEN_GLUED},  {TRAIT_GLUED_AFTER, SEEN_GLUED}, {TRAIT_DECORATED, SEEN_DECORATED},
    };
    guint seen = 0;

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if ((traits & rows[i].trait) != 0)
            seen |= bit(rows[i].seen);
    if ((traits & (TRAIT_OPTION | TRAIT_EXAMPLE | TRAIT_QUOTED | TRAIT_LISTED)) != 0)
        return seen;
    if ((traits & TRAIT_ALONE) != 0)
        seen |= bit(SEEN_ALONE);
    else if ((traits & TRAIT_CELL) != 0)
        seen |= bit(SEEN_CELL);
    else if ((traits & (TRAIT_LEFT_EDGE | TRAIT_RIGHT_EDGE)) != 0)
        seen |= bit(SEEN_EDGE);
    return seen;
}

/* How it looks on its paper: by its type, by what a picture of the page shows. */
static guint
look_of(const Judge *judge, const Hit *hit)
{
    const Segment *segment = judge->segment;
    gboolean first_page = segment->place.page <= 1 && !segment->place.continued;
    guint seen = 0;
    gsize from, to;

    if (first_page && (segment->place.look & LOOK_RED_HEAD) != 0 && hit->line < RED_HEAD_LINES)
        seen |= bit(SEEN_RED_HEAD);
    if ((segment->place.look & LOOK_SEAL) != 0)
        seen |= bit(SEEN_PAPER);
    if (segment->face_count == 0)
        return seen;
    fold_source_range(judge->view, segment->text, hit->reading.mark.from, hit->reading.mark.to, &from, &to);
    if (stands_apart(hit) && face_is_prominent(&judge->faces, segment, from))
        seen |= bit(SEEN_PROMINENT);
    if (face_has_red_head(&judge->faces, segment, from, RED_HEAD_LINES))
        seen |= bit(SEEN_RED_HEAD);
    return seen;
}

guint
seen_of(const Judge *judge, const Hit *hit)
{
    const Mark *mark = &hit->reading.mark;
    guint seen =
        surroundings_of(hit->reading.traits) | zone_of(judge, hit) | companions_of(judge, hit) | look_of(judge, hit);

    if (mark->level >= LEVEL_SECRET && mark->term_unit != TERM_NONE && !mark->term_over_limit)
        seen |= bit(SEEN_LIMITS);
    if (hit->companion)
        seen |= bit(SEEN_COMPANION);
    if (mark->exam && is_past_year(judge, hit))
        seen |= bit(SEEN_PAST_YEAR);
    return seen;
}
