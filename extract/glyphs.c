/* glyphs - sorted indices; the glyphs themselves keep the order of the file. */
#include "config.h"
#include "glyphs.h"
#include <math.h>
#include <string.h>

#define LINE_SLACK 0.35   /* of an em: base lines so near are one line */
#define TWICE_SLACK 0.15  /* of an em: the same character so near is drawn twice */
#define SPACE_FROM 0.25   /* of an em: a gap */
#define TAB_FROM 1.5      /* of an em: a column */
#define NEAR 2.5          /* ems: the next glyph of the file goes on with the last one */
#define AROUND 24         /* glyphs told before and behind a spot where the orders differ */
#define PAPER_MAX 1000000 /* mm */

const Matrix MATRIX_NONE = {1, 0, 0, 1, 0, 0};

Matrix
matrix_join(const Matrix *inner, const Matrix *outer)
{
    Matrix joined = {
        inner->a * outer->a + inner->b * outer->c,
        inner->a * outer->b + inner->b * outer->d,
        inner->c * outer->a + inner->d * outer->c,
        inner->c * outer->b + inner->d * outer->d,
        inner->e * outer->a + inner->f * outer->c + outer->e,
        inner->e * outer->b + inner->f * outer->d + outer->f,
    };
    const double all[] = {joined.a, joined.b, joined.c, joined.d, joined.e, joined.f};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        if (!isfinite(all[i]) || fabs(all[i]) > PAPER_MAX)
            return MATRIX_NONE;
    return joined;
}

guint
numbers_parse(const char *text, double *out, guint most)
{
    guint count = 0;
    while (count < most) {
        char *end;
        text += strspn(text, ", \t\r\n");
        double number = g_ascii_strtod(text, &end);
        if (end == text)
            break;
        out[count++] = isfinite(number) ? CLAMP(number, -PAPER_MAX, PAPER_MAX) : 0;
        text = end;
    }
    return count;
}

double
glyph_advance(gunichar code)
{
    return g_unichar_iswide_cjk(code) && code >= 0x2000 ? 1 : 0.5;
}

void
glyphs_direct(GArray *glyphs, guint from, const Matrix *matrix)
{
    if (from >= glyphs->len)
        return;
    const Glyph *first = &g_array_index(glyphs, Glyph, from);
    const Glyph *last = &g_array_index(glyphs, Glyph, glyphs->len - 1);
    double along = last->x - first->x, down = last->y - first->y;
    GlyphKind kind = GLYPH_SHOWN;
    if (first == last)
        kind = fabs(matrix->b) > fabs(matrix->a) * 0.15 ? GLYPH_SLANTING : GLYPH_SHOWN;
    else if (fabs(down) > fabs(along) * 0.15 && fabs(down) > (double)first->size * 0.3)
        kind = down > 0 && fabs(along) <= down * 0.15 ? GLYPH_VERTICAL : GLYPH_SLANTING;
    for (guint i = from; i < glyphs->len; i++)
        g_array_index(glyphs, Glyph, i).kind = (guint8)kind;
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const GArray *glyphs;
    Story *story;
    const GlyphsHow *how;
    GString *run; /* of one look, waiting */
    PlaceKind place;
    guint *ranks; /* of each glyph in the order of lines, blanks apart; G_MAXUINT: not told */
    guint told;
} Telling;

static const Glyph *
glyph_at(const Telling *telling, guint index)
{
    return &g_array_index(telling->glyphs, Glyph, index);
}

static gboolean
is_blank(const Glyph *glyph)
{
    return g_unichar_isspace(glyph->code) || g_unichar_iszerowidth(glyph->code);
}

static void
flush_run(Telling *telling)
{
    story_say(telling->story, telling->place, telling->run->str, (gssize)telling->run->len);
    g_string_truncate(telling->run, 0);
}

/* How the next glyphs look. */
static void
wear(Telling *telling, const Glyph *glyph)
{
    guint size = (guint)CLAMP(lround((double)glyph->size * 720 / 25.4), 0, WIRE_SIZE_MAX);
    if (size == telling->story->size && glyph->colour == telling->story->colour)
        return;
    flush_run(telling);
    telling->story->size = size;
    telling->story->colour = glyph->colour;
}

static gboolean
in_head(const Telling *telling, const Glyph *glyph)
{
    const GlyphsHow *how = telling->how;
    return how->first && (how->height > 0 ? glyph->y < how->height / 3 : telling->story->lines < STORY_HEAD_LINES);
}

static void
say_glyph(Telling *telling, const Glyph *glyph, const Glyph *before)
{
    if (before != NULL && !is_blank(before) && !is_blank(glyph)) {
        double gap = glyph->x - before->x - (double)before->width, em = (double)MAX(glyph->size, before->size);
        if (gap > em * SPACE_FROM)
            g_string_append_c(telling->run, gap > em * TAB_FROM ? '\t' : ' ');
    }
    wear(telling, glyph);
    g_string_append_unichar(telling->run, glyph->code);
}

static gboolean
is_drawn_twice(const Telling *telling, const guint *line, guint at, const Glyph *glyph)
{
    for (guint back = 1; back <= MIN(at, 6); back++) {
        const Glyph *other = glyph_at(telling, line[at - back]);
        if (other->code == glyph->code && other->object != glyph->object &&
            fabs(other->x - glyph->x) < (double)glyph->size * TWICE_SLACK &&
            fabs(other->y - glyph->y) < (double)glyph->size * TWICE_SLACK)
            return TRUE;
    }
    return FALSE;
}

/* Where a line that stands on every page belongs; FALSE: it was told with another page. */
static gboolean
place_line(Telling *telling, const guint *line, guint count)
{
    const Glyph *first = glyph_at(telling, line[0]);
    double height = telling->how->height;
    for (guint i = 0; i < count; i++)
        if (!glyph_at(telling, line[i])->shared)
            return TRUE;
    if (telling->place == telling->how->place && height > 0)
        telling->place = first->y < height / 10       ? PLACE_PAGE_HEADER
                         : first->y > height * 9 / 10 ? PLACE_PAGE_FOOTER
                                                      : telling->place;
    return telling->how->tell_shared;
}

static void
say_line(Telling *telling, const guint *line, guint count)
{
    const Glyph *before = NULL;
    PlaceKind place = telling->place;
    if (place_line(telling, line, count)) {
        telling->story->head = in_head(telling, glyph_at(telling, line[0]));
        for (guint i = 0; i < count; i++) {
            const Glyph *glyph = glyph_at(telling, line[i]);
            if (is_drawn_twice(telling, line, i, glyph))
                continue;
            say_glyph(telling, glyph, before);
            before = glyph;
            if (!is_blank(glyph))
                telling->ranks[line[i]] = telling->told++;
        }
        flush_run(telling);
        story_line(telling->story, telling->place);
    }
    telling->place = place;
}

static gint
compare(double one, double other, guint first, guint second)
{
    return one < other ? -1 : one > other ? 1 : first < second ? -1 : first > second;
}

static gint
by_line(gconstpointer a, gconstpointer b, gpointer user)
{
    guint one = *(const guint *)a, other = *(const guint *)b;
    return compare(glyph_at(user, one)->y, glyph_at(user, other)->y, one, other);
}

static gint
by_column(gconstpointer a, gconstpointer b, gpointer user)
{
    guint one = *(const guint *)a, other = *(const guint *)b;
    return compare(glyph_at(user, one)->x, glyph_at(user, other)->x, one, other);
}

static GArray *
indices_of(const Telling *telling, GlyphKind kind)
{
    GArray *indices = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < telling->glyphs->len; i++)
        if (glyph_at(telling, i)->kind == kind)
            g_array_append_val(indices, i);
    return indices;
}

static void
say_lines(Telling *telling, GlyphKind kind, PlaceKind place)
{
    g_autoptr(GArray) order = indices_of(telling, kind);
    guint *all = (guint *)(gpointer)order->data;
    telling->place = place;
    g_array_sort_with_data(order, by_line, telling);
    for (guint from = 0, to; from < order->len; from = to) {
        const Glyph *first = glyph_at(telling, all[from]);
        for (to = from + 1; to < order->len; to++) {
            const Glyph *next = glyph_at(telling, all[to]);
            if (next->y - first->y > (double)MAX(first->size, next->size) * LINE_SLACK)
                break;
        }
        g_qsort_with_data(all + from, (gint)(to - from), sizeof(guint), by_column, telling);
        say_line(telling, all + from, to - from);
    }
}

/* --- in the order of the file ----------------------------------------------------------------------------------- */

static gboolean
is_near(const Glyph *one, const Glyph *other)
{
    double em = (double)MAX(one->size, other->size) * NEAR;
    return fabs(one->x - other->x) <= em && fabs(one->y - other->y) <= em;
}

static void
say_next(Telling *telling, const Glyph *glyph, const Glyph *before)
{
    if (before != NULL && before->object != glyph->object && !is_near(before, glyph)) {
        flush_run(telling);
        story_gap(telling->story, telling->place, '\n');
    }
    if (before == NULL)
        telling->story->head = in_head(telling, glyph);
    wear(telling, glyph);
    g_string_append_unichar(telling->run, glyph->code);
}

static void
say_raw(Telling *telling, GlyphKind kind, PlaceKind place)
{
    const Glyph *before = NULL;
    telling->place = place;
    for (guint i = 0; i < telling->glyphs->len; i++) {
        const Glyph *glyph = glyph_at(telling, i);
        if (glyph->kind != kind || (glyph->shared && !telling->how->tell_shared))
            continue;
        say_next(telling, glyph, before);
        before = glyph;
    }
    flush_run(telling);
    story_gap(telling->story, place, '\n');
}

/* Which glyphs stand near a spot where the one that follows in the file does not follow in the lines. Gives. */
static guint8 *
mark_spots(const Telling *telling, const GArray *seen)
{
    guint8 *marked = g_malloc0(seen->len + 1);
    for (guint i = 1; i < seen->len; i++) {
        guint before = telling->ranks[g_array_index(seen, guint, i - 1)];
        if (telling->ranks[g_array_index(seen, guint, i)] == before + 1)
            continue;
        guint from = i > AROUND ? i - AROUND : 0, to = MIN(i + AROUND, seen->len);
        memset(marked + from, 1, to - from);
    }
    return marked;
}

static void
say_differences(Telling *telling)
{
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < telling->glyphs->len; i++)
        if (glyph_at(telling, i)->kind == GLYPH_SHOWN && telling->ranks[i] != G_MAXUINT)
            g_array_append_val(seen, i);
    g_autofree guint8 *marked = mark_spots(telling, seen);
    const Glyph *before = NULL;
    telling->place = telling->how->place;
    for (guint i = 0; i < seen->len; i++) {
        const Glyph *glyph = glyph_at(telling, g_array_index(seen, guint, i));
        if (marked[i] != 0)
            say_next(telling, glyph, before);
        else if (before != NULL) {
            flush_run(telling);
            story_gap(telling->story, telling->place, '\n');
        }
        before = marked[i] != 0 ? glyph : NULL;
    }
    flush_run(telling);
    story_gap(telling->story, telling->place, '\n');
}

void
glyphs_tell(GArray *glyphs, Story *story, const GlyphsHow *how)
{
    Telling telling = {.glyphs = glyphs, .story = story, .how = how, .run = g_string_new(NULL)};
    telling.ranks = g_new(guint, glyphs->len + 1);
    memset(telling.ranks, 0xFF, sizeof(guint) * (glyphs->len + 1));
    say_lines(&telling, GLYPH_SHOWN, how->place);
    say_raw(&telling, GLYPH_VERTICAL, how->place);
    say_raw(&telling, GLYPH_SLANTING, how->place == PLACE_BODY ? PLACE_TEXT_BOX : how->place);
    say_differences(&telling);
    say_lines(&telling, GLYPH_HIDDEN, PLACE_HIDDEN);
    g_string_free(telling.run, TRUE);
    g_free(telling.ranks);
    g_array_set_size(glyphs, 0);
    story->head = FALSE;
    story->size = 0;
    story->colour = FACE_NO_COLOUR;
}
