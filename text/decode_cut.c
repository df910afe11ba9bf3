/* decode_cut - where a long text may be cut so that no character is. */
#include "config.h"
#include "decode.h"
#include <string.h>

/* The second byte of a character may look like a digit or a letter, never like these. */
#define SAFE_MAX 0x2F

/* Beside a zero byte a line end may be one half of a wide character: units of four bytes hold in every wide form. */
static gsize
after_newline(const guint8 *bytes, gsize length, gsize newline)
{
    gsize cut = newline + 1;
    gboolean wide = (newline > 0 && bytes[newline - 1] == 0) || (cut < length && bytes[cut] == 0);
    if (wide)
        cut = (cut + 3) & ~(gsize)3;
    return cut;
}

gsize
decode_cut(const guint8 *bytes, gsize length, gsize max)
{
    if (length <= max)
        return length;
    gsize floor = max - max / 4;
    const guint8 *newline = memrchr(bytes + floor, '\n', max - floor);
    if (newline != NULL) {
        gsize cut = after_newline(bytes, length, (gsize)(newline - bytes));
        if (cut <= max)
            return cut;
    }
    gboolean zeros = memchr(bytes + floor, 0, max - floor) != NULL;
    for (gsize cut = max; !zeros && cut > floor && cut > 0; cut--)
        if (bytes[cut] <= SAFE_MAX)
            return cut;
    /* No blank for a quarter of the window: perhaps UTF-8, which shows where a character begins. */
    for (gsize cut = max; !zeros && cut > floor && cut + 4 > max; cut--)
        if (bytes[cut] >= 0xC2 && bytes[cut] < 0xF5 && (bytes[cut + 1 < length ? cut + 1 : cut] & 0xC0) == 0x80)
            return cut;
    return max >= 4 ? max & ~(gsize)3 : max;
}
