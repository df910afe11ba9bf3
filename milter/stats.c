/* Counters behind one lock: a letter costs milliseconds, the lock nothing. */
#include "config.h"
#include "stats.h"

void
stats_init(Stats *stats)
{
    *stats = (Stats){0};
    g_mutex_init(&stats->lock);
}

void
stats_count(Stats *stats, const Outcome *outcome, gint64 bytes, gint64 elapsed_us)
{
    g_mutex_lock(&stats->lock);
    stats->letters++;
    stats->bytes += (guint64)bytes;
    stats->answers[outcome->answer]++;
    if (outcome->failure == FAILURE_NONE)
        stats->verdicts[outcome->done.verdict]++;
    else
        stats->failures[outcome->failure]++;
    stats->elapsed_us += elapsed_us;
    stats->longest_us = MAX(stats->longest_us, elapsed_us);
    g_mutex_unlock(&stats->lock);
}

void
stats_count_aborted(Stats *stats)
{
    g_mutex_lock(&stats->lock);
    stats->aborted++;
    g_mutex_unlock(&stats->lock);
}

static json_t *
by_verdict(const guint64 *counts)
{
    json_t *object = json_object();
    for (guint i = 0; i <= VERDICT_DISCARD; i++)
        json_object_set_new(object, verdict_word(i), json_integer((json_int_t)counts[i]));
    return object;
}

static json_t *
by_failure(const guint64 *counts)
{
    json_t *object = json_object();
    for (guint i = FAILURE_NONE + 1; i <= FAILURE_LEDGER; i++)
        if (counts[i] > 0)
            json_object_set_new(object, failure_word(i), json_integer((json_int_t)counts[i]));
    return object;
}

json_t *
stats_json(Stats *stats)
{
    g_mutex_lock(&stats->lock);
    double mean_ms = stats->letters > 0 ? (double)stats->elapsed_us / (double)stats->letters / 1000.0 : 0;
    json_t *object =
        json_pack("{sI so so so sI sI sf sf}", "total", (json_int_t)stats->letters, "verdict",
                  by_verdict(stats->verdicts), "answer", by_verdict(stats->answers), "failure",
                  by_failure(stats->failures), "aborted", (json_int_t)stats->aborted, "bytes", (json_int_t)stats->bytes,
                  "mean_ms", mean_ms, "longest_ms", (double)stats->longest_us / 1000.0);
    g_mutex_unlock(&stats->lock);
    return object;
}
