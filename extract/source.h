/* source - the clear bytes of one object: the attachment itself (decrypted from its spool, a large one chunk by chunk),
 * or a member of an archive: kept in memory, or, where it is too large for that, its beginning in memory and the rest
 * once as it comes. */
#pragma once
#include "spool.h"
#include <glib.h>

typedef struct Source Source;
Source *source_of_spool(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error);
Source *source_of_bytes(GBytes *bytes); /* takes a reference */
/* `from` to `to` of another, which must live longer. */
Source *source_part(Source *whole, gint64 from, gint64 to);
/* Next bytes of a stream: 0 at the end, -1 damaged or over budget. */
typedef gssize (*SourceMore)(gpointer user, void *out, gsize length);
/* `head`, then what `more` gives: behind the head it can be read forward only. Its length is unknown (-1). */
Source *source_of_stream(GBytes *head, SourceMore more, gpointer user);
void source_free(Source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Source, source_free)
gint64 source_length(const Source *source); /* -1: unknown, a stream */
/* Bytes read at `at`: 0 at the end, -1 I/O error, or backwards in a stream. May be fewer than asked for. */
gssize source_read(Source *source, gint64 at, void *out, gsize length);
/* Where the bytes from `at` on lie in memory, and how many; NULL: nowhere, use source_read(). Lent as long as it lives.
 */
const void *source_lend(Source *source, gint64 at, gsize *length_out);
/* All of it, but no more than `most` bytes and one, by which the caller sees that there are more; not copied where it lies
 * in memory. *damaged_out: it could not be read to its end. Gives. */
GBytes *source_all(Source *source, gint64 most, gboolean *damaged_out);
/* As many of `length` as there are; FALSE if fewer. */
gboolean source_read_all(Source *source, gint64 at, void *out, gsize length);
