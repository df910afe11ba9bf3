/* paper_read - two passes: one judges, since the mark tells class, level and term; one takes the prints. */
#include "config.h"
#include "paper_read.h"
#include "clock.h"
#include "collect.h"
#include "errors.h"
#include "fold.h"
#include "mime.h"
#include "read.h"
#include <glib/gi18n.h>
#include <string.h>

#define LAW_REACH 120   /* bytes between the title of a law and the quotation */
#define QUOTE_MAX 6000  /* bytes of it */
#define TITLE_BYTES 150 /* of the title */

typedef struct {
    gsize from, to;
} Range;

typedef struct {
    Fold *fold;
    Fingerprinter *maker;
    PaperReading *reading;
    GArray *quotations; /* Range, of the segment in hand */
    guint part;         /* whose decoding is known */
    const char *charset;
    guint texts;   /* segments taken */
    guint64 whole; /* of the first */
} Taking;

void
paper_reading_clear(PaperReading *reading)
{
    if (reading->entries != NULL)
        g_array_unref(reading->entries);
    g_free(reading->term);
    *reading = (PaperReading){0};
}

/* --- the letter around the file --------------------------------------------------------------------------------- */

static GMimeStream *
wrap(const char *bytes, gsize length)
{
    static const char head[] = "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
                               "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    GMimeStream *stream = g_mime_stream_mem_new();
    gsize most = length / 3 * 4 + length / 54 + 16;
    g_autofree char *out = g_malloc(most);
    int state = 0, save = 0;
    gsize done = g_base64_encode_step((const guchar *)bytes, length, TRUE, out, &state, &save);
    done += g_base64_encode_close(TRUE, out + done, &state, &save);
    g_mime_stream_write(stream, head, strlen(head));
    g_mime_stream_write(stream, out, done);
    g_mime_stream_reset(stream);
    return stream;
}

Message *
paper_letter(const char *path, const Settings *settings, GError **error)
{
    g_autoptr(Message) message = collect_file(path, settings, error);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 buffer[16384];
    gssize got;
    if (message == NULL)
        return NULL;
    if (message->size == 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s is empty"), path);
        return NULL;
    }
    if (g_str_has_suffix(path, ".eml"))
        return g_steal_pointer(&message);
    while ((got = g_mime_stream_read(message->raw, (char *)buffer, sizeof buffer)) > 0)
        g_byte_array_append(bytes, buffer, (guint)got);
    if (got < 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("%s cannot be read whole"), path);
        return NULL;
    }
    g_object_unref(message->raw);
    message->raw = wrap((const char *)bytes->data, bytes->len);
    message->size = g_mime_stream_length(message->raw);
    return g_steal_pointer(&message);
}

/* --- whose words ------------------------------------------------------------------------------------------------ */

/* Whether the title that ends before `end` (》) is that of a law, as their makers are bound to call them. */
static gboolean
is_law(const char *text, const char *end)
{
    static const char *const kinds[] = {"法", "条例", "规定", "办法", "细则", "准则", "规则", "解释", "决定", "章程"};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gsize length = strlen(kinds[i]);
        if ((gsize)(end - text) >= length && memcmp(end - length, kinds[i], length) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The end of what is cited behind the title of a law: of the quotation that follows at once, or of the sentence that
 * names an article. NULL: nothing is. */
static const char *
citation_end(const char *p, const char *end)
{
    const char *stop = g_strstr_len(p, MIN(end - p, QUOTE_MAX), "。"), *line = memchr(p, '\n', (gsize)(end - p));
    const char *open = g_strstr_len(p, MIN(end - p, LAW_REACH), "“");
    const char *article = g_strstr_len(p, MIN(end - p, LAW_REACH), "条");
    if (open != NULL)
        return g_strstr_len(open, MIN(end - open, QUOTE_MAX), "”");
    if (line != NULL && (stop == NULL || line < stop))
        stop = line;
    return article != NULL && stop != NULL && article < stop ? stop : NULL;
}

/* 《……法》第二十一条规定：“……”; 根据《……条例》第三条的规定，……。 */
static void
find_quotations(Taking *taking, const char *text, gsize length)
{
    static const char close_title[] = "》";
    const char *p = text, *end = text + length;
    g_array_set_size(taking->quotations, 0);
    while ((p = g_strstr_len(p, end - p, close_title)) != NULL) {
        const char *title = p;
        p += strlen(close_title);
        if (!is_law(MAX(text, title - MIN(title - text, TITLE_BYTES)), title))
            continue;
        const char *close = citation_end(p, end);
        if (close == NULL)
            continue;
        Range range = {(gsize)(p - text), (gsize)(close - text)};
        g_array_append_val(taking->quotations, range);
        p = close;
    }
}

static gboolean
is_quoted(const Taking *taking, gsize at)
{
    for (guint i = 0; i < taking->quotations->len; i++) {
        const Range *range = &g_array_index(taking->quotations, Range, i);
        if (at >= range->from && at < range->to)
            return TRUE;
    }
    return FALSE;
}

/* --- prints ----------------------------------------------------------------------------------------------------- */

static gboolean
is_text_of_page(const Taking *taking, const Segment *segment)
{
    static const guint kinds = 1u << PLACE_BODY | 1u << PLACE_HIDDEN | 1u << PLACE_TITLE | 1u << PLACE_TEXT_BOX |
                               1u << PLACE_NOTE | 1u << PLACE_RAW;
    return (kinds & 1u << segment->place.kind) != 0 &&
           (segment->part != taking->part || segment->charset == taking->charset);
}

static void
put(Taking *taking, guint64 name, guint32 at)
{
    PaperEntry entry = {name, 0, at};
    g_array_append_val(taking->reading->entries, entry);
}

static gboolean
take_segment(const Segment *segment, gpointer user)
{
    Taking *taking = user;
    Fingerprint found;
    if (!is_text_of_page(taking, segment))
        return TRUE;
    taking->part = segment->part;
    taking->charset = segment->charset;
    fold_run(taking->fold, segment->text, segment->length);
    const FoldView *view = fold_squeezed(taking->fold);
    fingerprint_run(taking->maker, view->text, view->length, &found);
    if (found.characters == 0)
        return TRUE;
    find_quotations(taking, segment->text, segment->length);
    for (guint i = 0; i < found.count; i++)
        if (!is_quoted(taking, view->source[found.prints[i].byte])) {
            put(taking, found.prints[i].name, taking->reading->characters + found.prints[i].at);
            taking->reading->prints++;
        }
    if (taking->texts++ == 0)
        taking->whole = found.whole;
    taking->reading->characters += found.characters;
    return taking->reading->characters < PAPERS_AT_WHOLE / 2;
}

static gboolean
end_part(guint part, gpointer user)
{
    return FALSE;
}

static gboolean
take_prints(Message *message, const Settings *settings, Extractor *extractor, const FingerprintKey *key,
            PaperReading *reading, GError **error)
{
    Taking taking = {.fold = fold_new(), .maker = fingerprinter_new(key), .reading = reading, .part = G_MAXUINT};
    const Reader reader = {take_segment, end_part, &taking, -1, extractor, NULL};
    taking.quotations = g_array_new(FALSE, FALSE, sizeof(Range));
    gboolean good = mime_parse(message, settings, error) && read_message(message, settings, &reader, error);
    /* The end of a text of many segments is the whole of nothing. */
    if (taking.texts == 1 && taking.whole != 0)
        put(&taking, taking.whole, PAPERS_AT_WHOLE);
    for (guint i = 1; i < message->parts->len && good; i++) {
        const Part *part = message_part(message, i);
        if (part->has_digest && part->is_attachment && !part->is_unpacked && part->depth <= 1)
            put(&taking, fingerprint_of_digest(taking.maker, part->digest), PAPERS_AT_FILE);
    }
    fold_free(taking.fold);
    fingerprinter_free(taking.maker);
    g_array_unref(taking.quotations);
    return good;
}

static void
take_mark(const Message *message, PaperReading *reading)
{
    reading->coverage = message->coverage;
    reading->why = message->why;
    if (message->class >= CLASS_TRADE) {
        reading->class = message->class;
        reading->level = message->level;
        reading->term = g_strdup(message->term != NULL && !message->term_in_words ? message->term : "");
    }
}

gboolean
paper_read(const char *path, Inspector *inspector, const Settings *settings, Extractor *extractor,
           const FingerprintKey *key, PaperReading *reading_out, GError **error)
{
    *reading_out = (PaperReading){.entries = g_array_new(FALSE, FALSE, sizeof(PaperEntry))};
    g_autoptr(Message) judged = paper_letter(path, settings, error);
    if (judged == NULL)
        return FALSE;
    judged->envelope.received_us = clock_wall_us();
    if (!inspector_run(inspector, judged, -1, error))
        return FALSE;
    take_mark(judged, reading_out);
    if (reading_out->term == NULL)
        reading_out->term = g_strdup("");
    g_autoptr(Message) message = paper_letter(path, settings, error);
    return message != NULL && take_prints(message, settings, extractor, key, reading_out, error);
}
