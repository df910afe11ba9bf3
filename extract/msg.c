/* msg - each property is a stream "__substg1.0_IIIITTTT" (identifier, type), those of fixed size rows of one stream. */
#include "config.h"
#include "msg.h"
#include "mapi.h"
#include "ole_document.h"
#include "rtf_text.h"
#include "runs.h"
#include <string.h>

#define STREAM "__substg1.0_"
#define ATTACHMENT "__attach_version1.0_"
#define RECIPIENT "__recip_version1.0_"
#define NOTHING G_MAXUINT /* excepted */
#define ROW 16            /* bytes of a property of fixed size: type, identifier, flags, value */
#define SEVERAL 0x1000    /* of a type: values one after the other, each in a stream of its own */

/* "IIIITTTT", maybe with "-NNNNNNNN" behind. FALSE: another stream. */
static gboolean
parse_name(const char *name, guint *id_out, guint *type_out)
{
    guint64 tag = 0;
    if (g_ascii_strncasecmp(name, STREAM, strlen(STREAM)) != 0)
        return FALSE;
    name += strlen(STREAM);
    for (guint i = 0; i < 8; i++) {
        if (!g_ascii_isxdigit(name[i]))
            return FALSE;
        tag = tag << 4 | (guint64)g_ascii_xdigit_value(name[i]);
    }
    *id_out = (guint)(tag >> 16);
    *type_out = (guint)(tag & 0xFFFF);
    return name[8] == '\0' || name[8] == '-';
}

static MapiForm
form_of(guint type)
{
    guint one = type & ~(guint)SEVERAL;
    return one == MAPI_TYPE_WIDE ? MAPI_UTF16 : one == MAPI_TYPE_BYTES ? MAPI_CODED : MAPI_BINARY;
}

/* The number of a property of fixed size, 0 if it is not there. Rows begin behind 8, 24 or 32 bytes, by whom they
 * belong to: at some multiple of 8. */
static guint32
find_number(Bytes rows, guint id)
{
    for (gsize at = 0; at + ROW <= rows.length; at += 8)
        if (bytes_16(rows, at) == MAPI_TYPE_INTEGER && bytes_16(rows, at + 2) == id)
            return bytes_32(rows, at + 8);
    return 0;
}

static void
learn_charset(Ole *ole, guint storage, Mapi *mapi)
{
    guint entry = ole_find_stream(ole, storage, MSG_ENTRY);
    g_autoptr(GBytes) block = entry != 0 ? ole_read(ole, entry) : NULL;
    Bytes rows = bytes_of(block);
    guint32 page = find_number(rows, MAPI_MESSAGE_PAGE);
    if (page == 0 || page == 1200)
        page = find_number(rows, MAPI_INTERNET_PAGE);
    if (page > 0 && page < 100000)
        mapi->charset = rtf_code_page((int)page);
}

/* All streams of properties directly in the storage; `except`: of the attachment's content. */
static void
tell_properties(Ole *ole, guint storage, Mapi *mapi, guint except)
{
    for (guint i = 1; i < ole_count(ole) && !sink_stopped(mapi->sink); i++) {
        const OleEntry *entry = ole_entry(ole, i);
        guint id, type;
        if (entry->storage || entry->parent != storage || entry->taken || !parse_name(entry->name, &id, &type) ||
            id == except)
            continue;
        gboolean lengths = (type & SEVERAL) != 0 && strchr(entry->name, '-') == NULL;
        g_autoptr(GBytes) block = ole_read(ole, i);
        Bytes value = bytes_of(block);
        if (!lengths) /* those of several values */
            mapi_tell(mapi, id, form_of(type), value);
    }
}

/* --- attachments ------------------------------------------------------------------------------------------------ */

static char *
read_name(Ole *ole, guint storage, const Mapi *mapi)
{
    static const guint ids[] = {MAPI_LONG_NAME, MAPI_SHORT_NAME, MAPI_DISPLAY_NAME};
    static const guint types[] = {MAPI_TYPE_WIDE, MAPI_TYPE_BYTES};
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(types); j++) {
            g_autofree char *name = g_strdup_printf(STREAM "%04X%04X", ids[i], types[j]);
            guint entry = ole_find_stream(ole, storage, name);
            g_autoptr(GBytes) block = entry != 0 ? ole_read(ole, entry) : NULL;
            if (block == NULL)
                continue;
            g_autofree char *text = mapi_text(mapi, form_of(types[j]), bytes_of(block));
            if (text[0] != '\0')
                return g_steal_pointer(&text);
        }
    return g_strdup("");
}

/* By value a stream; a message or an object of another program a storage. */
static void
tell_attachment(Ole *ole, guint storage, const Mapi *above)
{
    g_auto(Mapi) mapi = {0};
    mapi_begin(&mapi, above->sink, above->part);
    mapi.charset = above->charset;
    g_autofree char *name = read_name(ole, storage, &mapi);
    tell_properties(ole, storage, &mapi, MAPI_DATA);
    for (guint i = 1; i < ole_count(ole) && !sink_stopped(mapi.sink); i++) {
        const OleEntry *entry = ole_entry(ole, i);
        guint id, type;
        if (entry->parent != storage || entry->taken || !parse_name(entry->name, &id, &type) || id != MAPI_DATA)
            continue;
        if (entry->storage) {
            gboolean message = ole_find_stream(ole, i, MSG_ENTRY) != 0;
            ole_document_within(ole, i, name, message ? MSG_TYPE : "application/x-ole-storage", mapi.sink, mapi.part);
            continue;
        }
        g_autoptr(GBytes) block = ole_read(ole, i);
        if (block == NULL) { /* empty; or what it holds could not be had */
            sink_missing(mapi.sink, mapi.part, name, strlen(name), entry->size,
                         entry->size == 0 ? WHY_NONE : WHY_DAMAGED);
            continue;
        }
        g_autoptr(Source) source = source_of_bytes(block);
        sink_object(mapi.sink, mapi.part, name, strlen(name), source);
    }
}

/* --- the message ------------------------------------------------------------------------------------------------ */

static gboolean
is_called(const Ole *ole, guint storage, const char *how)
{
    return g_ascii_strncasecmp(ole_entry(ole, storage)->name, how, strlen(how)) == 0;
}

gboolean
msg_owns(const Ole *ole, guint storage)
{
    return (is_called(ole, storage, ATTACHMENT) || is_called(ole, storage, RECIPIENT)) &&
           ole_find_stream(ole, ole_entry(ole, storage)->parent, MSG_ENTRY) != 0;
}

static void
tell_storage(Ole *ole, guint storage, Mapi *mapi)
{
    guint entry = ole_find_stream(ole, storage, MSG_ENTRY);
    if (is_called(ole, storage, ATTACHMENT))
        tell_attachment(ole, storage, mapi);
    else if (is_called(ole, storage, RECIPIENT))
        tell_properties(ole, storage, mapi, NOTHING);
    else
        return;
    if (entry != 0)
        ole_take(ole, entry);
}

gboolean
msg_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    g_auto(Mapi) mapi = {0};
    mapi_begin(&mapi, sink, part);
    learn_charset(ole, storage, &mapi);
    tell_properties(ole, storage, &mapi, NOTHING);
    for (guint i = 1; i < ole_count(ole) && !sink_stopped(sink); i++)
        if (ole_entry(ole, i)->storage && ole_entry(ole, i)->parent == storage)
            tell_storage(ole, i, &mapi);
    return TRUE;
}
