/* xls_record - a text that is cut by CONTINUE says again, in the first byte behind the cut, how wide it is. */
#include "config.h"
#include "xls_record.h"
#include "decode.h"

#define HEADER 4
#define WIDE 0x01
#define PHONETIC 0x04
#define RICH 0x08

gboolean
xls_record(Bytes stream, gsize at, XlsRecord *out, gboolean *cut_out)
{
    if (!bytes_hold(stream, at, HEADER))
        return FALSE;
    gsize length = bytes_16(stream, at + 2);
    *out = (XlsRecord){bytes_16(stream, at), at, bytes_part(stream, at + HEADER, length)};
    *cut_out = out->body.length < length;
    return TRUE;
}

XlsCursor
xls_cursor(Bytes stream, const XlsRecord *record, gsize at)
{
    return (XlsCursor){
        .stream = stream, .now = record->body, .at = at, .next = record->at + HEADER + record->body.length};
}

gsize
xls_left(const XlsCursor *cursor)
{
    return cursor->at < cursor->now.length ? cursor->now.length - cursor->at : 0;
}

/* Goes to the next CONTINUE when this body is used up. FALSE: there is none. */
static gboolean
is_more(XlsCursor *cursor)
{
    while (xls_left(cursor) == 0) {
        XlsRecord record;
        gboolean cut;
        if (cursor->bad || !xls_record(cursor->stream, cursor->next, &record, &cut) || record.type != XLS_CONTINUE) {
            cursor->bad = TRUE;
            return FALSE;
        }
        cursor->at -= MIN(cursor->at, cursor->now.length);
        cursor->now = record.body;
        cursor->next = record.at + HEADER + record.body.length;
    }
    return TRUE;
}

guint
xls_8(XlsCursor *cursor)
{
    return is_more(cursor) ? cursor->now.data[cursor->at++] : 0;
}

guint
xls_16(XlsCursor *cursor)
{
    guint low = xls_8(cursor);
    return low | xls_8(cursor) << 8;
}

guint32
xls_32(XlsCursor *cursor)
{
    guint32 low = xls_16(cursor);
    return low | (guint32)xls_16(cursor) << 16;
}

void
xls_skip(XlsCursor *cursor, gsize bytes)
{
    while (bytes > 0 && is_more(cursor)) {
        gsize step = MIN(bytes, xls_left(cursor));
        cursor->at += step;
        bytes -= step;
    }
}

static char *
single_bytes(XlsCursor *cursor, const char *charset, guint characters)
{
    gsize length = MIN(characters, xls_left(cursor));
    Decoding *decoding = decode_as(length > 0 ? cursor->now.data + cursor->at : NULL, length, charset);
    char *text = g_strdup(decoding->text);
    cursor->bad |= length < characters;
    decoding_free(decoding);
    xls_skip(cursor, length);
    return text;
}

/* Characters of UTF-16, or their low bytes alone. */
static char *
wide_text(XlsCursor *cursor, guint characters, guint flags)
{
    g_autoptr(GArray) units = g_array_new(TRUE, FALSE, sizeof(gunichar2));
    while (characters > 0) {
        if (xls_left(cursor) == 0) {
            if (!is_more(cursor))
                break;
            flags = xls_8(cursor);
            continue; /* the record may hold that byte only */
        }
        gunichar2 unit = (gunichar2)((flags & WIDE) != 0 ? xls_16(cursor) : xls_8(cursor));
        if (unit == 0)
            unit = ' ';
        g_array_append_val(units, unit);
        characters--;
    }
    char *text = g_utf16_to_utf8((gunichar2 *)(gpointer)units->data, units->len, NULL, NULL, NULL);
    if (text != NULL)
        return text;
    for (guint i = 0; i < units->len; i++) { /* halves of pairs */
        gunichar2 *unit = &g_array_index(units, gunichar2, i);
        if (*unit >= 0xD800 && *unit < 0xE000)
            *unit = 0xFFFD;
    }
    return g_utf16_to_utf8((gunichar2 *)(gpointer)units->data, units->len, NULL, NULL, NULL);
}

char *
xls_text(XlsCursor *cursor, const XlsKind *kind, guint characters)
{
    if (!kind->biff8)
        return single_bytes(cursor, kind->charset, characters);
    guint flags = characters > 0 || xls_left(cursor) > 0 ? xls_8(cursor) : 0;
    return wide_text(cursor, characters, flags);
}

char *
xls_rich_text(XlsCursor *cursor, const XlsKind *kind)
{
    guint characters = xls_16(cursor);
    if (!kind->biff8)
        return single_bytes(cursor, kind->charset, characters);
    guint flags = xls_8(cursor);
    gsize behind = (flags & RICH) != 0 ? (gsize)xls_16(cursor) * 4 : 0;
    if ((flags & PHONETIC) != 0)
        behind += xls_32(cursor);
    char *text = wide_text(cursor, characters, flags);
    xls_skip(cursor, behind);
    return text;
}
