/* strokes - strokes are what differs from its surroundings, dark or light. Blots of the size of letters that stand in a
 * row are a line; strokes joined along the lines leave fewer pieces than strokes joined across them. */
#include "config.h"
#include "strokes.h"
#include <leptonica/allheaders.h>
#include <string.h>

#define LOOK_PIXELS 2500000 /* looked at; larger pictures are reduced */
#define AROUND 12           /* pixels on each side: the surroundings */
#define CONTRAST 24         /* of a stroke to them, of 255 */
#define STROKE_MIN 5        /* pixels: height or width of a letter's piece */
#define JOIN 15             /* gap between letters of a line */
#define LINE_MIN 7          /* height of a line */
#define LINE_LONG 2         /* heights: a line of two letters */
#define COLUMNS_CLEAR 1.25  /* so many times fewer pieces, to believe in columns */

PIX *
strokes_pix(const OcrPicture *picture)
{
    if ((guint64)picture->width * picture->height > (1u << 30))
        return NULL;
    PIX *pix = pixCreateNoInit((l_int32)picture->width, (l_int32)picture->height, 8);
    if (pix == NULL)
        return NULL;
    l_uint32 *to = pixGetData(pix);
    l_int32 words = pixGetWpl(pix);
    for (guint y = 0; y < picture->height; y++, to += words) {
        const guint8 *from = picture->pixels + y * picture->stride;
        to[words - 1] = 0;
        for (guint x = 0; x < picture->width; x++)
            SET_DATA_BYTE(to, x, from[x]);
    }
    return pix;
}

int
strokes_gap(PIX *pix, int from, int to)
{
    gint width = pixGetWidth(pix), best = to;
    guint64 least = G_MAXUINT64;
    for (gint y = from; y < to; y++) {
        const l_uint32 *line = pixGetData(pix) + (gsize)y * (gsize)pixGetWpl(pix);
        guint64 change = 0;
        for (gint x = 1; x < width; x++) {
            gint step = (gint)GET_DATA_BYTE(line, x) - (gint)GET_DATA_BYTE(line, x - 1);
            change += (guint64)(step * step);
        }
        if (change < least) {
            least = change;
            best = y;
        }
    }
    return best;
}

/* Strokes darker (or lighter) than what is around them; 1 bit. */
static PIX *
strokes(PIX *pix, PIX *around, gboolean light)
{
    PIX *difference = light ? pixSubtractGray(NULL, pix, around) : pixSubtractGray(NULL, around, pix);
    PIX *mask = difference == NULL ? NULL : pixThresholdToBinary(difference, CONTRAST);
    if (mask != NULL)
        pixInvert(mask, mask); /* it marks what is below the threshold */
    pixDestroy(&difference);
    return mask;
}

static guint
count_pieces(PIX *mask, gint wide, gint high)
{
    l_int32 count = 0;
    PIX *joined = pixCloseSafeBrick(NULL, mask, wide, high);
    if (joined != NULL)
        pixCountConnComp(joined, 8, &count);
    pixDestroy(&joined);
    return (guint)count;
}

/* Whether joining along one direction makes something long that is no higher than letters. */
static gboolean
has_line(PIX *mask, gboolean columns)
{
    gboolean found = FALSE;
    PIX *joined = pixCloseSafeBrick(NULL, mask, columns ? 1 : JOIN, columns ? JOIN : 1);
    BOXA *boxes = joined == NULL ? NULL : pixConnCompBB(joined, 8);
    for (l_int32 i = 0; boxes != NULL && i < boxaGetCount(boxes) && !found; i++) {
        l_int32 wide, high;
        boxaGetBoxGeometry(boxes, i, NULL, NULL, &wide, &high);
        gint length = columns ? high : wide, height = columns ? wide : high;
        found = height >= LINE_MIN && length >= LINE_LONG * height * 3 / 4;
    }
    boxaDestroy(&boxes);
    pixDestroy(&joined);
    return found;
}

static StrokesSeen
look(PIX *mask)
{
    l_int32 side = MAX(pixGetWidth(mask), pixGetHeight(mask));
    PIX *pieces = pixSelectBySize(mask, side, side, 8, L_SELECT_IF_BOTH, L_SELECT_IF_LTE, NULL);
    PIX *letters = pieces == NULL
                       ? NULL
                       : pixSelectBySize(pieces, STROKE_MIN, STROKE_MIN, 8, L_SELECT_IF_EITHER, L_SELECT_IF_GTE, NULL);
    StrokesSeen seen = STROKES_NONE;
    if (letters != NULL && (has_line(letters, FALSE) || has_line(letters, TRUE))) {
        guint lines = count_pieces(letters, JOIN, 1), columns = count_pieces(letters, 1, JOIN);
        seen = columns * COLUMNS_CLEAR < lines ? STROKES_IN_COLUMNS : STROKES_IN_LINES;
    }
    pixDestroy(&pieces);
    pixDestroy(&letters);
    return seen;
}

StrokesSeen
strokes_seen(PIX *pix)
{
    StrokesSeen seen = STROKES_NONE;
    gdouble scale = 1;
    while (scale * scale * pixGetWidth(pix) * pixGetHeight(pix) > LOOK_PIXELS)
        scale *= 0.9;
    PIX *small = scale == 1 ? pixClone(pix) : pixScale(pix, (l_float32)scale, (l_float32)scale);
    PIX *around = small == NULL ? NULL : pixBlockconv(small, AROUND, AROUND);
    for (guint light = 0; light < 2 && around != NULL && seen == STROKES_NONE; light++) {
        PIX *mask = strokes(small, around, light == 1);
        if (mask != NULL)
            seen = look(mask);
        pixDestroy(&mask);
    }
    pixDestroy(&around);
    pixDestroy(&small);
    return seen;
}
