/* finding - one thing found in one part, with its reasons. */
#pragma once
#include "marking.h"
#include "segment.h"
#include "verdict.h"
#include <glib.h>

typedef enum { REASON_NO_DISTANCE, REASON_CHARACTERS, REASON_LINES } ReasonDistance;

typedef struct {
    const char *id;      /* static or interned: "level+star+period" */
    int score;           /* what it added (negative: took away) */
    guint found;         /* different values found; 0: not counted */
    ReasonDistance near; /* what `distance` is counted in */
    guint distance;
} Reason; /* texts: reason_line(reason, language) */

/* What a registered paper (papers.h) and the text have in common. */
typedef struct {
    guint32 number;  /* of the paper; 0: the finding is about no paper */
    guint percent;   /* of the paper's own text */
    guint run;       /* characters of the longest passage */
    char label[260]; /* the officer's own words; for `hangu check` only, never recorded */
} FindingPaper;

typedef struct Finding {
    const char *rule; /* interned rule id, "cn-state-mark" */
    Class class;
    Level level;
    Confidence confidence;
    int score;
    guint part; /* index in the flat list of parts */
    Place place;
    gsize from, to; /* bytes of the segment's text */
    guint line;     /* line in the stream, from 1; 0 unknown */
    gboolean header_zone;
    gboolean observe; /* the rule is in status observe: recorded, does not decide */
    Mark mark;        /* form NONE if the rule has no mark */
    gboolean visual;  /* while judging: offsets are those of the text in visual order */
    char *excerpt;    /* the source text of the hit, at most 60 characters; for `hangu check` only, never recorded */
    GArray *reasons;  /* Reason */
    FindingPaper paper;
} Finding;

Finding *finding_new(void);
void finding_free(Finding *finding);
/* One line for a person: the reason in zh or en ("level, star and period", "密级、★和保密期限俱全"). Static or
 * interned. */
const char *reason_text(const char *id, gboolean chinese);
/* The same with how many were found and how near: "bank card numbers (3 found)". Gives. */
char *reason_line(const Reason *reason, gboolean chinese);
