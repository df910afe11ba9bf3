/* lines - bytes in pieces of any size, seen as lines, without keeping more than the head of one.
 *
 * A line ends with LF; CR before it does not count. */
#pragma once
#include <glib.h>
#include <gmime/gmime.h>

#define LINES_HEAD 4096 /* bytes of a line that are shown at most, unless the caller asks for more */

typedef struct {
    const char *text; /* lent; without LF and the CR before it */
    gsize length;     /* of text, at most head_max */
    gsize full;       /* bytes of the whole line with its end */
    gint64 offset;    /* of its first byte */
} Line;

/* FALSE stops. */
typedef gboolean (*LineEach)(const Line *line, gpointer user);

typedef struct {
    LineEach each;
    gpointer user;
    gsize head_max; /* LINES_HEAD; may be changed before the first push */
    gint64 offset;  /* where the line in hand begins */
    gsize full;     /* bytes of it seen so far */
    GByteArray *head;
} Lines;

void lines_init(Lines *lines, gint64 offset, LineEach each, gpointer user);
void lines_clear(Lines *lines);
/* FALSE if `each` stopped; then lines->offset is where the line begins that it did not want. */
gboolean lines_push(Lines *lines, const char *bytes, gsize length);
gboolean lines_finish(Lines *lines); /* a last line without LF */

/* As g_mime_stream_read(), but 0 at the end: GMime's file streams answer -1 there when they have bounds. */
gssize lines_read(GMimeStream *stream, char *out, gsize length);
/* All lines of stream[from, to). 1 to the end, 0 stopped, -1 I/O error. */
int lines_of_stream(GMimeStream *stream, gint64 from, gint64 to, LineEach each, gpointer user);
/* Whether a line begins a header field (RFC 5322 section 2.2): printable name, blanks, colon. */
gboolean line_is_field(const char *text, gsize length);
gboolean line_is_blank(const Line *line); /* nothing but blanks and tabs */
