/* history - how many work papers an account lately sent to one address outside, by day (R-164: "bulk history").
 *
 * Only a keyed digest of account and address together is kept, with numbers of letters by day: neither name nor
 * address, and nothing of a letter. Bounded: of HISTORY_MAX pairs that which was used longest ago goes first; days
 * older than the retention are forgotten. What changed is handed to who keeps it over a restart (tracks.h).
 * Days are those of the machine's time zone. Thread-safe. */
#pragma once
#include "crypto.h"
#include <glib.h>

#define HISTORY_MAX 50000
#define HISTORY_DAYS_MAX 366
#define HISTORY_NAME_SIZE 16

typedef struct History History;
History *history_new(const guint8 key[CRYPTO_KEY_SIZE]); /* copies the key; keeps nothing until history_retain() */
void history_free(History *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)

/* For so many days, today among them, at most HISTORY_DAYS_MAX; 0: nothing is kept, and what was is forgotten. */
void history_retain(History *history, guint days);
guint history_retention(History *history);

typedef struct {
    guint letters, days; /* so many letters on so many different days */
    gboolean today;      /* one of these days is today */
} HistoryCount;
/* Normal addresses or account names; wall clock. */
void history_add(History *history, const char *account, const char *address, gint64 wall_us);
HistoryCount history_count(History *history, const char *account, const char *address, gint64 wall_us);
guint history_pairs(History *history);

/* The number of the day (Julian) of a wall clock time. */
guint history_day(gint64 wall_us);

/* --- over a restart ---------------------------------------------------------------------------------------------- */

typedef struct {
    guint8 name[HISTORY_NAME_SIZE];
    guint day, letters;
} HistoryEntry;
/* At most `most` days of pairs that changed since they were last taken; GArray of HistoryEntry. Gives. */
GArray *history_take_changes(History *history, guint most);
/* They could not be kept: those that are still there count as changed again. */
void history_give_back(History *history, const GArray *changes);
/* Puts one in that was kept, from the oldest to the newest day. */
void history_restore(History *history, const HistoryEntry *entry);
