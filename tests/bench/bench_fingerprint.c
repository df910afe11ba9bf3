/* bench_fingerprint CONFIG FILE...: what looking for registered papers costs a letter. The whole inspection of each
 * letter with no paper and with the register that CONFIG names, in turns, in one process; medians of the CPU time of
 * rounds, and memory of register and index. */
#include "config.h"
#include "clock.h"
#include "collect.h"
#include "inspect.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ROUNDS 41

static Settings *settings;

static gint64
cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Resident memory in kB. */
static gint64
resident(void)
{
    g_autofree char *status = NULL;
    const char *line = NULL;
    if (g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        line = strstr(status, "VmRSS:");
    return line == NULL ? 0 : g_ascii_strtoll(line + 6, NULL, 10);
}

static gint64
inspect(Inspector *inspector, const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Message) message = collect_file(file, settings, &error);
    if (message == NULL)
        g_error("%s", error->message);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_OUT;
    message->envelope.received_us = clock_wall_us();
    gint64 start = cpu_ns();
    if (!inspector_run(inspector, message, -1, &error))
        g_error("%s: %s", file, error->message);
    return cpu_ns() - start;
}

static int
order(gconstpointer a, gconstpointer b)
{
    gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
    return left < right ? -1 : left > right;
}

/* Of sorted values. */
static double
quartile(const gint64 *values, guint which)
{
    guint at = ROUNDS * which / 4;
    return (double)values[at];
}

/* Between letters others use the caches: as in a gate, each letter is looked at once in a round over all. */
static void
measure(Inspector *const inspectors[2], char **files, int count)
{
    gint64 rounds[2][ROUNDS], ratios[ROUNDS];
    for (guint round = 0; round < ROUNDS; round++) {
        for (guint which = 0; which < 2; which++) {
            rounds[which][round] = 0;
            for (int i = 0; i < count; i++)
                rounds[which][round] += inspect(inspectors[which], files[i]);
        }
        ratios[round] = rounds[1][round] * 10000 / rounds[0][round];
    }
    qsort(rounds[0], ROUNDS, sizeof(gint64), order);
    qsort(rounds[1], ROUNDS, sizeof(gint64), order);
    qsort(ratios, ROUNDS, sizeof(gint64), order);
    printf("%d letters: %.1f us a letter without, %.1f us with, ratio %.3f (of the same round: median; quartiles %.3f, "
           "%.3f)\n",
           count, quartile(rounds[0], 2) / count / 1000, quartile(rounds[1], 2) / count / 1000,
           quartile(ratios, 2) / 10000, quartile(ratios, 1) / 10000, quartile(ratios, 3) / 10000);
}

int
main(int argc, char **argv)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) error = NULL;
    FingerprintKey key;
    Papers *papers = NULL;
    if (argc < 3)
        g_error("usage: bench_fingerprint CONFIG FILE...");
    settings = settings_load(argv[1], problems);
    if (settings == NULL)
        g_error("%s does not load", argv[1]);
    g_autoptr(Ruleset) rules = ruleset_load(settings->rules_dir, NULL, NULL, problems);
    g_autoptr(Policy) policy = policy_load(settings->policy_file, problems);
    if (rules == NULL || policy == NULL)
        g_error("rules or policy do not load");
    gint64 before = resident();
    gint64 start = cpu_ns();
    if (papers_open(settings->papers_file, &papers, &key, &error) <= 0)
        g_error("%s: %s", settings->papers_file, error != NULL ? error->message : "no register");
    gint64 loaded = cpu_ns() - start;
    printf("%u papers, %u hashes: loaded in %.0f ms, %.1f MB in memory\n", papers_count(papers), papers_entries(papers),
           (double)loaded / 1e6, (double)(resident() - before) / 1e3);
    Inspector *inspectors[2] = {inspector_new(settings, rules, policy), inspector_new(settings, rules, policy)};
    inspector_set_papers(inspectors[1], papers, &key);
    measure(inspectors, argv + 2, argc - 2);
    inspector_free(inspectors[0]);
    inspector_free(inspectors[1]);
    papers_free(papers);
    settings_free(settings);
    return 0;
}
