/* lockout_private - shared by the files of lockout: the states, and the tries under way in each. */
#pragma once
#include "lockout.h"

/* Failures of another day count no more. */
#define DAY_US G_TIME_SPAN_DAY
#define HOUR_US G_TIME_SPAN_HOUR

typedef struct {
    guint64 digest;
    gint64 when_us;
} LockoutPending;

/* Of an account on a network; an empty account or network stands for all. */
typedef struct {
    char *account, *network;
    gint64 first_good, last_good, put_good;
    guint wrong;
    gint64 last_wrong, locked, until;
    guint digest_count, pending_count;
    guint64 digests[LOCKOUT_LIMIT_MAX];
    LockoutPending *pending; /* LOCKOUT_LIMIT_MAX; NULL: none so far */
    GHashTable *sub; /* of an account: networks of good logins; of a network: accounts that failed; to gint64 times */
    gint64 told;     /* of an account: when many networks were told */
    guint good_networks;
} LockoutState;

struct Lockout {
    LockoutLimits limits;
    Logins *logins;
    GMutex lock;        /* guards all */
    GHashTable *states; /* LockoutState, as a set */
    gint64 purged_us;
    gboolean full; /* told */
};

/* --- states; all under the lock ------------------------------------------------------------------------------- */

LockoutState *lockout_state_find(const Lockout *lockout, const char *account, const char *network);
/* Finds or makes; NULL: there is no room. */
LockoutState *lockout_state_make(Lockout *lockout, const char *account, const char *network, gint64 now_us);
/* Remembers it in `logins`. */
void lockout_state_put(const Lockout *lockout, LockoutState *state);
/* Failures of another day, and locks that are over, count no more. NULL is fine. */
void lockout_state_refresh(LockoutState *state, gint64 now_us);
guint lockout_state_limit(const Lockout *lockout, const LockoutState *state);
gboolean lockout_state_is_good(const LockoutState *state, gint64 now_us);   /* NULL: FALSE */
gboolean lockout_state_is_locked(const LockoutState *state, gint64 now_us); /* NULL: FALSE */
/* Is it one of the wrong passwords that were counted? */
gboolean lockout_state_has_digest(const LockoutState *state, guint64 digest);

/* --- tries under way ------------------------------------------------------------------------------------------ */

#define LOCKOUT_PENDING_US (60 * G_TIME_SPAN_SECOND) /* a try whose end nobody told is over after this */

void lockout_try_begin(LockoutState *state, const LockoutTry *attempt);
void lockout_try_end(LockoutState *state, guint64 digest); /* NULL is fine */
gboolean lockout_try_is_begun(const LockoutState *state, guint64 digest);
/* Would this try be one too many if all that are under way were wrong? */
gboolean lockout_try_is_one_too_many(const Lockout *lockout, LockoutState *state, const LockoutTry *attempt);
