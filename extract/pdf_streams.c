/* Streams that draw and are no page: each becomes the content of a page of its own, in an update with another page
 * tree. What such a page says and no page of the document said is told. */
#include "config.h"
#include "pdf_parts.h"
#include <string.h>

#define WIDE "/MediaBox[-15000 -15000 15000 15000]"

/* The dictionary of the stream goes into that of the page, for its /Resources. */
static void
add_page(PdfUpdate *update, guint number, guint parent, const PdfBox *stream)
{
    static const char *const keys[] = {"/MediaBox", "/CropBox", "/Contents", "/Parent", "/UserUnit", "/Annots"};
    gsize length;
    const guint8 *bytes = g_bytes_get_data(stream->dictionary, &length);
    const guint8 *open = memmem(bytes, length, "<<", 2);
    if (open == NULL)
        return;
    g_autofree char *head = g_strdup_printf("<</Type/Page/Parent %u 0 R" WIDE "/Contents %u %u R", parent,
                                            stream->number, stream->generation);
    gsize skip = (gsize)(open - bytes) + 2, from;
    pdf_update_object(update, number, 0);
    pdf_update_add(update, head, strlen(head));
    from = update->bytes->len;
    pdf_update_add(update, bytes + skip, length - skip);
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        pdf_update_rename(update, from, keys[i]);
    pdf_update_add(update, "\nendobj\n", 8);
}

static GBytes *
make_pages(const Pdf *pdf)
{
    PdfUpdate update;
    guint count = pdf->streams->len, root = pdf->highest + 1, tree = root + 1, first = root + 2;
    if (count == 0 || !pdf_update_begin(pdf, &update))
        return NULL;
    for (guint i = 0; i < count; i++)
        add_page(&update, first + i, tree, g_ptr_array_index(pdf->streams, i));
    g_autoptr(GString) kids = g_string_new(NULL);
    g_string_printf(kids, "<</Type/Pages/Count %u/Kids[", count);
    for (guint i = 0; i < count; i++)
        g_string_append_printf(kids, "%u 0 R ", first + i);
    g_string_append(kids, "]>>\nendobj\n");
    pdf_update_object(&update, tree, 0);
    pdf_update_add(&update, kids->str, kids->len);
    g_autofree char *catalog = g_strdup_printf("<</Type/Catalog/Pages %u 0 R>>\nendobj\n", tree);
    pdf_update_object(&update, root, 0);
    pdf_update_add(&update, catalog, strlen(catalog));
    g_autofree char *more = g_strdup_printf("/Root %u 0 R/Size %u", root, first + count);
    return pdf_update_end(&update, pdf, more);
}

/* Every line that a page said, without blanks. */
static GHashTable *
lines_known(const Pdf *pdf)
{
    GHashTable *lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < pdf->known->len; i++) {
        const char *known = g_ptr_array_index(pdf->known, i);
        g_auto(GStrv) split = g_strsplit(known != NULL ? known : "", "\n", -1);
        for (guint j = 0; split[j] != NULL; j++)
            g_hash_table_add(lines, g_steal_pointer(&split[j]));
    }
    return lines;
}

/* A form may say a part of a line, or a line that a page shows in two. */
static gboolean
is_known(const Pdf *pdf, GHashTable *lines, const char *line)
{
    if (line[0] == '\0' || g_hash_table_contains(lines, line))
        return TRUE;
    for (guint i = 0; i < pdf->known->len; i++) {
        const char *known = g_ptr_array_index(pdf->known, i);
        if (known != NULL && strstr(known, line) != NULL)
            return TRUE;
    }
    return FALSE;
}

static void
tell_stream(Pdf *pdf, PopplerPage *page, GHashTable *lines, Story *story)
{
    g_autofree char *text = poppler_page_get_text(page);
    g_auto(GStrv) split = g_strsplit(text != NULL ? text : "", "\n", -1);
    for (guint i = 0; split[i] != NULL; i++) {
        g_autofree char *bare = pdf_bare(split[i]);
        if (is_known(pdf, lines, bare) || g_hash_table_contains(pdf->told, split[i]))
            continue;
        story_say(story, PLACE_TEXT_BOX, split[i], -1);
        story_gap(story, PLACE_TEXT_BOX, '\n');
        g_hash_table_add(lines, g_steal_pointer(&bare));
    }
}

void
pdf_streams_read(Pdf *pdf)
{
    g_autoptr(GBytes) bytes = make_pages(pdf);
    g_autoptr(PdfDocument) document = bytes != NULL ? poppler_document_new_from_bytes(bytes, NULL, NULL) : NULL;
    guint count = document != NULL ? (guint)MAX(poppler_document_get_n_pages(document), 0) : 0;
    g_autoptr(GHashTable) lines = lines_known(pdf);
    Story story;
    story_begin(&story, pdf->sink, pdf->part, "stream", 0);
    gboolean damaged = pdf->damaged; /* what nobody shows may be broken */
    for (guint i = 0; i < count && !sink_stopped(pdf->sink); i++) {
        if (!sink_ocr_time(pdf->sink, OCR_TIME_ALL)) {
            sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            break;
        }
        g_autoptr(PdfPage) page = poppler_document_get_page(document, (int)i);
        if (page != NULL)
            tell_stream(pdf, page, lines, &story);
    }
    pdf->damaged = damaged;
}
