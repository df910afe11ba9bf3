/* escapes_bytes - runs to bytes and bytes to letters. Most runs of a log are digests and numbers: what they are not
 * must show early, before anything is decoded. */
#include "config.h"
#include "escapes_private.h"
#include <string.h>

#define ASCII_LEAST 12 /* bytes of nothing but ASCII that a run stands for: codes again */
#define STEP 64        /* characters of base64 at a time */

int
escapes_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

gboolean
escapes_is_control(guint8 byte)
{
    return byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r';
}

guint
escapes_letters(const GString *text)
{
    guint count = 0;
    for (const char *at = text->str; at < text->str + text->len; at = g_utf8_next_char(at))
        count += (guchar)*at >= 0xCD && g_utf8_get_char(at) >= 0x370;
    return count;
}

gboolean
escapes_hex(const char *run, gsize length, GByteArray *bytes)
{
    if (length % 2 != 0)
        return FALSE;
    g_byte_array_set_size(bytes, (guint)(length / 2));
    for (gsize i = 0; i < length; i += 2) {
        int high = escapes_hex_value(run[i]), low = escapes_hex_value(run[i + 1]);
        guint8 byte = (guint8)((guint)high << 4 | (guint)low);
        if (high < 0 || low < 0 || escapes_is_control(byte))
            return FALSE;
        bytes->data[i / 2] = byte;
    }
    return TRUE;
}

gboolean
escapes_base64(const char *run, gsize length, GByteArray *bytes)
{
    char step[STEP + 4];
    int state = 0;
    guint save = 0;
    gsize filled = 0;
    g_byte_array_set_size(bytes, (guint)(length / 4 * 3 + 6));
    for (gsize at = 0; at < length; at += STEP) {
        gsize size = MIN(STEP, length - at), checked = filled;
        memcpy(step, run + at, size);
        for (gsize i = 0; i < size; i++)
            step[i] = step[i] == '-' ? '+' : step[i] == '_' ? '/' : step[i];
        /* Padding is no sign of a run: it may be there, or not. */
        for (guint left = (guint)(size % 4); left > 1 && left < 4; left++)
            step[size++] = '=';
        filled += g_base64_decode_step(step, size, bytes->data + filled, &state, &save);
        for (; checked < filled; checked++)
            if (escapes_is_control(bytes->data[checked]))
                return FALSE;
    }
    g_byte_array_set_size(bytes, (guint)filled);
    return TRUE;
}

gboolean
escapes_read(const guint8 *bytes, gsize length, int least, GString *said)
{
    g_string_truncate(said, 0);
    if (length == 0)
        return FALSE;
    if (g_utf8_validate_len((const char *)bytes, length, NULL)) {
        g_string_append_len(said, (const char *)bytes, (gssize)length);
        return TRUE;
    }
    return decode_few(bytes, length, said) >= least;
}

gsize
escapes_utf8(const guint8 *bytes, gsize length)
{
    const char *end;
    if (bytes[0] < 0xC2)
        return 0;
    g_utf8_validate_len((const char *)bytes, length, &end);
    return (gsize)(end - (const char *)bytes);
}

gboolean
escapes_is_meant(const GString *said)
{
    if (escapes_letters(said) >= ESCAPES_LETTERS_LEAST)
        return TRUE;
    for (gsize i = 0; i < said->len; i++)
        if ((said->str[i] & 0x80) != 0)
            return FALSE;
    return said->len >= ASCII_LEAST;
}
