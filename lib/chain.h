/* chain - the log as files: names, order, verification.
 *
 * A ledger directory holds hangu-000001.log, hangu-000002.log ...: lines of records (record.h), the chain
 * goes on from file to file. Reading only: the one writer is hangu-ledger. Everything here may run beside it. */
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

/* "hangu-000012.log"; gives. And back: 0 if it is no such name. */
char *chain_file_name(guint number);
guint chain_file_number(const char *name);

/* Files of a directory in order. Gives an array of paths; a gap in the numbers is an error (HANGU_ERROR_DATA). */
GPtrArray *chain_files(const char *directory, GError **error);

/* The end of a ledger: its last whole line and what stands behind it. */
typedef struct {
    guint number;     /* of the newest file; 0: no file yet */
    guint64 size;     /* bytes of whole lines in the newest file */
    guint64 torn;     /* bytes behind them: an unfinished line */
    ChainHead head;   /* of the last whole line, which may be in the file before */
    json_t *record;   /* that line; NULL when there is none */
    gboolean no_next; /* the last line says that another file goes on, but there is none */
} ChainTail;
/* FALSE with error for I/O, or if the last whole line is no record or the last 192 KiB do not link (HANGU_ERROR_DATA).
 */
gboolean chain_tail(const char *directory, ChainTail *tail_out, GError **error);
void chain_tail_clear(ChainTail *tail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChainTail, chain_tail_clear)

/* Calls `each` for every line, oldest first, until it returns FALSE. Bounded memory. `torn` tells that the
 * last line of the last file has no newline. record is lent. Returns FALSE with error for I/O or a line that is no
 * record; TRUE when `each` stopped without setting its error. */
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
/* The same for a part of the lines: those since a time, and those that `want` (NULL: all) lets through. It sees the
 * bytes before they are made an object, which is what takes the time. Whole files that end before are not even opened:
 * the wall clock is taken to have been set back by less than an hour. */
typedef struct {
    gint64 since_us; /* wall clock, 0: from the beginning */
    gboolean (*want)(const char *bytes, gsize length, gpointer user);
} ChainSelect;
gboolean chain_select(const char *directory, const ChainSelect *select, ChainEach each, gpointer user,
                      gboolean *torn_out, GError **error);

/* Result of a verification: the first thing that is wrong.
 *
 * A line is held against its neighbours: the chain tells a changed line from a missing, a moved and a foreign one,
 * because every line names the hash of the one before it. A changed *last* line has no neighbour that could tell: only
 * a noted head can, and so can it alone for a cut end and a chain computed anew. */
typedef enum {
    CHAIN_GOOD,
    CHAIN_CHANGED,      /* a line's bytes do not fit the next line's prev, or are no record */
    CHAIN_REMOVED,      /* seq jumps, and the records between are nowhere */
    CHAIN_REORDERED,    /* a genuine line stands before its turn */
    CHAIN_INSERTED,     /* a line that was never the ledger's, or a second copy of one */
    CHAIN_TORN,         /* unfinished last line */
    CHAIN_CUT,          /* the noted head lies beyond the end */
    CHAIN_REBUILT,      /* the line of the noted head has another hash */
    CHAIN_MISSING_FILE, /* a gap in the numbers, or no file goes on where the last line says one does */
} ChainState;
typedef struct {
    ChainState state;
    guint64 lines;                /* good ones, up to what is wrong */
    ChainHead head;               /* last good line */
    char *file;                   /* where it is wrong; NULL when good */
    guint64 line;                 /* in that file, from 1; 0: the file as a whole */
    char *text;                   /* one sentence for a person, translated; NULL when good */
    char *first_time, *last_time; /* of the good lines; NULL: none */
} ChainReport;
typedef void (*ChainProgress)(guint64 bytes, guint64 total, gpointer user); /* about every megabyte */
/* noted: a head written down earlier, or NULL. progress may be NULL. FALSE with error only if it could not be read at
 * all. Constant memory. */
gboolean chain_verify(const char *directory, const ChainHead *noted, ChainProgress progress, gpointer user,
                      ChainReport *report_out, GError **error);
void chain_report_clear(ChainReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ChainReport, chain_report_clear)
const char *chain_state_word(ChainState state); /* "good", "changed", ... "missing-file" */
