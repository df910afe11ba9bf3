/* The listening socket: libmilter opens it, we say who may. */
#include "config.h"
#include "listen.h"
#include "errors.h"
#include "process.h"
#include <errno.h>
#include <grp.h>
#include <libmilter/mfapi.h>
#include <netdb.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *
path_of(const char *address)
{
    if (g_str_has_prefix(address, "unix:"))
        return address + strlen("unix:");
    if (g_str_has_prefix(address, "local:"))
        return address + strlen("local:");
    return *address == '/' ? address : NULL;
}

/* As libmilter takes them: "inet:port@host", the host may be missing. */
static void
resolve(Listener *listener, const char *address)
{
    g_auto(GStrv) words = g_strsplit(address, ":", 2);
    const struct addrinfo hints = {.ai_family = g_str_has_prefix(address, "inet6") ? AF_INET6 : AF_INET,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char *host = words[1] != NULL ? strchr(words[1], '@') : NULL;
    if (host != NULL)
        *host++ = '\0';
    if (words[1] == NULL || getaddrinfo(host, words[1], &hints, &found) != 0)
        return;
    memcpy(&listener->address, found->ai_addr, found->ai_addrlen);
    listener->address_length = found->ai_addrlen;
    freeaddrinfo(found);
}

static void
remember_address(Listener *listener, const char *address)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    if (listener->path == NULL) {
        resolve(listener, address);
    } else if (strlen(listener->path) < sizeof local.sun_path) {
        memcpy(local.sun_path, listener->path, strlen(listener->path) + 1);
        memcpy(&listener->address, &local, sizeof local);
        listener->address_length = sizeof local;
    }
}

void
listen_nudge(const Listener *listener)
{
    if (listener->address_length == 0)
        return;
    int fd = socket(listener->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)&listener->address, listener->address_length) != 0) {
        /* on its way, or so many wait that nobody needs to be nudged */
    }
    close(fd);
}

gboolean
listen_claim(Listener *listener, const char *address, GError **error)
{
    *listener = (Listener){.path = g_strdup(path_of(address)), .lock = -1};
    remember_address(listener, address);
    if (listener->path != NULL) {
        g_autofree char *directory = g_path_get_dirname(listener->path);
        g_autofree char *lock = g_strconcat(listener->path, ".lock", NULL);
        if (!process_directory(directory, 0755, error))
            return FALSE;
        listener->lock = process_lock(lock, error);
        if (listener->lock < 0)
            return FALSE;
    }
    if (smfi_setconn((char *)address) == MI_SUCCESS)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                "milter.socket: \"%s\" is no address; write unix:/path or inet:port@127.0.0.1", address);
    return FALSE;
}

static gboolean
give_to_group(const char *path, const char *group, GError **error)
{
    if (group != NULL && *group != '\0') {
        const struct group *entry = getgrnam(group);
        if (entry == NULL) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                        "milter.socket_group: there is no group \"%s\" on this machine", group);
            return FALSE;
        }
        if (chown(path, (uid_t)-1, entry->gr_gid) != 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                        "cannot give %s to group %s: %s; the gate's user must be a member of it", path, group,
                        g_strerror(errno));
            return FALSE;
        }
    }
    if (chmod(path, 0660) == 0)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot set the mode of %s: %s", path, g_strerror(errno));
    return FALSE;
}

gboolean
listen_open(const Listener *listener, const char *address, const char *group, GError **error)
{
    if (smfi_opensocket(TRUE) != MI_SUCCESS) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO,
                    "cannot listen on %s: is the address in use, may the gate's user write there?", address);
        return FALSE;
    }
    return listener->path == NULL || give_to_group(listener->path, group, error);
}

void
listen_close(Listener *listener)
{
    if (listener->path != NULL)
        unlink(listener->path);
    g_clear_pointer(&listener->path, g_free);
}
