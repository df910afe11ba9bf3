/* pdf_unpack - streams: objects packed together, XML, scripts, files that no list names. */
#include "config.h"
#include "detect.h"
#include "pdf_sweep.h"
#include <gio/gio.h>

#define STREAM_MAX (32 * 1024 * 1024) /* unpacked */
#define PEEK 512

/* The bytes of the stream that begins at `bytes`, which goes behind it. */
PdfBytes
pdf_stream_data(PdfBytes *bytes, const PdfObject *object)
{
    if (bytes->at < bytes->end && *bytes->at == '\r')
        bytes->at++;
    if (bytes->at < bytes->end && *bytes->at == '\n')
        bytes->at++;
    gsize left = (gsize)(bytes->end - bytes->at), told = object->length;
    const guint8 *from = bytes->at, *end = NULL;
    if (told > 0 && told <= left) /* the word must follow what is told */
        end = memmem(from + told, MIN(left - told, 16), "endstream", 9);
    PdfBytes data = {from, from + told};
    if (end == NULL) {
        end = memmem(from, left, "endstream", 9);
        end = end != NULL ? end : bytes->end;
        data.end = end;
        while (data.end > from && (data.end[-1] == '\n' || data.end[-1] == '\r'))
            data.end--;
    }
    bytes->at = MIN(end + 9, bytes->end);
    return data;
}

/* At most `most` clear bytes; NULL: they cannot be had. Gives. */
static GByteArray *
unpack(PdfSweep *sweep, const PdfObject *object, gsize most)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    const PdfBytes *data = &object->data;
    guint8 piece[16 * 1024];
    gsize done = 0, read, written;
    if (object->other_filter || object->predictor)
        return NULL;
    if (!object->flate)
        return g_byte_array_append(g_steal_pointer(&out), data->at, (guint)MIN((gsize)(data->end - data->at), most));
    g_autoptr(GZlibDecompressor) inflate = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
    GConverterResult result = G_CONVERTER_CONVERTED;
    while (out->len < most && result == G_CONVERTER_CONVERTED) {
        result = g_converter_convert(G_CONVERTER(inflate), data->at + done, (gsize)(data->end - data->at) - done, piece,
                                     sizeof piece, G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
        if (result == G_CONVERTER_ERROR || !sink_spend(sweep->pdf->sink, (gint64)written))
            break;
        done += read;
        g_byte_array_append(out, piece, (guint)written);
    }
    return g_steal_pointer(&out);
}

/* Objects packed together (7.5.7): pairs of number and place, then the objects. */
static void
read_object_stream(PdfSweep *sweep, const PdfObject *object)
{
    g_autoptr(GByteArray) clear = unpack(sweep, object, STREAM_MAX);
    g_auto(PdfToken) token = {0};
    if (clear == NULL || object->first >= clear->len)
        return;
    PdfBytes head = {clear->data, clear->data + object->first};
    const guint8 *first = head.end, *end = clear->data + clear->len;
    gint64 next[2] = {0, 0}; /* number and place of the object in hand */
    pdf_token_init(&token);
    for (gboolean more = TRUE; more && !sink_stopped(sweep->pdf->sink);) {
        PdfObject packed = {.number = (guint64)MAX(next[0], 0)};
        gint64 from = CLAMP(next[1], 0, end - first);
        more = pdf_next(&head, &token);
        next[0] = token.number;
        more = more && pdf_next(&head, &token);
        next[1] = token.number;
        PdfBytes bytes = {first + from, more ? first + CLAMP(next[1], from, end - first) : end};
        pdf_object_take(sweep, &bytes, &packed);
        pdf_object_keep(sweep, &packed);
    }
}

static void
read_xml(PdfSweep *sweep, const GByteArray *clear)
{
    Pdf *pdf = sweep->pdf;
    gboolean whole;
    g_autofree char *words = pdf_xml_words(clear->data, clear->len, FALSE, &whole);
    if (!g_hash_table_contains(pdf->told, words))
        pdf_tell(pdf, PLACE_BODY, "xml", 0, g_steal_pointer(&words));
    if (!whole) /* XFA comes in pieces: neither opens what the other closes */
        sink_raw_text(pdf->sink, pdf->part, PLACE_COMMENT, "xml", clear->data, clear->len);
}

/* A file that no list told of. */
static void
read_file(PdfSweep *sweep, const PdfObject *object)
{
    Pdf *pdf = sweep->pdf;
    g_autoptr(GByteArray) clear = unpack(sweep, object, STREAM_MAX);
    if (clear == NULL) {
        sink_missing(pdf->sink, pdf->part, "", 0, -1, WHY_UNSUPPORTED);
        return;
    }
    g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, clear->data, clear->len);
    if (g_hash_table_contains(pdf->told, hash))
        return;
    g_autoptr(GBytes) bytes = g_bytes_new(clear->data, clear->len);
    g_autoptr(Source) source = source_of_bytes(bytes);
    sink_object(pdf->sink, pdf->part, "", 0, source);
}

static gboolean
begins_like_xml(const GByteArray *clear)
{
    gsize at = clear->len >= 3 && memcmp(clear->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < clear->len && g_ascii_isspace(clear->data[at]))
        at++;
    return at + 1 < clear->len && clear->data[at] == '<' &&
           (g_ascii_isalpha(clear->data[at + 1]) || strchr("?!/", clear->data[at + 1]) != NULL);
}

static void
read_stream(PdfSweep *sweep, const PdfObject *object)
{
    Pdf *pdf = sweep->pdf;
    gboolean script = g_hash_table_contains(sweep->scripts, GUINT_TO_POINTER((guint)object->number));
    g_autoptr(GByteArray) head = unpack(sweep, object, PEEK);
    if (head == NULL || (!script && !begins_like_xml(head)))
        return;
    g_autoptr(GByteArray) clear = unpack(sweep, object, STREAM_MAX);
    if (script && detect_is_text(clear->data, clear->len))
        sink_raw_text(pdf->sink, pdf->part, PLACE_ATTRIBUTE, "script", clear->data, clear->len);
    else if (!script)
        read_xml(sweep, clear);
}

static gboolean
begins_like_jpeg(const PdfBytes *data)
{
    return memmem(data->at, (gsize)(data->end - data->at), "\xFF\xD8\xFF", 3) != NULL;
}

void
pdf_stream_keep(PdfSweep *sweep, const PdfObject *object)
{
    if (strcmp(object->type, "ObjStm") == 0)
        read_object_stream(sweep, object);
    else if (strcmp(object->type, "XRef") != 0 && strcmp(object->subtype, "Image") != 0 && !object->has_length1)
        g_array_append_vals(sweep->streams, object, 1);
    if (strcmp(object->subtype, "Image") == 0 && object->jpeg && !begins_like_jpeg(&object->data))
        sweep->pdf->damaged = TRUE; /* poppler says nothing of it */
}

void
pdf_stream_read(PdfSweep *sweep, const PdfObject *object)
{
    if (strcmp(object->type, "EmbeddedFile") == 0)
        read_file(sweep, object);
    else
        read_stream(sweep, object);
}
