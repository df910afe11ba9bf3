/* One child that is no loader. It is executed, not only forked: what it needs is not in this program. */
#include "config.h"
#include "readers.h"
#include "errors.h"
#include "family.h"
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define YOUNG_US (10 * G_USEC_PER_SEC) /* who ends younger is started after a pause, which doubles: */
#define PAUSE_FIRST_US (G_USEC_PER_SEC / 4)
#define PAUSE_MOST_US (60 * G_USEC_PER_SEC)

/* In the child: the socket, standard streams, and nothing else. */
static int
become(const Readers *readers)
{
    int high = fcntl(readers->listener, F_DUPFD, READERS_SOCKET + 1);
    if (high < 0 || dup2(high, READERS_SOCKET) < 0)
        return HANGU_ERROR_IO;
    close_range(READERS_SOCKET + 1, ~0U, 0);
    execv(readers->words[0], readers->words);
    log_error("%s cannot be started: %s; no document is read without it", readers->words[0], g_strerror(errno));
    return HANGU_ERROR_NO_INPUT;
}

static void
put_off(Readers *readers, gboolean young)
{
    gint64 longer = readers->pause_us == 0 ? PAUSE_FIRST_US : MIN(readers->pause_us * 2, PAUSE_MOST_US);
    readers->pause_us = young ? longer : 0;
    readers->not_before_us = g_get_monotonic_time() + readers->pause_us;
}

gint64
readers_tend(Readers *readers)
{
    g_autoptr(GError) error = NULL;
    if (readers->listener < 0 || readers->pid != 0)
        return -1;
    if (g_get_monotonic_time() < readers->not_before_us)
        return readers->not_before_us;
    int pid = family_fork("hangu-extract", &error);
    if (pid == 0)
        _exit(become(readers));
    if (pid < 0) {
        log_error("%s", error->message);
        put_off(readers, TRUE);
        return readers->not_before_us;
    }
    readers->pid = pid;
    readers->started_us = g_get_monotonic_time();
    return -1;
}

gboolean
readers_note_end(Readers *readers, int pid, int wait_status)
{
    if (pid != readers->pid)
        return FALSE;
    readers->pid = 0;
    put_off(readers, g_get_monotonic_time() - readers->started_us < YOUNG_US);
    g_autofree char *how = family_death(wait_status);
    log_error("hangu-extract %s; it is started again in %.1f s", how, (double)readers->pause_us / G_USEC_PER_SEC);
    return TRUE;
}
