/* html_bytes - looking at eight bytes at a time. Part of html. */
#pragma once
#include <glib.h>
#include <string.h>

#define BYTES_EACH(c) (G_GUINT64_CONSTANT(0x0101010101010101) * (guint8)(c))
#define BYTES_HIGH BYTES_EACH(0x80)

static inline guint64
bytes_load(const char *text)
{
    guint64 word;
    memcpy(&word, text, sizeof word);
    return GUINT64_FROM_LE(word);
}

/* The high bit of each byte that is zero; above the first such byte other bits may be set too. */
static inline guint64
bytes_zero(guint64 word)
{
    return (word - BYTES_EACH(1)) & ~word & BYTES_HIGH;
}

static inline guint
bytes_first(guint64 bits)
{
    return (guint)__builtin_ctzll(bits) / 8;
}

static inline gboolean
byte_is_space(char c)
{
    return (guchar)c <= ' ' && (G_GUINT64_CONSTANT(0x100003600) >> c & 1); /* blank \t \n \f \r */
}

/* What may end a name: blanks '/' '>' always, '=' the name of an attribute. */
enum { NAME_ENDS = 1, NAME_ENDS_EQUALS = 2 };
static const guint8 name_ends[256] = {
    ['\t'] = 3, ['\n'] = 3, ['\f'] = 3, ['\r'] = 3, [' '] = 3, ['/'] = 3, ['>'] = 3, ['='] = NAME_ENDS_EQUALS};

/* The next `byte` in [text, end), or NULL; for short distances. */
static inline const char *
bytes_find(const char *text, const char *end, char byte)
{
    for (; end - text >= 8; text += 8) {
        guint64 hit = bytes_zero(bytes_load(text) ^ BYTES_EACH(byte));
        if (hit != 0)
            return text + bytes_first(hit);
    }
    for (; text < end; text++)
        if (*text == byte)
            return text;
    return NULL;
}

enum { BYTES_FOREIGN = 1, BYTES_MARKUP = 2, BYTES_REFERENCE = 4 }; /* beyond ASCII; '<' '>'; '&' */

typedef struct {
    guint64 foreign, markup, reference;
} BytesSeen;

static inline void
bytes_note(BytesSeen *seen, guint64 word)
{
    seen->foreign |= word & BYTES_HIGH;
    seen->markup |= bytes_zero((word | BYTES_EACH(2)) ^ BYTES_EACH('>')); /* '<' | 2 is '>' */
    seen->reference |= bytes_zero(word ^ BYTES_EACH('&'));
}

static inline guint
bytes_seen(const BytesSeen *seen)
{
    return (seen->foreign ? BYTES_FOREIGN : 0) | (seen->markup ? BYTES_MARKUP : 0) |
           (seen->reference ? BYTES_REFERENCE : 0);
}

static inline guint
bytes_look(const char *text, gsize length)
{
    BytesSeen seen = {0};
    gsize at = 0;
    for (; at + 8 <= length; at += 8)
        bytes_note(&seen, bytes_load(text + at));
    for (; at < length; at++)
        bytes_note(&seen, (guchar)text[at]);
    return bytes_seen(&seen);
}

/* As bytes_find(), telling what bytes lie before. */
static inline const char *
bytes_find_looking(const char *text, const char *end, char byte, guint *look_out)
{
    BytesSeen seen = {0};
    for (; end - text >= 8; text += 8) {
        guint64 word = bytes_load(text), hit = bytes_zero(word ^ BYTES_EACH(byte));
        if (hit != 0) {
            guint before = bytes_first(hit);
            bytes_note(&seen, before > 0 ? word & (~G_GUINT64_CONSTANT(0) >> (64 - 8 * before)) : 0);
            *look_out = bytes_seen(&seen);
            return text + before;
        }
        bytes_note(&seen, word);
    }
    for (; text < end && *text != byte; text++)
        bytes_note(&seen, (guchar)*text);
    *look_out = bytes_seen(&seen);
    return text < end ? text : NULL;
}

/* The next byte up to ' ', or '<', or '&'; end if none. */
static inline const char *
bytes_plain(const char *text, const char *end)
{
    for (; end - text >= 8; text += 8) {
        guint64 word = bytes_load(text);
        guint64 low = (word - BYTES_EACH(0x21)) & ~word & BYTES_HIGH;
        guint64 hit = low | bytes_zero(word ^ BYTES_EACH('<')) | bytes_zero(word ^ BYTES_EACH('&'));
        if (hit != 0)
            return text + bytes_first(hit);
    }
    while (text < end && (guchar)*text > ' ' && *text != '<' && *text != '&')
        text++;
    return text;
}
