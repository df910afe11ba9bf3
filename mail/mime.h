/* mime - the parse stage: GMime for structure and offsets, our limits, a flat list of parts.
 *
 * GMime never decodes text for us. Repairs what GMime gets wrong: leading blank lines, bare CR, encoded multiparts and
 * letters, boundary trouble, contradicting headers (mail/repair.h). Malformed structure is a fact, never an error. */
#pragma once
#include "content.h"
#include "message.h"
#include "settings.h"

/* Fills the parse fields of `message` from message->raw. FALSE only for I/O errors of the stream. */
gboolean mime_parse(Message *message, const Settings *settings, GError **error);
/* Bytes of a part with its transfer encoding undone. 1 all (or a part without bytes), 0 stopped by the sink, -1 I/O
 * error. oddities_out may be NULL. */
int mime_part_bytes(const Part *part, ContentSink sink, gpointer user, guint *oddities_out, GError **error);
/* Every raw header of a part: its MIME headers, then those of the letter that it is (0: the letter itself). FALSE from
 * `each` stops. Raw values are C strings: what follows a NUL is looked at as raw bytes instead. */
typedef gboolean (*MimeHeader)(const char *name, const char *raw, gsize length, gpointer user);
void mime_headers(const Part *part, MimeHeader each, gpointer user);
