/* The document is read from memory: poppler goes back and forth in it. What it complains about goes to a handler here,
 * never to a log; some complaints say that something was lost. */
#include "config.h"
#include "pdf.h"
#include "kept_files.h"
#include "pdf_picture.h"
#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (128 * 1024 * 1024)
#define PAGES_MAX 20000
#define MISSING_MAX 20 /* pages one after the other that are told of and are not there */

/* What poppler says when letters or pages are lost; other complaints are about things that every viewer forgives. */
static const char *const losses[] = {
    "Unknown operator",
    "No font in show",
    "wrong type",
    "Too few",
    "End of file inside",
    "Unterminated",
    "Illegal character",
    "Unknown filter",
    "flate stream",
    "Weird page contents",
    "Failed to parse page",
    "Loop in Pages tree",
    "LZW",
    "xref",
    "Invalid object stream",
    "Unknown CMap",
    "Couldn't find '",
    "Catalog",
    "Page count",
    "Page tree",
    "content stream",
    "Decryption",
    "Kids",
    "Pages tree",
    "Couldn't read",
    "JBIG2",
    "segment handler",
    "JPX Stream",
};

static void
on_complaint(const char *domain, GLogLevelFlags level, const char *message, gpointer user)
{
    gboolean *damaged = user;
    for (gsize i = 0; i < G_N_ELEMENTS(losses) && !*damaged; i++)
        *damaged = strstr(message, losses[i]) != NULL;
}

/* Documents that keep poppler's tables alive, so that nothing of them is looked for behind the walls. */
static const char TINY[] = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                           "2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
                           "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
                           "trailer<</Size 3/Root 1 0 R>>\nstartxref\n97\n%%EOF\n";

/* Letters are drawn with the fonts of the document or not at all: without a font of its own a letter is text. What
 * fontconfig wants to know of this machine at its first question, it asks here. */
static void
forget_fonts(void)
{
    FcConfigSetCurrent(FcConfigCreate());
    FcResult result;
    FcPattern *pattern = FcPatternCreate();
    FcConfigSubstitute(NULL, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcFontSet *fonts = FcFontSort(NULL, pattern, FcFalse, NULL, &result);
    if (fonts != NULL)
        FcFontSetDestroy(fonts);
    FcPatternDestroy(pattern);
}

const char *
pdf_library_version(void)
{
    return poppler_get_version();
}

void
pdf_prepare(void)
{
    static PopplerDocument *kept;
    if (kept != NULL)
        return;
    kept_files_add(POPPLER_DATADIR "/cMap");
    kept_files_add(POPPLER_DATADIR "/cidToUnicode");
    forget_fonts();
    g_autoptr(GBytes) bytes = g_bytes_new_static(TINY, sizeof TINY - 1);
    kept = poppler_document_new_from_bytes(bytes, NULL, NULL);
}

static void
read_pages(Pdf *pdf)
{
    int count = poppler_document_get_n_pages(pdf->document), missing = 0;
    pdf->damaged |= count <= 0;
    for (int i = 0; i < count && missing < MISSING_MAX && !sink_stopped(pdf->sink); i++) {
        if (i == PAGES_MAX) {
            sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            break;
        }
        g_autoptr(PdfPage) page = poppler_document_get_page(pdf->document, i);
        missing = page != NULL ? 0 : missing + 1;
        pdf->damaged |= page == NULL;
        pdf->pages += page != NULL;
        if (page != NULL)
            pdf_page_read(pdf, page, (guint)i + 1);
        sink_flush(pdf->sink); /* the next page may be the reader's end */
    }
}

/* Cut off: no end, or objects behind the last one. */
static gboolean
is_cut(GBytes *bytes)
{
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length), *end = NULL, *next = data;
    while ((next = memmem(next, length - (gsize)(next - data), "%%EOF", 5)) != NULL)
        end = next += 5;
    return end == NULL || memmem(end, length - (gsize)(end - data), " obj", 4) != NULL;
}

static void
read_document(Pdf *pdf)
{
    pdf_about_read(pdf);
    sink_flush(pdf->sink);
    read_pages(pdf);
    pdf_attachments_read(pdf);
    pdf->damaged |= is_cut(pdf->bytes);
}

static void
cover_closed(Pdf *pdf, const GError *error)
{
    pdf->encrypted = g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED);
    sink_cover(pdf->sink, pdf->part, COVERAGE_UNREADABLE, pdf->encrypted ? WHY_ENCRYPTED : WHY_DAMAGED);
}

/* Damaged it is all the same: nobody knows what is missing. */
static void
read_mended(Pdf *pdf, GBytes *bytes)
{
    pdf->damaged = TRUE;
    g_ptr_array_set_size(pdf->hidden_layers, 0);
    g_clear_object(&pdf->document);
    pdf->document = poppler_document_new_from_bytes(bytes, NULL, NULL);
    if (pdf->document != NULL)
        read_pages(pdf);
}

static void
pdf_begin(Pdf *pdf, Source *source, Sink *sink, guint part)
{
    *pdf = (Pdf){.source = source, .sink = sink, .part = part};
    pdf->hidden_layers = g_ptr_array_new_with_free_func(g_object_unref);
    pdf->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pdf->known = g_ptr_array_new_with_free_func(g_free);
    pdf->boxes = g_ptr_array_new_with_free_func(pdf_box_free);
    pdf->waiting = g_array_new(FALSE, FALSE, sizeof(PdfWaiting));
    pdf->inks = g_hash_table_new(NULL, NULL);
    pdf->streams = g_ptr_array_new_with_free_func(pdf_box_free);
}

static void
pdf_end(Pdf *pdf)
{
    g_ptr_array_unref(pdf->hidden_layers); /* before the document that they are of */
    g_clear_object(&pdf->document);
    g_hash_table_unref(pdf->told);
    g_ptr_array_unref(pdf->known);
    g_ptr_array_unref(pdf->boxes);
    g_array_unref(pdf->waiting);
    g_hash_table_unref(pdf->inks);
    g_ptr_array_unref(pdf->streams);
    g_clear_pointer(&pdf->trailer, g_bytes_unref);
    g_clear_pointer(&pdf->bytes, g_bytes_unref);
}

static void
read_all(Pdf *pdf)
{
    g_autoptr(GError) error = NULL;
    pdf->document = poppler_document_new_from_bytes(pdf->bytes, NULL, &error);
    if (pdf->document != NULL)
        read_document(pdf);
    else
        cover_closed(pdf, error);
    g_autoptr(GBytes) mended = pdf_objects_read(pdf);
    if (mended != NULL && !pdf->encrypted)
        read_mended(pdf, mended);
    else if (pdf->pages > 0)
        pdf_wide_read(pdf);
    if (pdf->pages > 0)
        pdf_streams_read(pdf);
    pdf_pictures_read(pdf);
}

static gssize
swallow(gpointer user, const char *bytes, gsize length)
{
    return (gssize)length;
}

/* Where poppler prints what it does not tell the handler: nowhere. */
static FILE *
nowhere(void)
{
    static FILE *file;
    static const cookie_io_functions_t functions = {.write = swallow};
    if (file == NULL)
        file = fopencookie(NULL, "w", functions);
    return file != NULL ? file : stderr;
}

gboolean
pdf_run(Source *source, Sink *sink, guint part)
{
    Pdf pdf;
    pdf_begin(&pdf, source, sink, part);
    pdf.bytes = source_all(source, FILE_MAX, &pdf.damaged);
    if (g_bytes_get_size(pdf.bytes) <= FILE_MAX) {
        guint handler = g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, on_complaint, &pdf.damaged);
        FILE *kept = stderr;
        stderr = nowhere();
        read_all(&pdf);
        stderr = kept;
        g_log_remove_handler("Poppler", handler);
    } else {
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_OVER_BUDGET);
    }
    gboolean damaged = pdf.damaged;
    pdf_end(&pdf);
    return !damaged;
}
