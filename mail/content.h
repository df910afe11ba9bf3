/* content - the bytes of a part with their transfer encoding undone, as a flow or kept aside. */
#pragma once
#include "message.h"
#include "settings.h"

#define CONTENT_MEMORY (4 * 1024 * 1024) /* of what is kept aside, beyond that it goes to settings->spool_dir */

/* FALSE stops. */
typedef gboolean (*ContentSink)(const guint8 *bytes, gsize length, gpointer user);
/* 1 all, 0 stopped by the sink, -1 I/O error. oddities_out (may be NULL): what transfer found strange. */
int content_flow(GMimeStream *content, TransferKind kind, ContentSink sink, gpointer user, guint *oddities_out,
                 GError **error);
/* The decoded bytes as a stream of their own (encrypted like the spool). NULL without error: more than max_part_bytes,
 * or no room for it. Gives a reference. */
GMimeStream *content_aside(GMimeStream *content, TransferKind kind, const Settings *settings, GError **error);
