/* What remembering letters costs: in the way of an answer (correlation, history), and beside it (tracks).
 * make bench-tracks [LETTERS=20000]; only a release build tells the truth. */
#include "config.h"
#include "clock.h"
#include "tracks.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static gint64
cpu_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
print(const char *what, gint64 us, guint count)
{
    printf("%-46s %7.2f us a letter\n", what, (double)us / count);
}

int
main(int argc, char **argv)
{
    guint count = argc > 1 ? (guint)strtoul(argv[1], NULL, 10) : 20000;
    const guint8 key[CRYPTO_KEY_SIZE] = {1};
    g_autofree char *directory = g_dir_make_tmp("hangu-tracks-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "tracks.db", NULL);
    Correlation *correlation = correlation_new(key);
    History *history = history_new(key);
    history_retain(history, 30);
    GError *error = NULL;
    Tracks *tracks = tracks_open(path, correlation, history, &error);
    if (tracks == NULL || count == 0) {
        fprintf(stderr, "bench_tracks: %s\n", error != NULL ? error->message : "no letters");
        return EXIT_FAILURE;
    }
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer) "friend@outside.example");
    g_autoptr(GPtrArray) others = g_ptr_array_new();
    g_ptr_array_add(others, (gpointer) "li-home@outside.example");
    gint64 all = cpu_us(CLOCK_PROCESS_CPUTIME_ID), start = cpu_us(CLOCK_THREAD_CPUTIME_ID), begun = start;
    for (guint i = 0; i < count; i++) {
        g_autofree char *id = g_strdup_printf("%u@far.example", i);
        guint8 body[CRYPTO_DIGEST_SIZE] = {0};
        memcpy(body, &i, sizeof i);
        const CorrelationLetter letter = {id, body};
        correlation_delivered(correlation, &letter, g_get_monotonic_time(), 10 * G_TIME_SPAN_MINUTE);
        correlation_told(correlation, &letter, recipients, g_get_monotonic_time());
    }
    print("a letter that came in is remembered", cpu_us(CLOCK_THREAD_CPUTIME_ID) - start, count);
    start = cpu_us(CLOCK_THREAD_CPUTIME_ID);
    guint seen = 0;
    for (guint i = 0; i < count; i++) {
        g_autofree char *id = g_strdup_printf("%u@far.example", i);
        const CorrelationLetter letter = {id, NULL};
        seen += correlation_leaving(correlation, &letter, others, g_get_monotonic_time()) != 0;
    }
    print("a letter that leaves is looked up", cpu_us(CLOCK_THREAD_CPUTIME_ID) - start, count);
    start = cpu_us(CLOCK_THREAD_CPUTIME_ID);
    for (guint i = 0; i < count; i++) {
        g_autofree char *account = g_strdup_printf("user%u@unit.example", i % 800);
        history_count(history, account, "somebody@free.example", clock_wall_us());
        history_add(history, account, "somebody@free.example", clock_wall_us());
    }
    print("a work paper is counted", cpu_us(CLOCK_THREAD_CPUTIME_ID) - start, count);
    gint64 own = cpu_us(CLOCK_THREAD_CPUTIME_ID) - begun;
    gboolean good = tracks_settle(tracks, &error);
    print("written behind, by its own thread", cpu_us(CLOCK_PROCESS_CPUTIME_ID) - all - own, count);
    GStatBuf status;
    printf("%u letters, %u digests, %u seen; database %" G_GINT64_FORMAT " KB\n", count, correlation_count(correlation),
           seen, g_stat(path, &status) == 0 ? (gint64)status.st_size / 1024 : 0);
    tracks_close(tracks);
    start = g_get_monotonic_time();
    Correlation *again = correlation_new(key);
    tracks = tracks_open(path, again, history, NULL);
    printf("read again at a start: %.0f ms\n", (double)(g_get_monotonic_time() - start) / 1000);
    tracks_close(tracks);
    correlation_free(again);
    correlation_free(correlation);
    history_free(history);
    for (guint i = 0; i < 2; i++) {
        g_autofree char *file = g_strconcat(path, i == 0 ? "" : ".lock", NULL);
        g_unlink(file);
    }
    g_rmdir(directory);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
