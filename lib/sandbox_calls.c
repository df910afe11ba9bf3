/* The system calls that reading a document needs, and no others. Whoever tries another one is caught (SIGSYS), leaves
 * the number for the log, and dies. */
#include "config.h"
#include "sandbox.h"
#include "sandbox_walls.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

#define OWN_PID 0x5EC0DE01 /* no process has it: where the program tells the process itself from others */
#define PROGRAM_MAX 4096   /* BPF_MAXINSNS */

static int report_to = -1;
static struct sock_filter *prepared; /* of sandbox_prepare(); NULL: none */
static gsize prepared_length, prepared_pid;

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
allow_some(scmp_filter_ctx filter, guint64 pid)
{
    static const guint64 flags[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
    struct scmp_arg_cmp data_only = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    int status = allow_if(filter, CALL(mmap), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(mmap2), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(mprotect), data_only);
    status = status != 0 ? status : allow_if(filter, CALL(tgkill), SCMP_A0(SCMP_CMP_EQ, pid));
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

/* The program for a process with this number; NULL with *status_out. */
static scmp_filter_ctx
make(guint64 pid, int *status_out)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
    if (filter == NULL) {
        *status_out = -ENOMEM;
        return NULL;
    }
    int status = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* binary tree */
    status = status != 0 ? status : seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1); /* errno of the kernel */
    status = status != 0 ? status : allow_plain(filter);
    status = status != 0 ? status : allow_some(filter, pid);
    *status_out = status;
    if (status == 0)
        return filter;
    seccomp_release(filter);
    return NULL;
}

static int
load(void)
{
    int status;
    scmp_filter_ctx filter = make((guint64)getpid(), &status);
    if (filter == NULL)
        return status;
    status = seccomp_load(filter);
    seccomp_release(filter);
    return status;
}

/* --- made once, loaded by many ---------------------------------------------------------------------------------- */

/* Whether there is one place for the process's own number; elsewhere the program has to be made for each. */
static gboolean
find_pid(const struct sock_filter *program, gsize length)
{
    guint found = 0;
    for (gsize i = 0; i < length; i++)
        if (program[i].k == OWN_PID) {
            prepared_pid = i;
            found++;
        }
    return found == 1 && program[prepared_pid].code == (BPF_JMP | BPF_JEQ | BPF_K);
}

gboolean
wall_calls_prepare(void)
{
    int status, fd = memfd_create("walls", MFD_CLOEXEC);
    scmp_filter_ctx filter = fd >= 0 ? make(OWN_PID, &status) : NULL;
    g_autofree struct sock_filter *program = g_new(struct sock_filter, PROGRAM_MAX);
    gssize got = -1;
    if (filter != NULL && seccomp_export_bpf(filter, fd) == 0)
        got = pread(fd, program, PROGRAM_MAX * sizeof *program, 0);
    if (filter != NULL)
        seccomp_release(filter);
    if (fd >= 0)
        close(fd);
    prepared_length = got > 0 && got % (gssize)sizeof *program == 0 ? (gsize)got / sizeof *program : 0;
    if (prepared_length == 0 || prepared_length == PROGRAM_MAX || !find_pid(program, prepared_length))
        return FALSE;
    g_free(prepared);
    prepared = g_memdup2(program, (gsize)got);
    return TRUE;
}

static int
load_prepared(void)
{
    const struct sock_fprog program = {(unsigned short)prepared_length, prepared};
    prepared[prepared_pid].k = (guint32)getpid();
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 0 : -errno;
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
    int status = prepared != NULL ? load_prepared() : load();
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
