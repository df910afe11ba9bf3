/* Readers that lie, fall silent or die. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "reader_double.h"
#include "spool.h"
#include <sys/socket.h>
#include <unistd.h>

/* --- lies --------------------------------------------------------------------------------------------------------- */

static void
lie_part_out_of_order(Double *me)
{
    say_part(me, 2, 0, "a");
}

static void
lie_part_twice(Double *me)
{
    say_part(me, 1, 0, "a");
    say_part(me, 1, 0, "b");
}

static void
lie_text_of_nothing(Double *me)
{
    say_text(me, 1, PLACE_BODY, "x", FALSE);
}

static void
lie_text_of_a_subject(Double *me)
{
    say_text(me, 0, PLACE_SUBJECT, "x", FALSE);
}

static void
lie_bytes_of_the_attachment(Double *me)
{
    say_bytes(me, 0, "x");
}

static void
lie_bytes_of_nothing(Double *me)
{
    say_bytes(me, 1, "x");
}

static void
lie_bytes_after_the_end(Double *me)
{
    say_part(me, 1, 0, "a");
    say_part(me, 2, 0, "b");
    say_bytes(me, 1, "x");
    say_bytes(me, 2, "x");
    say_bytes(me, 1, "x");
}

static void
lie_cover_of_nothing(Double *me)
{
    say_cover(me, 7, COVERAGE_COMPLETE, WHY_NONE);
}

static void
lie_cover_that_does_not_fit(Double *me)
{
    say_cover(me, 0, COVERAGE_COMPLETE, WHY_DAMAGED);
}

static void
lie_like_a_spawner(Double *me)
{
    say(me, WIRE_EXTRACT_GIVE, wire_give("1.2.3", ""));
}

/* Words of the letter, on their way into the record. */
static void
lie_about_a_type(Double *me)
{
    const WirePart part = {1, 0, "a", "application/the-secret-plan", -1};
    say(me, WIRE_EXTRACT_PART, wire_part(&part));
}

static void
lie_about_what_was_unpacked(Double *me)
{
    say(me, WIRE_EXTRACT_END, wire_end(me->job.max_bytes + 1));
}

static void
lie_with_less_than_nothing(Double *me)
{
    say(me, WIRE_EXTRACT_END, wire_end(-1));
}

static void
lie_with_an_end_of_another_kind(Double *me)
{
    say(me, WIRE_EXTRACT_END, NULL);
}

/* The attachment itself is nobody's member. */
static void
lie_with_a_part_without_number(Double *me)
{
    say_part(me, 0, 0, "a");
}

static void
lie_with_a_part_in_itself(Double *me)
{
    say_part(me, 1, 1, "a");
}

static void
lie_about_coverage_for_ever(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireCover cover = {0, COVERAGE_COMPLETE, WHY_NONE};
        if (!frame_send(me->reader, WIRE_EXTRACT_COVER, wire_cover(&cover), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_with_empty_content_for_ever(Double *me)
{
    say_part(me, 1, 0, "a");
    for (guint i = 0; i < 100000; i++) {
        const WireBytes bytes = {1, (const guint8 *)"", 0};
        if (!frame_send(me->reader, WIRE_EXTRACT_BYTES, wire_bytes(&bytes), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_with_another_frame(Double *me)
{
    say(me, WIRE_EXTRACT_WANT, NULL);
}

static void
lie_with_a_descriptor(Double *me)
{
    frame_send(me->reader, WIRE_EXTRACT_END, wire_end(0), &me->socket, 1, -1, NULL);
}

static void
lie_with_junk(Double *me)
{
    send(me->reader, "no frame at all, as anybody can see", 35, MSG_NOSIGNAL);
}

static void
lie_with_bad_utf8(Double *me)
{
    g_autoptr(GVariant) body = g_variant_ref_sink(
        g_variant_new("(ussubbbuus)", 0, "body", "", 0, FALSE, FALSE, FALSE, 0, FACE_NO_COLOUR, "text X text"));
    gsize size = g_variant_get_size(body);
    guint8 *copy = g_memdup2(g_variant_get_data(body), size);
    *(guint8 *)memchr(copy, 'X', size) = 0xFF;
    g_autoptr(GBytes) bytes = g_bytes_new_take(copy, size);
    say(me, WIRE_EXTRACT_TEXT, g_variant_new_from_bytes(g_variant_get_type(body), bytes, FALSE));
}

static void
lie_by_saying_nothing(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireText text = {.place = PLACE_BODY, .name = "", .colour = 0, .text = "", .length = 0};
        if (!frame_send(me->reader, WIRE_EXTRACT_TEXT, wire_text(&text), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_about_the_look_of_nobody(Double *me)
{
    const WireLook look = {5, 1, LOOK_SEAL};
    say(me, WIRE_EXTRACT_LOOK, wire_look(&look));
}

static void
lie_about_looks_for_ever(Double *me)
{
    for (guint i = 0; i < 100000; i++) {
        const WireLook look = {0, i, LOOK_SEAL};
        if (!frame_send(me->reader, WIRE_EXTRACT_LOOK, wire_look(&look), NULL, 0, -1, NULL))
            return;
    }
}

static void
lie_by_dying(Double *me)
{
}

static void
lie_by_dying_late(Double *me)
{
    say_text(me, 0, PLACE_BODY, "so far " MARK, FALSE);
    say_part(me, 1, 0, "a");
    say_bytes(me, 1, "half a member");
}

static void
test_extract_of_a_reader_that_lies_or_dies_is_reader_failed(void **state)
{
    static const Play lies[] = {
        lie_part_out_of_order,
        lie_part_twice,
        lie_text_of_nothing,
        lie_text_of_a_subject,
        lie_bytes_of_nothing,
        lie_bytes_after_the_end,
        lie_bytes_of_the_attachment,
        lie_cover_of_nothing,
        lie_like_a_spawner,
        lie_with_another_frame,
        lie_cover_that_does_not_fit,
        lie_with_a_descriptor,
        lie_with_junk,
        lie_with_bad_utf8,
        lie_by_saying_nothing,
        lie_by_dying,
        lie_by_dying_late,
        lie_about_the_look_of_nobody,
        lie_about_looks_for_ever,
        lie_about_a_type,
        lie_about_what_was_unpacked,
        lie_with_less_than_nothing,
        lie_with_an_end_of_another_kind,
        lie_with_a_part_without_number,
        lie_with_a_part_in_itself,
        lie_about_coverage_for_ever,
        lie_with_empty_content_for_ever,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
        World world = {.other.play = {lies[i], play_document}};
        world_read(&world, 2, "application/octet-stream", -1);
        print_message("# lie %u\n", (guint)i);
        assert_part(&world, 1, "1/file1.gz", COVERAGE_UNREADABLE, WHY_READER_FAILED);
        assert_part(&world, 2, "2/file2.gz", COVERAGE_COMPLETE, WHY_NONE); /* a fresh reader */
        assert_text(&world, "<page-header 2:1>" MARK);
        assert_int_equal(world.message->coverage, COVERAGE_UNREADABLE);
        world_clear(&world);
    }
}

static void
test_extract_looks_at_what_came_before_a_death(void **state)
{
    World world = {.other.play = {lie_by_dying_late}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<body 1:1>so far " MARK);
    assert_text(&world, "<body 2:1>half a member");
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_PARTIAL, WHY_READER_FAILED);
    world_clear(&world);
}

/* The spawner says so in its place. */
static void
run_out_of_time(Double *me)
{
    say_text(me, 0, PLACE_BODY, "so far " MARK, FALSE);
    say_part(me, 1, 0, "a");
    say_cover(me, 1, COVERAGE_COMPLETE, WHY_NONE);
    say_part(me, 2, 0, "b");
    say_text(me, 2, PLACE_BODY, "half", FALSE);
    say(me, WIRE_EXTRACT_OVER, NULL);
}

static void
test_extract_of_a_reader_out_of_time_is_over_budget(void **state)
{
    World world = {.other.play = {run_out_of_time}};
    world_read(&world, 1, "application/octet-stream", -1);
    assert_text(&world, "<body 1:1>so far " MARK);
    assert_part(&world, 1, "1/file1.gz", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    assert_part(&world, 2, "1/file1.gz/a", COVERAGE_COMPLETE, WHY_NONE);
    assert_part(&world, 3, "1/file1.gz/b", COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    world_clear(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_of_a_reader_that_lies_or_dies_is_reader_failed),
        cmocka_unit_test(test_extract_looks_at_what_came_before_a_death),
        cmocka_unit_test(test_extract_of_a_reader_out_of_time_is_over_budget),
    };
    return cmocka_run_group_tests(tests, reader_double_begin, reader_double_end);
}
