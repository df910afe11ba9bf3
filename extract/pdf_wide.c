/* What stands outside a page is cut off by poppler. So the file gets an update (ISO 32000-1, 7.5.6) that gives its
 * pages another box, and what the wide pages say beyond the narrow ones was hidden there. */
#include "config.h"
#include "pdf_parts.h"
#include <string.h>

#define WIDE "/MediaBox[-15000 -15000 15000 15000]" /* 14,400 is the largest that viewers take */

void
pdf_box_free(gpointer box)
{
    g_bytes_unref(((PdfBox *)box)->dictionary);
    g_free(box);
}

static void
add_page(PdfUpdate *update, const PdfBox *box)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data(box->dictionary, &length);
    const guint8 *open = memmem(bytes, length, "<<", 2);
    if (open == NULL)
        return;
    gsize head = (gsize)(open - bytes) + 2, from;
    pdf_update_object(update, box->number, box->generation);
    pdf_update_add(update, "<<" WIDE, strlen("<<" WIDE));
    from = update->bytes->len;
    pdf_update_add(update, bytes + head, length - head);
    pdf_update_rename(update, from, "/MediaBox");
    pdf_update_rename(update, from, "/CropBox");
    pdf_update_add(update, "\nendobj\n", 8);
}

GBytes *
pdf_wide_make(const Pdf *pdf)
{
    PdfUpdate update;
    if (pdf->boxes->len == 0 || !pdf_update_begin(pdf, &update))
        return NULL;
    for (guint i = 0; i < pdf->boxes->len; i++)
        add_page(&update, g_ptr_array_index(pdf->boxes, i));
    return pdf_update_end(&update, pdf, "");
}

static void
tell_outside(Pdf *pdf, PopplerPage *page, guint number, const char *known)
{
    g_autofree char *text = poppler_page_get_text(page);
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);
    Story story;
    story_begin(&story, pdf->sink, pdf->part, "outside", number);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *bare = pdf_bare(lines[i]);
        if (bare[0] == '\0' || strstr(known, bare) != NULL)
            continue;
        story_say(&story, PLACE_HIDDEN, lines[i], -1);
        story_gap(&story, PLACE_HIDDEN, '\n');
    }
}

void
pdf_wide_read(Pdf *pdf)
{
    g_autoptr(GBytes) bytes = pdf_wide_make(pdf);
    g_autoptr(PdfDocument) document = bytes != NULL ? poppler_document_new_from_bytes(bytes, NULL, NULL) : NULL;
    guint count = document != NULL ? (guint)MAX(poppler_document_get_n_pages(document), 0) : 0;
    for (guint i = 0; i < MIN(count, pdf->known->len) && !sink_stopped(pdf->sink); i++) {
        if (!sink_ocr_time(pdf->sink, OCR_TIME_ALL)) {
            sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return;
        }
        g_autoptr(PdfPage) page = poppler_document_get_page(document, (int)i);
        const char *known = g_ptr_array_index(pdf->known, i);
        if (page != NULL && known != NULL)
            tell_outside(pdf, page, i + 1, known);
    }
}
