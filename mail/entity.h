/* entity - what the headers of one MIME entity say (RFC 2045, 2183, 2231), read from their raw bytes. */
#pragma once
#include "message.h"

/* Last value of a header (as GMime takes it), raw; lends or NULL. */
const char *entity_header(GMimeHeaderList *headers, const char *name);
/* Different values of a header, the last first; at most 4, ends of line stripped. Gives an array of strings. */
GPtrArray *entity_values(GMimeHeaderList *headers, const char *name);
/* "type/subtype" of a Content-Type value, lower case; "text/plain" for NULL, "application/octet-stream" when no type
 * can be read. Gives. */
char *entity_type(const char *value);
/* Fills type, charset, name, disposition, transfer, is_attachment from part->headers; returns Oddity bits. */
guint entity_describe(Part *part);
/* Offset of the first header in its source, -1 if there is none. */
gint64 entity_offset(GMimeHeaderList *headers);
