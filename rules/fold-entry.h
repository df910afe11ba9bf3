/* fold-entry - how one entry of the fold table is packed; shared by the generator and fold.c, by nobody else.
 *
 * Plain entry: bits 0..23 hold one to three bytes of UTF-8 (first byte lowest), bits 24..25 their number, bits 26..28
 * the class. Slow entry (bit 31): bits 0..3 hold the kind, bits 4..23 its argument, bits 26..28 the class. A plain
 * entry never writes more bytes than the source character has, so that plain text needs no room beyond its own length.
 */
#pragma once
#include <glib.h>

typedef enum {
    FOLD_OTHER, /* letters, ASCII punctuation, Hangul, all that has no rule in the squeezed view */
    FOLD_HAN,   /* Han, kana, bopomofo */
    FOLD_STAR,  /* ★ */
    FOLD_DIGIT, /* 0..9 */
    FOLD_SIGN,  /* punctuation and symbols beyond ASCII */
    FOLD_WHITE, /* blank, tab, newline */
    FOLD_LIGHT, /* light separators */
    FOLD_EDGE,  /* no character: beginning or end */
} FoldClass;

typedef enum {
    FOLD_DROP,   /* nothing comes out */
    FOLD_COPY,   /* the source bytes as they are */
    FOLD_TEXT,   /* several characters: argument is an index into FOLD_TEXTS */
    FOLD_RETURN, /* carriage return */
    FOLD_JAMO,   /* conjoining vowel or final (argument: code point), composed with what stands before it */
    FOLD_RLO,    /* right-to-left override opens */
    FOLD_PUSH,   /* another bidi embedding or isolate opens */
    FOLD_POP,    /* one closes */
} FoldKind;

#define FOLD_SLOW (1u << 31)
#define FOLD_LENGTH(entry) ((entry) >> 24 & 3)
#define FOLD_CLASS(entry) ((FoldClass)((entry) >> 26 & 7))
#define FOLD_KIND(entry) ((FoldKind)((entry)&15))
#define FOLD_ARGUMENT(entry) ((entry) >> 4 & 0xfffff)
#define FOLD_PLAIN_ENTRY(bytes, length, class) ((guint32)(bytes) | (guint32)(length) << 24 | (guint32)(class) << 26)
#define FOLD_SLOW_ENTRY(kind, argument, class) \
    (FOLD_SLOW | (guint32)(kind) | (guint32)(argument) << 4 | (guint32)(class) << 26)

#define FOLD_BLOCK_BITS 6 /* code points of one block: 64 */
#define FOLD_TEXT_MAX 64  /* bytes of the longest FOLD_TEXT */
