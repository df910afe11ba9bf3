/* ruleset-parts - what a rule set is made of; private to rules. */
#pragma once
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
} TargetKind;

typedef struct {
    guint8 kind; /* TargetKind */
    guint8 level;
    guint owner; /* index in rules or cues */
} Target;

struct Ruleset {
    GPtrArray *rules; /* Rule */
    GPtrArray *cues;  /* Cue */
    GArray *targets;  /* Target */
    GArray *infos;    /* RuleInfo */
    Scanner *scanner;
    char *digest;
};

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
