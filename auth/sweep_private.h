/* sweep_private - shared by the files of sweep. */
#pragma once
#include "notice_client.h"
#include "sweep.h"
#include "sweeps.h"

struct Sweep {
    const Settings *settings;
    Events *events;
    AuthPolicy *policy;
    NoticeClient *notices;
    Database *database;
    GArray *days; /* gint64: of accounts.warn, ascending */
    gint64 now;   /* of this turn */

    gboolean awake;           /* a first turn was made */
    gint64 wall, monotonic;   /* of the last turn */
    gint64 saved;             /* wall clock that the database knows */
    gint64 quiet;             /* nobody is told anything until then */
    gint64 done;              /* when the last sweep ended */
    gint64 stage, cursor;     /* of the one that runs */
    gint64 accounts, unknown; /* that it has looked at; of those, without a known age */

    GThread *thread;
    GMutex lock; /* guards what follows */
    GCond wake;
    gboolean stop;
};

/* The step of accounts.warn that so much time before an end belongs to; 0: it is over; SWEEPS_NO_STEP: far away. */
gint64 sweep_step(const Sweep *sweep, gint64 end_us);
/* "2026-11-22" in local time. Gives. */
char *sweep_date(gint64 when_us);
/* Writes a record and waits until it is durable; takes it. */
gboolean sweep_record(Sweep *sweep, json_t *record, GError **error);

/* One open account: its password, and the campaigns it is in. FALSE with error: nothing is noted, it must be looked at
 * again. */
gboolean sweep_look_at_account(Sweep *sweep, gint64 account, const char *address, GError **error);
/* A slice of what ends within SWEEP_ENDS_US, or (`over`) has ended. How many; -1 with error. */
gint64 sweep_look_at_ends(Sweep *sweep, gboolean over, GError **error);
/* Letters to the officers. */
gboolean sweep_tell_officers(Sweep *sweep, GError **error);
