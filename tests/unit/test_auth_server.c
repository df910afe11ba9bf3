/* The socket of hangu-authd: questions, calls of many rows, callers that are rude or slow. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "auth_server.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "log.h"
#include "wire.h"
#include <glib/gstdio.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    char *directory, *socket;
    AuthServer *server;
    GThread *thread;
    int stop;
    GMutex lock; /* guards what follows */
    GCond open;
    gboolean hold; /* calls wait */
} Fixture;

static gboolean
tell_facts(gpointer user, const AccountQuestion *question, AccountAnswer *facts_out, GError **error)
{
    (void)user;
    if (g_str_equal(question->account, "broken")) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "no disk");
        return FALSE;
    }
    if (g_str_equal(question->account, ""))
        return TRUE;
    facts_out->stage = g_strdup("warn");
    facts_out->address = g_strdup(question->account);
    facts_out->problems = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(facts_out->problems, g_strdup("locked"));
    facts_out->addresses = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(facts_out->addresses, g_strdup("@unit.example"));
    facts_out->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(facts_out->names, g_strdup("李青"));
    return TRUE;
}

static gboolean
run_call(gpointer user, AuthCall *call, const json_t *request, GError **error)
{
    Fixture *fixture = user;
    const char *verb = json_string_value(json_object_get(request, "verb"));
    g_mutex_lock(&fixture->lock);
    while (fixture->hold)
        g_cond_wait(&fixture->open, &fixture->lock);
    g_mutex_unlock(&fixture->lock);
    json_int_t rows = json_integer_value(json_object_get(request, "rows"));
    for (json_int_t i = 0; i < rows; i++) {
        json_t *row = json_pack("{s:I, s:s}", "n", i, "actor", auth_call_actor(call));
        gboolean taken = auth_call_row(call, row, error);
        json_decref(row);
        if (!taken)
            return FALSE;
    }
    if (g_str_equal(verb, "print"))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "there is no verb \"%s\"", verb);
    return FALSE;
}

static void
set_hold(Fixture *fixture, gboolean hold)
{
    g_mutex_lock(&fixture->lock);
    fixture->hold = hold;
    g_cond_broadcast(&fixture->open);
    g_mutex_unlock(&fixture->lock);
}

static gpointer
serve(gpointer data)
{
    Fixture *fixture = data;
    eventfd_t stopped;
    while (eventfd_read(fixture->stop, &stopped) != 0)
        auth_server_turn(fixture->server, fixture->stop, -1);
    return NULL;
}

static int
start(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    fixture->directory = g_dir_make_tmp("hangu-authd-XXXXXX", NULL);
    fixture->socket = g_build_filename(fixture->directory, "authd.sock", NULL);
    AuthServerOptions options = {fixture->socket, "", 20, fixture, tell_facts, run_call};
    g_mutex_init(&fixture->lock);
    g_cond_init(&fixture->open);
    fixture->stop = eventfd(0, EFD_NONBLOCK);
    fixture->server = auth_server_new(&options, &error);
    assert_non_null(fixture->server);
    fixture->thread = g_thread_new("server", serve, fixture);
    *state = fixture;
    return 0;
}

static int
stop(void **state)
{
    Fixture *fixture = *state;
    set_hold(fixture, FALSE);
    eventfd_write(fixture->stop, 1);
    g_thread_join(fixture->thread);
    auth_server_free(fixture->server);
    assert_false(g_file_test(fixture->socket, G_FILE_TEST_EXISTS));
    close(fixture->stop);
    g_rmdir(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->socket);
    g_free(fixture);
    return 0;
}

static int
dial(const Fixture *fixture)
{
    int fd = frame_connect(fixture->socket, -1, NULL);
    assert_true(fd >= 0);
    return fd;
}

static void
ask(int fd, const char *account)
{
    assert_true(frame_send(fd, WIRE_ACCOUNT_ASK, g_variant_new("(sssss)", account, "PLAIN", "192.0.2.1", "", "a@b"),
                           NULL, 0, -1, NULL));
}

static void
call(int fd, const char *json)
{
    assert_true(frame_send(fd, WIRE_ACCOUNT_CALL, g_variant_new("(s)", json), NULL, 0, -1, NULL));
}

/* The next frame must be a result; FALSE: it is the last. */
static gboolean
result(int fd, guint *code_out, char **text_out)
{
    g_auto(Frame) frame = {0};
    gboolean more;
    assert_int_equal(frame_receive(fd, wire_type_string, -1, &frame, NULL), 1);
    assert_int_equal(frame.type, WIRE_ACCOUNT_RESULT);
    g_variant_get(frame.body, "(ubs)", code_out, &more, text_out);
    return more;
}

static void
assert_closed(int fd)
{
    g_auto(Frame) frame = {0};
    assert_true(frame_receive(fd, wire_type_string, -1, &frame, NULL) <= 0);
    close(fd);
}

static void
assert_facts(int fd, const char *stage)
{
    g_auto(Frame) frame = {0};
    const char *said, *address;
    g_autofree const char **problems = NULL, **addresses = NULL, **officers = NULL, **names = NULL;
    assert_int_equal(frame_receive(fd, wire_type_string, -1, &frame, NULL), 1);
    assert_int_equal(frame.type, WIRE_ACCOUNT_FACTS);
    g_variant_get(frame.body, "(&s&s^a&s^a&s^a&s^a&s)", &said, &address, &problems, &addresses, &officers, &names);
    assert_string_equal(said, stage);
    gboolean known = *stage != '\0';
    assert_int_equal(g_strv_length((char **)problems), known);
    assert_int_equal(g_strv_length((char **)addresses), known);
    assert_null(officers[0]);
    assert_int_equal(g_strv_length((char **)names), known);
}

static void
test_ask_gives_facts(void **state)
{
    int fd = dial(*state);
    ask(fd, "li@unit.example");
    assert_facts(fd, "warn");
    ask(fd, "");
    assert_facts(fd, "");
    close(fd);
}

static void
test_ask_that_fails_says_so(void **state)
{
    guint code;
    g_autofree char *text = NULL;
    int fd = dial(*state);
    ask(fd, "broken");
    assert_false(result(fd, &code, &text));
    assert_int_equal(code, HANGU_ERROR_IO);
    assert_string_equal(text, "no disk");
    ask(fd, "li");
    assert_facts(fd, "warn");
    close(fd);
}

static void
test_call_gives_rows(void **state)
{
    guint code, rows = 0;
    const struct passwd *me = getpwuid(geteuid());
    int fd = dial(*state);
    call(fd, "{\"verb\": \"print\", \"rows\": 1000}");
    for (;;) {
        g_autofree char *text = NULL;
        gboolean more = result(fd, &code, &text);
        assert_int_equal(code, 0);
        if (!more) {
            assert_string_equal(text, "{}");
            break;
        }
        json_t *row = json_loads(text, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(row, "n")), rows++);
        assert_string_equal(json_string_value(json_object_get(row, "actor")), me->pw_name);
        json_decref(row);
    }
    assert_int_equal(rows, 1000);
    close(fd);
}

static void
test_call_that_fails_keeps_the_connection(void **state)
{
    static const struct {
        const char *request;
        guint code;
    } cases[] = {
        {"{\"verb\": \"dance\"}", HANGU_ERROR_USAGE},
        {"{\"verb\": 3}", HANGU_ERROR_USAGE},
        {"[]", HANGU_ERROR_USAGE},
        {"", HANGU_ERROR_USAGE},
        {"{\"verb\": \"print\", \"verb\": \"print\"}", HANGU_ERROR_USAGE},
        {"{\"verb\": \"print\"}", 0},
    };
    int fd = dial(*state);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint code;
        g_autofree char *text = NULL;
        call(fd, cases[i].request);
        assert_false(result(fd, &code, &text));
        assert_int_equal(code, cases[i].code);
    }
    close(fd);
}

static void
test_calls_do_not_hold_up_questions(void **state)
{
    Fixture *fixture = *state;
    int busy[8], fd = dial(fixture);
    set_hold(fixture, TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(busy); i++) {
        busy[i] = dial(fixture);
        call(busy[i], "{\"verb\": \"print\", \"rows\": 3}");
    }
    ask(fd, "li");
    assert_facts(fd, "warn");
    set_hold(fixture, FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(busy); i++) {
        guint code, rows = 0;
        gboolean more = TRUE;
        while (more) {
            g_autofree char *text = NULL;
            more = result(busy[i], &code, &text);
            rows += more;
        }
        assert_int_equal(rows, 3);
        close(busy[i]);
    }
    close(fd);
}

static void
test_caller_that_leaves_hurts_nobody(void **state)
{
    Fixture *fixture = *state;
    set_hold(fixture, TRUE);
    for (guint i = 0; i < 4; i++) {
        int gone = dial(fixture);
        call(gone, "{\"verb\": \"print\", \"rows\": 100}");
        close(gone);
    }
    set_hold(fixture, FALSE);
    test_call_gives_rows(state);
}

static void
test_foreign_frames_end_the_connection(void **state)
{
    int fd = dial(*state);
    assert_true(frame_send(fd, WIRE_CONTROL_STATUS, NULL, NULL, 0, -1, NULL));
    assert_closed(fd);
    fd = dial(*state);
    assert_int_equal(write(fd, "nonsense", 8), 8);
    assert_closed(fd);
    test_ask_gives_facts(state);
}

static void
test_more_connections_wait_their_turn(void **state)
{
    int some[20];
    for (gsize i = 0; i < G_N_ELEMENTS(some); i++)
        some[i] = dial(*state);
    for (gsize i = 0; i < G_N_ELEMENTS(some); i++) {
        ask(some[i], "li");
        assert_facts(some[i], "warn");
    }
    int late = dial(*state);
    ask(late, "li");
    g_auto(Frame) frame = {0};
    assert_int_equal(frame_wait(late, clock_monotonic_us() + 50000, NULL), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(some); i++)
        close(some[i]);
    assert_facts(late, "warn");
    close(late);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ask_gives_facts, start, stop),
        cmocka_unit_test_setup_teardown(test_ask_that_fails_says_so, start, stop),
        cmocka_unit_test_setup_teardown(test_call_gives_rows, start, stop),
        cmocka_unit_test_setup_teardown(test_call_that_fails_keeps_the_connection, start, stop),
        cmocka_unit_test_setup_teardown(test_calls_do_not_hold_up_questions, start, stop),
        cmocka_unit_test_setup_teardown(test_caller_that_leaves_hurts_nobody, start, stop),
        cmocka_unit_test_setup_teardown(test_foreign_frames_end_the_connection, start, stop),
        cmocka_unit_test_setup_teardown(test_more_connections_wait_their_turn, start, stop),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    log_open("test_auth_server", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
