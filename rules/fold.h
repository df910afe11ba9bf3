/* fold - one table-driven pass that makes different spellings of the same text equal.
 *
 * The table is made while building (fold-gen.c, from ICU and fold-additions.txt) and gives for each character of the
 * source none, one or several characters. Rules are folded by the same table, so a map that is wrong as language is
 * harmless: both sides agree. Folding twice is folding once.
 *
 * What is equal after folding: letter case; full width, half width, circled, mathematical and other compatibility forms
 * (NFKC_Casefold); accents and combining strokes (dropped); traditional, Japanese and variant Han characters (the
 * simplified one stays); radicals and the characters they look like; Cyrillic, Greek and other letters that look like
 * Latin ones; decimal digits of all scripts. Dropped: zero-width characters, soft hyphen, variation selectors, bidi
 * controls, tags, control characters.
 *
 * The folded alphabet, where the mark grammar looks at it:
 *   stars      every star shape is ★; asterisks are * (a star only before a term: the grammar's business)
 *   boxes      □ ■ ☑ ☒ √ ×, circles ○ ● ◉; each of several shapes; Wingdings of word processors too
 *   separators · (every middle dot and bullet) _ - (every hyphen; an em dash is --) . ~ ^ |
 *   brackets   ( ) [ ] 【 】 〔 〕 《 》 stay apart; 〖 is 【, 〈 and « are 《; full-width forms are the ASCII ones
 *   quotes     “ ” also for 「」 『』 〝〞; ' for ‘ ’ and apostrophes; " stays " (it does not tell its side)
 *   marks      : ; , ! ? / \ % are ASCII, 。 and 、 stay; … is three full stops
 *   blanks     every blank is ' ', tab stays, every line end is one '\n' (CR LF too)
 *
 * Views. `folded` is the text folded, character by character. `squeezed` is what most rules are matched on; there
 *   - white space (blanks, tabs, line ends, any number) is gone where a neighbour is a Han character, kana, ★ or any
 *     punctuation or symbol beyond ASCII, and at the beginning and the end; elsewhere it is one blank. So wrapped
 *     lines and one-character-a-line columns join, and an English phrase matches over a line end;
 *   - white space between two digits is gone if both stand alone (1 0 年, not 12 30);
 *   - light separators (· _ - . ~ ^ |, U+FFFD and pictures), at most three in a row and blanks among them, are gone
 *     between two Han characters or ★, and between ★ and a digit. Between Han and a digit or a letter they stay (3.机密,
 * 机密·10 年, 机密_XX). Sentence punctuation (, 。 、 : ; ! ?), slashes, brackets, quotes and asterisks never go. A
 * mark alone on its line is to be judged on the source: a line end leaves no trace in the squeezed view.
 *
 *   - the quote sign of a reply (>) at the begin of a line is gone after a Han character or another wide one.
 *
 * Right-to-left override (U+202E): the run that it turns round is matched both as written and as a reader sees it: the
 * reversed run follows at the end of each view, after a '\n' of its own (so `source` may lead back out of order there).
 *
 * Each character is folded without its neighbours, except: CR LF, conjoining Hangul (composed), and in the squeezed
 * view the rules above. So a window of the text may be folded alone. */
#pragma once
#include <glib.h>

typedef struct {
    char *text; /* NUL-terminated UTF-8; lent until the next fold_run of this Fold */
    gsize length;
    guint32 *source; /* source[i]: byte offset in the source of the character that byte i came from; source[length] =
                        source length */
} FoldView;

typedef struct Fold Fold; /* reusable buffers; one per thread */
Fold *fold_new(void);
void fold_free(Fold *fold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fold, fold_free)
/* Folds at most G_MAXUINT32 bytes of valid UTF-8 (other bytes do no harm: they come out as ? or
 * unchanged). */
void fold_run(Fold *fold, const char *text, gsize length);
const FoldView *fold_folded(const Fold *fold);
const FoldView *fold_squeezed(const Fold *fold);
/* The smallest range of the source that bytes from..to-1 of the view came from; `text` is what fold_run was given. An
 * empty range gives the place of `from`. */
void fold_source_range(const FoldView *view, const char *text, gsize from, gsize to, gsize *source_from,
                       gsize *source_to);
/* Where the character that byte `squeezed` of the squeezed view came from begins in the folded view (with its first
 * byte there, if it became several characters); squeezed->length gives folded->length. */
gsize fold_to_folded(const Fold *fold, gsize squeezed);
/* A rule's own text, folded; or squeezed. Gives. */
char *fold_word(const char *text);
char *fold_word_squeezed(const char *text);
/* "sha256:..." of the tables and of what the code adds to them: named in each record (replay). */
const char *fold_digest(void);
