/* The queue of notices: who may be written to and how often, and what a mail server does with them. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "notices.h"
#include <arpa/inet.h>
#include <glib/gstdio.h>
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
    char *directory;
    gint64 now_us; /* of the fake clock */
} World;

#define MINUTE (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)
#define HOUR (60 * MINUTE)

static void
set_clock(World *world, gint64 later_us)
{
    world->now_us += later_us;
    clock_set_fake(G_GINT64_CONSTANT(1795305600) * G_USEC_PER_SEC + world->now_us, world->now_us);
}

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
    g_autofree char *made = g_dir_make_tmp("hangu-notices-XXXXXX", NULL);
    world->directory = g_build_filename(made, "notices", NULL);
    world->notices = notices_new(world->tickets, world->directory);
    set_clock(world, HOUR);
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
    g_autoptr(GDir) left = g_dir_open(world->directory, 0, NULL);
    for (const char *name; left != NULL && (name = g_dir_read_name(left)) != NULL;) {
        g_autofree char *path = g_build_filename(world->directory, name, NULL);
        g_unlink(path);
    }
    g_autofree char *parent = g_path_get_dirname(world->directory);
    g_rmdir(world->directory);
    g_rmdir(parent);
    g_free(world->directory);
    g_free(world);
    clock_set_fake(-1, -1);
    return 0;
}

static guint
count_files(const World *world)
{
    g_autoptr(GDir) directory = g_dir_open(world->directory, 0, NULL);
    guint count = 0;
    while (directory != NULL && g_dir_read_name(directory) != NULL)
        count++;
    return count;
}

/* As after a gate that ended: nothing but the directory is left. */
static void
start_anew(World *world)
{
    notices_free(world->notices);
    world->notices = notices_new(world->tickets, world->directory);
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

static guint
count_letters(const char *heard, const char *recipient)
{
    g_autofree char *line = g_strdup_printf("RCPT TO:<%s>", recipient);
    guint count = 0;
    for (const char *at = heard; (at = strstr(at, line)) != NULL; at += strlen(line))
        count++;
    return count;
}

/* One held letter every hour of a day: three letters, the first at once, and on the next morning the fourth. */
static void
test_a_person_gets_three_letters_a_day(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    for (int hour = 0; hour < 24; hour++) {
        assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
        wait_for(world, "sent", hour < 1 ? 1 : hour < 3 ? 2 : 3);
        set_clock(world, HOUR);
    }
    wait_for(world, "sent", 4);
    wait_for(world, "waiting", 0);
    assert_int_equal(count_files(world), 0);
    notices_stop(world->notices);
    g_autofree char *heard = server_stop(server);
    assert_int_equal(count_letters(heard, "li@unit.example"), 4);
}

/* Another kind does not wait for the first one's pause, as long as there is one letter left for the rest. */
static void
test_what_is_new_goes_at_once(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    wait_for(world, "sent", 1);
    assert_true(tell(world, NOTICE_REFUSED, "li@unit.example"));
    wait_for(world, "sent", 2);
    assert_true(tell(world, NOTICE_LOCKED, "li@unit.example")); /* the third waits for what comes yet */
    assert_true(tell(world, NOTICE_LOCKED, "wang@unit.example"));
    wait_for(world, "sent", 3);
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    set_clock(world, 3 * HOUR);
    wait_for(world, "sent", 4);
    notices_stop(world->notices);
    g_autofree char *heard = server_stop(server);
    assert_int_equal(count_letters(heard, "li@unit.example"), 3);
}

static void
test_an_hour_has_so_many_letters(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    world->settings->notices_all = 2;
    for (int i = 0; i < 5; i++) {
        g_autofree char *recipient = g_strdup_printf("p%d@unit.example", i);
        assert_true(tell(world, NOTICE_HELD, recipient));
    }
    for (int sent = 2; sent < 6; sent += 2) {
        wait_for(world, "sent", sent);
        assert_int_equal(counted(world, "waiting"), 5 - sent);
        set_clock(world, HOUR);
    }
    wait_for(world, "sent", 5);
    notices_stop(world->notices);
    g_free(server_stop(server));
}

static void
test_what_stays_true_is_told_once_a_day(void **state)
{
    World *world = *state;
    static const NoticeKind kinds[] = {NOTICE_WARNED, NOTICE_REFUSED, NOTICE_FORWARD_STOPPED};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        assert_true(tell(world, kinds[i], "li@unit.example"));
        assert_int_equal(counted(world, "waiting"), i + 1);
        assert_true(tell(world, kinds[i], "li@unit.example"));
        assert_int_equal(counted(world, "waiting"), i + 1);
    }
    assert_int_equal(counted(world, "suppressed"), 3);
    const Notice other = {.kind = NOTICE_WARNED, .problem = SUBMITTER_PASSWORD_WEAK, .recipient = "li@unit.example"};
    const Notice same = {.kind = NOTICE_PASSWORD_WEAK, .recipient = "li@unit.example"}; /* hangu-authd's words for it */
    assert_true(notices_tell(world->notices, world->settings, &other));
    assert_int_equal(counted(world, "waiting"), 4);
    assert_true(notices_tell(world->notices, world->settings, &same));
    assert_int_equal(counted(world, "waiting"), 4);
    set_clock(world, 24 * HOUR);
    assert_true(tell(world, NOTICE_WARNED, "li@unit.example"));
    assert_int_equal(counted(world, "waiting"), 5);
}

/* An attack on forty accounts: one letter at once, the others in the next one. */
static void
test_officers_get_no_storm(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    use_server(world, server);
    for (int i = 0; i < 80; i++) {
        g_autofree char *account = g_strdup_printf("p%d@unit.example", i % 40);
        const Notice notice = {.kind = NOTICE_OFFICER_REFUSED,
                               .problem = SUBMITTER_LOCKED,
                               .recipient = "baomi@unit.example",
                               .record_id = "0123456789AB",
                               .values = values};
        g_hash_table_insert(values, (gpointer) "account", account);
        assert_true(notices_tell(world->notices, world->settings, &notice));
        g_hash_table_remove_all(values);
        if (i == 0)
            wait_for(world, "sent", 1);
    }
    assert_int_equal(counted(world, "suppressed"), 40);
    assert_int_equal(counted(world, "waiting"), 39);
    set_clock(world, 15 * MINUTE);
    wait_for(world, "sent", 2);
    assert_int_equal(counted(world, "waiting"), 0);
    notices_stop(world->notices);
    g_free(server_stop(server));
}

static void
test_pause_nought_tells_each(void **state)
{
    World *world = *state;
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    world->settings->notices_pause = 0;
    world->settings->notices_each = 5;
    for (int i = 1; i <= 4; i++) {
        assert_true(tell(world, NOTICE_WARNED, "li@unit.example"));
        wait_for(world, "sent", i);
    }
    notices_stop(world->notices);
    g_free(server_stop(server));
}

/* --- what outlives the gate ----------------------------------------------------------------------------------------
 */

static void
test_what_waits_outlives_the_gate(void **state)
{
    World *world = *state;
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_true(tell(world, NOTICE_LOCKED, "wang@unit.example"));
    assert_int_equal(count_files(world), 3);
    start_anew(world);
    Server *server = server_start("250 2.0.0 Ok\r\n");
    use_server(world, server);
    notices_recover(world->notices, world->settings);
    wait_for(world, "sent", 2);
    assert_int_equal(counted(world, "waiting"), 0);
    assert_int_equal(count_files(world), 0);
    notices_stop(world->notices);
    g_autofree char *heard = server_stop(server);
    assert_int_equal(count_letters(heard, "li@unit.example"), 1);
    assert_int_equal(count_letters(heard, "wang@unit.example"), 1);
    start_anew(world);
    notices_recover(world->notices, world->settings);
    assert_int_equal(counted(world, "waiting"), 0);
}

/* What somebody put there is no notice, or goes to nobody outside; and nothing of it stays. */
static void
test_odd_files_are_removed(void **state)
{
    World *world = *state;
    static const char whole[] = "{\"v\":1,\"kind\":\"held\",\"recipient\":\"%s\",\"record\":\"0123456789AB\","
                                "\"time\":1,\"more\":0,\"values\":{}%s}";
    g_autofree char *outsider = g_strdup_printf(whole, "friend@outside.example", "");
    g_autofree char *unknown = g_strdup_printf(whole, "li@unit.example", ",\"subject\":\"x\"");
    g_autofree char *good = g_strdup_printf(whole, "li@unit.example", "");
    g_autofree char *huge = g_strnfill(100000, ' ');
    const char *const texts[] = {"", "{", "[]", "{}", "\xff\xfe", outsider, unknown, huge, good};
    assert_int_equal(g_mkdir_with_parents(world->directory, 0700), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *name = g_strdup_printf("%zu.notice", i);
        g_autofree char *path = g_build_filename(world->directory, name, NULL);
        assert_true(g_file_set_contents(path, texts[i], -1, NULL));
    }
    g_autofree char *cut = g_build_filename(world->directory, "9.notice.new", NULL);
    g_autofree char *link = g_build_filename(world->directory, "x.notice", NULL);
    assert_true(g_file_set_contents(cut, good, -1, NULL));
    assert_int_equal(symlink("/etc/hostname", link), 0);
    notices_recover(world->notices, world->settings);
    assert_int_equal(counted(world, "waiting"), 1);
    notices_stop(world->notices);
    assert_int_equal(count_files(world), 1);
    assert_true(g_file_test("/etc/hostname", G_FILE_TEST_EXISTS));
}

static void
test_a_full_queue_drops_and_says_so(void **state)
{
    World *world = *state;
    for (int i = 0; i < NOTICES_BOX_MAX; i++)
        assert_true(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_false(tell(world, NOTICE_HELD, "li@unit.example"));
    assert_int_equal(counted(world, "lost"), 1);
    assert_true(tell(world, NOTICE_HELD, "wang@unit.example"));
    assert_true(count_files(world) <= NOTICES_BOX_MAX + 1);
}

/* Nothing of a letter gets into a file by a value of another name. */
static void
test_files_hold_what_templates_ask_for(void **state)
{
    World *world = *state;
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(values, (gpointer) "subject", (gpointer) "secret-words");
    g_hash_table_insert(values, (gpointer) "to", (gpointer) "friend@outside.example");
    const Notice notice = {.kind = NOTICE_FORWARD_STOPPED, .recipient = "li@unit.example", .values = values};
    assert_true(notices_tell(world->notices, world->settings, &notice));
    notices_stop(world->notices);
    g_autoptr(GDir) directory = g_dir_open(world->directory, 0, NULL);
    const char *name = g_dir_read_name(directory);
    assert_non_null(name);
    g_autofree char *path = g_build_filename(world->directory, name, NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_non_null(strstr(text, "friend@outside.example"));
    assert_null(strstr(text, "secret-words"));
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
    notices_tell_officers(world->notices, world->settings, &notice, named);
    assert_int_equal(counted(world, "waiting"), 2);
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
        TEST(test_only_people_of_this_house_are_told),
        TEST(test_a_person_gets_three_letters_a_day),
        TEST(test_what_is_new_goes_at_once),
        TEST(test_an_hour_has_so_many_letters),
        TEST(test_what_stays_true_is_told_once_a_day),
        TEST(test_officers_get_no_storm),
        TEST(test_pause_nought_tells_each),
        TEST(test_what_waits_outlives_the_gate),
        TEST(test_odd_files_are_removed),
        TEST(test_a_full_queue_drops_and_says_so),
        TEST(test_files_hold_what_templates_ask_for),
        TEST(test_officers_are_told_once_each),
        TEST(test_a_notice_is_submitted_with_a_ticket),
        TEST(test_what_is_refused_for_good_is_given_up),
        TEST(test_what_cannot_be_sent_now_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
