/* ruleset-parts - what a rule set is made of; private to rules. */
#pragma once
#include "data.h"
#include "exact.h"
#include "rule.h"
#include "ruleset.h"
#include "scan.h"

/* What a pattern of the scanner stands for; the pattern's id is its index. */
typedef enum {
    TARGET_LEVEL,      /* a level word of rule `owner` */
    TARGET_DOUBTFUL,   /* a look-alike of one */
    TARGET_WORD,       /* a word of rule `owner` */
    TARGET_EXPRESSION, /* an expression of rule `owner` */
    TARGET_COMPANION,  /* a companion of the rules whose companion_set is `owner` */
    TARGET_CUE,        /* a word or expression of cue `owner` */
    TARGET_SOURCE,     /* a word or expression of source `owner` */
} TargetKind;

typedef struct {
    guint8 kind; /* TargetKind */
    guint8 level;
    guint8 wrapped; /* counts only if a line ends inside it */
    guint owner;    /* index in rules, cues or sources */
} Target;

/* Where hits come from that leaves of conditions listen to. */
typedef enum {
    SOURCE_TEXT,  /* words and expressions of one leaf, or of a named list */
    SOURCE_DATA,  /* one kind of data.h */
    SOURCE_EXACT, /* one list of exact data */
    SOURCE_MARK,  /* marks that rules with `detect: mark` find */
    SOURCE_RULE,  /* what one rule finds */
} SourceKind;

typedef struct {
    SourceKind kind;
    guint places;     /* bits of places.h that one of its leaves looks at; all of them: everywhere */
    gboolean near;    /* one of its leaves belongs to a `near` */
    GArray *leaves;   /* guint: indices of leaves */
    ExactList *exact; /* of SOURCE_EXACT */
} Source;

#define NO_NEAR G_MAXUINT

/* What the judge needs of a leaf, close together. */
typedef struct {
    const Condition *condition;
    guint rule;       /* index */
    guint near;       /* index of the `near` it belongs to, or NO_NEAR */
    guint near_child; /* its number there */
    gboolean near_not;
} Leaf;

struct Ruleset {
    GPtrArray *rules;               /* Rule */
    GPtrArray *cues;                /* Cue */
    GArray *targets;                /* Target */
    GArray *infos;                  /* RuleInfo */
    GPtrArray *sources;             /* Source */
    GArray *leaves;                 /* Leaf */
    GPtrArray *nears;               /* Condition, lent: each `near` */
    GArray *present;                /* guint: leaves that ask for places with text */
    guint data_sources[DATA_COUNT]; /* counted from 1; 0: nobody asks */
    guint mark_source;              /* counted from 1; 0: nobody asks */
    GArray *exact_sources;          /* guint: indices */
    guint within, lines;            /* the longest reach of all `near`s: characters, lines */
    gboolean quoted;                /* some rule asks what is quoted */
    PlaceNames *names;              /* headers and properties that some rule asks for */
    Groups *groups;
    Scanner *scanner;
    char *digest;
};

/* A new source; gives its index. */
guint source_new(Ruleset *ruleset, SourceKind kind);

static inline const Leaf *
ruleset_leaf(const Ruleset *ruleset, guint index)
{
    return &g_array_index(ruleset->leaves, Leaf, index);
}

static inline const Source *
ruleset_source(const Ruleset *ruleset, guint index)
{
    return g_ptr_array_index(ruleset->sources, index);
}

static inline const Rule *
ruleset_rule(const Ruleset *ruleset, guint index)
{
    return g_ptr_array_index(ruleset->rules, index);
}

static inline const Cue *
ruleset_cue(const Ruleset *ruleset, guint index)
{
    return g_ptr_array_index(ruleset->cues, index);
}
