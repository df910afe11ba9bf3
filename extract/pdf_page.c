/* A page: its lines in reading order, each in its zone; then what the other orders say beyond them. */
#include "config.h"
#include "pdf_parts.h"
#include <string.h>

/* Zones as parts of the page's height. A mark stands in the first lines of the text area (GB/T 9704-2012, 7.2), which
 * begins 37 mm down a page of 297. */
#define HEAD_ZONE 0.34
#define HEADER_ZONE 0.07
#define FOOTER_ZONE 0.93

typedef struct {
    Pdf *pdf;
    Story story;
    const PdfLayout *layout;
    GString *known; /* without blanks */
    guint page;
} PageRead;

static const PdfLetter *
nth(const PdfLayout *layout, guint i)
{
    return &g_array_index(layout->letters, PdfLetter, i);
}

static PlaceKind
zone_of(const PageRead *read, double y)
{
    double height = MAX(read->layout->height, 1);
    return y < height * HEADER_ZONE ? PLACE_PAGE_HEADER : y > height * FOOTER_ZONE ? PLACE_PAGE_FOOTER : PLACE_BODY;
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
}

static void
say_lines(PageRead *read)
{
    for (guint from = 0, i = 0; i <= read->layout->letters->len; i++)
        if (i == read->layout->letters->len || nth(read->layout, i)->letter == '\n') {
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
        g_auto(GStrv) words = g_strsplit_set(lines[i], " \t\f", -1);
        g_autofree char *bare = g_strjoinv("", words);
        if (bare[0] == '\0' || strstr(read->known->str, bare) != NULL)
            continue;
        story_say(&read->story, PLACE_HIDDEN, lines[i], -1);
        story_gap(&read->story, PLACE_HIDDEN, '\n');
    }
    for (guint i = 0; i < layers->len; i++)
        poppler_layer_hide(g_ptr_array_index(layers, i));
}

void
pdf_page_read(Pdf *pdf, PopplerPage *page, guint number)
{
    g_autoptr(PdfLayout) layout = pdf_layout_new(page);
    PageRead read = {.pdf = pdf, .layout = layout, .known = g_string_new(NULL), .page = number};
    story_begin(&read.story, pdf->sink, pdf->part, NULL, number);
    say_lines(&read);
    say_label(pdf, page, number);
    pdf_page_marks(pdf, page, number, layout);
    say_orders(&read);
    if (pdf->hidden_layers->len > 0)
        say_hidden_layers(&read, (int)number - 1);
    g_string_free(read.known, TRUE);
}
