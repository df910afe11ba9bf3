/* content - the bytes of a part with their transfer encoding undone, as a flow or kept aside. */
#pragma once
#include "message.h"
#include "settings.h"
#include "spool_stream.h"

#define CONTENT_MEMORY                                                                            \
    (4 * 1024 * 1024) /* of one letter kept aside in memory; the rest goes to settings->spool_dir \
                       */

/* FALSE stops. */
typedef gboolean (*ContentSink)(const guint8 *bytes, gsize length, gpointer user);
/* 1 all, 0 stopped by the sink, -1 I/O error. oddities_out (may be NULL): what transfer found strange. */
int content_flow(GMimeStream *content, TransferKind kind, ContentSink sink, gpointer user, guint *oddities_out,
                 GError **error);
/* Room to keep decoded content aside, encrypted like the letter itself. NULL: max_text_bytes of this letter lie aside
 * already, or there is no room. Gives. */
Spool *content_room(const Message *message, const Settings *settings);
/* What was written to it, as a stream. NULL: no room after all. Takes the spool. Gives a reference. */
GMimeStream *content_kept(Message *message, Spool *spool);
/* The decoded bytes as a stream of their own. NULL without error: more than max_part_bytes, or no room. Gives a
 * reference. */
GMimeStream *content_aside(Message *message, GMimeStream *content, TransferKind kind, const Settings *settings,
                           GError **error);
