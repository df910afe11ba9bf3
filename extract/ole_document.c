/* ole_document - which reader, and then the rest: no stream goes unread. */
#include "config.h"
#include "ole_document.h"
#include "detect.h"
#include "doc.h"
#include "msg.h"
#include "ole_object.h"
#include "ole_property.h"
#include "ppt.h"
#include "runs.h"
#include "vba.h"
#include "xls.h"
#include <string.h>

#define FALLBACK_MAX (16 * 1024 * 1024) /* of a damaged file that are looked at for text */
#define FALLBACK_PIECE (1024 * 1024)

/* An embedded object: its streams are read with the rest. */
static gboolean
object_run(Ole *ole, guint storage, Sink *sink, guint part)
{
    return TRUE;
}

static const struct {
    const char *entry; /* that tells the kind */
    OleRun run;        /* NULL: encrypted */
    const char *type;
} KINDS[] = {
    {"EncryptedPackage", NULL, "application/x-ole-storage"}, /* [MS-OFFCRYPTO] 2.3.4.4 */
    {"WordDocument", doc_run, "application/msword"},
    {"PowerPoint Document", ppt_run, "application/vnd.ms-powerpoint"},
    {"Workbook", xls_run, "application/vnd.ms-excel"},
    {"Book", xls_run, "application/vnd.ms-excel"},
    {MSG_ENTRY, msg_run, MSG_TYPE},
    {"VBA", vba_run, "application/vnd.ms-office.vbaProject"},
    {"\001Ole10Native", object_run, "application/x-ole-storage"},
    {"Package", object_run, "application/x-ole-storage"},
    {"CONTENTS", object_run, "application/x-ole-storage"},
};

void
ole_document_prepare(void)
{
    ole_prepare();
    runs_prepare();
}

static gssize
kind_of(const Ole *ole, guint storage)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (ole_find(ole, storage, KINDS[i].entry) != 0)
            return (gssize)i;
    return -1;
}

/* A stream that nobody knows: a format of its own, or text somewhere in it. */
static void
read_other(Ole *ole, guint entry, Sink *sink, guint part)
{
    const char *name = ole_entry(ole, entry)->name;
    g_autoptr(GBytes) block = ole_read(ole, entry);
    Bytes bytes = bytes_of(block);
    if (bytes.length == 0)
        return;
    if (ole_property_is(name)) {
        if (!ole_property_tell(bytes, sink, part))
            sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED);
        return;
    }
    if (ole_object_tell(name, block, sink, part))
        return;
    Detected seen = detect_bytes(bytes.data, bytes.length);
    if (strcmp(seen.type, "application/octet-stream") == 0) {
        runs_tell(bytes, NULL, sink, part, name);
        return;
    }
    g_autoptr(Source) source = source_of_bytes(block);
    sink_object(sink, part, name, strlen(name), source);
}

/* Documents in storages are parts of their own; macros belong to the document they are in. */
static void
read_storage(Ole *ole, guint entry, Sink *sink, guint part)
{
    gssize kind = kind_of(ole, entry);
    if (kind < 0 || msg_owns(ole, entry))
        return;
    if (KINDS[kind].run == vba_run) {
        if (!vba_run(ole, entry, sink, part))
            sink_cover(sink, part, COVERAGE_PARTIAL, WHY_DAMAGED);
        return;
    }
    ole_document_within(ole, entry, ole_entry(ole, entry)->name, KINDS[kind].type, sink, part);
}

static void
read_rest(Ole *ole, guint storage, Sink *sink, guint part)
{
    for (guint i = 1; i < ole_count(ole) && !sink_stopped(sink); i++) {
        const OleEntry *entry = ole_entry(ole, i);
        if (entry->taken || i == storage || !ole_is_inside(ole, i, storage))
            continue;
        if (entry->storage)
            read_storage(ole, i, sink, part);
        else
            read_other(ole, i, sink, part);
    }
}

static gboolean
read_document(Ole *ole, guint storage, Sink *sink, guint part)
{
    gssize kind = kind_of(ole, storage);
    gboolean good = TRUE;
    if (kind >= 0 && KINDS[kind].run == NULL) {
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
        ole_take(ole, ole_find(ole, storage, KINDS[kind].entry));
    } else if (kind >= 0)
        good = KINDS[kind].run(ole, storage, sink, part);
    else
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    if (kind >= 0 && KINDS[kind].run != msg_run && ole_find_stream(ole, storage, MSG_ENTRY) != 0)
        good &= msg_run(ole, storage, sink, part); /* a message that pretends to be something else, too */
    read_rest(ole, storage, sink, part);
    return good;
}

typedef struct {
    Ole *ole;
    guint storage;
} Below;

static gboolean
read_below(Sink *sink, guint part, gpointer user)
{
    const Below *below = user;
    return read_document(below->ole, below->storage, sink, part);
}

void
ole_document_within(Ole *ole, guint storage, const char *name, const char *type, Sink *sink, guint part)
{
    Below below = {ole, storage};
    sink_within(sink, part, name, type, read_below, &below);
    ole_take(ole, storage);
}

/* Tables that cannot be trusted: text is looked for in the sectors as they lie. */
static gboolean
read_fallback(Source *source, Sink *sink, guint part)
{
    g_autofree guint8 *piece = g_malloc(FALLBACK_PIECE);
    gssize got;
    if (source_length(source) < 0) /* too large to be held, and it cannot be read here and there */
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    for (gint64 at = 0; at < FALLBACK_MAX && (got = source_read(source, at, piece, FALLBACK_PIECE)) > 0; at += got) {
        if (!sink_spend(sink, got))
            break;
        runs_tell((Bytes){piece, (gsize)got}, NULL, sink, part, NULL);
    }
    return FALSE;
}

gboolean
ole_document_run(Source *source, Sink *sink, guint part)
{
    g_autoptr(Ole) ole = ole_open(source, sink);
    if (ole == NULL)
        return read_fallback(source, sink, part);
    gboolean good = read_document(ole, 0, sink, part);
    if (ole_end(ole) < source_length(source)) {
        g_autoptr(Source) behind = source_part(source, ole_end(ole), source_length(source));
        sink_object(sink, part, "", 0, behind);
    }
    return good && !ole_damaged(ole);
}
