/* chain - the log as files: names, order, verification.
 *
 * A ledger directory holds hangu-000001.log, hangu-000002.log ...: lines of records (record.h), the chain
 * goes on from file to file. Reading only: the one writer is hangu-ledger. */
#pragma once
#include "record.h"
#include <glib.h>

typedef struct {
    guint64 seq;
    char hash[RECORD_HASH_HEX + 1];
} ChainHead; /* seq 0: empty */

/* "SEQ:HASH" as printed by `hangu ledger head`. */
char *chain_head_format(const ChainHead *head);
gboolean chain_head_parse(const char *text, ChainHead *head_out, GError **error);

/* Files of a directory in order. Gives an array of paths; a gap in the numbers is an error (HANGU_ERROR_DATA). */
GPtrArray *chain_files(const char *directory, GError **error);

/* Calls `each` for every line, oldest first, until it returns FALSE. Bounded memory. `torn` tells that the
 * last line of the last file has no newline. record is lent. Returns FALSE with error for I/O or a line that is no
 * record. */
typedef struct {
    const char *file;
    guint64 line;
    guint64 offset;
    const char *bytes;
    gsize length;
    json_t *record;
} ChainLine;
typedef gboolean (*ChainEach)(const ChainLine *line, gpointer user, GError **error);
gboolean chain_read(const char *directory, ChainEach each, gpointer user, gboolean *torn_out, GError **error);

/* Result of a verification: the first thing that is wrong. */
typedef enum {
    CHAIN_GOOD,
    CHAIN_CHANGED /* a line's bytes do not fit the next line's prev, or are no record */,
    CHAIN_REMOVED /* seq jumps */,
    CHAIN_REORDERED,
    CHAIN_TORN /* unfinished last line */,
    CHAIN_CUT /* the noted head lies beyond the end */,
    CHAIN_REBUILT /* the line of the noted head has another hash */,
    CHAIN_MISSING_FILE,
} ChainState;
typedef struct {
    ChainState state;
    guint64 lines;
    ChainHead head; /* last good line */
    char *file;
    guint64 line; /* where it is wrong; file NULL when good */
    char *text;   /* one sentence for a person */
    char *first_time, *last_time;
} ChainReport;
/* noted: a head written down earlier, or NULL. FALSE with error only if it could not be read at all. */
gboolean chain_verify(const char *directory, const ChainHead *noted, ChainReport *report_out, GError **error);
void chain_report_clear(ChainReport *report);
const char *chain_state_word(ChainState state); /* "good", "changed", ... */
