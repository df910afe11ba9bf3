/* decode_codec - the decoders behind decode: bytes (or text with shift forms inside) to UTF-8.
 *
 * All give valid UTF-8 without NUL, put U+FFFD for each byte they cannot read and go on with the next. */
#pragma once
#include "charset.h"
#include <glib.h>

#define REPLACEMENT "\xEF\xBF\xBD"

typedef struct {
    char *text; /* owned, NUL-terminated */
    gsize length;
    guint errors, nuls;
} Decoded;

/* By tables made from iconv at first use; `charset` is CODEC_SINGLE or CODEC_DOUBLE. */
void table_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out);
/* Whether table_decode() would make no mistake. */
gboolean table_fits(const Charset *charset, const guint8 *bytes, gsize length);
/* By iconv itself (CODEC_STREAM). */
void stream_decode(const Charset *charset, const guint8 *bytes, gsize length, Decoded *out);
/* Makes the tables, opens what streams need. FALSE if iconv lacks the charset. */
gboolean table_prepare(const Charset *charset);
gboolean stream_prepare(const Charset *charset);
/* One character of a two-byte charset as UTF-8, up to 4 bytes, first byte lowest; 0: none. */
guint32 table_pair(const Charset *charset, guint8 lead, guint8 trail);

/* US-ASCII and UTF-8, repaired; a mark at the beginning is dropped. */
void utf8_decode(const guint8 *bytes, gsize length, gboolean ascii, Decoded *out);
/* The same for UTF-8 that needs no repair; else FALSE and nothing done. */
gboolean utf8_take_valid(const guint8 *bytes, gsize length, Decoded *out);
/* UTF-16 and UTF-32 with their mark if they have one. */
void utf16_decode(const guint8 *bytes, gsize length, gboolean big_endian, Decoded *out);
void utf32_decode(const guint8 *bytes, gsize length, gboolean big_endian, Decoded *out);
/* Length of the plain ASCII, without NUL, at the beginning. */
gsize ascii_run(const guint8 *bytes, gsize length);
/* Writes one code point; U+FFFD for what is none. Returns the bytes written, at most 4. */
guint utf8_put(gunichar c, char *out);

/* The 7-bit forms. They work on text that is UTF-8 already (everything outside of a form stays), so that they are found
 * in 8-bit surroundings as well. Each returns how many characters forms gave; 0: none found, `out` is empty.
 * `labelled`: the label says so, hence the smallest sign is enough. */
guint hz_decode(const char *text, gsize length, gboolean labelled, Decoded *out);
guint iso2022_decode(const char *text, gsize length, const Charset *labelled, const char **name_out, Decoded *out);
guint utf7_decode(const char *text, gsize length, gboolean imap, gboolean labelled, Decoded *out);

void decoded_clear(Decoded *decoded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Decoded, decoded_clear)
