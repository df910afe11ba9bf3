/* escapes_private - what the bytes that codes stand for say; for escapes.c alone. */
#pragma once
#include "decode.h"
#include <glib.h>

#define ESCAPES_LETTERS_LEAST 2
#define ESCAPES_ANY (DECODE_NONE + 1)

/* 0 to 15; -1: no hex digit. */
int escapes_hex_value(char c);
/* NUL and its like, which no text has; not tab and line ends. */
gboolean escapes_is_control(guint8 byte);
/* Letters beyond Latin ones. */
guint escapes_letters(const GString *text);

/* Fill `bytes`. FALSE: a run of other characters, of a length that none has, or of bytes that no text has (then not all
 * of it was looked at). */
gboolean escapes_hex(const char *run, gsize length, GByteArray *bytes);
gboolean escapes_base64(const char *run, gsize length, GByteArray *bytes);

/* Fills `said` with what bytes without control characters say. FALSE: nothing that scores `least` (decode_few()). */
gboolean escapes_read(const guint8 *bytes, gsize length, int least, GString *said);
/* Length of the UTF-8 here that has a character beyond ASCII; 0: another byte. */
gsize escapes_utf8(const guint8 *bytes, gsize length);
/* Whether a run that stands for this was written as one: by chance few bytes are letters of one script. */
gboolean escapes_is_meant(const GString *said);
