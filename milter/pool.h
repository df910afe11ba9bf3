/* pool - the inspectors as the gate knows them: one socket each, borrowed by the thread that waits for a letter.
 *
 * The waiting thread itself sends, polls and receives. A socket goes back only after a whole, believed answer; after a
 * deadline or any oddity it is closed and the inspector killed, so that no letter ever gets another's verdict. An
 * inspector that died while idle costs nothing; one that dies with a letter costs that letter its verdict. Generations
 * (one per load of rules) are added beside the serving one and take over at once with pool_swap(). Thread-safe. */
#pragma once
#include "job.h"

typedef struct Pool Pool;
Pool *pool_new(void);
/* Closes idle sockets (their inspectors end); no pool_run() may be under way. */
void pool_free(Pool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)

/* A new inspector; takes socket and pidfd. Refused (closed) if its generation is older than the serving one. `slot`
 * replaces the dead idle inspector of that slot and generation. */
void pool_add(Pool *pool, guint64 generation, guint slot, int pid, int socket, int pidfd);
/* This generation serves from now on; idle inspectors of others are closed, busy ones when they are done. */
void pool_swap(Pool *pool, guint64 generation);
/* A generation that did not come up: its inspectors are closed. */
void pool_drop(Pool *pool, guint64 generation);

typedef enum {
    POOL_DONE,     /* done_out holds a checked answer (which may be: failed) */
    POOL_DIED,     /* the inspector ended with the letter in hand */
    POOL_HUNG,     /* no answer by the deadline: killed */
    POOL_LIED,     /* an answer that is not believed: killed */
    POOL_BUSY,     /* no inspector came free in time */
    POOL_GIVEN_UP, /* the caller's tick said so */
    POOL_REFUSED   /* the envelope is over the limits of a job */
} PoolEnd;

/* Called about every POOL_TICK_US while waiting, without any lock; FALSE gives up. */
#define POOL_TICK_US (5 * G_USEC_PER_SEC)
typedef gboolean (*PoolTick)(gpointer user);

/* Has a letter inspected; sets job->number. Waits at most until deadline_us (monotonic). why_out: one line for the log
 * unless POOL_DONE; gives. */
PoolEnd pool_run(Pool *pool, Job *job, gint64 deadline_us, PoolTick tick, gpointer user, JobDone *done_out,
                 char **why_out);

typedef struct {
    guint64 generation;
    guint idle, busy, waiting; /* waiting: letters without an inspector */
    guint64 deaths, hangs, lies, jobs;
    gint64 longest_us; /* how long the oldest busy inspector has had its letter */
} PoolStatus;
void pool_status(Pool *pool, PoolStatus *status_out);
