/* The system calls that reading a document needs, and no others. Whoever tries another one is caught (SIGSYS), leaves
 * the number for the log, and dies. */
#include "config.h"
#include "sandbox.h"
#include "sandbox_walls.h"
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)

/* With any arguments. A negative number: this machine has no such call. */
static const int allowed[] = {
    /* the sockets, spool and pipes that are open */
    CALL(read), CALL(readv), CALL(pread64), CALL(write), CALL(writev), CALL(lseek), CALL(fstat), CALL(close),
    CALL(poll), CALL(ppoll), CALL(recvmsg), CALL(recvfrom), CALL(sendmsg), CALL(sendto), CALL(shutdown),
    /* memory; qsort() asks how much there is */
    CALL(sysinfo), CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(futex), CALL(futex_time64),
    /* time */
    CALL(clock_gettime), CALL(clock_gettime64), CALL(clock_getres), CALL(gettimeofday), CALL(time), CALL(nanosleep),
    CALL(clock_nanosleep), CALL(clock_nanosleep_time64), CALL(getrusage), CALL(times),
    /* itself */
    CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid),
    CALL(getrandom), CALL(sched_yield), CALL(sched_getaffinity), CALL(sigaltstack), CALL(rt_sigprocmask),
    CALL(rt_sigreturn), CALL(sigreturn), CALL(restart_syscall), CALL(exit), CALL(exit_group)};

static int report_to = -1;

/* SIGSYS is blocked in here, so a second refused call makes the kernel drop this handler and end the process by the
 * signal: whoever waits for it sees what it died of. */
static void
on_refused(int number, siginfo_t *info, void *context)
{
    guint32 call = (guint32)info->si_syscall;
    if (report_to >= 0) {
        gssize told = write(report_to, &call, sizeof call);
        (void)told; /* it dies all the same */
    }
    syscall(SYS_ptrace, -1, 0, 0, 0);
    _exit(128 + SIGSYS);
}

static int
allow_plain(scmp_filter_ctx filter)
{
    int status = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(allowed) && status == 0; i++)
        if (allowed[i] >= 0)
            status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    return status;
}

static int
allow_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
    return call < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, condition);
}

/* Memory that is never executable; signals for itself only; its own clock of processor time; flags of descriptors. */
static int
allow_some(scmp_filter_ctx filter)
{
    static const guint64 flags[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
    struct scmp_arg_cmp data_only = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int status = allow_if(filter, CALL(mmap), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(mmap2), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(mprotect), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(tgkill), SCMP_A0(SCMP_CMP_EQ, (guint64)getpid()));
    status = status != 0 ? status : allow_if(filter, CALL(setitimer), SCMP_A0(SCMP_CMP_EQ, ITIMER_PROF));
    /* fstat() of newer libraries: of a descriptor, by an empty path. (Another path would tell that a file is there.) */
    status = status != 0 ? status : allow_if(filter, CALL(newfstatat), SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
    for (gsize i = 0; i < G_N_ELEMENTS(flags) && status == 0; i++) {
        status = allow_if(filter, CALL(fcntl), SCMP_A1(SCMP_CMP_EQ, flags[i]));
        if (status == 0)
            status = allow_if(filter, CALL(fcntl64), SCMP_A1(SCMP_CMP_EQ, flags[i]));
    }
    /* A library that wants to complain asks whether its words go to a terminal. */
    return status != 0 ? status : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), CALL(ioctl), 0);
}

static int
load(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    if (filter == NULL)
        return -ENOMEM;
    int status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* binary tree */
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1); /* errno of the kernel */
    status = status != 0 ? status : allow_plain(filter);
    status = status != 0 ? status : allow_some(filter);
    status = status != 0 ? status : seccomp_load(filter);
    seccomp_release(filter);
    return status;
}

gboolean
wall_calls(int refusals)
{
    struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    sigset_t refused;
    report_to = refusals;
    sigemptyset(&action.sa_mask);
    sigemptyset(&refused);
    sigaddset(&refused, SIGSYS);
    if (sigaction(SIGSYS, &action, NULL) != 0 || sigprocmask(SIG_UNBLOCK, &refused, NULL) != 0)
        return FALSE;
    int status = load();
    errno = -status;
    return status == 0;
}

char *
sandbox_call_name(guint32 number)
{
    char *name = number <= G_MAXINT ? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number) : NULL;
    char *given = name != NULL ? g_strdup(name) : g_strdup_printf("call %u", number);
    free(name); // NOLINT: the library's
    return given;
}
