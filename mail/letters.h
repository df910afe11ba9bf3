/* letters - every letter of files, mailboxes (mbox) and directories (maildir or of files), for tools that try many.
 *
 * A file that begins with "From " is a mailbox: a letter begins behind each such line at the beginning or after an
 * empty line (RFC 4155). Directories are gone through to LETTERS_DEPTH levels, in order of names; names that begin with
 * a dot, and tmp of a maildir, are left out. */
#pragma once
#include "message.h"
#include "settings.h"

#define LETTERS_DEPTH 16
#define LETTERS_MAX 10000000

typedef struct {
    char *name;      /* for a person: the path, with "#3" for the third of a mailbox */
    char *path;      /* "-" is standard input */
    gint64 from, to; /* bytes of the file; to -1: to its end */
} LetterPlace;

/* LetterPlace for all paths. NULL with error: one is not there or cannot be read. */
GPtrArray *letters_find(const char *const *paths, guint count, GError **error);
/* The letter as collect_file() gives one. */
Message *letters_open(const LetterPlace *place, const Settings *settings, GError **error);
