/* spelled - how a word may be torn apart without ceasing to be read: the counterpart, for letters that blanks hold
 * apart, of what squeezing is for Han characters (fold.h).
 *
 * Between Latin letters a blank separates, so the views keep it. Instead each word of a rule goes to the scanner in
 * its torn forms, too: literals, which a text without them pays nothing for.
 *   R E S T R I C T E D, T.O.P.S.E.C.R.E.T   letter by letter, one kind of separator throughout (a column is one)
 *   TOPSECRET                                 without what holds its pieces apart
 *   RESTRIC-TED, CONFI DENTIAL                broken once, also at a line's end
 * and each level word with a sign in it that is no separator otherwise, since it may stand between two words:
 *   机/密, 机][密 */
#pragma once
#include <glib.h>

/* Below so many letters (a Hangul syllable counts as two) a word is not torn; nor, below the second, broken, where its
 * Han characters count, too. */
#define SPELLED_LETTERS_MIN 6
#define SPELLED_BREAK_MIN 8
/* A longer word (bytes) is not torn. */
#define SPELLED_WORD_MAX 120

#define SPELLED_PIECE_MIN 4 /* a shorter piece may be a word beside another: CONTROL LED */

typedef struct {
    const char *text;
    gboolean wrapped; /* counts only if a line ends inside it */
} SpelledForm;

/* Appends the torn forms of `word` to `forms_out` (GArray of SpelledForm); their texts live in `texts`. None for a word
 * without enough letters of an alphabet: Han characters and kana are squeezed. */
void spelled_word(const char *word, GStringChunk *texts, GArray *forms_out);
/* The same for a level word: its first two Han characters with a doubtful sign between them. */
void spelled_level(const char *word, GStringChunk *texts, GArray *forms_out);
