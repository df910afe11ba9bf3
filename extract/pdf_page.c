/* A page: its lines in reading order, each in its zone; then what the other orders say beyond them. */
#include "config.h"
#include "pdf_picture.h"
#include <string.h>

/* As parts of the page's height. A mark stands in the first lines of the text area (GB/T 9704-2012, 7.2), which begins
 * 37 mm down a page of 297. A running header or footer ends in its zone, with a gap between it and the text that is
 * wider than those between most lines of the page: lines that stand far apart throughout are text. */
#define HEAD_ZONE 0.34
#define RUNNING_ZONE 0.1
#define GAP 0.8 /* of the line's height */
#define GAP_WIDER 1.4

typedef struct {
    Pdf *pdf;
    Story story;
    const PdfLayout *layout;
    GString *known; /* what was told in reading order: lines without blanks */
    guint page;
    double header_end, footer_begin;
    guint count; /* letters of the page's own */
} PageRead;

static const PdfLetter *
nth(const PdfLayout *layout, guint i)
{
    return &g_array_index(layout->letters, PdfLetter, i);
}

typedef struct {
    double top, bottom;
} Line;

static gint
by_top(gconstpointer a, gconstpointer b)
{
    double one = ((const Line *)a)->top, other = ((const Line *)b)->top;
    return one < other ? -1 : one > other;
}

static gint
by_bottom(gconstpointer a, gconstpointer b)
{
    double one = ((const Line *)a)->bottom, other = ((const Line *)b)->bottom;
    return one > other ? -1 : one < other;
}

static gint
by_size(gconstpointer a, gconstpointer b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

/* The gap that most lines (rising) keep; lines that touch or stand beside each other count as 0. */
static double
usual_gap(const GArray *lines)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(double));
    double edge = 0;
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        double gap = MAX(line->top - edge, 0);
        if (i > 0)
            g_array_append_val(gaps, gap);
        edge = MAX(edge, line->bottom);
    }
    g_array_sort(gaps, by_size);
    return gaps->len > 0 ? g_array_index(gaps, double, gaps->len / 2) : 0;
}

/* Whether what ends before the gap is set apart from the line behind it. */
static gboolean
is_set_apart(const Line *line, double gap, double usual)
{
    return gap > (line->bottom - line->top) * GAP && gap > usual * GAP_WIDER;
}

static void
find_running(PageRead *read)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(Line));
    double height = MAX(read->layout->height, 1), edge;
    for (guint i = 0; i < read->count; i++)
        if ((i == 0 || nth(read->layout, i - 1)->letter == '\n') && !g_unichar_isspace(nth(read->layout, i)->letter)) {
            Line line = {nth(read->layout, i)->box.y1, nth(read->layout, i)->box.y2};
            g_array_append_val(lines, line);
        }
    read->header_end = 0;
    read->footer_begin = height;
    g_array_sort(lines, by_top);
    double usual = usual_gap(lines);
    edge = 0;
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        if (i > 0 && is_set_apart(line, line->top - edge, usual))
            read->header_end = edge;
        if (line->bottom > height * RUNNING_ZONE)
            break;
        edge = MAX(edge, line->bottom);
    }
    g_array_sort(lines, by_bottom);
    edge = height;
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = &g_array_index(lines, Line, i);
        if (i > 0 && is_set_apart(line, edge - line->bottom, usual))
            read->footer_begin = edge;
        if (line->top < height * (1 - RUNNING_ZONE))
            break;
        edge = MIN(edge, line->top);
    }
}

static PlaceKind
zone_of(const PageRead *read, double y)
{
    return y < read->header_end ? PLACE_PAGE_HEADER : y > read->footer_begin ? PLACE_PAGE_FOOTER : PLACE_BODY;
}

static gboolean
in_head(const PageRead *read, double y)
{
    return read->page == 1 && y < read->layout->height * HEAD_ZONE;
}

static void
say_run(PageRead *read, PlaceKind place, guint from, guint to)
{
    const PdfLetter *first = nth(read->layout, from);
    GString *text = g_string_new(NULL);
    for (guint i = from; i < to; i++) {
        gunichar letter = nth(read->layout, i)->letter;
        g_string_append_unichar(text, letter);
        if (!g_unichar_isspace(letter))
            g_string_append_unichar(read->known, letter);
    }
    read->story.size = first->size;
    read->story.colour = first->colour;
    story_say(&read->story, place, text->str, (gssize)text->len);
    g_string_free(text, TRUE);
}

/* Letters from..to, without the end of the line: in runs that look alike where it counts. */
static void
say_line(PageRead *read, guint from, guint to)
{
    const PopplerRectangle *box = &nth(read->layout, from)->box;
    double y = (box->y1 + box->y2) / 2;
    PlaceKind place = zone_of(read, y);
    read->story.head = in_head(read, y);
    for (guint start = from, i = from + 1; i <= to; i++)
        if (i == to || (read->story.head && nth(read->layout, i)->look != nth(read->layout, start)->look)) {
            say_run(read, place, start, i);
            start = i;
        }
    story_gap(&read->story, place, '\n');
    g_string_append_c(read->known, '\n');
}

static void
say_lines(PageRead *read)
{
    for (guint from = 0, i = 0; i <= read->count; i++)
        if (i == read->count || nth(read->layout, i)->letter == '\n') {
            if (i > from)
                say_line(read, from, i);
            from = i + 1;
        }
}

static void
say_other(const char *line, const PdfLetter *first, gpointer user)
{
    PageRead *read = user;
    double y = (first->box.y1 + first->box.y2) / 2;
    read->story.head = in_head(read, y);
    read->story.size = first->size;
    read->story.colour = first->colour;
    story_say(&read->story, PLACE_BODY, line, -1);
    story_gap(&read->story, PLACE_BODY, '\n');
}

static void
say_orders(PageRead *read)
{
    static const char *const names[] = {[PDF_ROWS] = "rows", [PDF_COLUMNS] = "columns", [PDF_ALIKE] = "alike"};
    for (PdfOrder order = PDF_ROWS; order <= PDF_ALIKE; order++) {
        story_begin(&read->story, read->pdf->sink, read->pdf->part, names[order], read->page);
        pdf_layout_lines(read->layout, order, read->known->str, say_other, read);
    }
}

/* Names of pages that are more than numbers. */
static void
say_label(Pdf *pdf, PopplerPage *page, guint number)
{
    g_autofree char *label = poppler_page_get_label(page);
    if (label != NULL && g_utf8_validate(label, -1, NULL) && (glong)strlen(label) > g_utf8_strlen(label, -1))
        pdf_tell(pdf, PLACE_ATTRIBUTE, "page-label", number, g_steal_pointer(&label));
}

/* Pictures that only hidden layers show. */
static void
keep_layers_ink(Pdf *pdf, PopplerPage *page, guint number)
{
    PdfInk ink;
    if (!sink_ocr_time(pdf->sink, OCR_TIME_PAGES)) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    g_autoptr(PdfLayout) layout = pdf_layout_new(page);
    if (pdf_ink_find(page, layout, &ink))
        pdf_ink_keep(pdf, number, &ink, TRUE);
}

/* What a layer that is not shown adds to the page: lines that the shown page does not have. */
static void
say_hidden_layers(PageRead *read, int index)
{
    GPtrArray *layers = read->pdf->hidden_layers;
    for (guint i = 0; i < layers->len; i++)
        poppler_layer_show(g_ptr_array_index(layers, i));
    g_autoptr(PdfPage) page = poppler_document_get_page(read->pdf->document, index);
    g_autofree char *text = page != NULL ? poppler_page_get_text(page) : NULL;
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    story_begin(&read->story, read->pdf->sink, read->pdf->part, "layer", read->page);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *bare = pdf_bare(lines[i]);
        if (bare[0] == '\0' || strstr(read->known->str, bare) != NULL)
            continue;
        story_say(&read->story, PLACE_HIDDEN, lines[i], -1);
        story_gap(&read->story, PLACE_HIDDEN, '\n');
    }
    if (page != NULL)
        keep_layers_ink(read->pdf, page, read->page);
    for (guint i = 0; i < layers->len; i++)
        poppler_layer_hide(g_ptr_array_index(layers, i));
}

#define KNOWN_MAX (32 * 1024 * 1024) /* bytes of all pages */

static void
keep_known(Pdf *pdf, guint number, GString *known)
{
    gboolean over = pdf->known_size + known->len > KNOWN_MAX;
    if (over)
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    else
        pdf->known_size += known->len;
    if (pdf->known->len < number)
        g_ptr_array_set_size(pdf->known, (gint)number);
    g_free(g_ptr_array_index(pdf->known, number - 1));
    g_ptr_array_index(pdf->known, number - 1) = g_string_free(known, over);
}

/* The page as it looks: told before its text where that matters for judging it, on page 1; else after it, since drawing
 * may be the reader's end. */
static void
look_at(Pdf *pdf, PopplerPage *page, guint number, const PdfLayout *layout)
{
    PdfInk ink;
    if (!sink_ocr_time(pdf->sink, OCR_TIME_PAGES)) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    sink_flush(pdf->sink);
    if (!pdf_ink_find(page, layout, &ink)) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
        return;
    }
    sink_look(pdf->sink, pdf->part, number, ink.look);
    pdf_ink_keep(pdf, number, &ink, FALSE);
}

void
pdf_page_read(Pdf *pdf, PopplerPage *page, guint number)
{
    g_autoptr(PdfLayout) layout = pdf_layout_new(page);
    PageRead read = {.pdf = pdf, .layout = layout, .known = g_string_new(NULL), .page = number};
    read.count = layout->letters->len;
    pdf_page_marks(pdf, page, number, layout); /* fields first: their letters cover ink */
    if (number == 1)
        look_at(pdf, page, number, layout);
    story_begin(&read.story, pdf->sink, pdf->part, NULL, number);
    find_running(&read);
    say_lines(&read);
    say_label(pdf, page, number);
    say_orders(&read);
    if (pdf->hidden_layers->len > 0)
        say_hidden_layers(&read, (int)number - 1);
    if (number > 1)
        look_at(pdf, page, number, layout);
    keep_known(pdf, number, read.known);
}
