/* guard - the stream between GMime and a letter: notices what the parser would not tell, and ends the parse when a
 * letter would cost too much.
 *
 * GMime keeps every part, header, prologue and epilogue in memory: 100,000 parts are 137 MB. Limits are therefore
 * enforced on the bytes as they pass; the rest of the letter is then for somebody else (`stopped_at`). */
#pragma once
#include "lines.h"
#include "settings.h"

#define GUARD_HEADERS_MAX 20000      /* header fields of one letter */
#define GUARD_HEADERS_FACTOR 8       /* bytes of all headers of one letter: so many times max_header_bytes */
#define GUARD_FACE_MAX (1024 * 1024) /* a prologue or epilogue longer than this is no prologue */
#define GUARD_BOUNDARIES_MAX 1000

typedef struct {
    gboolean nul;       /* a NUL where structure is: in headers or between parts */
    gboolean bare_cr;   /* a CR that could be a line end for somebody, where structure is */
    gint64 stopped_at;  /* source offset at which the parser was told "end of file"; -1 never */
    guint stop_oddity;  /* why: ODD_PARTS, ODD_HEADER_BYTES or ODD_BROKEN_BOUNDARY */
    gint64 face_at;     /* with ODD_BROKEN_BOUNDARY: where the endless prologue or epilogue began */
    gboolean io_failed; /* the source could not be read */
} GuardReport;

/* A reader of source from offset `from` on, with `prefix` (header lines and an empty line; may be NULL) put before.
 * Offsets that GMime takes from it are those of the source plus the length of the prefix. Its substreams are substreams
 * of the source itself. `report` is filled while reading and must live as long. Gives a reference. */
GMimeStream *guard_new(GMimeStream *source, gint64 from, const char *prefix, const Settings *settings,
                       GuardReport *report);
