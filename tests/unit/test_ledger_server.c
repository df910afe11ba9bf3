/* The ledger's server and its client together: many askers, failing disks, broken conversations, sudden death. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "ledger.h"
#include "ledger_tree.h"
#include "log.h"
#include "sample_record.h"
#include "server.h"
#include "wire.h"
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int sync_errno, write_errno; /* of the disk below the server */

static int
disk_sync(int fd)
{
    if (sync_errno == 0)
        return fdatasync(fd);
    errno = sync_errno;
    return -1;
}

static ssize_t
disk_write(int fd, const void *bytes, size_t length)
{
    if (write_errno == 0)
        return write(fd, bytes, length);
    errno = write_errno;
    return -1;
}

static const JournalIo disk_io = {.write = disk_write, .sync = disk_sync};

typedef struct {
    char *directory, *socket;
    Journal *journal;
    Server *server;
    GThread *thread;
    int stop;      /* eventfd */
    gboolean died; /* the journal came to its end */
} Fixture;

static gpointer
serve(gpointer data)
{
    Fixture *fixture = data;
    eventfd_t stopped;
    while (eventfd_read(fixture->stop, &stopped) != 0)
        if (server_turn(fixture->server, fixture->stop, -1, NULL) < 0) {
            fixture->died = TRUE;
            break;
        }
    return NULL;
}

static void
open_server(Fixture *fixture, guint connections)
{
    JournalOptions journal = {fixture->directory, "unit", "hangu-ledger test", 1 << 16, &disk_io};
    ServerOptions server = {fixture->socket, "", connections};
    g_autoptr(GError) error = NULL;
    fixture->journal = journal_open(&journal, &error);
    if (fixture->journal == NULL)
        fail_msg("%s", error->message);
    fixture->server = server_new(fixture->journal, &server, &error);
    if (fixture->server == NULL)
        fail_msg("%s", error->message);
}

static void
start(Fixture *fixture, guint connections)
{
    open_server(fixture, connections);
    fixture->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    fixture->thread = g_thread_new("server", serve, fixture);
}

static void
stop(Fixture *fixture)
{
    if (fixture->thread == NULL)
        return;
    eventfd_write(fixture->stop, 1);
    g_thread_join(g_steal_pointer(&fixture->thread));
    close(fixture->stop);
    g_clear_pointer(&fixture->server, server_free);
    g_clear_pointer(&fixture->journal, journal_free);
}

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    sync_errno = write_errno = 0;
    fixture->directory = tree_new();
    fixture->socket = g_build_filename(fixture->directory, "sock", NULL);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    stop(fixture);
    tree_free(fixture->directory);
    g_free(fixture->socket);
    g_free(fixture);
    return 0;
}

static json_t *
letter(void)
{
    json_t *record = sample_letter();
    g_autofree char *id = record_id_new();
    json_object_del(record, "seq");
    json_object_del(record, "prev");
    json_object_set_new(record, "id", json_string(id));
    return record;
}

static gint64
soon(void)
{
    return clock_monotonic_us() + 5 * G_TIME_SPAN_SECOND;
}

/* 0, or the error's code. */
static int
append(LedgerClient *client, guint64 *seq_out)
{
    g_autoptr(GError) error = NULL;
    json_t *record = letter();
    gboolean good = ledger_append(client, record, soon(), NULL, NULL, seq_out, &error);
    json_decref(record);
    assert_true(good == (error == NULL));
    return good ? 0 : error->code;
}

static void
expect_good(const Fixture *fixture, guint64 at_least)
{
    g_auto(ChainReport) report = {0};
    assert_true(chain_verify(fixture->directory, NULL, NULL, NULL, &report, NULL));
    if (report.state != CHAIN_GOOD)
        fail_msg("%s:%u: %s", report.file, (guint)report.line, report.text);
    assert_true(report.lines >= at_least);
}

/* --- good days --------------------------------------------------------------------------------------------- */

static void
test_ledger_append_gives_the_number(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    for (guint64 wanted = 1; wanted < 6; wanted++) {
        guint64 seq = 0;
        assert_int_equal(append(client, &seq), 0);
        assert_int_equal(seq, wanted);
    }
    expect_good(fixture, 5);
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_int_equal(json_integer_value(json_object_get(tail.record, "uid")), getuid());
}

#define THREADS 8
#define EACH 40

static gpointer
append_many(gpointer data)
{
    guint good = 0;
    for (guint i = 0; i < EACH; i++)
        good += append(data, NULL) == 0;
    return GUINT_TO_POINTER(good);
}

static void
test_ledger_append_by_many_threads(void **state)
{
    Fixture *fixture = *state;
    GThread *threads[THREADS];
    start(fixture, 32);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("asker", append_many, client);
    for (guint i = 0; i < THREADS; i++)
        assert_int_equal(GPOINTER_TO_UINT(g_thread_join(threads[i])), EACH);
    stop(fixture);
    expect_good(fixture, THREADS * EACH);
}

/* More records than a call takes keep their order; one that is refused ends it. */
static void
test_ledger_append_all_takes_any_number(void **state)
{
    Fixture *fixture = *state;
    enum { COUNT = LEDGER_BATCH_MAX + 5 };
    guint perhaps = 99;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    for (guint i = 0; i < COUNT; i++)
        g_ptr_array_add(records, letter());
    assert_true(ledger_append_all(client, records, soon(), &perhaps, NULL));
    assert_int_equal(perhaps, COUNT);
    g_autoptr(GError) error = NULL;
    json_object_set_new(g_ptr_array_index(records, 1), "subject", json_string("x")); /* no field of a record */
    g_ptr_array_set_size(records, 3);
    assert_false(ledger_append_all(client, records, soon(), &perhaps, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
    assert_int_equal(perhaps, 2);
    stop(fixture);
    expect_good(fixture, COUNT + 2);
    g_clear_error(&error);
    assert_false(ledger_append_all(client, records, clock_monotonic_us(), &perhaps, &error));
    assert_int_equal(perhaps, 0); /* nobody was there */
}

static void
test_ledger_status_tells(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    assert_int_equal(append(client, NULL), 0);
    json_t *status = ledger_status(client, soon(), NULL);
    assert_non_null(status);
    assert_int_equal(json_integer_value(json_object_get(status, "lines")), 1);
    assert_int_equal(json_integer_value(json_object_get(status, "connections")), 1);
    assert_int_equal(json_integer_value(json_object_get(status, "pid")), getpid());
    assert_true(json_integer_value(json_object_get(status, "disk_free")) > 0);
    ChainHead head;
    assert_true(chain_head_parse(json_string_value(json_object_get(status, "head")), &head, NULL));
    assert_int_equal(head.seq, 1);
    json_decref(status);
}

static void
test_ledger_append_waits_for_a_free_connection(void **state)
{
    Fixture *fixture = *state;
    GThread *threads[THREADS];
    start(fixture, 2);
    LedgerClient *clients[THREADS];
    /* more askers than connections: each keeps its own, so the last ones wait until the first have gone */
    for (guint i = 0; i < 3; i++)
        clients[i] = ledger_client_new(fixture->socket);
    assert_int_equal(append(clients[0], NULL), 0);
    assert_int_equal(append(clients[1], NULL), 0);
    threads[2] = g_thread_new("waits", append_many, clients[2]);
    g_usleep(20000);
    ledger_client_free(clients[0]);
    assert_int_equal(GPOINTER_TO_UINT(g_thread_join(threads[2])), EACH);
    ledger_client_free(clients[1]);
    ledger_client_free(clients[2]);
}

/* --- refusals ------------------------------------------------------------------------------------------------ */

static void
test_ledger_append_refused_records(void **state)
{
    static const struct {
        const char *field, *value;
    } rows[] = {
        {"subject", "\"x\""},   {"verdict", "\"perhaps\""},        {"kind", "\"rotate\""},
        {"kind", "\"repair\""}, {"program", "\"hangu-ledger 9\""},
    };
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        json_t *record = letter();
        json_object_set_new(record, rows[i].field, json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        assert_false(ledger_append(client, record, soon(), NULL, NULL, NULL, &error));
        assert_int_equal(error->code, HANGU_ERROR_DATA);
        json_decref(record);
    }
    guint64 seq;
    assert_int_equal(append(client, &seq), 0);
    assert_int_equal(seq, 1);
}

static void
test_ledger_append_shortens_long_lists(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    json_t *record = letter();
    json_t *parts = json_object_get(record, "parts");
    while (json_array_size(parts) < 1000)
        json_array_append_new(parts, json_deep_copy(json_array_get(parts, 1)));
    assert_true(ledger_append(client, record, soon(), NULL, NULL, NULL, NULL));
    assert_int_equal(json_array_size(json_object_get(record, "parts")), 1000); /* ours is untouched */
    g_auto(ChainTail) tail = {0};
    assert_true(chain_tail(fixture->directory, &tail, NULL));
    assert_int_equal(json_integer_value(json_object_get(tail.record, "parts_total")), 1000);
    json_decref(record);
}

static void
note_refused(guint index, const char *why, gpointer user)
{
    guint *seen = user;
    assert_non_null(strstr(why, "surprise"));
    seen[0]++;
    seen[1] = index;
}

static void
test_ledger_append_batch(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    json_t *record = letter();
    g_autofree char *good = record_line(record, NULL, NULL);
    json_object_set_new(record, "surprise", json_true());
    g_autofree char *odd = record_line(record, NULL, NULL);
    json_decref(record);
    const char *lines[LEDGER_BATCH_MAX + 1];
    guint refused[2] = {0}, most = (guint)(LEDGER_BATCH_BYTES / (strlen(odd) + 1));
    for (guint i = 0; i <= LEDGER_BATCH_MAX; i++)
        lines[i] = i == 2 ? odd : good;
    assert_true(ledger_append_batch(client, lines, MIN(most, LEDGER_BATCH_MAX), soon(), note_refused, refused, &error));
    assert_int_equal(refused[0], 1);
    assert_int_equal(refused[1], 2);
    expect_good(fixture, MIN(most, LEDGER_BATCH_MAX) - 1);
    assert_true(ledger_append_batch(client, lines, 0, soon(), note_refused, refused, &error));
    assert_false(ledger_append_batch(client, lines, LEDGER_BATCH_MAX + 1, soon(), note_refused, refused, &error));
    assert_int_equal(error->code, HANGU_ERROR_USAGE);
    g_clear_error(&error);
    write_errno = ENOSPC;
    assert_false(ledger_append_batch(client, lines, 3, soon(), note_refused, refused, &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
    assert_int_equal(refused[0], 1); /* nobody was told of a batch that must come again */
    write_errno = 0;
    assert_true(ledger_append_batch(client, lines, 3, soon(), note_refused, refused, NULL));
    expect_good(fixture, MIN(most, LEDGER_BATCH_MAX) + 1);
}

/* Who sends more than a batch may have is cut off, and nothing of it is written. */
static void
test_server_refuses_an_oversized_batch(void **state)
{
    Fixture *fixture = *state;
    g_auto(Frame) frame = {0};
    GVariantBuilder texts;
    start(fixture, 8);
    int fd = frame_connect(fixture->socket, soon(), NULL);
    g_variant_builder_init(&texts, G_VARIANT_TYPE("as"));
    for (guint i = 0; i <= LEDGER_BATCH_MAX; i++)
        g_variant_builder_add(&texts, "s", "{}");
    assert_true(frame_send(fd, WIRE_LEDGER_BATCH, g_variant_new("(tas)", (guint64)1, &texts), NULL, 0, soon(), NULL));
    assert_int_equal(frame_receive(fd, wire_type_string, soon(), &frame, NULL), 0);
    close(fd);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    json_auto_t *status = ledger_status(client, soon(), NULL);
    assert_int_equal(json_integer_value(json_object_get(status, "lines")), 0);
}

static void
test_server_closes_on_what_is_no_request(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    for (guint way = 0; way < 4; way++) {
        int fd = frame_connect(fixture->socket, soon(), NULL);
        assert_true(fd >= 0);
        g_autofree char *junk = g_strnfill(way == 1 ? 150 * 1024 : 40, 'x');
        if (way < 2)
            assert_true(send(fd, junk, strlen(junk), MSG_NOSIGNAL) > 0);
        else if (way == 2)
            assert_true(frame_send(fd, WIRE_CONTROL_RELOAD, NULL, NULL, 0, soon(), NULL));
        else
            assert_true(frame_send(fd, 0x999, NULL, NULL, 0, soon(), NULL));
        g_auto(Frame) frame = {0};
        assert_int_equal(frame_receive(fd, wire_type_string, soon(), &frame, NULL), 0);
        close(fd);
    }
    assert_int_equal(append(client, NULL), 0);
}

/* An asker that sends and never reads fills its socket; the others must not wait for it. */
static void
test_server_is_not_held_up_by_who_does_not_read(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    int fd = frame_connect(fixture->socket, soon(), NULL);
    for (guint i = 0; i < 3000; i++)
        if (!frame_send(fd, WIRE_LEDGER_STATUS, NULL, NULL, 0, clock_monotonic_us() + 20000, NULL))
            break;
    assert_int_equal(append(client, NULL), 0);
    close(fd);
}

/* --- bad disks --------------------------------------------------------------------------------------------- */

static void
test_ledger_append_full_disk(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    assert_int_equal(append(client, NULL), 0);
    write_errno = ENOSPC;
    assert_int_equal(append(client, NULL), HANGU_ERROR_IO);
    write_errno = 0;
    guint64 seq;
    assert_int_equal(append(client, &seq), 0);
    assert_int_equal(seq, 2);
    expect_good(fixture, 2);
}

static void
test_ledger_append_failed_sync_ends_the_server(void **state)
{
    Fixture *fixture = *state;
    start(fixture, 8);
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    assert_int_equal(append(client, NULL), 0);
    sync_errno = EIO;
    assert_int_equal(append(client, NULL), HANGU_ERROR_IO);
    stop(fixture);
    assert_true(fixture->died);
    sync_errno = 0;
    expect_good(fixture, 1);
    start(fixture, 8);
    guint64 seq;
    assert_int_equal(append(client, &seq), 0); /* the kept connection is dead: a new one is made */
    assert_int_equal(seq, 2);
}

/* --- conversations out of step ------------------------------------------------------------------------------- */

static void
test_ledger_append_without_a_ledger(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(LedgerClient) client = ledger_client_new(fixture->socket);
    g_autoptr(GError) error = NULL;
    json_t *record = letter();
    gint64 begin = clock_monotonic_us();
    assert_false(ledger_append(client, record, begin + 50000, NULL, NULL, NULL, &error));
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
    assert_true(clock_monotonic_us() - begin < 2 * G_TIME_SPAN_SECOND);
    json_decref(record);
}

/* A ledger that answers as told. */
typedef struct {
    int listener;
    guint64 add;    /* to the request number */
    guint delay_ms; /* before the answer */
    guint requests; /* to answer before it ends */
    guint connections;
} Odd;

static gpointer
answer_oddly(gpointer data)
{
    Odd *odd = data;
    int fd = -1;
    for (guint i = 0; i < odd->requests; i++) {
        g_auto(Frame) frame = {0};
        guint64 number;
        while (fd < 0 || frame_receive(fd, wire_type_string, -1, &frame, NULL) != 1) {
            if (fd >= 0)
                close(fd);
            frame_wait(odd->listener, -1, NULL);
            fd = accept(odd->listener, NULL, NULL);
            odd->connections++;
        }
        g_variant_get(frame.body, "(t&s)", &number, NULL);
        g_usleep(odd->delay_ms * 1000);
        frame_send(fd, WIRE_LEDGER_DONE, g_variant_new("(tts)", number + odd->add, (guint64)i + 1, RECORD_NO_HASH),
                   NULL, 0, soon(), NULL);
    }
    close(fd);
    return NULL;
}

static void
test_ledger_append_another_number_is_no_answer(void **state)
{
    Fixture *fixture = *state;
    Odd odd = {.listener = frame_listen(fixture->socket, 0600, NULL, NULL), .add = 1, .requests = 2};
    GThread *thread = g_thread_new("odd", answer_oddly, &odd);
    LedgerClient *client = ledger_client_new(fixture->socket);
    assert_int_equal(append(client, NULL), HANGU_ERROR_PROTOCOL);
    assert_int_equal(append(client, NULL), HANGU_ERROR_PROTOCOL);
    g_thread_join(thread);
    assert_int_equal(odd.connections, 2); /* the first was not kept */
    ledger_client_free(client);
    close(odd.listener);
}

static void
test_ledger_append_late_answer_is_not_taken_for_the_next(void **state)
{
    Fixture *fixture = *state;
    Odd odd = {.listener = frame_listen(fixture->socket, 0600, NULL, NULL), .delay_ms = 100, .requests = 2};
    GThread *thread = g_thread_new("odd", answer_oddly, &odd);
    LedgerClient *client = ledger_client_new(fixture->socket);
    g_autoptr(GError) error = NULL;
    json_t *record = letter();
    assert_false(ledger_append(client, record, clock_monotonic_us() + 20000, NULL, NULL, NULL, &error));
    assert_int_equal(error->code, HANGU_ERROR_TIMEOUT);
    guint64 seq = 0;
    assert_int_equal(append(client, &seq), 0);
    assert_int_equal(seq, 2);
    g_thread_join(thread);
    assert_int_equal(odd.connections, 2);
    json_decref(record);
    ledger_client_free(client);
    close(odd.listener);
}

static gboolean
count_ticks(gpointer user)
{
    guint *left = user;
    return (*left)-- > 1;
}

static void
test_ledger_append_ticks_while_it_waits(void **state)
{
    Fixture *fixture = *state;
    Odd odd = {.listener = frame_listen(fixture->socket, 0600, NULL, NULL), .delay_ms = 120, .requests = 2};
    GThread *thread = g_thread_new("odd", answer_oddly, &odd);
    LedgerClient *client = ledger_client_new(fixture->socket);
    g_autoptr(GError) error = NULL;
    guint patient = 1000, hasty = 2;
    json_t *record = letter();
    ledger_client_set_tick(client, 20000);
    assert_true(ledger_append(client, record, soon(), count_ticks, &patient, NULL, NULL));
    assert_in_range(1000 - patient, 2, 6);
    assert_false(ledger_append(client, record, soon(), count_ticks, &hasty, NULL, &error));
    assert_int_equal(error->code, HANGU_ERROR_TIMEOUT);
    assert_int_equal(hasty, 0);
    g_thread_join(thread);
    json_decref(record);
    ledger_client_free(client);
    close(odd.listener);
}

/* --- sudden death -------------------------------------------------------------------------------------------- */

typedef struct {
    LedgerClient *client;
    GHashTable *acknowledged; /* id to seq, of all threads */
    GMutex *lock;
} Asker;

static gpointer
append_until_it_dies(gpointer data)
{
    Asker *asker = data;
    for (;;) {
        json_t *record = letter();
        guint64 *seq = g_new0(guint64, 1);
        char *id = g_strdup(json_string_value(json_object_get(record, "id")));
        gboolean good = ledger_append(asker->client, record, clock_monotonic_us() + 300000, NULL, NULL, seq, NULL);
        json_decref(record);
        g_mutex_lock(asker->lock);
        if (good)
            g_hash_table_insert(asker->acknowledged, g_steal_pointer(&id), g_steal_pointer(&seq));
        g_mutex_unlock(asker->lock);
        g_free(id);
        g_free(seq);
        if (!good)
            return NULL;
    }
}

static pid_t
fork_server(Fixture *fixture)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    open_server(fixture, 32);
    while (server_turn(fixture->server, -1, -1, NULL) >= 0)
        ;
    _exit(1);
}

static gboolean
take_acknowledged(const ChainLine *line, gpointer user, GError **error)
{
    GHashTable *acknowledged = user;
    const char *id = json_string_value(json_object_get(line->record, "id"));
    const guint64 *seq = id != NULL ? g_hash_table_lookup(acknowledged, id) : NULL;
    if (seq != NULL) {
        assert_int_equal(json_integer_value(json_object_get(line->record, "seq")), *seq);
        g_hash_table_remove(acknowledged, id);
    }
    return TRUE;
}

static void
test_server_killed_loses_no_acknowledged_record(void **state)
{
    Fixture *fixture = *state;
    GMutex lock;
    g_mutex_init(&lock);
    g_autoptr(GHashTable) acknowledged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint round = 0; round < 5; round++) {
        GThread *threads[THREADS];
        pid_t child = fork_server(fixture);
        Asker asker = {ledger_client_new(fixture->socket), acknowledged, &lock};
        for (guint i = 0; i < THREADS; i++)
            threads[i] = g_thread_new("asker", append_until_it_dies, &asker);
        guint wanted = g_hash_table_size(acknowledged) + 20;
        for (gint64 end = soon(); wanted > 0 && clock_monotonic_us() < end;) {
            g_usleep(7000);
            g_mutex_lock(&lock);
            wanted = g_hash_table_size(acknowledged) >= wanted ? 0 : wanted;
            g_mutex_unlock(&lock);
        }
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        for (guint i = 0; i < THREADS; i++)
            g_thread_join(threads[i]);
        ledger_client_free(asker.client);
    }
    guint all = g_hash_table_size(acknowledged);
    assert_true(all >= 100);
    start(fixture, 8); /* repairs what may be torn */
    expect_good(fixture, all);
    assert_true(chain_read(fixture->directory, take_acknowledged, acknowledged, NULL, NULL));
    assert_int_equal(g_hash_table_size(acknowledged), 0);
    g_mutex_clear(&lock);
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    log_open("test_ledger_server", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_ledger_append_gives_the_number),
        WITH_DIRECTORY(test_ledger_append_by_many_threads),
        WITH_DIRECTORY(test_ledger_append_all_takes_any_number),
        WITH_DIRECTORY(test_ledger_status_tells),
        WITH_DIRECTORY(test_ledger_append_waits_for_a_free_connection),
        WITH_DIRECTORY(test_ledger_append_refused_records),
        WITH_DIRECTORY(test_ledger_append_shortens_long_lists),
        WITH_DIRECTORY(test_ledger_append_batch),
        WITH_DIRECTORY(test_server_refuses_an_oversized_batch),
        WITH_DIRECTORY(test_server_closes_on_what_is_no_request),
        WITH_DIRECTORY(test_server_is_not_held_up_by_who_does_not_read),
        WITH_DIRECTORY(test_ledger_append_full_disk),
        WITH_DIRECTORY(test_ledger_append_failed_sync_ends_the_server),
        WITH_DIRECTORY(test_ledger_append_without_a_ledger),
        WITH_DIRECTORY(test_ledger_append_another_number_is_no_answer),
        WITH_DIRECTORY(test_ledger_append_late_answer_is_not_taken_for_the_next),
        WITH_DIRECTORY(test_ledger_append_ticks_while_it_waits),
        WITH_DIRECTORY(test_server_killed_loses_no_acknowledged_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
