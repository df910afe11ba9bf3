/* look - the colours of a page: a red head and a round red seal, as Chinese official documents carry them
 * (GB/T 9704-2012, 7.2.4 and 7.3.5.2). Cheap: looks at a hundred thousand dots of the picture. */
#pragma once
#include "segment.h"

typedef struct {
    const guint8 *pixels; /* lent */
    guint width, height;
    gsize stride;           /* bytes from row to row */
    guint step;             /* bytes from dot to dot, at least 3 */
    guint red, green, blue; /* which byte of a dot is which: below `step` */
} LookPicture;

/* PageLook bits. A picture smaller than 200 dots either way shows nothing. */
guint look_of(const LookPicture *picture);
