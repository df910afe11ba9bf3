/* spool_stream - a sealed spool as a GMimeStream: seekable, read only.
 *
 * Substreams share one SpoolReader, and so one clear chunk. What the reader refuses reads as an I/O error (-1). */
#pragma once
#include "spool.h"
#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref) /* GMime has none */

/* Keeps a duplicate of fd, not the key. Gives a reference; NULL with error if fd cannot be duplicated. */
GMimeStream *spool_stream_open(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error);
/* The same over a sealed writer, which may be freed afterwards. */
GMimeStream *spool_stream_of(const Spool *spool, GError **error);
