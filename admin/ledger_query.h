/* ledger_query - which ledger, which time, which records: the options that `hangu ledger ...` and `hangu report ...`
 * share. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define QUERY_FILTERS 13

typedef struct {
    char *config, *directory;     /* --config, --directory */
    char *since, *until;          /* as typed */
    char *filters[QUERY_FILTERS]; /* as typed, in the order of the rows in ledger_query.c */

    gint64 since_us;                       /* 0: from the beginning */
    char since_time[32], until_time[32];   /* as records have it; "" : open */
    char *wanted[QUERY_FILTERS];           /* made comparable */
    char *needles[QUERY_FILTERS];          /* bytes that a line that fits must hold; NULL: unknown */
    GPatternSpec *patterns[QUERY_FILTERS]; /* of those with * or ? */
} LedgerQuery;

/* Options --config and --directory; --since and --until; one for each filter. `query` must outlive the context. */
void ledger_query_add_place(GOptionContext *context, LedgerQuery *query);
void ledger_query_add_time(GOptionContext *context, LedgerQuery *query);
void ledger_query_add_filters(GOptionContext *context, LedgerQuery *query);

/* After the options were read: finds the directory (from the settings unless given), reads the times ("2026-11-22",
 * RFC 3339, "today", "90m", "12h", "7d" ago), checks the words. FALSE with error (USAGE, SETTINGS). */
gboolean ledger_query_prepare(LedgerQuery *query, GError **error);
/* A quick look at the bytes of a line: FALSE only if it cannot match. */
gboolean ledger_query_may_match(const LedgerQuery *query, const char *bytes, gsize length);
gboolean ledger_query_in_time(const LedgerQuery *query, const json_t *record);
/* Time and every filter given. */
gboolean ledger_query_matches(const LedgerQuery *query, const json_t *record);
void ledger_query_clear(LedgerQuery *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LedgerQuery, ledger_query_clear)

/* A record's time in the local zone, "2026-11-22 09:02:03+08:00". Gives. */
char *ledger_query_local_time(const char *time);
