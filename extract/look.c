/* look - red dots on a grid, joined into pieces: wide flat ones are rules, rows of many are letters, round hollow ones
 * seals. */
#include "config.h"
#include "look.h"
#include <leptonica/allheaders.h>

#define SIDE_LEAST 200
#define GRID 420         /* dots across the shorter side of the page */
#define RED_MIN 110      /* of 255 */
#define RED_LEAD 55      /* more red than green and than blue */
#define PAPER_RED 40     /* per cent: redder than that it is no paper with red on it */
#define PIECES_MAX 20000 /* then it is no page */

typedef struct {
    l_int32 x, y, wide, high, fill; /* fill: per cent of its box */
} Piece;

static gboolean
is_red(const LookPicture *picture, guint x, guint y)
{
    const guint8 *dot = picture->pixels + y * picture->stride + (gsize)x * picture->step;
    gint red = dot[picture->red], other = MAX(dot[picture->green], dot[picture->blue]);
    return red >= RED_MIN && red - other >= RED_LEAD;
}

/* A grid point is red if any of some dots of its cell is: thin rules must not fall between. */
static PIX *
red_mask(const LookPicture *picture, guint cell)
{
    l_int32 wide = (l_int32)(picture->width / cell), high = (l_int32)(picture->height / cell);
    PIX *mask = pixCreate(wide, high, 1);
    for (l_int32 y = 0; mask != NULL && y < high; y++)
        for (l_int32 x = 0; x < wide; x++) {
            gboolean red = FALSE;
            for (guint i = 0; i < cell && !red; i++)
                red = is_red(picture, (guint)x * cell + i, (guint)y * cell + i) ||
                      is_red(picture, (guint)x * cell, (guint)y * cell + i);
            if (red)
                SET_DATA_BIT(pixGetData(mask) + (gsize)y * (gsize)pixGetWpl(mask), x);
        }
    return mask;
}

/* --- pieces ----------------------------------------------------------------------------------------------------- */

static gboolean
is_rule(const Piece *piece, gint width, gint height)
{
    return piece->wide * 2 >= width && piece->high * 60 <= height;
}

/* A letter of a head is 15 mm high at most (GB/T 9704: smaller than 22 mm wide), one of text 5 mm. */
static gboolean
is_letter(const Piece *piece, gint width, gint height)
{
    return piece->high * 80 >= height && piece->high * 10 <= height && piece->wide * 8 <= width && piece->fill < 80;
}

/* Whether the ring of a round piece is red most of the way around, and it is not a disc. */
static gboolean
is_ring(PIX *mask, const Piece *piece)
{
    static const gint8 around[16][2] = {{100, 0},  {92, 38},  {71, 71},  {38, 92},   {0, 100},   {-38, 92},
                                        {-71, 71}, {-92, 38}, {-100, 0}, {-92, -38}, {-71, -71}, {-38, -92},
                                        {0, -100}, {38, -92}, {71, -71}, {92, -38}};
    gint met = 0, centre_x = piece->x + piece->wide / 2, centre_y = piece->y + piece->high / 2;
    for (guint i = 0; i < G_N_ELEMENTS(around); i++) {
        gboolean red = FALSE;
        for (gint part = 82; part <= 100 && !red; part += 3) {
            l_uint32 value = 0;
            pixGetPixel(mask, centre_x + around[i][0] * piece->wide * part / 20000,
                        centre_y + around[i][1] * piece->high * part / 20000, &value);
            red = value != 0;
        }
        met += red;
    }
    return met >= 13 && piece->fill < 65;
}

static gboolean
is_seal(PIX *mask, const Piece *piece, gint width)
{
    return piece->wide * 14 >= width && piece->wide * 5 <= width * 2 && piece->wide * 5 >= piece->high * 4 &&
           piece->high * 5 >= piece->wide * 4 && is_ring(mask, piece);
}

static guint
look_at(PIX *mask, BOXA *boxes, PIXA *pieces)
{
    gint width = pixGetWidth(mask), height = pixGetHeight(mask), letters = 0, from = width, to = 0;
    gboolean rule = FALSE;
    guint look = 0;
    for (l_int32 i = 0; i < boxaGetCount(boxes); i++) {
        Piece piece;
        l_int32 dots = 0;
        boxaGetBoxGeometry(boxes, i, &piece.x, &piece.y, &piece.wide, &piece.high);
        PIX *shape = pixaGetPix(pieces, i, L_CLONE);
        pixCountPixels(shape, &dots, NULL);
        pixDestroy(&shape);
        piece.fill = dots * 100 / (piece.wide * piece.high);
        if (is_seal(mask, &piece, width))
            look |= LOOK_SEAL;
        if (piece.y * 5 > width * 3) /* a head stands in the upper part of a page, wherever that is cut off */
            continue;
        rule |= is_rule(&piece, width, height);
        if (is_letter(&piece, width, height)) {
            letters++;
            from = MIN(from, piece.x);
            to = MAX(to, piece.x + piece.wide);
        }
    }
    if (rule && letters >= 3 && (to - from) * 4 >= width)
        look |= LOOK_RED_HEAD;
    return look;
}

guint
look_of(const LookPicture *picture)
{
    guint side = MIN(picture->width, picture->height), look = 0;
    l_int32 dots = 0, count = 0;
    if (side < SIDE_LEAST || picture->width > picture->height * 2 || picture->height > picture->width * 3)
        return 0;
    PIX *mask = red_mask(picture, MAX(side / GRID, 1));
    if (mask == NULL)
        return 0;
    pixCountPixels(mask, &dots, NULL);
    pixCountConnComp(mask, 8, &count);
    gint64 all = (gint64)pixGetWidth(mask) * pixGetHeight(mask);
    if (dots > 0 && dots * G_GINT64_CONSTANT(100) < all * PAPER_RED && count < PIECES_MAX) {
        PIXA *pieces = NULL;
        BOXA *boxes = pixConnComp(mask, &pieces, 8);
        if (boxes != NULL && pieces != NULL)
            look = look_at(mask, boxes, pieces);
        boxaDestroy(&boxes);
        pixaDestroy(&pieces);
    }
    pixDestroy(&mask);
    return look;
}
