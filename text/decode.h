/* decode - bytes to UTF-8 in every plausible way.
 *
 * The declared charset may be missing, unknown or a lie; every plausible decoding is handed on, not only the declared
 * one. Invalid bytes become U+FFFD and are counted; NULs are dropped and counted; nothing else is
 * lost. Decoders: UTF-8, GB18030 (all of the GB2312/GBK/CP936 family), Big5-HKSCS and CP950, HZ (own),
 * ISO-2022-CN(-EXT)/-JP/-KR, UTF-7 (own; RFC 2152 and IMAP's), UTF-16/32 with or without BOM, EUC-JP/-KR/-TW, Shift_JIS
 * (CP932), single-byte charsets by iconv. Mojibake already applied (UTF-8 read as Latin-1/GBK, GBK read as Latin-1) is
 * reversed as further candidates. */
#pragma once
#include <glib.h>

#define DECODE_MAX 6 /* candidates per call */

/* Canonical name for a MIME label with its junk (quotes, "x-", "cs", case, "_"), or NULL if unknown.
 * The result is static: "GB18030", "BIG5-HKSCS", "HZ", "UTF-7", ... */
const char *charset_canonical(const char *label);

/* Decoders share tables and converters of the process: one thread at a time. Tables are made at first use (some 20 ms
 * for all); who forks should call decode_check() before, so that the children share them.
 *
 * Opens every decoder once; FALSE with error naming those iconv lacks. Call at start (and before a sandbox). */
gboolean decode_check(GError **error);

typedef struct {
    const char *charset; /* static canonical name; "mojibake:GBK/UTF-8" style for reversed ones, "mixed" line by line */
    gboolean declared;
    guint errors; /* invalid sequences, each now U+FFFD */
    guint nuls;
    int score;  /* plausibility, higher is better; only for ordering */
    char *text; /* owned, NUL-terminated, valid UTF-8 */
    gsize length;
} Decoding;

/* All plausible decodings of one window, best first, at most DECODE_MAX, never none; no two have the same text.
 * `declared`: label or NULL. Pure ASCII that is no 7-bit multibyte form gives exactly one. Clean and certain cases
 * (valid UTF-8 with multibyte characters, labelled so or not at all; good GB18030) give one, unless 7-bit forms or
 * mojibake stand in the text: the common letter must cost one pass. Gives an array that frees its items. */
GPtrArray *decode_plausible(const guint8 *bytes, gsize length, const char *declared);
void decoding_free(Decoding *decoding);

/* Appends the best reading without a mistake of some bytes that are no UTF-8 and hold no NUL, in the charsets of East
 * Asia and UTF-16. For the many short runs that codes in a text stand for: no forms, no mojibake. Gives its score
 * (score.h), DECODE_NONE when there is none or CP1252 reads them better. */
#define DECODE_NONE G_MININT
#define DECODE_SURE 100 /* no chance text in another charset comes to that */
int decode_few(const guint8 *bytes, gsize length, GString *out);

/* One named decoder (canonical name), no judgement. Gives. */
Decoding *decode_as(const guint8 *bytes, gsize length, const char *charset);

/* Makes any bytes valid UTF-8 without NUL (U+FFFD for bad ones). Gives. */
char *decode_utf8_repair(const char *bytes, gssize length, gsize *length_out);

/* Where to cut a window of at most `max` bytes so that no character is cut: after the last newline in the last quarter,
 * else before a blank or sign that is no part of any other character, else where UTF-8 begins a character, else at a
 * multiple of 4. Returns the cut, 0 < cut <= length. */
gsize decode_cut(const guint8 *bytes, gsize length, gsize max);
