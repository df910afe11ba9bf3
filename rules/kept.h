/* kept - rule sets as they were in force, so that a decision of the past can be made again (BLUEPRINT 2.9).
 *
 * The directory (of the gate's user, readable by its group, so that officers need not be root):
 *
 *     sets/HEX/            the files that a rule set was made of, named by the rule set's digest
 *     policies/HEX.yaml    the policy, named by its own digest
 *     settings/HEX.yaml    hangu.yaml likewise
 *     papers/HEX           the register of papers likewise; this folder is the gate's user's alone, as the register is
 *     history              a JSON object a line: what was in force from when on (KeptUse)
 *
 * Nothing is trusted when it is read again: every file must have the digest that names it. A set appears by a rename
 * when all its files are on disk. Sets out of force go when there are more than `most`, or after `days`, and what
 * belongs to no other use goes with them; of the registers the newest stay that have room in `papers_bytes`. */
#pragma once
#include "rule_sources.h"

#define KEPT_USES_MAX 10000 /* lines of the history; the older half goes when there are more */

typedef struct {
    char *directory;
    guint most;           /* sets; 0: nothing is kept */
    guint days;           /* that a set out of force stays */
    guint64 papers_bytes; /* of all kept registers together; 0: none is kept */
} KeptPlace;

/* What was in force from a time on. Texts are "sha256:...", but for program and engine. */
typedef struct {
    gint64 from_us;  /* wall clock */
    gint64 until_us; /* when something else came into force; 0: still in force */
    char *ruleset, *policy, *settings, *program, *engine, *fold;
    char *papers; /* "": no register; NULL: not told */
} KeptUse;
void kept_use_free(KeptUse *use);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeptUse, kept_use_free)

/* Files that a use names by digest; NULL: none. */
typedef struct {
    const char *policy, *settings, *papers;
} KeptFiles;

/* Keeps what is in force from use->from_us on: the used files of `sources`, `files`, and a line of history if it
 * differs from the last one. `use` without until_us is lent. Then removes what is too old or too much. FALSE with
 * error: it is not kept, or not all of it; what was kept before is untouched. */
gboolean kept_store(const KeptPlace *place, const RuleSources *sources, const KeptFiles *files, const KeptUse *use,
                    GError **error);

/* The history, oldest first: KeptUse. NULL with error (PERMISSION says who may); none yet: an empty list. */
GPtrArray *kept_history(const char *directory, GError **error);
/* The use of that rule set that was in force at now_us, else the nearest before it, else the first. Lent by `history`;
 * NULL: there is none. */
const KeptUse *kept_use_at(const GPtrArray *history, const char *ruleset, gint64 now_us);
/* Where the files lie. Give; NULL: the digest is none. */
char *kept_set_path(const char *directory, const char *ruleset);
char *kept_policy_path(const char *directory, const char *policy);
char *kept_settings_path(const char *directory, const char *settings);
char *kept_papers_path(const char *directory, const char *papers);
/* Whether a file that names itself by its digest is whole. FALSE with error. */
gboolean kept_file_check(const char *path, const char *digest, GError **error);
