/* mapi - strings are told whatever they are: a program shows more of them than one would think. */
#include "config.h"
#include "mapi.h"
#include "decode.h"
#include "rtf_packed.h"
#include "runs.h"

#define TOLD_MAX 4096 /* texts that are remembered */

static const struct {
    guint id;
    PlaceKind place;
    const char *name;
} TEXTS[] = {
    {MAPI_SUBJECT, PLACE_TITLE, NULL}, {MAPI_NORMAL_SUBJECT, PLACE_TITLE, NULL},
    {0x0070, PLACE_TITLE, NULL}, /* topic of the conversation */
    {MAPI_BODY, PLACE_BODY, NULL},     {0x3004, PLACE_PROPERTY, "comments"},
};

void
mapi_begin(Mapi *mapi, Sink *sink, guint part)
{
    mapi->sink = sink;
    mapi->part = part;
    mapi->charset = NULL;
    story_begin(&mapi->story, sink, part, NULL, 0);
    mapi->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void
mapi_clear(Mapi *mapi)
{
    g_clear_pointer(&mapi->told, g_hash_table_unref);
}

static char *
decode_coded(const Mapi *mapi, const guint8 *bytes, gsize length)
{
    g_autoptr(GPtrArray) decodings = decode_plausible(bytes, length, mapi->charset);
    return g_strdup(((const Decoding *)g_ptr_array_index(decodings, 0))->text);
}

char *
mapi_text(const Mapi *mapi, MapiForm form, Bytes value)
{
    gsize length = 0;
    if (form == MAPI_UTF16) {
        while (length + 2 <= value.length && bytes_u16(value.data + length) != 0)
            length += 2;
        Decoding *decoding = decode_as(value.data, length, "UTF-16LE");
        char *text = g_strdup(decoding->text);
        decoding_free(decoding);
        return text;
    }
    length = value.length == 0 ? 0 : strnlen((const char *)value.data, value.length);
    if (form == MAPI_UTF8)
        return decode_utf8_repair((const char *)value.data, (gssize)length, NULL);
    return length == 0 ? g_strdup("") : decode_coded(mapi, value.data, length);
}

static void
tell_object(const Mapi *mapi, const char *name, const void *bytes, gsize length)
{
    g_autoptr(GBytes) own = g_bytes_new(bytes, length);
    g_autoptr(Source) source = source_of_bytes(own);
    if (length > 0)
        sink_object(mapi->sink, mapi->part, name, strlen(name), source);
}

static void
tell_packed(const Mapi *mapi, Bytes value)
{
    gboolean whole;
    g_autoptr(GBytes) clear = rtf_unpack(value, mapi->sink, &whole);
    if (!whole)
        sink_cover(mapi->sink, mapi->part, COVERAGE_PARTIAL, WHY_DAMAGED);
    if (clear == NULL) {
        runs_tell(value, NULL, mapi->sink, mapi->part, NULL);
        return;
    }
    g_autoptr(Source) source = source_of_bytes(clear);
    sink_object(mapi->sink, mapi->part, "", 0, source);
}

static void
tell_text(Mapi *mapi, guint id, const char *text)
{
    PlaceKind place = id >= MAPI_NAMED ? PLACE_PROPERTY : PLACE_ATTRIBUTE;
    const char *name = id >= MAPI_NAMED ? "custom" : NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        if (TEXTS[i].id == id) {
            place = TEXTS[i].place;
            name = TEXTS[i].name;
        }
    g_autofree char *key = g_strdup_printf("%d %s", (int)place, text);
    if (g_hash_table_contains(mapi->told, key))
        return;
    if (g_hash_table_size(mapi->told) < TOLD_MAX)
        g_hash_table_add(mapi->told, g_steal_pointer(&key));
    if (place == PLACE_PROPERTY) {
        story_alone(&mapi->story, place, name, text);
        return;
    }
    story_say(&mapi->story, place, text, -1);
    story_gap(&mapi->story, place, '\n');
}

void
mapi_tell(Mapi *mapi, guint id, MapiForm form, Bytes value)
{
    if (value.length == 0 || sink_stopped(mapi->sink))
        return;
    if (id == MAPI_PACKED_RTF) {
        tell_packed(mapi, value);
        return;
    }
    if (form == MAPI_BINARY || (id == MAPI_HTML && form == MAPI_CODED)) {
        if (id == MAPI_HTML)
            tell_object(mapi, "", value.data, value.length);
        else
            runs_tell(value, NULL, mapi->sink, mapi->part, NULL);
        return;
    }
    g_autofree char *text = mapi_text(mapi, form, value);
    if (id == MAPI_HTML || id == MAPI_HEADERS)
        tell_object(mapi, "", text, strlen(text));
    else if (text[0] != '\0')
        tell_text(mapi, id, text);
}
