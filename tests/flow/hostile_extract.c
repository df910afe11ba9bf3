/* hangu-extract with readers that were taken over: the document says what they do ("attempt:NAME;", see
 * hostile_reader), under the walls of the real one, but tighter limits. HOSTILE_SECONDS of the environment: how long
 * one of them may live. */
#include "config.h"
#include "crypto.h"
#include "hostile_reader.h"
#include "log.h"
#include "spawner.h"
#include "spool.h"
#include "wire_extract.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define LENGTH_MAX (64 * 1024)

static void
prepare(void)
{
    g_free(crypto_sha256_text("", 0)); /* loads the ciphers */
}

static char *
read_document(const Frame *frame)
{
    WireJob job;
    char *content = g_malloc0(LENGTH_MAX + 1);
    if (frame->fd_count != 1 || !wire_take_job(frame, &job, NULL))
        return content;
    g_autoptr(SpoolReader) reader = spool_reader_new(frame->fds[0], job.key, job.length, NULL);
    gssize got = reader != NULL ? spool_reader_read(reader, 0, content, LENGTH_MAX) : 0;
    for (gssize i = 0; i < got; i++)
        content[i] = content[i] == '\0' ? ' ' : content[i];
    return content;
}

static int
serve(int socket)
{
    g_auto(Frame) frame = {0};
    if (frame_receive(socket, wire_reader_types, -1, &frame, NULL) != 1)
        return 0;
    g_autofree char *content = read_document(&frame);
    for (const Attempt *attempt = hostile_attempts; attempt->name != NULL; attempt++) {
        g_autofree char *wanted = g_strdup_printf("attempt:%s;", attempt->name);
        if (strstr(content, wanted) != NULL)
            attempt->act(socket);
    }
    return 100;
}

int
main(int argc, char **argv)
{
    static const CellWork work = {.prepare = prepare, .serve = serve};
    StockOptions options = {
        .plan = {.work = &work, .limits = {128 << 20, 1, 16, -1}, .needed = WALLS_NEEDED},
        .ready = 2,
        .most = 8,
        .time_us = 3 * G_USEC_PER_SEC,
    };
    const char *seconds = g_getenv("HOSTILE_SECONDS");
    if (seconds != NULL)
        options.time_us = strtol(seconds, NULL, 10) * G_USEC_PER_SEC;
    if (argc < 3 || strcmp(argv[1], "--socket") != 0)
        return 64;
    log_open("hostile_extract", LOG_TO_STDERR, LOG_LEVEL_INFO);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return spawner_run((int)strtol(argv[2], NULL, 10), &options, NULL);
}
