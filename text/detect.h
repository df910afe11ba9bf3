/* detect - type by content, never by name or Content-Type.
 *
 * A table of signatures, one row per type, and a look at whether the bytes can be text. Looks at the first DETECT_BYTES
 * bytes (detect_wide() a little further). Pure; thread-safe. */
#pragma once
#include <glib.h>

#define DETECT_BYTES 4096

typedef enum {
    DETECT_TEXT,    /* text in some charset, nothing more special */
    DETECT_HTML,    /* markup: HTML, XML, SVG; text to be read with its tags taken off */
    DETECT_MESSAGE, /* looks like an RFC 5322 letter */
    DETECT_BINARY,  /* a recognised or unknown format that needs a reader */
    DETECT_PICTURE,
    DETECT_AUDIO_VIDEO,
    DETECT_EXECUTABLE, /* programs, scripts, shortcuts */
    DETECT_EMPTY,
} DetectClass;

typedef struct {
    DetectClass class;
    const char *type; /* static media type; "application/octet-stream" if unknown */
    gboolean is_text; /* the bytes can be text whatever the class says (a script, RTF, an armoured letter ...) */
} Detected;
Detected detect_bytes(const guint8 *bytes, gsize length);

/* Disc images tell what they are only far inside: the same with the DETECT_FAR_BYTES bytes from DETECT_FAR_AT. */
#define DETECT_FAR_AT 32769
#define DETECT_FAR_BYTES 5
Detected detect_wide(const guint8 *bytes, gsize length, const guint8 *far, gsize far_length);

/* Whether it is a type that the functions above give, or that a reader of documents gives to what it finds inside one:
 * words of this house, and not of a letter. */
gboolean detect_is_known(const char *type);

/* Whether the bytes can be text in some charset: UTF-8, a multibyte charset, UTF-16 or UTF-32 with or without mark. A
 * stray control character or NUL in a hundred does not make a text binary. */
gboolean detect_is_text(const guint8 *bytes, gsize length);
