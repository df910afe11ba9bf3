/* judge-leaves - what leaves of conditions found so far, in which part; private to judge.
 *
 * Hits of a segment are taken as they come: of each leaf and part the different values are kept, as many as the leaf
 * asks for, and where the first of them stood; of each `near` and part whether it held. So memory grows with the
 * conditions that find something, not with the letter; over LEAF_STATES_MAX the part is partial. Rules are asked when
 * the letter is through (judge-condition.c). */
#pragma once
#include "finding.h"
#include "ruleset-parts.h"
#include "scan.h"
#include <glib.h>

typedef struct Judge Judge;

#define LEAF_STATES_MAX 20000 /* of a letter */
#define LEAF_VALUES_MIN 32    /* values kept beyond what the leaf asks for, for its reason */
#define STREAMS_MAX 256       /* texts in several segments at once */
#define TAIL_MAX 4096         /* hits near the end of a segment */

/* One hit that leaves listen to. Offsets are those of the folded view; at, end and row are counted in the text of the
 * stream from the beginning of this segment: characters that are no blanks, lines with text that
 * ended. */
typedef struct {
    guint64 value;
    guint32 source;
    guint32 from, to;
    guint32 where;    /* bits of places.h */
    const char *name; /* Place.name */
    gint32 at, end, row;
    guint8 level; /* of a mark */
    guint8 capitals;
    gint16 score;  /* of a mark */
    guint32 forms; /* of a mark */
} LeafHit;

/* Where something stood, for the finding. */
typedef struct {
    Place place;
    guint line;
    gsize from, to; /* bytes of the segment's text */
    gboolean zone;
    char *excerpt;
} Witness;

typedef struct {
    gint64 key;     /* part << 32 | leaf */
    GArray *values; /* guint64, different ones, rising */
    guint times;    /* how often, in the decoding that has most; counted if the leaf asks */
    guint times_now;
    const char *charset; /* whose times_now it is */
    Witness first;
} LeafState;

typedef struct {
    gint64 key; /* part << 32 | near */
    guint distance;
    Witness last;
} NearState;

/* A text that comes in several segments: what its next segment has to know of the last. */
typedef struct {
    gconstpointer id;
    guint part;
    GArray *tail;          /* LeafHit, counted from the end of the last segment */
    gint32 from, row_from; /* NearBounds of the next segment, counted alike */
    gsize quoted_since;    /* bytes before the end of the last segment; 0: nothing is quoted there */
    guint last_line;       /* flags of its last line */
} Stream;

typedef struct Leaves {
    const Ruleset *ruleset;
    const LetterFacts *facts;
    guint8 *asked;       /* per rule: 0 not yet, 1 no, 2 yes */
    GHashTable *states;  /* LeafState by its key */
    GHashTable *nears;   /* NearState by its key */
    GHashTable *touched; /* set of gint64: rule << 32 | part */
    GPtrArray *streams;  /* Stream, used last at the end */
    GArray *hits;        /* LeafHit of the segment in hand */
    GArray *joined;      /* LeafHit: tail and hits, for near */
    Stream *stream;      /* of the segment in hand; NULL: it stands alone */
    gsize overlap;       /* folded bytes that the segment before had too */
} Leaves;

Leaves *leaves_new(const Ruleset *ruleset);
void leaves_free(Leaves *leaves);
/* A new letter. `facts` is lent until the next; NULL: `when` is not asked. */
void leaves_begin(Leaves *leaves, const LetterFacts *facts);
/* Whether this rule is asked for this letter. */
gboolean leaves_wants_rule(Leaves *leaves, guint rule);
/* Takes the scanner's hits for leaves. TRUE if there is anything for leaves_take to do. */
gboolean leaves_collect(Judge *judge);
/* Whether what comes before in the text makes the beginning of this segment a quotation. */
gboolean leaves_begins_quoted(Judge *judge);
/* What was found by a rule of marks or words, with its score. */
void leaves_add_hit(Judge *judge, guint rule, const Mark *mark, guint forms, int score);
/* What a rule with a condition found. */
void leaves_add_finding(Judge *judge, guint source, guint part, const Witness *witness);
/* The lines are known: the first may go on one that was quoted where it began. */
void leaves_know_lines(Judge *judge);
/* Counts the hits of the segment; after its lines are known and its marks are weighed. */
void leaves_take(Judge *judge);
/* Nothing was to do in this segment. */
void leaves_pass(Judge *judge);

const LeafState *leaves_state(const Leaves *leaves, guint part, guint leaf);
const NearState *leaves_near(const Leaves *leaves, guint part, guint near);
/* Pairs of rule and part in which some leaf found something: rule << 32 | part, rising. GArray of gint64. */
GArray *leaves_touched(const Leaves *leaves);

/* judge-leaf-hits.c: adds the scanner's hit to leaves->hits, if it is a word of its own. */
void leaf_hits_scan(Judge *judge, const ScanHit *hit, guint source);
/* Validators and exact lists over the segment. */
void leaf_hits_find(Judge *judge);
/* Of hits within hits of one source the longest stay, and none that another segment tells; each gets its places. */
void leaf_hits_thin(Judge *judge);
gboolean leaf_takes(const Leaf *leaf, const LeafHit *hit);
guint64 leaf_value(const char *text, gsize length);
/* judge-stream.c: the stream of the segment in hand, moved to the end of the list; NULL if it is a text by itself. */
Stream *leaf_stream(Judge *judge);
void stream_free(gpointer stream);
/* How many bytes of the folded view the segment before had too. */
gsize leaf_overlap(const Judge *judge);
/* Nothing of the segment before has to be judged once more. */
void stream_unbound(Stream *stream);
/* leaves->hits, in order of places, to the `near`s. */
void leaf_hits_near(Judge *judge);
/* The segment is done; what begins at `quoted_from` of the view is quoted to the end. */
void leaf_stream_end(Judge *judge, gsize quoted_from);
/* Between what a `near` that excludes something may judge: hits that end before `from` were judged before, and their
 * own neighbours may be gone; those that end behind `to` may still get one. */
typedef struct {
    gint32 from, to, row_from, row_to;
} NearBounds;

/* judge-near.c: tries the `near`s that these hits (of one stream, rising) belong to. */
void near_take(Judge *judge, const GArray *hits, const NearBounds *bounds);
/* judge-leaves.c, for judge-near.c: it does hold. */
void near_holds(Judge *judge, guint near, guint distance, const LeafHit *first, const LeafHit *last);
/* judge-condition.c: asks the rules and reports. */
void conditions_report(Judge *judge);
