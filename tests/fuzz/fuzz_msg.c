/* Messages of Outlook: as a compound file; else as properties, each of two bytes for its identifier, one for its form,
 * two for its length, and the value. */
#include "config.h"
#include <stdint.h>
#include "mapi.h"
#include "ole_document.h"
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static gboolean
run_properties(Source *source, Sink *sink, guint part)
{
    g_auto(Mapi) mapi = {0};
    guint8 head[5], value[0xFFFF];
    gssize got;
    mapi_begin(&mapi, sink, part);
    for (gint64 at = 0; source_read_all(source, at, head, sizeof head); at += got) {
        at += (gint64)sizeof head;
        got = source_read(source, at, value, bytes_u16(head + 3));
        if (got <= 0)
            break;
        g_autofree guint8 *own = g_memdup2(value, (gsize)got);
        mapi_tell(&mapi, bytes_u16(head), (MapiForm)(head[2] % 4), (Bytes){own, (gsize)got});
    }
    return TRUE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    reading_throw(bytes, length, length > 0 && bytes[0] == 0xD0 ? ole_document_run : run_properties);
    return 0;
}
