/* picture - decoding is leptonica's, one page or frame after the other. */
#include "config.h"
#include "picture.h"
#include "barcode.h"
#include "detect.h"
#include "detect_inside.h"
#include "look.h"
#include "picture_parts.h"
#include "strokes.h"
#include <leptonica/allheaders.h>
#include <string.h>

#define JPEG_DOTS 12000000 /* larger ones are decoded at half the size, a quarter ... */
#define SEARCH_STEP 65536  /* bytes looked at at once for what is hidden behind a picture */

typedef struct {
    const char *type;
    void (*walk)(Picture *picture);
} Kind;
static const Kind kinds[] = {
    {"image/png", picture_walk_png},
    {"image/jpeg", picture_walk_jpeg},
    {"image/gif", picture_walk_gif},
    {"image/bmp", picture_walk_bmp},
    {"image/webp", picture_walk_webp},
    {"image/tiff", picture_walk_tiff},
    {"image/jp2", NULL},
};

/* --- one page or frame ------------------------------------------------------------------------------------------ */

/* Letters may be white or black where the picture is transparent: the ground is grey for both. */
static PIX *
without_alpha(PIX *pix)
{
    PIX *plain = NULL;
    if (pixGetColormap(pix) != NULL)
        plain = pixRemoveColormap(pix, REMOVE_CMAP_WITH_ALPHA);
    else
        plain = pixClone(pix);
    if (plain != NULL && pixGetDepth(plain) == 32 && pixGetSpp(plain) == 4) {
        PIX *flat = pixAlphaBlendUniform(plain, 0x8C8C8C00);
        pixDestroy(&plain);
        plain = flat;
    }
    return plain;
}

static guint
look_at(PIX *pix)
{
    if (pixGetDepth(pix) != 32)
        return 0;
    const LookPicture picture = {
        .pixels = (const guint8 *)pixGetData(pix),
        .width = (guint)pixGetWidth(pix),
        .height = (guint)pixGetHeight(pix),
        .stride = (gsize)pixGetWpl(pix) * 4,
        .step = 4,
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
        .red = 3,
        .green = 2,
        .blue = 1
#else
        .red = 0,
        .green = 1,
        .blue = 2
#endif
    };
    return look_of(&picture);
}

static gboolean
read_pix(const Picture *picture, guint page, PIX *pix)
{
    PIX *plain = without_alpha(pix);
    PIX *turned = plain == NULL                                     ? NULL
                  : picture->turns == 0 || picture->frames->len > 0 ? pixClone(plain)
                                                                    : pixRotateOrth(plain, (l_int32)picture->turns);
    PIX *grey = turned == NULL ? NULL : pixConvertTo8(turned, 0);
    gboolean going = TRUE;
    if (grey == NULL) {
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    } else {
        sink_look(picture->sink, picture->part, page, look_at(turned));
        going = barcode_read(picture->sink, picture->part, page, grey);
        pixDestroy(&turned); /* it may be large */
        pixDestroy(&plain);
        going = going && (!ocr_ready() || ocr_pix(picture->sink, picture->part, page, grey, picture->dpi));
    }
    pixDestroy(&turned);
    pixDestroy(&plain);
    pixDestroy(&grey);
    return going;
}

/* --- decoding --------------------------------------------------------------------------------------------------- */

static gboolean
fits(guint width, guint height, guint depth)
{
    return width > 0 && height > 0 && (guint64)width * height * depth / 8 <= PICTURE_MEMORY;
}

static PIX *
decode(const Kind *kind, const guint8 *bytes, gsize length, const PictureFrame *frame)
{
    if (strcmp(kind->type, "image/tiff") == 0)
        return pixReadMemTiff(bytes, length, frame->number);
    if (strcmp(kind->type, "image/jpeg") == 0) {
        l_int32 reduction = 1;
        while (reduction < 8 && (guint64)frame->width * frame->height > (guint64)JPEG_DOTS * reduction * reduction)
            reduction *= 2;
        return pixReadMemJpeg(bytes, length, 0, reduction, NULL, 0);
    }
    return pixReadMem(bytes, length);
}

/* JPEG is decoded smaller where it is large. */
static gboolean
may_decode(const Kind *kind, const PictureFrame *frame)
{
    guint64 dots = (guint64)frame->width * frame->height;
    if (strcmp(kind->type, "image/jpeg") == 0 && dots > JPEG_DOTS)
        return dots / 64 <= JPEG_DOTS;
    return fits(frame->width, frame->height, frame->depth);
}

static gboolean
read_frame(const Kind *kind, const Picture *picture, guint page, const PictureFrame *frame)
{
    gsize length = picture->length;
    const guint8 *bytes = frame->bytes != NULL ? g_bytes_get_data(frame->bytes, &length) : picture->bytes;
    if (MAX(frame->width, frame->height) < PICTURE_SMALL && frame->width > 0)
        return TRUE;
    if (!may_decode(kind, frame) || !sink_ocr_time(picture->sink, OCR_TIME_ALL)) {
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    PIX *pix = decode(kind, bytes, length, frame);
    if (pix == NULL) {
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_DAMAGED);
        return TRUE;
    }
    gboolean going = read_pix(picture, page, pix);
    pixDestroy(&pix);
    return going;
}

static gboolean
read_frames(const Kind *kind, const Picture *picture)
{
    const PictureFrame whole = {picture->width, picture->height, picture->depth, NULL, 0};
    if (picture->unknown_frames)
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    if (picture->frames->len == 0 && picture->unknown_frames)
        return TRUE;
    if (picture->frames->len == 0)
        return read_frame(kind, picture, 1, &whole);
    for (guint i = 0; i < picture->frames->len && i < PICTURE_FRAMES; i++)
        if (!read_frame(kind, picture, i + 1, &g_array_index(picture->frames, PictureFrame, i)))
            return FALSE;
    if (picture->frames->len > PICTURE_FRAMES)
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    return TRUE;
}

/* --- behind the end --------------------------------------------------------------------------------------------- */

static gboolean
hides_something(const guint8 *bytes, gsize length)
{
    DetectInside inside = {0};
    for (gsize at = 0; at < length && !inside.found; at += SEARCH_STEP)
        detect_inside_push(&inside, bytes + at, MIN(SEARCH_STEP, length - at));
    return inside.found;
}

static gboolean
is_nothing(const guint8 *bytes, gsize length)
{
    while (length > 0 && (*bytes == 0 || g_ascii_isspace((char)*bytes) || *bytes == 0xFF)) {
        bytes++;
        length--;
    }
    return length < 8;
}

/* What programs that look for it will open is read: another picture, an archive, text. What cameras write there and
 * nobody opens (settings, small films) is left; an archive somewhere in it is not. */
static void
read_behind(const Picture *picture, Source *source)
{
    gsize length = picture->length - picture->end;
    const guint8 *bytes = picture->bytes + picture->end;
    if (picture->end == 0 || is_nothing(bytes, length)) {
        if (hides_something(picture->bytes, picture->length))
            sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
        return;
    }
    Detected seen = detect_bytes(bytes, length);
    gboolean known = strcmp(seen.type, "application/octet-stream") != 0 && seen.class != DETECT_AUDIO_VIDEO;
    g_autoptr(Source) behind = source_part(source, (gint64)picture->end, (gint64)picture->length);
    if (known)
        sink_object(picture->sink, picture->part, "", 0, behind);
    if (hides_something(picture->bytes, known ? picture->end : picture->length))
        sink_cover(picture->sink, picture->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static const Kind *
kind_of(const guint8 *bytes, gsize length)
{
    Detected seen = detect_bytes(bytes, MIN(length, DETECT_BYTES));
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].type, seen.type) == 0)
            return &kinds[i];
    return NULL;
}

static void
walk(const Kind *kind, Picture *picture)
{
    l_int32 format, width = 0, height = 0, bits = 0, samples = 0;
    if (kind->walk != NULL) {
        kind->walk(picture);
    } else if (pixReadHeaderMem(picture->bytes, picture->length, &format, &width, &height, &bits, &samples, NULL) ==
               0) {
        picture->width = (guint)MAX(width, 0);
        picture->height = (guint)MAX(height, 0);
        picture->depth = 32;
    } else {
        picture->damaged = TRUE;
    }
}

static void
drop_bytes(gpointer data)
{
    g_clear_pointer(&((PictureFrame *)data)->bytes, g_bytes_unref);
}

gboolean
picture_run(Source *source, Sink *sink, guint part)
{
    gboolean damaged;
    gsize length;
    g_autoptr(GBytes) all = source_all(source, PICTURE_BYTES, &damaged);
    const guint8 *bytes = g_bytes_get_data(all, &length);
    if (length > PICTURE_BYTES) {
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    const Kind *kind = kind_of(bytes, length);
    Picture picture = {.sink = sink, .part = part, .bytes = bytes, .length = length, .damaged = damaged};
    if (kind == NULL)
        return FALSE;
    picture.frames = g_array_new(FALSE, FALSE, sizeof(PictureFrame));
    g_array_set_clear_func(picture.frames, drop_bytes);
    walk(kind, &picture);
    if (!picture.damaged && picture.width == 0)
        picture.damaged = TRUE;
    if (!ocr_ready())
        sink_cover(sink, part, COVERAGE_OPAQUE, WHY_NONE);
    gboolean going = !sink_stopped(sink) && (picture.width == 0 || read_frames(kind, &picture));
    if (going)
        read_behind(&picture, source);
    g_array_unref(picture.frames);
    return !picture.damaged;
}
