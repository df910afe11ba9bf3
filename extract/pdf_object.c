/* pdf_object - one object as tokens: what it is, and its strings that nobody told. */
#include "config.h"
#include "detect.h"
#include "pdf_sweep.h"

#define STREAMS_MAX 5000
#define PAGE_MAX (64 * 1024) /* bytes of a dictionary that is kept */

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

static void
tell_string(PdfSweep *sweep, const PdfObject *object, const GString *string)
{
    Pdf *pdf = sweep->pdf;
    gboolean beyond = FALSE;
    if (sweep->encrypted || sweep->quiet || string->len < 2 ||
        pdf_is_one_of(object->key, other_keys, G_N_ELEMENTS(other_keys)) || strcmp(object->type, "Sig") == 0)
        return;
    for (gsize i = 0; i < string->len && !beyond; i++)
        beyond = (guint8)string->str[i] >= 0x80;
    PlaceKind place =
        strcmp(object->key, "Alt") == 0 || strcmp(object->key, "ActualText") == 0 ? PLACE_ALTERNATIVE : PLACE_ATTRIBUTE;
    g_autofree char *text = text_of(string, pdf_is_one_of(object->key, text_keys, G_N_ELEMENTS(text_keys)));
    if (text != NULL && g_utf8_validate(text, -1, NULL)) {
        if (!g_hash_table_contains(pdf->told, text))
            pdf_tell(pdf, place, object->key, 0, g_steal_pointer(&text));
    } else if (beyond && detect_is_text((const guint8 *)string->str, string->len)) {
        sink_raw_text(pdf->sink, pdf->part, place, object->key, string->str, string->len);
    }
}

/* --- one object -------------------------------------------------------------------------------------------------- */

static void
take_name(PdfSweep *sweep, PdfObject *object, const GString *name)
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
    else if (pdf_is_one_of(name->str, other_filters, G_N_ELEMENTS(other_filters)))
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
take_word(PdfSweep *sweep, PdfObject *object, const char *word, gint64 last[2])
{
    if (strcmp(word, "R") == 0 && strcmp(object->key, "JS") == 0)
        g_hash_table_add(sweep->scripts, GUINT_TO_POINTER((guint)last[0]));
    if (strcmp(word, "R") == 0 && strcmp(object->key, "Length") == 0)
        object->length = 0; /* the number belongs to another object */
}

/* Up to the word that ends it. */
void
pdf_object_take(PdfSweep *sweep, PdfBytes *bytes, PdfObject *object)
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

/* --- what is kept of it ------------------------------------------------------------------------------------------ */

/* Of pages and of streams that draw the dictionary is kept, for pdf_wide.c and pdf_streams.c. */
static void
keep_page(const PdfSweep *sweep, const PdfObject *object)
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
    if (object->number == 0 || object->number > PDF_OBJECTS_MAX || object->end - object->from > PAGE_MAX)
        return;
    PdfBox *box = g_new0(PdfBox, 1);
    box->number = (guint)object->number;
    box->generation = (guint)MIN(object->generation, 65535);
    box->dictionary = g_bytes_new(object->from, (gsize)(object->end - object->from));
    g_ptr_array_add(page ? pdf->boxes : pdf->streams, box);
}

/* Fonts of Type 3 have no name (9.6.5); one that has may be taken for a font whose letters show what they mean. */
static void
check_font(const PdfSweep *sweep, const PdfObject *object)
{
    if (strcmp(object->subtype, "Type3") == 0 && object->named)
        sink_cover(sweep->pdf->sink, sweep->pdf->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
}

void
pdf_object_keep(PdfSweep *sweep, const PdfObject *object)
{
    keep_page(sweep, object);
    check_font(sweep, object);
}
