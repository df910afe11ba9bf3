/* The system's side of a journal: every call that can fail, with what it means for the bytes on disk. */
#include "config.h"
#include "journal_files.h"
#include "chain_reader.h"
#include "errors.h"
#include "log.h"
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0640 /* the group may read: auditors */
#define DIRECTORY_MODE 0750

static gboolean
fail(GError **error, const char *doing, const char *path)
{
    int why = errno;
    gboolean denied = why == EACCES || why == EPERM || why == EROFS;
    g_set_error(error, HANGU_ERROR, denied ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, "cannot %s %s: %s", doing, path,
                g_strerror(why));
    return FALSE;
}

static gboolean
sync_directory(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;
    if (!done)
        fail(error, "make the names durable in", path);
    if (fd >= 0)
        close(fd);
    return done;
}

static char *
path_of(const JournalFiles *files, guint number)
{
    g_autofree char *name = chain_file_name(number);
    return g_build_filename(files->directory, name, NULL);
}

gboolean
files_write(JournalFiles *files, const char *bytes, gsize length, GError **error)
{
    while (length > 0) {
        ssize_t written = files->io.write(files->fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written == 0)
            errno = ENOSPC;
        if (written <= 0)
            return fail(error, "write", files->path);
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

gboolean
files_sync(JournalFiles *files, GError **error)
{
    struct stat info;
    if (files->io.sync(files->fd) != 0 || fstat(files->fd, &info) != 0)
        return fail(error, "make durable", files->path);
    files->durable = (guint64)info.st_size;
    return TRUE;
}

gboolean
files_cut_back(JournalFiles *files, GError **error)
{
    if (files->io.truncate(files->fd, (off_t)files->durable) != 0)
        return fail(error, "cut the unwritten end off", files->path);
    return TRUE;
}

int
files_create_next(JournalFiles *files, GError **error)
{
    g_autofree char *path = path_of(files, files->number + 1);
    struct stat info;
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    /* the umask of a daemon is 077 */
    if (fd < 0 || fstat(fd, &info) != 0 || fchmod(fd, FILE_MODE) != 0)
        fail(error, "create", path);
    else if (info.st_size != 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s is there already and not empty: move it away", path);
    else if (sync_directory(files->directory, error))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void
files_switch(JournalFiles *files, int next_fd)
{
    if (files->fd >= 0)
        close(files->fd);
    files->fd = next_fd;
    files->number++;
    files->durable = 0;
    g_free(files->path);
    files->path = path_of(files, files->number);
}

/* --- the start ------------------------------------------------------------------------------------------- */

static gboolean
check_tail(const JournalFiles *files, const ChainTail *tail, GError **error)
{
    g_autoptr(GError) why = NULL;
    if (tail->no_next) {
        g_autofree char *missing = path_of(files, tail->number + 1);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "%s is missing, though the file before it says that it goes on there. Put it back; if it is lost, "
                    "keep the directory as evidence under another name, then start again",
                    missing);
        return FALSE;
    }
    /* a later version of this program may have other fields */
    gboolean ours = json_integer_value(json_object_get(tail->record, "v")) == RECORD_VERSION;
    if (tail->record == NULL || !ours || record_check(tail->record, &why))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                "the last line of %s is no valid record: %s. Run `hangu ledger verify`; keep the directory as evidence "
                "under another name, then start again",
                files->directory, why->message);
    return FALSE;
}

static gboolean
cut_torn_line(JournalFiles *files, const ChainTail *tail, TornLine *torn, GError **error)
{
    g_autofree guint8 *bytes = g_malloc(tail->torn);
    g_autofree char *name = chain_file_name(tail->number);
    if (pread(files->fd, bytes, tail->torn, (off_t)tail->size) != (ssize_t)tail->torn)
        return fail(error, "read the torn end of", files->path);
    crypto_sha256(bytes, tail->torn, torn->digest);
    torn->bytes = tail->torn;
    g_strlcpy(torn->file, name, sizeof torn->file);
    files->durable = tail->size;
    return files_cut_back(files, error) && files_sync(files, error);
}

/* A rotation that a crash stopped between its two steps leaves an empty file that no line names. */
static gboolean
drop_unnamed_file(JournalFiles *files, const ChainTail *tail, gboolean *dropped, GError **error)
{
    g_autofree char *name = chain_file_name(tail->number);
    *dropped = tail->number > 1 && tail->size == 0 &&
               g_strcmp0(json_string_value(json_object_get(tail->record, "next")), name) != 0;
    if (!*dropped)
        return TRUE;
    log_info("%s is empty and not yet named by the file before it: removed", files->path);
    if (unlink(files->path) != 0)
        return fail(error, "remove the empty file", files->path);
    return sync_directory(files->directory, error);
}

static gboolean
open_newest(JournalFiles *files, guint number, GError **error)
{
    if (files->fd >= 0)
        close(files->fd);
    g_free(files->path);
    files->number = number;
    files->path = path_of(files, number);
    files->fd = open(files->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (files->fd < 0)
        return fail(error, "open", files->path);
    return TRUE;
}

/* After a failed fsync the cache may hold what the disk never got: read from the disk. */
static void
forget_cache(const JournalFiles *files)
{
    g_autoptr(GArray) numbers = chain_numbers(files->directory, NULL);
    if (numbers == NULL || numbers->len == 0)
        return;
    g_autofree char *path = path_of(files, g_array_index(numbers, guint, numbers->len - 1));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return; /* reading will say why */
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

static gboolean
take_over(JournalFiles *files, ChainHead *head_out, TornLine *torn, GError **error)
{
    g_auto(ChainTail) tail = {0};
    gboolean dropped = FALSE;
    forget_cache(files);
    if (!chain_tail(files->directory, &tail, error) || !check_tail(files, &tail, error))
        return FALSE;
    *head_out = tail.head;
    if (tail.number == 0) {
        int fd = files_create_next(files, error);
        if (fd >= 0)
            files_switch(files, fd);
        return fd >= 0;
    }
    if (!open_newest(files, tail.number, error))
        return FALSE;
    if (tail.torn > 0 && !cut_torn_line(files, &tail, torn, error))
        return FALSE;
    if (!drop_unnamed_file(files, &tail, &dropped, error))
        return FALSE;
    if (dropped && !open_newest(files, tail.number - 1, error))
        return FALSE;
    return files_sync(files,
                      error); /* lines of a killed writer: nobody was told of them, but the chain goes on from them */
}

static ssize_t
plain_write(int fd, const void *bytes, size_t length)
{
    return write(fd, bytes, length);
}

gboolean
files_open(JournalFiles *files, const char *directory, const JournalIo *io, ChainHead *head_out, TornLine *torn_out,
           GError **error)
{
    *files = (JournalFiles){.directory = g_strdup(directory), .fd = -1, .lock = -1};
    files->io.write = io != NULL && io->write != NULL ? io->write : plain_write;
    files->io.sync = io != NULL && io->sync != NULL ? io->sync : fdatasync;
    files->io.truncate = io != NULL && io->truncate != NULL ? io->truncate : ftruncate;
    g_autofree char *lock = g_build_filename(directory, "lock", NULL);
    if (!process_directory(directory, DIRECTORY_MODE, error))
        return FALSE;
    files->lock = process_lock(lock, error);
    return files->lock >= 0 && take_over(files, head_out, torn_out, error);
}

void
files_close(JournalFiles *files)
{
    if (files->fd >= 0)
        close(files->fd);
    if (files->lock >= 0)
        close(files->lock);
    g_clear_pointer(&files->directory, g_free);
    g_clear_pointer(&files->path, g_free);
}
