/* pool - the inspectors as the gate knows them: one socket each, borrowed by the thread that waits for a letter.
 *
 * The waiting thread itself sends, polls and receives. A socket goes back only after a whole, believed answer; after a
 * deadline or any oddity it is closed and the inspector killed, so that no letter ever gets another's verdict. An
 * inspector that died while idle costs nothing; one that dies with a letter costs that letter its verdict. Generations
 * (one per load of rules) are added beside the serving one and take over at once with pool_swap(). Thread-safe.
 *
 * Slow letters leave inspectors to the others. A letter begins as light (mail/lease.h); one that is larger than
 * POOL_LIGHT_MAX begins with leave to open documents. Who needs more asks, and has it in place if fewer letters than
 * pool_most() have that kind or a later one; otherwise the inspector lets go of the letter at once, and the letter
 * waits until one of those is done. Among the letters that may have an inspector, the one that came first is next. */
#pragma once
#include "talk.h"

typedef struct Pool Pool;
Pool *pool_new(void);
/* Closes idle sockets (their inspectors end); no pool_run() may be under way. */
void pool_free(Pool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)

/* A new inspector; takes socket and pidfd. Refused (closed) if its generation is older than the serving one. `slot`
 * replaces the dead idle inspector of that slot and generation. */
void pool_add(Pool *pool, guint64 generation, guint slot, int pid, int socket, int pidfd);
/* This generation of so many inspectors serves from now on; idle ones of others are closed, busy ones when they are
 * done. */
void pool_swap(Pool *pool, guint64 generation, guint inspectors);
/* A generation that did not come up: its inspectors are closed. */
void pool_drop(Pool *pool, guint64 generation);

#define POOL_LIGHT_MAX (1024 * 1024) /* bytes of a letter */
/* How many of so many inspectors may have letters of `kind` or a later one: all; all but a quarter, and but one; half.
 * At least one. */
guint pool_most(guint inspectors, LeaseKind kind);

/* Has a letter inspected; sets job->number and job->lease. Waits at most until deadline_us (monotonic). why_out: one
 * line for the log unless POOL_DONE; gives. */
PoolEnd pool_run(Pool *pool, Job *job, gint64 deadline_us, PoolTick tick, gpointer user, JobDone *done_out,
                 char **why_out);

typedef struct {
    guint64 generation;
    guint idle, busy, waiting; /* waiting: letters without an inspector */
    guint documents, longs;    /* of the busy ones: with a letter that opens documents; that takes long, too */
    guint64 deaths, hangs, lies, jobs;
    guint64 backs;     /* letters that were let go of, to be begun anew */
    gint64 longest_us; /* how long the oldest busy inspector has had its letter */
} PoolStatus;
void pool_status(Pool *pool, PoolStatus *status_out);
