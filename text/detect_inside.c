/* detect_inside - signatures long enough that pixels do not make them by chance. */
#include "config.h"
#include "detect_inside.h"
#include <string.h>

#define ZIP_END "PK\5\6"     /* end of central directory: APPNOTE 4.3.16 */
#define ZIP_END_SIZE 22      /* without its comment */
#define ZIP_END_DISKS 4      /* two numbers of disks, zero in a file of one piece */
#define ZIP_END_ENTRIES 8    /* here and in all: the same number, and not none */
#define RESERVED_AT_START 16 /* what the face itself begins with */

static const struct {
    const char *bytes;
    gsize length;
} signatures[] = {
    {"Rar!\x1A\x07", 6},
    {"7z\xBC\xAF\x27\x1C", 6},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8},
    {"%PDF-1.", 7},
};

static gboolean
is_zip_end(const guint8 *at, const guint8 *end)
{
    return end - at >= ZIP_END_SIZE && memcmp(at + ZIP_END_DISKS, "\0\0\0\0", 4) == 0 &&
           memcmp(at + ZIP_END_ENTRIES, at + ZIP_END_ENTRIES + 2, 2) == 0 &&
           memcmp(at + ZIP_END_ENTRIES, "\0\0", 2) != 0;
}

static gboolean
holds(const guint8 *bytes, gsize length)
{
    const guint8 *end = bytes + length, *at = bytes;
    for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++)
        if (memmem(bytes, length, signatures[i].bytes, signatures[i].length) != NULL)
            return TRUE;
    for (; (at = memmem(at, (gsize)(end - at), ZIP_END, 4)) != NULL; at++)
        if (is_zip_end(at, end))
            return TRUE;
    return FALSE;
}

void
detect_inside_push(DetectInside *inside, const guint8 *bytes, gsize length)
{
    gsize skip = inside->seen < RESERVED_AT_START ? MIN(length, RESERVED_AT_START - inside->seen) : 0;
    inside->seen += length;
    bytes += skip;
    length -= skip;
    if (inside->found || length == 0)
        return;
    /* What two pieces share is looked at once more, with the start of this one behind the tail of the last. */
    guint8 seam[2 * DETECT_INSIDE_TAIL];
    gsize begin = MIN(length, DETECT_INSIDE_TAIL);
    memcpy(seam, inside->tail, inside->kept);
    memcpy(seam + inside->kept, bytes, begin);
    inside->found = holds(seam, inside->kept + begin) || holds(bytes, length);
    gsize whole = inside->kept + begin;
    const guint8 *last = length >= DETECT_INSIDE_TAIL ? bytes + length - DETECT_INSIDE_TAIL
                                                      : seam + whole - MIN(whole, DETECT_INSIDE_TAIL);
    inside->kept = length >= DETECT_INSIDE_TAIL ? DETECT_INSIDE_TAIL : MIN(whole, DETECT_INSIDE_TAIL);
    memmove(inside->tail, last, inside->kept);
}
