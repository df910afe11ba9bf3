/* spool - a letter's bytes while it is looked at: bounded memory, encrypted, gone with its descriptor.
 *
 * Up to `memory` bytes lie in a memfd, beyond that in an unlinked file of `directory`. Chunks of SPOOL_CHUNK clear
 * bytes are sealed with AES-256-GCM under a random key of this letter, the chunk number as nonce; the key is never
 * written. One thread at a time. */
#pragma once
#include "crypto.h"
#include <glib.h>

#define SPOOL_CHUNK (64 * 1024)

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

/* Reader: random access to the clear bytes of a sealed spool. Keeps a duplicate of fd, not the key. Positions are
 * absolute (pread), so that a shared offset does no harm; one chunk is clear at a time, wiped at the end. NULL with
 * error if fd cannot be duplicated. One thread at a time. */
typedef struct SpoolReader SpoolReader;
SpoolReader *spool_reader_new(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error);
void spool_reader_free(SpoolReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpoolReader, spool_reader_free)
gint64 spool_reader_length(const SpoolReader *reader);
/* Bytes read at `at`, as many as there are: 0 at the end; -1 with errno if the first of them lies in a changed, missing
 * or swapped chunk. */
gssize spool_reader_read(SpoolReader *reader, gint64 at, void *out, gsize length);
