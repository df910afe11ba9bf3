#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "wire.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    int here, there;
} Pair;

static gint64
soon(void)
{
    return clock_monotonic_us() + 50 * 1000;
}

static int
open_pair(void **state)
{
    int fds[2];
    Pair *pair = g_new(Pair, 1);
    if (!frame_pair(fds, NULL))
        return -1;
    *pair = (Pair){fds[0], fds[1]};
    *state = pair;
    return 0;
}

static int
close_pair(void **state)
{
    Pair *pair = *state;
    close(pair->here);
    if (pair->there >= 0)
        close(pair->there);
    g_free(pair);
    return 0;
}

static guint
open_descriptors(void)
{
    guint count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static const char *
bytes_type(guint32 type)
{
    return "(uay)";
}

/* Bodies of a number and bytes are not looked at byte by byte: any is good that has room for the number. */
static void
test_frame_of_bytes_needs_room_for_its_number(void **state)
{
    static const struct {
        guint32 length;
        int got;
    } rows[] = {{0, -1}, {3, -1}, {4, 1}, {5, 1}, {20, 1}};
    Pair *pair = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 packet[32] = "HGU\1";
        memcpy(packet + 8, &rows[i].length, sizeof rows[i].length);
        memset(packet + 12, 0xFF, rows[i].length);
        assert_int_equal(send(pair->here, packet, 12 + rows[i].length, 0), 12 + rows[i].length);
        g_auto(Frame) frame = {0};
        assert_int_equal(frame_receive(pair->there, bytes_type, soon(), &frame, NULL), rows[i].got);
        if (rows[i].got < 0)
            continue;
        g_autoptr(GVariant) bytes = g_variant_get_child_value(frame.body, 1);
        assert_int_equal(g_variant_n_children(bytes), rows[i].length - 4);
    }
}

static void
test_frame_send_round_trip(void **state)
{
    Pair *pair = *state;
    g_auto(Frame) frame = {0};
    assert_true(frame_send(pair->here, WIRE_LEDGER_APPEND, g_variant_new("(ts)", (guint64)7, "密"), NULL, 0, -1, NULL));
    assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, NULL), 1);
    guint64 number = 0;
    const char *text = NULL;
    g_variant_get(frame.body, "(t&s)", &number, &text);
    assert_int_equal(frame.type, WIRE_LEDGER_APPEND);
    assert_int_equal(number, 7);
    assert_string_equal(text, "密");
    assert_int_equal(frame.fd_count, 0);
    assert_int_equal(frame.fds[0], -1);
}

static void
test_frame_send_without_body(void **state)
{
    Pair *pair = *state;
    g_auto(Frame) frame = {0};
    assert_true(frame_send(pair->here, WIRE_CONTROL_RELOAD, NULL, NULL, 0, -1, NULL));
    assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, NULL), 1);
    assert_int_equal(frame.type, WIRE_CONTROL_RELOAD);
    assert_null(frame.body);
}

static void
test_frame_send_largest_body_fits_and_more_is_refused(void **state)
{
    Pair *pair = *state;
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(FRAME_BODY_MAX - 5, 'x'); /* NUL and the offset of a variable-size tuple */
    GVariant *body = g_variant_new("(s)", text);
    assert_true(g_variant_get_size(body) <= FRAME_BODY_MAX && g_variant_get_size(body) > FRAME_BODY_MAX - 8);
    assert_true(frame_send(pair->here, WIRE_CONTROL_STATUS_IS, body, NULL, 0, soon(), NULL));
    assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, NULL), 1);
    g_autofree char *longer = g_strnfill(FRAME_BODY_MAX, 'x');
    assert_false(frame_send(pair->here, WIRE_CONTROL_STATUS_IS, g_variant_new("(s)", longer), NULL, 0, soon(), &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
}

static void
test_frame_send_carries_descriptors_close_on_exec(void **state)
{
    Pair *pair = *state;
    guint before = open_descriptors();
    {
        g_auto(Frame) frame = {0};
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_true(frame_send(pair->here, WIRE_CONTROL_RELOAD, NULL, ends, 2, -1, NULL));
        close(ends[0]);
        assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, NULL), 1);
        assert_int_equal(frame.fd_count, 2);
        assert_true((fcntl(frame.fds[0], F_GETFD) & FD_CLOEXEC) != 0);
        assert_int_equal(write(ends[1], "x", 1), 1);
        close(ends[1]);
        char got = 0;
        assert_int_equal(read(frame.fds[0], &got, 1), 1);
        assert_int_equal(got, 'x');
    }
    assert_int_equal(open_descriptors(), before);
}

static void
test_frame_send_waits_until_deadline_when_full(void **state)
{
    Pair *pair = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strnfill(60000, 'x');
    int sent = 0;
    while (sent < 1000 &&
           frame_send(pair->here, WIRE_CONTROL_STATUS_IS, g_variant_new("(s)", text), NULL, 0, soon(), &error))
        sent++;
    assert_true(sent > 0 && sent < 1000);
    assert_int_equal(error->code, HANGU_ERROR_TIMEOUT);
    g_auto(Frame) frame = {0};
    for (int i = 0; i < sent; i++) { /* what was sent before is whole */
        frame_clear(&frame);
        assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, NULL), 1);
    }
}

/* Without privileges the kernel limits descriptors in flight to RLIMIT_NOFILE: ETOOMANYREFS must wait, not fail. */
static int
send_many_descriptors(int fd)
{
    struct rlimit few = {32, 32};
    g_autoptr(GError) error = NULL;
    if (setrlimit(RLIMIT_NOFILE, &few) != 0 || (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
        return 2;
    for (int i = 0; i < 100; i++)
        if (!frame_send(fd, WIRE_CONTROL_RELOAD, NULL, (const int[]){0, 0, 0, 0}, 4, soon(), &error))
            return error->code == HANGU_ERROR_TIMEOUT ? 0 : 1;
    return 3;
}

static void
test_frame_send_too_many_descriptors_in_flight(void **state)
{
    Pair *pair = *state;
    pid_t child = fork();
    if (child == 0)
        _exit(send_many_descriptors(pair->here));
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_frame_send_to_closed_end_is_away(void **state)
{
    Pair *pair = *state;
    g_autoptr(GError) error = NULL;
    close(pair->there);
    pair->there = -1;
    assert_false(frame_send(pair->here, WIRE_CONTROL_RELOAD, NULL, NULL, 0, soon(), &error)); /* and no SIGPIPE */
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
}

static void
test_frame_receive_end_of_file_and_deadline(void **state)
{
    Pair *pair = *state;
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    assert_int_equal(frame_wait(pair->here, clock_monotonic_us() + 1000, NULL), 0);
    assert_int_equal(frame_receive(pair->here, wire_type_string, clock_monotonic_us() + 1000, &frame, &error), -1);
    assert_int_equal(error->code, HANGU_ERROR_TIMEOUT);
    close(pair->there);
    pair->there = -1;
    assert_int_equal(frame_wait(pair->here, -1, NULL), 1);
    assert_int_equal(frame_receive(pair->here, wire_type_string, soon(), &frame, NULL), 0);
}

typedef struct {
    char magic[3];
    guint8 version;
    guint32 type, length;
    char body[32];
} Raw;

static void
test_frame_receive_refuses_malformed(void **state)
{
    Pair *pair = *state;
    static const struct {
        const char *name;
        Raw raw;
        gsize size;
    } cases[] = {
        {"short", {"HGU", 1}, 5},
        {"one byte", {"H"}, 1},
        {"magic", {"HGX", 1, WIRE_CONTROL_STATUS, 0}, 12},
        {"version", {"HGU", 2, WIRE_CONTROL_STATUS, 0}, 12},
        {"unknown type", {"HGU", 1, 0x999, 0}, 12},
        {"length over", {"HGU", 1, WIRE_CONTROL_STATUS_IS, 9, "abc"}, 16},
        {"length under", {"HGU", 1, WIRE_CONTROL_STATUS_IS, 3, "abc"}, 20},
        {"body where none belongs", {"HGU", 1, WIRE_CONTROL_STATUS, 4, "abc"}, 16},
        {"no body", {"HGU", 1, WIRE_CONTROL_STATUS_IS, 0}, 12},
        {"string without NUL", {"HGU", 1, WIRE_CONTROL_STATUS_IS, 3, "abc"}, 15},
        {"string not UTF-8", {"HGU", 1, WIRE_CONTROL_STATUS_IS, 3, "\xFF\xFE"}, 15},
        {"tuple cut", {"HGU", 1, WIRE_LEDGER_APPEND, 4, "abc"}, 16},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Frame) frame = {0};
        g_autoptr(GError) error = NULL;
        assert_int_equal(send(pair->here, &cases[i].raw, cases[i].size, 0), cases[i].size);
        int got = frame_receive(pair->there, wire_type_string, soon(), &frame, &error);
        if (got != -1 || error->code != HANGU_ERROR_PROTOCOL || frame.body != NULL)
            fail_msg("%s: %d", cases[i].name, got);
    }
}

/* One packet with `count` copies of a descriptor and `size` bytes. */
static void
send_raw(int fd, gconstpointer bytes, gsize size, gsize count)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * 16)];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * count);
    for (gsize i = 0; i < count; i++)
        memcpy(CMSG_DATA(head) + i * sizeof(int), &fd, sizeof fd);
    assert_int_equal(sendmsg(fd, &message, 0), size);
}

static void
test_frame_receive_closes_descriptors_of_refused_frames(void **state)
{
    Pair *pair = *state;
    Raw good = {"HGU", 1, WIRE_CONTROL_STATUS, 0}, bad = {"HGX", 1, WIRE_CONTROL_STATUS, 0};
    g_autofree char *large = g_malloc0(FRAME_BODY_MAX + 100);
    memcpy(large, "HGU\1", 4);
    guint before = open_descriptors();
    const struct {
        gconstpointer bytes;
        gsize size, count;
        int result;
    } cases[] = {{&good, 12, 5, -1} /* over the limit */,
                 {&bad, 12, 3, -1},
                 {large, FRAME_BODY_MAX + 100, 1, -1},
                 {"", 0, 2, 0} /* an empty packet is the end */};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Frame) frame = {0};
        g_autoptr(GError) error = NULL;
        send_raw(pair->here, cases[i].bytes, cases[i].size, cases[i].count);
        assert_int_equal(frame_receive(pair->there, wire_type_string, soon(), &frame, &error), cases[i].result);
        if (cases[i].result < 0)
            assert_int_equal(error->code, HANGU_ERROR_PROTOCOL);
        assert_int_equal(frame.fd_count, 0);
        assert_int_equal(open_descriptors(), before);
    }
}

static void
test_frame_listen_connect_peer(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("test_frame.XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "s", NULL);
    g_autoptr(GError) away = NULL, live = NULL, no_group = NULL, plain = NULL;
    assert_int_equal(frame_connect(path, soon(), &away), -1);
    assert_int_equal(away->code, HANGU_ERROR_AWAY);
    assert_non_null(strstr(away->message, path));
    int listener = frame_listen(path, 0660, NULL, NULL);
    assert_true(listener >= 0);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
    int client = frame_connect(path, soon(), NULL), server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    guint uid = 0, gid = 0;
    int pid = 0;
    assert_true(frame_peer(server, &uid, &gid, &pid, NULL));
    assert_int_equal(uid, getuid());
    assert_int_equal(pid, getpid());
    assert_int_equal(frame_listen(path, 0660, NULL, &live), -1); /* somebody listens */
    assert_int_equal(live->code, HANGU_ERROR_AWAY);
    close(client);
    close(server);
    close(listener);
    int next = frame_listen(path, 0600, NULL, NULL); /* a dead one is replaced */
    assert_true(next >= 0);
    close(next);
    assert_int_equal(frame_listen(path, 0600, "no-such-group-here", &no_group), -1);
    assert_non_null(strstr(no_group->message, "no-such-group-here"));
    unlink(path);
    assert_true(g_file_set_contents(path, "x", 1, NULL));
    assert_int_equal(frame_listen(path, 0600, NULL, &plain), -1); /* never removes a file */
    assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    unlink(path);
    assert_int_equal(g_rmdir(directory), 0); /* nothing left beside it */
}

static void
test_wire_type_string_types_are_valid(void **state)
{
    for (guint32 type = 0; type < 0x400; type++) {
        const char *string = wire_type_string(type);
        if (string != NULL && *string != '\0')
            assert_true(g_variant_type_string_is_valid(string));
    }
    assert_string_equal(wire_type_string(WIRE_LOADER_READY), "(tsssssu)");
    assert_null(wire_type_string(0));
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, open_pair, close_pair)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(test_frame_send_round_trip),
        WITH_PAIR(test_frame_of_bytes_needs_room_for_its_number),
        WITH_PAIR(test_frame_send_without_body),
        WITH_PAIR(test_frame_send_largest_body_fits_and_more_is_refused),
        WITH_PAIR(test_frame_send_carries_descriptors_close_on_exec),
        WITH_PAIR(test_frame_send_waits_until_deadline_when_full),
        WITH_PAIR(test_frame_send_too_many_descriptors_in_flight),
        WITH_PAIR(test_frame_send_to_closed_end_is_away),
        WITH_PAIR(test_frame_receive_end_of_file_and_deadline),
        WITH_PAIR(test_frame_receive_refuses_malformed),
        WITH_PAIR(test_frame_receive_closes_descriptors_of_refused_frames),
        cmocka_unit_test(test_frame_listen_connect_peer),
        cmocka_unit_test(test_wire_type_string_types_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
