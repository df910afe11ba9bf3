/* judge-parts - what the files of judge share; private to judge. All offsets are those of the folded view. */
#pragma once
#include "finding.h"
#include "judge-face.h"
#include "judge-leaves.h"
#include "judge-lines.h"
#include "judge.h"
#include "marking.h"
#include "paper_search.h"
#include "ruleset-parts.h"

#define MENTIONS_MAX 3  /* findings of class mention per part */
#define HEADER_LINES 12 /* of a first page: its header zone */

typedef struct {
    guint32 from, to;
    guint pattern;
} CueHit;

/* An anchor with at least one form, before it is weighed. */
typedef struct {
    const Rule *rule;
    MarkReading reading;
    gboolean doubtful;   /* the word is a look-alike */
    gboolean expression; /* the anchor is an expression's */
    gboolean companion;  /* one of the rule's companions goes with it */
    guint line;
} Hit;

/* Nanoseconds of this thread's processor time. */
gint64 cost_clock(void);

struct Judge {
    const Ruleset *ruleset;
    JudgeLimits limits;
    gint64 now_us;
    int year; /* of now_us */
    GPtrArray *findings;
    JudgeCost *costs; /* by rule; NULL: nobody counts */
    GHashTable *seen; /* keys of findings of this letter */
    Fold *fold;
    ScanSpace *space;
    GArray *scan_hits;   /* ScanHit */
    GArray **cue_hits;   /* CueHit, one array per cue, sorted */
    GArray **companions; /* CueHit, one array per companion_set; NULL: no such set */
    GArray *hits;        /* Hit */
    guint32 *last_words; /* per rule: end of the last word read, so that a word inside another is not read again */
    Lines lines;
    Faces faces;
    const Segment *segment;
    const FoldView *view; /* folded */
    GString *visual_text; /* the segment in visual order, if that is another */
    gboolean visual;      /* that is what is being judged */
    /* of the part in hand */
    guint part, part_hits;
    gboolean capped;
    guint words_only;    /* level words without a form, told or to be told */
    guint mentions;      /* findings of class mention in this part */
    gboolean *holds;     /* per cue: holds for the hit being weighed */
    PaperSearch *papers; /* NULL: none are registered */
    guint32 counted;     /* recipients of letters that are counted: 1 << index */
    guint weakest;       /* index of the weakest finding, once the letter is full */
    gboolean full;
    Leaves *leaves;
    GArray *companion_sets; /* guint: those of `companions` that there are */
};

/* Tells of registered papers; at the letter's end. */
void papers_report(Judge *judge);
/* Sorts the scanner's hits: cues and companions into their arrays. FALSE if there is no anchor at all. */
gboolean anchors_collect(Judge *judge);
/* Reads every anchor into judge->hits, in order of lines. */
void anchors_read(Judge *judge);
/* Weighs a hit and makes a finding of it. */
void hit_report(Judge *judge, const Hit *hit);
/* Whether a finding of that strength still has room; adds it (takes). */
gboolean finding_is_wanted(Judge *judge, Class class, int score);
void finding_keep(Judge *judge, Finding *finding);
/* The hit's place in the folded view. */
CueHit scan_hit_place(const Judge *judge, const ScanHit *hit);
/* The source has no lower-case letter there. */
gboolean has_capitals_only(const Judge *judge, const CueHit *place);
/* Bits of places.h that hold at an offset; lines are looked at only for those in `asked`. */
guint where_of(const Judge *judge, gsize offset, guint asked);
/* The source text on one line, with so many characters around it. */
char *excerpt_of(const Judge *judge, gsize from, gsize to, guint context);
Confidence confidence_of(int score);
/* Facts of position of a hit: 1 << CueSeen. */
guint seen_of(const Judge *judge, const Hit *hit);
/* The score, with its reasons appended (Reason). */
int hit_weigh(const Judge *judge, const Hit *hit, GArray *reasons);

/* Around what is done for one rule; nothing unless somebody counts. */
static inline gint64
cost_begin(const Judge *judge)
{
    return judge->costs != NULL ? cost_clock() : 0;
}

static inline void
cost_end(const Judge *judge, const Rule *rule, gint64 since)
{
    if (judge->costs != NULL)
        judge->costs[rule->index].nanoseconds += cost_clock() - since;
}
