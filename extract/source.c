/* source - four kinds of bytes behind one read. */
#include "config.h"
#include "source.h"
#include <string.h>

typedef enum { KIND_SPOOL, KIND_BYTES, KIND_PART, KIND_STREAM } Kind;

#define HELD_MAX (4 * 1024 * 1024) /* a letter's document as a rule: opened once, and read without copying */
#define PIECE (64 * 1024)

struct Source {
    Kind kind;
    SpoolReader *spool;
    GBytes *bytes; /* KIND_BYTES; the head of a stream */
    Source *whole; /* lent */
    gint64 from, length;
    SourceMore more;
    gpointer user;
    gint64 position; /* of the stream: bytes taken, the head among them */
};

/* All of it, in memory; NULL: part by part then. */
static GBytes *
hold(SpoolReader *reader, gint64 length)
{
    if (length > HELD_MAX)
        return NULL;
    guint8 *bytes = g_malloc((gsize)MAX(length, 1));
    gint64 done = 0;
    gssize got = 1;
    while (done < length && got > 0) {
        got = spool_reader_read(reader, done, bytes + done, (gsize)(length - done));
        done += MAX(got, 0);
    }
    if (done == length)
        return g_bytes_new_take(bytes, (gsize)length);
    g_free(bytes);
    return NULL;
}

Source *
source_of_spool(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error)
{
    SpoolReader *reader = spool_reader_new(fd, key, length, error);
    if (reader == NULL)
        return NULL;
    Source *source = g_new0(Source, 1);
    *source = (Source){.kind = KIND_SPOOL, .spool = reader, .length = length};
    source->bytes = hold(reader, length);
    if (source->bytes != NULL)
        source->kind = KIND_BYTES;
    return source;
}

Source *
source_of_bytes(GBytes *bytes)
{
    Source *source = g_new0(Source, 1);
    *source = (Source){.kind = KIND_BYTES, .bytes = g_bytes_ref(bytes), .length = (gint64)g_bytes_get_size(bytes)};
    return source;
}

Source *
source_part(Source *whole, gint64 from, gint64 to)
{
    Source *source = g_new0(Source, 1);
    *source = (Source){.kind = KIND_PART, .whole = whole, .from = from, .length = MAX(to - from, 0)};
    return source;
}

Source *
source_of_stream(GBytes *head, SourceMore more, gpointer user)
{
    Source *source = g_new0(Source, 1);
    *source = (Source){.kind = KIND_STREAM,
                       .bytes = g_bytes_ref(head),
                       .length = -1,
                       .more = more,
                       .user = user,
                       .position = (gint64)g_bytes_get_size(head)};
    return source;
}

void
source_free(Source *source)
{
    if (source == NULL)
        return;
    g_clear_pointer(&source->spool, spool_reader_free);
    g_clear_pointer(&source->bytes, g_bytes_unref);
    g_free(source);
}

gint64
source_length(const Source *source)
{
    return source->length;
}

static gssize
read_bytes(GBytes *bytes, gint64 at, void *out, gsize length)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    if (at < 0 || (gsize)at >= size)
        return 0;
    length = MIN(length, size - (gsize)at);
    if (length > 0)
        memcpy(out, data + at, length);
    return (gssize)length;
}

static gssize
read_stream(Source *source, gint64 at, void *out, gsize length)
{
    guint8 skipped[4096];
    if (at < (gint64)g_bytes_get_size(source->bytes))
        return read_bytes(source->bytes, at, out, length);
    if (at < source->position)
        return -1;
    while (source->position < at) {
        gssize got = source->more(source->user, skipped, (gsize)MIN(at - source->position, (gint64)sizeof skipped));
        if (got <= 0)
            return got;
        source->position += got;
    }
    gssize got = source->more(source->user, out, length);
    if (got > 0)
        source->position += got;
    return got;
}

gssize
source_read(Source *source, gint64 at, void *out, gsize length)
{
    if (at < 0)
        return -1;
    switch (source->kind) {
    case KIND_BYTES:
        return read_bytes(source->bytes, at, out, length);
    case KIND_STREAM:
        return read_stream(source, at, out, length);
    case KIND_PART:
        if (at >= source->length)
            return 0;
        return source_read(source->whole, source->from + at, out, (gsize)MIN((gint64)length, source->length - at));
    case KIND_SPOOL:
    default:
        return spool_reader_read(source->spool, at, out, length);
    }
}

const void *
source_lend(Source *source, gint64 at, gsize *length_out)
{
    gsize size;
    if (at < 0 || at >= source->length)
        return NULL;
    if (source->kind == KIND_PART) {
        const void *lent = source_lend(source->whole, source->from + at, length_out);
        *length_out = lent != NULL ? MIN(*length_out, (gsize)(source->length - at)) : 0;
        return lent;
    }
    if (source->kind != KIND_BYTES)
        return NULL;
    const guint8 *data = g_bytes_get_data(source->bytes, &size);
    *length_out = size - (gsize)at;
    return data + at;
}

/* From `at` on, without copying; NULL: it does not lie in memory. */
static GBytes *
share(const Source *source, gint64 at, gint64 length)
{
    for (; source->kind == KIND_PART; source = source->whole)
        at += source->from;
    return source->kind == KIND_BYTES ? g_bytes_new_from_bytes(source->bytes, (gsize)at, (gsize)length) : NULL;
}

GBytes *
source_all(Source *source, gint64 most, gboolean *damaged_out)
{
    gint64 wanted = most + 1;
    GBytes *shared = source->length < 0 ? NULL : share(source, 0, MIN(source->length, wanted));
    *damaged_out = FALSE;
    if (shared != NULL)
        return shared;
    g_autofree guint8 *piece = g_malloc(PIECE);
    GByteArray *bytes = g_byte_array_new();
    gssize got = 1;
    while (bytes->len < wanted && got > 0) {
        got = source_read(source, bytes->len, piece, (gsize)MIN(PIECE, wanted - bytes->len));
        g_byte_array_append(bytes, piece, (guint)MAX(got, 0));
    }
    *damaged_out = got < 0;
    return g_byte_array_free_to_bytes(bytes);
}

gboolean
source_read_all(Source *source, gint64 at, void *out, gsize length)
{
    guint8 *to = out;
    while (length > 0) {
        gssize got = source_read(source, at, to, length);
        if (got <= 0)
            return FALSE;
        at += got;
        to += got;
        length -= (gsize)got;
    }
    return TRUE;
}
