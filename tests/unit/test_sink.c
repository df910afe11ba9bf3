#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "taker.h"
#include <string.h>

static gboolean
tell(Sink *sink, PlaceKind place, const char *text, gssize length, guint size, gboolean goes_on)
{
    return sink_text(sink, &(WireText){.place = place,
                                       .goes_on = goes_on,
                                       .size = size,
                                       .colour = FACE_NO_COLOUR,
                                       .text = text,
                                       .length = length < 0 ? strlen(text) : (gsize)length});
}

static void
feed_runs(Sink *sink, gpointer user)
{
    tell(sink, PLACE_BODY, "机", -1, 0, FALSE);
    tell(sink, PLACE_BODY, "密★", -1, 0, TRUE);
    tell(sink, PLACE_BODY, "10年", -1, 220, TRUE); /* another size: a frame of its own that goes on */
    tell(sink, PLACE_NOTE, "note", -1, 0, FALSE);
    tell(sink, PLACE_BODY, "\nmore", -1, 0, TRUE);
    tell(sink, PLACE_NOTE, "other", -1, 0, FALSE);
    tell(sink, PLACE_NOTE, "a\0b\xFF", 4, 0, TRUE);
}

/* A shape and its name, and again: two places, two frames. */
static void
feed_two_places(Sink *sink, gpointer user)
{
    for (guint i = 0; i < 100; i++) {
        tell(sink, PLACE_ALTERNATIVE, "name\n", -1, 0, i > 0);
        tell(sink, PLACE_BODY, "text\n", -1, 0, i > 0);
    }
}

static void
test_sink_text_keeps_places_apart(void **state)
{
    g_autoptr(Taken) taken = taker_feed(feed_two_places, NULL, &TAKER_WIDE);
    assert_false(taken->lied);
    assert_int_equal(taken->text_frames, 2);
    assert_int_equal(taken->places[PLACE_BODY]->len, 501);
    assert_int_equal(taken->places[PLACE_ALTERNATIVE]->len, 501);
}

static void
test_sink_text_joins_runs(void **state)
{
    g_autoptr(Taken) taken = taker_feed(feed_runs, NULL, &TAKER_WIDE);
    assert_false(taken->lied);
    assert_string_equal(taken->text->str, "0:body::机密★10年\n0:note::note\nmore\n0:note::otherab\xEF\xBF\xBD");
    assert_int_equal(taken->text_frames, 5);
    assert_string_equal(taken->told->str, "cover 0 complete none\nend\n");
}

static void
feed_long(Sink *sink, gpointer user)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 300 * 1024)
        g_string_append(text, "密");
    assert_true(tell(sink, PLACE_BODY, text->str, -1, 0, FALSE));
}

static void
test_sink_text_cuts_between_characters(void **state)
{
    g_autoptr(Taken) taken = taker_feed(feed_long, NULL, &TAKER_WIDE);
    assert_false(taken->lied);
    assert_int_equal(taken->text_frames, 5);
    assert_int_equal(taken->text->len, strlen("0:body::") + 300 * 1024);
}

static void
feed_too_much(Sink *sink, gpointer user)
{
    assert_true(tell(sink, PLACE_BODY, "机密", -1, 0, FALSE));
    assert_false(tell(sink, PLACE_BODY, "机密", -1, 0, TRUE));
    assert_false(tell(sink, PLACE_BODY, "机密", -1, 0, TRUE));
    assert_true(sink_stopped(sink));
}

static void
test_sink_text_over_budget(void **state)
{
    static const TakerLimits limits = {10, 1000, 10, 2};
    g_autoptr(Taken) taken = taker_feed(feed_too_much, NULL, &limits);
    assert_string_equal(taken->text->str, "0:body::机密机");
    assert_string_equal(taken->told->str, "cover 0 partial over-budget\nend\n");
}

static void
feed_objects(Sink *sink, gpointer user)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("机密★10年", strlen("机密★10年"));
    g_autoptr(Source) source = source_of_bytes(bytes);
    assert_true(sink_object(sink, 0, "\xBB\xFA\xC3\xDC\xCE\xC4\xBC\xFE.txt", 12, source)); /* GBK */
    assert_true(sink_missing(sink, 0, "locked", 6, 7, WHY_ENCRYPTED));
    sink_cover(sink, 0, COVERAGE_PARTIAL, WHY_DAMAGED);
    sink_cover(sink, 0, COVERAGE_OPAQUE, WHY_NONE); /* the gravest counts */
    assert_false(sink_object(sink, 0, "third", 5, source));
}

static void
test_sink_object_announces_and_covers(void **state)
{
    static const TakerLimits limits = {1000, 1000, 3, 2};
    g_autoptr(Taken) taken = taker_feed(feed_objects, NULL, &limits);
    assert_false(taken->lied);
    assert_string_equal(taken->told->str, "part 1<0 text/plain \"机密文件.txt\"\ncover 1 complete none\n"
                                          "part 2<0  \"locked\"\ncover 2 unreadable encrypted\n"
                                          "cover 0 partial damaged\nend\n");
    GString *bytes = g_ptr_array_index(taken->bytes, 1);
    assert_string_equal(bytes->str, "机密★10年");
}

static gssize
count_down(gpointer user, void *out, gsize length)
{
    guint *left = user;
    if (*left == 0)
        return 0;
    *(char *)out = (char)('a' + --*left);
    return 1;
}

static void
test_source_stream_goes_forward_only(void **state)
{
    guint left = 3;
    char out[4];
    g_autoptr(GBytes) head = g_bytes_new_static("head", 4);
    g_autoptr(Source) source = source_of_stream(head, count_down, &left);
    assert_int_equal(source_length(source), -1);
    assert_int_equal(source_read(source, 5, out, 1), 1); /* 'c' is skipped */
    assert_int_equal(out[0], 'b');
    assert_int_equal(source_read(source, 4, out, 1), -1);
    assert_true(source_read_all(source, 1, out, 3));
    assert_memory_equal(out, "ead", 3);
    assert_int_equal(source_read(source, 7, out, 1), 0);
    g_autoptr(GBytes) bytes = g_bytes_new_static("0123456789", 10);
    g_autoptr(Source) whole = source_of_bytes(bytes);
    g_autoptr(Source) piece = source_part(whole, 2, 5);
    assert_int_equal(source_read(piece, 1, out, 4), 2);
    assert_memory_equal(out, "34", 2);
    assert_false(source_read_all(piece, 1, out, 3));
}

static void
test_source_all_gives_at_most_one_byte_too_many(void **state)
{
    guint left = 3;
    gboolean damaged;
    g_autoptr(GBytes) bytes = g_bytes_new_static("0123456789", 10), head = g_bytes_new_static("head", 4);
    g_autoptr(Source) whole = source_of_bytes(bytes), piece = source_part(whole, 2, 9), part = source_part(piece, 1, 4);
    g_autoptr(Source) stream = source_of_stream(head, count_down, &left);
    const struct {
        Source *source;
        gint64 most;
        const char *text;
    } rows[] = {{whole, 10, "0123456789"}, {whole, 4, "01234"}, {piece, 7, "2345678"},
                {part, 9, "345"},          {part, 1, "34"},     {stream, 5, "headcb"}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) all = source_all(rows[i].source, rows[i].most, &damaged);
        gsize length;
        const char *data = g_bytes_get_data(all, &length);
        g_autofree char *text = g_strndup(data, length);
        assert_false(damaged);
        assert_string_equal(text, rows[i].text);
    }
    g_autoptr(GBytes) again = source_all(stream, 5, &damaged); /* a stream behind its head goes forward only */
    assert_true(damaged);
    assert_int_equal(g_bytes_get_size(again), 4);
}

static void
feed_looks(Sink *sink, gpointer user)
{
    const WireText seen = {
        .ocr = TRUE, .place = PLACE_BODY, .page = 2, .colour = FACE_NO_COLOUR, .text = "机太", .length = 6};
    const WireText known = {
        .place = PLACE_BODY, .page = 2, .goes_on = TRUE, .colour = FACE_NO_COLOUR, .text = "密", .length = 3};
    assert_true(sink_look(sink, 0, 2, 0)); /* nothing to tell */
    assert_true(sink_look(sink, 0, 2, LOOK_SEAL | LOOK_RED_HEAD | 0x80));
    assert_true(sink_text(sink, &seen));
    assert_true(sink_text(sink, &known)); /* a frame of its own: these letters are certain */
    assert_true(sink_look(sink, 0, 3, LOOK_SEAL));
}

static void
test_sink_looks_and_text_of_pictures(void **state)
{
    g_autoptr(Taken) taken = taker_feed(feed_looks, NULL, &TAKER_WIDE);
    assert_false(taken->lied);
    assert_string_equal(taken->told->str, "look 0 2 3\nlook 0 3 2\ncover 0 complete none\nend\n");
    assert_string_equal(taken->text->str, "0:body::机太密");
    assert_int_equal(taken->text_frames, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sink_text_joins_runs),
        cmocka_unit_test(test_sink_text_keeps_places_apart),
        cmocka_unit_test(test_sink_text_cuts_between_characters),
        cmocka_unit_test(test_sink_text_over_budget),
        cmocka_unit_test(test_sink_looks_and_text_of_pictures),
        cmocka_unit_test(test_sink_object_announces_and_covers),
        cmocka_unit_test(test_source_stream_goes_forward_only),
        cmocka_unit_test(test_source_all_gives_at_most_one_byte_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
