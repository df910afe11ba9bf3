/* lint-parts - what the files of lint share; private to lint. */
#pragma once
#include "lint.h"
#include "ruleset-parts.h"

/* A rule or a cue as it is written. */
typedef struct {
    const char *id, *file; /* lent */
    const YamlNode *node;
    guint line, column;
    gboolean cue, off;
    int index;         /* in the rule set; -1: it is not there */
    const char *class; /* of a rule; "" */
    const char *detect;
    const char *companion; /* one that may stand beside its words; NULL: none */
} LintEntry;

/* A word or expression as it is written. */
typedef struct {
    const LintEntry *entry;
    const char *list;  /* "words", "doubtful", "companions", "expressions" */
    const char *level; /* of a map of levels; "" */
    const char *text;
    char *folded; /* and squeezed, unless it is an expression */
    guint line, column;
    gboolean anchor; /* a word of `words` or `doubtful` of the rule itself, not of a condition inside it */
} LintWord;

typedef struct {
    const Ruleset *ruleset;
    GPtrArray *entries, *words; /* LintEntry, LintWord */
    GPtrArray *notes;           /* LintNote */
    GStringChunk *texts;
    GPtrArray *roots;               /* YamlNode, lent: of each pack */
    const GPtrArray *local_domains; /* char *; NULL: unknown */
} Lint;

void lint_add(Lint *lint, const LintEntry *entry, guint line, guint column, const char *check, char *what,
              const char *advice);

void lint_when(Lint *lint);                        /* `when` that holds for no letter, or for all */
void lint_reach(Lint *lint);                       /* conditions that can never hold */
void lint_words(Lint *lint);                       /* what can be seen in the words alone */
gboolean lint_judging(Lint *lint, GError **error); /* what only judging shows */
