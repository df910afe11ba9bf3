/* lint - what is odd in rules that load and pass their examples: rules that cannot find anything or are covered by
 * others, words that are there twice, contradictions, cues that never count, expressions that cost much, `when` that
 * holds for no letter, conditions that can never hold.
 *
 * The packs are looked at as they are written (every word with its place) and as they judge: words in the forms a mark
 * has, and all examples by all rules. Of an entry that says `allow: {CHECK: why}` the notes of that check are allowed.
 */
#pragma once
#include "ruleset.h"

#define LINT_SLOW_SECONDS 0.2         /* to compile an expression alone */
#define LINT_LARGE_BYTES (192 * 1024) /* its database alone */

typedef struct {
    const char *check; /* "dead-word", "shadowed" ...: static */
    char *file;
    guint line, column;
    char *entry;   /* id of the rule or cue; NULL: none */
    char *what;    /* what is odd, and why */
    char *advice;  /* what to do */
    char *allowed; /* why it may be so; NULL: it is not allowed */
} LintNote;
void lint_note_free(LintNote *note);

/* All notes, by file and line. `ruleset` is what the sources compiled to; `local_domains` (char *) those of the
 * settings, NULL if they are unknown. NULL with error if judging failed. */
GPtrArray *lint_run(RuleSources *sources, const Ruleset *ruleset, const GPtrArray *local_domains, GError **error);
