/* spool - a letter's bytes while it is looked at: bounded memory, encrypted, gone with its descriptor.
 *
 * Up to `memory` bytes lie in a memfd, beyond that in an unlinked file of `directory`. Chunks of SPOOL_CHUNK clear
 * bytes are sealed with AES-256-GCM under a random key of this letter, the chunk number as nonce; the key is never
 * written. One thread at a time. */
#pragma once
#include "crypto.h"
#include <gmime/gmime.h>

#define SPOOL_CHUNK (64 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref) /* GMime has none */

typedef struct Spool Spool;
/* Writer. directory NULL: memory only, and a letter over `memory` is HANGU_ERROR_IO. */
Spool *spool_new(const char *directory, gsize memory, GError **error);
void spool_free(Spool *spool); /* wipes the key */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spool, spool_free)
gboolean spool_write(Spool *spool, const void *bytes, gsize length,
                     GError **error);              /* HANGU_ERROR_IO: disk full, and the end of this spool */
gboolean spool_seal(Spool *spool, GError **error); /* after the last write */
gint64 spool_length(const Spool *spool);           /* clear bytes */
int spool_fd(const Spool *spool);                  /* lends */
const guint8 *spool_key(const Spool *spool);       /* lends; CRYPTO_KEY_SIZE bytes */

/* Reader: a seekable GMimeStream over a sealed spool; keeps a duplicate of fd, not the key. Positions are absolute
 * (pread), so a shared offset does no harm; substreams share one clear chunk, wiped at the end. A changed, missing or
 * swapped chunk reads as an I/O error (-1). Gives a reference; NULL with error if fd cannot be duplicated. */
GMimeStream *spool_stream(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error);
/* The same over a sealed writer, which may be freed afterwards. */
GMimeStream *spool_open(const Spool *spool, GError **error);
