/* decode_utf - UTF-8 made valid, UTF-16 and UTF-32. */
#include "config.h"
#include "decode_codec.h"
#include <string.h>

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN); /* wide_run compares words */

guint
utf8_put(gunichar c, char *out)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        memcpy(out, REPLACEMENT, 3);
        return 3;
    }
    return (guint)g_unichar_to_utf8(c, out);
}

gsize
ascii_run(const guint8 *bytes, gsize length)
{
    gsize i = 0;
    for (guint64 word; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        /* Neither a high bit nor a zero byte. */
        if (((word | (word - 0x0101010101010101)) & 0x8080808080808080) != 0)
            break;
    }
    while (i < length && bytes[i] != 0 && bytes[i] < 0x80)
        i++;
    return i;
}

/* Length of the valid character beyond ASCII here; 0: none. */
static inline gsize
character_size(const guint8 *c, gsize left)
{
    if (left >= 3 && (c[0] & 0xF0) == 0xE0 && (c[1] & 0xC0) == 0x80 && (c[2] & 0xC0) == 0x80)
        return (c[0] == 0xE0 && c[1] < 0xA0) || (c[0] == 0xED && c[1] >= 0xA0) ? 0 : 3;
    if (left >= 2 && c[0] >= 0xC2 && c[0] < 0xE0 && (c[1] & 0xC0) == 0x80)
        return 2;
    if (left >= 4 && c[0] >= 0xF0 && c[0] < 0xF5 && (c[1] & 0xC0) == 0x80 && (c[2] & 0xC0) == 0x80 &&
        (c[3] & 0xC0) == 0x80)
        return (c[0] == 0xF0 && c[1] < 0x90) || (c[0] == 0xF4 && c[1] >= 0x90) ? 0 : 4;
    return 0;
}

/* Length of the valid characters of three bytes here, four bytes loaded at a time: all of Chinese. */
static gsize
wide_run(const guint8 *bytes, gsize length)
{
    gsize i = 0;
    for (guint32 word; i + sizeof word <= length; i += 3) {
        memcpy(&word, bytes + i, sizeof word);
        /* Lead and continuation bits; then neither overlong (E0, below A0) nor a surrogate (ED, from A0). */
        guint32 edge = word & 0x200F;
        if ((word & 0x00C0C0F0) != 0x008080E0 || edge == 0 || edge == 0x200D)
            break;
    }
    return i;
}

static gsize
valid_run(const guint8 *bytes, gsize length, gboolean ascii)
{
    gsize i = ascii_run(bytes, length), size;
    while (!ascii && i < length) {
        size = wide_run(bytes + i, length - i);
        if (size == 0)
            size = ascii_run(bytes + i, length - i);
        if (size == 0)
            size = character_size(bytes + i, length - i);
        if (size == 0)
            break;
        i += size;
    }
    return i;
}

static void
skip_mark(const guint8 **bytes, gsize *length)
{
    if (*length >= 3 && memcmp(*bytes, "\xEF\xBB\xBF", 3) == 0) {
        *bytes += 3;
        *length -= 3;
    }
}

gboolean
utf8_take_valid(const guint8 *bytes, gsize length, Decoded *out)
{
    skip_mark(&bytes, &length);
    if (valid_run(bytes, length, FALSE) != length)
        return FALSE;
    *out = (Decoded){.text = g_malloc(length + 1), .length = length};
    memcpy(out->text, bytes, length);
    out->text[length] = '\0';
    return TRUE;
}

void
utf8_decode(const guint8 *bytes, gsize length, gboolean ascii, Decoded *out)
{
    if (!ascii && utf8_take_valid(bytes, length, out))
        return;
    *out = (Decoded){0};
    if (!ascii)
        skip_mark(&bytes, &length);
    gsize run = valid_run(bytes, length, ascii);
    char *text = g_malloc(length * 3 + 1), *end = text;
    for (gsize i = 0; i < length; run = valid_run(bytes + i, length - i, ascii)) {
        memcpy(end, bytes + i, run);
        end += run;
        i += run;
        if (i == length)
            break;
        if (bytes[i] == 0) {
            out->nuls++;
        } else {
            memcpy(end, REPLACEMENT, 3);
            end += 3;
            out->errors++;
        }
        i++;
    }
    *end = '\0';
    out->length = (gsize)(end - text);
    out->text = g_realloc(text, out->length + 1);
}

static guint
unit16(const guint8 *bytes, gboolean big_endian)
{
    return big_endian ? (guint)(bytes[0] << 8 | bytes[1]) : (guint)(bytes[1] << 8 | bytes[0]);
}

static void
put_counted(gunichar c, char **end, Decoded *out)
{
    if (c == 0) {
        out->nuls++;
        return;
    }
    out->errors += c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF);
    *end += utf8_put(c, *end);
}

static void
finish(char *text, char *end, gsize rest, Decoded *out)
{
    if (rest > 0) { /* half a unit at the end */
        out->errors++;
        end = (char *)memcpy(end, REPLACEMENT, 3) + 3;
    }
    *end = '\0';
    out->length = (gsize)(end - text);
    out->text = g_realloc(text, out->length + 1);
}

void
utf16_decode(const guint8 *bytes, gsize length, gboolean big_endian, Decoded *out)
{
    gsize i = 0;
    *out = (Decoded){0};
    if (length >= 2 && (unit16(bytes, TRUE) == 0xFEFF || unit16(bytes, TRUE) == 0xFFFE)) {
        big_endian = unit16(bytes, TRUE) == 0xFEFF;
        i = 2;
    }
    char *text = g_malloc(length * 2 + 4), *end = text; /* three bytes a unit, and a replacement at the end */
    while (i + 2 <= length) {
        gunichar c = unit16(bytes + i, big_endian);
        i += 2;
        if (c >= 0xD800 && c < 0xDC00 && i + 2 <= length) {
            guint low = unit16(bytes + i, big_endian);
            if (low >= 0xDC00 && low <= 0xDFFF) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        put_counted(c, &end, out);
    }
    finish(text, end, length - i, out);
}

void
utf32_decode(const guint8 *bytes, gsize length, gboolean big_endian, Decoded *out)
{
    gsize i = 0;
    *out = (Decoded){0};
    if (length >= 4 && (memcmp(bytes, "\0\0\xFE\xFF", 4) == 0 || memcmp(bytes, "\xFF\xFE\0\0", 4) == 0)) {
        big_endian = bytes[0] == 0;
        i = 4;
    }
    char *text = g_malloc(length + 4), *end = text;
    for (; i + 4 <= length; i += 4) {
        gunichar high = unit16(bytes + i + (big_endian ? 0 : 2), big_endian);
        gunichar low = unit16(bytes + i + (big_endian ? 2 : 0), big_endian);
        put_counted(high << 16 | low, &end, out);
    }
    finish(text, end, length - i, out);
}
