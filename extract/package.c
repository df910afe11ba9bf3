/* package - members by name over zip. */
#include "config.h"
#include "package.h"
#include "archive.h"
#include "detect_inside.h"
#include <string.h>

#define PLAIN_MAX (64 * 1024)
#define FONT_MAX (32 * 1024 * 1024)

gboolean
package_open(Package *package, Source *source, Sink *sink, guint part)
{
    *package = (Package){.source = source, .sink = sink, .part = part};
    package->zip = zip_open(source, 0, source_length(source));
    if (package->zip == NULL)
        return FALSE;
    package->done = g_new0(gboolean, package->zip->members->len + 1);
    return TRUE;
}

void
package_clear(Package *package)
{
    g_clear_pointer(&package->zip, zip_free);
    g_clear_pointer(&package->done, g_free);
}

/* The member of this name not yet read: of two with one name programs take one or the other, so both are read. */
static const ZipMember *
find(const Package *package, const char *name, guint *index_out)
{
    for (guint i = package->zip->members->len; i-- > 0;) {
        const ZipMember *member = g_ptr_array_index(package->zip->members, i);
        if (!package->done[i] && g_ascii_strcasecmp(member->name, name) == 0) {
            *index_out = i;
            return member;
        }
    }
    return NULL;
}

static const ZipMember *
take(Package *package, const char *name)
{
    guint index;
    const ZipMember *member = find(package, name, &index);
    if (member == NULL)
        return NULL;
    package->done[index] = TRUE;
    package->damaged |= member->odd;
    return member;
}

gboolean
package_has(const Package *package, const char *name)
{
    guint index;
    return find(package, name, &index) != NULL;
}

char *
package_resolve(const char *base, const char *target)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new();
    g_autofree char *folder = g_path_get_dirname(base);
    g_autofree char *joined = target[0] == '/' ? g_strdup(target) : g_strconcat(folder, "/", target, NULL);
    g_auto(GStrv) pieces = g_strsplit(joined, "/", 64);
    for (guint i = 0; pieces[i] != NULL; i++) {
        if (strcmp(pieces[i], "..") == 0 && steps->len > 0)
            g_ptr_array_set_size(steps, (gint)steps->len - 1);
        else if (pieces[i][0] != '\0' && strcmp(pieces[i], ".") != 0 && strcmp(pieces[i], "..") != 0)
            g_ptr_array_add(steps, pieces[i]);
    }
    g_ptr_array_add(steps, NULL);
    return g_strjoinv("/", (char **)steps->pdata);
}

const char *
package_find(const Package *package, const char *base, const char *target)
{
    g_autofree char *slashed = g_strdelimit(g_strdup(target), "\\", '/');
    g_autofree char *name = package_resolve(base, g_strstrip(slashed));
    if (name[0] == '\0')
        return NULL;
    for (guint i = package->zip->members->len; i-- > 0;) {
        const ZipMember *member = g_ptr_array_index(package->zip->members, i);
        const char *own = member->name[0] == '/' ? member->name + 1 : member->name;
        if (g_ascii_strcasecmp(own, name) == 0)
            return member->name;
    }
    return NULL;
}

typedef struct {
    Xml *xml;
    Sink *sink;
} Push;

static gboolean
push(const guint8 *bytes, gsize length, gpointer user)
{
    const Push *to = user;
    xml_push(to->xml, bytes, length);
    return !sink_stopped(to->sink);
}

static gboolean
parse(const Package *package, const ZipMember *member, const XmlEvents *events, gpointer user)
{
    g_autoptr(Xml) xml = xml_new(events, user);
    Push to = {xml, package->sink};
    gboolean whole = zip_read(package->zip, member, package->sink, push, &to);
    return xml_finish(xml) && whole;
}

gboolean
package_xml(Package *package, const char *name, const XmlEvents *events, gpointer user)
{
    const ZipMember *member = take(package, name);
    if (member == NULL)
        return FALSE;
    if (member->encrypted)
        sink_missing(package->sink, package->part, member->name, member->name_length, member->size, WHY_ENCRYPTED);
    else if (!parse(package, member, events, user) && !sink_stopped(package->sink))
        package->damaged = TRUE;
    return TRUE;
}

gboolean
package_peek_xml(Package *package, const char *name, const XmlEvents *events, gpointer user)
{
    const ZipMember *member = zip_find(package->zip, name);
    return member != NULL && !member->encrypted && parse(package, member, events, user);
}

void
package_rest(Package *package, PackageEach each, gpointer user)
{
    for (guint i = 0; i < package->zip->members->len && !sink_stopped(package->sink); i++) {
        const ZipMember *member = g_ptr_array_index(package->zip->members, i);
        if (package->done[i])
            continue;
        if (member->name_length == 0 || member->name[member->name_length - 1] != '/' || member->size > 0) {
            g_autofree char *name = g_strdup(member->name);
            each(package, name, user);
        }
        package->done[i] = TRUE;
    }
}

void
package_object(Package *package, const char *name)
{
    const ZipMember *member = take(package, name);
    if (member != NULL)
        zip_object(package->zip, member, package->sink, package->part);
}

static gboolean
gather(const guint8 *bytes, gsize length, gpointer user)
{
    GString *text = user;
    g_string_append_len(text, (const char *)bytes, (gssize)MIN(length, PLAIN_MAX - text->len));
    return text->len < PLAIN_MAX;
}

void
package_plain(Package *package, const char *name)
{
    guint index;
    const ZipMember *member = find(package, name, &index);
    if (member == NULL || member->encrypted || member->size >= PLAIN_MAX) {
        package_object(package, name);
        return;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    take(package, name);
    if (!zip_read(package->zip, member, package->sink, gather, text))
        package->damaged |= !sink_stopped(package->sink);
    sink_raw_text(package->sink, package->part, PLACE_ATTRIBUTE, NULL, text->str, text->len);
}

void
package_opaque(Package *package, const char *name)
{
    const ZipMember *member = take(package, name);
    if (member != NULL)
        sink_missing(package->sink, package->part, member->name, member->name_length, member->size, WHY_NONE);
}

typedef struct {
    GByteArray *bytes;
    gsize most;
} Gather;

static gboolean
gather_bytes(const guint8 *bytes, gsize length, gpointer user)
{
    Gather *to = user;
    if (length > to->most - to->bytes->len)
        return FALSE;
    g_byte_array_append(to->bytes, bytes, (guint)length);
    return TRUE;
}

GBytes *
package_bytes(Package *package, const char *name, gsize most)
{
    guint index;
    const ZipMember *member = find(package, name, &index);
    Gather to = {.most = most};
    if (member == NULL || member->encrypted || member->size > (gint64)most)
        return NULL;
    to.bytes = g_byte_array_new();
    if (!zip_read(package->zip, member, package->sink, gather_bytes, &to)) {
        g_byte_array_unref(to.bytes);
        return NULL;
    }
    take(package, name);
    return g_byte_array_free_to_bytes(to.bytes);
}

static gboolean
is_font(const guint8 *bytes, gsize length)
{
    static const struct {
        const char *magic;
        gsize length;
    } faces[] = {{"\0\1\0\0", 4}, {"OTTO", 4}, {"true", 4},   {"ttcf", 4},
                 {"wOFF", 4},     {"wOF2", 4}, {"\1\0\4", 3}, {"%!PS-AdobeFont", 14}};
    for (gsize i = 0; i < G_N_ELEMENTS(faces); i++)
        if (length >= faces[i].length && memcmp(bytes, faces[i].magic, faces[i].length) == 0)
            return TRUE;
    return FALSE;
}

void
package_font(Package *package, const char *name)
{
    guint index;
    gsize length;
    DetectInside inside = {0};
    const ZipMember *member = find(package, name, &index);
    g_autoptr(GBytes) bytes = package_bytes(package, name, FONT_MAX);
    const guint8 *font = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
    if (font != NULL)
        detect_inside_push(&inside, font, length);
    if (font != NULL && is_font(font, length) && !inside.found) {
        sink_missing(package->sink, package->part, member->name, member->name_length, member->size, WHY_NONE);
    } else if (font != NULL) {
        g_autoptr(Source) source = source_of_bytes(bytes);
        sink_object(package->sink, package->part, member->name, member->name_length, source);
    } else {
        package_object(package, name);
    }
}

gboolean
package_finish(Package *package)
{
    package->damaged |= !archive_run_zip_gaps(package->source, package->sink, package->part);
    return !package->damaged;
}
