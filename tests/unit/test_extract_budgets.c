/* Documents that are over a budget of bytes, time or parts. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "letters.h"
#include "reader_double.h"
#include "spool.h"
#include <sys/socket.h>
#include <unistd.h>

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static void
flood_text(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    for (guint i = 0; i < 1000; i++)
        say_text(me, 0, PLACE_BODY, text, TRUE);
}

static void
flood_bytes(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 1000; i++)
        say_bytes(me, 1, text);
}

static void
flood_parts(Double *me)
{
    for (guint i = 1; i < 1000; i++)
        say_part(me, i, 0, "a");
}

static void
flood_depth(Double *me)
{
    for (guint i = 1; i < 1000; i++)
        say_part(me, i, i - 1, "a");
}

static void
test_extract_of_a_flood_is_over_budget(void **state)
{
    static const Play floods[] = {flood_text, flood_bytes, flood_parts, flood_depth};
    gint64 text = settings->max_text_bytes, bytes = settings->extract_max_bytes, parts = settings->max_parts;
    settings->max_text_bytes = 1000000;
    settings->extract_max_bytes = 500000;
    settings->max_parts = 50;
    for (gsize i = 0; i < G_N_ELEMENTS(floods); i++) {
        World world = {.other.play = {floods[i], play_document}};
        world_read(&world, 1, "application/octet-stream", -1);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_true(world.message->parts->len <= 52);
        assert_true(world.message->text_bytes <= 1000000);
        world_clear(&world);
    }
    settings->max_text_bytes = text;
    settings->extract_max_bytes = bytes;
    settings->max_parts = parts;
}

/* What each tells at its end; the third has got what is left, the fourth is not asked. */
static void
unpack_much(Double *me)
{
    say_part(me, 1, 0, "a");
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_cover(me, 0, me->job.max_bytes < 400000 ? COVERAGE_PARTIAL : COVERAGE_COMPLETE,
              me->job.max_bytes < 400000 ? WHY_OVER_BUDGET : WHY_NONE);
    say(me, WIRE_EXTRACT_END, wire_end(MIN(me->job.max_bytes, 400000)));
}

static void
die_early(Double *me)
{
    say_part(me, 1, 0, "a");
}

/* Says that it unpacked nothing, and sends content. */
static void
understate(Double *me)
{
    g_autofree char *text = g_strnfill(50000, 'x');
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 8; i++)
        say_bytes(me, 1, text);
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_NONE);
    say_end(me);
}

static void
test_extract_past_the_bytes_of_a_letter_is_over_budget(void **state)
{
    static const struct {
        Play play;
        guint given;     /* readers */
        gint64 last_job; /* bytes that the last of them may unpack */
        gint64 spent;
    } cases[] = {{unpack_much, 3, 200000, 1000000}, {understate, 3, 200000, 1000000}, {die_early, 2, 500000, 1000000}};
    gint64 each = settings->extract_max_bytes, most = settings->extract_letter_bytes;
    settings->extract_max_bytes = 500000;
    settings->extract_letter_bytes = 1000000;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        World world = {.other.play = {cases[i].play}};
        world_read(&world, 5, "application/octet-stream", -1);
        assert_part(&world, 4, "4/file4.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_part(&world, 5, "5/file5.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_int_equal(world.message->documents_bytes, cases[i].spent);
        world_clear(&world); /* its thread has ended */
        assert_int_equal(world.other.given, cases[i].given);
        assert_int_equal(world.other.job.max_bytes, cases[i].last_job);
    }
    settings->extract_max_bytes = each;
    settings->extract_letter_bytes = most;
}

static void
test_extract_of_one_large_member_keeps_what_fits(void **state)
{
    gint64 most = settings->max_part_bytes;
    settings->max_part_bytes = 120000;
    World world = {.other.play = {flood_bytes}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    assert_text(&world, "<body 2:1>xxxx");
    world_clear(&world);
    settings->max_part_bytes = most;
}

static void
be_silent(Double *me)
{
    frame_wait(me->reader, clock_monotonic_us() + 5 * SECONDS, NULL); /* until it hangs up */
}

static void
trickle(Double *me)
{
    for (guint i = 0; i < 500; i++) {
        say_text(me, 0, PLACE_BODY, "x", TRUE);
        g_usleep(10000);
    }
}

static void
test_extract_past_the_deadline_is_over_budget(void **state)
{
    static const Play plays[] = {be_silent, trickle};
    for (gsize i = 0; i < G_N_ELEMENTS(plays); i++) {
        World world = {.other.play = {plays[i]}};
        gint64 start = clock_monotonic_us();
        world_read(&world, 2, "application/octet-stream", start + SECONDS / 2);
        assert_true(clock_monotonic_us() - start < 3 * SECONDS);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        assert_part(&world, 2, "2/file2.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        world_clear(&world);
    }
}

/* Each would have its own time; together they have one. */
static void
test_extract_past_the_time_of_a_letter_is_over_budget(void **state)
{
    gint64 most = settings->extract_letter;
    settings->extract_letter = 1;
    World world = {.other.play = {be_silent}};
    world_read(&world, 4, "application/octet-stream", -1);
    for (guint i = 1; i <= 4; i++)
        assert_int_equal(message_part(world.message, i)->coverage, COVERAGE_PARTIAL);
    world_clear(&world);                    /* its thread has ended */
    assert_int_equal(world.other.given, 1); /* for the others nobody is asked */
    assert_true(world.other.job.cpu_ms <= 1001);
    settings->extract_letter = most;
}

typedef struct {
    LeaseKind yes; /* up to this kind */
    guint asked;
} Answers;

static gboolean
answer_as_told(LeaseKind wanted, gpointer user)
{
    Answers *answers = user;
    answers->asked++;
    return wanted <= answers->yes;
}

static void
test_extract_asks_the_lease_before_the_first_document(void **state)
{
    for (LeaseKind yes = LEASE_LIGHT; yes <= LEASE_DOCUMENTS; yes++) {
        Answers answers = {.yes = yes};
        Lease lease = lease_new(LEASE_LIGHT, answer_as_told, &answers);
        World world = {.other.play = {play_document}, .lease = &lease};
        world_read(&world, 3, "application/octet-stream", -1);
        world_clear(&world);
        assert_int_equal(answers.asked, 1);
        assert_int_equal(lease.ended, yes == LEASE_LIGHT);
        assert_int_equal(world.other.given, yes == LEASE_LIGHT ? 0 : 3);
    }
}

/* A reader that says nothing, or never falls silent: refused, the letter goes back at once; else it goes on. */
static void
test_extract_asks_the_lease_when_its_time_is_over(void **state)
{
    static const Play plays[] = {be_silent, trickle};
    for (gsize i = 0; i < 4; i++) {
        Answers answers = {.yes = i < 2 ? LEASE_DOCUMENTS : LEASE_LONG};
        Lease lease = lease_new(LEASE_DOCUMENTS, answer_as_told, &answers);
        World world = {.other.play = {plays[i % 2]}, .lease = &lease};
        gint64 start = clock_monotonic_us(), end = i < 2 ? start + 60 * SECONDS : start + SECONDS / 2;
        lease.until_us = start + SECONDS / 10;
        world_read(&world, 2, "application/octet-stream", end);
        gint64 took = clock_monotonic_us() - start;
        world_clear(&world);
        assert_int_equal(answers.asked, 1);
        assert_int_equal(lease.ended, i < 2);
        assert_true(took >= SECONDS / 10 && took < 3 * SECONDS);
        assert_true(i < 2 || took >= SECONDS / 2);
        assert_int_equal(world.other.given, 1);
    }
}

static void
test_extract_stops_when_the_sink_does(void **state)
{
    World world = {.other.play = {play_long_text}, .seen.stop_after = 5};
    world_read(&world, 2, "application/octet-stream", -1);
    assert_int_equal(world.seen.segments, 5);
    assert_part(&world, 2, "2/file2.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_of_a_flood_is_over_budget),
        cmocka_unit_test(test_extract_past_the_bytes_of_a_letter_is_over_budget),
        cmocka_unit_test(test_extract_of_one_large_member_keeps_what_fits),
        cmocka_unit_test(test_extract_past_the_deadline_is_over_budget),
        cmocka_unit_test(test_extract_past_the_time_of_a_letter_is_over_budget),
        cmocka_unit_test(test_extract_asks_the_lease_before_the_first_document),
        cmocka_unit_test(test_extract_asks_the_lease_when_its_time_is_over),
        cmocka_unit_test(test_extract_stops_when_the_sink_does),
    };
    return cmocka_run_group_tests(tests, reader_double_begin, reader_double_end);
}
