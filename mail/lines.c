/* Whole lines inside one piece are shown where they lie; only a line that two pieces share is copied. */
#include "config.h"
#include "lines.h"
#include "spool_stream.h"
#include <string.h>

void
lines_init(Lines *lines, gint64 offset, LineEach each, gpointer user)
{
    lines->each = each;
    lines->user = user;
    lines->head_max = LINES_HEAD;
    lines->offset = offset;
    lines->full = 0;
    lines->head = g_byte_array_new();
}

void
lines_clear(Lines *lines)
{
    g_clear_pointer(&lines->head, g_byte_array_unref);
}

static gboolean
show(Lines *lines, const char *text, gsize length, gsize full)
{
    if (length > 0 && length == full && text[length - 1] == '\n')
        length--;
    if (length > 0 && text[length - 1] == '\r' && length + 2 >= full)
        length--;
    Line line = {text, length, full, lines->offset};
    if (!lines->each(&line, lines->user))
        return FALSE;
    lines->offset += (gint64)full;
    lines->full = 0;
    g_byte_array_set_size(lines->head, 0);
    return TRUE;
}

static void
keep(Lines *lines, const char *bytes, gsize length)
{
    gsize room = lines->head_max - MIN(lines->head->len, lines->head_max);
    if (room > 0)
        g_byte_array_append(lines->head, (const guint8 *)bytes, (guint)MIN(length, room));
    lines->full += length;
}

gboolean
lines_push(Lines *lines, const char *bytes, gsize length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (gsize)(end - bytes));
        if (newline == NULL) {
            keep(lines, bytes, (gsize)(end - bytes));
            return TRUE;
        }
        gsize piece = (gsize)(newline + 1 - bytes);
        gboolean going;
        if (lines->full == 0) {
            going = show(lines, bytes, MIN(piece, lines->head_max), piece);
        } else {
            keep(lines, bytes, piece);
            going = show(lines, (const char *)lines->head->data, lines->head->len, lines->full);
        }
        if (!going)
            return FALSE;
        bytes = newline + 1;
    }
    return TRUE;
}

gboolean
lines_finish(Lines *lines)
{
    return lines->full == 0 || show(lines, (const char *)lines->head->data, lines->head->len, lines->full);
}

gssize
lines_read(GMimeStream *stream, char *out, gsize length)
{
    return g_mime_stream_eos(stream) ? 0 : g_mime_stream_read(stream, out, length);
}

int
lines_of_stream(GMimeStream *stream, gint64 from, gint64 to, LineEach each, gpointer user)
{
    g_autoptr(GMimeStream) part = g_mime_stream_substream(stream, from, to);
    g_autofree char *buffer = g_malloc(16 * 1024);
    Lines lines;
    int result = 1;
    lines_init(&lines, from, each, user);
    for (;;) {
        gssize got = lines_read(part, buffer, 16 * 1024);
        if (got < 0)
            result = -1;
        else if (got == 0)
            result = lines_finish(&lines);
        else if (lines_push(&lines, buffer, (gsize)got))
            continue;
        else
            result = 0;
        break;
    }
    lines_clear(&lines);
    return result;
}

gboolean
line_is_field(const char *text, gsize length)
{
    gsize i = 0;
    while (i < length && text[i] > ' ' && text[i] < 127 && text[i] != ':')
        i++;
    if (i == 0)
        return FALSE;
    while (i < length && (text[i] == ' ' || text[i] == '\t'))
        i++;
    return i < length && text[i] == ':';
}

gboolean
line_is_blank(const Line *line)
{
    if (line->full > line->length + 2)
        return FALSE;
    for (gsize i = 0; i < line->length; i++)
        if (line->text[i] != ' ' && line->text[i] != '\t')
            return FALSE;
    return TRUE;
}
