/* ruleset - the packs, compiled: immutable after load, shared by all inspectors through fork.
 *
 * Packs are YAML files of the rules directory, read in name order against tables of rows. All mistakes of all packs in
 * one run. Literals and expressions live in separate Hyperscan databases (no SOM, UCP or SINGLEMATCH), over the
 * squeezed and the folded view. The compiled databases are kept in a cache file named by digest and library version and
 * bound by a MAC; a file that anybody else could write is never deserialised. */
#pragma once
#include "places.h"
#include "rule_sources.h"
#include "verdict.h"
#include "yaml.h"
#include <glib.h>

typedef struct Ruleset Ruleset;

/* `cache_dir` and `cache_key` (32 bytes) NULL: no cache. NULL with problems when anything is wrong. */
Ruleset *ruleset_load(const char *directory, const char *cache_dir, const guint8 *cache_key, Problems *problems);
/* The same from files that are in memory already; marks those that the rule set is made of (rule_sources_use()): only
 * these are kept for replay, so nothing that decides may be read past them. */
Ruleset *ruleset_compile(RuleSources *sources, const char *cache_dir, const guint8 *cache_key, Problems *problems);
void ruleset_free(Ruleset *ruleset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ruleset, ruleset_free)
/* "sha256:..." over packs, fold table and engine version. */
const char *ruleset_digest(const Ruleset *ruleset);
/* "judge-2/hs-5.4.2": what judges by the rules and what searches; named in each record (replay). */
const char *ruleset_engine(void);
guint ruleset_count(const Ruleset *ruleset);
gboolean ruleset_from_cache(const Ruleset *ruleset);
/* The header fields and properties that its rules name: whoever reads letters for it must know them. Lends. */
const PlaceNames *ruleset_place_names(const Ruleset *ruleset);

/* Runs every rule's own match: and nomatch: examples. Each failure is a problem. Returns examples run. */
guint ruleset_test(const Ruleset *ruleset, Problems *problems);
/* For `hangu rules list` and `explain`: NULL past the end; lent. */
typedef struct {
    const char *id, *title_zh, *title_en, *clause, *pack, *status, *detect;
    Class class;
    Level level;
    guint literals, expressions, examples;
} RuleInfo;
const RuleInfo *ruleset_info(const Ruleset *ruleset, guint index);
/* What a rule's own examples are, and what each form of it scores. FALSE past the end; texts are lent. */
typedef struct {
    const char *place; /* "subject", "body" ...; "letter": several places, or facts, which the text names */
    const char *text;
    gboolean finds;     /* must be found, or must not */
    guint line;         /* in its pack */
    gboolean has_facts; /* it says who sends what to whom, or when; else `when` is not asked */
} RuleExampleInfo;
gboolean ruleset_example(const Ruleset *ruleset, guint rule, guint index, RuleExampleInfo *example_out);
typedef struct {
    const char *form; /* as in the pack: "star_term" */
    gint64 score;
} RuleScoreInfo;
/* What a rule with a condition looks for, a line for each condition, what is below it two blanks deeper; then its
 * exceptions and cues, each under a heading. Empty for other rules. Gives. */
char *ruleset_condition(const Ruleset *ruleset, guint rule, gboolean chinese);
/* Where a rule looks, "body, header x-foo; not: quoted"; empty: everywhere. Gives. */
char *ruleset_places(const Ruleset *ruleset, guint rule);
/* For which letters it is asked: "direction: out; recipients: freemail"; empty: for all. Gives. */
char *ruleset_when(const Ruleset *ruleset, guint rule);
gboolean ruleset_score(const Ruleset *ruleset, guint rule, guint index, RuleScoreInfo *score_out);
/* The levels that words of a rule with `detect: mark` say: 1 << Level; else its own. */
guint ruleset_levels(const Ruleset *ruleset, guint rule);
/* What a cue adds or takes, and where it looks; texts and lists are lent. */
typedef struct {
    const char *id, *text_zh, *text_en, *file;
    const char *seen;  /* the fact of position; NULL: it looks for words */
    const char *scope; /* of words */
    gint64 score, reach, count;
    guint line, patterns;
    gboolean quotation, companion, exam, sinks;
    const GPtrArray *classes, *forms; /* char *; empty: all */
} CueInfo;
/* FALSE past the end. */
gboolean ruleset_cue_info(const Ruleset *ruleset, guint index, CueInfo *cue_out);
/* Whether the cue is asked for what the rule finds, in one of the forms that count there. */
gboolean ruleset_cue_concerns(const Ruleset *ruleset, guint cue, guint rule);
