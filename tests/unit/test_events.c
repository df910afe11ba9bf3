/* Events on their way to the ledger: written, queued, counted together, lost when too many, kept while it is away. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "events.h"
#include "fake_ledger.h"
#include "log.h"
#include "record.h"
#include <unistd.h>

#define PATIENCE_US (20 * G_TIME_SPAN_SECOND)

static Events *
open_events(const char *socket, guint queued)
{
    EventsOptions options = {.ledger_socket = socket, .unit = "unit", .program = "test 1", .queued = queued};
    return events_new(&options);
}

static json_t *
login(Events *events, const char *event)
{
    return events_about(events, "login", event, "li@unit.example");
}

static const char *
event_of(FakeLedger *ledger, guint index)
{
    return json_string_value(json_object_get(fake_ledger_record(ledger, index), "event"));
}

static json_int_t
count_of(FakeLedger *ledger, guint index)
{
    return json_integer_value(json_object_get(fake_ledger_record(ledger, index), "count"));
}

static void
test_write_is_there_when_it_returns(void **state)
{
    FakeLedger *ledger = *state;
    g_autoptr(GError) error = NULL;
    Events *events = open_events(fake_ledger_path(ledger), 0);
    assert_true(events_write(events, login(events, "locked"), &error));
    assert_string_equal(event_of(ledger, 0), "locked");
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    assert_false(events_write(events, login(events, "locked"), &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
    events_free(events, PATIENCE_US);
}

static void
test_queue_keeps_the_order(void **state)
{
    FakeLedger *ledger = *state;
    Events *events = open_events(fake_ledger_path(ledger), 0);
    assert_true(events_queue(events, login(events, "failed")));
    assert_true(events_queue(events, login(events, "locked")));
    events_free(events, PATIENCE_US); /* sends what waits */
    assert_string_equal(event_of(ledger, 0), "failed");
    assert_string_equal(event_of(ledger, 1), "locked");
}

static void
test_merge_counts_what_is_equal(void **state)
{
    FakeLedger *ledger = *state;
    Events *events = open_events(fake_ledger_path(ledger), 0);
    for (guint i = 0; i < 5; i++)
        assert_true(events_merge(events, "li 192.0.2.0/24 PLAIN", G_TIME_SPAN_HOUR, login(events, "ok")));
    assert_true(events_merge(events, "li 198.51.100.0/24 PLAIN", G_TIME_SPAN_HOUR, login(events, "ok")));
    events_free(events, PATIENCE_US);
    assert_int_equal(count_of(ledger, 0), 0); /* the first went out by itself */
    assert_int_equal(count_of(ledger, 1), 0);
    assert_int_equal(count_of(ledger, 2), 4);
    assert_string_equal(event_of(ledger, 2), "ok");
}

static void
test_merge_ends_with_its_span(void **state)
{
    FakeLedger *ledger = *state;
    EventsState now = {0};
    Events *events = open_events(fake_ledger_path(ledger), 0);
    events_merge(events, "key", 1, login(events, "failed"));
    events_merge(events, "key", 1, login(events, "failed"));
    for (guint i = 0; i < 1000 && now.written < 2; i++) {
        g_usleep(20000);
        events_state(events, &now);
    }
    assert_int_equal(now.written, 2);
    events_free(events, PATIENCE_US);
    assert_string_equal(event_of(ledger, 1), "failed");
}

static void
test_queue_is_bounded_and_says_what_it_lost(void **state)
{
    FakeLedger *ledger = *state;
    EventsState now;
    guint kept = 0;
    fake_ledger_behave(ledger, FAKE_LEDGER_REFUSES_IO);
    Events *events = open_events(fake_ledger_path(ledger), 10);
    for (guint i = 0; i < 40; i++)
        kept += events_queue(events, login(events, "failed"));
    events_state(events, &now);
    assert_int_equal(kept, 10);
    assert_int_equal(now.lost, 40 - kept);
    assert_int_equal(now.written, 0);
    fake_ledger_behave(ledger, FAKE_LEDGER_GOOD);
    for (guint i = 0; i < 1000 && now.written < kept + 1; i++) {
        g_usleep(20000);
        events_state(events, &now);
    }
    events_free(events, PATIENCE_US);
    assert_int_equal(now.written, kept + 1);
    for (guint i = 0; i <= kept; i++)
        if (g_str_equal(event_of(ledger, i), "lost")) {
            assert_int_equal(count_of(ledger, i), 40 - kept);
            return;
        }
    fail_msg("nobody said what was lost");
}

static void
test_again_needs_no_record(void **state)
{
    FakeLedger *ledger = *state;
    Events *events = open_events(fake_ledger_path(ledger), 0);
    assert_false(events_again(events, "key"));
    assert_true(events_merge(events, "key", G_TIME_SPAN_HOUR, login(events, "ok")));
    for (guint i = 0; i < 3; i++)
        assert_true(events_again(events, "key"));
    assert_false(events_again(events, "other"));
    events_free(events, PATIENCE_US);
    assert_int_equal(count_of(ledger, 1), 3);
}

/* More than one call takes, in their order; and lines so long that only a few fit. */
static void
test_many_go_in_batches(void **state)
{
    FakeLedger *ledger = *state;
    Events *events = open_events(fake_ledger_path(ledger), 0);
    g_autofree char *name = g_strnfill(RECORD_TEXT_MAX, 'n');
    for (guint i = 0; i < 1000; i++) {
        json_t *record = login(events, "failed");
        json_object_set_new(record, "count", json_integer(i));
        record_put_text(record, "note", name);
        record_put_text(record, "department", name);
        assert_true(events_queue(events, record));
    }
    events_free(events, PATIENCE_US);
    for (guint i = 0; i < 1000; i++)
        assert_int_equal(count_of(ledger, i), i);
}

/* What a process leaves that is killed at this moment: its mark as it is now. */
static void
copy_mark(const char *from, const char *to)
{
    gsize length;
    g_autofree char *bytes = NULL;
    assert_true(g_file_get_contents(from, &bytes, &length, NULL) &&
                g_file_set_contents(to, bytes, (gssize)length, NULL));
}

/* What it took and did not tell is told by the next one, also if that one is killed before it could. */
static void
test_next_start_says_what_a_sudden_end_lost(void **state)
{
    FakeLedger *ledger = *state;
    g_autofree char *first = g_strconcat(fake_ledger_path(ledger), ".1", NULL);
    g_autofree char *second = g_strconcat(fake_ledger_path(ledger), ".2", NULL);
    g_autofree char *third = g_strconcat(fake_ledger_path(ledger), ".3", NULL);
    EventsOptions options = {
        .ledger_socket = "/nonexistent/socket", .unit = "unit", .program = "test 1", .mark_file = first};
    EventsState now;
    Events *events = events_new(&options);
    for (guint i = 0; i < 3; i++)
        events_queue(events, login(events, "failed"));
    events_merge(events, "key", G_TIME_SPAN_HOUR, login(events, "ok"));
    for (guint i = 0; i < 4; i++)
        events_again(events, "key");
    copy_mark(first, second);
    events_free(events, 0);
    options.mark_file = second;
    events = events_new(&options);
    copy_mark(second, third);
    events_free(events, 0);
    options.mark_file = third;
    options.ledger_socket = fake_ledger_path(ledger);
    events = events_new(&options);
    events_state(events, &now);
    assert_int_equal(now.last, EVENT_MARK_KILLED);
    assert_int_equal(now.missing, 8);
    events_free(events, PATIENCE_US);
    assert_string_equal(event_of(ledger, 0), "lost");
    assert_int_equal(count_of(ledger, 0), 8);
    assert_string_equal(json_string_value(json_object_get(fake_ledger_record(ledger, 0), "reason")), "killed");
    events = events_new(&options); /* in order now */
    events_state(events, &now);
    assert_int_equal(now.last, EVENT_MARK_STOPPED);
    assert_int_equal(now.missing, 0);
    events_free(events, PATIENCE_US);
    options.mark_file = first; /* in order, but the ledger was away */
    events_free(events_new(&options), PATIENCE_US);
    assert_string_equal(json_string_value(json_object_get(fake_ledger_record(ledger, 1), "reason")), "not-sent");
    assert_int_equal(count_of(ledger, 1), 8);
    unlink(first);
    unlink(second);
    unlink(third);
}

/* A damaged mark, or one of a machine that has been started since: something may be missing. */
static void
test_mark_that_says_nothing(void **state)
{
    FakeLedger *ledger = *state;
    g_autofree char *mark = g_strconcat(fake_ledger_path(ledger), ".mark", NULL);
    EventsOptions options = {
        .ledger_socket = fake_ledger_path(ledger), .unit = "unit", .program = "test 1", .mark_file = mark};
    static const char *const damaged[] = {"x", "Hgevent1Hgevent1Hgevent1"};
    for (gsize i = 0; i < G_N_ELEMENTS(damaged); i++) {
        EventsState now;
        assert_true(g_file_set_contents(mark, damaged[i], -1, NULL));
        Events *events = events_new(&options);
        events_state(events, &now);
        assert_int_equal(now.last, EVENT_MARK_FELL);
        events_free(events, PATIENCE_US);
        assert_string_equal(event_of(ledger, (guint)i), "lost");
        assert_int_equal(count_of(ledger, (guint)i), 0);
    }
    unlink(mark);
}

static void
test_ledger_away_holds_nobody_up(void **state)
{
    (void)state;
    EventsState now = {0};
    Events *events = open_events("/nonexistent/ledger.sock", 10);
    assert_true(events_queue(events, login(events, "ok")));
    for (guint i = 0; i < 1000 && !now.away; i++) {
        g_usleep(20000);
        events_state(events, &now);
    }
    assert_true(now.away);
    events_free(events, 0);
}

static int
start(void **state)
{
    *state = fake_ledger_start();
    return 0;
}

static int
stop(void **state)
{
    fake_ledger_stop(*state);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_is_there_when_it_returns, start, stop),
        cmocka_unit_test_setup_teardown(test_queue_keeps_the_order, start, stop),
        cmocka_unit_test_setup_teardown(test_merge_counts_what_is_equal, start, stop),
        cmocka_unit_test_setup_teardown(test_merge_ends_with_its_span, start, stop),
        cmocka_unit_test_setup_teardown(test_queue_is_bounded_and_says_what_it_lost, start, stop),
        cmocka_unit_test_setup_teardown(test_again_needs_no_record, start, stop),
        cmocka_unit_test_setup_teardown(test_many_go_in_batches, start, stop),
        cmocka_unit_test_setup_teardown(test_next_start_says_what_a_sudden_end_lost, start, stop),
        cmocka_unit_test_setup_teardown(test_mark_that_says_nothing, start, stop),
        cmocka_unit_test(test_ledger_away_holds_nobody_up),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    log_open("test_events", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
