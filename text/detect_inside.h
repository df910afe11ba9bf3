/* detect_inside - a container behind the face of a picture or of sound: an archive or document appended to it, which
 * programs that look for it will open. Fed in pieces of any size. */
#pragma once
#include <glib.h>

#define DETECT_INSIDE_TAIL 64 /* bytes kept between pieces, more than any signature */

typedef struct {
    gsize seen;                      /* bytes so far */
    guint8 tail[DETECT_INSIDE_TAIL]; /* the last of them */
    gsize kept;
    gboolean found;
} DetectInside; /* zeros: the start */

void detect_inside_push(DetectInside *inside, const guint8 *bytes, gsize length);
