/* rtf_data - OLE 1 streams ([MS-OLEDS] 2.2.5) and pictures without their file's header. */
#include "config.h"
#include "rtf_data.h"
#include "bytes.h"
#include "ole_object.h"
#include <string.h>

#define OLE1_EMBEDDED 2
#define CLASS_MAX 256

RtfData *
rtf_data_new(RtfDataKind kind)
{
    RtfData *data = g_new0(RtfData, 1);
    data->kind = kind;
    data->bytes = g_byte_array_new();
    data->nibble = -1;
    return data;
}

void
rtf_data_free(RtfData *data)
{
    if (data == NULL)
        return;
    g_byte_array_unref(data->bytes);
    g_free(data->class);
    g_free(data);
}

void
rtf_data_bytes(RtfData *data, const guint8 *bytes, gsize length, gint64 most)
{
    if ((gint64)(data->bytes->len + length) > most)
        data->over = TRUE;
    else
        g_byte_array_append(data->bytes, bytes, (guint)length);
}

void
rtf_data_digits(RtfData *data, const guint8 *bytes, gsize length, gint64 most)
{
    for (gsize i = 0; i < length; i++) {
        int digit = g_ascii_xdigit_value((char)bytes[i]);
        if (digit < 0)
            continue;
        guint8 byte = (guint8)((guint)MAX(data->nibble, 0) << 4 | (guint)digit);
        if (data->nibble >= 0)
            rtf_data_bytes(data, &byte, 1, most);
        data->nibble = data->nibble < 0 ? digit : -1;
    }
}

/* --- what a picture's file would begin with --------------------------------------------------------------------- */

static void
put(guint8 *bytes, guint32 value, gsize size)
{
    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)(value >> 8 * i);
}

/* A metafile that can be placed ([MS-WMF] 2.3.2.3). */
static void
complete_wmf(GByteArray *bytes)
{
    guint8 head[22] = {0xD7, 0xCD, 0xC6, 0x9A};
    guint sum = 0;
    if (bytes->len < 18 || memcmp(bytes->data, head, 4) == 0)
        return;
    put(head + 10, 1000, 2);
    put(head + 12, 1000, 2);
    put(head + 14, 1000, 2);
    for (gsize i = 0; i < 20; i += 2)
        sum ^= bytes_u16(head + i);
    put(head + 20, sum, 2);
    g_byte_array_prepend(bytes, head, sizeof head);
}

/* BITMAPFILEHEADER: where the pixels begin is behind the header, its masks and the palette. */
static void
complete_dib(GByteArray *bytes)
{
    guint8 head[14] = {'B', 'M'};
    if (bytes->len < 40 || memcmp(bytes->data, "BM", 2) == 0)
        return;
    guint32 size = bytes_u32(bytes->data), colours = bytes_u32(bytes->data + 32);
    guint bits = bytes_u16(bytes->data + 14);
    if (size < 40 || size > bytes->len || colours > 256)
        return;
    if (colours == 0 && bits <= 8)
        colours = 1u << bits;
    guint32 masks = size == 40 && bytes_u32(bytes->data + 16) == 3 ? 12 : 0;
    put(head + 2, (guint32)sizeof head + bytes->len, 4);
    put(head + 10, (guint32)sizeof head + size + masks + 4 * colours, 4);
    g_byte_array_prepend(bytes, head, sizeof head);
}

/* --- OLE 1 ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const guint8 *bytes;
    gsize length, at;
    gboolean good;
} Walk;

static guint32
take_number(Walk *walk)
{
    walk->good = walk->good && walk->length - walk->at >= 4;
    if (!walk->good)
        return 0;
    walk->at += 4;
    return bytes_u32(walk->bytes + walk->at - 4);
}

/* With its length before it; NULL if there is none. Gives. */
static char *
take_string(Walk *walk)
{
    guint32 length = take_number(walk);
    walk->good = walk->good && length <= walk->length - walk->at;
    if (!walk->good)
        return NULL;
    walk->at += length;
    return g_strndup((const char *)walk->bytes + walk->at - length, MIN(length, CLASS_MAX));
}

static void
tell(Sink *sink, guint part, const char *name, const guint8 *bytes, gsize length)
{
    g_autoptr(GBytes) own = g_bytes_new(bytes, length);
    g_autoptr(Source) source = source_of_bytes(own);
    sink_object(sink, part, name, strlen(name), source);
}

/* FALSE: not what [MS-OLEDS] says; then all of it is told as it is. */
static gboolean
tell_ole1(const RtfData *data, Sink *sink, guint part)
{
    Walk walk = {data->bytes->data, data->bytes->len, 0, TRUE};
    take_number(&walk); /* version: anything */
    guint32 format = take_number(&walk);
    g_autofree char *class = take_string(&walk), *topic = take_string(&walk), *item = take_string(&walk);
    guint32 size = take_number(&walk);
    if (!walk.good || format != OLE1_EMBEDDED)
        return FALSE;
    sink_raw_text(sink, part, PLACE_ATTRIBUTE, NULL, topic, strlen(topic));
    sink_raw_text(sink, part, PLACE_ATTRIBUTE, NULL, item, strlen(item));
    size = (guint32)MIN(size, walk.length - walk.at);
    if (size < walk.length - walk.at && walk.length - walk.at - size > 4096) /* hardly a picture of it: an object's */
        tell(sink, part, "", walk.bytes + walk.at + size, walk.length - walk.at - size);
    if (g_ascii_strcasecmp(class, "Package") == 0) { /* as the stream of that name has it, its length before it */
        g_autoptr(GBytes) native = g_bytes_new(walk.bytes + walk.at - 4, size + 4);
        return ole_object_tell("\001Ole10Native", native, sink, part);
    }
    tell(sink, part, data->class != NULL ? data->class : class, walk.bytes + walk.at, size);
    return TRUE;
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

static gboolean
is_new(const RtfData *data, GHashTable *seen)
{
    return g_hash_table_add(seen, g_compute_checksum_for_data(G_CHECKSUM_SHA256, data->bytes->data, data->bytes->len));
}

void
rtf_data_tell(RtfData *data, GHashTable *seen, Sink *sink, guint part)
{
    if (data->over)
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    if (data->bytes->len == 0 || !sink_spend(sink, data->bytes->len) || !is_new(data, seen))
        return;
    if (data->kind == RTF_DATA_FONT) {
        sink_missing(sink, part, "", 0, data->bytes->len, WHY_NONE);
        return;
    }
    if (data->kind == RTF_DATA_OBJECT && tell_ole1(data, sink, part))
        return;
    if (data->kind == RTF_DATA_PICTURE && data->picture == RTF_PICTURE_WMF)
        complete_wmf(data->bytes);
    if (data->kind == RTF_DATA_PICTURE && data->picture == RTF_PICTURE_DIB)
        complete_dib(data->bytes);
    tell(sink, part, "", data->bytes->data, data->bytes->len);
}
