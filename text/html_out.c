/* html_out - text streams of the HTML scanner: white space, lines, cells, pieces of bounded size. */
#include "config.h"
#include "html_out.h"
#include "html_bytes.h"

#define GAP_MAX 100    /* lines or tabs in a row */
#define SHARED_MAX 512 /* bytes of the visible line before hidden text, and behind it, that are given with it */

#define APART_LINES 4 /* between places of another reading: nothing is read over so many */

static const PlaceKind kinds[OUT_STREAMS] = {PLACE_BODY,   PLACE_HIDDEN, PLACE_TITLE,
                                             PLACE_HIDDEN, PLACE_HIDDEN, PLACE_HIDDEN};

enum { PLAIN, SPACE, STOP, DROP };
static const guint8 classes[256] = {[0] = DROP,     [' '] = SPACE,  ['\t'] = SPACE, ['\n'] = SPACE, ['\v'] = SPACE,
                                    ['\f'] = SPACE, ['\r'] = SPACE, ['<'] = STOP,   ['&'] = STOP};

gsize
html_whole(const char *text, gsize length)
{
    for (gsize back = 1; back <= MIN(length, 3); back++) {
        guchar byte = (guchar)text[length - back];
        if (byte < 0x80)
            break;
        if (byte >= 0xC0)
            return (byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2) > back ? length - back : length;
    }
    return length;
}

void
html_out_clear(HtmlOut *out)
{
    for (guint i = 0; i < OUT_STREAMS; i++)
        g_clear_pointer(&out->streams[i].bytes, g_free);
    g_clear_pointer(&out->table, html_table_free);
}

static void
hand_over(HtmlOut *out, PlaceKind kind, const char *name, const char *text, gsize length)
{
    if (length > 0 && !out->stopped && !out->sink(kind, name, text, length, out->user))
        out->stopped = TRUE;
}

void
html_out_flush(HtmlOut *out, HtmlWhich which)
{
    HtmlStream *stream = &out->streams[which];
    if (stream->length > stream->from && (which >= OUT_OTHER || !out->only_others))
        hand_over(out, kinds[which], NULL, stream->bytes + stream->from, stream->length - stream->from);
    *stream = (HtmlStream){.bytes = stream->bytes};
}

/* Hands over whole characters; the start of one that is cut stays, and a little more for who looks back. */
static void
flush_full(HtmlOut *out, HtmlWhich which)
{
    HtmlStream *stream = &out->streams[which];
    gsize whole = html_whole(stream->bytes, HTML_PIECE), gone = whole - SHARED_MAX;
    if (which >= OUT_OTHER || !out->only_others)
        hand_over(out, kinds[which], NULL, stream->bytes + stream->from, whole - stream->from);
    memmove(stream->bytes, stream->bytes + gone, HTML_PIECE - gone);
    stream->length = HTML_PIECE - gone;
    stream->from = SHARED_MAX;
    stream->line_at -= MIN(stream->line_at, gone);
}

static void
append(HtmlOut *out, HtmlWhich which, const char *text, gsize length)
{
    HtmlStream *stream = &out->streams[which];
    if (stream->bytes == NULL)
        stream->bytes = g_malloc(HTML_PIECE);
    stream->written = TRUE;
    while (length > 0) {
        gsize part = MIN(length, HTML_PIECE - stream->length);
        memcpy(stream->bytes + stream->length, text, part);
        stream->length += part;
        text += part;
        length -= part;
        if (stream->length == HTML_PIECE)
            flush_full(out, which);
    }
}

static void
repeat(HtmlOut *out, HtmlWhich which, char what, guint times)
{
    for (; times > 0; times--)
        append(out, which, &what, 1);
}

static void
pay_gap(HtmlOut *out, HtmlWhich which)
{
    HtmlStream *stream = &out->streams[which];
    gboolean fresh = !stream->written;
    if (stream->gap == GAP_SPACE && !fresh)
        append(out, which, " ", 1);
    if (stream->gap >= GAP_LINE && !fresh)
        repeat(out, which, '\n', stream->lines);
    if (out->cited && which == OUT_BODY && stream->lines > 0)
        append(out, which, "> ", 2);
    if (stream->gap >= GAP_LINE)
        repeat(out, which, '\t', stream->tabs);
    if (stream->lines > 0)
        stream->line_at = stream->length;
    stream->gap = GAP_NONE;
    stream->lines = stream->tabs = 0;
}

static void
stream_gap(HtmlStream *stream, HtmlGap gap)
{
    if (gap == GAP_CELL && stream->cells++ > 0) {
        if (stream->gap != GAP_ROW) {
            stream->gap = GAP_CELL;
            stream->lines = 0;
        }
        stream->tabs = MIN(stream->tabs + 1, GAP_MAX);
        return;
    }
    if (gap == GAP_BREAK && stream->gap != GAP_CELL)
        stream->lines = MIN(stream->lines + 1, GAP_MAX);
    if (gap == GAP_CELL || gap == GAP_BREAK) /* a first cell only begins a line */
        gap = GAP_LINE;
    if (gap == GAP_ROW)
        stream->cells = stream->tabs = 0;
    if (gap <= stream->gap)
        return;
    stream->gap = gap;
    if (gap >= GAP_LINE)
        stream->lines = MAX(stream->lines, 1);
}

/* Whether another reading shows what the first has as `which`. */
static gboolean
shows(const HtmlOut *out, guint reading, HtmlWhich which)
{
    return (which == OUT_BODY) != (out->differs >> reading & 1);
}

void
html_out_gap(HtmlOut *out, HtmlWhich which, HtmlGap gap)
{
    if (which == OUT_BODY && out->shared) {
        out->shared = gap == GAP_SPACE;
        stream_gap(&out->streams[OUT_HIDDEN], gap == GAP_SPACE ? GAP_SPACE : GAP_LINE);
    }
    stream_gap(&out->streams[which], gap);
    for (guint reading = 0; out->open >> reading != 0 && which != OUT_TITLE; reading++)
        if (out->open >> reading & 1 && shows(out, reading, which))
            stream_gap(&out->streams[OUT_OTHER + reading], gap);
}

/* Hidden text on a line with visible text: the hidden stream gets the line as well. */
static void
share_line(HtmlOut *out)
{
    HtmlStream *body = &out->streams[OUT_BODY];
    gsize from = body->line_at;
    out->shared = TRUE;
    stream_gap(&out->streams[OUT_HIDDEN], GAP_LINE);
    if (body->gap >= GAP_LINE || body->length == from)
        return;
    if (body->length - from > SHARED_MAX)
        from = body->length - SHARED_MAX;
    while (from < body->length && ((guchar)body->bytes[from] & 0xC0) == 0x80)
        from++;
    pay_gap(out, OUT_HIDDEN);
    append(out, OUT_HIDDEN, body->bytes + from, body->length - from);
    if (body->gap == GAP_SPACE)
        stream_gap(&out->streams[OUT_HIDDEN], GAP_SPACE);
}

static void
share_text(HtmlOut *out, const char *text, gsize length)
{
    gsize part = MIN(length, out->share);
    while (part < length && ((guchar)text[part] & 0xC0) == 0x80)
        part++;
    out->share -= MIN(part, out->share);
    if (part > 0 && out->streams[OUT_HIDDEN].gap != GAP_NONE)
        pay_gap(out, OUT_HIDDEN);
    if (part > 0)
        append(out, OUT_HIDDEN, text, part);
    if (part == length)
        return;
    out->shared = FALSE;
    stream_gap(&out->streams[OUT_HIDDEN], GAP_LINE);
}

/* --- other readings ------------------------------------------------------ */

void
html_out_mark(HtmlOut *out)
{
    const HtmlStream *body = &out->streams[OUT_BODY];
    out->before.gap = body->gap;
    out->before.lines = body->lines;
    out->before.tabs = body->tabs;
}

/* Another reading begins to differ: what the page shows before that comes first. */
static void
open_reading(HtmlOut *out, guint reading)
{
    const HtmlStream *body = &out->streams[OUT_BODY];
    HtmlStream *stream = &out->streams[OUT_OTHER + reading];
    gsize from = body->length > SHARED_MAX ? body->length - SHARED_MAX : 0;
    while (from < body->length && ((guchar)body->bytes[from] & 0xC0) == 0x80)
        from++;
    out->open |= (guint8)(1u << reading);
    if (from == body->length)
        return;
    if (stream->gap != GAP_NONE)
        pay_gap(out, OUT_OTHER + reading);
    append(out, OUT_OTHER + reading, body->bytes + from, body->length - from);
    stream->gap = out->before.gap;
    stream->lines = out->before.lines;
    stream->tabs = out->before.tabs;
    stream->cells = body->cells;
}

static void
close_reading(HtmlOut *out, guint reading)
{
    HtmlStream *stream = &out->streams[OUT_OTHER + reading];
    out->open &= (guint8) ~(1u << reading);
    stream->gap = GAP_LINE;
    stream->lines = APART_LINES;
    stream->tabs = 0;
}

static void
reading_text(HtmlOut *out, guint reading, const char *text, gsize length)
{
    if (length > 0 && out->streams[OUT_OTHER + reading].gap != GAP_NONE)
        pay_gap(out, OUT_OTHER + reading);
    append(out, OUT_OTHER + reading, text, length);
}

static void
readings_text(HtmlOut *out, HtmlWhich which, const char *text, gsize length)
{
    for (guint reading = 0; reading < OUT_READINGS; reading++) {
        gboolean differs = out->differs >> reading & 1;
        if (!differs && (out->open >> reading & 1) == 0)
            continue;
        if ((out->open >> reading & 1) == 0)
            open_reading(out, reading);
        if (differs) {
            out->left[reading] = SHARED_MAX;
            if (shows(out, reading, which))
                reading_text(out, reading, text, length);
        } else if (shows(out, reading, which)) {
            gsize part = MIN(length, out->left[reading]);
            while (part < length && ((guchar)text[part] & 0xC0) == 0x80)
                part++;
            reading_text(out, reading, text, part);
            out->left[reading] -= MIN(part, out->left[reading]);
            if (part < length)
                close_reading(out, reading);
        }
    }
}

void
html_out_aside(HtmlOut *out, guint readings, const char *text, gsize length)
{
    for (guint reading = 0; reading < OUT_READINGS; reading++) {
        if ((readings >> reading & 1) == 0)
            continue;
        if ((out->open >> reading & 1) == 0) {
            html_out_mark(out);
            open_reading(out, reading);
        }
        reading_text(out, reading, text, length);
        out->left[reading] = SHARED_MAX;
    }
}

void
html_out_text(HtmlOut *out, HtmlWhich which, const char *text, gsize length)
{
    if (length == 0)
        return;
    if ((out->differs | out->open) != 0 && which != OUT_TITLE)
        readings_text(out, which, text, length);
    if (which == OUT_BODY && out->table != NULL)
        html_table_text(out->table, text, length);
    if (which == OUT_HIDDEN && !out->shared)
        share_line(out);
    if (out->streams[which].gap != GAP_NONE)
        pay_gap(out, which);
    append(out, which, text, length);
    if (which == OUT_HIDDEN)
        out->share = SHARED_MAX;
    else if (which == OUT_BODY && out->shared)
        share_text(out, text, length);
}

static void
apart(HtmlOut *out)
{
    html_out_gap(out, OUT_BODY, GAP_ROW);
    out->streams[OUT_BODY].lines = APART_LINES;
}

void
html_out_table(HtmlOut *out, HtmlTableEvent event, guint columns, guint rows)
{
    if (out->table == NULL) {
        if (event != TABLE_OPEN)
            return;
        out->table = g_new0(HtmlTable, 1);
    }
    if (event == TABLE_OPEN)
        html_table_open(out->table);
    else if (event == TABLE_ROW)
        html_table_row(out->table);
    else if (event == TABLE_CELL)
        html_table_cell(out->table, columns, rows);
    else if (event == TABLE_CELL_END)
        html_table_cell_end(out->table);
    else {
        g_autoptr(GString) found = html_table_close(out->table);
        if (found == NULL)
            return;
        apart(out);
        pay_gap(out, OUT_BODY);
        append(out, OUT_BODY, found->str, found->len);
        apart(out);
    }
}

static const char *
flow_kept(HtmlOut *out, HtmlWhich which, const char *text, const char *end)
{
    while (text < end && classes[(guchar)*text] != STOP) {
        const char *from = text;
        while (text < end && (*text == ' ' || *text == '\t' || classes[(guchar)*text] == PLAIN))
            text++;
        html_out_text(out, which, from, (gsize)(text - from));
        if (text == end || classes[(guchar)*text] == STOP)
            break;
        if (*text == '\n')
            html_out_gap(out, which, GAP_BREAK);
        text++;
    }
    return text;
}

const char *
html_out_flow(HtmlOut *out, HtmlWhich which, const char *text, const char *end, gboolean keep)
{
    if (keep)
        return flow_kept(out, which, text, end);
    while (text < end) {
        const char *from = text;
        guint8 class = PLAIN;
        /* Plain bytes, and single blanks between them, are copied in one go. */
        while ((text = bytes_plain(text, end)) < end) {
            class = classes[(guchar)*text];
            if (class != PLAIN && !(*text == ' ' && text > from && text + 1 < end && classes[(guchar)text[1]] == PLAIN))
                break;
            text++;
        }
        if (text > from)
            html_out_text(out, which, from, (gsize)(text - from));
        if (text == end || class == STOP)
            break;
        if (class == SPACE)
            html_out_gap(out, which, GAP_SPACE);
        text++;
    }
    return text;
}

static gboolean
is_blank(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (classes[(guchar)text[i]] != SPACE && classes[(guchar)text[i]] != DROP)
            return FALSE;
    return TRUE;
}

void
html_out_piece(HtmlOut *out, PlaceKind kind, const char *name, const char *text, gsize length)
{
    g_autofree char *clean = NULL;
    if (out->only_others || is_blank(text, length))
        return;
    if (memchr(text, '\0', length) != NULL) {
        gsize kept = 0;
        clean = g_malloc(length);
        for (gsize i = 0; i < length; i++)
            if (text[i] != '\0')
                clean[kept++] = text[i];
        text = clean;
        length = kept;
    }
    while (length > 0) {
        gsize part = length > HTML_PIECE ? html_whole(text, HTML_PIECE) : length;
        hand_over(out, kind, name, text, part);
        text += part;
        length -= part;
    }
}
