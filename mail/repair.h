/* repair - other readings of a structure that programs disagree on.
 *
 * Who hides something writes a letter that we and the recipient's program take apart differently. Where structure is
 * doubtful every reading we know is opened as well: encoded containers, each of several Content-Type and
 * Content-Transfer-Encoding headers, other boundaries, bare CR as line end; and the bytes as they are. */
#pragma once
#include "structure.h"

typedef struct {
    const Opening *opening;
    GMimeHeaderList *headers; /* of the entity */
    gint64 from, to;          /* its content in opening->source */
    guint parent;             /* part that the readings belong to */
} Region;

/* Whether the headers of a multipart, or the number of parts that GMime found in it, call for other readings. */
gboolean repair_is_doubtful(GMimeHeaderList *headers, int children);
/* A doubtful multipart. headers may be NULL: then only its boundary is in doubt. FALSE only for I/O errors. */
gboolean repair_container(const Region *region, int children, GError **error);
/* A leaf, when its headers contradict each other. FALSE only for I/O errors. */
gboolean repair_leaf(const Region *region, GError **error);
/* A letter in which a CR alone may end lines. FALSE only for I/O errors. */
gboolean repair_bare_cr(const Opening *opening, GError **error);
/* Where the content of an entity begins, given the offset of one of its headers: after the next empty line. */
gint64 repair_body_start(GMimeStream *source, gint64 header, gint64 to);
/* Where it ends: before the next line that begins with "--" and one of the boundaries; `to` without one. */
gint64 repair_body_end(GMimeStream *source, gint64 from, gint64 to, const GPtrArray *boundaries);
