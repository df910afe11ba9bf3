/* paper_search - registered papers in a letter: collects the prints that occur, part by part, and tells at the end
 * which paper stands there and how much of it.
 *
 * A print alone is nothing. Prints of one paper that follow each other in the text as in the paper, with the same
 * distances but for slips of typing, are a passage; its length is told in characters of the paper that are not common
 * text. Several decodings of a part, windows that overlap and copies of copies change nothing: each place of a paper
 * counts once. */
#pragma once
#include "fold.h"
#include "papers.h"
#include "segment.h"
#include <glib.h>

#define PAPER_HITS_MAX (1024 * 1024) /* of one letter, after each place was counted once */

typedef struct {
    const Paper *paper; /* lent by the register */
    guint part;
    gboolean equal; /* the bytes of the file, or the whole text of a short paper */
    guint32 found;  /* characters of its own text */
    guint percent;  /* of its own text */
    guint32 run;    /* characters of the longest passage */
    Place place;    /* where it was seen first */
    guint line;     /* 0 unknown */
    gsize from, to; /* bytes of that segment's text: the first print and what follows on its line */
    char *excerpt;  /* content, for `hangu check` only; may be NULL */
} PaperMatch;

typedef struct PaperSearch PaperSearch; /* one thread's; lends register and key */
PaperSearch *paper_search_new(const Papers *papers, const FingerprintKey *key);
void paper_search_free(PaperSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PaperSearch, paper_search_free)
/* Forgets the last letter. */
void paper_search_begin(PaperSearch *search);
/* `fold` holds the segment folded. FALSE: there are more hits than are kept; what was kept counts. */
gboolean paper_search_segment(PaperSearch *search, const Fold *fold, const Segment *segment);
/* SHA-256 of the content of a part. */
void paper_search_file(PaperSearch *search, guint part, const guint8 digest[CRYPTO_DIGEST_SIZE]);
/* Every paper of which enough was found in a part: PaperMatch, those with most text first. Papers that expired before
 * `now_us` are left out. Gives. */
GPtrArray *paper_search_end(PaperSearch *search, gint64 now_us);
