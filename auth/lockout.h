/* lockout - who is shut out after how many wrong passwords, and how fast he is answered before that.
 *
 * R-137, T3. Three locks, each by different wrong passwords; the same wrong one again counts once (a telephone that
 * still has the old password):
 *   - an account on one network, after `lock_after`: whoever guesses from elsewhere does not lock the owner out;
 *   - an account on all networks that are not known good, after `lock_everywhere` from such networks together;
 *   - a network for all accounts that are not known good there, after `lock_network` accounts failed from it in an
 * hour. A network is known good for an account after a good login, for LOCKOUT_GOOD_DAYS after the last one; it stays
 * open until the account fails there itself. Tries whose end is not known yet count as wrong, so that many at once are
 * no way round. Failures are forgotten after a day or by a good login from the same network. State lives in memory,
 * what must outlive it in `logins`. Thread-safe. */
#pragma once
#include "logins.h"
#include <glib.h>

#define LOCKOUT_GOOD_DAYS 90
#define LOCKOUT_LIMIT_MAX 32 /* of lock_after and lock_everywhere */
#define LOCKOUT_NETWORK_MINUTES 30
#define LOCKOUT_DELAY_MAX 15 /* seconds */

typedef struct {
    guint lock_after, lock_everywhere, lock_network;
    guint many_networks; /* good logins from more networks within an hour are told */
    guint most;          /* states kept; 0: 200,000 */
} LockoutLimits;

/* One try of a password. */
typedef struct {
    const char *account, *network; /* without newlines */
    guint64 digest;                /* of the password, keyed; 0: cannot be told from others, each counts */
    gboolean known;                /* it is the one of the last good login */
    guint unlock_minutes;          /* a lock of this account ends by itself after so long; 0: an officer ends it */
    gint64 now_us;                 /* wall clock */
} LockoutTry;

typedef enum {
    LOCKOUT_OPEN,
    LOCKOUT_HERE,       /* this account on this network */
    LOCKOUT_EVERYWHERE, /* this account on networks that are not known good */
    LOCKOUT_NETWORK,    /* this network */
    LOCKOUT_BUSY,       /* so many tries are under way that all would be too many */
    LOCKOUT_FULL,       /* too many names and networks are remembered: unknown ones must wait */
} LockoutWord;
const char *lockout_word(LockoutWord word); /* "open", "here" ... lends */

typedef struct {
    LockoutWord word;
    gint64 until_us; /* of a lock */
    guint delay;     /* seconds by which the answer should be late */
} LockoutAnswer;

typedef struct Lockout Lockout;
/* Takes over what `logins` remembers; lent, NULL: nothing outlives. NULL with error. */
Lockout *lockout_new(const LockoutLimits *limits, Logins *logins, gint64 now_us, GError **error);
void lockout_free(Lockout *lockout); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lockout, lockout_free)
void lockout_set_limits(Lockout *lockout, const LockoutLimits *limits);

/* May this password be tried? */
LockoutAnswer lockout_allow(Lockout *lockout, const LockoutTry *attempt);

/* What a try led to. */
typedef struct {
    gboolean counted;   /* a wrong password that was not seen here before */
    guint wrong;        /* of the account on the network now */
    LockoutWord locked; /* LOCKOUT_OPEN: nothing was locked; else put into logins: settle before you answer */
    gint64 until_us;
    gboolean new_network; /* good, from a network that was not known good, though others are */
    guint networks;       /* good ones of the last hour, when they have just become too many */
} LockoutChange;
/* `counts` FALSE: a wrong password that is no guess (a former one of the account). */
void lockout_failed(Lockout *lockout, const LockoutTry *attempt, gboolean counts, LockoutChange *change_out);
void lockout_good(Lockout *lockout, const LockoutTry *attempt, LockoutChange *change_out);

/* Is the account shut out of this network, by its own locks? */
gboolean lockout_is_locked(Lockout *lockout, const char *account, const char *network, gint64 now_us);
/* Is this network known good for the account? */
gboolean lockout_is_good(Lockout *lockout, const char *account, const char *network, gint64 now_us);
/* Ends all locks of an account, or (account "") the one of a network; their failures are forgotten. How many. */
guint lockout_unlock(Lockout *lockout, const char *account, const char *network);
/* Each lock in force. Texts are lent; nothing of lockout may be called from there. */
typedef void (*LockoutVisit)(const char *account, const char *network, gint64 locked_us, gint64 until_us, guint wrong,
                             gpointer user);
void lockout_each(Lockout *lockout, gint64 now_us, LockoutVisit visit, gpointer user);

/* The network of an address: its first `v4` or `v6` bits, "192.0.2.0/24"; a mapped IPv4 address is IPv4. NULL if it is
 * no address. Gives. */
char *lockout_network(const char *address, guint v4, guint v6);
