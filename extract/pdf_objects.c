/* The file below poppler: every object that stands in it, one after the other, whether the document still refers to it
 * or not. Strings that nobody told (custom properties, rich contents, scripts, what an update left behind), XML in
 * streams (XFA), files that no list names, and what is no PDF at all. */
#include "config.h"
#include "archive.h"
#include "detect.h"
#include "pdf_sweep.h"
#include "zip.h"

#define FOREIGN_MAX 16
#define FOREIGN_LEAST 4 /* bytes */

/* --- what is between objects ---------------------------------------------------------------------------------------
 */

static void
tell_foreign(PdfSweep *sweep, const guint8 *from, const guint8 *to)
{
    Pdf *pdf = sweep->pdf;
    while (to > from && (to[-1] == 0 || g_ascii_isspace(to[-1])))
        to--;
    if (sweep->quiet || to - from < FOREIGN_LEAST || sweep->zip)
        return;
    if (sweep->foreign++ >= FOREIGN_MAX) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    g_autoptr(GBytes) bytes = g_bytes_new(from, (gsize)(to - from));
    g_autoptr(Source) source = source_of_bytes(bytes);
    sink_object(pdf->sink, pdf->part, "", 0, source);
}

static gboolean
is_structure(const PdfToken *token)
{
    static const char *const words[] = {"xref", "trailer", "startxref", "endobj", "endstream", "f",
                                        "n",    "null",    "true",      "false",  "R"};
    return token->kind != PDF_WORD || pdf_is_one_of(token->text->str, words, G_N_ELEMENTS(words));
}

/* The last one that names the catalog is the one that counts. */
static void
keep_trailer(PdfSweep *sweep, const guint8 *from, const guint8 *to)
{
    const guint8 *open = memmem(from, (gsize)(to - from), "<<", 2);
    if (open == NULL || memmem(open, (gsize)(to - open), "/Root", 5) == NULL)
        return;
    g_clear_pointer(&sweep->pdf->trailer, g_bytes_unref);
    sweep->pdf->trailer = g_bytes_new(open + 2, (gsize)(to - open) - 2);
}

/* Cross references, trailers and comments; the rest is no PDF. */
static void
read_gap(PdfSweep *sweep, const guint8 *from, const guint8 *to)
{
    g_auto(PdfToken) token = {0};
    PdfBytes bytes = {from, to};
    PdfObject trailer = {0};
    const guint8 *open = NULL;
    guint depth = 0;
    pdf_token_init(&token);
    while (pdf_next(&bytes, &token)) {
        if (token.kind == PDF_OPEN && depth++ == 0)
            open = token.from;
        else if (token.kind == PDF_CLOSE && depth > 0 && --depth == 0)
            keep_trailer(sweep, open, bytes.at);
        if (token.kind == PDF_NAME) {
            sweep->encrypted |= strcmp(token.text->str, "Encrypt") == 0;
            g_strlcpy(trailer.key, token.text->str, sizeof trailer.key);
        } else if (token.kind == PDF_COMMENT && !sweep->quiet && token.text->len > 8 &&
                   detect_is_text((const guint8 *)token.text->str, token.text->len)) {
            sink_raw_text(sweep->pdf->sink, sweep->pdf->part, PLACE_COMMENT, NULL, token.text->str, token.text->len);
        } else if (!is_structure(&token)) {
            tell_foreign(sweep, token.from, to);
            return;
        }
    }
}

/* --- the file ---------------------------------------------------------------------------------------------------- */

/* The next "n g obj" from `at` on: where its numbers (n, g) stand, *body behind the word. NULL: none. */
static const guint8 *
next_object(const PdfSweep *sweep, const guint8 *at, guint64 numbers_out[2], const guint8 **body)
{
    const guint8 *end = sweep->data + sweep->length, *word = at;
    while ((word = memmem(word, (gsize)(end - word), "obj", 3)) != NULL) {
        const guint8 *back = word;
        guint64 value = 0, scale = 1;
        guint numbers = 0;
        while (numbers < 2) {
            const guint8 *blank = back;
            while (back > at && (back[-1] == 0 || g_ascii_isspace(back[-1])))
                back--;
            const guint8 *digits = back;
            for (value = 0, scale = 1; back > at && g_ascii_isdigit(back[-1]) && digits - back < 10; scale *= 10)
                value += (guint64)(*--back - '0') * scale;
            numbers_out[1 - numbers] = value;
            if (back == digits || (blank == digits && numbers == 1))
                break;
            numbers++;
        }
        *body = word += 3;
        if (numbers == 2)
            return back;
    }
    return NULL;
}

static void
take_whole(PdfSweep *sweep, PdfBytes *bytes, const guint64 numbers[2])
{
    guint64 number = numbers[0];
    PdfObject object = {.number = number, .generation = numbers[1]};
    pdf_object_take(sweep, bytes, &object);
    if (object.stream)
        object.data = pdf_stream_data(bytes, &object);
    if (sweep->quiet) {
        sweep->encrypted |= object.has_encrypt && strcmp(object.type, "XRef") == 0;
        return;
    }
    if (object.stream)
        pdf_stream_keep(sweep, &object);
    pdf_object_keep(sweep, &object);
    if (strcmp(object.type, "XRef") == 0)
        keep_trailer(sweep, object.from, object.end);
    if (strcmp(object.type, "Page") == 0)
        g_array_append_val(sweep->pages, number);
    sweep->highest = MAX(sweep->highest, number);
}

static void
sweep_file(PdfSweep *sweep, gboolean quiet)
{
    const guint8 *at = sweep->data, *end = sweep->data + sweep->length, *body, *start;
    guint64 numbers[2];
    guint objects = 0;
    sweep->quiet = quiet;
    while ((start = next_object(sweep, at, numbers, &body)) != NULL && !sink_stopped(sweep->pdf->sink)) {
        PdfBytes bytes = {body, end};
        if (objects++ == PDF_OBJECTS_MAX) {
            sink_cover(sweep->pdf->sink, sweep->pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return;
        }
        read_gap(sweep, at, start);
        take_whole(sweep, &bytes, numbers);
        at = MAX(bytes.at, body);
    }
    read_gap(sweep, at, end);
}

/* A ZIP in the same file is a ZIP to whoever opens it as one. */
static void
read_zip(PdfSweep *sweep)
{
    Pdf *pdf = sweep->pdf;
    g_autoptr(Source) whole = source_of_bytes(pdf->bytes);
    g_autoptr(Zip) zip = zip_open(whole, 0, (gint64)sweep->length);
    sweep->zip = zip != NULL && zip->members->len > 0;
    if (sweep->zip && !archive_run_members(whole, pdf->sink, pdf->part))
        pdf->damaged = TRUE;
}

/* The file with a page tree of its own, behind it: for one whose tree leads nowhere. Where the tables are is left to
 * poppler, which looks for the objects itself. */
static GBytes *
mend(const PdfSweep *sweep)
{
    guint64 root = sweep->highest + 1;
    if (sweep->pages->len == 0 || sweep->encrypted || root > G_MAXINT32)
        return NULL;
    GByteArray *mended = g_byte_array_new();
    g_autoptr(GString) tail = g_string_new(NULL);
    g_string_printf(tail,
                    "\nendstream endobj\n%" G_GUINT64_FORMAT " 0 obj\n<</Type/Catalog/Pages %" G_GUINT64_FORMAT
                    " 0 R>>\nendobj\n%" G_GUINT64_FORMAT " 0 obj\n<</Type/Pages/Count %u/Kids[",
                    root, root + 1, root + 1, sweep->pages->len);
    for (guint i = 0; i < sweep->pages->len; i++)
        g_string_append_printf(tail, "%" G_GUINT64_FORMAT " 0 R ", g_array_index(sweep->pages, guint64, i));
    g_string_append_printf(tail,
                           "]>>\nendobj\ntrailer\n<</Size %" G_GUINT64_FORMAT "/Root %" G_GUINT64_FORMAT
                           " 0 R>>\nstartxref\n0\n%%%%EOF\n",
                           root + 2, root);
    g_byte_array_append(mended, sweep->data, (guint)sweep->length);
    g_byte_array_append(mended, (const guint8 *)tail->str, (guint)tail->len);
    return g_byte_array_free_to_bytes(mended);
}

GBytes *
pdf_objects_read(Pdf *pdf)
{
    GBytes *mended = NULL;
    PdfSweep sweep = {.pdf = pdf};
    sweep.data = g_bytes_get_data(pdf->bytes, &sweep.length);
    sweep.streams = g_array_new(FALSE, FALSE, sizeof(PdfObject));
    sweep.pages = g_array_new(FALSE, FALSE, sizeof(guint64));
    sweep.scripts = g_hash_table_new(NULL, NULL);
    sweep.encrypted = pdf->encrypted;
    read_zip(&sweep);
    sweep_file(&sweep, TRUE);
    sweep_file(&sweep, FALSE);
    for (guint i = 0; i < sweep.streams->len && !sweep.encrypted && !sink_stopped(pdf->sink); i++)
        pdf_stream_read(&sweep, &g_array_index(sweep.streams, PdfObject, i));
    if (sweep.encrypted && sweep.has_xfa) /* nobody hands out what it holds */
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    if (pdf->pages == 0)
        mended = mend(&sweep);
    pdf->highest = (guint)MIN(sweep.highest, PDF_OBJECTS_MAX);
    g_array_unref(sweep.streams);
    g_array_unref(sweep.pages);
    g_hash_table_unref(sweep.scripts);
    return mended;
}
