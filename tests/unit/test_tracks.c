#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "database.h"
#include "remove_tree.h"
#include "tracks.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MINUTE G_TIME_SPAN_MINUTE
#define DAY G_TIME_SPAN_DAY
static const guint8 key[CRYPTO_KEY_SIZE] = {5}, body[CRYPTO_DIGEST_SIZE] = {1};
static const CorrelationLetter letter = {(char *)"1@out.example", body}, later = {(char *)"2@out.example", NULL};

typedef struct {
    char *directory, *path;
    Correlation *correlation;
    History *history;
    Tracks *tracks;
} Fixture;

static void
start(Fixture *fixture)
{
    GError *error = NULL;
    fixture->correlation = correlation_new(key);
    fixture->history = history_new(key);
    history_retain(fixture->history, 30);
    fixture->tracks = tracks_open(fixture->path, fixture->correlation, fixture->history, &error);
    if (fixture->tracks == NULL)
        fail_msg("%s", error->message);
}

static void
stop(Fixture *fixture)
{
    g_clear_pointer(&fixture->tracks, tracks_close);
    g_clear_pointer(&fixture->correlation, correlation_free);
    g_clear_pointer(&fixture->history, history_free);
}

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = g_dir_make_tmp("hangu-tracks-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->directory, "tracks.db", NULL);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    stop(fixture);
    remove_tree(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

static guint
leaving(const Fixture *fixture, const CorrelationLetter *one, const char *address, gint64 now_us)
{
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer)address);
    return correlation_leaving(fixture->correlation, one, recipients, now_us);
}

static void
tell(const Fixture *fixture, const CorrelationLetter *one, const char *address)
{
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    g_ptr_array_add(recipients, (gpointer)address);
    correlation_told(fixture->correlation, one, recipients, g_get_monotonic_time());
}

static void
test_restart_in_order_forgets_nothing(void **state)
{
    Fixture *fixture = *state;
    gint64 now = g_get_monotonic_time();
    start(fixture);
    correlation_delivered(fixture->correlation, &letter, now, 10 * MINUTE);
    correlation_delivered(fixture->correlation, &later, now, 10 * MINUTE);
    tell(fixture, &later, "friend@out.example");
    history_add(fixture->history, "li", "li@free.example", clock_wall_us());
    stop(fixture);
    start(fixture);
    assert_int_equal(correlation_count(fixture->correlation), 3);
    assert_int_equal(leaving(fixture, &letter, "friend@out.example", now + 1),
                     CORRELATION_MESSAGE_ID | CORRELATION_BODY);
    assert_int_equal(leaving(fixture, &later, "friend@out.example", now + 1), 0); /* a person sent it there */
    assert_int_equal(leaving(fixture, &later, "other@out.example", now + 1), CORRELATION_MESSAGE_ID);
    assert_int_equal(leaving(fixture, &letter, "friend@out.example", now + 11 * MINUTE), 0);
    HistoryCount count = history_count(fixture->history, "li", "li@free.example", clock_wall_us());
    assert_int_equal(count.letters, 1);
    assert_int_equal(count.days, 1);
}

/* What was written before is there; nobody closes anything. */
static void
test_killed_process_leaves_what_was_written(void **state)
{
    Fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0) {
        start(fixture);
        correlation_delivered(fixture->correlation, &letter, g_get_monotonic_time(), 10 * MINUTE);
        if (!tracks_settle(fixture->tracks, NULL))
            _exit(1);
        correlation_delivered(fixture->correlation, &later, g_get_monotonic_time(), 10 * MINUTE);
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    start(fixture);
    assert_int_not_equal(leaving(fixture, &letter, "friend@out.example", g_get_monotonic_time()), 0);
}

static void
test_what_is_over_does_not_come_back(void **state)
{
    Fixture *fixture = *state;
    gint64 now = clock_wall_us();
    start(fixture);
    correlation_delivered(fixture->correlation, &letter, g_get_monotonic_time(), 1);
    history_add(fixture->history, "li", "li@free.example", now - 40 * DAY);
    history_add(fixture->history, "li", "zhang@free.example", now - 5 * DAY);
    stop(fixture);
    start(fixture);
    assert_int_equal(correlation_count(fixture->correlation), 0);
    assert_int_equal(history_pairs(fixture->history), 1);
    assert_int_equal(history_count(fixture->history, "li", "zhang@free.example", now).letters, 1);
}

/* Digests, times and numbers: the file holds nobody's address. */
static void
test_file_names_nobody(void **state)
{
    Fixture *fixture = *state;
    start(fixture);
    correlation_delivered(fixture->correlation, &letter, g_get_monotonic_time(), 10 * MINUTE);
    tell(fixture, &letter, "friend@out.example");
    history_add(fixture->history, "li", "li@free.example", clock_wall_us());
    stop(fixture);
    g_autofree char *bytes = NULL;
    gsize length;
    assert_true(g_file_get_contents(fixture->path, &bytes, &length, NULL));
    assert_null(g_strstr_len(bytes, (gssize)length, "example"));
}

static void
test_damaged_file_is_set_aside(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *aside = g_strconcat(fixture->path, ".damaged", NULL);
    g_autofree char *rubbish = g_strnfill(9000, 'x');
    assert_true(g_file_set_contents(fixture->path, rubbish, -1, NULL));
    start(fixture);
    correlation_delivered(fixture->correlation, &letter, g_get_monotonic_time(), 10 * MINUTE);
    stop(fixture);
    assert_true(g_file_test(aside, G_FILE_TEST_EXISTS));
    start(fixture);
    assert_int_equal(correlation_count(fixture->correlation), 2);
}

static void
test_failed_batch_is_written_later(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GArray) changes = NULL, again = NULL;
    fixture->correlation = correlation_new(key);
    fixture->history = history_new(key);
    history_retain(fixture->history, 30);
    correlation_delivered(fixture->correlation, &letter, 0, MINUTE);
    history_add(fixture->history, "li", "li@free.example", DAY);
    changes = correlation_take_changes(fixture->correlation, 10);
    assert_int_equal(changes->len, 2);
    correlation_give_back(fixture->correlation, changes);
    g_clear_pointer(&changes, g_array_unref);
    changes = correlation_take_changes(fixture->correlation, 1);
    assert_int_equal(changes->len, 1);
    again = history_take_changes(fixture->history, 10);
    assert_int_equal(again->len, 1);
    history_give_back(fixture->history, again);
    g_clear_pointer(&again, g_array_unref);
    again = history_take_changes(fixture->history, 10);
    assert_int_equal(again->len, 1);
    assert_int_equal(g_array_index(again, HistoryEntry, 0).letters, 1);
}

static void
test_history_counts_days(void **state)
{
    g_autoptr(History) history = history_new(key);
    const gint64 noon = 20000 * DAY + DAY / 2;
    history_add(history, "li", "li@free.example", noon); /* nothing is kept yet */
    history_retain(history, 10);
    for (guint i = 0; i < 5; i++)
        history_add(history, "li", "li@free.example", noon + (gint64)(i / 2) * DAY);
    history_add(history, "li", "wife@free.example", noon);
    history_add(history, "zhang", "li@free.example", noon);
    HistoryCount count = history_count(history, "li", "li@free.example", noon + 2 * DAY);
    assert_int_equal(count.letters, 5);
    assert_int_equal(count.days, 3);
    count = history_count(history, "li", "li@free.example", noon + 10 * DAY);
    assert_int_equal(count.letters, 3); /* the first day is over */
    assert_int_equal(count.days, 2);
    assert_int_equal(history_count(history, "l", "ili@free.example", noon).letters, 0);
    history_add(history, "li", "li@free.example", noon + DAY); /* the clock went back */
    assert_int_equal(history_count(history, "li", "li@free.example", noon + 2 * DAY).letters, 6);
    history_retain(history, 0);
    assert_int_equal(history_pairs(history), 0);
}

static void
test_history_is_bounded(void **state)
{
    g_autoptr(History) history = history_new(key);
    history_retain(history, 10);
    for (guint i = 0; i < HISTORY_MAX + 100; i++) {
        g_autofree char *address = g_strdup_printf("%u@free.example", i);
        history_add(history, "li", address, DAY);
    }
    assert_int_equal(history_pairs(history), HISTORY_MAX);
    assert_int_equal(history_count(history, "li", "0@free.example", DAY).letters, 0);
    assert_int_equal(history_count(history, "li", "100@free.example", DAY).letters, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_restart_in_order_forgets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed_process_leaves_what_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_over_does_not_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file_names_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_file_is_set_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_batch_is_written_later, set_up, tear_down),
        cmocka_unit_test(test_history_counts_days),
        cmocka_unit_test(test_history_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
