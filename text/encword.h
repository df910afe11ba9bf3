/* encword - header text from raw bytes: RFC 2047 encoded words, RFC 2231 parameters, raw 8-bit.
 *
 * Works on raw header bytes, since the words lie: several charsets in one header, words split inside a character
 * (adjacent words of one charset are joined as bytes before decoding), spaces inside, missing "?=", unknown charsets.
 * Every plausible decoding is given. */
#pragma once
#include "decode.h"
#include <glib.h>

#define ENCWORD_INPUT_MAX (1024 * 1024)

/* Plausible texts of an unstructured header body (folding undone), best first, at most DECODE_MAX, never none. Array of
 * Decoding; `charset` is that of the last unit beyond ASCII, `declared`: every word was read as it says. Also right for
 * structured headers (comments, phrases, quoted strings are all decoded in place; quoted pairs both ways). */
GPtrArray *encword_decode(const char *raw, gsize length);

/* Plausible values of parameter `name` in a raw Content-Type/-Disposition body: plain, quoted, RFC 2231
 * (charset'lang'%XX, continuations *0*, out of order, with gaps), RFC 2047 inside, %XX without RFC 2231, duplicates
 * (each gives a value). RFC 2231 first, then the plain ones in the order of the header. Array of Decoding, possibly
 * empty, no two with the same text. */
GPtrArray *encword_parameter(const char *raw, gsize length, const char *name);
/* First plain value of a parameter as ASCII for boundary and charset ("?" for anything else; an unquoted one ends at a
 * blank); gives or NULL. */
char *encword_parameter_plain(const char *raw, gsize length, const char *name);
