/* Records are framed alike, whatever they draw; of their content only bitmaps matter, which begin as BMP files do. */
#include "config.h"
#include "svm.h"
#include "runs.h"
#include <string.h>

#define FILE_MAX (64 * 1024 * 1024)
#define HEAD 6   /* VCLMTF */
#define FRAME 6  /* version and length */
#define RECORD 2 /* kind */

enum { BITMAP_FIRST = 116, BITMAP_LAST = 124 };

typedef struct {
    Sink *sink;
    guint part;
    const guint8 *bytes;
    gsize length;
    Covered *told;
} Svm;

static gboolean
give_bitmap(Svm *svm, gsize from, gsize length)
{
    static const char name[] = "bitmap";
    if (length < 2 || memcmp(svm->bytes + from, "BM", 2) != 0)
        return TRUE;
    g_autoptr(GBytes) bytes = g_bytes_new(svm->bytes + from, length);
    g_autoptr(Source) source = source_of_bytes(bytes);
    covered_add(svm->told, from, length);
    return sink_object(svm->sink, svm->part, name, sizeof name - 1, source);
}

/* FALSE: records do not fit. */
static gboolean
walk(Svm *svm)
{
    if (svm->length < HEAD + FRAME || bytes_u32(svm->bytes + HEAD + 2) > svm->length - HEAD - FRAME)
        return FALSE;
    gsize at = HEAD + FRAME + bytes_u32(svm->bytes + HEAD + 2);
    while (svm->length - at >= RECORD + FRAME) {
        guint kind = bytes_u16(svm->bytes + at);
        gsize length = bytes_u32(svm->bytes + at + RECORD + 2);
        at += RECORD + FRAME;
        if (length > svm->length - at)
            return FALSE;
        if (kind >= BITMAP_FIRST && kind <= BITMAP_LAST && !give_bitmap(svm, at, length))
            return TRUE;
        at += length;
    }
    return at == svm->length;
}

gboolean
svm_run(Source *source, Sink *sink, guint part)
{
    gboolean cut = FALSE;
    g_autoptr(GBytes) bytes = source_all(source, FILE_MAX, &cut);
    g_autoptr(Covered) told = covered_new();
    Svm svm = {.sink = sink, .part = part, .told = told};
    svm.bytes = g_bytes_get_data(bytes, &svm.length);
    if (svm.length > FILE_MAX) {
        sink_cover(sink, part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    gboolean whole = walk(&svm);
    runs_tell((Bytes){svm.bytes, svm.length}, told, sink, part, NULL);
    return whole && !cut;
}
