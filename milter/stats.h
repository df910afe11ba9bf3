/* stats - what the gate has counted since it started; for `hangu status`. Thread-safe. */
#pragma once
#include "outcome.h"
#include <jansson.h>

typedef struct {
    GMutex lock; /* guards all below */
    guint64 verdicts[VERDICT_DISCARD + 1];
    guint64 answers[VERDICT_DISCARD + 1];
    guint64 failures[FAILURE_LEDGER + 1];
    guint64 aborted, bytes, letters;
    gint64 elapsed_us, longest_us;
} Stats;

void stats_init(Stats *stats);
void stats_count(Stats *stats, const Outcome *outcome, gint64 bytes, gint64 elapsed_us);
void stats_count_aborted(Stats *stats);
/* {"total":, "verdict": {...}, "answer": {...}, "failure": {...}, "aborted":, "bytes":, "mean_ms":, "longest_ms":}.
 * Gives a reference. */
json_t *stats_json(Stats *stats);
