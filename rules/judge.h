/* judge - from text to findings: fold, scan, parse marks, weigh cues and vetoes (requirements.md B.6).
 *
 * A Judge is one thread's working space (fold buffers, Hyperscan scratch) over a shared Ruleset. Segments of one text
 * are given in order; cues and vetoes act within the segment (256 KB of one stream). Marks and words are told at once;
 * the same mark in another decoding or window of the part is told once. Conditions (condition.h) act over the whole
 * part, or the letter, whatever windows it comes in, and are told at the end. Of level words that are no marks only the
 * first few of a part are told (class mention). Full (max_findings), stronger findings push out weaker ones. */
#pragma once
#include "finding.h"
#include "papers.h"
#include "ruleset.h"
#include "when.h"
#include <glib.h>

typedef struct {
    guint max_hits;     /* per part; over it the part is partial */
    guint max_findings; /* per letter */
} JudgeLimits;

typedef struct Judge Judge;
Judge *judge_new(const Ruleset *ruleset, const JudgeLimits *limits);
void judge_free(Judge *judge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Judge, judge_free)

/* Forgets the last letter. `now_us`: wall clock of the letter (examination dates); `findings` receives (owns) what is
 * found. */
void judge_begin(Judge *judge, gint64 now_us, GPtrArray *findings);
/* After judge_begin: what is known of the letter; lent until judge_end. Without it `when` is not asked: every rule is
 * tried. */
void judge_facts(Judge *judge, const LetterFacts *facts);
/* Judges one segment. FALSE with error only if the scanner itself failed (then: no verdict). */
gboolean judge_segment(Judge *judge, const Segment *segment, GError **error);
/* What a rule took while judging. */
typedef struct {
    guint64 hits, findings;
    gint64 nanoseconds;
} JudgeCost;
/* One for each rule of the rule set, added up from now on; lent, NULL: nothing is counted. For `hangu rules cost`. */
void judge_count(Judge *judge, JudgeCost *costs);
/* Registered papers to look for; lent, NULL none. Before judge_begin(). */
void judge_set_papers(Judge *judge, const Papers *papers, const FingerprintKey *key);
/* SHA-256 of the content of a part, whether it could be read or not. */
void judge_file(Judge *judge, guint part, const guint8 digest[CRYPTO_DIGEST_SIZE]);
/* After judge_end(): the recipients (1 << index) for whom a rule with `history` held, whether it was a finding yet or
 * not: to be counted. */
guint32 judge_counted(const Judge *judge);
/* After the last part: asks rules with conditions, since what must not be there may come last, and tells of registered
 * papers, whose text may lie in several segments. */
void judge_end(Judge *judge);
/* The day of examples that name none; any will do as long as it stays the same: 2026-01-15. */
#define JUDGE_EXAMPLE_NOW (G_GINT64_CONSTANT(1768435200) * G_USEC_PER_SEC)
/* A text by itself in a place, or a rule's own example, judged as a letter of a fixed day; `findings` (GPtrArray of
 * Finding, owned by it) receives what is found. FALSE with error if the scanner failed. */
gboolean judge_example_text(Judge *judge, PlaceKind place, const char *text, GPtrArray *findings, GError **error);
gboolean judge_example(Judge *judge, guint rule, guint example, GPtrArray *findings, GError **error);
/* Ends part `index`: TRUE if a hit cap was met there (coverage partial). */
gboolean judge_part_end(Judge *judge, guint part);
