/* ruleset-load - one loading of a rule set: the packs on their way to rules, cues, leaves and patterns; private to
 * rules. */
#pragma once
#include "crypto.h"
#include "ruleset-parts.h"

typedef struct {
    Ruleset *ruleset;
    RuleSources *sources;
    GPtrArray *files;    /* YamlFile: the patterns' texts live there, */
    GStringChunk *texts; /* and composed ones, and those of word files, here */
    GArray *patterns;    /* ScanPattern */
    GHashTable *names;   /* id -> file:line, of rules and cues */
    GHashTable *lists;   /* name -> WordList */
    GHashTable *exact;   /* name of a file -> its source, counted from 1 */
    GHashTable *known;   /* id -> index of the rule, counted from 1 */
    CryptoHash *hash;
    Problems *problems;
    guint before;       /* mistakes of others */
    guint torn;         /* patterns that are torn forms of words */
    gboolean torn_told; /* there is no more room for such */
} Loading;

/* Where a pattern was written. */
typedef struct {
    const char *file; /* interned */
    guint line, column;
} PatternOrigin;

/* One pattern of `target`. FALSE with a problem if there are too many. */
gboolean pattern_add(Loading *loading, const char *text, PatternOrigin origin, Target target, ScanKind kind);
/* A list of texts as patterns of one target; for words an item may be composed (compose.h). Gives how many. */
guint patterns_read(Loading *loading, const YamlNode *node, const char *file, Target target, ScanKind kind);
/* Level words: a map of level: list. */
guint levels_read(Loading *loading, const YamlNode *node, const char *file, TargetKind kind, guint owner);

/* Named lists: a map of name: list of words, or of name: {words, expressions, file}. */
void lists_read(Loading *loading, const YamlNode *map, const char *file);
GHashTable *lists_new(void);
/* The source of the list, which from now on is looked for; -1 if none is called so. Its counts are added. */
int lists_use(Loading *loading, const char *name, guint *literals, guint *expressions);

/* Gives each leaf below its place in the rule set, and its patterns to the scanner. Once all rules are read. */
void conditions_settle(Loading *loading, Rule *rule, guint owner);
