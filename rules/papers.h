/* papers - the register of papers that an officer wants found: of each its prints (fingerprint.h) and what he says of
 * it, never its text.
 *
 * One file, all of it little-endian:
 *   magic "HGPAPERS", version, id of the key, next number, length of the list, count of entries; the list of papers, a
 *   serialised GVariant (PAPERS_TYPE); the entries, sorted by name, paper and place; HMAC-SHA-256 of all before.
 * What an officer makes on his own machine (`--out`) is the same kind of file with his papers alone.
 *
 * The file is read whole into memory, which inspectors share by fork: what happens to it later changes nothing until
 * the next load. Whoever lacks the key can neither make nor change one that is taken.
 *
 * Common text does not count: entries whose name stands in a paper that was registered as common text (laws, forms,
 * templates), or in PAPERS_COMMON different papers at least. Papers that are nearly the same (four fifths of the
 * entries of each: drafts of one paper) are one family and count once. */
#pragma once
#include "fingerprint.h"
#include "verdict.h"
#include <glib.h>

#define PAPERS_MAX 200000
#define PAPERS_ENTRIES_MAX (64 * 1024 * 1024)
#define PAPERS_BYTES_MAX (G_GUINT64_CONSTANT(1280) * 1024 * 1024)
#define PAPERS_LABEL_MAX 64 /* characters of label, officer; of a term fewer than 48 bytes */
#define PAPERS_COMMON 6

/* Places that are none: */
#define PAPERS_AT_WHOLE 0x7FFFFFFE  /* the entry is the name of a whole text */
#define PAPERS_AT_FILE 0x7FFFFFFF   /* of the bytes of the file */
#define PAPERS_AT_COMMON 0x80000000 /* this bit of a place: common text */

typedef struct {
    guint32 number; /* in this register, from 1; never given twice; 0 while there is none */
    guint64 uid;    /* drawn when the paper was read: the same paper imported twice is one */
    gboolean common;
    Class class;
    Level level;
    char *term;    /* "10年"; "" none */
    char *label;   /* the officer's own words, "" none */
    char *officer; /* who registered it */
    gint64 registered_us;
    gint64 expires_us;  /* wall clock; from then on it is not looked for; 0 never */
    guint32 characters; /* of its text */
    guint32 own;        /* of them not common */
    guint32 prints;
    guint32 family; /* index of the first paper of its family */
} Paper;
Paper *paper_new(void);
void paper_free(Paper *paper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paper, paper_free)

typedef struct {
    guint64 name;
    guint32 paper; /* index */
    guint32 at;    /* characters of the paper before it, and the bits above */
} PaperEntry;

typedef struct Papers Papers;
Papers *papers_new(const FingerprintKey *key); /* empty */
void papers_free(Papers *papers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Papers, papers_free)
/* Errors: NO_INPUT (no such file), PERMISSION, IO; DATA: cut, changed, of another version; SETTINGS: made with another
 * key. */
Papers *papers_load(const char *path, const FingerprintKey *key, GError **error);
Papers *papers_of_bytes(const guint8 *bytes, gsize length, const FingerprintKey *key, GError **error);
/* The file. `next` papers_settle() was called. Gives. */
GByteArray *papers_to_bytes(const Papers *papers, const FingerprintKey *key);

/* The register of a gate, with the key beside it ("PATH.key"). 1; 0: there is none, nothing is registered yet (then
 * *papers_out is NULL); -1 with error, also if the register is there and its key is not. */
int papers_open(const char *path, Papers **papers_out, FingerprintKey *key_out, GError **error);
char *papers_key_path(const char *path); /* gives */
/* Reads a key file, never makes one. */
gboolean papers_key_read(const char *path, FingerprintKey *key_out, GError **error);
/* Makes one, unless it is there; owned by who owns the directory. */
gboolean papers_key_make(const char *path, GError **error);
/* Writes what papers_to_bytes() gave, whole and durably, mode 0600, owned by who owns the directory. */
gboolean papers_save(const GByteArray *bytes, const char *path, GError **error);

guint papers_count(const Papers *papers);
const Paper *papers_get(const Papers *papers, guint index); /* NULL past the end */
gboolean papers_find_number(const Papers *papers, guint32 number, guint *index_out);
guint papers_entries(const Papers *papers);
/* "sha256:..." of the file's content; of an empty register that never was a file "". */
const char *papers_digest(const Papers *papers);

/* --- changing; each ends with papers_settle() ------------------------------------------------------------------- */

/* Takes the paper; gives it a number unless it has one, and its entries (PaperEntry; `paper` is set here). */
void papers_add(Papers *papers, Paper *paper, const GArray *entries);
/* The papers of another register. Those already there (same uid) are left out; gives how many came. Numbers are new. */
guint papers_merge(Papers *papers, const Papers *from);
/* FALSE if there is no such paper. */
gboolean papers_remove(Papers *papers, guint32 number);
/* Sorts, finds families and common text, and counts. */
void papers_settle(Papers *papers);

/* --- looking up: after load or settle --------------------------------------------------------------------------- */

/* Entries of a name that count; *count_out 0: none. Lends. */
const PaperEntry *papers_look(const Papers *papers, guint64 name, guint *count_out);
/* Of `count` names those that might be there: their indices into `likely_out` (room for count). One false of sixteen;
 * fast, so that 10,000 papers cost little more than none. */
guint papers_sift(const Papers *papers, const Print *prints, guint count, guint32 *likely_out);
/* Has memory bring what papers_look() will ask for: prints[likely[0..count-1]]. */
void papers_fetch(const Papers *papers, const Print *prints, const guint32 *likely, guint count);
/* Characters that sorted places (guint32) of one paper cover. */
guint32 papers_extent(const guint32 *places, guint count);
