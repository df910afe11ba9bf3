/* exact - lists of a unit's own data (staff numbers, account names, case numbers, projects, names) that a rule finds
 * without anybody being able to read them off the file.
 *
 * The file is sealed (AES-256-GCM) under a key of its own, made from the unit's list key and a random salt, and holds
 * keyed hashes only. Who has the file without the key learns its size; with the key he can still not read the entries
 * but try guesses, and of identity numbers there are few enough to try all. So the key (32 bytes, mode 0600) belongs on
 * the gate and where lists are made, and not beside the lists, in packages or backups. Stretching would not help: what
 * costs a thief a year per list costs the gate a second per letter.
 *
 * An entry is looked for by its letters, digits and Han characters, folded (fold.h). Between two of them in the text
 * may stand what does not end a phrase: blanks, hyphens, brackets and the like, at most three; between two letters or
 * digits one, and only if the entry has EXACT_SPACED characters. A letter or digit at either end of an entry must begin
 * or end its word, a Han character need not.
 *
 * Bounded: EXACT_ENTRIES entries of at most EXACT_LENGTH characters. A list is immutable and may be shared. */
#pragma once
#include "crypto.h"
#include <glib.h>

#define EXACT_ENTRIES 1000000
#define EXACT_LENGTH 63 /* letters, digits and Han characters of an entry */
#define EXACT_WEIGHT 4  /* an entry's least: a Han character counts two, another one */
#define EXACT_SPACED 10

typedef struct ExactList ExactList;

/* Where the list key lies: $HANGU_LIST_KEY, else SYSCONFDIR/list.key. Lent. */
const char *exact_key_path(void);
/* `key_path` NULL: exact_key_path(). Errors: NO_INPUT (no file, no key), PERMISSION (a key that others can read, or
 * that we cannot), DATA (damaged, made with another key, or by a later version). */
ExactList *exact_load(const char *path, const char *key_path, GError **error);
/* The same from bytes that were read already; `path` is for errors. */
ExactList *exact_load_bytes(const char *path, GBytes *bytes, const char *key_path, GError **error);
void exact_free(ExactList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExactList, exact_free)
guint exact_count(const ExactList *list);
/* "sha256:..." of the file; lent. */
const char *exact_digest(const ExactList *list);
/* The list was folded by another table than this program's: some entries may be missed until it is made again. */
gboolean exact_is_stale(const ExactList *list);

/* Bytes from..to-1 of the text given. `value` is equal for the same entry; good for counting different ones. */
typedef void (*ExactSink)(guint32 from, guint32 to, guint64 value, gpointer user);
/* Tells the entries in `text` (the folded view), in order, of those that begin at one place the longest, none within
 * another. Any bytes do no harm. */
void exact_find(const ExactList *list, const char *text, gsize length, ExactSink sink, gpointer user);

/* --- making lists --- */

typedef struct ExactWriter ExactWriter;
typedef enum {
    EXACT_ADDED,
    EXACT_DOUBLE,
    EXACT_SHORT,  /* found everywhere: below EXACT_WEIGHT */
    EXACT_LONG,   /* over EXACT_LENGTH */
    EXACT_BROKEN, /* something in it ends a phrase (。 , ;) or it is no UTF-8: it would never be found */
    EXACT_FULL,
} ExactAdded;

ExactWriter *exact_writer_new(void);
void exact_writer_free(ExactWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExactWriter, exact_writer_free)
ExactAdded exact_writer_add(ExactWriter *writer, const char *entry);
guint exact_writer_count(const ExactWriter *writer);
/* Writes the file (mode 0640), replacing what was there at once. The key is made if there is none. */
gboolean exact_writer_write(const ExactWriter *writer, const char *path, const char *key_path, GError **error);
