/* ole_property - a value says its type, so that unknown properties are read as well. Numbers of sections are those of
 * [MS-OLEPS]. */
#include "config.h"
#include "ole_property.h"
#include "art.h"
#include "decode.h"
#include "runs.h"
#include "source.h"
#include "story.h"
#include <string.h>

#define SETS_MAX 8
#define PROPERTIES_MAX 4000
#define VECTOR_MAX 20000
#define UTF16 1200

enum { /* 2.15 */
       VT_INTEGER = 0x02,
       VT_LPSTR = 0x1E,
       VT_LPWSTR = 0x1F,
       VT_CF = 0x47,
       VT_VARIANT = 0x0C,
       VT_VECTOR = 0x1000,
};
#define ID_DICTIONARY 0
#define ID_CODE_PAGE 1
#define ID_THUMBNAIL 17

typedef struct {
    Sink *sink;
    guint part;
    Bytes all, set;
    guint code_page;
    gboolean user; /* of the set that a user named */
    GHashTable *names;
    Story story;
    Covered *covered;
} Reading;

gboolean
ole_property_is(const char *stream)
{
    return stream[0] == '\005';
}

/* [MS-OSHARED] 2.3.3.2.1 and 2.3.3.2.2 */
static const char *
known_name(guint id, gboolean document)
{
    static const char *const summary[] = {NULL,       NULL,       "title",    "subject",     "author",
                                          "keywords", "comments", "template", "last-author", "revision"};
    static const char *const more[] = {
        [2] = "category", [3] = "presentation-format", [13] = "titles-of-parts", [14] = "manager",
        [15] = "company", [26] = "content-type",       [27] = "content-status",  [28] = "language"};
    if (document)
        return id < G_N_ELEMENTS(more) ? more[id] : NULL;
    return id < G_N_ELEMENTS(summary) ? summary[id] : (id == 18 ? "application" : NULL);
}

/* Text in the code page of the set, without its NUL. Gives. */
static char *
decode_string(const Reading *reading, Bytes value, gboolean wide)
{
    const char *charset = wide || reading->code_page == UTF16 ? "UTF-16LE" : NULL;
    gsize length = 0;
    if (charset != NULL)
        while (length + 2 <= value.length && bytes_16(value, length) != 0)
            length += 2;
    else
        length = value.length == 0 ? 0 : strnlen((const char *)value.data, value.length);
    if (length == 0)
        return g_strdup("");
    if (charset == NULL && reading->code_page == 936)
        charset = "GB18030";
    else if (charset == NULL && reading->code_page == 950)
        charset = "BIG5-HKSCS";
    if (charset != NULL) {
        Decoding *decoding = decode_as(value.data, length, charset);
        char *text = decoding->errors == 0 || charset[0] == 'U' ? g_strdup(decoding->text) : NULL;
        decoding_free(decoding);
        if (text != NULL)
            return text;
    }
    if (g_utf8_validate_len((const char *)value.data, length, NULL))
        return g_strndup((const char *)value.data, length);
    g_autoptr(GPtrArray) decodings = decode_plausible(value.data, length, NULL);
    return g_strdup(((const Decoding *)g_ptr_array_index(decodings, 0))->text);
}

static const char *
name_of(const Reading *reading, guint id)
{
    const char *name = g_hash_table_lookup(reading->names, GUINT_TO_POINTER(id));
    return name;
}

static void
cover(const Reading *reading, gsize at, gsize length)
{
    covered_add(reading->covered, (gsize)(reading->set.data - reading->all.data) + at, length);
}

/* A string at `at` (its length first). Gives the bytes it takes. */
static gsize
read_string(Reading *reading, gsize at, gboolean wide, guint id)
{
    gsize count = bytes_32(reading->set, at), size = wide ? count * 2 : count;
    Bytes value = bytes_part(reading->set, at + 4, size);
    g_autofree char *text = decode_string(reading, value, wide);
    story_alone(&reading->story, PLACE_PROPERTY, name_of(reading, id), text);
    cover(reading, at, 4 + value.length);
    return 4 + (size + 3) / 4 * 4;
}

/* 2.11: of a picture in the clipboard's form only bitmaps are passed on; others are scanned with the rest. */
static void
read_thumbnail(const Reading *reading, gsize at)
{
    enum { WINDOWS = 0xFFFFFFFF, CF_DIB = 8 };
    gsize size = bytes_32(reading->set, at);
    Bytes picture = bytes_part(reading->set, at + 12, size >= 8 ? size - 8 : 0);
    if (bytes_32(reading->set, at + 4) != WINDOWS || bytes_32(reading->set, at + 8) != CF_DIB || picture.length < 40)
        return;
    cover(reading, at, 12 + picture.length);
    g_autoptr(GBytes) bitmap = art_bitmap(picture);
    g_autoptr(Source) source = source_of_bytes(bitmap);
    sink_object(reading->sink, reading->part, "thumbnail", strlen("thumbnail"), source);
}

/* A value with its type; gives the bytes it takes, 0 unknown. */
static gsize
read_value(Reading *reading, gsize at, guint id)
{
    guint type = bytes_16(reading->set, at);
    if (type == VT_LPSTR || type == VT_LPWSTR)
        return 4 + read_string(reading, at + 4, type == VT_LPWSTR, id);
    if (type == VT_CF)
        read_thumbnail(reading, at + 4);
    return type == VT_INTEGER || type == 0x03 || type == 0x0B ? 8 : 0;
}

static void
read_property(Reading *reading, guint id, gsize at)
{
    guint type = bytes_16(reading->set, at);
    guint of = type & 0xFFF;
    gsize count = MIN(bytes_32(reading->set, at + 4), VECTOR_MAX), size = 1;
    if ((type & VT_VECTOR) == 0) {
        read_value(reading, at, id);
        return;
    }
    at += 8;
    for (gsize i = 0; i < count && size > 0 && bytes_hold(reading->set, at, 4) && !sink_stopped(reading->sink); i++) {
        if (of == VT_LPSTR || of == VT_LPWSTR)
            size = read_string(reading, at, of == VT_LPWSTR, id);
        else
            size = of == VT_VARIANT ? read_value(reading, at, id) : 0;
        if (of == VT_LPSTR && reading->code_page != UTF16) /* strings of a vector are not filled up to four bytes */
            size = 4 + (gsize)bytes_32(reading->set, at);
        at += size;
    }
}

/* 2.17: the names of the properties that a user named. */
static void
read_dictionary(Reading *reading, gsize at)
{
    guint32 count = MIN(bytes_32(reading->set, at), PROPERTIES_MAX);
    gboolean wide = reading->code_page == UTF16;
    at += 4;
    for (guint32 i = 0; i < count && bytes_hold(reading->set, at, 8); i++) {
        guint id = bytes_32(reading->set, at);
        gsize size = (gsize)bytes_32(reading->set, at + 4) * (wide ? 2 : 1);
        g_autofree char *name = decode_string(reading, bytes_part(reading->set, at + 8, size), wide);
        cover(reading, at, 8 + MIN(size, reading->set.length));
        story_alone(&reading->story, PLACE_PROPERTY, NULL, name);
        g_hash_table_insert(reading->names, GUINT_TO_POINTER(id), g_steal_pointer(&name));
        at += 8 + (wide ? (size + 3) / 4 * 4 : size);
    }
}

/* 2.20 PropertySet. FALSE: it is not there. */
static gboolean
read_set(Reading *reading)
{
    guint32 count = bytes_32(reading->set, 4);
    gsize dictionary = 0;
    if (reading->set.length < 8 || count > PROPERTIES_MAX || reading->set.length < 8 + (gsize)count * 8)
        return FALSE;
    for (guint32 i = 0; i < count; i++) {
        guint id = bytes_32(reading->set, 8 + (gsize)i * 8);
        gsize at = bytes_32(reading->set, 12 + (gsize)i * 8);
        if (id == ID_CODE_PAGE)
            reading->code_page = bytes_16(reading->set, at + 4);
        if (id == ID_DICTIONARY)
            dictionary = at;
    }
    if (dictionary != 0)
        read_dictionary(reading, dictionary);
    for (guint32 i = 0; i < count && !sink_stopped(reading->sink); i++) {
        guint id = bytes_32(reading->set, 8 + (gsize)i * 8);
        if (id != ID_DICTIONARY && id != ID_CODE_PAGE)
            read_property(reading, id, bytes_32(reading->set, 12 + (gsize)i * 8));
    }
    return TRUE;
}

gboolean
ole_property_tell(Bytes bytes, Sink *sink, guint part)
{
    /* 2.21 PropertySetStream; FMTID_DocSummaryInformation, FMTID_UserDefinedProperties begin so */
    enum { SUMMARY = 0xF29F85E0, DOCUMENT = 0xD5CDD502 };
    g_autoptr(Covered) covered = covered_new();
    guint32 sets = bytes_32(bytes, 24);
    gboolean good = bytes_16(bytes, 0) == 0xFFFE && sets <= SETS_MAX;
    for (guint32 i = 0; good && i < sets; i++) {
        guint32 format = bytes_32(bytes, 28 + (gsize)i * 20);
        Reading reading = {.sink = sink, .part = part, .all = bytes, .covered = covered};
        reading.set = bytes_part(bytes, bytes_32(bytes, 44 + (gsize)i * 20), bytes.length);
        reading.names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
        for (guint id = 2; id < 32 && (format == SUMMARY || format == DOCUMENT); id++)
            if (known_name(id, format == DOCUMENT) != NULL)
                g_hash_table_insert(reading.names, GUINT_TO_POINTER(id), g_strdup(known_name(id, format == DOCUMENT)));
        story_begin(&reading.story, sink, part, NULL, 0);
        good = read_set(&reading);
        g_hash_table_unref(reading.names);
    }
    runs_tell(bytes, covered, sink, part, "properties");
    return good;
}
