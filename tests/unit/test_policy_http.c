/* The door of Dovecot's requests, by raw bytes over loopback: what is answered, what is refused, who is cut off, and
 * answers that wait for the disk. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "log.h"
#include "policy_http.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define KEY "0123456789abcdef"
#define HEAD "Host: a\r\nX-Hangu-Key: " KEY "\r\n"
#define BODY                                                                                        \
    "{\"login\":\"li@unit.example\",\"pwhash\":\"00\",\"remote\":\"192.0.2.7\",\"mech\":\"PLAIN\"," \
    "\"protocol\":\"imap\"}"
#define PATIENCE_S 20

typedef struct {
    PolicyHttp *http;
    gint answered; /* atomic: calls of answer() */
    GMutex lock;
    GCond changed;
    PolicySettled settled; /* of an answer that waits; NULL: none does */
    gpointer settled_user;
} Fixture;

/* The name says what is wanted: "wait..." settles, "slow" delays. */
static void
answer(gpointer user, const PolicyRequest *request, PolicyAnswer *answer_out)
{
    Fixture *fixture = user;
    g_atomic_int_inc(&fixture->answered);
    *answer_out = (PolicyAnswer){.status = 0, .settle = g_str_has_prefix(request->login, "wait")};
    if (g_str_has_prefix(request->login, "no"))
        *answer_out = (PolicyAnswer){-1, g_strdup("口令 / \"no\""), FALSE};
}

static void
settle(gpointer user, PolicySettled settled, gpointer settled_user)
{
    Fixture *fixture = user;
    g_mutex_lock(&fixture->lock);
    fixture->settled = settled;
    fixture->settled_user = settled_user;
    g_cond_broadcast(&fixture->changed);
    g_mutex_unlock(&fixture->lock);
}

static void
open_door(Fixture *fixture, guint slow_ms)
{
    g_autoptr(GError) error = NULL;
    PolicyHttpOptions options = {.listen = "127.0.0.1:0",
                                 .key = KEY,
                                 .connections = 8,
                                 .threads = 1,
                                 .slow_ms = slow_ms,
                                 .answer = answer,
                                 .settle = settle,
                                 .user = fixture};
    fixture->http = policy_http_new(&options, &error);
    if (fixture->http == NULL)
        fail_msg("%s", error->message);
}

static int
start(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_mutex_init(&fixture->lock);
    g_cond_init(&fixture->changed);
    *state = fixture;
    return 0;
}

static int
stop(void **state)
{
    Fixture *fixture = *state;
    policy_http_free(fixture->http);
    g_mutex_clear(&fixture->lock);
    g_cond_clear(&fixture->changed);
    g_free(fixture);
    return 0;
}

/* --- a client ------------------------------------------------------------------------------------------------- */

static int
dial(const Fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((guint16)policy_http_port(fixture->http)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Whether it is taken is for the answer to tell: who is refused early may get no more through. */
static void
say(int fd, const char *bytes, gsize length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (gsize)sent;
    }
}

/* All that comes until `answers` bodies are there or the end. Gives. */
static char *
hear(int fd, guint answers)
{
    GString *text = g_string_new(NULL);
    char bytes[4096];
    for (;;) {
        guint count = 0;
        for (const char *at = text->str; (at = strstr(at, "\"msg\":")) != NULL; at++)
            count++;
        if (count >= answers && g_str_has_suffix(text->str, "}"))
            break;
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);
        if (got <= 0)
            break;
        g_string_append_len(text, bytes, got);
    }
    return g_string_free(text, FALSE);
}

static char *
request_of(const char *first, const char *head, const char *body)
{
    return g_strdup_printf("%s\r\n%sContent-Length: %zu\r\n\r\n%s", first, head, strlen(body), body);
}

/* What a connection of its own is told. Gives. */
static char *
ask(const Fixture *fixture, const char *bytes, gsize length)
{
    int fd = dial(fixture);
    say(fd, bytes, length);
    shutdown(fd, SHUT_WR);
    char *said = hear(fd, 1);
    close(fd);
    return said;
}

static void
check_open(const char *said)
{
    if (!g_str_has_prefix(said, "HTTP/1.1 200 ") || strstr(said, "{\"status\":0,") == NULL)
        fail_msg("it was not let in: %s", said);
}

/* --- good days ------------------------------------------------------------------------------------------------ */

static void
test_request_is_answered(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 0);
    g_autofree char *good = request_of("POST /?command=allow HTTP/1.1", HEAD, BODY);
    g_autofree char *said = ask(fixture, good, strlen(good));
    check_open(said);
    g_autofree char *no = request_of("POST /?command=allow HTTP/1.1", HEAD,
                                     "{\"login\":\"no\",\"pwhash\":\"00\",\"remote\":\"192.0.2.7\"}");
    g_autofree char *refused = ask(fixture, no, strlen(no));
    assert_non_null(strstr(refused, "HTTP/1.1 200 "));
    assert_non_null(strstr(refused, "{\"status\":-1,\"msg\":\"口令 / \\\"no\\\"\"}"));
    PolicyHttpState now;
    policy_http_state(fixture->http, &now);
    assert_int_equal(now.answered, 2);
    assert_int_equal(now.refused, 0);
}

/* Requests behind each other on one connection, all sent before the first answer; and byte by byte. */
static void
test_requests_share_a_connection(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 0);
    g_autofree char *good = request_of("POST /?command=allow HTTP/1.1", HEAD, BODY);
    g_autofree char *three = g_strconcat(good, good, good, NULL);
    int fd = dial(fixture);
    say(fd, three, strlen(three));
    g_autofree char *said = hear(fd, 3);
    check_open(said);
    assert_int_equal(g_atomic_int_get(&fixture->answered), 3);
    for (const char *byte = good; *byte != '\0'; byte++)
        say(fd, byte, 1);
    g_autofree char *slowly = hear(fd, 1);
    check_open(slowly);
    close(fd);
}

static void
test_other_ways_to_say_it(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 0);
    g_autofree char *old = request_of("POST /?command=allow HTTP/1.0", HEAD, BODY);
    g_autofree char *parts = g_strdup_printf("POST /?command=allow HTTP/1.1\r\n" HEAD
                                             "Transfer-Encoding: chunked\r\n\r\n5\r\n%.5s\r\n%zx\r\n%s\r\n0\r\n\r\n",
                                             BODY, strlen(BODY) - 5, &BODY[5]);
    g_autofree char *one = ask(fixture, old, strlen(old));
    assert_non_null(strstr(one, " 200 "));
    assert_non_null(strstr(one, "{\"status\":0,"));
    g_autofree char *other = ask(fixture, parts, strlen(parts));
    check_open(other);
}

/* --- what opens nothing --------------------------------------------------------------------------------------- */

#define POST "POST /?command=allow HTTP/1.1"
#define LONG "POST /?command=allow HTTP/1.1\r\n" HEAD

/* `status`: of the answer; 0: none is owed. */
static const struct {
    const char *what, *bytes;
    gsize length; /* 0: of the text */
    int status;
} hostile[] = {
    {"nothing", "", 0, 0},
    {"no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11, 0},
    {"half a line", "POST /?command=al", 0, 0},
    {"half a head", LONG, 0, 0},
    {"half a body", LONG "Content-Length: 100\r\n\r\n{\"login\":", 0, 0},
    {"no length", LONG "\r\n" BODY, 0, 400},
    {"length 0", LONG "Content-Length: 0\r\n\r\n", 0, 400},
    {"length below 0", LONG "Content-Length: -5\r\n\r\n" BODY, 0, 400},
    {"length no number", LONG "Content-Length: many\r\n\r\n" BODY, 0, 400},
    {"length over 64 bits", LONG "Content-Length: 99999999999999999999999\r\n\r\n" BODY, 0, 413},
    {"length of terabytes", LONG "Content-Length: 1099511627776\r\n\r\n" BODY, 0, 413},
    {"two lengths", LONG "Content-Length: 103\r\nContent-Length: 5\r\n\r\n" BODY, 0, 400},
    {"two lengths, the short one first", LONG "Content-Length: 5\r\nContent-Length: 103\r\n\r\n" BODY, 0, 400},
    {"length and chunks", LONG "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 400},
    {"chunk of no size", LONG "Transfer-Encoding: chunked\r\n\r\nzz\r\n" BODY "\r\n0\r\n\r\n", 0, 400},
    {"chunk of terabytes", LONG "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" BODY, 0, 0},
    {"no key", "POST /?command=allow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 0, 401},
    {"half a key", "POST /?command=allow HTTP/1.1\r\nHost: a\r\nX-Hangu-Key: 01234567\r\nContent-Length: 2\r\n\r\n{}",
     0, 401},
    {"a longer key", "POST /?command=allow HTTP/1.1\r\nHost: a\r\nX-Hangu-Key: " KEY "0\r\nContent-Length: 2\r\n\r\n{}",
     0, 401},
    {"GET", "GET /?command=allow HTTP/1.1\r\n" HEAD "\r\n", 0, 405},
    {"another path", "POST /../?command=allow HTTP/1.1\r\n" HEAD "Content-Length: 2\r\n\r\n{}", 0, 404},
    {"no command", "POST / HTTP/1.1\r\n" HEAD "Content-Length: 2\r\n\r\n{}", 0, 400},
    {"another command", "POST /?command=open HTTP/1.1\r\n" HEAD "Content-Length: 2\r\n\r\n{}", 0, 400},
    {"two commands", "POST /?command=open&command=allow HTTP/1.1\r\n" HEAD "Content-Length: 2\r\n\r\n{}", 0, 400},
};

static void
check_refused(const char *what, const char *said, int status)
{
    int told = g_str_has_prefix(said, "HTTP/1.") && strlen(said) > 12 ? (int)g_ascii_strtoll(&said[9], NULL, 10) : 0;
    if (strstr(said, "\"status\":0") != NULL || told == 200 || (status != 0 && told != status))
        fail_msg("%s: %d was wanted: %s", what, status, said);
}

static void
test_what_is_no_request_opens_nothing(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 400); /* who stops half-way is cut off */
    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
        gsize length = hostile[i].length != 0 ? hostile[i].length : strlen(hostile[i].bytes);
        g_autofree char *said = ask(fixture, hostile[i].bytes, length);
        check_refused(hostile[i].what, said, hostile[i].status);
    }
    assert_int_equal(g_atomic_int_get(&fixture->answered), 0);
}

static void
test_bodies_that_open_nothing(void **state)
{
    Fixture *fixture = *state;
    static const char *const bodies[] = {
        "{",
        "null",
        "[]",
        "\"login\"",
        "{\"login\":7,\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":[\"li\"],\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"l\xff\xfei\",\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"l\xc0\xafi\",\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"l\\u0000i\",\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"li\\n\",\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"li\",\"login\":\"root\",\"pwhash\":\"00\",\"remote\":\"\"}",
        "{\"login\":\"li\",\"pwhash\":\"0g\",\"remote\":\"\"}",
        BODY BODY,
    };
    open_door(fixture, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *request = request_of(POST, HEAD, bodies[i]);
        g_autofree char *said = ask(fixture, request, strlen(request));
        check_refused(bodies[i], said, 400);
    }
    assert_int_equal(g_atomic_int_get(&fixture->answered), 0);
}

/* As much as is told in the head, in chunks without a length, in the head itself. */
static void
test_what_is_too_long_opens_nothing(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 400);
    g_autofree char *much = g_strnfill(POLICY_BODY_MAX + 1, ' ');
    g_autofree char *body = g_strconcat(BODY, much, NULL);
    g_autofree char *told = request_of(POST, HEAD, body);
    g_autofree char *chunked =
        g_strdup_printf(LONG "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n0\r\n\r\n", strlen(body), body);
    g_autofree char *filler = g_strnfill(100 * 1024, 'x');
    g_autofree char *head =
        g_strdup_printf("%s\r\n" HEAD "X: %s\r\nContent-Length: %zu\r\n\r\n" BODY, POST, filler, strlen(BODY));
    g_autofree char *line = g_strdup_printf("POST /?command=allow&x=%s HTTP/1.1\r\n" HEAD "\r\n", filler);
    const char *const all[] = {told, chunked, head, line};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree char *said = ask(fixture, all[i], strlen(all[i]));
        check_refused("too long", said, 0);
    }
    assert_int_equal(g_atomic_int_get(&fixture->answered), 0);
    g_autofree char *longest = g_strndup(body, POLICY_BODY_MAX);
    g_autofree char *good = request_of(POST, HEAD, longest);
    g_autofree char *said = ask(fixture, good, strlen(good));
    check_open(said);
}

/* A request smuggled behind a refused one is a request of its own, and needs a key of its own. */
static void
test_nothing_is_smuggled(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 400);
    static const char bytes[] = "POST /?command=allow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                                "POST /?command=allow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    g_autofree char *said = ask(fixture, bytes, strlen(bytes));
    assert_null(strstr(said, " 200 "));
    assert_int_equal(g_atomic_int_get(&fixture->answered), 0);
}

/* --- slow ones ------------------------------------------------------------------------------------------------ */

/* Who takes all the places and sends a byte now and then is cut off, and then others come in. */
static void
test_who_is_slow_is_cut_off(void **state)
{
    Fixture *fixture = *state;
    int fds[8];
    PolicyHttpState now;
    open_door(fixture, 300);
    gint64 begun = g_get_monotonic_time();
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = dial(fixture);
    g_autofree char *good = request_of(POST, HEAD, BODY);
    int later = dial(fixture); /* waits in the kernel's queue */
    say(later, good, strlen(good));
    struct pollfd answered = {.fd = later, .events = POLLIN};
    for (gsize turn = 0; turn < 1000 && poll(&answered, 1, 20) == 0; turn++)
        for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
            say(fds[i], turn < strlen(good) - 1 ? &good[turn] : "x", 1);
    g_autofree char *said = hear(later, 1);
    check_open(said);
    assert_true(g_get_monotonic_time() - begun < PATIENCE_S * G_USEC_PER_SEC);
    policy_http_state(fixture->http, &now);
    assert_true(now.cut > 0);
    for (gsize i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
    close(later);
}

/* --- answers that wait ---------------------------------------------------------------------------------------- */

#define WAITS "{\"login\":\"wait\",\"pwhash\":\"00\",\"remote\":\"192.0.2.7\"}"

static PolicySettled
wait_settling(Fixture *fixture, gpointer *user_out)
{
    g_mutex_lock(&fixture->lock);
    while (fixture->settled == NULL)
        g_cond_wait(&fixture->changed, &fixture->lock);
    PolicySettled settled = fixture->settled;
    *user_out = fixture->settled_user;
    fixture->settled = NULL;
    g_mutex_unlock(&fixture->lock);
    return settled;
}

/* There is one thread: it answers others while the disk writes for this one. */
static void
test_answer_waits_for_the_disk_and_holds_up_nobody(void **state)
{
    Fixture *fixture = *state;
    gpointer user;
    open_door(fixture, 0);
    g_autofree char *waits = request_of(POST, HEAD, WAITS), *good = request_of(POST, HEAD, BODY);
    int fd = dial(fixture);
    for (guint round = 0; round < 3; round++) {
        say(fd, waits, strlen(waits));
        PolicySettled settled = wait_settling(fixture, &user);
        g_autofree char *other = ask(fixture, good, strlen(good));
        check_open(other);
        struct pollfd early = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&early, 1, 0), 0);
        settled(user);
        g_autofree char *said = hear(fd, 1);
        check_open(said);
    }
    close(fd);
}

/* The other end goes away meanwhile. */
static void
test_who_waits_may_leave(void **state)
{
    Fixture *fixture = *state;
    gpointer user;
    open_door(fixture, 0);
    g_autofree char *waits = request_of(POST, HEAD, WAITS), *good = request_of(POST, HEAD, BODY);
    int fd = dial(fixture);
    say(fd, waits, strlen(waits));
    PolicySettled settled = wait_settling(fixture, &user);
    close(fd);
    settled(user);
    g_autofree char *said = ask(fixture, good, strlen(good));
    check_open(said);
}

static gpointer
settle_later(gpointer data)
{
    gpointer user;
    PolicySettled settled = wait_settling(data, &user);
    g_usleep(100000);
    settled(user);
    return NULL;
}

/* The end comes while an answer waits. */
static void
test_end_waits_for_what_is_settling(void **state)
{
    Fixture *fixture = *state;
    open_door(fixture, 0);
    g_autofree char *waits = request_of(POST, HEAD, WAITS);
    int fd = dial(fixture);
    say(fd, waits, strlen(waits));
    while (g_atomic_int_get(&fixture->answered) == 0)
        g_usleep(1000);
    GThread *thread = g_thread_new("disk", settle_later, fixture);
    policy_http_free(g_steal_pointer(&fixture->http));
    g_thread_join(thread);
    close(fd);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(test_request_is_answered),
        TEST(test_requests_share_a_connection),
        TEST(test_other_ways_to_say_it),
        TEST(test_what_is_no_request_opens_nothing),
        TEST(test_bodies_that_open_nothing),
        TEST(test_what_is_too_long_opens_nothing),
        TEST(test_nothing_is_smuggled),
        TEST(test_who_is_slow_is_cut_off),
        TEST(test_answer_waits_for_the_disk_and_holds_up_nobody),
        TEST(test_who_waits_may_leave),
        TEST(test_end_waits_for_what_is_settling),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    log_open("test_policy_http", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
