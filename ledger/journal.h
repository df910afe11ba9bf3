/* journal - the writer's side of a ledger directory: its end taken over, batches made durable, files rotated.
 *
 * One journal per directory (a lock says so), for one thread. A batch is all lines in one write and one fdatasync;
 * what is not durable is never said to be. */
#pragma once
#include "record.h"
#include <glib.h>
#include <sys/types.h>

/* What can fail on a disk; NULL members and a NULL table mean the system's own. */
typedef struct {
    ssize_t (*write)(int fd, const void *bytes, size_t length);
    int (*sync)(int fd);
    int (*truncate)(int fd, off_t length);
} JournalIo;

typedef struct {
    const char *directory; /* created with mode 0750 when absent */
    const char *unit;
    const char *program; /* of the journal's own records, "hangu-ledger 0.1.0" */
    guint64 file_size;   /* a new file after so many bytes */
    const JournalIo *io;
} JournalOptions;

typedef struct Journal Journal;
/* Locks, checks the end of the ledger, cuts and records a torn last line. Errors: HANGU_ERROR_AWAY (another writer),
 * HANGU_ERROR_DATA (the end is no record, or a file is missing: nothing is written), HANGU_ERROR_IO, _PERMISSION. */
Journal *journal_open(const JournalOptions *options, GError **error);
void journal_free(Journal *journal); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)

typedef struct {
    const char *text; /* the record in canonical form, lent; seq, prev, time and uid are set here */
    gsize length;
    gint64 uid; /* of who asked; -1: the journal itself */
    guint64 seq;
    char hash[RECORD_HASH_HEX + 1];
    GError *error; /* owned by the caller: why this one is not in the ledger */
} JournalEntry;

/* Appends a batch. An entry without error is durable. A record that the schema refuses gets HANGU_ERROR_DATA and leaves
 * no gap; when the disk refuses, all get HANGU_ERROR_IO. FALSE with error: nothing more may be appended, the process
 * must end (a failed fsync or truncation: the page cache cannot be trusted, a fresh start reads what is really there).
 */
gboolean journal_append(Journal *journal, JournalEntry *entries, guint count, GError **error);
/* One record of the journal's own: "start", "stop". Takes `record`. FALSE with error if it is not durable. */
gboolean journal_note(Journal *journal, json_t *record, GError **error);

typedef struct {
    guint64 seq;
    char hash[RECORD_HASH_HEX + 1];
    guint file_number;
    guint64 file_bytes;
    guint64 repaired;          /* bytes cut from a torn last line at the start */
    guint64 batches, appended; /* since the start */
    guint64 largest_batch;
    guint64 refused, failed; /* records: by the schema, by the disk */
    guint64 disk_free;       /* bytes; 0: unknown */
} JournalState;
void journal_state(const Journal *journal, JournalState *state_out);
void journal_set_file_size(Journal *journal, guint64 file_size);
