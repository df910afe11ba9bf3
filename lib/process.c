/* What every daemon needs from the system: locks, privileges, signals, durable files. */
#include "config.h"
#include "process.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static gboolean
fail_errno(GError **error, const char *doing, const char *object)
{
    int why = errno;
    gboolean denied = why == EACCES || why == EPERM || why == EROFS;
    g_set_error(error, HANGU_ERROR, denied ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, _("cannot %s %s: %s"), _(doing),
                object, g_strerror(why));
    return FALSE;
}

/* Reads the pid that the holder wrote; 0 if it has not come so far. */
static int
read_holder(int fd)
{
    char text[32] = "";
    if (pread(fd, text, sizeof text - 1, 0) <= 0)
        return 0;
    return (int)MIN(g_ascii_strtoull(text, NULL, 10), G_MAXINT);
}

int
process_lock(const char *path, GError **error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        fail_errno(error, N_("open the lock"), path);
        return -1;
    }
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                        _("%s is held by process %d: it runs already; stop that one first"), path, read_holder(fd));
        else
            fail_errno(error, N_("lock"), path);
        close(fd);
        return -1;
    }
    g_autofree char *pid = g_strdup_printf("%d\n", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, strlen(pid), 0) != (gssize)strlen(pid)) {
        fail_errno(error, N_("write"), path);
        close(fd);
        return -1;
    }
    return fd;
}

gboolean
process_become(const char *user, GError **error)
{
    if (user == NULL || *user == '\0')
        return TRUE;
    errno = 0;
    struct passwd *entry = getpwnam(user);
    if (entry == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("there is no user \"%s\" on this machine; create it"),
                    user);
        return FALSE;
    }
    if (entry->pw_uid == geteuid() && entry->pw_uid == getuid())
        return TRUE;
    if (initgroups(user, entry->pw_gid) != 0 || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
        setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
        return fail_errno(error, N_("become user"), user);
    if (entry->pw_uid != 0 && setuid(0) == 0)
        g_error("privileges came back after becoming %s", user);
    return TRUE;
}

void
process_harden(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(077);
}

int
process_signals(const int *signals, GError **error)
{
    sigset_t set;
    sigemptyset(&set);
    for (gsize i = 0; signals[i] != 0; i++)
        sigaddset(&set, signals[i]);
    int fd = -1;
    if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
        fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        fail_errno(error, N_("watch"), _("signals"));
    return fd;
}

void
process_notify(const char *state)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* abstract socket */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t length = (socklen_t)(G_STRUCT_OFFSET(struct sockaddr_un, sun_path) + strlen(path));
    gssize sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
    (void)sent; /* the service manager's loss */
    close(fd);
}

gboolean
process_directory(const char *path, guint mode, GError **error)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return TRUE;
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("%s is no directory; move it away"), path);
        return FALSE;
    }
    if (errno != ENOENT)
        return fail_errno(error, N_("look at"), path);
    g_autofree char *parent = g_path_get_dirname(path);
    /* Parents must let other users of the house pass; the directory itself gets what was asked. */
    if (strcmp(parent, path) != 0 && !process_directory(parent, 0755, error))
        return FALSE;
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST || fail_errno(error, N_("create directory"), path);
    if (chmod(path, mode) != 0) /* past the umask */
        return fail_errno(error, N_("set the mode of"), path);
    return TRUE;
}

static gboolean
write_whole(int fd, const char *data, gsize length)
{
    while (length > 0) {
        gssize written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FALSE;
        data += written;
        length -= (gsize)written;
    }
    return TRUE;
}

gboolean
process_sync_directory(const char *path)
{
    g_autofree char *directory = g_path_get_dirname(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return FALSE;
    gboolean synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

gboolean
process_write_file(const char *path, const void *data, gsize length, guint mode, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
    int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_errno(error, N_("create a file beside"), path);
    gboolean good = write_whole(fd, data, length) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && good) {
        good = FALSE;
        why = errno;
    }
    if (good && rename(temporary, path) == 0 && process_sync_directory(path))
        return TRUE;
    if (good)
        why = errno;
    unlink(temporary);
    errno = why;
    return fail_errno(error, N_("write"), path);
}
