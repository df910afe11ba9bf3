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

/* The same length with another letter at the end, so that nobody knows the key. */
static void
rename_key(GByteArray *bytes, gsize from, const char *key)
{
    gsize length = strlen(key);
    guint8 *at = bytes->data + from, *end = bytes->data + bytes->len;
    while ((at = memmem(at, (gsize)(end - at), key, length)) != NULL) {
        at[length - 1] = '_';
        at += length;
    }
}

static gboolean
add_page(GByteArray *wide, const PdfBox *box)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data(box->dictionary, &length);
    const guint8 *open = memmem(bytes, length, "<<", 2);
    if (open == NULL)
        return FALSE;
    gsize head = (gsize)(open - bytes) + 2;
    g_autofree char *start = g_strdup_printf("%u %u obj\n<<" WIDE, box->number, box->generation);
    g_byte_array_append(wide, (const guint8 *)start, (guint)strlen(start));
    gsize from = wide->len;
    g_byte_array_append(wide, bytes + head, (guint)(length - head));
    rename_key(wide, from, "/MediaBox");
    rename_key(wide, from, "/CropBox");
    g_byte_array_append(wide, (const guint8 *)"\nendobj\n", 8);
    return TRUE;
}

/* Offset of the last table of cross references; -1: not told. */
static gint64
last_table(const guint8 *bytes, gsize length)
{
    const guint8 *at = bytes, *end = bytes + length, *last = NULL;
    while ((at = memmem(at, (gsize)(end - at), "startxref", 9)) != NULL)
        last = at += 9;
    g_autofree char *number = last != NULL ? g_strndup((const char *)last, MIN((gsize)(end - last), 24)) : NULL;
    gint64 value = number != NULL ? g_ascii_strtoll(number, NULL, 10) : 0;
    return value > 0 && value < (gint64)length ? value : -1;
}

static void
add_trailer(GByteArray *wide, GBytes *trailer, gint64 last, gsize table)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data(trailer, &length);
    g_autofree char *start = g_strdup_printf("trailer\n<</Prev %" G_GINT64_FORMAT, last),
                    *end = g_strdup_printf("\nstartxref\n%" G_GSIZE_FORMAT "\n%%%%EOF\n", table);
    g_byte_array_append(wide, (const guint8 *)start, (guint)strlen(start));
    gsize from = wide->len;
    g_byte_array_append(wide, bytes, (guint)length);
    rename_key(wide, from, "/Prev");
    rename_key(wide, from, "/XRefStm");
    g_byte_array_append(wide, (const guint8 *)end, (guint)strlen(end));
}

GBytes *
pdf_wide_make(const Pdf *pdf)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data(pdf->bytes, &length);
    gint64 last = last_table(bytes, length);
    const guint8 *head = memmem(bytes, MIN(length, 1024), "%PDF-", 5);
    gsize before = head != NULL ? (gsize)(head - bytes) : 0; /* offsets begin here */
    if (pdf->boxes->len == 0 || pdf->trailer == NULL || last < 0)
        return NULL;
    GByteArray *wide = g_byte_array_sized_new((guint)length + pdf->boxes->len * 256);
    g_autoptr(GString) table = g_string_new("xref\n");
    g_byte_array_append(wide, bytes, (guint)length);
    g_byte_array_append(wide, (const guint8 *)"\n", 1);
    for (guint i = 0; i < pdf->boxes->len; i++) {
        const PdfBox *box = g_ptr_array_index(pdf->boxes, i);
        gsize at = wide->len - before;
        if (add_page(wide, box))
            g_string_append_printf(table, "%u 1\n%010" G_GSIZE_FORMAT " %05u n \n", box->number, at, box->generation);
    }
    gsize at = wide->len - before;
    g_byte_array_append(wide, (const guint8 *)table->str, (guint)table->len);
    add_trailer(wide, pdf->trailer, last, at);
    return g_byte_array_free_to_bytes(wide);
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
