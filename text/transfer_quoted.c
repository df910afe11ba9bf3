/* transfer_quoted - quoted-printable (RFC 2045 6.7): what is no escape stays as it came. */
#include "config.h"
#include "transfer_codec.h"
#include <string.h>

#define QUICK_BLANKS 64 /* more at the end of a line are looked at one by one */

static void
append_byte(GByteArray *out, guint8 byte)
{
    g_byte_array_append(out, &byte, 1);
}

static void
keep_blanks(Quoted *state, GByteArray *out)
{
    if (state->blanks == NULL || state->blanks->len == 0)
        return;
    g_byte_array_append(out, state->blanks->data, state->blanks->len);
    g_byte_array_set_size(state->blanks, 0);
}

static void
hold_blank(Quoted *state, guint8 c, GByteArray *out)
{
    if (state->blanks == NULL)
        state->blanks = g_byte_array_new();
    if (state->blanks->len == QUOTED_BLANKS_MAX)
        keep_blanks(state, out);
    append_byte(state->blanks, c);
}

static void
take_plain(Quoted *state, guint8 c, GByteArray *out)
{
    if (c == ' ' || c == '\t') {
        hold_blank(state, c, out);
        return;
    }
    if ((c == '\r' || c == '\n') && state->blanks != NULL)
        g_byte_array_set_size(state->blanks, 0); /* added by transport: RFC 2045 6.7 (3) */
    keep_blanks(state, out);
    if (c == '=')
        state->step = QUOTED_ESCAPE;
    else
        append_byte(out, c);
}

/* The "=" (and `digit`, and blanks) were no escape: keep them, go on with `c`. */
static void
give_up(Quoted *state, guint8 c, GByteArray *out)
{
    state->oddities++;
    append_byte(out, '=');
    if (state->step == QUOTED_DIGIT)
        append_byte(out, state->digit);
    keep_blanks(state, out);
    state->step = QUOTED_PLAIN;
    take_plain(state, c, out);
}

static void
take_after_escape(Quoted *state, guint8 c, GByteArray *out)
{
    if (c == '\r' || c == '\n') {
        if (state->blanks != NULL)
            g_byte_array_set_size(state->blanks, 0);
        state->step = c == '\r' ? QUOTED_ESCAPE_CR : QUOTED_PLAIN;
    } else if (c == ' ' || c == '\t') {
        if (state->blanks != NULL && state->blanks->len == QUOTED_BLANKS_MAX) {
            give_up(state, c, out);
            return;
        }
        hold_blank(state, c, out);
        state->step = QUOTED_ESCAPE_BLANK;
    } else if (state->step == QUOTED_ESCAPE && g_ascii_isxdigit(c)) {
        state->digit = c;
        state->step = QUOTED_DIGIT;
    } else {
        give_up(state, c, out);
    }
}

static void
take(Quoted *state, guint8 c, GByteArray *out)
{
    switch (state->step) {
    case QUOTED_PLAIN:
        take_plain(state, c, out);
        break;
    case QUOTED_ESCAPE:
    case QUOTED_ESCAPE_BLANK:
        take_after_escape(state, c, out);
        break;
    case QUOTED_ESCAPE_CR:
        state->step = QUOTED_PLAIN;
        if (c != '\n')
            take_plain(state, c, out);
        break;
    case QUOTED_DIGIT:
        if (!g_ascii_isxdigit(c)) {
            give_up(state, c, out);
            break;
        }
        append_byte(out, g_ascii_xdigit_value(state->digit) << 4 | g_ascii_xdigit_value(c));
        state->step = QUOTED_PLAIN;
        break;
    }
}

#define DIGIT 0x10 /* set for hexadecimal digits; the value is in the low four bits */
#define D(value) (DIGIT | (value))

static const guint8 DIGITS[256] = {
    ['0'] = D(0), D(1),  D(2),  D(3),  D(4),  D(5),          D(6),  D(7),  D(8),  D(9),  ['A'] = D(10),
    D(11),        D(12), D(13), D(14), D(15), ['a'] = D(10), D(11), D(12), D(13), D(14), D(15)};

/* Text and good escapes. Returns the bytes taken: less than `length` where an "=" needs a closer look. */
static gsize
quick_text(const guint8 *text, gsize length, guint8 **out)
{
    gsize i = 0;
    while (i < length) {
        if (text[i] != '=') {
            const guint8 *escape = memchr(text + i, '=', length - i);
            gsize run = (escape != NULL ? (gsize)(escape - text) : length) - i;
            memcpy(*out, text + i, run);
            *out += run;
            i += run;
            continue;
        }
        if (length - i < 3 || (DIGITS[text[i + 1]] & DIGITS[text[i + 2]] & DIGIT) == 0)
            break;
        *(*out)++ = (guint8)(DIGITS[text[i + 1]] << 4 | (DIGITS[text[i + 2]] & 0x0F));
        i += 3;
    }
    return i;
}

/* A whole line with its line end. Returns the bytes taken: less than `length` where something needs a closer look. */
static gsize
quick_line(const guint8 *line, gsize length, guint8 **out)
{
    gsize end = length - 1;
    end -= end > 0 && line[end - 1] == '\r';
    gsize text = end;
    while (text > 0 && end - text < QUICK_BLANKS && (line[text - 1] == ' ' || line[text - 1] == '\t'))
        text--;
    if (end - text == QUICK_BLANKS || memchr(line, '\r', text) != NULL)
        return 0;
    gboolean soft = text > 0 && line[text - 1] == '=';
    gsize taken = quick_text(line, text - soft, out);
    if (taken < text - soft)
        return taken;
    if (!soft) {
        memcpy(*out, line + end, length - end);
        *out += length - end;
    }
    return length;
}

static gsize
quick_lines(const guint8 *bytes, gsize length, GByteArray *out)
{
    guint before = out->len;
    g_byte_array_set_size(out, before + (guint)length);
    guint8 *next = out->data + before;
    const guint8 *newline;
    gsize i = 0;
    while (i < length && (newline = memchr(bytes + i, '\n', length - i)) != NULL) {
        gsize line = (gsize)(newline + 1 - bytes) - i, taken = quick_line(bytes + i, line, &next);
        i += taken;
        if (taken < line)
            break;
    }
    g_byte_array_set_size(out, (guint)(next - out->data));
    return i;
}

/* Whole lines at speed; what begins or ends inside the piece, and the rest of a line that is not in order, one by one.
 */
void
quoted_push(Quoted *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    gsize i = 0;
    while (i < length) {
        if (state->step == QUOTED_PLAIN && (state->blanks == NULL || state->blanks->len == 0))
            i += quick_lines(bytes + i, length - i, out);
        const guint8 *newline = i < length ? memchr(bytes + i, '\n', length - i) : NULL;
        gsize end = newline != NULL ? (gsize)(newline + 1 - bytes) : length;
        while (i < end)
            take(state, bytes[i++], out);
    }
}

void
quoted_finish(Quoted *state, GByteArray *out)
{
    if (state->step == QUOTED_DIGIT) {
        append_byte(out, '=');
        append_byte(out, state->digit);
        state->oddities++;
    }
    keep_blanks(state, out);
    state->step = QUOTED_PLAIN;
}

void
quoted_clear(Quoted *state)
{
    if (state->blanks != NULL)
        g_byte_array_unref(state->blanks);
    state->blanks = NULL;
}
