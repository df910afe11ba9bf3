/* Each attempt is a process of its own behind the walls, as whoever runs the test and, if that is root, as an ordinary
 * user too. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "sandbox.h"
#include "sandbox_walls.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORDINARY 65534
#define MIB ((gsize)1024 * 1024)
#define MEMORY (64 * MIB)
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN TRUE
#else
#define UNDER_ASAN FALSE
#endif

enum { SURVIVED = 7, FAILED = 8, NO_WALLS = 9 };

typedef struct {
    const char *name;
    void (*attempt)(void);
    const char *refused; /* name of the call; NULL: ended otherwise, by */
    int signal;          /* or, 0, by exit with SURVIVED */
} Case;

static int open_file = -1;

static void
do_socket(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}

static void
do_connect(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(25), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    (void)!connect(open_file, (struct sockaddr *)&address, sizeof address);
}

static void
do_open(void)
{
    syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
}

static void
do_unlink(void)
{
    syscall(SYS_unlinkat, AT_FDCWD, "/tmp/test_sandbox.none", 0);
}

static void
do_exec(void)
{
    char *const words[] = {(char *)"true", NULL};
    execve("/bin/true", words, NULL);
}

static void
do_fork(void)
{
    syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void
do_ptrace(void)
{
    ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
do_kill(void)
{
    kill(getppid(), SIGTERM);
}

static void
do_kill_thread(void)
{
    syscall(SYS_tgkill, getppid(), getppid(), SIGTERM);
}

static void
do_executable_memory(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
do_make_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static void
do_other_signal_handler(void)
{
    syscall(SYS_rt_sigaction, SIGSYS, NULL, NULL, 8);
}

static void
do_raise_limit(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    syscall(SYS_prlimit64, 0, RLIMIT_CPU, &limit, NULL);
}

static void
do_unshare(void)
{
    unshare(CLONE_NEWUSER);
}

static void
do_io_uring(void)
{
    syscall(425, 1, NULL);
}

static void
do_spin(void)
{
    for (volatile guint64 i = 0;; i++)
        ;
}

static void
do_alarm(void)
{
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    setitimer(ITIMER_PROF, &soon, NULL);
    do_spin();
}

static void
do_write_file(void)
{
    char text[16] = "more";
    gssize written = write(open_file, text, sizeof text);
    _exit(written > 0 ? FAILED : SURVIVED);
}

static void
do_take_memory(void)
{
    _exit(mmap(NULL, 2 * MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? SURVIVED
                                                                                                           : FAILED);
}

static void
do_abort(void)
{
    abort();
}

/* What readers live by. */
static void
do_honest_work(void)
{
    char *text = g_malloc(MIB), one;
    memset(text, 'a', MIB);
    g_autofree char *more = g_strdup_printf("%zu %" G_GINT64_FORMAT, strlen("ab"), g_get_monotonic_time());
    int pair = fcntl(open_file, F_GETFL);
    gboolean good = pair >= 0 && pread(open_file, &one, 1, 0) == 1 && one == 'x' && isatty(2) == 0 && more[0] == '2';
    g_free(text);
    _exit(good ? SURVIVED : FAILED);
}

static const Case cases[] = {
    {"socket", do_socket, "socket"},
    {"connect", do_connect, "connect"},
    {"open", do_open, "openat"},
    {"unlink", do_unlink, "unlinkat"},
    {"exec", do_exec, "execve"},
    {"fork", do_fork, "clone"},
    {"ptrace", do_ptrace, "ptrace"},
    {"kill of another", do_kill, "kill"},
    {"kill of another's thread", do_kill_thread, "tgkill"},
    {"executable memory", do_executable_memory, "mmap"},
    {"memory made executable", do_make_executable, "mprotect"},
    {"a handler of its own", do_other_signal_handler, "rt_sigaction"},
    {"a limit raised", do_raise_limit, "prlimit64"},
    {"namespaces", do_unshare, "unshare"},
    {"io_uring", do_io_uring, "io_uring_setup"},
    {"too much time", do_spin, NULL, SIGXCPU},
    {"too much of its own time", do_alarm, NULL, SIGPROF},
    {"write to a file", do_write_file, NULL, SIGXFSZ},
    {"too much memory", do_take_memory, NULL, 0},
    {"abort", do_abort, NULL, SIGABRT},
    {"honest work", do_honest_work, NULL, 0},
};

static int
live(const Case *one, int refusals, gboolean ordinary)
{
    SandboxLimits limits = {.memory = MEMORY, .cpu_s = 1, .files = 64, .refusals = refusals};
    g_autofree char *missing = NULL;
    if (ordinary && (setresgid(ORDINARY, ORDINARY, ORDINARY) != 0 || setresuid(ORDINARY, ORDINARY, ORDINARY) != 0))
        return FAILED;
    if ((sandbox_close(&limits, &missing) & WALLS_NEEDED) != WALLS_NEEDED)
        return NO_WALLS;
    one->attempt();
    return FAILED;
}

static void
check_case(const Case *one, gboolean ordinary)
{
    int refusals[2], status;
    guint32 number = 0;
    assert_return_code(pipe(refusals), errno);
    int pid = fork();
    if (pid == 0)
        _exit(live(one, refusals[1], ordinary));
    close(refusals[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    gssize got = read(refusals[0], &number, sizeof number);
    close(refusals[0]);
    g_autofree char *call = got == sizeof number ? sandbox_call_name(number) : NULL;
    int wanted = one->refused != NULL ? SIGSYS : one->signal;
    gboolean ended = wanted != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == wanted
                                 : WIFEXITED(status) && WEXITSTATUS(status) == SURVIVED;
    if (!ended || g_strcmp0(call, one->refused) != 0)
        fail_msg("%s%s: %s %d, refused %s", one->name, ordinary ? " (ordinary user)" : "",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), call != NULL ? call : "nothing");
}

static void
check_cases(void)
{
    open_file = memfd_create("test_sandbox", MFD_CLOEXEC);
    assert_int_equal(write(open_file, "x", 1), 1);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (UNDER_ASAN && cases[i].attempt == do_take_memory)
            continue;
        check_case(&cases[i], FALSE);
        if (geteuid() == 0)
            check_case(&cases[i], TRUE);
    }
    close(open_file);
}

static void
test_sandbox_close_refuses_and_names(void **state)
{
    check_cases();
}

/* --- single walls, which the list of calls hides --------------------------------------------------------------------
 */

static int
in_child(int (*life)(void), gboolean ordinary)
{
    int status, pid = fork();
    if (pid == 0) {
        if (ordinary && setresuid(ORDINARY, ORDINARY, ORDINARY) != 0)
            _exit(FAILED);
        _exit(life());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int
live_without_files(void)
{
    if (!wall_privileges() || !wall_files())
        return NO_WALLS;
    int fd = open("/dev/null", O_RDONLY);
    return fd < 0 && errno == EACCES && mkdir("/tmp/test_sandbox.dir", 0700) != 0 ? SURVIVED : FAILED;
}

static int
live_without_network(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(25), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (!wall_network())
        return NO_WALLS;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == ENETUNREACH ? SURVIVED : FAILED;
}

static void
check_wall(int (*life)(void))
{
    for (int ordinary = 0; ordinary <= (geteuid() == 0); ordinary++) {
        int ended = in_child(life, ordinary != 0);
        if (ended == NO_WALLS)
            skip(); /* this kernel, or the container, does not give it */
        assert_int_equal(ended, SURVIVED);
    }
}

static void
test_wall_files_leaves_no_path(void **state)
{
    check_wall(live_without_files);
}

static void
test_wall_network_leaves_no_network(void **state)
{
    check_wall(live_without_network);
}

/* With one filter that refuses everything else: the walls that are missing are said, not those that stand. */
static int
live_twice(void)
{
    SandboxLimits limits = {.memory = 1 << 30, .cpu_s = 10, .files = 4096, .refusals = -1};
    g_autofree char *missing = NULL;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_NOFILE, &none); /* landlock needs a descriptor */
    guint walls = sandbox_close(&limits, &missing);
    return (walls & WALL_FILES) == 0 && missing != NULL && strstr(missing, "files (") != NULL &&
                   strstr(missing, "calls") == NULL
               ? SURVIVED
               : FAILED;
}

static void
test_sandbox_close_names_missing(void **state)
{
    assert_int_equal(in_child(live_twice, FALSE), SURVIVED);
}

/* Last, since this process stays without network. */
static void
test_sandbox_close_refuses_the_same_when_prepared(void **state)
{
    sandbox_prepare();
    assert_true(wall_calls_prepare());
    check_cases();
    check_wall(live_without_network);
}

/* --- words
 * ------------------------------------------------------------------------------------------------------------ */

static void
test_sandbox_names_and_back(void **state)
{
    guint walls = 0;
    g_autofree char *all = sandbox_names(WALLS_ALL), *none = sandbox_names(0);
    assert_string_equal(all, "privileges, limits, network, files, calls");
    assert_string_equal(none, "");
    assert_true(sandbox_walls(all, &walls));
    assert_int_equal(walls, WALLS_ALL);
    assert_true(sandbox_walls("", &walls));
    assert_int_equal(walls, 0);
    assert_true(sandbox_walls("calls,files", &walls));
    assert_int_equal(walls, WALL_CALLS | WALL_FILES);
    assert_false(sandbox_walls("calls,doors", &walls));
}

static void
test_sandbox_call_name_unknown(void **state)
{
    g_autofree char *known = sandbox_call_name(SYS_socket), *unknown = sandbox_call_name(99999),
                    *large = sandbox_call_name(G_MAXUINT32);
    assert_string_equal(known, "socket");
    assert_string_equal(unknown, "call 99999");
    assert_string_equal(large, "call 4294967295");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sandbox_close_refuses_and_names),
        cmocka_unit_test(test_wall_files_leaves_no_path),
        cmocka_unit_test(test_wall_network_leaves_no_network),
        cmocka_unit_test(test_sandbox_close_names_missing),
        cmocka_unit_test(test_sandbox_names_and_back),
        cmocka_unit_test(test_sandbox_call_name_unknown),
        cmocka_unit_test(test_sandbox_close_refuses_the_same_when_prepared),
    };
    return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
