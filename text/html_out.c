/* html_out - text streams of the HTML scanner: white space, lines, cells, pieces of bounded size. */
#include "config.h"
#include "html_out.h"
#include "html_bytes.h"

#define GAP_MAX 100    /* lines or tabs in a row */
#define SHARED_MAX 512 /* bytes of the visible line before hidden text, and behind it, that are given with it */

static const PlaceKind kinds[OUT_STREAMS] = {PLACE_BODY, PLACE_HIDDEN, PLACE_TITLE};

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
    hand_over(out, kinds[which], NULL, stream->bytes, stream->length);
    *stream = (HtmlStream){.bytes = stream->bytes};
}

/* Hands over whole characters; the start of one that is cut stays. */
static void
flush_full(HtmlOut *out, HtmlWhich which)
{
    HtmlStream *stream = &out->streams[which];
    gsize whole = html_whole(stream->bytes, HTML_PIECE);
    hand_over(out, kinds[which], NULL, stream->bytes, whole);
    memmove(stream->bytes, stream->bytes + whole, HTML_PIECE - whole);
    stream->length = HTML_PIECE - whole;
    stream->line_at = 0;
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
    if (stream->gap >= GAP_LINE)
        repeat(out, which, '\t', stream->tabs);
    if (stream->lines > 0)
        stream->line_at = stream->length;
    stream->gap = GAP_NONE;
    stream->lines = stream->tabs = 0;
}

void
html_out_gap(HtmlOut *out, HtmlWhich which, HtmlGap gap)
{
    HtmlStream *stream = &out->streams[which];
    if (which == OUT_BODY && out->shared) {
        out->shared = gap == GAP_SPACE;
        html_out_gap(out, OUT_HIDDEN, gap == GAP_SPACE ? GAP_SPACE : GAP_LINE);
    }
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

/* Hidden text on a line with visible text: the hidden stream gets the line as well. */
static void
share_line(HtmlOut *out)
{
    HtmlStream *body = &out->streams[OUT_BODY];
    gsize from = body->line_at;
    out->shared = TRUE;
    html_out_gap(out, OUT_HIDDEN, GAP_LINE);
    if (body->gap >= GAP_LINE || body->length == from)
        return;
    if (body->length - from > SHARED_MAX)
        from = body->length - SHARED_MAX;
    while (from < body->length && ((guchar)body->bytes[from] & 0xC0) == 0x80)
        from++;
    pay_gap(out, OUT_HIDDEN);
    append(out, OUT_HIDDEN, body->bytes + from, body->length - from);
    if (body->gap == GAP_SPACE)
        html_out_gap(out, OUT_HIDDEN, GAP_SPACE);
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
    html_out_gap(out, OUT_HIDDEN, GAP_LINE);
}

void
html_out_text(HtmlOut *out, HtmlWhich which, const char *text, gsize length)
{
    if (length == 0)
        return;
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
    if (is_blank(text, length))
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
