/* talk - the gate's side of one letter with one inspector: the job, what the inspector asks for, its answer.
 *
 * To the gate an inspector is hostile: what does not fit ends the talk, and the inspector with it (milter/pool.h). */
#pragma once
#include "job.h"

typedef enum {
    POOL_DONE,     /* done_out holds a checked answer (which may be: failed) */
    POOL_DIED,     /* the inspector ended with the letter in hand */
    POOL_HUNG,     /* no answer by the deadline: killed */
    POOL_LIED,     /* an answer that is not believed: killed */
    POOL_BUSY,     /* no inspector came free in time */
    POOL_GIVEN_UP, /* the caller's tick said so */
    POOL_REFUSED,  /* the envelope is over the limits of a job */
    POOL_BACK      /* the inspector is free, the letter needs more than it may have now; never leaves pool_run() */
} PoolEnd;

/* Called after POOL_FIRST_TICK_US and about every POOL_TICK_US from then on while waiting, without any lock; FALSE
 * gives up. */
#define POOL_FIRST_TICK_US (20 * 1000)
#define POOL_TICK_US (5 * G_USEC_PER_SEC)
typedef gboolean (*PoolTick)(gpointer user);

/* How long the caller waits, through all of it. */
typedef struct {
    gint64 deadline_us, next_tick_us; /* monotonic */
    PoolTick tick;
    gpointer user;
} Patience;
Patience patience_new(gint64 deadline_us, PoolTick tick, gpointer user);
gint64 patience_until(const Patience *patience);
/* FALSE: the caller gives up. */
gboolean patience_tick(Patience *patience);

/* Whether the letter may have `wanted`. */
typedef gboolean (*TalkGrant)(LeaseKind wanted, gpointer user);

typedef struct {
    int socket, pid;
    guint64 number; /* of the job */
    LeaseKind kind; /* what the letter has; afterwards, with POOL_BACK: what it needs */
    TalkGrant grant;
    gpointer user;
} Talk;

/* After the job was sent: until the answer, or POOL_BACK. why_out: one line for the log unless POOL_DONE or POOL_BACK;
 * gives. */
PoolEnd talk_run(Talk *talk, Patience *patience, JobDone *done_out, char **why_out);
