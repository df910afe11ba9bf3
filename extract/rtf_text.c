/* rtf_text - runs are collected before they are decoded: a program may put each byte into a group of its own. */
#include "config.h"
#include "rtf_text.h"
#include "charset.h"
#include "decode.h"
#include <string.h>

#define RUN_MAX (16 * 1024)  /* bytes not yet decoded */
#define SAID_MAX (16 * 1024) /* text not yet said */

struct RtfText {
    const RtfTextEvents *events;
    gpointer user;
    RtfKey key;
    gboolean begun;   /* key holds */
    gboolean many;    /* its charset is a multibyte one */
    GByteArray *run;  /* of the key's charset */
    GString *said;    /* decoded, to be said */
    GByteArray *sure; /* what was decoded without a fault in a multibyte charset; it may be another's all the same */
    const char *sure_charset;
    GString *meant;       /* characters by \uN */
    GByteArray *fallback; /* what stands there for old readers */
    gunichar high;        /* surrogate that waits for the other; 0 none */
};

const char *
rtf_code_page(int page)
{
    char label[16];
    g_snprintf(label, sizeof label, "cp%d", page);
    return page > 0 ? charset_canonical(label) : NULL;
}

const char *
rtf_font_charset(int number)
{
    static const struct {
        int number, page;
    } rows[] = {{77, 10000}, {78, 932},   {80, 936},   {81, 950},   {128, 932},  {129, 949},  {130, 1361},
                {134, 936},  {136, 950},  {161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256},
                {186, 1257}, {204, 1251}, {222, 874},  {238, 1250}, {254, 437}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].number == number)
            return rtf_code_page(rows[i].page);
    return NULL;
}

RtfText *
rtf_text_new(const RtfTextEvents *events, gpointer user)
{
    RtfText *text = g_new0(RtfText, 1);
    text->events = events;
    text->user = user;
    text->run = g_byte_array_new();
    text->said = g_string_new(NULL);
    text->sure = g_byte_array_new();
    text->meant = g_string_new(NULL);
    text->fallback = g_byte_array_new();
    return text;
}

void
rtf_text_free(RtfText *text)
{
    g_byte_array_unref(text->run);
    g_string_free(text->said, TRUE);
    g_byte_array_unref(text->sure);
    g_string_free(text->meant, TRUE);
    g_byte_array_unref(text->fallback);
    g_free(text);
}

/* --- one charset or another ------------------------------------------------------------------------------------- */

static guint
count_high(const guint8 *bytes, gsize length)
{
    guint count = 0;
    for (gsize i = 0; i < length; i++)
        count += bytes[i] >= 0x80;
    return count;
}

static void
doubt(RtfText *text, const Decoding *decoding)
{
    text->events->doubt(decoding->text, decoding->length, text->user);
}

static gboolean
is_sure(const Decoding *decoding, const char *charset)
{
    return decoding->declared || g_strcmp0(decoding->charset, charset) == 0;
}

/* What was read without a fault, and yet reads better as something else. */
static void
look_again(RtfText *text)
{
    if (text->sure->len == 0)
        return;
    g_autoptr(GPtrArray) decodings = decode_plausible(text->sure->data, text->sure->len, text->sure_charset);
    const Decoding *best = g_ptr_array_index(decodings, 0);
    if (!is_sure(best, text->sure_charset))
        doubt(text, best);
    g_byte_array_set_size(text->sure, 0);
}

static void
keep_sure(RtfText *text, const guint8 *bytes, gsize length)
{
    if (text->sure->len > RUN_MAX || text->sure_charset != text->key.charset)
        look_again(text);
    text->sure_charset = text->key.charset;
    g_byte_array_append(text->sure, bytes, (guint)length);
}

static void
decode_best(RtfText *text, const guint8 *bytes, gsize length)
{
    const char *charset = text->key.charset;
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, length, charset);
    const Decoding *best = g_ptr_array_index(decodings, 0);
    gboolean other = is_sure(best, charset); /* then the next best is the doubt, else what was declared */
    g_string_append_len(text->said, best->text, (gssize)best->length);
    for (guint i = 1; i < decodings->len; i++) {
        const Decoding *next = g_ptr_array_index(decodings, i);
        if (!other && !is_sure(next, charset))
            continue;
        doubt(text, next);
        return;
    }
}

static void
decode_run(RtfText *text, gsize length)
{
    const guint8 *bytes = text->run->data;
    guint high = count_high(bytes, length);
    if (high == 0) {
        g_string_append_len(text->said, (const char *)bytes, (gssize)length);
    } else if (text->many || high == 1) {
        Decoding *decoding = decode_as(bytes, length, text->key.charset);
        if (decoding->errors > 0 && high > 1) {
            decode_best(text, bytes, length);
        } else {
            g_string_append_len(text->said, decoding->text, (gssize)decoding->length);
            if (text->many)
                keep_sure(text, bytes, length);
        }
        decoding_free(decoding);
    } else {
        decode_best(text, bytes, length);
    }
    if (length > 0)
        g_byte_array_remove_range(text->run, 0, (guint)length);
}

/* Bytes at the end that are the beginning of a character. */
static gsize
count_open(const RtfText *text)
{
    const guint8 *bytes = text->run->data;
    gsize length = text->run->len, at = 0;
    if (length == 0 || !text->many)
        return 0;
    gboolean japanese = strcmp(text->key.charset, "CP932") == 0;
    gboolean four = strcmp(text->key.charset, "GB18030") == 0;
    while (at < length) {
        guint8 c = bytes[at];
        gsize size = 1;
        if (c > 0x80 && c < 0xFF && !(japanese && c >= 0xA1 && c <= 0xDF))
            size = four && at + 1 < length && bytes[at + 1] >= '0' && bytes[at + 1] <= '9' ? 4 : 2;
        if (at + size > length)
            return length - at;
        at += size;
    }
    return 0;
}

/* --- what stands there for old readers -------------------------------------------------------------------------- */

static void
compare_fallback(RtfText *text)
{
    if (count_high(text->fallback->data, text->fallback->len) > 0) {
        Decoding *decoding = decode_as(text->fallback->data, text->fallback->len, text->key.charset);
        if (strcmp(decoding->text, text->meant->str) != 0)
            doubt(text, decoding);
        decoding_free(decoding);
    }
    g_byte_array_set_size(text->fallback, 0);
    g_string_truncate(text->meant, 0);
}

void
rtf_text_fallback(RtfText *text, guint8 byte)
{
    g_byte_array_append(text->fallback, &byte, 1);
}

/* --- text ------------------------------------------------------------------------------------------------------- */

static void
say(RtfText *text)
{
    if (text->said->len > 0)
        text->events->say(&text->key, text->said->str, text->said->len, text->user);
    g_string_truncate(text->said, 0);
    compare_fallback(text);
}

/* All but half a character. */
static void
flush_whole(RtfText *text)
{
    decode_run(text, text->run->len - count_open(text));
    say(text);
}

void
rtf_text_flush(RtfText *text)
{
    decode_run(text, text->run->len);
    text->high = 0;
    say(text);
}

void
rtf_text_finish(RtfText *text)
{
    rtf_text_flush(text);
    look_again(text);
}

static gboolean
is_key(const RtfText *text, const RtfKey *key)
{
    const RtfKey *now = &text->key;
    return now->kind == key->kind && now->to == key->to && now->charset == key->charset && now->size == key->size &&
           now->colour == key->colour;
}

static void
turn_to(RtfText *text, const RtfKey *key)
{
    if (text->begun && is_key(text, key))
        return;
    if (text->begun && text->key.charset == key->charset && text->key.kind == key->kind && text->key.to == key->to)
        flush_whole(text); /* half a character goes on */
    else if (text->begun)
        rtf_text_flush(text);
    if (!text->begun || text->key.charset != key->charset)
        text->many = charset_is_multibyte(charset_find(key->charset));
    text->key = *key;
    text->begun = TRUE;
}

void
rtf_text_bytes(RtfText *text, const RtfKey *key, const guint8 *bytes, gsize length)
{
    turn_to(text, key);
    text->high = 0;
    while (length > 0) {
        gsize piece = MIN(length, RUN_MAX);
        g_byte_array_append(text->run, bytes, (guint)piece);
        bytes += piece;
        length -= piece;
        if (text->run->len >= RUN_MAX)
            flush_whole(text);
    }
}

void
rtf_text_utf8(RtfText *text, const RtfKey *key, const char *string)
{
    turn_to(text, key);
    decode_run(text, text->run->len);
    text->high = 0;
    g_string_append(text->said, string);
    if (text->said->len >= SAID_MAX)
        say(text);
}

void
rtf_text_unicode(RtfText *text, const RtfKey *key, int value)
{
    char out[7] = "";
    gunichar code = value < 0 ? (gunichar)(value + 0x10000) : (gunichar)value, high = text->high;
    turn_to(text, key);
    if (code >= 0xD800 && code < 0xDC00) {
        text->high = code;
        return;
    }
    if (code >= 0xDC00 && code < 0xE000 && high != 0)
        code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00);
    if (!g_unichar_validate(code) || code == 0)
        code = 0xFFFD;
    out[g_unichar_to_utf8(code, out)] = '\0';
    g_string_append(text->meant, out);
    rtf_text_utf8(text, key, out);
}
