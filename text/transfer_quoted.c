/* transfer_quoted - quoted-printable (RFC 2045 6.7): what is no escape stays as it came. */
#include "config.h"
#include "transfer_codec.h"
#include <string.h>

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

/* The common case at speed: text, line ends, single blanks inside a line and good escapes, as far as all of it is in
 * view. Returns the bytes taken; writes at most as many. */
static gsize
quick_run(const guint8 *bytes, gsize length, guint8 *out, gsize *written_out)
{
    gsize i = 0, written = 0;
    while (i < length) {
        guint8 c = bytes[i];
        if (c == '=') {
            if (length - i < 3 || !g_ascii_isxdigit(bytes[i + 1]) || !g_ascii_isxdigit(bytes[i + 2]))
                break;
            out[written++] = (guint8)(g_ascii_xdigit_value(bytes[i + 1]) << 4 | g_ascii_xdigit_value(bytes[i + 2]));
            i += 3;
            continue;
        }
        if ((c == ' ' || c == '\t') && (length - i < 2 || bytes[i + 1] <= ' '))
            break;
        out[written++] = c;
        i++;
    }
    *written_out = written;
    return i;
}

void
quoted_push(Quoted *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    gsize i = 0;
    while (i < length) {
        if (state->step == QUOTED_PLAIN && (state->blanks == NULL || state->blanks->len == 0)) {
            guint before = out->len;
            gsize written;
            g_byte_array_set_size(out, before + (length - i));
            i += quick_run(bytes + i, length - i, out->data + before, &written);
            g_byte_array_set_size(out, before + written);
        }
        if (i < length)
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
