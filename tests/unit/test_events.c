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
    assert_in_range(kept, 10, 11); /* one may be in the thread's hands */
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
        cmocka_unit_test(test_ledger_away_holds_nobody_up),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    log_open("test_events", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
