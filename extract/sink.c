/* sink - budgets, part numbers and frames. Each place has its own frame, filled as long as part and look stay the same:
 * a frame for every run of a document, or for every name between two shapes of a slide, would cost more than reading
 * it. */
#include "config.h"
#include "sink.h"
#include "decode.h"
#include "detect.h"
#include "frame.h"
#include "reader.h"
#include <string.h>
#include <time.h>

typedef struct {
    Coverage coverage;
    CoverageWhy why;
} Cover;

/* The frame of a place. */
typedef struct {
    GString *text; /* NULL: there was none yet */
    WireText says; /* about it */
    char *name;
    guint last_part; /* + 1: of the last text sent, and its name: whether the next one goes on with it */
    char *last_name;
} Filling;

struct Sink {
    int socket;
    gint64 text_left, bytes_left, max_bytes;
    gint64 begun_ms, ocr_ms; /* of processor time: when the job began; until when letters are read in pictures */
    guint max_parts, max_depth;
    guint next_part;
    GArray *open;   /* guint: the parts being read, outermost first */
    GArray *covers; /* Cover of each open part */
    gboolean spent, gone;
    Filling fillings[PLACE_COUNT];
};

static gint64
spent_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

Sink *
sink_new(int socket, const WireJob *job)
{
    Sink *sink = g_new0(Sink, 1);
    Cover whole = {COVERAGE_COMPLETE, WHY_NONE};
    guint part = 0;
    sink->socket = socket;
    sink->text_left = job->max_text;
    sink->bytes_left = sink->max_bytes = job->max_bytes;
    sink->begun_ms = spent_ms();
    sink->ocr_ms = job->ocr_ms;
    sink->max_parts = job->max_parts;
    sink->max_depth = job->max_depth;
    sink->next_part = 1;
    sink->open = g_array_new(FALSE, FALSE, sizeof(guint));
    sink->covers = g_array_new(FALSE, FALSE, sizeof(Cover));
    g_array_append_val(sink->open, part);
    g_array_append_val(sink->covers, whole);
    return sink;
}

void
sink_free(Sink *sink)
{
    if (sink == NULL)
        return;
    for (guint i = 0; i < PLACE_COUNT; i++) {
        if (sink->fillings[i].text != NULL)
            g_string_free(sink->fillings[i].text, TRUE);
        g_free(sink->fillings[i].name);
        g_free(sink->fillings[i].last_name);
    }
    g_array_unref(sink->open);
    g_array_unref(sink->covers);
    g_free(sink);
}

gboolean
sink_stopped(const Sink *sink)
{
    return sink->spent || sink->gone;
}

gboolean
sink_ocr_time(const Sink *sink, OcrTime for_what)
{
    gint64 spent = spent_ms() - sink->begun_ms;
    return spent < (for_what == OCR_TIME_PAGES ? sink->ocr_ms * 2 / 3 : sink->ocr_ms);
}

guint
sink_depth(const Sink *sink)
{
    return sink->open->len - 1;
}

gint64
sink_bytes_left(const Sink *sink)
{
    return sink->spent ? 0 : sink->bytes_left;
}

static gboolean
send_body(Sink *sink, guint32 type, GVariant *body)
{
    if (sink->gone) {
        if (body != NULL)
            g_variant_unref(g_variant_ref_sink(body));
        return FALSE;
    }
    sink->gone = !frame_send(sink->socket, type, body, NULL, 0, -1, NULL);
    return !sink->gone;
}

/* --- coverage --------------------------------------------------------------------------------------------------- */

void
sink_cover(Sink *sink, guint part, Coverage coverage, CoverageWhy why)
{
    for (guint i = 0; i < sink->open->len; i++)
        if (g_array_index(sink->open, guint, i) == part) {
            Cover *cover = &g_array_index(sink->covers, Cover, i);
            if (coverage > cover->coverage)
                *cover = (Cover){coverage, why};
        }
}

/* A budget is spent: none of the parts being read will be read to its end. */
static gboolean
overspend(Sink *sink)
{
    sink->spent = TRUE;
    for (guint i = 0; i < sink->open->len; i++)
        sink_cover(sink, g_array_index(sink->open, guint, i), COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    return FALSE;
}

gboolean
sink_spend(Sink *sink, gint64 bytes)
{
    if (sink_stopped(sink))
        return FALSE;
    if (bytes > sink->bytes_left)
        return overspend(sink);
    sink->bytes_left -= bytes;
    return TRUE;
}

/* --- text ------------------------------------------------------------------------------------------------------- */

/* Where to cut so that the first piece is at most `max` bytes and no character is cut. */
static gsize
cut_text(const char *text, gsize length, gsize max)
{
    if (length <= max)
        return length;
    while (max > 0 && ((guint8)text[max] & 0xC0) == 0x80)
        max--;
    return max;
}

static void
send_filled(Sink *sink, Filling *filling)
{
    WireText frame = filling->says;
    gsize length = cut_text(filling->text->str, filling->text->len, WIRE_TEXT_MAX);
    frame.goes_on =
        frame.goes_on && filling->last_part == frame.part + 1 && g_strcmp0(filling->last_name, filling->name) == 0;
    frame.name = filling->name;
    frame.text = filling->text->str;
    frame.length = length;
    send_body(sink, WIRE_EXTRACT_TEXT, wire_text(&frame));
    g_string_erase(filling->text, 0, (gssize)length);
    filling->last_part = frame.part + 1;
    g_free(filling->last_name);
    filling->last_name = g_strdup(filling->name);
    filling->says.goes_on = TRUE;
}

static void
flush_filling(Sink *sink, Filling *filling)
{
    while (filling->text != NULL && filling->text->len > 0 && !sink->gone)
        send_filled(sink, filling);
}

static gboolean
flush_text(Sink *sink)
{
    for (guint i = 0; i < PLACE_COUNT; i++)
        flush_filling(sink, &sink->fillings[i]);
    return !sink->gone;
}

gboolean
sink_flush(Sink *sink)
{
    return flush_text(sink);
}

static gboolean
looks_alike(const Filling *filling, const WireText *text)
{
    const WireText *now = &filling->says;
    return filling->text->len > 0 && text->goes_on && now->part == text->part &&
           now->page == MIN(text->page, WIRE_PARTS_MAX) && now->head == text->head && now->ocr == text->ocr &&
           now->size == text->size && now->colour == text->colour &&
           strcmp(filling->name, text->name != NULL ? text->name : "") == 0;
}

/* What comes next of the place of `text`, after what was there is sent if it is another. */
static Filling *
begin_filling(Sink *sink, const WireText *text)
{
    Filling *filling = &sink->fillings[text->place];
    const char *name = text->name != NULL ? text->name : "";
    if (filling->text == NULL)
        filling->text = g_string_new(NULL);
    if (looks_alike(filling, text))
        return filling;
    flush_filling(sink, filling);
    filling->says = *text;
    filling->says.page = MIN(text->page, WIRE_PARTS_MAX);
    filling->says.size = MIN(text->size, WIRE_SIZE_MAX);
    g_free(filling->name);
    filling->name =
        g_utf8_validate(name, -1, NULL) ? g_strndup(name, cut_text(name, strlen(name), WIRE_NAME_MAX)) : g_strdup("");
    return filling;
}

static gboolean
take_text(Sink *sink, const WireText *text, const char *bytes, gsize length)
{
    gboolean over = (gint64)length > sink->text_left;
    Filling *filling = begin_filling(sink, text);
    if (over)
        length = cut_text(bytes, length, (gsize)sink->text_left);
    sink->text_left -= (gint64)length;
    for (gsize done = 0, piece; done < length; done += piece) {
        piece = cut_text(bytes + done, length - done, WIRE_TEXT_MAX / 2);
        g_string_append_len(filling->text, bytes + done, (gssize)piece);
        while (filling->text->len >= WIRE_TEXT_MAX && !sink->gone)
            send_filled(sink, filling);
    }
    return over ? overspend(sink) : !sink->gone;
}

gboolean
sink_text(Sink *sink, const WireText *text)
{
    if (sink_stopped(sink) || (guint)text->place >= PLACE_COUNT)
        return FALSE;
    if (text->length == 0)
        return TRUE;
    if (g_utf8_validate_len(text->text, text->length, NULL))
        return take_text(sink, text, text->text, text->length);
    gsize length;
    g_autofree char *valid = decode_utf8_repair(text->text, (gssize)text->length, &length);
    return take_text(sink, text, valid, length);
}

/* The best reading of bytes in an unknown charset; gives. */
static char *
decode_best(const void *bytes, gsize length, gsize *length_out)
{
    if (g_utf8_validate_len(bytes, length, NULL)) {
        *length_out = length;
        return g_strndup(bytes, length);
    }
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, length, NULL);
    const Decoding *best = g_ptr_array_index(decodings, 0);
    return decode_utf8_repair(best->text, (gssize)best->length, length_out);
}

gboolean
sink_raw_text(Sink *sink, guint part, PlaceKind place, const char *name, const void *bytes, gsize length)
{
    gsize valid_length;
    if (length == 0)
        return !sink_stopped(sink);
    g_autofree char *valid = decode_best(bytes, length, &valid_length);
    return sink_text(sink, &(WireText){.part = part,
                                       .place = place,
                                       .name = name,
                                       .colour = FACE_NO_COLOUR,
                                       .text = valid,
                                       .length = valid_length});
}

gboolean
sink_look(Sink *sink, guint part, guint page, guint look)
{
    WireLook frame = {part, MIN(page, WIRE_PARTS_MAX), look & LOOK_ALL};
    if (sink_stopped(sink))
        return FALSE;
    if (frame.look == 0)
        return TRUE;
    return flush_text(sink) && send_body(sink, WIRE_EXTRACT_LOOK, wire_look(&frame));
}

/* --- objects ---------------------------------------------------------------------------------------------------- */

/* Announces; the new part is open until close_part(). */
static gboolean
open_part(Sink *sink, guint parent, const char *name, gsize name_length, const char *type, gint64 size, guint *out)
{
    Cover whole = {COVERAGE_COMPLETE, WHY_NONE};
    gsize length = 0;
    if (sink_stopped(sink))
        return FALSE;
    if (sink->next_part >= sink->max_parts)
        return overspend(sink);
    g_autofree char *decoded = decode_best(name, MIN(name_length, 4 * WIRE_NAME_MAX), &length);
    decoded[cut_text(decoded, length, WIRE_NAME_MAX)] = '\0';
    *out = sink->next_part++;
    flush_text(sink);
    g_array_append_val(sink->open, *out);
    g_array_append_val(sink->covers, whole);
    WirePart part = {.number = *out, .parent = parent, .name = decoded, .type = type, .size = size};
    return send_body(sink, WIRE_EXTRACT_PART, wire_part(&part));
}

static gboolean
close_part(Sink *sink)
{
    guint last = sink->open->len - 1;
    const Cover *cover = &g_array_index(sink->covers, Cover, last);
    WireCover frame = {g_array_index(sink->open, guint, last), cover->coverage, cover->why};
    flush_text(sink);
    send_body(sink, WIRE_EXTRACT_COVER, wire_cover(&frame));
    g_array_set_size(sink->open, last);
    g_array_set_size(sink->covers, last);
    return !sink_stopped(sink);
}

static void
send_bytes(Sink *sink, guint part, Source *source)
{
    g_autofree guint8 *buffer = g_malloc(WIRE_BYTES_MAX);
    gint64 at = 0;
    gssize got;
    while ((got = source_read(source, at, buffer, WIRE_BYTES_MAX)) > 0) {
        WireBytes frame = {part, buffer, (gsize)got};
        at += got;
        if (!send_body(sink, WIRE_EXTRACT_BYTES, wire_bytes(&frame)))
            return;
    }
    if (got < 0)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED);
}

static void
read_object(Sink *sink, guint part, const char *type, Source *source)
{
    const ReaderRow *row = reader_find(type);
    if (row == NULL)
        send_bytes(sink, part, source);
    else if (sink_depth(sink) > sink->max_depth)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_OVER_BUDGET);
    else if (!row->run(source, sink, part))
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED);
}

gboolean
sink_object(Sink *sink, guint parent, const char *name, gsize name_length, Source *source)
{
    guint8 head[DETECT_BYTES], far[DETECT_FAR_BYTES];
    gssize length = source_read(source, 0, head, sizeof head);
    gssize far_length = source_length(source) < DETECT_FAR_AT ? 0 : source_read(source, DETECT_FAR_AT, far, sizeof far);
    guint part = 0;
    if (length > 0 && length < (gssize)sizeof head) { /* a short read is not the end */
        gssize more = source_read(source, length, head + length, sizeof head - (gsize)length);
        length += MAX(more, 0);
    }
    Detected seen = detect_wide(head, (gsize)MAX(length, 0), far, (gsize)MAX(far_length, 0));
    if (!open_part(sink, parent, name, name_length, seen.type, source_length(source), &part))
        return FALSE;
    if (length < 0)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_DAMAGED);
    else
        read_object(sink, part, seen.type, source);
    return close_part(sink);
}

gboolean
sink_within(Sink *sink, guint parent, const char *name, const char *type, SinkRead read, gpointer user)
{
    guint part = 0;
    if (!open_part(sink, parent, name, strlen(name), type, -1, &part))
        return FALSE;
    if (sink_depth(sink) > sink->max_depth)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_OVER_BUDGET);
    else if (!read(sink, part, user))
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED);
    return close_part(sink);
}

gboolean
sink_missing(Sink *sink, guint parent, const char *name, gsize name_length, gint64 size, CoverageWhy why)
{
    guint part = 0;
    if (!open_part(sink, parent, name, name_length, "", size, &part))
        return FALSE;
    sink_cover(sink, part, why == WHY_NONE ? COVERAGE_OPAQUE : COVERAGE_UNREADABLE, why);
    return close_part(sink);
}

gboolean
sink_read(Sink *sink, const char *type, Source *source)
{
    const ReaderRow *row = reader_find(type);
    if (row == NULL)
        sink_cover(sink, 0, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    else if (!row->run(source, sink, 0))
        sink_cover(sink, 0, COVERAGE_PARTIAL, WHY_DAMAGED);
    return !sink->gone;
}

gboolean
sink_end(Sink *sink)
{
    close_part(sink);
    return send_body(sink, WIRE_EXTRACT_END, wire_end(sink->max_bytes - sink->bytes_left));
}
