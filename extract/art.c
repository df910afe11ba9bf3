/* art - one walk over the tree of records. Numbers of sections are those of [MS-ODRAW]. */
#include "config.h"
#include "art.h"
#include "inflate.h"
#include "source.h"
#include "story.h"

#define HEADER 8
#define UID_SIZE 16
#define PACKED_HEADER 34 /* of metafiles: 2.2.31 */
#define CLEAR_MAX (32 * 1024 * 1024)
#define PICTURES_MAX 2000

enum {
    TYPE_CONTAINER_FIRST = 0xF000,
    TYPE_ENTRY = 0xF007,      /* 2.2.32 OfficeArtFBSE */
    TYPE_PROPERTIES = 0xF00B, /* 2.2.9 OfficeArtFOPT */
    TYPE_BLIP_FIRST = 0xF018,
    TYPE_EMF = 0xF01A,
    TYPE_WMF = 0xF01B,
    TYPE_PICT = 0xF01C,
    TYPE_JPEG = 0xF01D,
    TYPE_DIB = 0xF01F,
    TYPE_BLIP_LAST = 0xF117,
    TYPE_SECONDARY = 0xF121, /* more properties */
    TYPE_TERTIARY = 0xF122,
};

/* 2.3: properties whose value is a text. */
static const struct {
    guint id;
    PlaceKind place;
} TEXTS[] = {
    {0x00C0, PLACE_TEXT_BOX},    /* gtextUNICODE: WordArt, watermarks */
    {0x0105, PLACE_ATTRIBUTE},   /* pibName: the file that a picture came from */
    {0x0380, PLACE_ATTRIBUTE},   /* wzName */
    {0x0381, PLACE_ALTERNATIVE}, /* wzDescription */
    {0x038D, PLACE_ATTRIBUTE},   /* wzTooltip */
};

gboolean
art_record(Bytes bytes, gsize at, ArtRecord *out)
{
    if (!bytes_hold(bytes, at, HEADER))
        return FALSE;
    guint first = bytes_16(bytes, at);
    gsize length = bytes_32(bytes, at + 4);
    *out = (ArtRecord){.version = first & 0xF,
                       .instance = first >> 4,
                       .type = bytes_16(bytes, at + 2),
                       .body = bytes_part(bytes, at + HEADER, length),
                       .size = HEADER + length};
    return TRUE;
}

static void
told(const Art *art, Bytes body)
{
    if (art->covered != NULL && body.data >= art->start)
        covered_add(art->covered, (gsize)(body.data - art->start), body.length);
}

/* --- pictures --------------------------------------------------------------------------------------------------- */

GBytes *
art_bitmap(Bytes dib)
{
    guint depth = bytes_16(dib, 14);
    gsize colours = bytes_32(dib, 32), header = bytes_32(dib, 0);
    if (colours == 0 && depth <= 8)
        colours = (gsize)1 << depth;
    guint32 offset = (guint32)MIN(14 + header + MIN(colours, 256) * 4, dib.length + 14);
    guint32 whole = (guint32)dib.length + 14;
    guint8 head[14] = {'B', 'M', (guint8)whole, (guint8)(whole >> 8), (guint8)(whole >> 16), (guint8)(whole >> 24)};
    for (guint i = 0; i < 4; i++)
        head[10 + i] = (guint8)(offset >> 8 * i);
    GByteArray *bmp = g_byte_array_sized_new(whole);
    g_byte_array_append(bmp, head, sizeof head);
    g_byte_array_append(bmp, dib.data, (guint)dib.length);
    return g_byte_array_free_to_bytes(bmp);
}

/* A WMF as a file has it: behind the header that tells its kind. Takes `clear`. */
static GBytes *
placeable(GBytes *clear)
{
    static const guint8 head[22] = {0xD7, 0xCD, 0xC6, 0x9A};
    GByteArray *file = g_byte_array_new();
    gsize length;
    const guint8 *bytes = g_bytes_get_data(clear, &length);
    g_byte_array_append(file, head, sizeof head);
    g_byte_array_append(file, bytes, (guint)length);
    g_bytes_unref(clear);
    return g_byte_array_free_to_bytes(file);
}

static GBytes *
clear_metafile(Art *art, Bytes body, gsize at)
{
    gboolean whole = TRUE;
    Bytes data = bytes_part(body, at + PACKED_HEADER, body.length);
    if (bytes_8(body, at + 32) == 0) {
        GBytes *clear = inflate_zlib(data, CLEAR_MAX, art->sink, &whole);
        if (!whole)
            sink_cover(art->sink, art->part, COVERAGE_PARTIAL, WHY_DAMAGED);
        return clear;
    }
    return g_bytes_new(data.data, data.length);
}

static void
tell_picture(Art *art, const ArtRecord *record)
{
    gsize at = UID_SIZE * (record->instance & 1 ? 2 : 1); /* 2.2.23: an odd instance has a second digest */
    g_autoptr(GBytes) picture = NULL;
    if (art->pictures++ >= PICTURES_MAX) {
        sink_cover(art->sink, art->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    if (record->type <= TYPE_PICT)
        picture = clear_metafile(art, record->body, at);
    else {
        Bytes data = bytes_part(record->body, at + 1, record->body.length);
        if (data.length == 0 || !sink_spend(art->sink, (gint64)data.length))
            return;
        picture = record->type == TYPE_DIB ? art_bitmap(data) : g_bytes_new(data.data, data.length);
    }
    if (picture == NULL)
        return;
    if (record->type == TYPE_WMF)
        picture = placeable(picture);
    g_autoptr(Source) source = source_of_bytes(picture);
    sink_object(art->sink, art->part, "", 0, source);
}

static gboolean
is_blip(guint type)
{
    return type >= TYPE_EMF && type < TYPE_BLIP_LAST && (type <= TYPE_DIB || type == 0xF029 || type == 0xF02A);
}

/* The entry of a picture: the picture behind it, or where else it lies. */
static void
on_entry(Art *art, const ArtRecord *record)
{
    ArtRecord blip;
    gsize at = bytes_32(record->body, 28), inside = 36 + bytes_8(record->body, 33);
    if (art_record(record->body, inside, &blip) && is_blip(blip.type)) {
        tell_picture(art, &blip);
        told(art, record->body);
    } else if (at != 0xFFFFFFFF && art_record(art->delayed, at, &blip) && is_blip(blip.type)) {
        tell_picture(art, &blip);
        if (art->delayed_covered != NULL)
            covered_add(art->delayed_covered, at, HEADER + blip.body.length);
    }
}

/* --- texts ------------------------------------------------------------------------------------------------------ */

static void
say_property(Art *art, guint id, Bytes value)
{
    Story story;
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        if (TEXTS[i].id != id)
            continue;
        g_autofree gunichar2 *wide = g_new0(gunichar2, value.length / 2 + 1);
        for (gsize j = 0; j + 2 <= value.length; j += 2)
            wide[j / 2] = bytes_u16(value.data + j);
        g_autofree char *text = g_utf16_to_utf8(wide, -1, NULL, NULL, NULL);
        if (text == NULL)
            return; /* left to the scan of runs */
        story_begin(&story, art->sink, art->part, NULL, art->page);
        story_alone(&story, TEXTS[i].place, NULL, text);
        told(art, value);
    }
}

static void
on_properties(Art *art, const ArtRecord *record)
{
    gsize complex = (gsize)record->instance * 6; /* values that are longer than a number stand behind all of them */
    for (gsize i = 0; i < record->instance && complex < record->body.length; i++) {
        guint id = bytes_16(record->body, i * 6);
        gsize length = bytes_32(record->body, i * 6 + 2);
        if ((id & 0x8000) == 0)
            continue;
        say_property(art, id & 0x3FFF, bytes_part(record->body, complex, length));
        complex += MIN(length, record->body.length);
    }
}

/* --- the walk --------------------------------------------------------------------------------------------------- */

static gsize
walk(Art *art, Bytes bytes, guint depth)
{
    ArtRecord record;
    gsize at = 0;
    while (!sink_stopped(art->sink) && art_record(bytes, at, &record)) {
        if (depth == 0 && (record.type < TYPE_CONTAINER_FIRST || record.type > 0xF200))
            break;
        gboolean said =
            art->other != NULL && record.version != 0xF && art->other(art, record.type, record.body, art->user);
        if (said)
            told(art, record.body);
        else if (record.version == 0xF) {
            if (depth < ART_DEPTH_MAX)
                walk(art, record.body, depth + 1);
            else
                sink_cover(art->sink, art->part, COVERAGE_PARTIAL, WHY_DAMAGED);
        } else if (record.type == TYPE_ENTRY)
            on_entry(art, &record);
        else if (is_blip(record.type)) {
            tell_picture(art, &record);
            told(art, record.body);
        } else if (record.type == TYPE_PROPERTIES || record.type == TYPE_SECONDARY || record.type == TYPE_TERTIARY)
            on_properties(art, &record);
        at += record.size;
    }
    return MIN(at, bytes.length);
}

gsize
art_read(Art *art, Bytes bytes)
{
    if (art->start == NULL)
        art->start = bytes.data;
    return walk(art, bytes, 0);
}
