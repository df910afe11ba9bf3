/* The sockets that frames travel on: pairs, listeners, connections, and who is at the other end. */
#include "config.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define BUSY_PAUSE_MS 5

static void
set_errno_error(GError **error, const char *doing, const char *object)
{
    int why = errno;
    gboolean denied = why == EACCES || why == EPERM || why == EROFS;
    g_set_error(error, HANGU_ERROR, denied ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, _("cannot %s %s: %s"), _(doing),
                object, g_strerror(why));
}

gboolean
frame_pair(int fds_out[2], GError **error)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds_out) == 0)
        return TRUE;
    set_errno_error(error, N_("make"), _("a pair of sockets"));
    return FALSE;
}

static gboolean
set_address(const char *path, struct sockaddr_un *address, GError **error)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) < sizeof address->sun_path) {
        memcpy(address->sun_path, path, strlen(path));
        return TRUE;
    }
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("the socket path %s is too long; at most %d bytes"), path,
                (int)sizeof address->sun_path - 1);
    return FALSE;
}

static int
new_socket(int type, GError **error)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        set_errno_error(error, N_("make"), _("a socket"));
    return fd;
}

/* Nothing, or a socket that nobody listens on, may be replaced. */
static gboolean
may_replace(const char *path, int type, GError **error)
{
    struct stat status;
    struct sockaddr_un address;
    if (lstat(path, &status) != 0) {
        if (errno == ENOENT)
            return TRUE;
        set_errno_error(error, N_("look at"), path);
        return FALSE;
    }
    if (!S_ISSOCK(status.st_mode)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("%s is there, but is no socket; move it away"), path);
        return FALSE;
    }
    int probe = new_socket(type, error);
    if (probe < 0)
        return FALSE;
    gboolean dead = set_address(path, &address, NULL) &&
                    connect(probe, (struct sockaddr *)&address, sizeof address) != 0 && errno == ECONNREFUSED;
    close(probe);
    if (!dead)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, _("another program listens on %s; stop it first"), path);
    return dead;
}

static gboolean
set_access(const char *path, guint mode, const char *group, GError **error)
{
    if (group != NULL && *group != '\0') {
        struct group *entry = getgrnam(group);
        if (entry == NULL) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                        _("there is no group \"%s\" on this machine, which may connect to %s"), group, path);
            return FALSE;
        }
        if (chown(path, (uid_t)-1, entry->gr_gid) != 0) {
            set_errno_error(error, N_("set the group of"), path);
            return FALSE;
        }
    }
    if (chmod(path, mode) == 0)
        return TRUE;
    set_errno_error(error, N_("set the mode of"), path);
    return FALSE;
}

/* Made beside and renamed: nobody ever meets a socket with the wrong owner or without a listener. */
static int
listen_at(const char *path, int type, guint mode, const char *group, GError **error)
{
    struct sockaddr_un address;
    g_autofree char *beside = g_strdup_printf("%s.%d", path, (int)getpid());
    if (!set_address(beside, &address, error) || !may_replace(path, type, error))
        return -1;
    int fd = new_socket(type, error);
    if (fd < 0)
        return -1;
    unlink(beside); /* left by a dead program with our number */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        set_errno_error(error, N_("listen on"), path);
        close(fd);
        return -1;
    }
    gboolean good = set_access(beside, mode, group, error);
    if (good && (listen(fd, BACKLOG) != 0 || rename(beside, path) != 0)) {
        set_errno_error(error, N_("listen on"), path);
        good = FALSE;
    }
    if (good)
        return fd;
    unlink(beside);
    close(fd);
    return -1;
}

int
frame_listen(const char *path, guint mode, const char *group, GError **error)
{
    return listen_at(path, SOCK_SEQPACKET, mode, group, error);
}

int
frame_listen_stream(const char *path, guint mode, const char *group, GError **error)
{
    return listen_at(path, SOCK_STREAM, mode, group, error);
}

int
frame_connect(const char *path, gint64 deadline_us, GError **error)
{
    struct sockaddr_un address;
    if (!set_address(path, &address, error))
        return -1;
    int fd = new_socket(SOCK_SEQPACKET, error);
    if (fd < 0)
        return -1;
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        gboolean busy = errno == EAGAIN || errno == EINTR; /* its backlog is full: there is nothing to poll for */
        if (busy && (deadline_us < 0 || clock_monotonic_us() < deadline_us)) {
            poll(NULL, 0, BUSY_PAUSE_MS);
            continue;
        }
        int code = busy ? HANGU_ERROR_TIMEOUT : HANGU_ERROR_AWAY;
        if (errno == EACCES || errno == EPERM)
            code = HANGU_ERROR_PERMISSION;
        g_set_error(error, HANGU_ERROR, code, _("cannot connect to %s: %s; is the program that listens there running?"),
                    path, g_strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

gboolean
frame_peer(int fd, guint *uid_out, guint *gid_out, int *pid_out, GError **error)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        set_errno_error(error, N_("ask for"), _("the other end of a socket"));
        return FALSE;
    }
    if (uid_out != NULL)
        *uid_out = peer.uid;
    if (gid_out != NULL)
        *gid_out = peer.gid;
    if (pid_out != NULL)
        *pid_out = peer.pid;
    return TRUE;
}
