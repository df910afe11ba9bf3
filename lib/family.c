/* Birth and death of the processes that a daemon forks. */
#include "config.h"
#include "family.h"
#include "errors.h"
#include "process.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void
ignore_group_signals(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int
family_fork(const char *name, GError **error)
{
    int parent = getpid();
    int pid = fork();
    if (pid < 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot fork %s: %s; is the limit of processes reached?", name,
                    g_strerror(errno));
        return -1;
    }
    if (pid > 0)
        return pid;
    prctl(PR_SET_NAME, name, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) /* it died before we could ask to be told */
        _exit(HANGU_ERROR_AWAY);
    ignore_group_signals();
    return 0;
}

int
family_watch_children(GError **error)
{
    static const int children[] = {SIGCHLD, 0};
    return process_signals(children, error);
}

void
family_drain(int signalfd)
{
    struct signalfd_siginfo info;
    while (read(signalfd, &info, sizeof info) == sizeof info)
        ;
}

char *
family_death(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)));
    return g_strdup_printf("ended with status %d", WEXITSTATUS(wait_status));
}
