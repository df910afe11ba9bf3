/* sweep - what time does to passwords and permissions, seen without anybody logging in.
 *
 * Once at the start and then daily at accounts.sweep: each open account whose password has an age is recorded as
 * `expiring` (the days of accounts.warn before) and `expired`, once for each password and step; its owner is written to
 * where the group has come further than observe, and in a campaign always. Delegations, exceptions and registrations
 * that end are recorded and told to the officers of their department, in one letter. Nobody gets more than one such
 * letter a day. A password of unknown age is counted as unknown and never guessed at.
 *
 * Work is done in turns of at most SWEEP_SLICE accounts, by a thread of its own with a Database of its own, and what is
 * done is kept there: a restart goes on where it was. A record is durable before it is noted as written, so that a
 * sudden death may repeat one and never loses one.
 * When the clock jumped by more than SWEEP_JUMP_US (or seems to have: the process was away for SWEEP_AWAY_US), that is
 * an alert, and for a day nobody is told anything. */
#pragma once
#include "auth_policy.h"
#include "events.h"
#include "settings.h"

#define SWEEP_SLICE 100
#define SWEEP_JUMP_US G_TIME_SPAN_HOUR
#define SWEEP_AWAY_US (30 * G_TIME_SPAN_DAY)
/* Officers are told so long before something ends. */
#define SWEEP_ENDS_US (7 * G_TIME_SPAN_DAY)

typedef struct Sweep Sweep;
/* All lent. `policy` NULL: nothing is known of passwords. NULL with error. */
Sweep *sweep_new(const Settings *settings, Events *events, AuthPolicy *policy, GError **error);
/* Begins the thread. */
void sweep_start(Sweep *sweep);
void sweep_free(Sweep *sweep); /* ends it; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sweep, sweep_free)

/* One turn, for the thread and for tests: both clocks are those of clock.h. Microseconds until the next is wanted, at
 * most a minute; 0: at once. */
gint64 sweep_turn(Sweep *sweep);
