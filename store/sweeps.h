/* sweeps - what hangu-authd's daily sweep has noted, told and reached, so that a restart repeats nothing.
 *
 * In the register's database; accounts_open() brings the tables up to date. Times of the wall clock in microseconds.
 * Functions that write want a transaction of the caller. */
#pragma once
#include "database.h"
#include <glib.h>

#define SWEEPS_NO_STEP 9999 /* nothing noted so far: larger than any number of days */

gboolean sweeps_migrate(Database *database, GError **error);

/* A named value of the sweep itself: "stage", "cursor", "wall" ...; 0: never set. FALSE with error. */
gboolean sweeps_get(Database *database, const char *name, gint64 *value_out, GError **error);
gboolean sweeps_set(Database *database, const char *name, gint64 value, GError **error);

/* Of an account's password: what was recorded and told of it. */
typedef struct {
    gint64 since;     /* of the password this is about; 0: none so far */
    gint64 step;      /* days before it expires that were recorded; 0: expired */
    gint64 told_step; /* that its owner was told of */
    gint64 told;      /* last notice of any kind */
    gint64 marked;    /* when the row was written */
} SweepAccount;
gboolean sweeps_account(Database *database, gint64 account, SweepAccount *row_out, GError **error);
gboolean sweeps_account_set(Database *database, gint64 account, const SweepAccount *row, GError **error);

/* Open accounts by number, those after `after`, at most `most`. How many were visited; -1 with error. */
typedef gboolean (*SweepVisit)(gint64 account, const char *address, gpointer user, GError **error);
gint64 sweeps_open_accounts(Database *database, gint64 after, guint most, SweepVisit visit, gpointer user,
                            GError **error);

/* What ends: a delegation, an exception, an exception of a campaign, a registration that has to be made up. */
typedef struct {
    const char *what; /* "delegation", "exception", "campaign-exception", "registration" */
    gint64 account;
    const char *address, *other; /* other: delegate, problem, campaign; "" */
    const char *until;           /* time */
} SweepEnd;
typedef gboolean (*SweepEndVisit)(const SweepEnd *end, gpointer user, GError **error);
/* Those that end between the times and are not noted with this step so far, at most `most`. How many; -1 with error. */
gint64 sweeps_ends(Database *database, const char *from, const char *until, gint64 step, guint most,
                   SweepEndVisit visit, gpointer user, GError **error);
gboolean sweeps_end_note(Database *database, const SweepEnd *end, gint64 step, const char *officer, GError **error);

/* What an officer has to be told: counts of what was noted for him and not told. */
typedef struct {
    const char *officer;
    gint64 count, delegations, exceptions, registrations;
    const char *address, *until; /* the earliest of them */
} SweepDigest;
typedef gboolean (*SweepDigestVisit)(const SweepDigest *digest, gpointer user, GError **error);
/* Officers to whom nothing was told since `told_before`; -1 with error. */
gint64 sweeps_digests(Database *database, gint64 told_before, SweepDigestVisit visit, gpointer user, GError **error);
gboolean sweeps_officer_told(Database *database, const char *officer, gint64 now, GError **error);
