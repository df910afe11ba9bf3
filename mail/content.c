/* One read buffer and one decode buffer: a part of any size costs the same memory. */
#include "config.h"
#include "content.h"
#include "errors.h"
#include "lines.h"
#include <errno.h>

#define READ_SIZE (32 * 1024)
#define FIRST_SIZE (6 * 1024) /* enough for who only looks at the head */

typedef struct {
    Spool *spool;
    gint64 left;
    gboolean over;
} Aside;

int
content_flow(GMimeStream *content, TransferKind kind, ContentSink sink, gpointer user, guint *oddities_out,
             GError **error)
{
    g_autoptr(Transfer) transfer = transfer_new(kind);
    g_autoptr(GByteArray) decoded = g_byte_array_sized_new(FIRST_SIZE);
    g_autofree guint8 *raw = g_malloc(READ_SIZE);
    int result = 1;
    gsize size = FIRST_SIZE;
    g_mime_stream_reset(content);
    for (gboolean end = FALSE; !end && result == 1;) {
        gssize got = lines_read(content, (char *)raw, size);
        if (got < 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot read the letter: %s", g_strerror(errno));
            return -1;
        }
        end = got == 0;
        size = READ_SIZE;
        g_byte_array_set_size(decoded, 0);
        if (end)
            transfer_finish(transfer, decoded);
        else if (kind != TRANSFER_IDENTITY)
            transfer_push(transfer, raw, (gsize)got, decoded);
        else if (!sink(raw, (gsize)got, user))
            result = 0;
        if (decoded->len > 0 && !sink(decoded->data, decoded->len, user))
            result = 0;
    }
    if (oddities_out != NULL)
        *oddities_out = transfer_oddities(transfer);
    return result;
}

static gboolean
put_aside(const guint8 *bytes, gsize length, gpointer user)
{
    Aside *aside = user;
    aside->left -= (gint64)length;
    aside->over = aside->left < 0 || !spool_write(aside->spool, bytes, length, NULL);
    return !aside->over;
}

Spool *
content_room(const Message *message, const Settings *settings)
{
    if (message->aside_bytes >= settings->max_text_bytes)
        return NULL;
    return spool_new(settings->spool_dir, (gsize)MAX(CONTENT_MEMORY - message->aside_bytes, 0), NULL);
}

GMimeStream *
content_kept(Message *message, Spool *spool)
{
    GMimeStream *stream = spool_seal(spool, NULL) ? spool_stream_of(spool, NULL) : NULL;
    message->aside_bytes += spool_length(spool);
    spool_free(spool);
    return stream;
}

GMimeStream *
content_aside(Message *message, GMimeStream *content, TransferKind kind, const Settings *settings, GError **error)
{
    g_autoptr(Spool) spool = content_room(message, settings);
    if (spool == NULL)
        return NULL;
    Aside aside = {spool, settings->max_part_bytes, FALSE};
    if (content_flow(content, kind, put_aside, &aside, NULL, error) < 0 || aside.over)
        return NULL;
    return content_kept(message, g_steal_pointer(&spool));
}
