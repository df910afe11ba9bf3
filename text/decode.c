/* decode - the corridor of one text: certain cases first, then everything that could be meant.
 *
 * Certain: pure ASCII; valid UTF-8; good clean GB18030. All else is tried in every charset that China's neighbours and
 * history use, scored, and the plausible ones are given out. In all cases 7-bit forms and mojibake inside the text are
 * undone as further candidates. */
#include "config.h"
#include "decode.h"
#include "decode_codec.h"
#include "decode_pool.h"
#include "errors.h"
#include "score.h"
#include <glib/gi18n.h>
#include <string.h>

#define CERTAIN_MEAN 150
#define CERTAIN_WORST (-6)
#define CERTAIN_DECLARED 12   /* characters */
#define CERTAIN_UNDECLARED 24 /* characters */

void
decoding_free(Decoding *decoding)
{
    if (decoding == NULL)
        return;
    g_free(decoding->text);
    g_free(decoding);
}

/* The text that 7-bit forms stand in. */
static void
surroundings(const guint8 *bytes, gsize length, Decoded *out)
{
    utf8_decode(bytes, length, FALSE, out);
    if (out->errors == 0)
        return;
    decoded_clear(out);
    table_decode(charset_find("GB18030"), bytes, length, out);
}

static void
form_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out)
{
    g_auto(Decoded) around = {0};
    const char *name;
    guint found;
    surroundings(bytes, length, &around);
    if (charset->codec == CODEC_HZ)
        found = hz_decode(around.text, around.length, TRUE, out);
    else if (charset->codec == CODEC_ISO2022)
        found = iso2022_decode(around.text, around.length, charset, &name, out);
    else
        found = utf7_decode(around.text, around.length, charset->codec == CODEC_UTF7_IMAP, TRUE, out);
    if (found == 0) {
        out->text = g_steal_pointer(&around.text);
        out->length = around.length;
    }
    out->errors += around.errors;
    out->nuls = around.nuls;
}

void
codec_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out)
{
    switch (charset->codec) {
    case CODEC_ASCII:
    case CODEC_UTF8:
        utf8_decode(bytes, length, charset->codec == CODEC_ASCII, out);
        break;
    case CODEC_UTF16:
        utf16_decode(bytes, length, charset->big_endian, out);
        break;
    case CODEC_UTF32:
        utf32_decode(bytes, length, charset->big_endian, out);
        break;
    case CODEC_SINGLE:
    case CODEC_DOUBLE:
        table_decode(charset, bytes, length, out);
        break;
    case CODEC_STREAM:
        stream_decode(charset, bytes, length, out);
        break;
    default:
        form_decode(charset, bytes, length, out);
        break;
    }
}

Decoding *
decode_as(const guint8 *bytes, gsize length, const char *charset)
{
    const Charset *row = charset_find(charset);
    if (row == NULL)
        row = charset_find("UTF-8");
    g_auto(Decoded) decoded = {0};
    codec_decode(row, length > 0 ? bytes : (const guint8 *)"", length, &decoded);
    Score score;
    score_text(decoded.text, decoded.length, &score);
    Decoding *decoding = g_new0(Decoding, 1);
    decoding->charset = row->name;
    decoding->declared = TRUE;
    decoding->errors = decoded.errors;
    decoding->nuls = decoded.nuls;
    decoding->score = score_mean(&score);
    decoding->length = decoded.length;
    decoding->text = g_steal_pointer(&decoded.text);
    return decoding;
}

char *
decode_utf8_repair(const char *bytes, gssize length, gsize *length_out)
{
    Decoded decoded;
    utf8_decode((const guint8 *)bytes, length < 0 ? strlen(bytes) : (gsize)length, FALSE, &decoded);
    if (length_out != NULL)
        *length_out = decoded.length;
    return decoded.text;
}

gboolean
decode_check(GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    gsize count;
    const Charset *rows = charset_rows(&count);
    for (gsize i = 0; i < count; i++) {
        gboolean there = rows[i].codec == CODEC_SINGLE || rows[i].codec == CODEC_DOUBLE ? table_prepare(&rows[i])
                         : rows[i].codec == CODEC_STREAM                                ? stream_prepare(&rows[i])
                                                                                        : TRUE;
        if (!there)
            g_string_append_printf(missing, "%s%s", missing->len > 0 ? ", " : "", rows[i].iconv);
    }
    score_prepare();
    if (!mojibake_prepare())
        g_string_append_printf(missing, "%sGB18030 (to write)", missing->len > 0 ? ", " : "");
    if (missing->len == 0)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL,
                _("iconv cannot read %s: letters in these charsets would pass unread; install the gconv modules of the "
                  "C library (Debian: libc6)"),
                missing->str);
    return FALSE;
}

/* --- every plausible decoding -------------------------------------------- */

/* Does ASCII mean itself in this charset? */
static gboolean
has_ascii(const Charset *charset)
{
    return charset->codec != CODEC_UTF16 && charset->codec != CODEC_UTF32 && charset->codec != CODEC_STREAM &&
           !(charset->codec == CODEC_SINGLE && g_str_has_prefix(charset->iconv, "IBM"));
}

static gboolean
is_form(const Charset *charset)
{
    return charset->codec == CODEC_HZ || charset->codec == CODEC_ISO2022 || charset->codec == CODEC_UTF7 ||
           charset->codec == CODEC_UTF7_IMAP;
}

static void
take_ascii(Pool *pool)
{
    Attempt *attempt = pool_try(pool, charset_find("US-ASCII"));
    if (pool->label == NULL || !has_ascii(pool->label)) {
        if (pool->label != NULL)
            pool_try(pool, pool->label);
        return;
    }
    attempt->decoding->declared = TRUE;
    attempt->decoding->charset = pool->label->name;
}

/* Valid UTF-8 with characters of three bytes is no accident; with two-byte ones only, it could be a few GBK ones. */
static gboolean
take_certain_utf8(Pool *pool)
{
    g_auto(Decoded) decoded = {0};
    if (!utf8_take_valid(pool->bytes, pool->length, &decoded))
        return FALSE;
    const Attempt *attempt = pool_put(pool, charset_find("UTF-8"), &decoded);
    const Charset *label = pool->label;
    gboolean labelled = attempt->decoding->declared && score_mean(&attempt->score) >= 0;
    if (attempt->score.wide == 0 && !labelled)
        return FALSE;
    if (label != NULL && charset_is_multibyte(label) && !is_form(label))
        pool_try(pool, label);
    return TRUE;
}

/* Kana in a charset of China are what Big5's commonest characters look like in GB18030. */
static gboolean
is_certain(const Attempt *attempt)
{
    return attempt->decoding->errors == 0 && attempt->decoding->nuls == 0 &&
           attempt->score.characters >= (guint)(attempt->decoding->declared ? CERTAIN_DECLARED : CERTAIN_UNDECLARED) &&
           score_mean(&attempt->score) >= CERTAIN_MEAN && attempt->score.worst > CERTAIN_WORST &&
           (attempt->score.kana == 0 || attempt->charset == charset_find("EUC-JP") ||
            attempt->charset == charset_find("CP932"));
}

/* A charset of East Asia that reads everything well. GB18030 comes first and is tried in any case: a Chinese reading
 * must never be missed. */
static gboolean
take_certain_asian(Pool *pool)
{
    static const char *const NAMES[] = {"GB18030", "BIG5-HKSCS", "CP949", "EUC-JP", "CP932"};
    gboolean certain = FALSE;
    if (pool->label != NULL && pool->label->codec == CODEC_DOUBLE)
        certain = is_certain(pool_try(pool, pool->label));
    gboolean only_label = certain || (pool->label != NULL && charset_is_multibyte(pool->label) &&
                                      !is_form(pool->label) && pool->label->codec != CODEC_UTF8);
    for (gsize i = 0; i < (only_label ? 1 : G_N_ELEMENTS(NAMES)) && !certain; i++)
        certain = is_certain(pool_try(pool, charset_find(NAMES[i])));
    if (certain)
        pool_try(pool, charset_find("GB18030"));
    return certain;
}

/* Do the bytes at even (0) or odd (1) places look like the upper halves of UTF-16? Control and Latin, Greek, Cyrillic,
 * punctuation, CJK signs, Han, Hangul, emoji, full width. */
static gboolean
looks_wide(const Pool *pool, gsize first)
{
    gsize fitting = 0, places = pool->length / 2;
    for (gsize i = first; i < pool->length; i += 2) {
        guint8 c = pool->bytes[i];
        fitting += c < 0x06 || (c >= 0x20 && c < 0x28) || c == 0x30 || (c >= 0x4E && c <= 0x9F) ||
                   (c >= 0xAC && c < 0xD9) || c == 0xFF;
    }
    return fitting * 10 >= places * 7;
}

/* Western text has a byte beyond ASCII here and there. */
static gboolean
could_be_western(const Pool *pool)
{
    gsize high = 0;
    for (gsize i = 0; i < pool->length; i++)
        high += pool->bytes[i] >> 7;
    return high * 3 <= pool->length || pool->length < 64;
}

static void
take_everything(Pool *pool)
{
    static const char *const NAMES[] = {"UTF-8", "GB18030", "BIG5-HKSCS", "EUC-TW", "CP949", "EUC-JP", "CP932"};
    if (pool->label != NULL && !is_form(pool->label))
        pool_try(pool, pool->label);
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
        pool_try(pool, charset_find(NAMES[i]));
    if (looks_wide(pool, 0))
        pool_try(pool, charset_find("UTF-16BE"));
    if (looks_wide(pool, 1))
        pool_try(pool, charset_find("UTF-16LE"));
    if (pool->zeros) {
        pool_try(pool, charset_find("UTF-32BE"));
        pool_try(pool, charset_find("UTF-32LE"));
    }
    if (could_be_western(pool))
        pool_try(pool, charset_find("CP1252"));
    const Attempt *best = pool_best(pool);
    if (best->decoding->errors > 0 || best->score.worst <= CERTAIN_WORST)
        pool_mix_lines(pool);
}

static void
add_form(Pool *pool, const char *name, gboolean declared, guint found, Decoded *decoded)
{
    if (found == 0)
        return;
    Attempt *attempt = decode_pool_add(pool, name, declared, decoded);
    if (attempt == NULL)
        return;
    attempt->form = TRUE;
    attempt->rank_bonus = declared ? 400 : 0;
}

/* 7-bit forms inside the best reading. */
static void
add_forms(Pool *pool)
{
    const Attempt *best = pool_best(pool);
    const char *text = best->decoding->text, *name = NULL;
    gsize length = best->decoding->length;
    Codec codec = pool->label != NULL ? pool->label->codec : CODEC_ASCII;
    g_auto(Decoded) hz = {0}, iso2022 = {0}, utf7 = {0}, imap = {0};
    guint in_hz = hz_decode(text, length, codec == CODEC_HZ, &hz);
    guint in_iso2022 = iso2022_decode(text, length, codec == CODEC_ISO2022 ? pool->label : NULL, &name, &iso2022);
    guint in_utf7 = utf7_decode(text, length, FALSE, codec == CODEC_UTF7, &utf7);
    guint in_imap = utf7_decode(text, length, TRUE, codec == CODEC_UTF7_IMAP, &imap);
    add_form(pool, "HZ", codec == CODEC_HZ, in_hz, &hz);
    add_form(pool, name, codec == CODEC_ISO2022, in_iso2022, &iso2022);
    add_form(pool, "UTF-7", codec == CODEC_UTF7, in_utf7, &utf7);
    add_form(pool, "UTF-7-IMAP", codec == CODEC_UTF7_IMAP, in_imap, &imap);
}

/* In the reading that is believed, and in UTF-8, which mojibake spoils for belief. */
static void
undo_mojibake(Pool *pool)
{
    const Attempt *best = pool_best(pool);
    guint tried = pool->attempts->len;
    for (guint i = 0; i < tried; i++) {
        const Attempt *attempt = g_ptr_array_index(pool->attempts, i);
        gboolean utf8 = attempt->charset != NULL && attempt->charset->codec == CODEC_UTF8;
        if (attempt == best || attempt->decoding->declared || (utf8 && attempt->decoding->errors == 0))
            mojibake_undo(pool, attempt);
    }
}

GPtrArray *
decode_plausible(const guint8 *bytes, gsize length, const char *declared)
{
    g_auto(Pool) pool = {0};
    pool_init(&pool, length > 0 ? bytes : (const guint8 *)"", length, charset_find(declared));
    if (ascii_run(pool.bytes, length) == length)
        take_ascii(&pool);
    else if (!take_certain_utf8(&pool) && !take_certain_asian(&pool))
        take_everything(&pool);
    undo_mojibake(&pool);
    add_forms(&pool);
    return pool_choose(&pool);
}

/* --- few bytes -------------------------------------------------------------------------------------------------- */

/* The mean score, DECODE_NONE with mistakes. */
static int
few_mean(const Decoded *decoded)
{
    Score score;
    score_text(decoded->text, decoded->length, &score);
    return decoded->errors == 0 ? score_mean(&score) : DECODE_NONE;
}

/* Takes over what is better than the best so far. */
static void
few_offer(Decoded *decoded, int *best, GString *out, gsize before)
{
    int mean = few_mean(decoded);
    if (mean > *best) {
        *best = mean;
        g_string_truncate(out, before);
        g_string_append_len(out, decoded->text, (gssize)decoded->length);
    }
    decoded_clear(decoded);
}

/* What few bytes say in CP1252 is seldom nothing, but no letter beyond Latin ones. */
static gboolean
is_rather_western(const Pool *pool, int best)
{
    static const Charset *western;
    g_auto(Decoded) decoded = {0};
    if (best >= DECODE_SURE || !could_be_western(pool))
        return FALSE;
    if (western == NULL)
        western = charset_find("CP1252");
    table_decode(western, pool->bytes, pool->length, &decoded);
    return few_mean(&decoded) > best;
}

int
decode_few(const guint8 *bytes, gsize length, GString *out)
{
    static const char *const NAMES[] = {"GB18030", "BIG5-HKSCS", "EUC-TW", "CP949", "EUC-JP", "CP932"};
    static const Charset *charsets[G_N_ELEMENTS(NAMES)];
    const Pool pool = {.bytes = bytes, .length = length};
    Decoded decoded;
    int best = DECODE_NONE;
    gsize before = out->len;
    for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        if (charsets[i] == NULL)
            charsets[i] = charset_find(NAMES[i]);
        if (!table_fits(charsets[i], bytes, length))
            continue;
        table_decode(charsets[i], bytes, length, &decoded);
        few_offer(&decoded, &best, out, before);
    }
    for (gsize first = 0; first < 2 && length % 2 == 0; first++) {
        if (!looks_wide(&pool, first))
            continue;
        utf16_decode(bytes, length, first == 0, &decoded);
        few_offer(&decoded, &best, out, before);
    }
    if (best == DECODE_NONE || !is_rather_western(&pool, best))
        return best;
    g_string_truncate(out, before);
    return DECODE_NONE;
}
