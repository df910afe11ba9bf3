/* transfer_base64 - base64 as mail readers take it: junk is skipped, padding inside ends a group and no more.
 *
 * "-" and "_" are digits of the URL-safe alphabet or junk put in to disturb us. A line whose other characters alone
 * make whole groups has them as junk; one that needs them is URL-safe. */
#include "config.h"
#include "transfer_codec.h"
#include <string.h>

#define DIGIT 0x40 /* set for characters of the alphabet; the value is in the low six bits */
#define D(value) (DIGIT | (value))

static const guint8 DIGITS[256] =
    {
        ['A'] = D(0), D(1),  D(2),  D(3),  D(4),          D(5),  D(6),  D(7),          D(8),          D(9),  D(10),
        D(11),        D(12), D(13), D(14), D(15),         D(16), D(17), D(18),         D(19),         D(20), D(21),
        D(22),        D(23), D(24), D(25), ['a'] = D(26), D(27), D(28), D(29),         D(30),         D(31), D(32),
        D(33),        D(34), D(35), D(36), D(37),         D(38), D(39), D(40),         D(41),         D(42), D(43),
        D(44),        D(45), D(46), D(47), D(48),         D(49), D(50), D(51),         ['0'] = D(52), D(53), D(54),
        D(55),        D(56), D(57), D(58), D(59),         D(60), D(61), ['+'] = D(62), ['/'] = D(63),
};

/* Whole groups of clean input and the line ends between them; stops before the first group that has anything else.
 * Four flags, shifted into place with their digits, are taken off at once. Returns the bytes taken. */
static gsize
clean_groups(Base64 *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    const guint32 flags = ((guint32)DIGIT << 18) + (DIGIT << 12) + (DIGIT << 6) + DIGIT;
    guint before = out->len;
    g_byte_array_set_size(out, before + (guint)(length / 4 * 3));
    guint8 *next = out->data + before;
    gsize i = 0;
    while (i + 4 <= length) {
        guint32 a = DIGITS[bytes[i]], b = DIGITS[bytes[i + 1]], c = DIGITS[bytes[i + 2]], d = DIGITS[bytes[i + 3]];
        if ((a & b & c & d & DIGIT) != 0) {
            guint32 group = (a << 18) + (b << 12) + (c << 6) + d - flags;
            next[0] = group >> 16;
            next[1] = group >> 8;
            next[2] = group;
            next += 3;
            i += 4;
        } else if (bytes[i] == '\n' || bytes[i] == '\r') {
            state->url_safe &= bytes[i] != '\n';
            i++;
        } else {
            break;
        }
    }
    g_byte_array_set_size(out, (guint)(next - out->data));
    return i;
}

static void
flush_group(Base64 *state, GByteArray *out)
{
    guint8 bytes[2] = {0};
    if (state->count == 2) {
        bytes[0] = state->bits >> 4;
        g_byte_array_append(out, bytes, 1);
    } else if (state->count == 3) {
        bytes[0] = state->bits >> 10;
        bytes[1] = state->bits >> 2;
        g_byte_array_append(out, bytes, 2);
    }
    state->bits = state->count = 0;
    state->padded = FALSE;
}

static void
take_digit(Base64 *state, guint8 value, GByteArray *out)
{
    if (state->padded) /* "=" inside a group is junk */
        state->oddities++;
    if (state->ended) /* data goes on after padding */
        state->oddities++;
    state->padded = state->ended = FALSE;
    state->bits = state->bits << 6 | value;
    if (++state->count < 4)
        return;
    guint8 bytes[3] = {state->bits >> 16, state->bits >> 8, state->bits};
    g_byte_array_append(out, bytes, 3);
    state->bits = state->count = 0;
}

static void
take_padding(Base64 *state, GByteArray *out)
{
    if (state->count == 3 || (state->count == 2 && state->padded)) {
        flush_group(state, out);
        state->ended = TRUE;
    } else if (state->count == 2) {
        state->padded = TRUE;
    } else {
        state->oddities += state->count == 1 || !state->ended;
    }
}

/* One character that is not part of a clean group. */
static void
take(Base64 *state, guint8 c, gboolean url_safe, GByteArray *out)
{
    if (DIGITS[c] & DIGIT) {
        take_digit(state, DIGITS[c] & 63, out);
    } else if (c == '=') {
        take_padding(state, out);
    } else if (c == '\n') {
        state->url_safe = FALSE;
        if (state->padded) { /* the second "=" is missing */
            flush_group(state, out);
            state->ended = TRUE;
            state->oddities++;
        }
    } else if (c != '\r' && c != ' ' && c != '\t') {
        state->oddities++;
        if (url_safe && (c == '-' || c == '_'))
            take_digit(state, c == '-' ? 62 : 63, out);
    }
}

typedef enum { DOUBT_LINE, DOUBT_LAST_LINE, DOUBT_PIECE } DoubtEnd;

static gboolean
is_url_safe(const Base64 *state, DoubtEnd end)
{
    gsize plain = state->count, doubtful = 0;
    gboolean plus = FALSE;
    for (guint i = 0; i < state->doubt->len; i++) {
        guint8 c = state->doubt->data[i];
        plain += (DIGITS[c] & DIGIT) != 0 || c == '=';
        doubtful += c == '-' || c == '_';
        plus |= c == '+' || c == '/';
    }
    if (state->url_safe)
        return TRUE;
    if (end == DOUBT_PIECE) /* no line ends to count by; random data that long has "+" or "/" */
        return !plus;
    if (end == DOUBT_LAST_LINE && plain % 4 == 1) /* padding may be missing, but one character is no group */
        return TRUE;
    return plain % 4 != 0 && (plain + doubtful) % 4 == 0;
}

static void
settle_doubt(Base64 *state, DoubtEnd end, GByteArray *out)
{
    gboolean url_safe = is_url_safe(state, end);
    state->url_safe = url_safe && end == DOUBT_PIECE;
    for (guint i = 0; i < state->doubt->len; i++)
        take(state, state->doubt->data[i], url_safe, out);
    g_byte_array_set_size(state->doubt, 0);
}

static gboolean
doubting(const Base64 *state)
{
    return state->doubt != NULL && state->doubt->len > 0;
}

static void
take_or_doubt(Base64 *state, guint8 c, GByteArray *out)
{
    if (!doubting(state) && c != '-' && c != '_') {
        take(state, c, FALSE, out);
        return;
    }
    if (state->doubt == NULL)
        state->doubt = g_byte_array_new();
    g_byte_array_append(state->doubt, &c, 1);
    if (c == '\n' || state->doubt->len == BASE64_DOUBT_MAX)
        settle_doubt(state, c == '\n' ? DOUBT_LINE : DOUBT_PIECE, out);
}

void
base64_push(Base64 *state, const guint8 *bytes, gsize length, GByteArray *out)
{
    gsize i = 0;
    while (i < length) {
        if (length - i >= 4 && state->count == 0 && !state->ended && !doubting(state))
            i += clean_groups(state, bytes + i, length - i, out);
        /* The rest of a group, a line end, junk: up to where the quick loop may start again. */
        for (gboolean first = TRUE; i < length && (first || state->count != 0 || doubting(state)); first = FALSE)
            take_or_doubt(state, bytes[i++], out);
    }
}

void
base64_finish(Base64 *state, GByteArray *out)
{
    if (doubting(state))
        settle_doubt(state, DOUBT_LAST_LINE, out);
    state->oddities += state->count == 1;
    flush_group(state, out);
}

void
base64_clear(Base64 *state)
{
    if (state->doubt != NULL)
        g_byte_array_unref(state->doubt);
    state->doubt = NULL;
}
