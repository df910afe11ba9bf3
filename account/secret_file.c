/* Read by descriptor, so that no library keeps a copy in a buffer. */
#include "config.h"
#include "secret_file.h"
#include "crypto.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
secret_free(char *secret)
{
    if (secret != NULL)
        crypto_wipe(secret, SECRET_MAX + 1);
    g_free(secret);
}

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

static gboolean
read_all(int fd, const char *path, char *secret, GError **error)
{
    gsize length = 0;
    gssize got;
    while (length < SECRET_MAX && (got = read(fd, secret + length, SECRET_MAX - length)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(error, path);
        length += (gsize)got;
    }
    secret[strcspn(secret, "\r\n")] = '\0';
    if (*secret != '\0' && strlen(secret) < SECRET_MAX)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("%s: its first line is empty, or too long"), path);
    return FALSE;
}

char *
secret_file_read(const char *path, GError **error)
{
    struct stat facts;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) {
        fail(error, path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    char *secret = g_malloc0(SECRET_MAX + 1);
    gboolean good = (facts.st_mode & S_IRWXO) == 0;
    if (!good)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION, _("%s: others can read it: chmod o= %s"), path, path);
    good = good && read_all(fd, path, secret, error);
    close(fd);
    if (good)
        return secret;
    secret_free(secret);
    return NULL;
}
