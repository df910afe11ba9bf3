/* The letter on its way to the inspectors. The chunk in hand is the only clear text: it is sealed when full, so what
 * lies in the memfd may be copied to the disk as it is. */
#include "config.h"
#include "spool.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALED_CHUNK (SPOOL_CHUNK + CRYPTO_TAG_SIZE)
/* What most letters need. A block of whole chunk size is so large that malloc tidies its heap when it comes back. */
#define FIRST_ROOM (16 * 1024)

struct Spool {
    char *directory;
    gsize memory;
    int fd;
    gboolean on_disk, sealed;
    guint8 key[CRYPTO_KEY_SIZE];
    CryptoBox *box;
    guint64 chunks; /* sealed and written */
    gsize filled;   /* bytes of the chunk in hand */
    guint8 *chunk;  /* clear until it is sealed where it lies */
    gsize room;     /* beside it there is room for the tag */
};

static gboolean
refuse(GError **error, const char *doing, const char *where)
{
    int code = errno;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "spool: cannot %s %s: %s%s", doing, where, g_strerror(code),
                code == ENOSPC ? "; free some space or set spool_dir to another disk" : "");
    return FALSE;
}

Spool *
spool_new(const char *directory, gsize memory, GError **error)
{
    int fd = memfd_create("hangu-letter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        refuse(error, "create", "a memory file");
        return NULL;
    }
    Spool *spool = g_new0(Spool, 1);
    spool->fd = fd;
    spool->room = FIRST_ROOM;
    spool->chunk = g_malloc(FIRST_ROOM + CRYPTO_TAG_SIZE);
    spool->directory = g_strdup(directory);
    spool->memory = memory;
    crypto_random(spool->key, sizeof spool->key);
    spool->box = crypto_box_new(spool->key);
    return spool;
}

void
spool_free(Spool *spool)
{
    if (spool == NULL)
        return;
    close(spool->fd);
    crypto_box_free(spool->box);
    g_free(spool->directory);
    crypto_wipe(spool->chunk, spool->filled); /* what stands behind it is sealed */
    g_free(spool->chunk);
    crypto_wipe(spool->key, sizeof spool->key);
    g_free(spool);
}

/* O_TMPFILE leaves no name even for a moment; file systems without it get a name that is gone at once. */
static int
open_unlinked(const char *directory)
{
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    g_autofree char *name = g_build_filename(directory, "letter-XXXXXX", NULL);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    return fd;
}

static gboolean
write_at(int fd, const guint8 *bytes, gsize length, gint64 offset)
{
    while (length > 0) {
        gssize done = pwrite(fd, bytes, length, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return FALSE;
        bytes += done;
        length -= (gsize)done;
        offset += done;
    }
    return TRUE;
}

static gboolean
read_at(int fd, guint8 *bytes, gsize length, gint64 offset)
{
    while (length > 0) {
        gssize done = pread(fd, bytes, length, offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            if (done == 0)
                errno = EIO; /* somebody cut the file */
            return FALSE;
        }
        bytes += done;
        length -= (gsize)done;
        offset += done;
    }
    return TRUE;
}

static gboolean
move_to_disk(Spool *spool, GError **error)
{
    if (spool->directory == NULL) {
        errno = EFBIG;
        return refuse(error, "keep more than its limit in", "memory");
    }
    int disk = open_unlinked(spool->directory);
    if (disk < 0)
        return refuse(error, "create a file in", spool->directory);
    g_autofree guint8 *sealed = g_malloc(SEALED_CHUNK);
    for (guint64 i = 0; i < spool->chunks; i++) {
        gint64 offset = (gint64)i * SEALED_CHUNK;
        if (!read_at(spool->fd, sealed, SEALED_CHUNK, offset) || !write_at(disk, sealed, SEALED_CHUNK, offset)) {
            refuse(error, "write to", spool->directory);
            close(disk);
            return FALSE;
        }
    }
    close(spool->fd);
    spool->fd = disk;
    spool->on_disk = TRUE;
    return TRUE;
}

static gboolean
put_chunk(Spool *spool, GError **error)
{
    gint64 offset = (gint64)spool->chunks * SEALED_CHUNK;
    if (!spool->on_disk && (guint64)offset + spool->filled > spool->memory && !move_to_disk(spool, error))
        return FALSE;
    /* The number is used up whatever comes of the write: it must never seal a second time. */
    crypto_box_seal(spool->box, spool->chunks++, spool->chunk, spool->filled, spool->chunk);
    if (!write_at(spool->fd, spool->chunk, spool->filled + CRYPTO_TAG_SIZE, offset))
        return refuse(error, "write to", spool->on_disk ? spool->directory : "memory");
    return TRUE;
}

/* From most letters' room to a whole chunk's. */
static void
widen(Spool *spool)
{
    guint8 *wider = g_malloc(SEALED_CHUNK);
    memcpy(wider, spool->chunk, spool->filled);
    crypto_wipe(spool->chunk, spool->filled);
    g_free(spool->chunk);
    spool->chunk = wider;
    spool->room = SPOOL_CHUNK;
}

gboolean
spool_write(Spool *spool, const void *bytes, gsize length, GError **error)
{
    const guint8 *cursor = bytes;
    g_return_val_if_fail(!spool->sealed, FALSE);
    while (length > 0) {
        if (spool->filled == SPOOL_CHUNK) {
            if (!put_chunk(spool, error))
                return FALSE;
            spool->filled = 0;
        }
        if (length > spool->room - spool->filled && spool->room < SPOOL_CHUNK)
            widen(spool);
        gsize take = MIN(length, spool->room - spool->filled);
        memcpy(spool->chunk + spool->filled, cursor, take);
        spool->filled += take;
        cursor += take;
        length -= take;
    }
    return TRUE;
}

gboolean
spool_seal(Spool *spool, GError **error)
{
    if (spool->sealed)
        return TRUE;
    if (spool->filled > 0 && !put_chunk(spool, error))
        return FALSE;
    if (!spool->on_disk && fcntl(spool->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
        return refuse(error, "seal", "a memory file");
    spool->sealed = TRUE;
    return TRUE;
}

gint64
spool_length(const Spool *spool)
{
    guint64 whole = spool->sealed && spool->filled > 0 ? spool->chunks - 1 : spool->chunks;
    return (gint64)(whole * SPOOL_CHUNK + spool->filled);
}

int
spool_fd(const Spool *spool)
{
    return spool->fd;
}

const guint8 *
spool_key(const Spool *spool)
{
    return spool->key;
}

/* --- reader ---------------------------------------------------------------------------------------------------- */

typedef struct { /* what a stream and its substreams have in common */
    gatomicrefcount references;
    int fd;
    gint64 length;
    CryptoBox *box;
    gint64 chunk; /* the one that `clear` holds; -1 none */
    gsize filled;
    guint8 clear[]; /* the longest chunk of this letter, and room for its tag: it is opened where it lies */
} Chunks;

typedef struct {
    GMimeStream parent;
    Chunks *chunks;
} SpoolStream;
typedef struct {
    GMimeStreamClass parent;
} SpoolStreamClass;
static GType spool_stream_get_type(void);
G_DEFINE_TYPE(SpoolStream, spool_stream, GMIME_TYPE_STREAM)
#define SPOOL_STREAM(stream) ((SpoolStream *)(void *)(stream))

static void
chunks_unref(Chunks *chunks)
{
    if (chunks == NULL || !g_atomic_ref_count_dec(&chunks->references))
        return;
    close(chunks->fd);
    crypto_box_free(chunks->box);
    crypto_wipe(chunks->clear, (gsize)MIN(chunks->length, SPOOL_CHUNK));
    g_free(chunks);
}

static gboolean
chunks_load(Chunks *chunks, gint64 number)
{
    if (chunks->chunk == number)
        return TRUE;
    gint64 start = number * SPOOL_CHUNK;
    gsize length = (gsize)MIN((gint64)SPOOL_CHUNK, chunks->length - start);
    chunks->chunk = -1;
    if (!read_at(chunks->fd, chunks->clear, length + CRYPTO_TAG_SIZE, number * SEALED_CHUNK))
        return FALSE;
    if (!crypto_box_open(chunks->box, (guint64)number, chunks->clear, length + CRYPTO_TAG_SIZE, chunks->clear)) {
        errno = EBADMSG;
        return FALSE;
    }
    chunks->chunk = number;
    chunks->filled = length;
    return TRUE;
}

static gint64
stream_end(GMimeStream *stream)
{
    gint64 length = SPOOL_STREAM(stream)->chunks->length;
    return stream->bound_end == -1 ? length : MIN(stream->bound_end, length);
}

static ssize_t
stream_read(GMimeStream *stream, char *out, size_t length)
{
    Chunks *chunks = SPOOL_STREAM(stream)->chunks;
    gint64 left = stream_end(stream) - stream->position;
    gsize wanted = left <= 0 ? 0 : (gsize)MIN(left, (gint64)MIN(length, (size_t)G_MAXINT32));
    gsize done = 0;
    while (done < wanted) {
        if (!chunks_load(chunks, stream->position / SPOOL_CHUNK))
            return done > 0 ? (ssize_t)done : -1;
        gsize from = (gsize)(stream->position % SPOOL_CHUNK);
        gsize take = MIN(wanted - done, chunks->filled - from);
        memcpy(out + done, chunks->clear + from, take);
        stream->position += (gint64)take;
        done += take;
    }
    return (ssize_t)done;
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
stream_of(Chunks *chunks, gint64 start, gint64 end)
{
    SpoolStream *stream = g_object_new(spool_stream_get_type(), NULL);
    stream->chunks = chunks;
    g_mime_stream_construct(&stream->parent, start, end);
    return &stream->parent;
}

static GMimeStream *
stream_substream(GMimeStream *stream, gint64 start, gint64 end)
{
    Chunks *chunks = SPOOL_STREAM(stream)->chunks;
    g_atomic_ref_count_inc(&chunks->references);
    return stream_of(chunks, start, end);
}

static void
spool_stream_finalize(GObject *object)
{
    chunks_unref(((SpoolStream *)(void *)object)->chunks);
    G_OBJECT_CLASS(spool_stream_parent_class)->finalize(object);
}

static void
spool_stream_init(SpoolStream *stream)
{
    stream->chunks = NULL;
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
spool_stream(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        refuse(error, "duplicate", "its descriptor");
        return NULL;
    }
    Chunks *chunks = g_malloc(sizeof *chunks + (gsize)CLAMP(length, 0, SPOOL_CHUNK) + CRYPTO_TAG_SIZE);
    *chunks = (Chunks){0};
    g_atomic_ref_count_init(&chunks->references);
    chunks->fd = own;
    chunks->length = MAX(length, 0);
    chunks->box = crypto_box_new(key);
    chunks->chunk = -1;
    return stream_of(chunks, 0, -1);
}

GMimeStream *
spool_open(const Spool *spool, GError **error)
{
    g_return_val_if_fail(spool->sealed, NULL);
    return spool_stream(spool->fd, spool->key, spool_length(spool), error);
}
