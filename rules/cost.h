/* cost - what each rule costs: its patterns to compile and to keep, its hits and its time in judging.
 *
 * Time in judging is that of reading and weighing a rule's anchors and of asking its condition; the scan itself is one
 * for all rules and shows as hits and as bytes of database. */
#pragma once
#include "judge.h"

typedef struct {
    guint words, expressions; /* patterns, composed words counted one by one; cues and companions are nobody's */
    double seconds;           /* of processor time to compile them alone */
    gsize bytes;              /* of databases of them alone */
    gssize saved;             /* how much smaller the databases of all would be without them; -1: not asked */
} CostPatterns;

/* One rule's patterns. `without` compiles all other patterns too, which takes as long as loading the rules. */
void cost_patterns(const Ruleset *ruleset, guint rule, gboolean without, CostPatterns *cost_out);
/* Bytes of the databases of all patterns, and the time they take to compile, without the checks of loading. */
gsize cost_databases(const Ruleset *ruleset, double *seconds_out);
/* An invented ordinary text, a few hundred KB, in which no rule should find anything. Gives. */
char *cost_text(void);
