/* gate - what all sessions share: the settings in force, the inspectors, the ledger, the counters.
 *
 * Knows settings, never rules or MIME. Mutable and shared: the snapshot pointer (under its lock), the pool, the
 * suspects, the tickets, the notices, the correlation, the history and the counters (each with a lock of its own),
 * three atomic numbers. */
#pragma once
#include "answer.h"
#include "authd_client.h"
#include "correlation.h"
#include "history.h"
#include "ledger.h"
#include "listen.h"
#include "notices.h"
#include "pool.h"
#include "settings.h"
#include "stats.h"
#include "suspects.h"
#include "tickets.h"
#include "tracks.h"

/* The settings of one generation, immutable and counted: a session keeps what it began with. */
typedef struct {
    Settings *settings;
    LedgerClient *ledger;
    AuthdClient *authd;
    guint64 generation;
    char *ruleset_digest, *policy_digest, *papers_digest; /* "" if there is none */
} Snapshot;

/* Takes settings. */
Snapshot *snapshot_new(Settings *settings, guint64 generation, const char *ruleset_digest, const char *policy_digest,
                       const char *papers_digest);
Snapshot *snapshot_ref(Snapshot *snapshot);
void snapshot_unref(Snapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_unref)

typedef struct Gate {
    const MilterCalls *calls; /* libmilter, or a test's */
    Pool *pool;
    Suspects *suspects;
    Tickets *tickets;
    Notices *notices;
    Correlation *correlation;
    History *history;
    Tracks *tracks; /* keeps the two before it; NULL: in memory only */
    Stats stats;
    GMutex lock;              /* guards snapshot */
    Snapshot *snapshot;       /* NULL before the first generation */
    gint connections;         /* atomic: sessions open */
    gint letters;             /* atomic: letters in hand, from MAIL to the answer */
    gint stopping;            /* atomic boolean: no new letters */
    gint64 started_us;        /* wall clock */
    const Listener *listener; /* lent; NULL: none (tests) */
} Gate;

/* NULL with error if the key of released letters (state_dir/milter/release.key) cannot be had. */
Gate *gate_new(const MilterCalls *calls, const char *state_dir, GError **error);
void gate_free(Gate *gate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gate, gate_free)

/* Reads what was known before the last end, and keeps it from now on (state_dir/milter/tracks.db). What cannot be kept
 * is logged: the gate works on with its memory alone. settings: those that it begins with. */
void gate_keep_tracks(Gate *gate, const Settings *settings);

/* A reference to the snapshot in force. */
Snapshot *gate_snapshot(Gate *gate);
/* Puts a new one in force; takes the reference. */
void gate_swap(Gate *gate, Snapshot *snapshot);

/* "hangu-milter 0.1.0": the program of records and logs. */
#define GATE_PROGRAM "hangu-milter " PACKAGE_VERSION
