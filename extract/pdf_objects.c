/* The file below poppler: every object that stands in it, one after the other, whether the document still refers to it
 * or not. Strings that nobody told (custom properties, rich contents, scripts, what an update left behind), XML in
 * streams (XFA), files that no list names, and what is no PDF at all. */
#include "config.h"
#include "archive.h"
#include "detect.h"
#include "pdf_parts.h"
#include "pdf_syntax.h"
#include "xml.h"
#include "zip.h"
#include <gio/gio.h>
#include <string.h>

#define OBJECTS_MAX 500000
#define STREAM_MAX (32 * 1024 * 1024) /* unpacked */
#define FOREIGN_MAX 16
#define FOREIGN_LEAST 4 /* bytes */
#define PEEK 512
#define STREAMS_MAX 5000
#define PAGE_MAX (64 * 1024) /* bytes of a page's dictionary */

typedef struct {
    guint64 number, generation;
    char type[16], subtype[16];
    char key[32]; /* of the value in hand */
    gsize length; /* 0 unknown */
    gsize first;  /* of an object stream */
    gboolean flate, other_filter, predictor, has_length1, has_encrypt, pattern, named, jpeg;
    gboolean stream;          /* ends at the word stream */
    const guint8 *from, *end; /* without "obj"; up to "endobj" or "stream" */
    PdfBytes data;
} Object;

typedef struct {
    Pdf *pdf;
    const guint8 *data;
    gsize length;
    GArray *streams;     /* Object that may hold text */
    GHashTable *scripts; /* numbers of streams that are scripts */
    GArray *pages;       /* guint64: numbers of page objects */
    guint64 highest;     /* number */
    guint foreign;
    gboolean encrypted, has_xfa, zip;
    gboolean quiet; /* only to see whether it is encrypted */
} Sweep;

/* --- strings ----------------------------------------------------------------------------------------------------- */

/* Gives; NULL: it is no text string that stands for itself. */
static char *
text_of(const GString *string, gboolean any)
{
    const guint8 *bytes = (const guint8 *)string->str;
    if (string->len >= 2 && ((bytes[0] == 0xFE && bytes[1] == 0xFF) || (bytes[0] == 0xFF && bytes[1] == 0xFE)))
        return g_convert(string->str + 2, (gssize)string->len - 2, "UTF-8", bytes[0] == 0xFE ? "UTF-16BE" : "UTF-16LE",
                         NULL, NULL, NULL);
    if (string->len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return g_strndup(string->str + 3, string->len - 3);
    return any ? g_strndup(string->str, string->len) : NULL;
}

/* Keys whose values are texts even if they say nothing of their charset, and those whose values never are. */
static const char *const text_keys[] = {"Contents", "RC", "RV", "V", "DV", "JS", "URI", "Alt", "ActualText", "TU", "T"};
static const char *const other_keys[] = {"ID", "O", "U", "OE", "UE", "Perms", "Panose", "CheckSum", "Lookup", "Cert"};
static const char *const other_filters[] = {"ASCIIHexDecode",  "AHx", "ASCII85Decode",  "A85",  "LZWDecode",
                                            "RunLengthDecode", "RL",  "CCITTFaxDecode", "CCF",  "JBIG2Decode",
                                            "DCTDecode",       "DCT", "JPXDecode",      "Crypt"};

static gboolean
is_one_of(const char *word, const char *const *words, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return TRUE;
    return FALSE;
}

static void
tell_string(Sweep *sweep, const Object *object, const GString *string)
{
    Pdf *pdf = sweep->pdf;
    gboolean beyond = FALSE;
    if (sweep->encrypted || sweep->quiet || string->len < 2 ||
        is_one_of(object->key, other_keys, G_N_ELEMENTS(other_keys)) || strcmp(object->type, "Sig") == 0)
        return;
    for (gsize i = 0; i < string->len && !beyond; i++)
        beyond = (guint8)string->str[i] >= 0x80;
    PlaceKind place =
        strcmp(object->key, "Alt") == 0 || strcmp(object->key, "ActualText") == 0 ? PLACE_ALTERNATIVE : PLACE_ATTRIBUTE;
    g_autofree char *text = text_of(string, is_one_of(object->key, text_keys, G_N_ELEMENTS(text_keys)));
    if (text != NULL && g_utf8_validate(text, -1, NULL)) {
        if (!g_hash_table_contains(pdf->told, text))
            pdf_tell(pdf, place, object->key, 0, g_steal_pointer(&text));
    } else if (beyond && detect_is_text((const guint8 *)string->str, string->len)) {
        sink_raw_text(pdf->sink, pdf->part, place, object->key, string->str, string->len);
    }
}

/* --- one object -------------------------------------------------------------------------------------------------- */

static void
take_name(Sweep *sweep, Object *object, const GString *name)
{
    const char *key = object->key;
    for (gsize i = 0; i < name->len; i++)
        if ((guint8)name->str[i] >= 0x80) { /* a name that somebody gave: of a property, a layer */
            if (!sweep->encrypted && !sweep->quiet && detect_is_text((const guint8 *)name->str, name->len))
                sink_raw_text(sweep->pdf->sink, sweep->pdf->part, PLACE_ATTRIBUTE, "name", name->str, name->len);
            break;
        }
    object->jpeg |= strcmp(name->str, "DCTDecode") == 0 && !object->flate && !object->other_filter && !sweep->encrypted;
    if (strcmp(key, "Type") == 0 && object->type[0] == '\0')
        g_strlcpy(object->type, name->str, sizeof object->type);
    else if (strcmp(key, "Subtype") == 0 && object->subtype[0] == '\0')
        g_strlcpy(object->subtype, name->str, sizeof object->subtype);
    else if (is_one_of(name->str, other_filters, G_N_ELEMENTS(other_filters)))
        object->other_filter = TRUE;
    else if (strcmp(name->str, "FlateDecode") == 0 || strcmp(name->str, "Fl") == 0) {
        object->other_filter |= object->flate;
        object->flate = TRUE;
    }
    sweep->has_xfa |= strcmp(name->str, "XFA") == 0;
    object->named |= strcmp(name->str, "BaseFont") == 0;
    object->pattern |= strcmp(name->str, "PatternType") == 0;
    object->has_length1 |= strcmp(name->str, "Length1") == 0;
    object->has_encrypt |= strcmp(name->str, "Encrypt") == 0;
    object->predictor |= strcmp(name->str, "Predictor") == 0;
    g_strlcpy(object->key, name->str, sizeof object->key);
}

static void
take_word(Sweep *sweep, Object *object, const char *word, gint64 last[2])
{
    if (strcmp(word, "R") == 0 && strcmp(object->key, "JS") == 0)
        g_hash_table_add(sweep->scripts, GUINT_TO_POINTER((guint)last[0]));
    if (strcmp(word, "R") == 0 && strcmp(object->key, "Length") == 0)
        object->length = 0; /* the number belongs to another object */
}

/* Up to the word that ends it. */
static void
take_object(Sweep *sweep, PdfBytes *bytes, Object *object)
{
    g_auto(PdfToken) token = {0};
    gint64 last[2] = {0, 0};
    pdf_token_init(&token);
    object->from = bytes->at;
    object->end = bytes->end;
    while (pdf_next(bytes, &token)) {
        if (token.kind == PDF_WORD && (strcmp(token.text->str, "endobj") == 0 || strcmp(token.text->str, "obj") == 0 ||
                                       strcmp(token.text->str, "stream") == 0)) {
            object->stream = token.text->str[0] == 's';
            object->end = token.from;
            return;
        }
        if (token.kind == PDF_NAME)
            take_name(sweep, object, token.text);
        else if (token.kind == PDF_STRING)
            tell_string(sweep, object, token.text);
        else if (token.kind == PDF_WORD)
            take_word(sweep, object, token.text->str, last);
        else if (token.kind == PDF_NUMBER && strcmp(object->key, "Length") == 0 && object->length == 0 && last[1] == 0)
            object->length = (gsize)MAX(token.number, 0);
        else if (token.kind == PDF_NUMBER && strcmp(object->key, "First") == 0)
            object->first = (gsize)MAX(token.number, 0);
        if (token.kind == PDF_NUMBER) {
            last[0] = last[1];
            last[1] = token.number;
        } else {
            last[0] = last[1] = 0;
        }
        if (sink_stopped(sweep->pdf->sink))
            return;
    }
}

/* --- streams ----------------------------------------------------------------------------------------------------- */

/* The bytes of the stream that begins at `bytes`, which goes behind it. */
static PdfBytes
stream_data(PdfBytes *bytes, const Object *object)
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
unpack(Sweep *sweep, const Object *object, gsize most)
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

/* Of pages and of streams that draw the dictionary is kept, for pdf_wide.c and pdf_streams.c. */
static void
keep_page(Sweep *sweep, const Object *object)
{
    Pdf *pdf = sweep->pdf;
    gboolean page = strcmp(object->type, "Page") == 0 || strcmp(object->type, "Pages") == 0;
    gboolean draws = object->stream && (strcmp(object->subtype, "Form") == 0 || object->pattern);
    if (!page && !draws)
        return;
    if (draws && pdf->streams->len >= STREAMS_MAX) {
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    if (object->number == 0 || object->number > OBJECTS_MAX || object->end - object->from > PAGE_MAX)
        return;
    PdfBox *box = g_new0(PdfBox, 1);
    box->number = (guint)object->number;
    box->generation = (guint)MIN(object->generation, 65535);
    box->dictionary = g_bytes_new(object->from, (gsize)(object->end - object->from));
    g_ptr_array_add(page ? pdf->boxes : pdf->streams, box);
}

/* Fonts of Type 3 have no name (9.6.5); one that has may be taken for a font whose letters show what they mean. */
static void
check_font(const Sweep *sweep, const Object *object)
{
    if (strcmp(object->subtype, "Type3") == 0 && object->named)
        sink_cover(sweep->pdf->sink, sweep->pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
}

/* Objects packed together (7.5.7): pairs of number and place, then the objects. */
static void
read_object_stream(Sweep *sweep, const Object *object)
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
        Object packed = {.number = (guint64)MAX(next[0], 0)};
        gint64 from = CLAMP(next[1], 0, end - first);
        more = pdf_next(&head, &token);
        next[0] = token.number;
        more = more && pdf_next(&head, &token);
        next[1] = token.number;
        PdfBytes bytes = {first + from, more ? first + CLAMP(next[1], from, end - first) : end};
        take_object(sweep, &bytes, &packed);
        keep_page(sweep, &packed);
        check_font(sweep, &packed);
    }
}

static void
read_xml(Sweep *sweep, const GByteArray *clear)
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
read_file(Sweep *sweep, const Object *object)
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
read_stream(Sweep *sweep, const Object *object)
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

static void
keep_stream(Sweep *sweep, const Object *object)
{
    if (strcmp(object->type, "ObjStm") == 0)
        read_object_stream(sweep, object);
    else if (strcmp(object->type, "XRef") != 0 && strcmp(object->subtype, "Image") != 0 && !object->has_length1)
        g_array_append_vals(sweep->streams, object, 1);
    if (strcmp(object->subtype, "Image") == 0 && object->jpeg && !begins_like_jpeg(&object->data))
        sweep->pdf->damaged = TRUE; /* poppler says nothing of it */
}

/* --- what is between objects ---------------------------------------------------------------------------------------
 */

static void
tell_foreign(Sweep *sweep, const guint8 *from, const guint8 *to)
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
    return token->kind != PDF_WORD || is_one_of(token->text->str, words, G_N_ELEMENTS(words));
}

/* The last one that names the catalog is the one that counts. */
static void
keep_trailer(Sweep *sweep, const guint8 *from, const guint8 *to)
{
    const guint8 *open = memmem(from, (gsize)(to - from), "<<", 2);
    if (open == NULL || memmem(open, (gsize)(to - open), "/Root", 5) == NULL)
        return;
    g_clear_pointer(&sweep->pdf->trailer, g_bytes_unref);
    sweep->pdf->trailer = g_bytes_new(open + 2, (gsize)(to - open) - 2);
}

/* Cross references, trailers and comments; the rest is no PDF. */
static void
read_gap(Sweep *sweep, const guint8 *from, const guint8 *to)
{
    g_auto(PdfToken) token = {0};
    PdfBytes bytes = {from, to};
    Object trailer = {0};
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
next_object(const Sweep *sweep, const guint8 *at, guint64 numbers_out[2], const guint8 **body)
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
take_whole(Sweep *sweep, PdfBytes *bytes, const guint64 numbers[2])
{
    guint64 number = numbers[0];
    Object object = {.number = number, .generation = numbers[1]};
    take_object(sweep, bytes, &object);
    if (object.stream)
        object.data = stream_data(bytes, &object);
    if (sweep->quiet) {
        sweep->encrypted |= object.has_encrypt && strcmp(object.type, "XRef") == 0;
        return;
    }
    if (object.stream)
        keep_stream(sweep, &object);
    keep_page(sweep, &object);
    check_font(sweep, &object);
    if (strcmp(object.type, "XRef") == 0)
        keep_trailer(sweep, object.from, object.end);
    if (strcmp(object.type, "Page") == 0)
        g_array_append_val(sweep->pages, number);
    sweep->highest = MAX(sweep->highest, number);
}

static void
sweep_file(Sweep *sweep, gboolean quiet)
{
    const guint8 *at = sweep->data, *end = sweep->data + sweep->length, *body, *start;
    guint64 numbers[2];
    guint objects = 0;
    sweep->quiet = quiet;
    while ((start = next_object(sweep, at, numbers, &body)) != NULL && !sink_stopped(sweep->pdf->sink)) {
        PdfBytes bytes = {body, end};
        if (objects++ == OBJECTS_MAX) {
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
read_zip(Sweep *sweep)
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
mend(const Sweep *sweep)
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
    Sweep sweep = {.pdf = pdf};
    sweep.data = g_bytes_get_data(pdf->bytes, &sweep.length);
    sweep.streams = g_array_new(FALSE, FALSE, sizeof(Object));
    sweep.pages = g_array_new(FALSE, FALSE, sizeof(guint64));
    sweep.scripts = g_hash_table_new(NULL, NULL);
    sweep.encrypted = pdf->encrypted;
    read_zip(&sweep);
    sweep_file(&sweep, TRUE);
    sweep_file(&sweep, FALSE);
    for (guint i = 0; i < sweep.streams->len && !sweep.encrypted && !sink_stopped(pdf->sink); i++) {
        const Object *object = &g_array_index(sweep.streams, Object, i);
        if (strcmp(object->type, "EmbeddedFile") == 0)
            read_file(&sweep, object);
        else
            read_stream(&sweep, object);
    }
    if (sweep.encrypted && sweep.has_xfa) /* nobody hands out what it holds */
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    if (pdf->pages == 0)
        mended = mend(&sweep);
    pdf->highest = (guint)MIN(sweep.highest, OBJECTS_MAX);
    g_array_unref(sweep.streams);
    g_array_unref(sweep.pages);
    g_hash_table_unref(sweep.scripts);
    return mended;
}
