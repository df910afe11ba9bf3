/* decode_hz - HZ (RFC 1843): "~{" GB2312 in seven bits "~}".
 *
 * Readers disagree about what a line end inside "~{" does; with RFC 1843 it ends the form. */
#include "config.h"
#include "decode_codec.h"
#include <string.h>

typedef struct {
    const char *text;
    gsize length, at;
    GString *out;
    guint characters, errors;
    const Charset *gb;
} Hz;

static gboolean
looking_at(const Hz *hz, const char *mark)
{
    return hz->length - hz->at >= 2 && memcmp(hz->text + hz->at, mark, 2) == 0;
}

static void
take_byte(Hz *hz)
{
    g_string_append_c(hz->out, hz->text[hz->at++]);
}

static void
take_pair(Hz *hz)
{
    guint8 first = hz->text[hz->at], second = hz->at + 1 < hz->length ? hz->text[hz->at + 1] : 0;
    guint32 packed = 0;
    if (first >= 0x21 && first < 0x7F && second >= 0x21 && second < 0x7F)
        packed = table_pair(hz->gb, first | 0x80, second | 0x80);
    if (packed == 0) {
        hz->errors += first > ' ';
        take_byte(hz); /* what is no pair stays as it is */
        return;
    }
    for (; packed != 0; packed >>= 8)
        g_string_append_c(hz->out, (char)(packed & 0xFF));
    hz->at += 2;
    hz->characters++;
}

/* After "~{", up to "~}" or the end of the line. */
static void
take_form(Hz *hz)
{
    while (hz->at < hz->length) {
        if (looking_at(hz, "~}")) {
            hz->at += 2;
            return;
        }
        if (hz->text[hz->at] == '\n')
            return;
        if (looking_at(hz, "~{"))
            hz->at += 2;
        else
            take_pair(hz);
    }
}

static gboolean
has_opening(const char *text, gsize length)
{
    const char *end = text + length;
    for (const char *c = text; (c = memchr(c, '~', (gsize)(end - c))) != NULL; c++)
        if (c + 1 < end && c[1] == '{')
            return TRUE;
    return FALSE;
}

guint
hz_decode(const char *text, gsize length, gboolean labelled, Decoded *out)
{
    *out = (Decoded){0};
    if (!has_opening(text, length))
        return 0;
    Hz hz = {.text = text, .length = length, .out = g_string_sized_new(length), .gb = charset_find("GB18030")};
    while (hz.at < length) {
        if (looking_at(&hz, "~{")) {
            hz.at += 2;
            take_form(&hz);
        } else if (looking_at(&hz, "~~")) {
            hz.at++;
            take_byte(&hz);
        } else if (looking_at(&hz, "~\n")) {
            hz.at += 2;
        } else {
            take_byte(&hz);
        }
    }
    out->errors = hz.errors;
    out->length = hz.out->len;
    out->text = g_string_free(hz.out, FALSE);
    if (hz.characters == 0 || (!labelled && hz.errors > hz.characters))
        decoded_clear(out);
    return out->text != NULL ? hz.characters : 0;
}
