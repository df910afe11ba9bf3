/* One frame after the other from an inspector. It may ask for each kind of lease once; after a "no" it has only its
 * farewell to say. */
#include "config.h"
#include "talk.h"
#include "errors.h"
#include "wire.h"

#define SAY_PATIENCE_US G_USEC_PER_SEC /* one small frame to one who waits for it */

Patience
patience_new(gint64 deadline_us, PoolTick tick, gpointer user)
{
    return (Patience){deadline_us, g_get_monotonic_time() + POOL_FIRST_TICK_US, tick, user};
}

gint64
patience_until(const Patience *patience)
{
    return MIN(patience->deadline_us, patience->next_tick_us);
}

gboolean
patience_tick(Patience *patience)
{
    gint64 now = g_get_monotonic_time();
    if (now < patience->next_tick_us)
        return TRUE;
    patience->next_tick_us = now + POOL_TICK_US;
    return patience->tick == NULL || patience->tick(patience->user);
}

/* POOL_DONE: there is something to read (perhaps the end of file). */
static PoolEnd
wait_for_frame(const Talk *talk, Patience *patience, char **why_out)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        int readable = frame_wait(talk->socket, patience_until(patience), &error);
        if (readable > 0)
            return POOL_DONE;
        if (readable < 0) {
            *why_out = g_strdup(error->message);
            return POOL_DIED;
        }
        if (g_get_monotonic_time() >= patience->deadline_us) {
            *why_out = g_strdup_printf("inspector %d did not answer in time and was killed", talk->pid);
            return POOL_HUNG;
        }
        if (!patience_tick(patience)) {
            *why_out = g_strdup("the mail server went away");
            return POOL_GIVEN_UP;
        }
    }
}

static PoolEnd
lied(const Talk *talk, const GError *error, char **why_out)
{
    *why_out = g_strdup_printf("inspector %d was killed: %s", talk->pid,
                               error != NULL ? error->message : "its answer is no answer");
    return POOL_LIED;
}

static PoolEnd
receive(const Talk *talk, Patience *patience, Frame *frame, char **why_out)
{
    g_autoptr(GError) error = NULL;
    PoolEnd end = wait_for_frame(talk, patience, why_out);
    if (end != POOL_DONE)
        return end;
    int got = frame_receive(talk->socket, job_done_type_string, g_get_monotonic_time() + G_USEC_PER_SEC, frame, &error);
    if (got == 0 || (got < 0 && g_error_matches(error, HANGU_ERROR, HANGU_ERROR_IO))) {
        *why_out = g_strdup_printf("inspector %d ended with the letter in hand", talk->pid);
        return POOL_DIED;
    }
    return got > 0 && frame->body != NULL && frame->fd_count == 0 ? POOL_DONE : lied(talk, error, why_out);
}

/* POOL_DONE: it goes on; POOL_BACK: it was told no. */
static PoolEnd
answer_question(Talk *talk, const Frame *frame, char **why_out)
{
    LeaseKind wanted;
    g_autoptr(GError) error = NULL;
    if (!job_ask_decode(frame->body, talk->number, &wanted, &error) || wanted <= talk->kind)
        return lied(talk, error, why_out);
    gboolean granted = talk->grant(wanted, talk->user);
    talk->kind = wanted;
    if (!frame_send(talk->socket, WIRE_JOB_LEAVE, g_variant_new("(tb)", talk->number, granted), NULL, 0,
                    g_get_monotonic_time() + SAY_PATIENCE_US, &error)) {
        *why_out = g_strdup_printf("inspector %d ended with the letter in hand: %s", talk->pid, error->message);
        return POOL_DIED;
    }
    return granted ? POOL_DONE : POOL_BACK;
}

PoolEnd
talk_run(Talk *talk, Patience *patience, JobDone *done_out, char **why_out)
{
    PoolEnd end = POOL_DONE;
    for (gboolean refused = FALSE;; refused = end == POOL_BACK) {
        g_auto(Frame) frame = {0};
        g_autoptr(GError) error = NULL;
        end = receive(talk, patience, &frame, why_out);
        if (end != POOL_DONE)
            return end;
        if (frame.type == WIRE_JOB_ASK && !refused) {
            end = answer_question(talk, &frame, why_out);
            if (end != POOL_DONE && end != POOL_BACK)
                return end;
        } else if (frame.type == WIRE_JOB_BACK && refused) {
            return job_back_decode(frame.body, talk->number, &error) ? POOL_BACK : lied(talk, error, why_out);
        } else if (frame.type == WIRE_JOB_DONE && !refused) {
            return job_done_decode(frame.body, talk->number, done_out, &error) ? POOL_DONE : lied(talk, error, why_out);
        } else {
            return lied(talk, NULL, why_out);
        }
    }
}
