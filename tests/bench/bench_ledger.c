/* How many records a second hangu-ledger makes durable, and how long one asker waits: 1, 8 and 32 askers at once, each
 * waiting for its answer before it asks again. The directory is made below $TMPDIR: put it on the disk that counts. */
#include "config.h"
#include "../unit/ledger_tree.h"
#include "../unit/sample_record.h"
#include "clock.h"
#include "ledger.h"
#include "log.h"
#include "server.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 2

typedef struct {
    LedgerClient *client;
    gint64 end_us;
    GArray *waits; /* gint64, of one thread */
    guint failed;
} Asker;

static gpointer
ask(gpointer data)
{
    Asker *asker = data;
    json_t *record = sample_letter();
    json_object_del(record, "seq");
    json_object_del(record, "prev");
    for (gint64 begin; (begin = clock_monotonic_us()) < asker->end_us;) {
        gboolean good = ledger_append(asker->client, record, -1, NULL, NULL, NULL, NULL);
        gint64 wait = clock_monotonic_us() - begin;
        asker->failed += !good;
        g_array_append_val(asker->waits, wait);
    }
    json_decref(record);
    return NULL;
}

static void
serve(const char *directory, const char *socket)
{
    JournalOptions journal_options = {directory, "bench", "hangu-ledger bench", 64 << 20, NULL};
    ServerOptions server_options = {socket, "", 64};
    g_autoptr(GError) error = NULL;
    Journal *journal = journal_open(&journal_options, &error);
    Server *server = journal != NULL ? server_new(journal, &server_options, &error) : NULL;
    if (server == NULL)
        g_error("%s", error->message);
    while (server_turn(server, -1, -1, &error) >= 0)
        ;
    g_error("%s", error->message);
}

static int
compare_waits(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a, second = *(const gint64 *)b;
    return first < second ? -1 : first > second;
}

static void
measure(guint askers)
{
    char *directory = tree_new();
    g_autofree char *socket = g_build_filename(directory, "sock", NULL);
    pid_t server = fork();
    if (server == 0)
        serve(directory, socket);
    g_autoptr(LedgerClient) client = ledger_client_new(socket);
    g_autoptr(GArray) waits = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autofree Asker *all = g_new0(Asker, askers);
    g_autofree GThread **threads = g_new0(GThread *, askers);
    gint64 begin = clock_monotonic_us();
    guint failed = 0;
    for (guint i = 0; i < askers; i++) {
        all[i] = (Asker){client, begin + SECONDS * G_TIME_SPAN_SECOND, g_array_new(FALSE, FALSE, sizeof(gint64)), 0};
        threads[i] = g_thread_new("asker", ask, &all[i]);
    }
    for (guint i = 0; i < askers; i++) {
        g_thread_join(threads[i]);
        g_array_append_vals(waits, all[i].waits->data, all[i].waits->len);
        g_array_unref(all[i].waits);
        failed += all[i].failed;
    }
    double seconds = (double)(clock_monotonic_us() - begin) / G_TIME_SPAN_SECOND;
    json_t *status = ledger_status(client, -1, NULL);
    double batches = (double)json_integer_value(json_object_get(status, "batches"));
    struct rusage used;
    kill(server, SIGKILL);
    wait4(server, NULL, 0, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    g_array_sort(waits, compare_waits);
    const gint64 *waited = (const gint64 *)waits->data, half = waited[waits->len / 2];
    const gint64 slow = waited[waits->len * 99 / 100];
    printf("%6u %10.0f %12.2f %9.2f %9.2f %13.1f %8u\n", askers, waits->len / seconds, waits->len / batches,
           (double)half / 1000, (double)slow / 1000, cpu / waits->len, failed);
    json_decref(status);
    tree_free(directory);
}

int
main(void)
{
    static const guint counts[] = {1, 8, 32};
    log_open("bench_ledger", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    json_t *record = sample_letter();
    gsize length = 0;
    g_autofree char *line = record_line(record, &length, NULL);
    json_decref(record);
    printf("hangu-ledger, records of %u bytes below %s, fdatasync\n", (guint)length, g_get_tmp_dir());
    printf("%6s %10s %12s %9s %9s %13s %8s\n", "askers", "records/s", "records/sync", "p50 ms", "p99 ms",
           "CPU us/record", "failed");
    fflush(stdout);
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        measure(counts[i]);
        fflush(stdout);
    }
    return 0;
}
