#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "outlet.h"
#include <string.h>

typedef struct {
    GPtrArray *texts;
    GArray *lines;
    guint continued, stop_after;
} Sink;

static gboolean
take(const Segment *segment, gpointer user)
{
    Sink *sink = user;
    assert_true(segment->length <= SEGMENT_MAX);
    assert_true(g_utf8_validate_len(segment->text, segment->length, NULL));
    assert_int_equal(segment->text[segment->length], 0);
    g_ptr_array_add(sink->texts, g_strndup(segment->text, segment->length));
    g_array_append_val(sink->lines, segment->place.line);
    sink->continued += segment->place.continued;
    return sink->texts->len != sink->stop_after;
}

static void
sink_init(Sink *sink)
{
    *sink = (Sink){g_ptr_array_new_with_free_func(g_free), g_array_new(FALSE, FALSE, sizeof(guint)), 0, 0};
}

static void
sink_clear(Sink *sink)
{
    g_ptr_array_unref(sink->texts);
    g_array_unref(sink->lines);
}

/* Lines "0000001 机密..." so that a place in the text can be recognised. */
static GString *
numbered(guint lines, const char *tail)
{
    GString *text = g_string_new(NULL);
    for (guint i = 1; i <= lines; i++)
        g_string_append_printf(text, "%07u 机密%s", i, tail);
    return text;
}

static void
test_outlet_short_text_is_one_segment(void **state)
{
    Sink sink;
    sink_init(&sink);
    OutletPlace place = {take, &sink, 3, PLACE_BODY, NULL};
    g_autoptr(Outlet) outlet = outlet_new(&place);
    assert_true(outlet_push(outlet, "机", 3));
    assert_true(outlet_push(outlet, "密", 3));
    assert_int_equal(sink.texts->len, 0);
    assert_true(outlet_flush(outlet));
    assert_true(outlet_flush(outlet));
    assert_int_equal(sink.texts->len, 1);
    assert_string_equal(g_ptr_array_index(sink.texts, 0), "机密");
    assert_int_equal(sink.continued, 0);
    sink_clear(&sink);
}

static void
test_outlet_long_text_overlaps_and_loses_nothing(void **state)
{
    static const char *const tails[] = {"\n", " "};
    static const gsize steps[] = {1, 7, 1000, 1000000};
    for (gsize t = 0; t < G_N_ELEMENTS(tails); t++)
        for (gsize s = 0; s < G_N_ELEMENTS(steps); s++) {
            g_autoptr(GString) text = numbered(20000, tails[t]);
            Sink sink;
            sink_init(&sink);
            OutletPlace place = {take, &sink, 0, PLACE_BODY, NULL};
            g_autoptr(Outlet) outlet = outlet_new(&place);
            for (gsize at = 0; at < text->len; at += steps[s])
                assert_true(outlet_push(outlet, text->str + at, MIN(steps[s], text->len - at)));
            assert_true(outlet_flush(outlet));
            assert_true(sink.texts->len > 3);
            assert_int_equal(sink.continued, sink.texts->len - 1);
            const char *end = NULL;
            for (guint i = 0; i < sink.texts->len; i++) {
                const char *piece = g_ptr_array_index(sink.texts, i);
                const char *at = strstr(text->str, piece);
                assert_non_null(at);
                if (end != NULL)
                    assert_in_range(end - at, 1, SEGMENT_OVERLAP + 4);
                end = at + strlen(piece);
                if (t == 0) /* the line that it says it begins on */
                    assert_int_equal(g_array_index(sink.lines, guint, i), g_ascii_strtoull(piece, NULL, 10));
            }
            assert_ptr_equal(end, text->str + text->len);
            sink_clear(&sink);
        }
}

typedef struct {
    guint segments, wrong;
} FaceCheck;

/* Each line was pushed with its number as size: what its first digits stand on must say so. */
static gboolean
check_faces(const Segment *segment, gpointer user)
{
    FaceCheck *check = user;
    guint index = 0;
    assert_int_equal(segment->faces[0].from, 0);
    for (gsize at = 0; at < segment->length;) {
        while (index + 1 < segment->face_count && segment->faces[index + 1].from <= at)
            index++;
        check->wrong += segment->faces[index].size != g_ascii_strtoull(segment->text + at, NULL, 10);
        const char *newline = memchr(segment->text + at, '\n', segment->length - at);
        at = newline == NULL ? segment->length : (gsize)(newline + 1 - segment->text);
    }
    check->segments++;
    return TRUE;
}

static void
test_outlet_faces_go_with_their_text(void **state)
{
    FaceCheck check = {0, 0};
    OutletPlace place = {check_faces, &check, 0, PLACE_BODY, NULL};
    g_autoptr(Outlet) outlet = outlet_new(&place);
    for (guint i = 1; i <= 4000; i++) {
        g_autofree char *line = g_strdup_printf("%07u 某某单位关于某事的一行文字机密机密机密机密\n", i);
        outlet_face(outlet, i, FACE_NO_COLOUR);
        outlet_face(outlet, i, FACE_NO_COLOUR);
        assert_true(outlet_push(outlet, line, strlen(line)));
    }
    assert_true(outlet_flush(outlet));
    assert_in_range(check.segments, 4, 10);
    assert_int_equal(check.wrong, 0);
}

static gboolean
check_bound(const Segment *segment, gpointer user)
{
    assert_in_range(segment->face_count, 1, FACES_MAX);
    assert_int_equal(segment->faces[segment->face_count - 1].size, 0);
    *(guint *)user += 1;
    return TRUE;
}

static void
test_outlet_faces_are_bounded(void **state)
{
    guint segments = 0;
    OutletPlace place = {check_bound, &segments, 0, PLACE_BODY, NULL};
    g_autoptr(Outlet) outlet = outlet_new(&place);
    for (guint i = 0; i < 2 * FACES_MAX; i++) {
        outlet_face(outlet, i % 2 + 1, 0);
        assert_true(outlet_push(outlet, "1", 1));
    }
    assert_true(outlet_flush(outlet));
    assert_int_equal(segments, 1);
}

static void
test_outlet_stops_with_its_sink(void **state)
{
    g_autoptr(GString) text = numbered(20000, "\n");
    Sink sink;
    sink_init(&sink);
    sink.stop_after = 2;
    OutletPlace place = {take, &sink, 0, PLACE_BODY, NULL};
    g_autoptr(Outlet) outlet = outlet_new(&place);
    assert_false(outlet_push(outlet, text->str, text->len));
    assert_false(outlet_push(outlet, "x", 1));
    assert_false(outlet_flush(outlet));
    assert_int_equal(sink.texts->len, 2);
    sink_clear(&sink);
}

typedef struct {
    GString *text; /* put together again */
    guint segments;
    gboolean continues; /* the last one */
    gconstpointer stream;
} Taken;

static gboolean
take_hanging(const Segment *segment, gpointer user)
{
    Taken *taken = user;

    assert_true(segment->length <= SEGMENT_MAX);
    assert_true(g_utf8_validate(segment->text, (gssize)segment->length, NULL));
    assert_true(segment->repeated <= taken->text->len && segment->repeated < segment->length);
    assert_int_equal(segment->place.continued, taken->segments > 0);
    assert_int_equal(taken->continues, taken->segments > 0); /* who said so has a successor */
    if (taken->segments > 0) {
        assert_ptr_equal(segment->stream, taken->stream);
        assert_memory_equal(taken->text->str + taken->text->len - segment->repeated, segment->text, segment->repeated);
    }
    g_string_append_len(taken->text, segment->text + segment->repeated, (gssize)(segment->length - segment->repeated));
    taken->segments++;
    taken->continues = segment->continues;
    taken->stream = segment->stream;
    return TRUE;
}

static void
expect_whole(const char *text, gsize piece, guint segments)
{
    Taken taken = {.text = g_string_new(NULL)};
    OutletPlace place = {.sink = take_hanging, .user = &taken, .kind = PLACE_BODY};
    g_autoptr(Outlet) outlet = outlet_new(&place);
    gsize length = strlen(text);

    for (gsize at = 0, next; at < length; at = next) {
        next = MIN(at + piece, length);
        while (next < length && ((guchar)text[next] & 0xC0) == 0x80)
            next++;
        assert_true(outlet_push(outlet, text + at, next - at));
    }
    assert_true(outlet_flush(outlet));
    assert_string_equal(taken.text->str, text);
    assert_int_equal(taken.segments, segments);
    assert_false(taken.continues);
    g_string_free(taken.text, TRUE);
}

static void
test_outlet_segments_tell_how_they_hang_together(void **state)
{
    g_autoptr(GString) lines = g_string_new(NULL), long_line = g_string_new(NULL);

    while (lines->len < 200 * 1024)
        g_string_append_printf(lines, "第%u行，一二三四五六七八九十\n", (guint)lines->len);
    while (long_line->len < 200 * 1024)
        g_string_append(long_line, "一二三四五六七八九十");
    for (gsize piece = 700; piece < 300000; piece *= 5) {
        expect_whole(lines->str, piece, 4);
        expect_whole(long_line->str, piece, 4);
    }
    expect_whole("短", 10, 1);
}

/* A text that ends where a segment is full is told once, and does not promise more. */
static void
test_outlet_full_segment_at_the_end(void **state)
{
    g_autofree char *text = g_strnfill(OUTLET_SIZE, 'x');

    expect_whole(text, OUTLET_SIZE, 1);
    expect_whole(text, 1000, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outlet_short_text_is_one_segment),
        cmocka_unit_test(test_outlet_long_text_overlaps_and_loses_nothing),
        cmocka_unit_test(test_outlet_faces_go_with_their_text),
        cmocka_unit_test(test_outlet_faces_are_bounded),
        cmocka_unit_test(test_outlet_stops_with_its_sink),
        cmocka_unit_test(test_outlet_segments_tell_how_they_hang_together),
        cmocka_unit_test(test_outlet_full_segment_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
