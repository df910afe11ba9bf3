/* One job. Exit status 0: the answer was given, or there was nobody to give it to. */
#include "config.h"
#include "errand.h"
#include "crypto.h"
#include "errors.h"
#include "ocr.h"
#include "pdf.h"
#include "reader.h"
#include "sink.h"
#include "source.h"
#include <sys/time.h>

/* The library of ciphers reads its settings at its first use, and the first use of a cipher looks through all that it
 * has: once here instead of in each reader, where it would cost as much as a short document. */
static void
prepare_crypto(void)
{
    const guint8 key[CRYPTO_KEY_SIZE] = {0};
    guint8 clear[1] = {0}, sealed[sizeof clear + CRYPTO_TAG_SIZE];
    g_autoptr(CryptoBox) box = crypto_box_new(key);
    g_free(crypto_sha256_text("", 0));
    crypto_box_seal(box, 0, clear, sizeof clear, sealed);
    crypto_box_open(box, 0, sealed, sizeof sealed, clear);
}

static void
prepare(void)
{
    prepare_crypto();
    readers_prepare();
}

/* In milliseconds and for this job, under the limit of the walls, which knows whole seconds only. */
static void
limit_time(gint64 cpu_ms)
{
    struct itimerval limit = {.it_value = {cpu_ms / 1000, cpu_ms % 1000 * 1000}};
    setitimer(ITIMER_PROF, &limit, NULL);
}

static int
run_job(int socket, const Frame *frame, const WireJob *job)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Source) source = source_of_spool(frame->fds[0], job->key, job->length, &error);
    if (source == NULL)
        return error_exit_status(error);
    g_autoptr(Sink) sink = sink_new(socket, job);
    sink_read(sink, job->type, source);
    sink_end(sink);
    return 0;
}

static int
serve(int socket)
{
    g_auto(Frame) frame = {0};
    WireJob job;
    int got = frame_receive(socket, wire_reader_types, -1, &frame, NULL);
    if (got == 0)
        return 0; /* it was not needed */
    if (got < 0 || frame.fd_count != 1 || !wire_take_job(&frame, &job, NULL))
        return HANGU_ERROR_PROTOCOL;
    limit_time(job.cpu_ms);
    return run_job(socket, &frame, &job);
}

static void
about(const char **reader_out, const char **ocr_out)
{
    static char *reader;
    if (reader == NULL)
        reader = g_strconcat(PACKAGE_VERSION "/poppler-", pdf_library_version(), NULL);
    *reader_out = reader;
    *ocr_out = ocr_digest();
}

const CellWork errand_work = {.prepare = prepare, .about = about, .serve = serve};
