/* logins - what hangu-authd remembers of logins: failures, locks, networks, and what is known of passwords.
 *
 * A database of its own beside the register's, so that a login never waits for a change of the register, which holds
 * the register's one writer until the audit log has answered. What is put is written by a thread of its own, in
 * batches, the last state of a row only; logins_settle() waits until it is on the disk. Never a password or a hash that
 * Dovecot sent: only HMACs of such hashes, under a key that lies outside the database. Times are microseconds of the
 * wall clock, 0: never. Thread-safe after logins_start(). */
#pragma once
#include <glib.h>

#define LOGINS_FOR_EVER G_MAXINT64
#define LOGINS_HMAC_HEX 64

/* Of an account on a network; network "": of the account on all networks that are not known good; account "": of the
 * network for all accounts. */
typedef struct {
    const char *account, *network;
    gint64 first_good, last_good;
    gint64 wrong; /* different wrong passwords since the last good one */
    gint64 last_wrong;
    const char *digests;  /* of those, 16 hex digits each, by spaces; keyed */
    gint64 locked, until; /* 0: not locked; until LOGINS_FOR_EVER: an officer must unlock */
} LoginRow;

/* What is known of the password that is used with a login name. */
typedef struct {
    const char *account, *login;
    const char *hmac;                          /* "": never seen, or not checkable */
    gint64 first_seen;                         /* of the account's login name */
    gint64 since;                              /* when this HMAC was first seen */
    gint64 last_seen;                          /* last good login */
    const char *verdict;                       /* unknown, tried, weak */
    const char *tried;                         /* version of the guesses that were tried */
    gint64 judged;                             /* when */
    const char *mechanism, *protocol, *client; /* of the last good login */
    gint64 warned;                             /* last notice */
    gint64 logins;
} PasswordRow;

typedef struct Logins Logins;
/* Opens or makes the database. NULL with error. */
Logins *logins_open(const char *path, GError **error);
/* Starts the writer: from now on rows may be put, and no more visited. */
void logins_start(Logins *logins);
void logins_free(Logins *logins); /* writes what waits; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Logins, logins_free)

typedef void (*LoginVisit)(const LoginRow *row, gpointer user);
typedef void (*PasswordVisit)(const PasswordRow *row, gpointer user);
typedef void (*FormerVisit)(const char *account, const char *login, const char *hmac, gpointer user);
/* Before logins_start(), from the thread that opened. */
gboolean logins_each(Logins *logins, LoginVisit visit, gpointer user, GError **error);
gboolean logins_each_password(Logins *logins, PasswordVisit visit, gpointer user, GError **error);
/* Former passwords, the oldest first. */
gboolean logins_each_former(Logins *logins, FormerVisit visit, gpointer user, GError **error);

void logins_put(Logins *logins, const LoginRow *row);
void logins_drop(Logins *logins, const char *account, const char *network);
void logins_put_password(Logins *logins, const PasswordRow *row);
void logins_put_former(Logins *logins, const char *account, const char *login, const char *hmac, gint64 until);
/* Calls `done` once, from the writer's thread, when all that was put before is durable: a few milliseconds, which all
 * who wait at the same time share. `error`: it is not, and stays in hand for the next attempt. */
typedef void (*LoginsDone)(gpointer user, const GError *error);
void logins_when_durable(Logins *logins, LoginsDone done, gpointer user);
/* All that was put before is durable. FALSE with error: it is not, and stays in hand for the next attempt. */
gboolean logins_settle(Logins *logins, GError **error);
