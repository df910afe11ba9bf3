/* The queue of notices: who may be written to and how often, and what a mail server does with them. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "notices.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- a mail server in a thread ----------------------------------------------------------------------------------- */

typedef struct {
    int listener, port;
    GThread *thread;
    const char *data_answer; /* to the letter */
    GString *heard;          /* every line of every session; read after the thread has ended */
} Server;

static void
say(int fd, const char *line)
{
    assert_int_equal(write(fd, line, strlen(line)), strlen(line));
}

/* One session. */
static void
converse(Server *server, int fd)
{
    FILE *in = fdopen(fd, "r");
    char line[2000];
    gboolean data = FALSE;
    say(fd, "220 mail.unit.example\r\n");
    while (fgets(line, sizeof line, in) != NULL) {
        g_string_append(server->heard, line);
        if (data && strcmp(line, ".\r\n") != 0)
            continue;
        if (data) {
            data = FALSE;
            say(fd, server->data_answer);
        } else if (g_str_has_prefix(line, "DATA")) {
            data = TRUE;
            say(fd, "354 go on\r\n");
        } else {
            say(fd, "250 2.0.0 Ok\r\n");
        }
    }
    fclose(in);
}

static gpointer
serve(gpointer user)
{
    Server *server = user;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0;)
        converse(server, fd);
    return NULL;
}

static Server *
server_start(const char *data_answer)
{
    Server *server = g_new0(Server, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->data_answer = data_answer;
    server->heard = g_string_new(NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(listen(server->listener, 5), 0);
    server->port = ntohs(address.sin_port);
    server->thread = g_thread_new("server", serve, server);
    return server;
}

/* What it heard; gives. */
static char *
server_stop(Server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    g_thread_join(server->thread);
    close(server->listener);
    char *heard = g_string_free(server->heard, FALSE);
    g_free(server);
    return heard;
}

/* --- the house -----------------------------------------------------------------------------------------------------
 */

typedef struct {
    Settings *settings;
    Tickets *tickets;
    Notices *notices;
} World;

static int
setup(void **state)
{
    static const guint8 key[CRYPTO_KEY_SIZE] = {1};
    World *world = g_new0(World, 1);
    world->settings = settings_new_default();
    g_ptr_array_add(world->settings->local_domains, g_strdup("unit.example"));
    g_free(world->settings->notices_smtp);
    world->settings->notices_smtp = g_strdup("127.0.0.1:1"); /* nobody listens there */
    world->tickets = tickets_new(key);
    world->notices = notices_new(world->tickets);
    *state = world;
    return 0;
}

static int
teardown(void **state)
{
    World *world = *state;
    notices_free(world->notices);
    tickets_free(world->tickets);
    settings_free(world->settings);
    g_free(world);
    return 0;
}

static void
use_server(World *world, const Server *server)
{
    g_free(world->settings->notices_smtp);
    world->settings->notices_smtp = g_strdup_printf("127.0.0.1:%d", server->port);
}

static gboolean
tell(World *world, NoticeKind kind, const char *recipient)
{
    const Notice notice = {
        .kind = kind, .problem = SUBMITTER_LOCKED, .recipient = recipient, .record_id = "0123456789AB"};
    return notices_tell(world->notices, world->settings, &notice);
}

static gint64
counted(World *world, const char *name)
{
    json_auto_t *object = notices_json(world->notices);
    return json_integer_value(json_object_get(object, name));
}

static void
wait_for(World *world, const char *name, gint64 count)
{
    for (int i = 0; i < 2000 && counted(world, name) < count; i++)
        g_usleep(5000);
    assert_int_equal(counted(world, name), count);
}

static void
test_only_people_of_this_house_are_told(void **state)
{
    World *world = *state;
    static const char *const never[] = {"friend@outside.example",
                                        "",
                                        "li",
                                        "<>",
                                        "owner-all@unit.example",
                                        "a%b.example@unit.example",
                                        "all-request@unit.example",
                                        "li@unit.example\r\nRCPT TO:<x@outside.example>",
                                        "\"a b\"@unit.example"};
    for (gsize i = 0; i < G_N_ELEMENTS(never); i++)
        if (tell(world, NOTICE_HELD, never[i]))
            fail_msg("%s", never[i]);
    assert_false(tell(world, NOTICE_HELD, NULL));
    assert_true(tell(world, NOTICE_HELD, "Li <LI@unit.example>"));
    world->settings->notices_send = FALSE;
    assert_false(tell(world, NOTICE_HELD, "wang@unit.example"));
}

static void
test_limits_hold_by_recipient_kind_and_in_all(void **state)
{
    World *world = *state;
    world->settings->notices_each = 2;
    world->settings->notices_all = 5;
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_true(tell(world, NOTICE_HELD, "LI@unit.example"));
    assert_false(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_true(tell(world, NOTICE_REFUSED, "li@unit.example"));
    assert_true(tell(world, NOTICE_HELD, "wang@unit.example"));
    assert_true(tell(world, NOTICE_HELD, "wang@unit.example"));
    assert_false(tell(world, NOTICE_HELD, "zhao@unit.example"));
    assert_int_equal(counted(world, "suppressed"), 2);
}

static void
test_a_warning_comes_once_a_day(void **state)
{
    World *world = *state;
    assert_true(tell(world, NOTICE_WARNED, "li@unit.example"));
    assert_false(tell(world, NOTICE_WARNED, "li@unit.example"));
    const Notice other = {.kind = NOTICE_WARNED, .problem = SUBMITTER_PASSWORD_WEAK, .recipient = "li@unit.example"};
    assert_true(notices_tell(world->notices, world->settings, &other)); /* another problem */
    assert_true(tell(world, NOTICE_WARNED, "wang@unit.example"));
}

static void
test_officers_are_told_once_each(void **state)
{
    World *world = *state;
    g_autoptr(GPtrArray) named = g_ptr_array_new();
    Notice notice = {.kind = NOTICE_OFFICER_REFUSED, .problem = SUBMITTER_LOCKED, .record_id = "0123456789AB"};
    g_ptr_array_add(named, (gpointer) "baomi@unit.example");
    g_ptr_array_add(named, (gpointer) "Baomi@Unit.Example");
    g_ptr_array_add(world->settings->notices_officers, g_strdup("baomi@unit.example"));
    g_ptr_array_add(world->settings->notices_officers, g_strdup("duty@unit.example"));
    world->settings->notices_each = 1;
    notices_tell_officers(world->notices, world->settings, &notice, named);
    assert_int_equal(counted(world, "suppressed"), 0);
    notices_tell_officers(world->notices, world->settings, &notice, named);
    assert_int_equal(counted(world, "suppressed"), 2);
}

static void
test_a_notice_is_submitted_with_a_ticket(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    wait_for(world, "sent", 1);
    notices_stop(world->notices);
    g_autofree char *heard = server_stop(server);
    assert_non_null(strstr(heard, "MAIL FROM:<>"));
    assert_non_null(strstr(heard, "RCPT TO:<li@unit.example>"));
    assert_non_null(strstr(heard, "Auto-Submitted: auto-replied\r\n"));
    const char *letter = strstr(heard, "DATA\r\n") + strlen("DATA\r\n"), *end = strstr(letter, "\r\n.\r\n") + 2;
    gint64 body = strstr(letter, "\r\n\r\n") + 4 - letter;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(letter, (gsize)(end - letter));
    guint8 digest[CRYPTO_DIGEST_SIZE];
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer) "li@unit.example");
    assert_true(tickets_body_digest(world->tickets, stream, body, digest));
    g_autofree char *stranger =
        tickets_use(world->tickets, digest, "x@outside.example", recipients, g_get_monotonic_time());
    assert_null(stranger);
    g_autofree char *id = tickets_use(world->tickets, digest, "", recipients, g_get_monotonic_time());
    assert_string_equal(id, "0123456789AB");
    g_object_unref(stream);
}

static void
test_what_is_refused_for_good_is_given_up(void **state)
{
    World *world = *state;
    Server *server = server_start("554 5.7.1 no\r\n");
    use_server(world, server);
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    wait_for(world, "lost", 1);
    assert_int_equal(counted(world, "waiting"), 0);
    g_free(server_stop(server));
}

static void
test_what_cannot_be_sent_now_waits(void **state)
{
    World *world = *state;
    Server *server = server_start("451 4.3.0 later\r\n");
    use_server(world, server);
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    wait_for(world, "failed", 1);
    wait_for(world, "waiting", 1);
    assert_int_equal(counted(world, "lost"), 0);
    notices_stop(world->notices);
    assert_false(tell(world, NOTICE_HELD, "wang@unit.example")); /* it has ended */
    g_free(server_stop(server));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_people_of_this_house_are_told),  TEST(test_limits_hold_by_recipient_kind_and_in_all),
        TEST(test_a_warning_comes_once_a_day),          TEST(test_officers_are_told_once_each),
        TEST(test_a_notice_is_submitted_with_a_ticket), TEST(test_what_is_refused_for_good_is_given_up),
        TEST(test_what_cannot_be_sent_now_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
