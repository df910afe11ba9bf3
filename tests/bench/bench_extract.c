/* bench_extract - what documents cost behind the walls: each file is read over and over by readers of hangu-extract,
 * one process a time, and what it costs is told by the kernel.
 *
 *   bench_extract PROGRAM SECONDS FILE...
 *
 * One line a file: name, documents, documents per second, CPU ms a document (program and readers), of it the program's
 * own (fork, burial), peak resident KiB of a reader, coverage. FILE "-" is an empty document that nobody reads: the cost
 * of isolation alone. */
#include "config.h"
#include "crypto.h"
#include "detect.h"
#include "frame.h"
#include "spool.h"
#include "wire_extract.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (G_GINT64_CONSTANT(1024) * 1024)
#define MOST 2000 /* documents */

typedef struct {
    Spool *spool;
    const char *type;
    gint64 length;
} Document;

static gboolean
load(const char *path, Document *document)
{
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (path != NULL && !g_file_get_contents(path, &bytes, &length, NULL))
        return FALSE;
    const char *head = bytes != NULL ? bytes : "";
    gsize far = length > DETECT_FAR_AT ? length - DETECT_FAR_AT : 0;
    document->type =
        path == NULL
            ? "application/x-none"
            : detect_wide((const guint8 *)head, length, (const guint8 *)head + (far > 0 ? DETECT_FAR_AT : 0), far).type;
    document->length = (gint64)length;
    document->spool = spool_new(NULL, G_MAXSIZE, NULL);
    return document->spool != NULL && (length == 0 || spool_write(document->spool, head, length, NULL)) &&
           spool_seal(document->spool, NULL);
}

static int
start(const char *program, GPid *child_out)
{
    int fds[2];
    const int target = 3;
    const char *arguments[] = {program, "--socket=3", "--connected", "--cpu=300", "--time=600", NULL};
    if (!frame_pair(fds, NULL))
        return -1;
    gboolean started =
        g_spawn_async_with_pipes_and_fds(NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1,
                                         &fds[1], &target, 1, child_out, NULL, NULL, NULL, NULL);
    close(fds[1]);
    if (!started)
        close(fds[0]);
    return started ? fds[0] : -1;
}

static gboolean
give(int reader, const Document *document)
{
    int fd = spool_fd(document->spool);
    WireJob job = {.length = document->length,
                   .type = document->type,
                   .max_text = 256 * MIB,
                   .max_bytes = 256 * MIB,
                   .max_parts = 1000,
                   .max_depth = 8,
                   .cpu_ms = 300 * 1000,
                   .ocr_ms = 200 * 1000};
    memcpy(job.key, spool_key(document->spool), sizeof job.key);
    return frame_send(reader, WIRE_EXTRACT_JOB, wire_job(&job), &fd, 1, -1, NULL);
}

/* All frames, none looked at but the coverage of the whole. FALSE: the reader died. */
static gboolean
drain(int reader, WireCover *cover_out)
{
    for (;;) {
        g_auto(Frame) frame = {0};
        WireCover cover;
        if (frame_receive(reader, wire_inspector_types, -1, &frame, NULL) <= 0)
            return FALSE;
        if (frame.type == WIRE_EXTRACT_END)
            return TRUE;
        if (frame.type == WIRE_EXTRACT_COVER && wire_take_cover(&frame, &cover, NULL) && cover.part == 0)
            *cover_out = cover;
    }
}

static gboolean
read_once(int spawner, const Document *document, WireCover *cover_out)
{
    g_auto(Frame) given = {0};
    if (!frame_send(spawner, WIRE_EXTRACT_WANT, NULL, NULL, 0, -1, NULL) ||
        frame_receive(spawner, wire_inspector_types, -1, &given, NULL) != 1 || given.type != WIRE_EXTRACT_GIVE ||
        given.fd_count != 1)
        return FALSE;
    return give(given.fds[0], document) && drain(given.fds[0], cover_out);
}

/* Its own CPU in ms, without its children's; 0 where the kernel does not say. */
static double
own_ms(GPid pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/schedstat", pid), *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? (double)g_ascii_strtoull(text, NULL, 10) / 1e6 : 0;
}

static double
used_ms(const struct rusage *usage)
{
    return 1000.0 * (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000.0;
}

/* What starting and ending the program costs without any document. */
static double
idle_ms(const char *program)
{
    struct rusage usage;
    GPid child = 0;
    int spawner = start(program, &child);
    if (spawner < 0)
        return 0;
    g_usleep(G_USEC_PER_SEC / 5);
    close(spawner);
    wait4(child, NULL, 0, &usage);
    return used_ms(&usage);
}

static gboolean
measure(const char *program, const char *path, double seconds, double idle)
{
    Document document = {0};
    WireCover cover = {0, COVERAGE_UNREADABLE, WHY_READER_FAILED};
    struct rusage usage;
    GPid child = 0;
    guint done = 0;
    if (!load(path, &document))
        return FALSE;
    int spawner = start(program, &child);
    if (spawner < 0)
        return FALSE;
    g_usleep(G_USEC_PER_SEC / 5);
    double own = own_ms(child);
    gint64 begun = g_get_monotonic_time(), end = begun + (gint64)(seconds * G_USEC_PER_SEC);
    while ((done == 0 || g_get_monotonic_time() < end) && done < MOST && read_once(spawner, &document, &cover))
        done++;
    double elapsed = (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC;
    own = own_ms(child) - own;
    close(spawner);
    wait4(child, NULL, 0, &usage);
    g_autofree char *name = path != NULL ? g_path_get_basename(path) : g_strdup("-");
    printf("%s\t%u\t%.2f\t%.4f\t%.4f\t%ld\t%s%s%s\n", name, done, done / elapsed,
           done > 0 ? (used_ms(&usage) - idle) / done : 0, done > 0 ? own / done : 0, usage.ru_maxrss,
           coverage_word(cover.coverage), cover.why != WHY_NONE ? " " : "",
           cover.why != WHY_NONE ? why_word(cover.why) : "");
    fflush(stdout);
    spool_free(document.spool);
    return done > 0;
}

int
main(int argc, char **argv)
{
    if (argc < 3 || g_ascii_strtod(argv[2], NULL) <= 0) {
        fputs("usage: bench_extract PROGRAM SECONDS FILE...\n", stderr);
        return 64;
    }
    double seconds = g_ascii_strtod(argv[2], NULL), idle = idle_ms(argv[1]);
    int status = 0;
    for (int i = 3; i < argc; i++)
        if (!measure(argv[1], strcmp(argv[i], "-") == 0 ? NULL : argv[i], seconds, idle)) {
            printf("%s\t0\t0\t0\t0\t0\treader failed\n", argv[i]);
            status = 70;
        }
    return status;
}
