/* vba - "dir" tells in which stream each module lies and where its text begins. Numbers of sections are those of
 * [MS-OVBA]. */
#include "config.h"
#include "vba.h"
#include "bytes.h"
#include "decode.h"
#include "story.h"

#define CHUNK 4096
#define CLEAR_MAX (16 * 1024 * 1024)
#define MODULES_MAX 2000

/* One token: literal bytes, or a copy of what was unpacked before. FALSE: damaged. */
static gboolean
copy_token(GByteArray *out, guint start, guint token)
{
    guint done = out->len - start, bits = 4;
    while (bits < 12 && 1U << bits < done) /* 2.4.1.3.19.1: the further on, the more bits the distance has */
        bits++;
    guint length = (token & (0xFFFFU >> bits)) + 3, back = (token >> (16 - bits)) + 1;
    if (back > done)
        return FALSE;
    for (guint i = 0; i < length && out->len - start < CHUNK; i++) {
        guint8 byte = out->data[out->len - back];
        g_byte_array_append(out, &byte, 1);
    }
    return TRUE;
}

static gboolean
unpack_chunk(GByteArray *out, Bytes chunk)
{
    guint start = out->len;
    for (gsize at = 0; at < chunk.length;) {
        guint flags = chunk.data[at++];
        for (guint i = 0; i < 8 && at < chunk.length && out->len - start < CHUNK; i++) {
            if ((flags >> i & 1) == 0) {
                g_byte_array_append(out, chunk.data + at++, 1);
                continue;
            }
            if (!bytes_hold(chunk, at, 2) || !copy_token(out, start, bytes_16(chunk, at)))
                return FALSE;
            at += 2;
        }
    }
    return TRUE;
}

GByteArray *
vba_decompress(const guint8 *bytes, gsize length, gsize max)
{
    Bytes all = {bytes, length};
    GByteArray *out = g_byte_array_new();
    gsize at = 1;
    if (bytes_8(all, 0) != 1)
        return out;
    while (bytes_hold(all, at, 3) && out->len < max) { /* 2.4.1.1.5: size, signature, whether it is packed */
        guint head = bytes_16(all, at);
        Bytes chunk = bytes_part(all, at + 2, (head & 0x0FFF) + 1);
        if ((head & 0x7000) != 0x3000)
            break;
        if ((head & 0x8000) == 0)
            g_byte_array_append(out, chunk.data, (guint)chunk.length);
        else if (!unpack_chunk(out, chunk))
            break;
        at += 2 + (gsize)(head & 0x0FFF) + 1;
    }
    return out;
}

typedef struct {
    Ole *ole;
    guint storage; /* VBA */
    Sink *sink;
    guint part;
    const char *charset;
    char *name; /* of the stream of the module in hand */
    gboolean good;
} Project;

static void
tell_module(Project *project, gsize at)
{
    guint entry = project->name != NULL ? ole_find_stream(project->ole, project->storage, project->name) : 0;
    g_autoptr(GBytes) block = ole_read(project->ole, entry);
    Bytes source = bytes_part(bytes_of(block), at, G_MAXSIZE);
    g_autoptr(GByteArray) text = vba_decompress(source.data, source.length, CLEAR_MAX);
    if (text->len == 0) {
        project->good = FALSE;
        return;
    }
    if (!sink_spend(project->sink, text->len))
        return;
    Decoding *decoding = decode_as(text->data, text->len, project->charset);
    Story story;
    story_begin(&story, project->sink, project->part, project->name, 0);
    story_alone(&story, PLACE_COMMENT, project->name, g_strdelimit(decoding->text, "\r", ' '));
    decoding_free(decoding);
}

static char *
name_of(const Project *project, Bytes value)
{
    Decoding *decoding = decode_as(value.data, value.length, project->charset);
    char *name = g_strdup(decoding->text);
    decoding_free(decoding);
    return name;
}

/* 2.3.4.2: records of a type and a length; PROJECTVERSION alone says less than it has. */
static void
read_directory(Project *project, Bytes dir)
{
    enum { DIR_CODE_PAGE = 0x0003, DIR_VERSION = 0x0009, DIR_STREAM = 0x001A, DIR_OFFSET = 0x0031 };
    guint modules = 0;
    for (gsize at = 0; bytes_hold(dir, at, 6) && modules < MODULES_MAX;) {
        guint type = bytes_16(dir, at);
        gsize size = bytes_32(dir, at + 2);
        Bytes value = bytes_part(dir, at + 6, size);
        at += 6 + (type == DIR_VERSION ? 6 : size);
        if (type == DIR_CODE_PAGE)
            project->charset = bytes_16(value, 0) == 950 ? "BIG5-HKSCS" : "GB18030";
        else if (type == DIR_STREAM) {
            g_free(project->name);
            project->name = name_of(project, value);
        } else if (type == DIR_OFFSET) {
            tell_module(project, bytes_32(value, 0));
            modules++;
        }
    }
    project->good &= modules > 0;
    g_clear_pointer(&project->name, g_free);
}

gboolean
vba_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    Project project = {.ole = ole, .sink = sink, .part = part, .charset = "GB18030", .good = TRUE};
    project.storage = ole_find(ole, storage, "VBA");
    guint entry = ole_find_stream(ole, project.storage, "dir");
    g_autoptr(GBytes) block = ole_read(ole, entry);
    Bytes packed = bytes_of(block);
    if (project.storage == 0 || packed.length == 0)
        return FALSE;
    g_autoptr(GByteArray) dir = vba_decompress(packed.data, packed.length, CLEAR_MAX);
    read_directory(&project, (Bytes){dir->data, dir->len});
    /* what was compiled, and its caches */
    for (guint i = 1; i < ole_count(ole); i++)
        if (ole_entry(ole, i)->parent == project.storage && (g_str_has_prefix(ole_entry(ole, i)->name, "__SRP_") ||
                                                             g_str_has_prefix(ole_entry(ole, i)->name, "_VBA_PROJECT")))
            ole_take(ole, i);
    return project.good;
}
