/* suspects - letters that ended an inspector: the second time they are held without being opened.
 *
 * Known by a keyed digest of their body under a key of this process; a bounded table, the oldest entry goes first.
 * Costs nothing while nobody died. Thread-safe. */
#pragma once
#include "crypto.h"
#include "spool_stream.h"
#include <glib.h>

#define SUSPECTS_MAX 256

typedef struct Suspects Suspects;
Suspects *suspects_new(void);
void suspects_free(Suspects *suspects);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Suspects, suspects_free)

gboolean suspects_is_empty(Suspects *suspects);
/* Digest of the body of a letter: `from` is where it begins. A body too short to tell letters apart is taken with its
 * header. FALSE if the stream cannot be read. */
gboolean suspects_digest(Suspects *suspects, GMimeStream *letter, gint64 from, guint8 out[CRYPTO_DIGEST_SIZE]);
/* How many inspectors this letter has ended so far. */
guint suspects_count(Suspects *suspects, const guint8 digest[CRYPTO_DIGEST_SIZE]);
/* One more; gives the new count. */
guint suspects_add(Suspects *suspects, const guint8 digest[CRYPTO_DIGEST_SIZE]);
