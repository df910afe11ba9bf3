/* From fork to walls. What happens before the walls is ours; what comes after may be the document's. */
#include "config.h"
#include "cell.h"
#include "errors.h"
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET = 3, REPORT, FIRST_FREE };

/* What a library complains about may be text of a letter: nobody shall read it. A sanitizer's report is for us. */
#if defined(__SANITIZE_ADDRESS__)
#define LAST_MUTE STDOUT_FILENO
#else
#define LAST_MUTE STDERR_FILENO
#endif

static gboolean
keep_descriptors(int socket, int report)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int high_socket = fcntl(socket, F_DUPFD_CLOEXEC, FIRST_FREE),
        high_report = fcntl(report, F_DUPFD_CLOEXEC, FIRST_FREE);
    if (null < 0 || high_socket < 0 || high_report < 0)
        return FALSE;
    for (int fd = STDIN_FILENO; fd <= LAST_MUTE; fd++)
        if (dup2(null, fd) < 0)
            return FALSE;
    return dup2(high_socket, SOCKET) >= 0 && dup2(high_report, REPORT) >= 0 && close_range(FIRST_FREE, ~0U, 0) == 0;
}

/* GLib's own writer would ask for the time zone and the journal before it lets a process without memory die. */
static GLogWriterOutput
say_nothing(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    return G_LOG_WRITER_HANDLED;
}

/* What libraries open at their first use, which would be the reader's end: catalogues of messages, tables of charsets
 * (to tell an error), and the machine's time zone, which is looked at at every use. The second time it costs little. */
static void
settle(void)
{
    signal(SIGXFSZ, SIG_IGN); /* where their words go to a file, after all, they are lost and nobody dies */
    setlocale(LC_MESSAGES, "C");
    setlocale(LC_CTYPE, "C.UTF-8");
    g_setenv("TZ", "UTC0", TRUE);
    tzset();
    g_get_charset(NULL);
    g_get_console_charset(NULL);
}

void
cell_prepare(void)
{
    settle();
    sandbox_prepare();
}

static void
tell(guint walls, const char *missing)
{
    CellNote note = {.walls = walls};
    g_strlcpy(note.missing, missing != NULL ? missing : "", sizeof note.missing);
    gssize told = write(REPORT, &note, sizeof note);
    (void)told; /* the spawner is gone, and this process with it */
}

int
cell_live(const CellPlan *plan, int socket, int report)
{
    SandboxLimits limits = plan->limits;
    g_autofree char *missing = NULL;
    if (!keep_descriptors(socket, report))
        return HANGU_ERROR_IO;
    settle();
    g_log_set_writer_func(say_nothing, NULL, NULL);
    limits.refusals = REPORT;
    guint walls = sandbox_close(&limits, &missing);
    tell(walls, missing);
    return (walls & plan->needed) == plan->needed ? plan->work->serve(SOCKET) : CELL_NO_WALLS;
}
