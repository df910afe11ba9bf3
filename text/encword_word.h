/* encword_word - one RFC 2047 word as it lies, and the bytes in it. */
#pragma once
#include <glib.h>

typedef struct {
    char *label;         /* owned; "" if the word names none */
    gboolean base64;     /* else quoted */
    const char *payload; /* lent */
    gsize payload_length;
    gsize size;   /* of the whole word in the header */
    gboolean odd; /* no proper end, or a word begins inside */
} EncodedWord;

/* Is there a word at the beginning of `raw`, however sloppy? Blanks and folds inside, a missing or half "?=", a
 * language after "*", long names of the encoding are taken. */
gboolean encword_word_at(const char *raw, gsize length, EncodedWord *word_out);
void encword_word_clear(EncodedWord *word);
/* Appends the bytes of a quoted payload: "_" is a blank, folds are nothing, what is no escape stays. */
void encword_quoted(const char *payload, gsize length, GByteArray *out);
/* Length of a line end with the blanks after it, 0 if there is none here. */
gsize encword_fold_at(const char *raw, gsize length);
