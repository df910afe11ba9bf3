/* metafile - records one after the other; only those that show text or a bitmap matter. */
#include "config.h"
#include "metafile.h"
#include "art.h"
#include "decode.h"
#include "story.h"

#define FILE_MAX (32 * 1024 * 1024)
#define BITMAPS_MAX 200
#define HEADER 8 /* of a record of EMF */

enum { /* [MS-EMF] 2.1.1 */
       EMF_END = 14,
       EMF_COMMENT = 70,
       EMF_BIT_BLOCK = 76,
       EMF_STRETCH_BLOCK = 77,
       EMF_BITS_TO_DEVICE = 80,
       EMF_STRETCH_BITS = 81,
       EMF_TEXT_NARROW = 83,
       EMF_TEXT_WIDE = 84,
       EMF_SMALL_TEXT = 108,
};
enum { /* [MS-EMF] 2.1.11, of a text */
       TEXT_OPAQUE = 0x0002,
       TEXT_CLIPPED = 0x0004,
       TEXT_GLYPHS = 0x0010,
       TEXT_NO_RECTANGLE = 0x0100,
       TEXT_SMALL = 0x0200,
};
enum { /* [MS-WMF] 2.1.1.1 */
       WMF_TEXT = 0x0521,
       WMF_TEXT_MORE = 0x0A32,
       WMF_DIB_BIT_BLOCK = 0x0940,
       WMF_DIB_STRETCH_BLOCK = 0x0B41,
       WMF_STRETCH_DIB = 0x0F43,
};
#define PLUS_STRING 0x401C /* [MS-EMFPLUS] 2.3.4.14 */

typedef struct {
    Sink *sink;
    guint part;
    Story story;
    gint64 row, column; /* where the last text stood; row G_MININT64: nowhere */
    guint bitmaps;
    gboolean spoke, glyphs, damaged;
} Drawing;

static void
say(Drawing *drawing, Bytes text, gboolean wide, gint64 row, gint64 column)
{
    if (text.length == 0)
        return;
    Decoding *decoding = decode_as(text.data, text.length, wide ? "UTF-16LE" : "GB18030");
    if (row != drawing->row || row == G_MININT64 || column < drawing->column)
        story_gap(&drawing->story, PLACE_BODY, '\n');
    story_say(&drawing->story, PLACE_BODY, decoding->text, (gssize)decoding->length);
    drawing->row = row;
    drawing->column = column;
    drawing->spoke = TRUE;
    decoding_free(decoding);
}

/* A bitmap whose head and dots may lie apart. */
static void
tell_bitmap(Drawing *drawing, Bytes head, Bytes dots)
{
    if (head.length < 40 || !sink_spend(drawing->sink, (gint64)(head.length + dots.length)))
        return;
    if (drawing->bitmaps++ >= BITMAPS_MAX) {
        sink_cover(drawing->sink, drawing->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    g_autoptr(GByteArray) whole = g_byte_array_new();
    g_byte_array_append(whole, head.data, (guint)head.length);
    if (dots.length > 0)
        g_byte_array_append(whole, dots.data, (guint)dots.length);
    g_autoptr(GBytes) bitmap = art_bitmap((Bytes){whole->data, whole->len});
    g_autoptr(Source) source = source_of_bytes(bitmap);
    sink_object(drawing->sink, drawing->part, "", 0, source);
}

/* --- EMF -------------------------------------------------------------------------------------------------------- */

/* [MS-EMF] 2.3.5.7 EMR_EXTTEXTOUTA and W, 2.2.5 EmrText */
static void
on_text(Drawing *drawing, Bytes record, gboolean wide)
{
    gsize count = bytes_32(record, 44), at = bytes_32(record, 48), size = count * (wide ? 2 : 1);
    if ((bytes_32(record, 52) & TEXT_GLYPHS) != 0)
        drawing->glyphs = TRUE;
    else
        say(drawing, bytes_part(record, at, size), wide, (gint32)bytes_32(record, 40), (gint32)bytes_32(record, 36));
}

static void
on_small_text(Drawing *drawing, Bytes record) /* [MS-EMF] 2.3.5.37 */
{
    guint32 options = bytes_32(record, 20);
    gsize count = bytes_32(record, 16), at = (options & TEXT_NO_RECTANGLE) != 0 ? 36 : 52;
    gboolean wide = (options & TEXT_SMALL) == 0;
    if ((options & TEXT_GLYPHS) != 0)
        drawing->glyphs = TRUE;
    else
        say(drawing, bytes_part(record, at, count * (wide ? 2 : 1)), wide, (gint32)bytes_32(record, 12),
            (gint32)bytes_32(record, 8));
}

static void
on_comment(Drawing *drawing, Bytes record)
{
    Bytes plus = bytes_part(record, 16, bytes_32(record, 8) >= 4 ? bytes_32(record, 8) - 4 : 0);
    if (bytes_32(record, 12) != 0x2B464D45) /* "EMF+" */
        return;
    for (gsize at = 0; bytes_hold(plus, at, 12) && bytes_32(plus, at + 4) >= 12; at += bytes_32(plus, at + 4)) {
        Bytes data = bytes_part(plus, at + 12, bytes_32(plus, at + 8));
        if (bytes_16(plus, at) == PLUS_STRING)
            say(drawing, bytes_part(data, 28, (gsize)bytes_32(data, 8) * 2), TRUE, G_MININT64, 0);
    }
}

static void
on_emf_record(Drawing *drawing, guint type, Bytes record)
{
    gsize bitmap = type == EMF_BIT_BLOCK || type == EMF_STRETCH_BLOCK ? 84 : 48;
    switch (type) {
    case EMF_TEXT_NARROW:
    case EMF_TEXT_WIDE:
        on_text(drawing, record, type == EMF_TEXT_WIDE);
        break;
    case EMF_SMALL_TEXT:
        on_small_text(drawing, record);
        break;
    case EMF_COMMENT:
        on_comment(drawing, record);
        break;
    case EMF_BIT_BLOCK:
    case EMF_STRETCH_BLOCK:
    case EMF_BITS_TO_DEVICE:
    case EMF_STRETCH_BITS:
        tell_bitmap(drawing, bytes_part(record, bytes_32(record, bitmap), bytes_32(record, bitmap + 4)),
                    bytes_part(record, bytes_32(record, bitmap + 8), bytes_32(record, bitmap + 12)));
        break;
    default:
        break;
    }
}

static void
read_emf(Drawing *drawing, Bytes file)
{
    gsize at = 0;
    guint type = 0;
    while (type != EMF_END && bytes_hold(file, at, HEADER) && !sink_stopped(drawing->sink)) {
        gsize size = bytes_32(file, at + 4);
        type = bytes_32(file, at);
        if (size < HEADER || !bytes_hold(file, at, size))
            break;
        on_emf_record(drawing, type, bytes_part(file, at, size));
        at += size;
    }
    drawing->damaged = type != EMF_END;
    /* what it is called: 2.2.9, two texts behind the header */
    Bytes title = bytes_part(file, bytes_32(file, 64), (gsize)MIN(bytes_32(file, 60), 1024) * 2);
    Decoding *decoding = title.length == 0 ? NULL : decode_as(title.data, title.length, "UTF-16LE");
    if (decoding != NULL)
        story_alone(&drawing->story, PLACE_PROPERTY, "description", decoding->text);
    g_clear_pointer(&decoding, decoding_free);
}

/* --- WMF -------------------------------------------------------------------------------------------------------- */

static void
on_wmf_record(Drawing *drawing, guint type, Bytes body)
{
    gsize count = bytes_16(body, 0);
    guint options = bytes_16(body, 6);
    switch (type) {
    case WMF_TEXT: /* [MS-WMF] 2.3.3.20 */
        say(drawing, bytes_part(body, 2, count), FALSE, (gint16)bytes_16(body, 2 + (count + 1) / 2 * 2),
            (gint16)bytes_16(body, 4 + (count + 1) / 2 * 2));
        break;
    case WMF_TEXT_MORE: /* 2.3.3.5 */
        count = bytes_16(body, 4);
        if ((options & TEXT_GLYPHS) != 0)
            drawing->glyphs = TRUE;
        else
            say(drawing, bytes_part(body, (options & (TEXT_OPAQUE | TEXT_CLIPPED)) != 0 ? 16 : 8, count), FALSE,
                (gint16)bytes_16(body, 0), (gint16)bytes_16(body, 2));
        break;
    case WMF_STRETCH_DIB:
        tell_bitmap(drawing, bytes_part(body, 22, body.length), (Bytes){NULL, 0});
        break;
    case WMF_DIB_STRETCH_BLOCK:
        tell_bitmap(drawing, bytes_part(body, 20, body.length), (Bytes){NULL, 0});
        break;
    case WMF_DIB_BIT_BLOCK:
        tell_bitmap(drawing, bytes_part(body, 16, body.length), (Bytes){NULL, 0});
        break;
    default:
        break;
    }
}

static void
read_wmf(Drawing *drawing, Bytes file)
{
    gsize at = 22 + 18; /* the placeable header, 2.3.2.3, and the header, 2.3.2.2 */
    gboolean ended = FALSE;
    while (!ended && bytes_hold(file, at, 6) && !sink_stopped(drawing->sink)) {
        gsize size = (gsize)bytes_32(file, at) * 2;
        guint type = bytes_16(file, at + 4);
        ended = type == 0;
        if (size < 6 || !bytes_hold(file, at, size))
            break;
        on_wmf_record(drawing, type, bytes_part(file, at + 6, size - 6));
        at += size;
    }
    drawing->damaged = !ended;
}

/* ---------------------------------------------------------------------------------------------------------------- */

static gboolean
run(Source *source, Sink *sink, guint part, void (*read)(Drawing *drawing, Bytes file))
{
    Drawing drawing = {.sink = sink, .part = part, .row = G_MININT64};
    gboolean cut;
    g_autoptr(GBytes) all = source_all(source, FILE_MAX, &cut);
    if (g_bytes_get_size(all) > FILE_MAX) {
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    story_begin(&drawing.story, sink, part, NULL, 0);
    read(&drawing, bytes_of(all));
    if (drawing.glyphs)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    else if (!drawing.spoke && drawing.bitmaps == 0)
        sink_cover(sink, part, COVERAGE_OPAQUE, WHY_NONE);
    return !drawing.damaged && !cut;
}

gboolean
metafile_run_emf(Source *source, Sink *sink, guint part)
{
    return run(source, sink, part, read_emf);
}

gboolean
metafile_run_wmf(Source *source, Sink *sink, guint part)
{
    return run(source, sink, part, read_wmf);
}
