/* journal_files - the open file of a journal and its neighbours; knows bytes, not records. */
#pragma once
#include "chain.h"
#include "crypto.h"
#include "journal.h"

typedef struct {
    char *directory;
    char *path; /* of the file in hand */
    guint number;
    int fd, lock;
    guint64 durable; /* bytes that are on disk */
    JournalIo io;
} JournalFiles;

typedef struct {
    char file[32]; /* name in the directory */
    guint64 bytes; /* 0: nothing was torn */
    guint8 digest[CRYPTO_DIGEST_SIZE];
} TornLine;

/* Locks the directory, cuts a torn last line, opens the newest file (creates the first), makes it durable.
 * After FALSE, too, files_close() must follow. */
gboolean files_open(JournalFiles *files, const char *directory, const JournalIo *io, ChainHead *head_out,
                    TornLine *torn_out, GError **error);
void files_close(JournalFiles *files);

gboolean files_write(JournalFiles *files, const char *bytes, gsize length, GError **error);
/* What was written is durable. */
gboolean files_sync(JournalFiles *files, GError **error);
/* Back to what is durable. */
gboolean files_cut_back(JournalFiles *files, GError **error);

/* The next file, empty and durable as a name (an empty one that is there is taken); -1 with error. */
int files_create_next(JournalFiles *files, GError **error);
void files_switch(JournalFiles *files, int next_fd);
