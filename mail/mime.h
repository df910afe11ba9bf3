/* mime - the parse stage: GMime for structure and offsets, our limits, a flat list of parts.
 *
 * GMime never decodes text for us (dependencies.md section 3). Repairs what GMime gets wrong: leading blank lines, bare
 * CR, encoded multiparts and messages, boundary trouble (then the raw bytes are looked at too, as a part of kind raw).
 * Malformed structure is a fact, never an error. */
#pragma once
#include "message.h"
#include "settings.h"

/* Fills the parse fields of `message` from message->raw. FALSE only for I/O errors of the stream. */
gboolean mime_parse(Message *message, const Settings *settings, GError **error);
/* Decoded bytes of a leaf part, transfer encoding undone by text/transfer. FALSE from sink stops. -1 I/O error with
 * error, 0 stopped, 1 all. */
typedef gboolean (*MimeBytes)(const guint8 *bytes, gsize length, gpointer user);
int mime_part_bytes(Message *message, const Part *part, MimeBytes sink, gpointer user, GError **error);
/* Calls for every raw header of a part's entity (0: the message; message/rfc822 parts: their own): name and raw body.
 */
typedef gboolean (*MimeHeader)(const char *name, const char *raw, gsize length, gpointer user);
void mime_headers(Message *message, const Part *part, MimeHeader each, gpointer user);
