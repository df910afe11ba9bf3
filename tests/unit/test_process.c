#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "process.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int
make_directory(void **state)
{
    *state = g_dir_make_tmp("test_process.XXXXXX", NULL);
    return *state == NULL;
}

/* Files and then directories, each test leaves at most two levels. */
static int
remove_directory(void **state)
{
    g_autofree char *directory = *state;
    for (int level = 0; level < 3; level++) {
        g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
        for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
            g_autofree char *path = g_build_filename(directory, name, NULL), *inner = g_build_filename(path, "b", NULL);
            g_rmdir(inner);
            g_remove(path);
        }
    }
    return g_rmdir(directory);
}

static void
test_process_lock_refuses_second_and_names_pid(void **state)
{
    g_autofree char *path = g_build_filename(*state, "lock", NULL), *pid = g_strdup_printf("process %d", (int)getpid());
    g_autoptr(GError) error = NULL;
    int first = process_lock(path, &error);
    assert_true(first >= 0);
    assert_int_equal(process_lock(path, &error), -1);
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
    assert_non_null(strstr(error->message, pid));
    close(first);
    int again = process_lock(path, NULL);
    assert_true(again >= 0);
    close(again);
}

static void
test_process_become_nobody_named_is_no_op(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(process_become(NULL, &error));
    assert_true(process_become("", &error));
    assert_true(process_become(g_get_user_name(), &error));
    assert_false(process_become("no-such-user-here", &error));
    assert_int_equal(error->code, HANGU_ERROR_SETTINGS);
}

static void
test_process_harden_forbids_core_dumps(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit;
        process_harden();
        gboolean good = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 && umask(0) == 077;
        _exit(good ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void
test_process_signals_arrive_on_descriptor(void **state)
{
    const int wanted[] = {SIGUSR1, 0};
    int fd = process_signals(wanted, NULL);
    assert_true(fd >= 0);
    raise(SIGUSR1); /* blocked: would end the test otherwise */
    struct signalfd_siginfo info;
    assert_int_equal(read(fd, &info, sizeof info), sizeof info);
    assert_int_equal(info.ssi_signo, SIGUSR1);
    close(fd);
}

static void
test_process_notify_sends_state(void **state)
{
    g_autofree char *path = g_build_filename(*state, "notify", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    g_unsetenv("NOTIFY_SOCKET");
    process_notify("READY=1");
    char text[32] = "";
    assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), -1);
    g_setenv("NOTIFY_SOCKET", path, TRUE);
    process_notify("READY=1");
    assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), 7);
    assert_memory_equal(text, "READY=1", 7);
    g_unsetenv("NOTIFY_SOCKET");
    close(fd);
}

static void
test_process_directory_makes_parents(void **state)
{
    g_autofree char *path = g_build_filename(*state, "a", "b", NULL), *file = g_build_filename(*state, "file", NULL);
    struct stat status;
    g_autoptr(GError) error = NULL;
    assert_true(process_directory(path, 0750, &error));
    assert_true(process_directory(path, 0700, &error)); /* there already: left alone */
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0750);
    assert_true(g_file_set_contents(file, "", 0, NULL));
    assert_false(process_directory(file, 0700, &error));
    assert_non_null(strstr(error->message, file));
}

static void
test_process_write_file_replaces_whole(void **state)
{
    g_autofree char *path = g_build_filename(*state, "data", NULL), *content = NULL;
    gsize length = 0;
    struct stat status;
    g_autoptr(GError) error = NULL;
    assert_true(process_write_file(path, "first and longer", 16, 0644, &error));
    assert_true(process_write_file(path, "a\0b", 3, 0640, &error));
    assert_true(g_file_get_contents(path, &content, &length, NULL));
    assert_int_equal(length, 3);
    assert_memory_equal(content, "a\0b", 3);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    g_autofree char *nowhere = g_build_filename(*state, "none", "data", NULL);
    assert_false(process_write_file(nowhere, "x", 1, 0600, &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_process_lock_refuses_second_and_names_pid, make_directory,
                                        remove_directory),
        cmocka_unit_test(test_process_become_nobody_named_is_no_op),
        cmocka_unit_test(test_process_harden_forbids_core_dumps),
        cmocka_unit_test(test_process_signals_arrive_on_descriptor),
        cmocka_unit_test_setup_teardown(test_process_notify_sends_state, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(test_process_directory_makes_parents, make_directory, remove_directory),
        cmocka_unit_test_setup_teardown(test_process_write_file_replaces_whole, make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
