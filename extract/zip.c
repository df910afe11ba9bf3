/* zip - end record, directory, members. All offsets are checked against the piece looked at; what the directory says of
 * sizes is only used to know which bytes it speaks of. */
#include "config.h"
#include "zip.h"
#include "unpack.h"
#include <string.h>

#define END_SIZE 22
#define COMMENT_MAX 65535
#define ENTRY_SIZE 46
#define LOCAL_SIZE 30
#define DIRECTORY_MAX (32 * 1024 * 1024)
#define PIECE (64 * 1024)
#define NO_32 0xFFFFFFFF

static guint64
little(const guint8 *bytes, guint size)
{
    guint64 value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

static void
member_free(gpointer data)
{
    ZipMember *member = data;
    g_free(member->name);
    g_free(member);
}

void
zip_free(Zip *zip)
{
    if (zip == NULL)
        return;
    g_ptr_array_unref(zip->members);
    g_clear_pointer(&zip->comment, g_bytes_unref);
    g_free(zip);
}

/* --- the end record --------------------------------------------------------------------------------------------- */

typedef struct {
    gint64 at; /* of the end record */
    gint64 size, offset;
} End;

/* ZIP64 keeps the numbers that there is no room for in a record before, which some writers write in any case. */
static void
read_end_64(Source *source, End *end)
{
    guint8 locator[20], record[56];
    if (end->at < (gint64)sizeof locator || !source_read_all(source, end->at - 20, locator, sizeof locator) ||
        memcmp(locator, "PK\6\7", 4) != 0)
        return;
    gint64 at = end->at - 20 - (gint64)sizeof record; /* where it stands in all but extended ones */
    if (at < 0 || !source_read_all(source, at, record, sizeof record) || memcmp(record, "PK\6\6", 4) != 0)
        return;
    if (end->size == NO_32)
        end->size = (gint64)(little(record + 40, 8) & G_MAXINT64);
    if (end->offset == NO_32)
        end->offset = (gint64)(little(record + 48, 8) & G_MAXINT64);
    end->at = at; /* the directory ends before it */
}

static gboolean
find_end(Zip *zip, End *end)
{
    gint64 tail = MIN(zip->to - zip->from, END_SIZE + COMMENT_MAX);
    g_autofree guint8 *bytes = g_malloc((gsize)MAX(tail, 1));
    if (tail < END_SIZE || !source_read_all(zip->source, zip->to - tail, bytes, (gsize)tail))
        return FALSE;
    for (gint64 i = tail - END_SIZE; i >= 0; i--) {
        const guint8 *record = bytes + i;
        if (memcmp(record, "PK\5\6", 4) != 0)
            continue;
        gint64 comment = MIN((gint64)little(record + 20, 2), tail - i - END_SIZE);
        *end = (End){zip->to - tail + i, (gint64)little(record + 12, 4), (gint64)little(record + 16, 4)};
        zip->end = end->at + END_SIZE + comment;
        zip->comment = g_bytes_new(record + END_SIZE, (gsize)comment);
        read_end_64(zip->source, end);
        return TRUE;
    }
    return FALSE;
}

/* --- the directory ---------------------------------------------------------------------------------------------- */

/* Sizes and offset, from the ZIP64 extra field where the entry has no room for them. */
static void
read_numbers(const guint8 *entry, const guint8 *extra, gsize extra_length, gint64 *packed, gint64 *size, gint64 *at)
{
    gint64 *const wanted[] = {size, packed, at};
    const guint offsets[] = {24, 20, 42};
    const guint8 *field = NULL;
    gsize left = 0;
    for (gsize i = 0; i + 4 <= extra_length; i += 4 + little(extra + i + 2, 2))
        if (little(extra + i, 2) == 1) {
            field = extra + i + 4;
            left = MIN(little(extra + i + 2, 2), extra_length - i - 4);
            break;
        }
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++) {
        *wanted[i] = (gint64)little(entry + offsets[i], 4);
        if (*wanted[i] == NO_32 && left >= 8) {
            *wanted[i] = (gint64)(little(field, 8) & (G_MAXINT64 >> 1));
            field += 8;
            left -= 8;
        }
    }
}

/* With bit 3 the local header leaves the sizes to a record behind the data. */
static gboolean
is_odd(const guint8 *entry, const guint8 *local)
{
    return memcmp(entry + 10, local + 8, 2) != 0 ||
           ((local[6] & 8) == 0 && little(local + 18, 4) != NO_32 && memcmp(entry + 20, local + 18, 8) != 0);
}

/* One entry; its length, 0 if it is none. */
static gsize
read_entry(Zip *zip, const guint8 *bytes, gsize length, gint64 prefix)
{
    gint64 packed, size, at;
    guint8 local[LOCAL_SIZE];
    if (length < ENTRY_SIZE || memcmp(bytes, "PK\1\2", 4) != 0)
        return 0;
    gsize name = little(bytes + 28, 2), extra = little(bytes + 30, 2), comment = little(bytes + 32, 2);
    gsize whole = ENTRY_SIZE + name + extra + comment;
    if (whole > length)
        return 0;
    read_numbers(bytes, bytes + ENTRY_SIZE + name, extra, &packed, &size, &at);
    at += prefix;
    if (at < zip->from || at >= zip->directory || !source_read_all(zip->source, at, local, sizeof local) ||
        memcmp(local, "PK\3\4", 4) != 0)
        return 0;
    gint64 data = at + LOCAL_SIZE + (gint64)little(local + 26, 2) + (gint64)little(local + 28, 2);
    ZipMember *member = g_new0(ZipMember, 1);
    *member = (ZipMember){.name = g_strndup((const char *)bytes + ENTRY_SIZE, name),
                          .name_length = name,
                          .at = at,
                          .end = CLAMP(data + MIN(packed, zip->directory), data, MAX(zip->directory, data)),
                          .size = size,
                          .encrypted = (bytes[8] & 1) != 0,
                          .odd = is_odd(bytes, local)};
    g_ptr_array_add(zip->members, member);
    return whole;
}

static gboolean
read_directory(Zip *zip, const End *end)
{
    if (end->size > DIRECTORY_MAX || end->size > end->at - zip->from)
        return FALSE;
    zip->directory = end->at - end->size;
    gint64 prefix = zip->directory - end->offset; /* a program, or another ZIP, before it */
    g_autofree guint8 *bytes = g_malloc((gsize)MAX(end->size, 1));
    if (!source_read_all(zip->source, zip->directory, bytes, (gsize)end->size))
        return FALSE;
    for (gsize at = 0, length; at < (gsize)end->size; at += length) {
        length = read_entry(zip, bytes + at, (gsize)end->size - at, prefix);
        if (length == 0)
            return FALSE;
    }
    return TRUE;
}

Zip *
zip_open(Source *source, gint64 from, gint64 to)
{
    End end;
    g_autoptr(Zip) zip = g_new0(Zip, 1);
    zip->source = source;
    zip->members = g_ptr_array_new_with_free_func(member_free);
    zip->from = from;
    zip->to = to;
    if (source_length(source) < 0 || !find_end(zip, &end) || !read_directory(zip, &end))
        return NULL;
    return g_steal_pointer(&zip);
}

const ZipMember *
zip_find(const Zip *zip, const char *name)
{
    for (guint i = zip->members->len; i-- > 0;) {
        const ZipMember *member = g_ptr_array_index(zip->members, i);
        if (g_ascii_strcasecmp(member->name, name) == 0)
            return member;
    }
    return NULL;
}

gboolean
zip_has(Source *source, const char *name)
{
    g_autoptr(Zip) zip = zip_open(source, 0, source_length(source));
    return zip != NULL && zip_find(zip, name) != NULL;
}

/* --- members ---------------------------------------------------------------------------------------------------- */

static Unpack *
open_member(Source *piece)
{
    UnpackEnd end;
    g_autoptr(Unpack) unpack = unpack_open(piece, UNPACK_ZIP_STREAM);
    return unpack != NULL && unpack_next(unpack, &end) != NULL ? g_steal_pointer(&unpack) : NULL;
}

gboolean
zip_read(const Zip *zip, const ZipMember *member, Sink *sink, ZipTake take, gpointer user)
{
    g_autoptr(Source) piece = source_part(zip->source, member->at, zip->end);
    g_autoptr(Unpack) unpack = open_member(piece);
    g_autofree guint8 *bytes = g_malloc(PIECE);
    gssize got = -1;
    while (unpack != NULL && (got = unpack_read(unpack, sink, bytes, PIECE)) > 0)
        if (!take(bytes, (gsize)got, user))
            return FALSE;
    return got == 0;
}

gboolean
zip_object(const Zip *zip, const ZipMember *member, Sink *sink, guint part)
{
    if (member->encrypted)
        return sink_missing(sink, part, member->name, member->name_length, member->size, WHY_ENCRYPTED);
    g_autoptr(Source) piece = source_part(zip->source, member->at, zip->end);
    g_autoptr(Unpack) unpack = open_member(piece);
    if (unpack == NULL)
        return sink_missing(sink, part, member->name, member->name_length, member->size, WHY_DAMAGED);
    return unpack_object(unpack, sink, part, member->name, member->name_length);
}

gint64
zip_seek_header(Source *source, gint64 at, gint64 to)
{
    g_autofree guint8 *bytes = g_malloc(PIECE);
    while (at + LOCAL_SIZE <= to) {
        gssize got = source_read(source, at, bytes, (gsize)MIN(to - at, PIECE));
        if (got < 4)
            return -1;
        const guint8 *found = memmem(bytes, (gsize)got, "PK\3\4", 4);
        if (found != NULL)
            return at + (found - bytes) + LOCAL_SIZE <= to ? at + (found - bytes) : -1;
        at += got - 3;
    }
    return -1;
}
