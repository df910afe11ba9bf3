/* Borrowed sockets. Lock order: there is one lock, and it is never held while sending, waiting for an inspector's
 * answer or calling the tick. */
#include "config.h"
#include "pool.h"
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
    LeaseKind kind;  /* what the letter has that borrowed it */
} Member;

/* A letter without an inspector, in its thread. */
typedef struct {
    guint64 turn;
    LeaseKind kind;
    Member *member; /* NULL: it waits */
    GCond served;
} Waiter;

struct Pool {
    GMutex lock;        /* guards all below */
    GPtrArray *idle;    /* Member, the last used at the end: its caches are warm */
    GPtrArray *busy;    /* Member, each lent to one pool_run() */
    GQueue waiters;     /* Waiter, by turn; lent */
    guint64 generation; /* the serving one */
    guint inspectors;   /* of it, when all are there */
    guint64 last_job, last_turn;
    guint64 deaths, hangs, lies, jobs, backs;
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

guint
pool_most(guint inspectors, LeaseKind kind)
{
    guint spare = MAX(inspectors / 4, 1);
    guint most = kind == LEASE_LIGHT ? inspectors : kind == LEASE_LONG ? inspectors / 2 : inspectors - spare;
    return MAX(most, 1);
}

/* With the lock held. */
static guint
count_busy(const Pool *pool, LeaseKind kind)
{
    guint count = 0;
    for (guint i = 0; i < pool->busy->len; i++) {
        const Member *member = g_ptr_array_index(pool->busy, i);
        count += member->generation == pool->generation && member->kind >= kind;
    }
    return count;
}

/* With the lock held: whether a letter that has `kind` may have `wanted`. */
static gboolean
has_room(const Pool *pool, LeaseKind kind, LeaseKind wanted)
{
    for (LeaseKind next = kind + 1; next <= wanted; next++)
        if (count_busy(pool, next) >= pool_most(pool->inspectors, next))
            return FALSE;
    return TRUE;
}

/* With the lock held: inspectors to those who wait, as far as there are some that they may have. */
static void
serve_waiters(Pool *pool)
{
    GList *next;
    for (GList *link = pool->waiters.head; link != NULL; link = next) {
        Waiter *waiter = link->data;
        next = link->next;
        if (!has_room(pool, LEASE_LIGHT, waiter->kind))
            continue;
        waiter->member = take_idle(pool);
        if (waiter->member == NULL)
            return;
        waiter->member->kind = waiter->kind;
        g_queue_delete_link(&pool->waiters, link);
        g_cond_signal(&waiter->served);
    }
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
    serve_waiters(pool);
    g_mutex_unlock(&pool->lock);
}

void
pool_swap(Pool *pool, guint64 generation, guint inspectors)
{
    g_mutex_lock(&pool->lock);
    if (generation > pool->generation) {
        pool->generation = generation;
        pool->inspectors = inspectors;
        close_idle(pool, is_of_generation, &generation);
        serve_waiters(pool);
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

/* With the lock held: the inspector is at its post again, or, if its rules are old, may go home. */
static void
put_back(Pool *pool, Member *member)
{
    g_ptr_array_remove_fast(pool->busy, member);
    member->since_us = 0;
    if (member->generation == pool->generation)
        g_ptr_array_add(pool->idle, member);
    else
        member_free(member); /* closing a socket does not wait */
    serve_waiters(pool);
}

static gint
compare_turns(gconstpointer a, gconstpointer b, gpointer user)
{
    const Waiter *left = a, *right = b;
    return left->turn < right->turn ? -1 : left->turn > right->turn;
}

/* With the lock held, which is given up while waiting. */
static PoolEnd
wait_for_member(Pool *pool, Waiter *waiter, Patience *patience)
{
    while (waiter->member == NULL) {
        if (g_get_monotonic_time() >= patience->deadline_us)
            return POOL_BUSY;
        if (g_cond_wait_until(&waiter->served, &pool->lock, patience_until(patience)))
            continue;
        g_mutex_unlock(&pool->lock);
        gboolean go_on = patience_tick(patience);
        g_mutex_lock(&pool->lock);
        if (!go_on)
            return POOL_GIVEN_UP;
    }
    return POOL_DONE;
}

static PoolEnd
borrow(Pool *pool, guint64 turn, LeaseKind kind, Patience *patience, Member **member_out)
{
    Waiter waiter = {.turn = turn, .kind = kind};
    g_cond_init(&waiter.served);
    g_mutex_lock(&pool->lock);
    g_queue_insert_sorted(&pool->waiters, &waiter, compare_turns, NULL);
    serve_waiters(pool);
    PoolEnd end = wait_for_member(pool, &waiter, patience);
    if (waiter.member == NULL)
        g_queue_remove(&pool->waiters, &waiter);
    else if (end != POOL_DONE)
        put_back(pool, waiter.member);
    g_mutex_unlock(&pool->lock);
    g_cond_clear(&waiter.served);
    *member_out = end == POOL_DONE ? waiter.member : NULL;
    return end;
}

static void
give_back(Pool *pool, Member *member, guint64 *counter)
{
    g_mutex_lock(&pool->lock);
    (*counter)++;
    put_back(pool, member);
    g_mutex_unlock(&pool->lock);
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
    serve_waiters(pool); /* it may have been one of few */
    g_mutex_unlock(&pool->lock);
    member_free(member);
}

static guint64
next_of(Pool *pool, guint64 *last)
{
    g_mutex_lock(&pool->lock);
    guint64 number = ++*last;
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
hand_over(Pool *pool, Job *job, guint64 turn, Patience *patience, Member **member_out, char **why_out)
{
    g_autoptr(GError) error = NULL;
    job->number = next_of(pool, &pool->last_job);
    g_autoptr(GVariant) body = job_encode(job, &error);
    if (body == NULL) {
        *why_out = g_strdup(error->message);
        return POOL_REFUSED;
    }
    g_variant_ref_sink(body);
    for (;;) {
        PoolEnd end = borrow(pool, turn, job->lease, patience, member_out);
        if (end != POOL_DONE) {
            *why_out = g_strdup(end == POOL_BUSY ? "no inspector came free in time" : "the mail server went away");
            return end;
        }
        gint64 until = MIN(patience->deadline_us, g_get_monotonic_time() + SEND_PATIENCE_US);
        if (frame_send((*member_out)->socket, WIRE_JOB, body, &job->spool_fd, job->spool_fd >= 0, until, NULL))
            return POOL_DONE;
        put_down(pool, *member_out, &pool->deaths);
    }
}

typedef struct {
    Pool *pool;
    Member *member;
} Loan;

static gboolean
grant(LeaseKind wanted, gpointer user)
{
    Loan *loan = user;
    g_mutex_lock(&loan->pool->lock);
    gboolean granted = has_room(loan->pool, loan->member->kind, wanted);
    if (granted)
        loan->member->kind = wanted;
    g_mutex_unlock(&loan->pool->lock);
    return granted;
}

/* One attempt. POOL_BACK: the next one is to begin with job->lease as it is then. */
static PoolEnd
run_once(Pool *pool, Job *job, guint64 turn, Patience *patience, JobDone *done_out, char **why_out)
{
    Member *member = NULL;
    PoolEnd end = hand_over(pool, job, turn, patience, &member, why_out);
    if (end != POOL_DONE)
        return end;
    Loan loan = {pool, member};
    Talk talk = {member->socket, member->pid, job->number, job->lease, grant, &loan};
    end = talk_run(&talk, patience, done_out, why_out);
    job->lease = talk.kind;
    if (end == POOL_DONE || end == POOL_BACK)
        give_back(pool, member, end == POOL_DONE ? &pool->jobs : &pool->backs);
    else
        put_down(pool, member, counter_of(pool, end));
    return end;
}

PoolEnd
pool_run(Pool *pool, Job *job, gint64 deadline_us, PoolTick tick, gpointer user, JobDone *done_out, char **why_out)
{
    Patience patience = patience_new(deadline_us, tick, user);
    guint64 turn = next_of(pool, &pool->last_turn);
    job->lease = job->length > POOL_LIGHT_MAX ? LEASE_DOCUMENTS : LEASE_LIGHT;
    PoolEnd end;
    do
        end = run_once(pool, job, turn, &patience, done_out, why_out);
    while (end == POOL_BACK); /* each time with a later kind: three times at most */
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
        .waiting = pool->waiters.length,
        .documents = count_busy(pool, LEASE_DOCUMENTS),
        .longs = count_busy(pool, LEASE_LONG),
        .deaths = pool->deaths,
        .hangs = pool->hangs,
        .lies = pool->lies,
        .jobs = pool->jobs,
        .backs = pool->backs,
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
