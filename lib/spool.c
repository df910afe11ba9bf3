/* The letter on its way to the inspectors. In the writer the chunk in hand is the only clear text: it is sealed when
 * full, so what lies in the memfd may be copied to the disk as it is. */
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

struct SpoolReader {
    int fd;
    gint64 length;
    CryptoBox *box;
    gint64 chunk; /* the one that `clear` holds; -1 none */
    gsize filled;
    guint8 clear[]; /* the longest chunk of this spool, and room for its tag: it is opened where it lies */
};

SpoolReader *
spool_reader_new(int fd, const guint8 key[CRYPTO_KEY_SIZE], gint64 length, GError **error)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        refuse(error, "duplicate", "its descriptor");
        return NULL;
    }
    SpoolReader *reader = g_malloc(sizeof *reader + (gsize)CLAMP(length, 0, SPOOL_CHUNK) + CRYPTO_TAG_SIZE);
    *reader = (SpoolReader){.fd = own, .length = MAX(length, 0), .chunk = -1};
    reader->box = crypto_box_new(key);
    return reader;
}

void
spool_reader_free(SpoolReader *reader)
{
    if (reader == NULL)
        return;
    close(reader->fd);
    crypto_box_free(reader->box);
    crypto_wipe(reader->clear, (gsize)MIN(reader->length, SPOOL_CHUNK));
    g_free(reader);
}

gint64
spool_reader_length(const SpoolReader *reader)
{
    return reader->length;
}

static gboolean
load_chunk(SpoolReader *reader, gint64 number)
{
    if (reader->chunk == number)
        return TRUE;
    gint64 start = number * SPOOL_CHUNK;
    gsize length = (gsize)MIN((gint64)SPOOL_CHUNK, reader->length - start);
    reader->chunk = -1;
    if (!read_at(reader->fd, reader->clear, length + CRYPTO_TAG_SIZE, number * SEALED_CHUNK))
        return FALSE;
    if (!crypto_box_open(reader->box, (guint64)number, reader->clear, length + CRYPTO_TAG_SIZE, reader->clear)) {
        errno = EBADMSG;
        return FALSE;
    }
    reader->chunk = number;
    reader->filled = length;
    return TRUE;
}

gssize
spool_reader_read(SpoolReader *reader, gint64 at, void *out, gsize length)
{
    gint64 left = reader->length - at;
    if (at < 0) {
        errno = EINVAL;
        return -1;
    }
    gsize wanted = left <= 0 ? 0 : (gsize)MIN(left, (gint64)MIN(length, (gsize)G_MAXINT32));
    gsize done = 0;
    while (done < wanted) {
        if (!load_chunk(reader, at / SPOOL_CHUNK))
            return done > 0 ? (gssize)done : -1;
        gsize from = (gsize)(at % SPOOL_CHUNK);
        gsize take = MIN(wanted - done, reader->filled - from);
        memcpy((guint8 *)out + done, reader->clear + from, take);
        at += (gint64)take;
        done += take;
    }
    return (gssize)done;
}
