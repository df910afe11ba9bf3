/* fold_private - what the files of folding share; nobody else includes it. */
#pragma once
#include "fold-entry.h"
#include "fold-table.h"
#include "fold.h"
#include <string.h>

#define FOLD_SLACK 64 /* bytes that may be written past the end of what counts, so that stores need no length */
#define FOLD_BROKEN (guint32)'?' /* no longer than the byte it stands for */

typedef struct {
    gsize from, to;
    gsize folded, squeezed; /* where it begins in the views, turned round */
} FoldRun;

/* One view while it is written. */
typedef struct {
    char *text;
    guint32 *source;
    gsize length, capacity;
} FoldOut;

/* What the squeezed view remembers of the text before. */
typedef struct {
    FoldClass last;     /* class of the last character that is no separator */
    gsize run;          /* where the separators after it begin */
    guint light;        /* how many of them are light */
    gboolean white;     /* there is white space among them */
    gboolean white_end; /* and it is the last */
    gsize joined;       /* where the last digit stands that was joined to the one before */
} FoldSqueeze;

struct Fold {
    FoldOut folded, squeezed;
    FoldView folded_view, squeezed_view;
    FoldSqueeze squeeze;
    const guint8 *text;
    gsize length;
    GArray *runs;    /* FoldRun: right-to-left overrides */
    gsize run_start; /* of the open one */
    gboolean run_open;
    guint depth;        /* embeddings inside it */
    gboolean reversing; /* the runs are being appended */
};

/* The character at `at`: its bytes used in *size. Broken UTF-8 gives ?, byte by byte. */
static inline guint32
fold_character_at(const guint8 *text, gsize length, gsize at, guint *size)
{
    const guint8 *p = text + at;
    gsize left = length - at;
    *size = 1;
    if (p[0] < 0x80)
        return p[0];
    if (p[0] >= 0xC2 && p[0] < 0xE0 && left >= 2) {
        *size = 2;
        return (guint32)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] >= 0xE0 && p[0] < 0xF0 && left >= 3) {
        *size = 3;
        return (guint32)(p[0] & 0x0F) << 12 | (guint32)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    if (p[0] >= 0xF0 && p[0] < 0xF5 && left >= 4) {
        *size = 4;
        return (guint32)(p[0] & 0x07) << 18 | (guint32)(p[1] & 0x3F) << 12 | (guint32)(p[2] & 0x3F) << 6 |
               (p[3] & 0x3F);
    }
    return FOLD_BROKEN;
}

static inline guint32
fold_entry_of(guint32 c)
{
    if (G_LIKELY(c < FOLD_LIMIT))
        return FOLD_ENTRIES[(guint32)FOLD_INDEX[c >> FOLD_BLOCK_BITS] << FOLD_BLOCK_BITS |
                            (c & ((1u << FOLD_BLOCK_BITS) - 1))];
    return c >= FOLD_TAGS && c < FOLD_TAGS + 0x1000 ? FOLD_SLOW_ENTRY(FOLD_DROP, 0, FOLD_EDGE)
                                                    : FOLD_SLOW_ENTRY(FOLD_COPY, 0, FOLD_OTHER);
}

/* Four bytes and four offsets are stored, `size` count. */
static inline void
fold_out_put(FoldOut *out, guint32 bytes, guint size, guint32 source)
{
    guint32 little = GUINT32_TO_LE(bytes), sources[4] = {source, source, source, source};
    memcpy(out->text + out->length, &little, sizeof little);
    memcpy(out->source + out->length, sources, sizeof sources);
    out->length += size;
}

static inline gboolean
fold_is_wide(FoldClass class)
{
    return class == FOLD_HAN || class == FOLD_STAR || class == FOLD_SIGN || class == FOLD_EDGE;
}

#define FOLD_QUOTE_REACH 16 /* blanks and further quote signs between a line's begin and its quote sign */

/* The quote sign of a reply at `at`, at the begin of its line: no part of the text that it stands before. Where only
 * one character stands on a line, the word would be torn otherwise. */
static inline gboolean
fold_is_quote_sign(const guint8 *text, gsize at)
{
    gsize first = at > FOLD_QUOTE_REACH ? at - FOLD_QUOTE_REACH : 0;
    while (at > first && (text[at - 1] == ' ' || text[at - 1] == '>'))
        at--;
    return at > 0 && (text[at - 1] == '\n' || text[at - 1] == '\r');
}

/* fold_squeeze.c: a folded character of at most four bytes goes into the squeezed view; `next` is the source offset
 * behind it. */
void fold_squeeze_put(Fold *fold, guint32 bytes, guint size, FoldClass class, guint32 source, gsize next);
void fold_squeeze_begin(Fold *fold);
void fold_squeeze_end(Fold *fold);
/* fold_fast.c: the plain characters from `at` (not 0) on, while no separators wait. Returns where the slow way must
 * take over. */
gsize fold_fast_run(Fold *fold, gsize at);
