/* judge-visual - text in visual order: what stands after U+202E is read backwards up to U+202C or the line end. */
#include "config.h"
#include "judge-visual.h"
#include <string.h>

#define OVERRIDE "\xE2\x80\xAE" /* U+202E */
#define POP "\xE2\x80\xAC"      /* U+202C */

static const char *
find(const char *text, gsize length, const char *sign)
{
    return memmem(text, length, sign, strlen(sign));
}

/* The end of the piece that an override at `from` governs. */
static gsize
piece_end(const char *text, gsize length, gsize from)
{
    const char *line = memchr(text + from, '\n', length - from);
    gsize limit = line != NULL ? (gsize)(line - text) : length;
    const char *pop = find(text + from, limit - from, POP);

    return pop != NULL ? (gsize)(pop - text) : limit;
}

static void
append_reversed(GString *out, const char *text, gsize from, gsize to)
{
    for (const char *p = text + to; p > text + from;) {
        p = g_utf8_prev_char(p);
        g_string_append_len(out, p, g_utf8_next_char(p) - p);
    }
}

gboolean
visual_order(const Segment *segment, GString *text_out, VisualSpan *span_out)
{
    const char *text = segment->text, *mark = find(text, segment->length, OVERRIDE);
    gsize done = 0;

    if (mark == NULL)
        return FALSE;
    g_string_truncate(text_out, 0);
    span_out->from = (gsize)(mark - text);
    while (mark != NULL) {
        gsize from = (gsize)(mark - text) + strlen(OVERRIDE), to = piece_end(text, segment->length, from);
        g_string_append_len(text_out, text + done, mark - text - (gssize)done);
        append_reversed(text_out, text, from, to);
        done = span_out->to = to;
        mark = find(text + done, segment->length - done, OVERRIDE);
    }
    g_string_append_len(text_out, text + done, (gssize)(segment->length - done));
    return TRUE;
}
