/* escapes - letters that a text writes as codes: \u673a, \xe6\x9c\xba, %E6%9C%BA, =E6=9C=BA, &#x673A;, hex digits in a
 * run or by twos (e6 9c ba), and runs of base64 (RFC 4648, both alphabets).
 *
 * Bytes are read as UTF-8, else as the charset that fits without a mistake (text/decode.h). What a code says may hold
 * codes again, ESCAPES_DEEP deep. */
#pragma once
#include <glib.h>

#define ESCAPES_BASE64_MIN 14 /* characters of a run of base64, without padding: what ten bytes take */
#define ESCAPES_HEX_MIN 12    /* hex digits of a run */
#define ESCAPES_DEEP 3

typedef struct {
    gsize from, to; /* of the text: where the first piece that was undone begins, where the last one ends */
} EscapesSpan;

/* Fills `out` with the lines (cut to some 1000 bytes) in which codes stood for at least two letters beyond Latin ones,
 * codes undone; then those in which codes within codes did. text: valid UTF-8; so is `out`, without NUL. FALSE: there
 * are none. */
gboolean escapes_undo(const char *text, gsize length, GString *out, EscapesSpan *span_out);
