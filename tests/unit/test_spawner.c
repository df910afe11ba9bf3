/* A spawner in a process of its own, real readers behind real walls, and the one who asks: the test. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "hostile_reader.h"
#include "log.h"
#include "spawner.h"
#include "wire_extract.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN TRUE
#else
#define UNDER_ASAN FALSE
#endif

typedef struct {
    char *directory, *path;
    int pid;    /* of the spawner */
    int log;    /* what it logs */
    int client; /* connected to it */
    int refuse; /* system call that the spawner and its readers shall not have; 0: none */
    gboolean listening;
    StockOptions options;
} House;

static const StockOptions usual = {
    .plan = {.work = &hostile_work, .limits = {256 << 20, 1, 16, -1}, .needed = WALLS_NEEDED},
    .ready = 1,
    .most = 4,
    .time_us = 1500 * 1000,
};

/* As a container or a unit does: the call gives EPERM. */
static void
refuse_call(int number)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, G_STRUCT_OFFSET(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (guint32)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {G_N_ELEMENTS(filter), filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void
open_house(House *house)
{
    g_autoptr(GError) error = NULL;
    int pair[2] = {-1, -1};
    house->directory = g_dir_make_tmp("test_spawner.XXXXXX", NULL);
    house->path = g_build_filename(house->directory, "extract.sock", NULL);
    house->log = memfd_create("log", MFD_CLOEXEC);
    if (house->listening)
        pair[1] = frame_listen(house->path, 0600, NULL, &error);
    else
        frame_pair(pair, &error);
    assert_null(error);
    house->pid = fork();
    if (house->pid == 0) {
        if (pair[0] >= 0)
            close(pair[0]);
        dup2(house->log, STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL); /* cmocka's handler, or the sanitizer's */
        log_open("test", LOG_TO_STDERR, LOG_LEVEL_DEBUG);
        if (house->refuse != 0)
            refuse_call(house->refuse);
        _exit(spawner_run(pair[1], &house->options, NULL));
    }
    close(pair[1]);
    house->client = house->listening ? frame_connect(house->path, -1, NULL) : pair[0];
    assert_true(house->client >= 0);
}

static char *
read_log(const House *house)
{
    char *text = g_malloc0(64 * 1024);
    assert_true(pread(house->log, text, 64 * 1024 - 1, 0) >= 0);
    return text;
}

static void
await_log(const House *house, const char *wanted)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
        g_autofree char *text = read_log(house);
        if (strstr(text, wanted) != NULL)
            return;
        poll(NULL, 0, 10);
    }
    g_autofree char *text = read_log(house);
    fail_msg("the log does not say \"%s\":\n%s", wanted, text);
}

static guint
count_in_log(const House *house, const char *wanted)
{
    g_autofree char *text = read_log(house);
    g_auto(GStrv) pieces = g_strsplit(text, wanted, -1);
    return g_strv_length(pieces) - 1;
}

/* A connected one ends by itself, with 0. */
static void
close_house(House *house)
{
    int status;
    if (house->client >= 0)
        close(house->client);
    if (house->listening)
        kill(house->pid, SIGKILL);
    assert_int_equal(waitpid(house->pid, &status, 0), house->pid);
    if (!house->listening)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(house->log);
    g_unlink(house->path);
    g_rmdir(house->directory);
    g_free(house->path);
    g_free(house->directory);
}

static void
want(int client)
{
    assert_true(frame_send(client, WIRE_EXTRACT_WANT, NULL, NULL, 0, -1, NULL));
}

/* A reader's socket, or -1 and why there is none. */
static int
receive_reader(int client, char **why_out)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    const char *why;
    int got = frame_receive(client, wire_inspector_types, clock_monotonic_us() + PATIENCE_MS * 1000, &frame, &error);
    if (got != 1)
        fail_msg("no answer: %s", error != NULL ? error->message : "end of file");
    if (frame.type == WIRE_EXTRACT_NONE) {
        assert_true(wire_take_none(&frame, &why, NULL));
        *why_out = g_strdup(why);
        return -1;
    }
    assert_int_equal(frame.type, WIRE_EXTRACT_GIVE);
    assert_int_equal(frame.fd_count, 1);
    return dup(frame.fds[0]);
}

static int
take_reader(int client)
{
    g_autofree char *why = NULL;
    want(client);
    int reader = receive_reader(client, &why);
    if (reader < 0)
        fail_msg("no reader: %s", why);
    return reader;
}

/* What comes back before the end of file; -1 if nothing ends in time. */
static gssize
await_end(int reader, char *first, gsize length)
{
    char rest[2048];
    struct pollfd waited = {.fd = reader, .events = POLLIN};
    gssize got = 0;
    while (poll(&waited, 1, PATIENCE_MS) > 0) {
        gssize now = recv(reader, got == 0 ? first : rest, got == 0 ? length : sizeof rest, 0);
        if (now <= 0)
            return got;
        got = MAX(got, now);
    }
    return -1;
}

static void
check_echo(int client)
{
    char back[64] = "";
    int reader = take_reader(client);
    assert_int_equal(send(reader, "echo", 5, 0), 5);
    assert_int_equal(await_end(reader, back, sizeof back), 5);
    assert_string_equal(back, "echo");
    close(reader);
}

/* --- tests
 * ------------------------------------------------------------------------------------------------------------ */

static void
test_spawner_run_gives_a_new_reader_each_time(void **state)
{
    House house = {.options = usual};
    open_house(&house);
    for (int i = 0; i < 5; i++)
        check_echo(house.client);
    close_house(&house);
}

static void
check_attempt(House *house, const Attempt *attempt)
{
    char back[64];
    int reader = take_reader(house->client);
    assert_return_code(send(reader, attempt->name, strlen(attempt->name) + 1, 0), errno);
    if (strcmp(attempt->name, "flood") == 0 || strcmp(attempt->name, "text without end") == 0) {
        assert_true(recv(reader, back, sizeof back, 0) > 0);
        close(reader); /* the inspector has had enough */
    } else {
        assert_true(await_end(reader, back, sizeof back) >= 0);
        close(reader);
    }
    if (attempt->logged != NULL && !(UNDER_ASAN && attempt->not_in_asan))
        await_log(house, attempt->logged);
    check_echo(house->client);
}

static void
test_spawner_run_outlives_hostile_readers(void **state)
{
    for (const Attempt *attempt = hostile_attempts; attempt->name != NULL; attempt++) {
        House house = {.options = usual};
        if (UNDER_ASAN && strcmp(attempt->name, "memory") == 0)
            continue; /* no limit of the address space there */
        house.options.plan.limits.cpu_s = 1;
        if (strcmp(attempt->name, "time") == 0 ||
            strcmp(attempt->name, "memory") == 0) /* a busy machine's pages come late */
            house.options.time_us = 10 * G_USEC_PER_SEC;
        open_house(&house);
        check_attempt(&house, attempt);
        close_house(&house);
    }
}

/* What the inspector hears of a reader that ended without END. */
static int
hear_end(const char *attempt, guint cpu_s, gint64 time_us)
{
    House house = {.options = usual};
    g_auto(Frame) frame = {0};
    house.options.plan.limits.cpu_s = cpu_s;
    house.options.time_us = time_us;
    open_house(&house);
    int reader = take_reader(house.client);
    assert_return_code(send(reader, attempt, strlen(attempt) + 1, 0), errno);
    int got = frame_receive(reader, wire_inspector_types, clock_monotonic_us() + PATIENCE_MS * 1000, &frame, NULL);
    assert_true(got == 0 || (got == 1 && frame.type == WIRE_EXTRACT_OVER));
    if (got == 1)
        assert_true(await_end(reader, (char[64]){0}, 64) == 0);
    close(reader);
    close_house(&house);
    return got;
}

static void
test_spawner_run_tells_whose_time_was_over(void **state)
{
    assert_int_equal(hear_end("time", 1, 10 * G_USEC_PER_SEC), 1);
    assert_int_equal(hear_end("hang", 5, G_USEC_PER_SEC), 1);
    assert_int_equal(hear_end("crash", 5, 10 * G_USEC_PER_SEC), 0);
    assert_int_equal(hear_end("leave", 5, 10 * G_USEC_PER_SEC), 0);
}

/* One that works and one that does nothing: neither outlives who asked, whatever its limits. */
static void
test_spawner_run_ends_a_reader_that_nobody_waits_for(void **state)
{
    static const char *const attempts[] = {"time", "hang"};
    for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
        House house = {.options = usual};
        house.options.plan.limits.cpu_s = 600;
        house.options.time_us = 600 * G_USEC_PER_SEC;
        open_house(&house);
        int reader = take_reader(house.client);
        assert_return_code(send(reader, attempts[i], strlen(attempts[i]) + 1, 0), errno);
        check_echo(house.client); /* the first one is at its work */
        assert_int_equal(count_in_log(&house, "nobody waits"), 0);
        gint64 start = clock_monotonic_us();
        close(reader);
        await_log(&house, "nobody waits for its answer");
        assert_true(clock_monotonic_us() - start < 5 * G_USEC_PER_SEC);
        assert_int_equal(count_in_log(&house, "warn"), 0);
        check_echo(house.client);
        close_house(&house);
    }
}

static void
test_spawner_run_says_nothing_of_honest_readers(void **state)
{
    House house = {.options = usual};
    open_house(&house);
    check_echo(house.client);
    check_echo(house.client);
    assert_int_equal(count_in_log(&house, "warn"), 0);
    close_house(&house);
}

static void
test_spawner_run_waits_when_most_are_busy(void **state)
{
    House house = {.options = usual, .listening = TRUE};
    house.options.most = 2;
    house.options.ready = 2;
    house.options.time_us = 60 * G_USEC_PER_SEC;
    open_house(&house);
    int other = frame_connect(house.path, -1, NULL), first = take_reader(house.client), second = take_reader(other);
    want(house.client);
    struct pollfd waited = {.fd = house.client, .events = POLLIN};
    assert_int_equal(poll(&waited, 1, 300), 0);
    close(first);
    g_autofree char *why = NULL;
    int third = receive_reader(house.client, &why);
    assert_true(third >= 0);
    close(second);
    close(third);
    close(other);
    close_house(&house);
}

static void
test_spawner_run_without_unneeded_wall_says_so_once(void **state)
{
    House house = {.options = usual, .refuse = SYS_unshare};
    open_house(&house);
    check_echo(house.client);
    check_echo(house.client);
    check_echo(house.client);
    await_log(&house, "do without these walls: network (Operation not permitted)");
    assert_int_equal(count_in_log(&house, "do without"), 1);
    close_house(&house);
}

static void
test_spawner_run_without_needed_wall_gives_no_reader(void **state)
{
    House house = {.options = usual, .refuse = 446};
    g_autofree char *why = NULL, *again = NULL;
    house.options.plan.needed = WALLS_NEEDED | WALL_FILES;
    open_house(&house);
    want(house.client);
    assert_int_equal(receive_reader(house.client, &why), -1);
    assert_true(why != NULL && strstr(why, "files (Operation not permitted)") != NULL);
    want(house.client);
    assert_int_equal(receive_reader(house.client, &again), -1);
    await_log(&house, "no document is read: these walls");
    assert_int_equal(count_in_log(&house, "no document is read"), 1);
    close_house(&house);
}

static void
test_spawner_run_refuses_one_who_asks_twice(void **state)
{
    House house = {.options = usual, .listening = TRUE};
    house.options.most = 1;
    open_house(&house);
    int hasty = frame_connect(house.path, -1, NULL), busy = take_reader(house.client);
    char back[64];
    want(hasty);
    want(hasty);
    assert_true(await_end(hasty, back, sizeof back) >= 0);
    await_log(&house, "it asks again before it was answered");
    close(busy);
    close(hasty);
    check_echo(house.client);
    close_house(&house);
}

static void
test_spawner_run_refuses_what_is_no_frame(void **state)
{
    House house = {.options = usual, .listening = TRUE};
    char back[64];
    open_house(&house);
    int liar = frame_connect(house.path, -1, NULL);
    assert_int_equal(send(liar, "good day", 8, 0), 8);
    assert_true(await_end(liar, back, sizeof back) >= 0);
    close(liar);
    check_echo(house.client);
    close_house(&house);
}

static void
test_spawner_run_bounds_connections(void **state)
{
    House house = {.options = usual, .listening = TRUE};
    int fds[SPAWNER_CLIENTS_MAX + 10];
    open_house(&house);
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = frame_connect(house.path, clock_monotonic_us() + PATIENCE_MS * 1000, NULL);
    await_log(&house, "one is refused");
    check_echo(house.client);
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
    close_house(&house);
}

static void
test_spawner_run_takes_its_readers_along(void **state)
{
    House house = {.options = usual, .listening = TRUE};
    char back[64];
    open_house(&house);
    int reader = take_reader(house.client);
    assert_int_equal(send(reader, "hang", 5, 0), 5);
    kill(house.pid, SIGKILL);
    assert_int_equal(await_end(reader, back, sizeof back), 0);
    close(reader);
    close_house(&house);
}

static void
test_spawner_run_refuses_other_descriptors(void **state)
{
    g_autoptr(GError) error = NULL;
    int file = memfd_create("no socket", MFD_CLOEXEC);
    assert_int_equal(spawner_run(file, &usual, &error), HANGU_ERROR_USAGE);
    assert_non_null(strstr(error->message, "is no SEQPACKET socket"));
    close(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spawner_run_gives_a_new_reader_each_time),
        cmocka_unit_test(test_spawner_run_outlives_hostile_readers),
        cmocka_unit_test(test_spawner_run_tells_whose_time_was_over),
        cmocka_unit_test(test_spawner_run_ends_a_reader_that_nobody_waits_for),
        cmocka_unit_test(test_spawner_run_says_nothing_of_honest_readers),
        cmocka_unit_test(test_spawner_run_waits_when_most_are_busy),
        cmocka_unit_test(test_spawner_run_without_unneeded_wall_says_so_once),
        cmocka_unit_test(test_spawner_run_without_needed_wall_gives_no_reader),
        cmocka_unit_test(test_spawner_run_refuses_one_who_asks_twice),
        cmocka_unit_test(test_spawner_run_refuses_what_is_no_frame),
        cmocka_unit_test(test_spawner_run_bounds_connections),
        cmocka_unit_test(test_spawner_run_takes_its_readers_along),
        cmocka_unit_test(test_spawner_run_refuses_other_descriptors),
    };
    return cmocka_run_group_tests_name("spawner", tests, NULL, NULL);
}
