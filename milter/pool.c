/* Borrowed sockets. Lock order: there is one lock, and it is never held while sending, waiting for an inspector's
 * answer or calling the tick. */
#include "config.h"
#include "pool.h"
#include "clock.h"
#include "errors.h"
#include "wire.h"
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define SEND_PATIENCE_US (5 * G_USEC_PER_SEC)

typedef struct {
    guint64 generation;
    guint slot;
    int pid, socket, pidfd;
    gint64 since_us; /* borrowed at; 0: idle */
} Member;

struct Pool {
    GMutex lock;        /* guards all below */
    GCond came_free;    /* an idle inspector of the serving generation */
    GPtrArray *idle;    /* Member, the last used at the end: its caches are warm */
    GPtrArray *busy;    /* Member, each lent to one pool_run() */
    guint64 generation; /* the serving one */
    guint64 last_job;
    guint waiting;
    guint64 deaths, hangs, lies, jobs;
};

static void
member_free(Member *member)
{
    close(member->socket);
    close(member->pidfd);
    g_free(member);
}

/* The pid may be another's by now; the pidfd cannot be. */
static void
member_kill(Member *member)
{
    if (pidfd_send_signal(member->pidfd, SIGKILL, NULL, 0) != 0) {
        /* it has ended already */
    }
}

static gboolean
member_is_alive(const Member *member)
{
    struct pollfd socket = {.fd = member->socket, .events = POLLIN};
    /* An idle inspector has nothing to say: anything readable is its end, or a lie. */
    return poll(&socket, 1, 0) == 0;
}

Pool *
pool_new(void)
{
    Pool *pool = g_new0(Pool, 1);
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->came_free);
    pool->idle = g_ptr_array_new();
    pool->busy = g_ptr_array_new();
    return pool;
}

void
pool_free(Pool *pool)
{
    if (pool == NULL)
        return;
    g_assert(pool->busy->len == 0);
    for (guint i = 0; i < pool->idle->len; i++)
        member_free(g_ptr_array_index(pool->idle, i));
    g_ptr_array_unref(pool->idle);
    g_ptr_array_unref(pool->busy);
    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->came_free);
    g_free(pool);
}

/* With the lock held: takes idle members for which `keep` is FALSE out and closes them. */
static void
close_idle(Pool *pool, gboolean (*keep)(const Member *member, gconstpointer user), gconstpointer user)
{
    for (guint i = pool->idle->len; i > 0; i--) {
        Member *member = g_ptr_array_index(pool->idle, i - 1);
        if (keep(member, user))
            continue;
        g_ptr_array_remove_index(pool->idle, i - 1);
        member_free(member);
    }
}

static gboolean
is_another_slot(const Member *member, gconstpointer user)
{
    const Member *newcomer = user;
    return member->slot != newcomer->slot || member->generation != newcomer->generation;
}

static gboolean
is_of_generation(const Member *member, gconstpointer user)
{
    return member->generation == *(const guint64 *)user;
}

static gboolean
is_not_of_generation(const Member *member, gconstpointer user)
{
    return member->generation != *(const guint64 *)user;
}

void
pool_add(Pool *pool, guint64 generation, guint slot, int pid, int socket, int pidfd)
{
    Member *member = g_new0(Member, 1);
    *member = (Member){.generation = generation, .slot = slot, .pid = pid, .socket = socket, .pidfd = pidfd};
    g_mutex_lock(&pool->lock);
    if (generation < pool->generation) {
        g_mutex_unlock(&pool->lock);
        member_free(member);
        return;
    }
    close_idle(pool, is_another_slot, member);
    g_ptr_array_add(pool->idle, member);
    if (generation == pool->generation)
        g_cond_signal(&pool->came_free);
    g_mutex_unlock(&pool->lock);
}

void
pool_swap(Pool *pool, guint64 generation)
{
    g_mutex_lock(&pool->lock);
    if (generation > pool->generation) {
        pool->generation = generation;
        close_idle(pool, is_of_generation, &generation);
        g_cond_broadcast(&pool->came_free);
    }
    g_mutex_unlock(&pool->lock);
}

void
pool_drop(Pool *pool, guint64 generation)
{
    g_mutex_lock(&pool->lock);
    if (generation != pool->generation)
        close_idle(pool, is_not_of_generation, &generation);
    g_mutex_unlock(&pool->lock);
}

/* With the lock held: the last idle inspector of the serving generation, dead ones dropped on the way. */
static Member *
take_idle(Pool *pool)
{
    for (guint i = pool->idle->len; i > 0; i--) {
        Member *member = g_ptr_array_index(pool->idle, i - 1);
        if (member->generation != pool->generation)
            continue;
        g_ptr_array_remove_index(pool->idle, i - 1);
        if (member_is_alive(member)) {
            g_ptr_array_add(pool->busy, member);
            member->since_us = g_get_monotonic_time();
            return member;
        }
        pool->deaths++;
        member_free(member);
    }
    return NULL;
}

typedef struct {
    gint64 deadline_us, next_tick_us;
    PoolTick tick;
    gpointer user;
} Wait;

static gint64
wait_until(const Wait *wait)
{
    return MIN(wait->deadline_us, wait->next_tick_us);
}

/* FALSE: the caller gives up. */
static gboolean
tick_if_due(Wait *wait)
{
    gint64 now = g_get_monotonic_time();
    if (now < wait->next_tick_us)
        return TRUE;
    wait->next_tick_us = now + POOL_TICK_US;
    return wait->tick == NULL || wait->tick(wait->user);
}

static PoolEnd
borrow(Pool *pool, Wait *wait, Member **member_out)
{
    PoolEnd end = POOL_DONE;
    g_mutex_lock(&pool->lock);
    pool->waiting++;
    while ((*member_out = take_idle(pool)) == NULL) {
        if (g_get_monotonic_time() >= wait->deadline_us) {
            end = POOL_BUSY;
            break;
        }
        g_cond_wait_until(&pool->came_free, &pool->lock, wait_until(wait));
        g_mutex_unlock(&pool->lock);
        gboolean go_on = tick_if_due(wait);
        g_mutex_lock(&pool->lock);
        if (!go_on) {
            end = POOL_GIVEN_UP;
            break;
        }
    }
    pool->waiting--;
    g_mutex_unlock(&pool->lock);
    return end;
}

/* The inspector is back at its post, or, if its rules are old, may go home. */
static void
give_back(Pool *pool, Member *member)
{
    g_mutex_lock(&pool->lock);
    g_ptr_array_remove_fast(pool->busy, member);
    pool->jobs++;
    member->since_us = 0;
    gboolean serves = member->generation == pool->generation;
    if (serves) {
        g_ptr_array_add(pool->idle, member);
        g_cond_signal(&pool->came_free);
    }
    g_mutex_unlock(&pool->lock);
    if (!serves)
        member_free(member);
}

/* Never put back: the next letter would get this one's verdict. */
static void
put_down(Pool *pool, Member *member, guint64 *counter)
{
    member_kill(member);
    g_mutex_lock(&pool->lock);
    g_ptr_array_remove_fast(pool->busy, member);
    if (counter != NULL)
        (*counter)++;
    g_mutex_unlock(&pool->lock);
    member_free(member);
}

/* Waits for the answer; POOL_DONE: there is something to read (perhaps the end of file). */
static PoolEnd
wait_for_answer(Member *member, Wait *wait, char **why_out)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        int readable = frame_wait(member->socket, wait_until(wait), &error);
        if (readable > 0)
            return POOL_DONE;
        if (readable < 0) {
            *why_out = g_strdup(error->message);
            return POOL_DIED;
        }
        if (g_get_monotonic_time() >= wait->deadline_us) {
            *why_out = g_strdup_printf("inspector %d did not answer in time and was killed", member->pid);
            return POOL_HUNG;
        }
        if (!tick_if_due(wait)) {
            *why_out = g_strdup("the mail server went away");
            return POOL_GIVEN_UP;
        }
    }
}

static PoolEnd
receive_answer(Member *member, guint64 number, JobDone *done_out, char **why_out)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got =
        frame_receive(member->socket, job_done_type_string, g_get_monotonic_time() + G_USEC_PER_SEC, &frame, &error);
    if (got == 0 || (got < 0 && g_error_matches(error, HANGU_ERROR, HANGU_ERROR_IO))) {
        *why_out = g_strdup_printf("inspector %d ended with the letter in hand", member->pid);
        return POOL_DIED;
    }
    if (got > 0 && frame.body != NULL && frame.fd_count == 0 && job_done_decode(frame.body, number, done_out, &error))
        return POOL_DONE;
    *why_out = g_strdup_printf("inspector %d was killed: %s", member->pid,
                               error != NULL ? error->message : "its answer is no answer");
    return POOL_LIED;
}

static guint64
next_number(Pool *pool)
{
    g_mutex_lock(&pool->lock);
    guint64 number = ++pool->last_job;
    g_mutex_unlock(&pool->lock);
    return number;
}

static guint64 *
counter_of(Pool *pool, PoolEnd end)
{
    switch (end) {
    case POOL_DIED:
        return &pool->deaths;
    case POOL_HUNG:
        return &pool->hangs;
    case POOL_LIED:
        return &pool->lies;
    default:
        return NULL;
    }
}

/* Borrows and sends. An inspector that dies before it could take the letter is passed over. */
static PoolEnd
hand_over(Pool *pool, const Job *job, GVariant *body, Wait *wait, Member **member_out, char **why_out)
{
    for (;;) {
        PoolEnd end = borrow(pool, wait, member_out);
        if (end != POOL_DONE) {
            *why_out = g_strdup(end == POOL_BUSY ? "no inspector came free in time" : "the mail server went away");
            return end;
        }
        g_autoptr(GError) error = NULL;
        gint64 patience = MIN(wait->deadline_us, g_get_monotonic_time() + SEND_PATIENCE_US);
        if (frame_send((*member_out)->socket, WIRE_JOB, body, &job->spool_fd, 1, patience, &error))
            return POOL_DONE;
        put_down(pool, *member_out, &pool->deaths);
    }
}

PoolEnd
pool_run(Pool *pool, Job *job, gint64 deadline_us, PoolTick tick, gpointer user, JobDone *done_out, char **why_out)
{
    Wait wait = {deadline_us, g_get_monotonic_time() + POOL_TICK_US, tick, user};
    g_autoptr(GError) error = NULL;
    job->number = next_number(pool);
    g_autoptr(GVariant) body = job_encode(job, &error);
    if (body == NULL) {
        *why_out = g_strdup(error->message);
        return POOL_REFUSED;
    }
    g_variant_ref_sink(body);
    Member *member = NULL;
    PoolEnd end = hand_over(pool, job, body, &wait, &member, why_out);
    if (end != POOL_DONE)
        return end;
    end = wait_for_answer(member, &wait, why_out);
    if (end == POOL_DONE)
        end = receive_answer(member, job->number, done_out, why_out);
    if (end == POOL_DONE)
        give_back(pool, member);
    else
        put_down(pool, member, counter_of(pool, end));
    return end;
}

void
pool_status(Pool *pool, PoolStatus *status_out)
{
    gint64 now = g_get_monotonic_time();
    g_mutex_lock(&pool->lock);
    *status_out = (PoolStatus){
        .generation = pool->generation,
        .busy = pool->busy->len,
        .waiting = pool->waiting,
        .deaths = pool->deaths,
        .hangs = pool->hangs,
        .lies = pool->lies,
        .jobs = pool->jobs,
    };
    for (guint i = 0; i < pool->idle->len; i++) {
        const Member *member = g_ptr_array_index(pool->idle, i);
        if (member->generation == pool->generation && member_is_alive(member))
            status_out->idle++;
    }
    for (guint i = 0; i < pool->busy->len; i++) {
        const Member *member = g_ptr_array_index(pool->busy, i);
        status_out->longest_us = MAX(status_out->longest_us, now - member->since_us);
    }
    g_mutex_unlock(&pool->lock);
}
