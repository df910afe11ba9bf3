/* picture_parts - what the files of the picture reader share. */
#pragma once
#include "bytes.h"
#include "picture.h"

struct Pix;

/* One picture in memory, and what its header tells. */
typedef struct {
    Sink *sink;
    guint part;
    const guint8 *bytes; /* lent */
    gsize length;
    gboolean damaged; /* the header, a chunk or a frame */
    gsize end;        /* where the picture ends in the file; 0: its kind does not say */
    guint width, height;
    guint depth;             /* bits of a dot in memory */
    guint dpi;               /* 0: unknown */
    guint turns;             /* quarters clockwise by EXIF, 0 to 3 */
    GArray *frames;          /* PictureFrame; empty: one, the whole file */
    gboolean unknown_frames; /* there are some that cannot be taken out */
    gsize noted;             /* bytes of text beside the dots looked at so far */
    guint nested;            /* blocks of such text in each other */
} Picture;

typedef struct {
    guint width, height, depth;
    GBytes *bytes; /* a file of its own; NULL: `number` of the whole one */
    gint number;
} PictureFrame;

/* Walks the chunks of a file of that kind: size, frames and end into the picture, text to the sink. */
void picture_walk_png(Picture *picture);
void picture_walk_jpeg(Picture *picture);
void picture_walk_gif(Picture *picture);
void picture_walk_bmp(Picture *picture);
void picture_walk_webp(Picture *picture);
void picture_walk_tiff(Picture *picture);

/* Text beside the dots. `name`: one that the inspector knows (mail/extract_take.c), else it is "custom" there. */
void picture_note(Picture *picture, const char *name, const void *bytes, gsize length);
void picture_note_utf16(Picture *picture, const char *name, const guint8 *bytes, gsize length, gboolean big);
/* The directories of a TIFF stream, as in EXIF too; `pages`: each is a frame of the picture. */
void picture_exif(Picture *picture, const guint8 *bytes, gsize length, gboolean pages);
void picture_iptc(Picture *picture, const guint8 *bytes, gsize length);
void picture_xmp(Picture *picture, const guint8 *bytes, gsize length);
/* Resources of Photoshop: IPTC, XMP and EXIF among them. */
void picture_resources(Picture *picture, const guint8 *bytes, gsize length);
/* A profile as ImageMagick writes it into text: name, length, hexadecimal digits. */
void picture_profile(Picture *picture, const char *name, const guint8 *text, gsize length);

void picture_add_frame(Picture *picture, const PictureFrame *frame);

static inline guint
big16(const guint8 *at)
{
    return (guint)at[0] << 8 | at[1];
}
static inline guint32
big32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}
