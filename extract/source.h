/* source - the clear bytes of one object: the attachment itself (decrypted chunk by chunk from its spool), or a member
 * of an archive kept in memory. */
#pragma once
#include "spool.h"
#include <glib.h>

typedef struct Source Source;
Source *source_of_spool(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error);
Source *source_of_bytes(GBytes *bytes); /* takes a reference */
void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)
gint64 source_length(const Source *source);
/* Bytes read at `at`: 0 at the end, -1 I/O error. */
gssize source_read(Source *source, gint64 at, void *out, gsize length);
