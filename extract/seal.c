/* seal - DER is walked without recursion: octet strings that are of a known type become objects, those that are DER
 * again are opened, words that are not ASCII are told. */
#include "config.h"
#include "seal.h"
#include "detect.h"
#include "story.h"
#include <string.h>

#define SEAL_MAX (16 * 1024 * 1024)
#define LEVELS_MAX 64
#define NODES_MAX 50000

enum { DER_BITS = 0x03, DER_OCTETS = 0x04, DER_UTF8 = 0x0C, DER_BMP = 0x1E, DER_CONSTRUCTED = 0x20 };

typedef struct {
    const guint8 *at, *end;
} Span;

/* The next element of `span`; FALSE: there is none that fits. */
static gboolean
next_element(Span *span, guint8 *tag_out, Span *content_out)
{
    if (span->end - span->at < 2 || (span->at[0] & 0x1F) == 0x1F)
        return FALSE;
    const guint8 *at = span->at + 2;
    gsize length = span->at[1], bytes = length & 0x7F;
    if (length & 0x80) {
        if (bytes == 0 || bytes > 4 || (gsize)(span->end - at) < bytes)
            return FALSE;
        for (length = 0; bytes > 0; bytes--)
            length = length << 8 | *at++;
    }
    if (length > (gsize)(span->end - at))
        return FALSE;
    *tag_out = span->at[0];
    *content_out = (Span){at, at + length};
    span->at = at + length;
    return TRUE;
}

static gboolean
is_der(const Span *span)
{
    Span rest = *span, content;
    guint8 tag;
    return next_element(&rest, &tag, &content) && tag == (0x10 | DER_CONSTRUCTED) && rest.at == rest.end;
}

typedef struct {
    Package *package;
    Story story;
    guint nodes, objects;
} Walk;

static gboolean
give_object(Walk *walk, const Span *span)
{
    gsize length = (gsize)(span->end - span->at);
    Detected seen = detect_bytes(span->at, length);
    if (length < 16 || seen.is_text || strcmp(seen.type, "application/octet-stream") == 0 ||
        strcmp(seen.type, "application/pkcs7-mime") == 0)
        return FALSE;
    g_autoptr(GBytes) bytes = g_bytes_new(span->at, length);
    g_autoptr(Source) source = source_of_bytes(bytes);
    static const char name[] = "seal";
    walk->objects++;
    sink_object(walk->package->sink, walk->package->part, name, sizeof name - 1, source);
    return TRUE;
}

static void
say_words(Walk *walk, guint8 tag, const Span *span)
{
    gssize length = span->end - span->at;
    g_autofree char *wide =
        tag == DER_BMP ? g_convert((const char *)span->at, length, "UTF-8", "UTF-16BE", NULL, NULL, NULL) : NULL;
    const char *words = wide != NULL ? wide : (const char *)span->at;
    gsize size = wide != NULL ? strlen(wide) : (gsize)length;
    gboolean ascii = TRUE;
    for (gsize i = 0; i < size && ascii; i++)
        ascii = (words[i] & 0x80) == 0;
    if (ascii || (tag == DER_BMP && wide == NULL))
        return;
    story_say(&walk->story, PLACE_ATTRIBUTE, words, (gssize)size);
    story_gap(&walk->story, PLACE_ATTRIBUTE, '\n');
}

/* Whether there is something to open in an element. */
static gboolean
look_at(Walk *walk, guint8 tag, Span *content)
{
    if (tag & DER_CONSTRUCTED)
        return TRUE;
    if (tag == DER_UTF8 || tag == DER_BMP)
        say_words(walk, tag, content);
    if (tag == DER_BITS && content->at < content->end)
        content->at++; /* unused bits */
    if ((tag == DER_OCTETS || tag == DER_BITS) && is_der(content))
        return TRUE;
    if (tag == DER_OCTETS)
        give_object(walk, content);
    return FALSE;
}

/* FALSE: damaged, or too much of it. */
static gboolean
walk_der(Walk *walk, const Span *whole)
{
    Span levels[LEVELS_MAX] = {*whole};
    guint depth = 1;
    while (depth > 0) {
        Span *span = &levels[depth - 1], content;
        guint8 tag;
        if (span->at == span->end) {
            depth--;
            continue;
        }
        if (++walk->nodes > NODES_MAX || !next_element(span, &tag, &content))
            return FALSE;
        if (look_at(walk, tag, &content) && content.at < content.end) {
            if (depth == LEVELS_MAX)
                return FALSE;
            levels[depth++] = content;
        }
    }
    return TRUE;
}

/* Pictures and packages wherever they begin in what is no DER. */
static void
scan(Walk *walk, const guint8 *bytes, gsize length)
{
    static const struct {
        const char *magic;
        gsize length;
    } faces[] = {{"\x89PNG\r\n\x1A\n", 8}, {"\xFF\xD8\xFF", 3}, {"PK\3\4", 4}, {"GIF8", 4}};
    for (gsize i = 0; i < G_N_ELEMENTS(faces); i++) {
        const guint8 *found = memmem(bytes, length, faces[i].magic, faces[i].length);
        if (found != NULL)
            give_object(walk, &(Span){found, bytes + length});
    }
}

gboolean
seal_read(Package *package, const char *member)
{
    gsize length;
    Walk walk = {.package = package};
    if (!package_has(package, member))
        return FALSE;
    g_autoptr(GBytes) bytes = package_bytes(package, member, SEAL_MAX);
    const guint8 *data = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
    if (data == NULL) {
        package_object(package, member);
        return TRUE;
    }
    Span whole = {data, data + length};
    story_begin(&walk.story, package->sink, package->part, NULL, 0);
    if (is_der(&whole) && walk_der(&walk, &whole))
        return TRUE;
    guint before = walk.objects;
    scan(&walk, data, length);
    if (walk.objects == before) {
        g_autoptr(Source) source = source_of_bytes(bytes);
        sink_object(package->sink, package->part, member, strlen(member), source);
    }
    return TRUE;
}
