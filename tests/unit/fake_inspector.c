#include "config.h"
#include "fake_inspector.h"
#include "policy.h"
#include "wire.h"
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

void
fake_done(JobDone *done, guint64 number, Verdict verdict)
{
    gboolean refuses = verdict == VERDICT_REJECT;
    *done = (JobDone){
        .number = number,
        .verdict = verdict,
        .mode = MODE_ENFORCE,
        .direction = DIRECTION_OUT,
        .class = refuses ? CLASS_STATE : CLASS_NONE,
        .level = refuses ? LEVEL_SECRET : LEVEL_NONE,
        .row = g_strdup(refuses ? "out-state" : ""),
        .reply = g_strdup(refuses ? "550 5.7.1 Not by internet mail" : ""),
    };
    g_autofree char *report = g_strdup_printf(
        "{\"verdict\":\"%s\",\"class\":\"%s\",\"level\":\"%s\",\"direction\":\"out\",\"rank\":%d,\"coverage\":"
        "\"complete\",\"findings\":[],\"parts\":[],\"elapsed_us\":1,"
        "\"ruleset\":\"sha256:"
        "0000000000000000000000000000000000000000000000000000000000000000\",\"policy_digest\":\"sha256:"
        "0000000000000000000000000000000000000000000000000000000000000000\"}",
        verdict_word(verdict), class_word(done->class), level_word(done->level), (int)done->level);
    done->report = json_loads(report, 0, NULL);
}

static void
answer(int socket, const JobDone *done)
{
    frame_send(socket, WIRE_JOB_DONE, job_done_encode(done), NULL, 0, g_get_monotonic_time() + G_USEC_PER_SEC, NULL);
}

static void
flood(int socket)
{
    g_autofree char *rubbish = g_malloc(FRAME_BODY_MAX);
    memset(rubbish, 'x', FRAME_BODY_MAX);
    if (write(socket, rubbish, FRAME_BODY_MAX) < 0)
        _exit(1);
}

static gboolean
ask(int socket, guint64 number, LeaseKind wanted)
{
    g_auto(Frame) frame = {0};
    guint64 answered;
    gboolean granted = FALSE;
    frame_send(socket, WIRE_JOB_ASK, g_variant_new("(tu)", number, (guint32)wanted), NULL, 0, -1, NULL);
    if (frame_receive(socket, job_type_string, -1, &frame, NULL) > 0 && frame.type == WIRE_JOB_LEAVE)
        g_variant_get(frame.body, "(tb)", &answered, &granted);
    return granted;
}

/* FALSE: it went back. */
static gboolean
ask_as_told(int socket, const Job *job)
{
    static const LeaseKind last[] = {[FAKE_ASK_DOCUMENTS] = LEASE_DOCUMENTS, [FAKE_ASK_LONG] = LEASE_LONG};
    char byte;
    switch ((FakeAsk)job->length) {
    case FAKE_ASK_DOCUMENTS:
    case FAKE_ASK_LONG:
        for (LeaseKind kind = job->lease + 1; kind <= last[job->length]; kind++)
            if (!ask(socket, job->number, kind)) {
                frame_send(socket, WIRE_JOB_BACK, g_variant_new("(t)", job->number), NULL, 0, -1, NULL);
                return FALSE;
            }
        return read(job->spool_fd, &byte, 1) == 0;
    case FAKE_ASK_ODDLY:
        ask(socket, job->number, job->lease);
        return TRUE;
    case FAKE_ASK_ANOTHER:
        ask(socket, job->number + 1, LEASE_LONG);
        return TRUE;
    case FAKE_ASK_DEAF:
        ask(socket, job->number, LEASE_LONG);
        return TRUE;
    case FAKE_ASK_FALSE_BACK:
        frame_send(socket, WIRE_JOB_BACK, g_variant_new("(t)", job->number), NULL, 0, -1, NULL);
        return FALSE;
    default:
        return TRUE;
    }
}

static void
behave(FakeKind kind, int socket, guint64 number)
{
    g_auto(JobDone) done = {0};
    fake_done(&done, kind == FAKE_OLD ? number - 1 : number, kind == FAKE_REJECT ? VERDICT_REJECT : VERDICT_ACCEPT);
    switch (kind) {
    case FAKE_DIES:
        _exit(1);
    case FAKE_HANGS:
        for (;;)
            pause();
    case FAKE_FLOODS:
        flood(socket);
        return;
    case FAKE_LATE:
        g_usleep(300 * 1000);
        break;
    case FAKE_FAILS:
        done.failed = TRUE;
        done.failure = g_strdup("a reader is away");
        break;
    case FAKE_LIES:
        done.verdict = VERDICT_HOLD;
        break;
    default:
        break;
    }
    answer(socket, &done);
}

int
fake_serve(FakeKind kind, int socket)
{
    if (kind == FAKE_IDLE_DEATH)
        return 1;
    for (;;) {
        g_auto(Frame) frame = {0};
        Job job = {.spool_fd = -1};
        Envelope envelope = {0};
        if (frame_receive(socket, job_type_string, -1, &frame, NULL) <= 0)
            return 0;
        if (!job_decode(&frame, &job, &envelope, NULL))
            return 2;
        if (kind != FAKE_ASKS || ask_as_told(socket, &job))
            behave(kind, socket, job.number);
        job_clear(&job);
        envelope_clear(&envelope);
    }
}

int
fake_start(FakeKind kind, int *socket_out, int *pidfd_out)
{
    int pair[2];
    g_assert_true(frame_pair(pair, NULL));
    int pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        /* no copy of another inspector's socket, or its end would never be seen */
        close_range(3, (unsigned)pair[1] - 1, 0);
        close_range((unsigned)pair[1] + 1, ~0U, 0);
        _exit(fake_serve(kind, pair[1]));
    }
    close(pair[1]);
    *socket_out = pair[0];
    *pidfd_out = pidfd_open(pid, 0);
    return pid;
}
