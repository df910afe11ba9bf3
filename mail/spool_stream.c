/* A thin stream: positions and bounds here, bytes from the one reader that a stream and its substreams share. */
#include "config.h"
#include "spool_stream.h"
#include <errno.h>

typedef struct { /* g_atomic_rc_box */
    SpoolReader *reader;
} Shared;

typedef struct {
    GMimeStream parent;
    Shared *shared;
} SpoolStream;
typedef struct {
    GMimeStreamClass parent;
} SpoolStreamClass;
static GType spool_stream_get_type(void);
G_DEFINE_TYPE(SpoolStream, spool_stream, GMIME_TYPE_STREAM)
#define SPOOL_STREAM(stream) ((SpoolStream *)(void *)(stream))

static void
shared_clear(gpointer shared)
{
    spool_reader_free(((Shared *)shared)->reader);
}

static gint64
stream_end(GMimeStream *stream)
{
    gint64 length = spool_reader_length(SPOOL_STREAM(stream)->shared->reader);
    return stream->bound_end == -1 ? length : MIN(stream->bound_end, length);
}

static ssize_t
stream_read(GMimeStream *stream, char *out, size_t length)
{
    gint64 left = stream_end(stream) - stream->position;
    gsize wanted = left <= 0 ? 0 : (gsize)MIN(left, (gint64)MIN(length, (size_t)G_MAXINT32));
    gssize done = spool_reader_read(SPOOL_STREAM(stream)->shared->reader, stream->position, out, wanted);
    if (done > 0)
        stream->position += done;
    return done;
}

static ssize_t
stream_write(GMimeStream *stream, const char *bytes, size_t length)
{
    errno = EROFS;
    return -1;
}

static int
stream_nothing(GMimeStream *stream)
{
    return 0;
}

static gboolean
stream_eos(GMimeStream *stream)
{
    return stream->position >= stream_end(stream);
}

static gint64
stream_seek(GMimeStream *stream, gint64 offset, GMimeSeekWhence whence)
{
    gint64 base = whence == GMIME_STREAM_SEEK_SET   ? 0
                  : whence == GMIME_STREAM_SEEK_CUR ? stream->position
                                                    : stream_end(stream);
    gint64 target;
    if (__builtin_add_overflow(base, offset, &target) || target < stream->bound_start || target > stream_end(stream)) {
        errno = EINVAL;
        return -1;
    }
    return stream->position = target;
}

static gint64
stream_tell(GMimeStream *stream)
{
    return stream->position;
}

static gint64
stream_length(GMimeStream *stream)
{
    return MAX(stream_end(stream) - stream->bound_start, 0);
}

static GMimeStream *
stream_of(Shared *shared, gint64 start, gint64 end)
{
    SpoolStream *stream = g_object_new(spool_stream_get_type(), NULL);
    stream->shared = shared;
    g_mime_stream_construct(&stream->parent, start, end);
    return &stream->parent;
}

static GMimeStream *
stream_substream(GMimeStream *stream, gint64 start, gint64 end)
{
    return stream_of(g_atomic_rc_box_acquire(SPOOL_STREAM(stream)->shared), start, end);
}

static void
spool_stream_finalize(GObject *object)
{
    Shared *shared = SPOOL_STREAM(object)->shared;
    if (shared != NULL)
        g_atomic_rc_box_release_full(shared, shared_clear);
    G_OBJECT_CLASS(spool_stream_parent_class)->finalize(object);
}

static void
spool_stream_init(SpoolStream *stream)
{
    stream->shared = NULL;
}

static void
spool_stream_class_init(SpoolStreamClass *class)
{
    G_OBJECT_CLASS(class)->finalize = spool_stream_finalize;
    class->parent.read = stream_read;
    class->parent.write = stream_write;
    class->parent.flush = stream_nothing;
    class->parent.close = stream_nothing;
    class->parent.reset = stream_nothing; /* GMime itself sets the position */
    class->parent.eos = stream_eos;
    class->parent.seek = stream_seek;
    class->parent.tell = stream_tell;
    class->parent.length = stream_length;
    class->parent.substream = stream_substream;
}

GMimeStream *
spool_stream_open(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error)
{
    SpoolReader *reader = spool_reader_new(fd, key, length, error);
    if (reader == NULL)
        return NULL;
    Shared *shared = g_atomic_rc_box_new0(Shared);
    shared->reader = reader;
    return stream_of(shared, 0, -1);
}

GMimeStream *
spool_stream_of(const Spool *spool, GError **error)
{
    return spool_stream_open(spool_fd(spool), spool_key(spool), spool_length(spool), error);
}
