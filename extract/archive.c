/* archive - each regular file becomes an object of its own; of links, devices and directories only the names are told.
 *
 * ZIP is read by its directory, as every program does, and then what the directory left out: two ZIPs one behind the
 * other are two archives for one program and one for another. Without a directory (cut off, or the middle lost) the
 * local headers are followed, beginning again behind each damage. */
#include "config.h"
#include "archive.h"
#include "odf.h"
#include "ofd.h"
#include "ooxml.h"
#include "unpack.h"
#include "uof.h"
#include "zip.h"
#include <string.h>

#define REGIONS_MAX 256 /* beginnings inside one file */

static gboolean
tell_name(Sink *sink, guint part, const char *name)
{
    g_autofree char *line = name != NULL ? g_strconcat(name, "\n", NULL) : NULL;
    return line == NULL || sink_raw_text(sink, part, PLACE_FILE_NAME, NULL, line, strlen(line));
}

static gboolean
take_entry(Unpack *unpack, struct archive_entry *entry, Sink *sink, guint part)
{
    g_autofree char *name = unpack_name(unpack, entry);
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL)
        return tell_name(sink, part, name) &&
               tell_name(sink, part,
                         archive_entry_hardlink(entry) != NULL ? archive_entry_hardlink(entry)
                                                               : archive_entry_symlink(entry));
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0)
        return tell_name(sink, part, name);
    if (archive_entry_is_encrypted(entry))
        return sink_missing(sink, part, name, strlen(name),
                            archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1, WHY_ENCRYPTED);
    return unpack_object(unpack, sink, part, name, strlen(name));
}

/* All members; FALSE at damage. `count_out` gets how many were read; may be NULL. */
static gboolean
take_all(Unpack *unpack, Sink *sink, guint part, guint *count_out)
{
    UnpackEnd end = UNPACK_END_WHOLE;
    struct archive_entry *entry;
    guint count = 0;
    while ((entry = unpack_next(unpack, &end)) != NULL) {
        if (!take_entry(unpack, entry, sink, part))
            return TRUE;
        count++;
    }
    if (count_out != NULL)
        *count_out = count;
    if (end == UNPACK_END_ENCRYPTED)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    return end != UNPACK_END_DAMAGED;
}

static gboolean
run_kind(Source *source, Sink *sink, guint part, UnpackKind kind, guint *count_out)
{
    g_autoptr(Unpack) unpack = unpack_open(source, kind);
    gboolean whole = unpack != NULL && take_all(unpack, sink, part, count_out);
    if (!whole && *count_out == 0)
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_DAMAGED);
    return whole;
}

gboolean
archive_run(Source *source, Sink *sink, guint part)
{
    guint count = 0;
    return run_kind(source, sink, part, UNPACK_ARCHIVE, &count);
}

/* Zeros are an empty archive to the library, whatever comes behind them: what has no members is one file. */
gboolean
archive_run_packed(Source *source, Sink *sink, guint part)
{
    guint count = 0;
    if (!run_kind(source, sink, part, UNPACK_PACKED, &count))
        return FALSE;
    if (count > 0 || sink_stopped(sink))
        return TRUE;
    if (source_length(source) >= 0)
        return run_kind(source, sink, part, UNPACK_ONE, &count);
    sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED); /* a stream comes once */
    return TRUE;
}

/* --- RAR -------------------------------------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first; 0 behind the end. */
static guint64
take_number(const guint8 *bytes, gsize length, gsize *at)
{
    guint64 value = 0;
    for (guint shift = 0; *at < length && shift < 63; shift += 7) {
        guint8 byte = bytes[(*at)++];
        value |= (guint64)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

/* Whether it is one of several volumes, as the archive's header tells. */
static gboolean
is_volume(Source *source)
{
    guint8 head[64];
    gssize got = source_read(source, 0, head, sizeof head);
    gsize length = (gsize)MAX(got, 0), at = 12; /* RAR 5: behind the mark and a check sum */
    if (length > 11 && head[6] == 0)            /* RAR 1.5 to 4: mark, check sum, kind, flags */
        return head[9] == 0x73 && (head[10] & 1) != 0;
    take_number(head, length, &at); /* size */
    guint64 kind = take_number(head, length, &at), flags = take_number(head, length, &at);
    for (guint skipped = 1; skipped <= 2; skipped <<= 1) /* sizes of what may stand behind the header */
        if ((flags & skipped) != 0)
            take_number(head, length, &at);
    return kind == 1 && (take_number(head, length, &at) & 1) != 0;
}

gboolean
archive_run_rar(Source *source, Sink *sink, guint part)
{
    if (is_volume(source))
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    return archive_run(source, sink, part);
}

/* --- ZIP -------------------------------------------------------------------------------------------------------- */

typedef struct {
    Source *source;
    Sink *sink;
    guint part;
    guint regions;
    gboolean damaged;
} Zips;

static void read_region(Zips *zips, gint64 from, gint64 to, gboolean members);

/* Local headers one after the other; how many members there were. */
static guint
read_headers(Zips *zips, Source *source, gint64 *next)
{
    guint count = 0;
    g_autoptr(Unpack) unpack = unpack_open(source, UNPACK_ZIP_STREAM);
    if (unpack == NULL)
        return 0;
    if (!take_all(unpack, zips->sink, zips->part, &count))
        zips->damaged |= count > 0;
    *next = MAX(*next, unpack_header_at(unpack));
    return count;
}

static void
read_stream(Zips *zips, gint64 from, gint64 to)
{
    gint64 at = from;
    while ((at = zip_seek_header(zips->source, at, to)) >= 0 && !sink_stopped(zips->sink)) {
        gint64 next = 4;
        if (zips->regions++ >= REGIONS_MAX) {
            sink_cover(zips->sink, zips->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return;
        }
        g_autoptr(Source) piece = source_part(zips->source, at, to);
        if (read_headers(zips, piece, &next) > 0)
            zips->damaged = TRUE; /* members, and no directory that tells of them */
        at += next;
    }
}

static void
read_gap(Zips *zips, gint64 from, gint64 to)
{
    gint64 at = from < to ? zip_seek_header(zips->source, from, to) : -1;
    if (at >= 0)
        read_region(zips, at, to, TRUE);
}

static gint
by_place(gconstpointer a, gconstpointer b)
{
    const ZipMember *one = *(const ZipMember *const *)a, *other = *(const ZipMember *const *)b;
    return one->at < other->at ? -1 : one->at > other->at;
}

static gboolean
take_member(Zips *zips, const Zip *zip, const ZipMember *member)
{
    if (member->odd)
        sink_cover(zips->sink, zips->part, COVERAGE_PARTIAL, WHY_DAMAGED);
    if (member->name_length > 0 && member->name[member->name_length - 1] == '/' && member->size == 0)
        return tell_name(zips->sink, zips->part, member->name);
    return zip_object(zip, member, zips->sink, zips->part);
}

/* What lies in from..to: the members of the last directory, if wanted, and what it does not tell of. */
static void
read_region(Zips *zips, gint64 from, gint64 to, gboolean members)
{
    g_autoptr(Zip) zip = NULL;
    gsize length;
    if (zips->regions++ >= REGIONS_MAX) {
        sink_cover(zips->sink, zips->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return;
    }
    zip = zip_open(zips->source, from, to);
    if (zip == NULL) {
        read_stream(zips, from, to);
        return;
    }
    const void *comment = g_bytes_get_data(zip->comment, &length);
    sink_raw_text(zips->sink, zips->part, PLACE_COMMENT, NULL, comment, length);
    g_autoptr(GPtrArray) order = g_ptr_array_copy(zip->members, NULL, NULL);
    g_ptr_array_set_free_func(order, NULL);
    g_ptr_array_sort(order, by_place);
    gint64 at = from;
    for (guint i = 0; i < order->len && !sink_stopped(zips->sink); i++) {
        const ZipMember *member = g_ptr_array_index(order, i);
        read_gap(zips, at, member->at);
        if (members && !take_member(zips, zip, member))
            return;
        at = MAX(at, member->end);
    }
    read_gap(zips, at, zip->directory);
    read_gap(zips, zip->end, to);
}

static gboolean
run_zip(Source *source, Sink *sink, guint part, gboolean members)
{
    Zips zips = {.source = source, .sink = sink, .part = part};
    if (source_length(source) < 0) { /* a stream: as it comes, once */
        gint64 next = 0;
        return read_headers(&zips, source, &next) > 0 && !zips.damaged;
    }
    read_region(&zips, 0, source_length(source), members);
    return !zips.damaged;
}

gboolean
archive_run_zip(Source *source, Sink *sink, guint part)
{
    if (zip_has(source, "[Content_Types].xml"))
        return ooxml_run(source, sink, part);
    if (zip_has(source, "OFD.xml"))
        return ofd_run(source, sink, part);
    if (zip_has(source, "META-INF/manifest.xml") && zip_has(source, "content.xml"))
        return odf_run(source, sink, part);
    if (zip_has(source, "uof.xml"))
        return uof_run(source, sink, part);
    return archive_run_members(source, sink, part);
}

gboolean
archive_run_members(Source *source, Sink *sink, guint part)
{
    g_autoptr(Zip) zip = zip_open(source, 0, source_length(source));
    gboolean whole = run_zip(source, sink, part, TRUE);
    return whole && (zip != NULL || source_length(source) < 0);
}

gboolean
archive_run_zip_gaps(Source *source, Sink *sink, guint part)
{
    return run_zip(source, sink, part, FALSE);
}

/* What is no archive in a program stays unread. */
gboolean
archive_run_program(Source *source, Sink *sink, guint part)
{
    UnpackEnd end;
    struct archive_entry *entry;
    g_autoptr(Zip) zip = zip_open(source, 0, source_length(source));
    g_autoptr(Unpack) unpack = zip == NULL ? unpack_open(source, UNPACK_ARCHIVE) : NULL;
    sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    if (zip != NULL)
        run_zip(source, sink, part, TRUE);
    while (unpack != NULL && (entry = unpack_next(unpack, &end)) != NULL)
        if (!take_entry(unpack, entry, sink, part))
            break;
    return TRUE;
}
