/* fingerprint_cut - a text cut into the tokens that fingerprint.h speaks of. */
#pragma once
#include <glib.h>

#define TOKENS_SPARE 32 /* that the arrays have room for behind the last */

typedef struct {
    guint32 *tokens; /* of equal characters or words equal; of others other, but for hashes of words that meet */
    guint32 *bytes;  /* of the text, where each token begins */
    guint32 *words;  /* indices of the tokens that are words */
    gsize count, word_count;
    guint32 word; /* hash of the word in hand; 0: none */
    guint32 word_byte;
} Tokens;
/* The caller sets the three arrays, each with room for length + TOKENS_SPARE, and the rest to 0. The text is valid
 * UTF-8 of at most G_MAXINT32 bytes; other bytes do no harm. */
void tokens_cut(Tokens *tokens, const char *text, gsize length);
/* The same, character by character: what a test holds the other to. */
void tokens_cut_slowly(Tokens *tokens, const char *text, gsize length);
