/* kept - rule sets as they were in force, so that a decision of the past can be made again (BLUEPRINT 2.9).
 *
 * The directory (mode 0700, of the gate's user):
 *
 *     sets/HEX/            the files that a rule set was made of, named by the rule set's digest
 *     policies/HEX.yaml    the policy, named by its own digest
 *     settings/HEX.yaml    hangu.yaml likewise
 *     history              a JSON object a line: what was in force from when on (KeptUse)
 *
 * Nothing is trusted when it is read again: every file must have the digest that names it. A set appears by a rename
 * when all its files are on disk. Sets out of force go when there are more than `most`, or after `days`. */
#pragma once
#include "rule_sources.h"

#define KEPT_USES_MAX 10000 /* lines of the history; the older half goes when there are more */

typedef struct {
    char *directory;
    guint most; /* sets; 0: nothing is kept */
    guint days; /* that a set out of force stays */
} KeptPlace;

/* What was in force from a time on. Texts are "sha256:...", but for program and engine. */
typedef struct {
    gint64 from_us;  /* wall clock */
    gint64 until_us; /* when something else came into force; 0: still in force */
    char *ruleset, *policy, *settings, *program, *engine, *fold;
} KeptUse;
void kept_use_free(KeptUse *use);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptUse, kept_use_free)

/* Keeps what is in force from use->from_us on: the used files of `sources`, policy and settings (path NULL: none), and
 * a line of history if it differs from the last one. `use` without until_us is lent. Then removes what is too old.
 * FALSE with error: it is not kept, or not all of it; what was kept before is untouched. */
gboolean kept_store(const KeptPlace *place, const RuleSources *sources, const char *policy_path,
                    const char *settings_path, const KeptUse *use, GError **error);

/* The history, oldest first: KeptUse. NULL with error; none yet: an empty list. */
GPtrArray *kept_history(const char *directory, GError **error);
/* The use of that rule set that was in force at now_us, else the nearest before it, else the first. Lent by `history`;
 * NULL: there is none. */
const KeptUse *kept_use_at(const GPtrArray *history, const char *ruleset, gint64 now_us);
/* Where the files lie. Give; NULL: the digest is none. */
char *kept_set_path(const char *directory, const char *ruleset);
char *kept_policy_path(const char *directory, const char *policy);
char *kept_settings_path(const char *directory, const char *settings);
/* Whether a file that names itself by its digest is whole. FALSE with error. */
gboolean kept_file_check(const char *path, const char *digest, GError **error);
