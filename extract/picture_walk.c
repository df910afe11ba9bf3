/* picture_walk - the chunks of each kind of file, without its dots: PNG (ISO 15948, with APNG), JPEG (T.81, JFIF,
 * EXIF), GIF89a, BMP, WebP (RFC 9649), TIFF 6.0. */
#include "config.h"
#include "inflate.h"
#include "picture_parts.h"
#include <string.h>

#define INFLATED_MAX (1024 * 1024) /* of a packed text */
#define BEFORE_MAX (64 * 1024)     /* of what stands before the dots of a PNG, to be copied for each frame */

void
picture_add_frame(Picture *picture, const PictureFrame *frame)
{
    if (picture->frames->len <= PICTURE_FRAMES)
        g_array_append_vals(picture->frames, frame, 1);
    else if (frame->bytes != NULL)
        g_bytes_unref(frame->bytes);
}

/* --- PNG -------------------------------------------------------------------------------------------------------- */

/* What follows the keyword of tEXt, zTXt or iTXt (`kind`: its first letter). */
static void
png_text(Picture *picture, char kind, const guint8 *chunk, gsize length)
{
    const guint8 *end = memchr(chunk, 0, length), *from;
    g_autoptr(GBytes) clear = NULL;
    if (end == NULL)
        return;
    gsize left = length - (gsize)(end + 1 - chunk);
    from = end + 1;
    gboolean packed = kind == 'z' || (kind == 'i' && left > 0 && *from == 1);
    guint skip = kind == 't' ? 0 : kind == 'z' ? 1 : 2;
    if (left < skip)
        return;
    from += skip;
    left -= skip;
    for (guint i = 0; kind == 'i' && i < 2; i++) { /* language, translated keyword */
        const guint8 *zero = memchr(from, 0, left);
        if (zero == NULL)
            return;
        left -= (gsize)(zero + 1 - from);
        from = zero + 1;
    }
    if (packed) {
        gboolean whole;
        clear = inflate_zlib((Bytes){from, left}, INFLATED_MAX, picture->sink, &whole);
        const Bytes text = bytes_of(clear);
        from = text.data;
        left = text.length;
    }
    g_autofree char *name = g_strndup((const char *)chunk, MIN((gsize)(end - chunk), 79));
    if (g_str_has_prefix(name, "Raw profile type"))
        picture_profile(picture, name, from, left);
    else if (strcmp(name, "XML:com.adobe.xmp") == 0)
        picture_xmp(picture, from, left);
    else {
        picture_note(picture, "custom", chunk, (gsize)(end - chunk)); /* a keyword may be anything too */
        picture_note(picture, g_ascii_strcasecmp(name, "title") == 0 ? "title" : "comments", from, left);
    }
}

static guint32
crc_of(const guint8 *bytes, gsize length)
{
    guint32 crc = 0xFFFFFFFF;
    for (gsize i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (guint k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void
put_chunk(GByteArray *file, const char *type, const guint8 *bytes, gsize length)
{
    guint32 size = g_htonl((guint32)length);
    gsize from = file->len + 4;
    g_byte_array_append(file, (const guint8 *)&size, 4);
    g_byte_array_append(file, (const guint8 *)type, 4);
    g_byte_array_append(file, bytes, (guint)length);
    guint32 crc = g_htonl(crc_of(file->data + from, file->len - from));
    g_byte_array_append(file, (const guint8 *)&crc, 4);
}

/* A picture of its own for each frame of an animation behind the first: the header with the size of the frame, what
 * stood before the first dots, the dots. */
typedef struct {
    GByteArray *file; /* NULL: no frame is being taken */
    const guint8 *header;
    gsize before_from, before_to;
    guint width, height;
} PngFrame;

static void
png_frame_end(Picture *picture, PngFrame *frame)
{
    if (frame->file == NULL)
        return;
    put_chunk(frame->file, "IEND", (const guint8 *)"", 0);
    const PictureFrame one = {frame->width, frame->height, 32, g_byte_array_free_to_bytes(frame->file), 0};
    picture_add_frame(picture, &one);
    frame->file = NULL;
}

static void
png_frame_begin(Picture *picture, PngFrame *frame, const guint8 *control, gsize length)
{
    guint8 header[13];
    png_frame_end(picture, frame);
    if (length < 26 || frame->header == NULL || frame->before_to == 0)
        return; /* the first frame may be the picture itself */
    if (picture->frames->len >= PICTURE_FRAMES || frame->before_to - frame->before_from > BEFORE_MAX) {
        picture->unknown_frames = TRUE;
        return;
    }
    memcpy(header, frame->header, 13);
    memcpy(header, control + 4, 8);
    frame->width = big32(header);
    frame->height = big32(header + 4);
    frame->file = g_byte_array_new();
    g_byte_array_append(frame->file, picture->bytes, 8);
    put_chunk(frame->file, "IHDR", header, 13);
    g_byte_array_append(frame->file, picture->bytes + frame->before_from,
                        (guint)(frame->before_to - frame->before_from));
}

static void
png_chunk(Picture *picture, PngFrame *frame, const char *type, const guint8 *bytes, gsize length, gsize at)
{
    if (memcmp(type, "IHDR", 4) == 0 && length >= 13 && frame->header == NULL) {
        static const guint8 samples[] = {1, 1, 3, 1, 2, 1, 4};
        picture->width = big32(bytes);
        picture->height = big32(bytes + 4);
        picture->depth = bytes[9] < 7 && samples[bytes[9]] > 1 ? 32 : MAX(bytes[8], bytes[9] == 3 ? 32 : 1);
        frame->header = bytes;
        frame->before_from = at + 12 + length;
    } else if (memcmp(type, "IDAT", 4) == 0 && frame->before_to == 0) {
        frame->before_to = at;
    } else if (memcmp(type, "pHYs", 4) == 0 && length >= 9 && bytes[8] == 1 && big32(bytes) < 1000000) {
        picture->dpi = (big32(bytes) * 254 + 5000) / 10000;
    } else if (memcmp(type, "eXIf", 4) == 0) {
        picture_exif(picture, bytes, length, FALSE);
    } else if (memcmp(type, "fcTL", 4) == 0) {
        png_frame_begin(picture, frame, bytes, length);
    } else if (memcmp(type, "fdAT", 4) == 0 && length > 4 && frame->file != NULL) {
        put_chunk(frame->file, "IDAT", bytes + 4, length - 4);
    } else if (memcmp(type + 1, "EXt", 3) == 0 || memcmp(type + 1, "TXt", 3) == 0) {
        png_text(picture, type[0], bytes, length);
    }
}

void
picture_walk_png(Picture *picture)
{
    PngFrame frame = {0};
    gboolean ended = FALSE;
    for (gsize at = 8; at + 12 <= picture->length && !ended && !sink_stopped(picture->sink);) {
        gsize length = big32(picture->bytes + at);
        const char *type = (const char *)picture->bytes + at + 4;
        if (length > picture->length - at - 12)
            break;
        png_chunk(picture, &frame, type, picture->bytes + at + 8, length, at);
        ended = memcmp(type, "IEND", 4) == 0;
        at += 12 + length;
        picture->end = at;
    }
    png_frame_end(picture, &frame);
    picture->damaged |= !ended;
    if (picture->frames->len > 0) { /* the first is the file itself */
        const PictureFrame first = {picture->width, picture->height, picture->depth, NULL, 0};
        g_array_prepend_val(picture->frames, first);
    }
}

/* --- JPEG ------------------------------------------------------------------------------------------------------- */

static gboolean
begins(const guint8 *bytes, gsize length, const char *with, gsize size)
{
    return length >= size && memcmp(bytes, with, size) == 0;
}
#define BEGINS(bytes, length, with) begins(bytes, length, with, sizeof with - 1)

static void
jpeg_segment(Picture *picture, guint marker, const guint8 *bytes, gsize length)
{
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC && length >= 6) {
        picture->height = big16(bytes + 1);
        picture->width = big16(bytes + 3);
        picture->depth = bytes[5] > 1 ? 32 : 8;
    } else if (marker == 0xE0 && BEGINS(bytes, length, "JFIF\0") && length >= 12) {
        guint density = big16(bytes + 8);
        picture->dpi = bytes[7] == 1 ? density : bytes[7] == 2 ? density * 254 / 100 : 0;
    } else if (marker == 0xE1 && BEGINS(bytes, length, "Exif\0")) {
        picture_exif(picture, bytes + 6, length - MIN(length, 6), FALSE);
    } else if (marker == 0xE1) { /* XMP behind its name, or the next piece of a long one */
        const guint8 *zero = memchr(bytes, 0, length);
        if (zero != NULL)
            picture_xmp(picture, zero + 1, length - (gsize)(zero + 1 - bytes));
    } else if (marker == 0xED && BEGINS(bytes, length, "Photoshop 3.0\0")) {
        picture_resources(picture, bytes + 14, length - 14);
    } else if (marker == 0xFE) {
        picture_note(picture, "comments", bytes, length);
    }
}

/* Behind the dots of a scan: the next marker that is none of the dots. */
static gsize
jpeg_skip_scan(const Picture *picture, gsize at)
{
    while (at + 1 < picture->length) {
        const guint8 *found = memchr(picture->bytes + at, 0xFF, picture->length - at - 1);
        if (found == NULL)
            break;
        at = (gsize)(found - picture->bytes);
        if (found[1] != 0 && found[1] != 0xFF && (found[1] < 0xD0 || found[1] > 0xD7))
            return at;
        at += found[1] == 0xFF ? 1 : 2;
    }
    return picture->length;
}

void
picture_walk_jpeg(Picture *picture)
{
    gboolean ended = FALSE;
    for (gsize at = 2; at + 4 <= picture->length + 2 && !ended && !sink_stopped(picture->sink);) {
        if (at + 2 > picture->length || picture->bytes[at] != 0xFF)
            break;
        guint marker = picture->bytes[at + 1];
        if (marker == 0xFF) {
            at++;
            continue;
        }
        at += 2;
        ended = marker == 0xD9;
        picture->end = ended ? at : 0;
        if (ended || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8))
            continue;
        gsize length = at + 2 <= picture->length ? big16(picture->bytes + at) : 0;
        if (length < 2 || length > picture->length - at)
            break;
        jpeg_segment(picture, marker, picture->bytes + at + 2, length - 2);
        at += length;
        if (marker == 0xDA)
            at = jpeg_skip_scan(picture, at);
    }
    picture->damaged |= !ended || picture->width == 0;
}

/* --- GIF -------------------------------------------------------------------------------------------------------- */

/* Sub-blocks to the empty one; their content to `text` if not NULL. Gives what comes behind, 0: cut off. */
static gsize
gif_blocks(const Picture *picture, gsize at, GString *text)
{
    while (at < picture->length) {
        gsize size = picture->bytes[at++];
        if (size == 0)
            return at;
        if (size > picture->length - at)
            return 0;
        if (text != NULL && text->len < INFLATED_MAX)
            g_string_append_len(text, (const char *)picture->bytes + at, (gssize)size);
        at += size;
    }
    return 0;
}

static gsize
gif_extension(Picture *picture, gsize at)
{
    guint label = at < picture->length ? picture->bytes[at++] : 0;
    if (label != 0xFE && label != 0x01 && label != 0xFF)
        return gif_blocks(picture, at, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    gsize head = label == 0xFE || at >= picture->length ? 0 : picture->bytes[at] + (gsize)1;
    gboolean xmp = head > 11 && at + head <= picture->length && memcmp(picture->bytes + at + 1, "XMP DataXMP", 11) == 0;
    gsize from = at + head, end = gif_blocks(picture, from, text);
    if (xmp && end > from) /* as it is, not in blocks */
        picture_xmp(picture, picture->bytes + from, end - from);
    else if (label != 0xFF)
        picture_note(picture, "comments", text->str, text->len);
    return end;
}

/* One frame as a picture of its own. */
static gsize
gif_image(Picture *picture, gsize head, gsize at)
{
    if (at + 10 > picture->length)
        return 0;
    guint flags = picture->bytes[at + 9];
    gsize table = flags & 0x80 ? (gsize)3 << ((flags & 7) + 1) : 0;
    gsize dots = at + 10 + table;
    if (dots + 1 > picture->length)
        return 0;
    gsize end = gif_blocks(picture, dots + 1, NULL), to = end == 0 ? picture->length : end;
    guint width = bytes_u16(picture->bytes + at + 5), height = bytes_u16(picture->bytes + at + 7);
    if (picture->frames->len <= PICTURE_FRAMES) {
        GByteArray *file = g_byte_array_new();
        g_byte_array_append(file, picture->bytes, (guint)head);
        memcpy(file->data + 6, picture->bytes + at + 5, 4); /* the canvas: this frame only */
        gsize from = file->len;
        g_byte_array_append(file, picture->bytes + at, (guint)(to - at));
        memset(file->data + from + 1, 0, 4);
        g_byte_array_append(file, (const guint8 *)(end == 0 ? "\0;" : ";"), end == 0 ? 2 : 1);
        const PictureFrame frame = {width, height, 32, g_byte_array_free_to_bytes(file), 0};
        picture_add_frame(picture, &frame);
    } else {
        picture_add_frame(picture, &(PictureFrame){0});
    }
    picture->width = MAX(picture->width, width);
    picture->height = MAX(picture->height, height);
    return end;
}

void
picture_walk_gif(Picture *picture)
{
    if (picture->length < 13) {
        picture->damaged = TRUE;
        return;
    }
    guint flags = picture->bytes[10];
    gsize head = 13 + (flags & 0x80 ? (gsize)3 << ((flags & 7) + 1) : 0), at = head;
    gboolean ended = FALSE;
    while (at != 0 && at < picture->length && !ended && !sink_stopped(picture->sink)) {
        guint8 kind = picture->bytes[at];
        ended = kind == ';';
        if (ended)
            picture->end = at + 1;
        else if (kind == '!')
            at = gif_extension(picture, at + 1);
        else if (kind == ',')
            at = gif_image(picture, head, at);
        else
            break;
    }
    picture->damaged |= !ended;
}

/* --- BMP -------------------------------------------------------------------------------------------------------- */

enum { BMP_PLAIN, BMP_RLE8, BMP_RLE4, BMP_MASKS };

/* Rows of one byte a dot out of runs; what the runs leave out is the first colour. */
static void
bmp_expand(const guint8 *from, gsize length, guint8 *rows, guint width, guint height, gsize stride)
{
    guint x = 0, y = 0;
    for (gsize at = 0; at + 2 <= length && y < height;) {
        guint count = from[at], value = from[at + 1];
        at += 2;
        if (count > 0) {
            for (; count > 0 && x < width; count--)
                rows[y * stride + x++] = (guint8)value;
        } else if (value == 0) {
            x = 0;
            y++;
        } else if (value == 1) {
            return;
        } else if (value == 2) {
            if (at + 2 > length)
                return;
            x += from[at];
            y += from[at + 1];
            at += 2;
        } else {
            for (guint i = 0; i < value && at + i < length && x < width; i++)
                rows[y * stride + x++] = from[at + i];
            at += (value + 1) & ~1u;
        }
    }
}

/* The same picture without packing, since the decoder reads no other. */
static void
bmp_plain(Picture *picture, guint32 dots, guint bits, guint32 packing)
{
    gsize stride = ((gsize)picture->width + 3) & ~(gsize)3, rows = stride * picture->height;
    gboolean runs = packing == BMP_RLE8 && bits == 8;
    gboolean masks = packing == BMP_MASKS && bits == 32 && picture->length >= 66 &&
                     memcmp(picture->bytes + 54, "\0\0\xFF\0\0\xFF\0\0\xFF\0\0\0", 12) == 0;
    if (dots > picture->length || (!runs && !masks) || (runs && rows > PICTURE_MEMORY)) {
        picture->unknown_frames = TRUE;
        return;
    }
    GByteArray *file = g_byte_array_sized_new((guint)(dots + (runs ? rows : 0)));
    g_byte_array_append(file, picture->bytes, (guint)(runs ? dots : picture->length));
    if (runs) {
        g_byte_array_set_size(file, (guint)(dots + rows));
        memset(file->data + dots, 0, rows);
        bmp_expand(picture->bytes + dots, picture->length - dots, file->data + dots, picture->width, picture->height,
                   stride);
    }
    memset(file->data + 30, 0, 8); /* packing; length of the dots */
    const guint32 whole = GUINT32_TO_LE(file->len), length = GUINT32_TO_LE((guint32)(file->len - dots));
    memcpy(file->data + 2, &whole, 4);
    memcpy(file->data + 34, &length, 4);
    const PictureFrame frame = {picture->width, picture->height, 32, g_byte_array_free_to_bytes(file), 0};
    picture_add_frame(picture, &frame);
}

void
picture_walk_bmp(Picture *picture)
{
    if (picture->length < 54) {
        picture->damaged = TRUE;
        return;
    }
    guint32 size = bytes_u32(picture->bytes + 2), head = bytes_u32(picture->bytes + 14);
    gboolean old = head < 40;
    gint32 height = old ? (gint32)bytes_u16(picture->bytes + 20) : (gint32)bytes_u32(picture->bytes + 22);
    guint32 packing = old ? BMP_PLAIN : bytes_u32(picture->bytes + 30);
    picture->width = old ? bytes_u16(picture->bytes + 18) : bytes_u32(picture->bytes + 18);
    picture->height = height < 0 ? (guint) - (gint64)height : (guint)height;
    picture->depth = 32;
    if (!old && bytes_u32(picture->bytes + 38) < 1000000)
        picture->dpi = bytes_u32(picture->bytes + 38) * 254 / 10000;
    if (size >= 30 && size <= picture->length)
        picture->end = size;
    if (packing != BMP_PLAIN)
        bmp_plain(picture, bytes_u32(picture->bytes + 10), bytes_u16(picture->bytes + 28), packing);
}

/* --- WebP ------------------------------------------------------------------------------------------------------- */

static void
webp_frame(Picture *picture, const guint8 *bytes, gsize length)
{
    guint width = (bytes[6] | (guint)bytes[7] << 8 | (guint)bytes[8] << 16) + 1,
          height = (bytes[9] | (guint)bytes[10] << 8 | (guint)bytes[11] << 16) + 1;
    gsize at = 16;
    while (at + 8 <= length && memcmp(bytes + at, "VP8", 3) != 0) /* alpha goes before */
        at += 8 + (((gsize)bytes_u32(bytes + at + 4) + 1) & ~(gsize)1);
    if (at + 8 > length || picture->frames->len > PICTURE_FRAMES) {
        picture->unknown_frames = TRUE;
        return;
    }
    GByteArray *file = g_byte_array_new();
    guint32 size = GUINT32_TO_LE((guint32)(4 + length - at));
    g_byte_array_append(file, (const guint8 *)"RIFF", 4);
    g_byte_array_append(file, (const guint8 *)&size, 4);
    g_byte_array_append(file, (const guint8 *)"WEBP", 4);
    g_byte_array_append(file, bytes + at, (guint)(length - at));
    const PictureFrame frame = {width, height, 32, g_byte_array_free_to_bytes(file), 0};
    picture_add_frame(picture, &frame);
}

static void
webp_chunk(Picture *picture, const guint8 *chunk, gsize length)
{
    const guint8 *bytes = chunk + 8;
    if (memcmp(chunk, "VP8 ", 4) == 0 && length >= 10 && picture->width == 0) {
        picture->width = bytes_u16(bytes + 6) & 0x3FFF;
        picture->height = bytes_u16(bytes + 8) & 0x3FFF;
    } else if (memcmp(chunk, "VP8L", 4) == 0 && length >= 5 && picture->width == 0) {
        guint32 bits = bytes_u32(bytes + 1);
        picture->width = (bits & 0x3FFF) + 1;
        picture->height = (bits >> 14 & 0x3FFF) + 1;
    } else if (memcmp(chunk, "VP8X", 4) == 0 && length >= 10) {
        picture->width = (bytes[4] | (guint)bytes[5] << 8 | (guint)bytes[6] << 16) + 1;
        picture->height = (bytes[7] | (guint)bytes[8] << 8 | (guint)bytes[9] << 16) + 1;
    } else if (memcmp(chunk, "ANMF", 4) == 0 && length >= 24) {
        webp_frame(picture, bytes, length);
    } else if (memcmp(chunk, "EXIF", 4) == 0) {
        gsize skip = BEGINS(bytes, length, "Exif\0\0") ? 6 : 0;
        picture_exif(picture, bytes + skip, length - skip, FALSE);
    } else if (memcmp(chunk, "XMP ", 4) == 0) {
        picture_xmp(picture, bytes, length);
    }
}

void
picture_walk_webp(Picture *picture)
{
    gsize end = picture->length < 12 ? 0 : (gsize)bytes_u32(picture->bytes + 4) + 8;
    picture->depth = 32;
    picture->damaged |= end < 12 || end > picture->length;
    end = MIN(end, picture->length);
    for (gsize at = 12; at + 8 <= end && !sink_stopped(picture->sink);) {
        gsize length = bytes_u32(picture->bytes + at + 4);
        if (length > end - at - 8) {
            picture->damaged = TRUE;
            break;
        }
        webp_chunk(picture, picture->bytes + at, length);
        at += 8 + ((length + 1) & ~(gsize)1);
    }
    picture->end = picture->damaged ? 0 : MIN(picture->length, (end + 1) & ~(gsize)1);
}

/* --- TIFF ------------------------------------------------------------------------------------------------------- */

void
picture_walk_tiff(Picture *picture)
{
    picture_exif(picture, picture->bytes, picture->length, TRUE);
    picture->turns = 0; /* of its last page; the decoder turns each */
    for (guint i = 0; i < picture->frames->len; i++) {
        const PictureFrame *frame = &g_array_index(picture->frames, PictureFrame, i);
        picture->width = MAX(picture->width, frame->width);
        picture->height = MAX(picture->height, frame->height);
    }
    picture->damaged |= picture->frames->len == 0;
}
