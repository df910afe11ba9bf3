/* The real readers behind the walls of the real spawner: a document goes in by its spool, and an answer comes out. What
 * each format needs there is shown by the readers' own tests, which go behind walls too. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errand.h"
#include "errors.h"
#include "log.h"
#include "spawner.h"
#include "spool.h"
#include "wire_extract.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_US (30 * G_USEC_PER_SEC)

/* gzip of "Secret papers" */
static const guint8 packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x0b,
                                0x4e, 0x4d, 0x2e, 0x4a, 0x2d, 0x51, 0x28, 0x48, 0x2c, 0x48, 0x2d,
                                0x2a, 0x06, 0x00, 0x3d, 0x00, 0x4a, 0x9f, 0x0d, 0x00, 0x00, 0x00};

typedef struct {
    int pid, client, log;
} House;

static int
open_house(void **state)
{
    static const StockOptions options = {
        .plan = {.work = &errand_work, .limits = {512 << 20, 5, 16, -1}, .needed = WALLS_NEEDED},
        .ready = 1,
        .most = 4,
        .time_us = 20 * G_USEC_PER_SEC,
    };
    static House house;
    int pair[2];
    assert_true(frame_pair(pair, NULL));
    house = (House){.client = pair[0], .log = memfd_create("log", MFD_CLOEXEC)};
    house.pid = fork();
    if (house.pid == 0) {
        close(pair[0]);
        dup2(house.log, STDERR_FILENO);
        log_open("test", LOG_TO_STDERR, LOG_LEVEL_WARN);
        _exit(spawner_run(pair[1], &options, NULL));
    }
    close(pair[1]);
    *state = &house;
    return 0;
}

static int
close_house(void **state)
{
    House *house = *state;
    int status;
    close(house->client);
    waitpid(house->pid, &status, 0);
    close(house->log);
    return status;
}

static int
take_reader(const House *house)
{
    g_auto(Frame) frame = {0};
    gint64 deadline = clock_monotonic_us() + PATIENCE_US;
    assert_true(frame_send(house->client, WIRE_EXTRACT_WANT, NULL, NULL, 0, deadline, NULL));
    assert_int_equal(frame_receive(house->client, wire_inspector_types, deadline, &frame, NULL), 1);
    assert_int_equal(frame.type, WIRE_EXTRACT_GIVE);
    return dup(frame.fds[0]);
}

static void
send_job(int reader, const Spool *spool, const char *type)
{
    WireJob job = {spool_length(spool), {0}, type, 1 << 20, 1 << 20, 100, 5, 2000};
    int fd = spool_fd(spool);
    memcpy(job.key, spool_key(spool), sizeof job.key);
    assert_true(frame_send(reader, WIRE_EXTRACT_JOB, wire_job(&job), &fd, 1, -1, NULL));
}

static Spool *
fill_spool(const void *bytes, gsize length)
{
    Spool *spool = spool_new(NULL, 1 << 20, NULL);
    assert_non_null(spool);
    assert_true(spool_write(spool, bytes, length, NULL) && spool_seal(spool, NULL));
    return spool;
}

/* What came back as content, up to END; NULL if the reader ended before it. */
static char *
take_content(int reader)
{
    g_autoptr(GString) content = g_string_new(NULL);
    for (;;) {
        g_auto(Frame) frame = {0};
        WireBytes bytes;
        if (frame_receive(reader, wire_inspector_types, clock_monotonic_us() + PATIENCE_US, &frame, NULL) != 1)
            return NULL;
        if (frame.type == WIRE_EXTRACT_END)
            return g_string_free(g_steal_pointer(&content), FALSE);
        if (frame.type == WIRE_EXTRACT_BYTES) {
            assert_true(wire_take_bytes(&frame, &bytes, NULL));
            g_string_append_len(content, (const char *)bytes.bytes, (gssize)bytes.length);
        }
    }
}

static void
assert_log(const House *house, const char *wanted)
{
    char text[4096] = "";
    for (int i = 0; i < 300 && *wanted != '\0' && strstr(text, wanted) == NULL; i++) {
        g_usleep(10000);
        assert_true(pread(house->log, text, sizeof text - 1, 0) >= 0);
    }
    if (*wanted != '\0')
        assert_non_null(strstr(text, wanted));
    else
        assert_string_equal(text, "");
}

static void
test_errand_reads_a_document(void **state)
{
    for (int i = 0; i < 3; i++) {
        g_autoptr(Spool) spool = fill_spool(packed, sizeof packed);
        int reader = take_reader(*state);
        send_job(reader, spool, "application/gzip");
        g_autofree char *content = take_content(reader);
        assert_string_equal(content, "Secret papers");
        close(reader);
    }
    assert_log(*state, "");
}

/* A key that does not open the spool, a type that nobody reads: an answer all the same. */
static void
test_errand_answers_for_what_it_cannot_read(void **state)
{
    g_autoptr(Spool) spool = fill_spool(packed, sizeof packed), other = fill_spool("other", 5);
    int reader = take_reader(*state);
    send_job(reader, spool, "application/x-nobody");
    g_autofree char *content = take_content(reader);
    assert_non_null(content);
    close(reader);
    reader = take_reader(*state);
    WireJob job = {sizeof packed, {0}, "application/gzip", 1 << 20, 1 << 20, 100, 5, 2000};
    int fd = spool_fd(other);
    memcpy(job.key, spool_key(spool), sizeof job.key);
    assert_true(frame_send(reader, WIRE_EXTRACT_JOB, wire_job(&job), &fd, 1, -1, NULL));
    g_autofree char *none = take_content(reader);
    assert_string_equal(none, "");
    close(reader);
}

static void
test_errand_refuses_what_is_no_job(void **state)
{
    int reader = take_reader(*state);
    assert_int_equal(send(reader, "good day", 8, 0), 8);
    assert_null(take_content(reader));
    close(reader);
    assert_log(*state, "ended with status 76");
}

/* An inspector that asks and then has no use for it is no event. */
static void
test_errand_without_job_ends_in_silence(void **state)
{
    close(take_reader(*state));
    close(take_reader(*state));
    g_usleep(100000);
    assert_log(*state, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_errand_reads_a_document, open_house, close_house),
        cmocka_unit_test_setup_teardown(test_errand_answers_for_what_it_cannot_read, open_house, close_house),
        cmocka_unit_test_setup_teardown(test_errand_refuses_what_is_no_job, open_house, close_house),
        cmocka_unit_test_setup_teardown(test_errand_without_job_ends_in_silence, open_house, close_house),
    };
    return cmocka_run_group_tests_name("errand", tests, NULL, NULL);
}
