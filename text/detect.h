/* detect - type by content, never by name or Content-Type.
 *
 * A table of signatures, one row per type. Looks at the first DETECT_BYTES bytes. */
#pragma once
#include <glib.h>

#define DETECT_BYTES 4096

typedef enum {
    DETECT_TEXT, /* text in some charset, nothing more special */
    DETECT_HTML,
    DETECT_MESSAGE, /* looks like an RFC 5322 letter */
    DETECT_BINARY,  /* a recognised or unknown format that needs a reader */
    DETECT_PICTURE,
    DETECT_AUDIO_VIDEO,
    DETECT_EXECUTABLE,
    DETECT_EMPTY,
} DetectClass;

typedef struct {
    DetectClass class;
    const char *type; /* static media type or "application/octet-stream" */
} Detected;
Detected detect_bytes(const guint8 *bytes, gsize length);
