/* Lock, read, find, write beside, rename. */
#include "config.h"
#include "passwd_file.h"
#include "crypto.h"
#include "errors.h"
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_ATTEMPTS 1000 /* each of them waited for somebody who was done */

struct PasswdFile {
    char *path, *beside; /* beside: NULL if there is none */
    int fd;              /* locked */
    struct stat facts;
    char *text;
    gsize length, from, to; /* where the password stands */
    char *stored;
};

static gboolean
fail(GError **error, const char *path)
{
    const int why = errno;
    g_set_error(error, HANGU_ERROR,
                why == ENOENT                   ? HANGU_ERROR_NO_INPUT
                : why == EACCES || why == EPERM ? HANGU_ERROR_PERMISSION
                                                : HANGU_ERROR_IO,
                "%s: %s", path, g_strerror(why));
    return FALSE;
}

void
passwd_file_free(PasswdFile *file)
{
    if (file == NULL)
        return;
    if (file->beside != NULL)
        g_unlink(file->beside);
    if (file->fd >= 0)
        close(file->fd);
    if (file->text != NULL)
        crypto_wipe(file->text, file->length);
    if (file->stored != NULL)
        crypto_wipe(file->stored, strlen(file->stored));
    g_free(file->text);
    g_free(file->stored);
    g_free(file->beside);
    g_free(file->path);
    g_free(file);
}

/* Whoever held the lock before may have put another file in its place: then the lock is on one that is gone. */
static gboolean
lock(PasswdFile *file, GError **error)
{
    for (guint attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
        struct stat now;
        file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
        if (file->fd < 0 || flock(file->fd, LOCK_EX) != 0 || fstat(file->fd, &file->facts) != 0)
            return fail(error, file->path);
        if (stat(file->path, &now) == 0 && now.st_ino == file->facts.st_ino && now.st_dev == file->facts.st_dev)
            return TRUE;
        close(file->fd);
        file->fd = -1;
    }
    errno = EBUSY;
    return fail(error, file->path);
}

static gboolean
read_text(PasswdFile *file, GError **error)
{
    if (!S_ISREG(file->facts.st_mode) || file->facts.st_size > PASSWD_FILE_BYTES_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: is no plain file, or too big"), file->path);
        return FALSE;
    }
    file->length = (gsize)file->facts.st_size;
    file->text = g_malloc(file->length + 1);
    for (gsize at = 0; at < file->length;) {
        const gssize got = read(file->fd, file->text + at, file->length - at);
        if (got <= 0)
            return fail(error, file->path);
        at += (gsize)got;
    }
    file->text[file->length] = '\0';
    return TRUE;
}

static gboolean
find(PasswdFile *file, const char *account, GError **error)
{
    const gsize size = strlen(account);
    guint found = 0;
    for (gsize at = 0; at < file->length;) {
        const char *line = file->text + at, *end = memchr(line, '\n', file->length - at);
        const gsize length = end != NULL ? (gsize)(end - line) : file->length - at;
        if (length > size && line[size] == ':' && memcmp(line, account, size) == 0 && found++ == 0) {
            file->from = at + size + 1;
            for (file->to = file->from; file->to < at + length && strchr(":\r", file->text[file->to]) == NULL;)
                file->to++;
        }
        at += length + 1;
    }
    if (found == 1)
        file->stored = g_strndup(file->text + file->from, file->to - file->from);
    else if (found == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _("%s: there is no account %s"), file->path, account);
    else
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: the account %s is there %u times"), file->path,
                    account, found);
    return found == 1;
}

PasswdFile *
passwd_file_open(const char *path, const char *account, GError **error)
{
    g_autoptr(PasswdFile) file = g_new0(PasswdFile, 1);
    char *real = realpath(path, NULL);
    file->fd = -1;
    file->path = g_strdup(real != NULL ? real : path);
    free(real);
    if (*account == '\0' || *account == '#' || strpbrk(account, ":\r\n") != NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("\"%s\" is no account of a passwd-file"), account);
        return NULL;
    }
    return lock(file, error) && read_text(file, error) && find(file, account, error) ? g_steal_pointer(&file) : NULL;
}

const char *
passwd_file_stored(const PasswdFile *file)
{
    return file->stored;
}

static gboolean
write_piece(int fd, const char *bytes, gsize length)
{
    while (length > 0) {
        const gssize put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return FALSE;
        bytes += put;
        length -= (gsize)put;
    }
    return TRUE;
}

/* Dovecot 2.3 looks at second and size only: a second change within one second would stay unseen. */
static gboolean
is_later(const PasswdFile *file, int fd)
{
    struct stat now;
    if (fstat(fd, &now) != 0)
        return FALSE;
    if (now.st_mtim.tv_sec > file->facts.st_mtim.tv_sec)
        return TRUE;
    const struct timespec times[] = {now.st_atim, {.tv_sec = file->facts.st_mtim.tv_sec + 1}};
    return futimens(fd, times) == 0;
}

static gboolean
write_all(const PasswdFile *file, int fd, const char *stored)
{
    return fchown(fd, file->facts.st_uid, file->facts.st_gid) == 0 && fchmod(fd, file->facts.st_mode & 07777) == 0 &&
           write_piece(fd, file->text, file->from) && write_piece(fd, stored, strlen(stored)) &&
           write_piece(fd, file->text + file->to, file->length - file->to) && is_later(file, fd) && fsync(fd) == 0;
}

gboolean
passwd_file_prepare(PasswdFile *file, const char *stored, GError **error)
{
    for (const char *at = stored; *at != '\0'; at++)
        if (*at == ':' || g_ascii_iscntrl(*at)) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "a stored password cannot have such a character");
            return FALSE;
        }
    g_autofree char *beside = g_strconcat(file->path, ".XXXXXX", NULL);
    const int fd = g_mkstemp_full(beside, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(error, beside);
    const gboolean whole = write_all(file, fd, stored) || fail(error, beside);
    close(fd);
    file->beside = g_steal_pointer(&beside);
    return whole;
}

gboolean
passwd_file_commit(PasswdFile *file, GError **error)
{
    if (g_rename(file->beside, file->path) != 0)
        return fail(error, file->path);
    g_clear_pointer(&file->beside, g_free);
    return process_sync_directory(file->path) || fail(error, file->path);
}
