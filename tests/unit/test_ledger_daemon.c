/* hangu-ledger as a program: started, asked, signalled, killed, started again. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "ledger.h"
#include "ledger_tree.h"
#include "sample_record.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    char *directory, *ledger, *config, *socket, *program, *output;
    pid_t child;
    LedgerClient *client;
} Fixture;

static void
write_config(const Fixture *fixture, const char *more)
{
    g_autofree char *text = g_strdup_printf("unit: Test\nledger:\n  socket: %s\n  directory: %s\n  group: \"\"\n"
                                            "log:\n  sink: stderr\n%s",
                                            fixture->socket, fixture->ledger, more);
    assert_true(g_file_set_contents(fixture->config, text, -1, NULL));
}

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    const char *top = g_getenv("top_builddir");
    fixture->directory = tree_new();
    fixture->ledger = g_build_filename(fixture->directory, "ledger", NULL);
    fixture->config = g_build_filename(fixture->directory, "hangu.yaml", NULL);
    fixture->socket = g_build_filename(fixture->directory, "sock", NULL);
    fixture->output = g_build_filename(fixture->directory, "output", NULL);
    fixture->program = g_build_filename(top != NULL ? top : ".", "hangu-ledger", NULL);
    fixture->client = ledger_client_new(fixture->socket);
    write_config(fixture, "");
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    if (fixture->child > 0) {
        kill(fixture->child, SIGKILL);
        waitpid(fixture->child, NULL, 0);
    }
    ledger_client_free(fixture->client);
    tree_free(fixture->ledger);
    g_free(fixture->config);
    g_free(fixture->socket);
    g_free(fixture->program);
    g_free(fixture->output);
    tree_free(fixture->directory);
    g_free(fixture);
    return 0;
}

/* Starts the program with these words behind --config; its output goes to a file. */
static pid_t
run(const Fixture *fixture, const char *word)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    int output = open(fixture->output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execl(fixture->program, fixture->program, "--config", fixture->config, word, NULL);
    _exit(127);
}

static int
ended(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static char *
output_of(const Fixture *fixture)
{
    char *text = NULL;
    g_assert(g_file_get_contents(fixture->output, &text, NULL, NULL));
    return text;
}

static gint64
soon(void)
{
    return clock_monotonic_us() + 10 * G_TIME_SPAN_SECOND;
}

static void
start(Fixture *fixture)
{
    fixture->child = run(fixture, NULL);
    json_t *status = NULL;
    for (gint64 end = soon(); status == NULL && clock_monotonic_us() < end; g_usleep(5000))
        status = ledger_status(fixture->client, soon(), NULL);
    if (status == NULL) {
        g_autofree char *output = output_of(fixture);
        fail_msg("%s", output);
    }
    assert_int_equal(json_integer_value(json_object_get(status, "pid")), fixture->child);
    json_decref(status);
}

static int
stop(Fixture *fixture, int signal)
{
    pid_t child = fixture->child;
    fixture->child = 0;
    kill(child, signal);
    return ended(child);
}

static void
append(const Fixture *fixture, guint count)
{
    for (guint i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = sample_letter();
        json_object_del(record, "seq");
        json_object_del(record, "prev");
        if (!ledger_append(fixture->client, record, soon(), NULL, NULL, NULL, &error))
            fail_msg("%s", error->message);
        json_decref(record);
    }
}

static gboolean
add_kind(const ChainLine *line, gpointer user, GError **error)
{
    g_string_append_printf(user, "%s ", json_string_value(json_object_get(line->record, "kind")));
    return TRUE;
}

static void
expect_kinds(const Fixture *fixture, const char *wanted)
{
    g_auto(ChainReport) report = {0};
    g_autoptr(GString) kinds = g_string_new(NULL);
    assert_true(chain_verify(fixture->ledger, NULL, NULL, NULL, &report, NULL));
    assert_int_equal(report.state, CHAIN_GOOD);
    assert_true(chain_read(fixture->ledger, add_kind, kinds, NULL, NULL));
    assert_string_equal(kinds->str, wanted);
}

static void
test_daemon_starts_serves_and_stops(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    append(fixture, 3);
    assert_int_equal(stop(fixture, SIGTERM), 0);
    expect_kinds(fixture, "start letter letter letter stop ");
    assert_false(g_file_test(fixture->socket, G_FILE_TEST_EXISTS));
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(fixture->ledger, &tail, NULL));
    assert_true(g_str_has_prefix(json_string_value(json_object_get(tail.record, "program")), "hangu-ledger "));
    GStatBuf info;
    assert_int_equal(g_stat(fixture->ledger, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0750);
}

static void
test_daemon_killed_goes_on(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    append(fixture, 1);
    assert_int_equal(stop(fixture, SIGKILL), 256 + SIGKILL);
    g_autofree char *path = tree_path(fixture->ledger, 1);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "{\"torn", 6), 6);
    close(fd);
    start(fixture); /* its socket was left lying there */
    append(fixture, 1);
    g_autofree char *output = output_of(fixture);
    assert_non_null(strstr(output, "torn last line of 6 bytes"));
    assert_int_equal(stop(fixture, SIGTERM), 0);
    expect_kinds(fixture, "start letter repair start letter stop ");
}

static void
test_daemon_second_one_leaves(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    assert_int_equal(ended(run(fixture, NULL)), HANGU_ERROR_AWAY);
    append(fixture, 1); /* the first did not notice */
    assert_int_equal(stop(fixture, SIGINT), 0);
    expect_kinds(fixture, "start letter stop ");
}

static void
hang_up(const Fixture *fixture, const char *wanted)
{
    gboolean said = FALSE;
    kill(fixture->child, SIGHUP);
    for (gint64 end = soon(); !said && clock_monotonic_us() < end; g_usleep(5000)) {
        g_autofree char *output = output_of(fixture);
        said = strstr(output, wanted) != NULL;
    }
    assert_true(said);
}

static void
test_daemon_reloads_what_it_can(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    write_config(fixture, "  level: nonsense\n");
    hang_up(fixture, "settings were not reloaded");
    append(fixture, 1);
    write_config(fixture, "  level: info\nmode: enforce\n");
    hang_up(fixture, "settings reloaded");
    append(fixture, 1);
    assert_int_equal(stop(fixture, SIGTERM), 0);
}

static void
test_daemon_refuses_a_damaged_end(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    assert_int_equal(stop(fixture, SIGTERM), 0);
    g_autofree char *path = tree_path(fixture->ledger, 1);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "no record\n", 10), 10);
    close(fd);
    assert_int_equal(ended(run(fixture, NULL)), HANGU_ERROR_DATA);
    assert_int_equal(ended(run(fixture, "--check")), HANGU_ERROR_DATA);
    g_autofree char *output = output_of(fixture);
    assert_non_null(strstr(output, "hangu ledger verify"));
}

static void
test_daemon_check_and_usage(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(ended(run(fixture, "--check")), 0);
    assert_false(g_file_test(fixture->ledger, G_FILE_TEST_EXISTS));
    assert_int_equal(ended(run(fixture, "--chek")), HANGU_ERROR_USAGE);
    assert_int_equal(ended(run(fixture, "word")), HANGU_ERROR_USAGE);
    write_config(fixture, "nonsense: 1\n");
    assert_int_equal(ended(run(fixture, NULL)), HANGU_ERROR_SETTINGS);
    g_autofree char *output = output_of(fixture);
    assert_non_null(strstr(output, "nonsense"));
    write_config(fixture, "");
    start(fixture);
    assert_int_equal(ended(run(fixture, "--check")), 0); /* beside a running one */
    assert_int_equal(stop(fixture, SIGTERM), 0);
}

#define WITH_CONFIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_unsetenv("LANGUAGE");
    const struct CMUnitTest tests[] = {
        WITH_CONFIG(test_daemon_starts_serves_and_stops), WITH_CONFIG(test_daemon_killed_goes_on),
        WITH_CONFIG(test_daemon_second_one_leaves),       WITH_CONFIG(test_daemon_reloads_what_it_can),
        WITH_CONFIG(test_daemon_refuses_a_damaged_end),   WITH_CONFIG(test_daemon_check_and_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
