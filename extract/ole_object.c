/* ole_object - a packed file has a label, the path it came from, a path to unpack to, then its bytes. */
#include "config.h"
#include "ole_object.h"
#include "runs.h"
#include "source.h"
#include "story.h"

/* The bytes before the NUL at *at, which goes behind it. FALSE: there is none. */
static gboolean
take_string(Bytes bytes, gsize *at, Bytes *out)
{
    Bytes rest = bytes_part(bytes, *at, bytes.length);
    const guint8 *end = rest.length == 0 ? NULL : memchr(rest.data, 0, rest.length);
    if (end == NULL)
        return FALSE;
    *out = (Bytes){rest.data, (gsize)(end - rest.data)};
    *at += out->length + 1;
    return TRUE;
}

/* The file that the object packer wrote. FALSE: it is another kind of native data. */
static gboolean
tell_packed(GBytes *block, Sink *sink, guint part)
{
    Bytes all = bytes_of(block), label, from, to;
    gsize at = 6; /* behind the length and 2 */
    if (bytes_16(all, 4) != 2 || !take_string(all, &at, &label) || !take_string(all, &at, &from))
        return FALSE;
    at += 8; /* 3, and the length of what follows */
    if (!take_string(all, &at, &to))
        return FALSE;
    gsize length = bytes_32(all, at);
    if (!bytes_hold(all, at + 4, length))
        return FALSE;
    sink_raw_text(sink, part, PLACE_ATTRIBUTE, "path", from.data, from.length);
    g_autoptr(GBytes) file = g_bytes_new_from_bytes(block, at + 4, length);
    g_autoptr(Source) source = source_of_bytes(file);
    sink_object(sink, part, (const char *)label.data, label.length, source);
    runs_tell(bytes_part(all, at + 4 + length, all.length), NULL, sink, part, "names"); /* the same in UTF-16 */
    return TRUE;
}

gboolean
ole_object_tell(const char *name, GBytes *block, Sink *sink, guint part)
{
    gsize size = g_bytes_get_size(block);
    if (g_ascii_strcasecmp(name, "\001Ole10Native") == 0) {
        if (tell_packed(block, sink, part))
            return TRUE;
        g_autoptr(GBytes) data = size > 4 ? g_bytes_new_from_bytes(block, 4, size - 4) : g_bytes_ref(block);
        g_autoptr(Source) source = source_of_bytes(data);
        sink_object(sink, part, "Ole10Native", strlen("Ole10Native"), source);
        return TRUE;
    }
    /* a picture of what another stream holds, and is read there */
    if (g_str_has_prefix(name, "\002OlePres") || g_ascii_strcasecmp(name, "\003EPRINT") == 0 ||
        g_ascii_strcasecmp(name, "\003META") == 0 || g_ascii_strcasecmp(name, "\003PIC") == 0) {
        runs_tell(bytes_of(block), NULL, sink, part, name);
        return TRUE;
    }
    return FALSE;
}
