/* What goes in comes out, and a frame of a document reader is believed only when all of it fits. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "wire_extract.h"
#include <string.h>
#include <unistd.h>

typedef gboolean (*Take)(const Frame *frame, GError **error);

static gboolean
take_job(const Frame *frame, GError **error)
{
    WireJob job;
    return wire_take_job(frame, &job, error);
}

static gboolean
take_part(const Frame *frame, GError **error)
{
    WirePart part;
    return wire_take_part(frame, &part, error);
}

static gboolean
take_text(const Frame *frame, GError **error)
{
    WireText text;
    return wire_take_text(frame, &text, error);
}

static gboolean
take_bytes(const Frame *frame, GError **error)
{
    WireBytes bytes;
    return wire_take_bytes(frame, &bytes, error);
}

static gboolean
take_look(const Frame *frame, GError **error)
{
    WireLook look;
    return wire_take_look(frame, &look, error);
}

static gboolean
take_cover(const Frame *frame, GError **error)
{
    WireCover cover;
    return wire_take_cover(frame, &cover, error);
}

/* Whether a frame with this body is believed; consumes it. */
static gboolean
believed(guint32 type, GVariant *body, guint fd_count, Take take)
{
    g_autoptr(GVariant) kept = g_variant_ref_sink(body);
    const Frame frame = {.type = type, .body = kept, .fd_count = fd_count};
    g_autoptr(GError) error = NULL;
    gboolean good = take(&frame, &error);
    assert_int_equal(good, error == NULL);
    if (!good)
        assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL));
    return good;
}

/* One frame through a socket. */
static void
send_over(guint32 type, GVariant *body, const int *fds, guint fd_count, FrameTypes types, Frame *frame_out)
{
    int pair[2];
    g_autoptr(GError) error = NULL;
    assert_true(frame_pair(pair, &error));
    assert_true(frame_send(pair[0], type, body, fds, fd_count, -1, &error));
    assert_int_equal(frame_receive(pair[1], types, -1, frame_out, &error), 1);
    close(pair[0]);
    close(pair[1]);
}

static void
test_job_comes_out_as_it_went_in(void **state)
{
    WireJob in = {.length = 5000000000,
                  .type = "application/zip",
                  .max_text = 7,
                  .max_bytes = 8,
                  .max_parts = 9,
                  .max_depth = 10,
                  .cpu_ms = 11,
                  .ocr_ms = 6};
    memset(in.key, 0xA5, sizeof in.key);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    g_auto(Frame) frame = {0};
    send_over(WIRE_EXTRACT_JOB, wire_job(&in), fds, 1, wire_reader_types, &frame);
    WireJob out;
    assert_true(wire_take_job(&frame, &out, NULL));
    assert_int_equal(out.length, in.length);
    assert_memory_equal(out.key, in.key, sizeof in.key);
    assert_string_equal(out.type, in.type);
    assert_int_equal(out.max_text, 7);
    assert_int_equal(out.max_bytes, 8);
    assert_int_equal(out.max_parts, 9);
    assert_int_equal(out.max_depth, 10);
    assert_int_equal(out.cpu_ms, 11);
    assert_int_equal(out.ocr_ms, 6);
    close(fds[0]);
    close(fds[1]);
}

static void
test_part_comes_out_as_it_went_in(void **state)
{
    const WirePart in = {3, 1, "方案/表.xlsx", "application/zip", -1};
    g_auto(Frame) frame = {0};
    send_over(WIRE_EXTRACT_PART, wire_part(&in), NULL, 0, wire_inspector_types, &frame);
    WirePart out;
    assert_true(wire_take_part(&frame, &out, NULL));
    assert_int_equal(out.number, 3);
    assert_int_equal(out.parent, 1);
    assert_string_equal(out.name, in.name);
    assert_string_equal(out.type, in.type);
    assert_int_equal(out.size, -1);
}

static void
test_text_comes_out_as_it_went_in(void **state)
{
    for (guint place = PLACE_FILE_NAME; place < PLACE_COUNT; place++) {
        const WireText in = {.part = 2,
                             .place = (PlaceKind)place,
                             .name = "keywords",
                             .page = 4,
                             .head = place % 2,
                             .ocr = place % 3 == 0,
                             .goes_on = TRUE,
                             .size = 160,
                             .colour = 0xFF0000,
                             .text = "机密★10年xyz",
                             .length = 14};
        g_auto(Frame) frame = {0};
        send_over(WIRE_EXTRACT_TEXT, wire_text(&in), NULL, 0, wire_inspector_types, &frame);
        WireText out;
        assert_true(wire_take_text(&frame, &out, NULL));
        assert_int_equal(out.part, 2);
        assert_int_equal(out.place, place);
        assert_string_equal(out.name, "keywords");
        assert_int_equal(out.page, 4);
        assert_int_equal(out.head, place % 2);
        assert_int_equal(out.ocr, place % 3 == 0);
        assert_true(out.goes_on);
        assert_int_equal(out.size, 160);
        assert_int_equal(out.colour, 0xFF0000);
        assert_string_equal(out.text, "机密★10年");
        assert_int_equal(out.length, 14);
    }
}

static void
test_bytes_come_out_as_they_went_in(void **state)
{
    g_autofree guint8 *content = g_malloc(WIRE_BYTES_MAX);
    for (gsize i = 0; i < WIRE_BYTES_MAX; i++)
        content[i] = (guint8)(i * 7);
    static const gsize lengths[] = {0, 1, 1000, WIRE_BYTES_MAX};
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        const WireBytes in = {.part = 5, .bytes = content, .length = lengths[i]};
        g_auto(Frame) frame = {0};
        send_over(WIRE_EXTRACT_BYTES, wire_bytes(&in), NULL, 0, wire_inspector_types, &frame);
        WireBytes out;
        assert_true(wire_take_bytes(&frame, &out, NULL));
        assert_int_equal(out.part, 5);
        assert_int_equal(out.length, lengths[i]);
        if (out.length > 0)
            assert_memory_equal(out.bytes, content, out.length);
    }
}

static void
test_cover_is_believed_when_its_words_fit(void **state)
{
    for (guint coverage = 0; coverage <= COVERAGE_UNREADABLE; coverage++)
        for (guint why = 0; why <= WHY_READER_FAILED; why++) {
            const WireCover in = {7, (Coverage)coverage, (CoverageWhy)why};
            gboolean fits = (coverage >= COVERAGE_PARTIAL) == (why != WHY_NONE);
            g_auto(Frame) frame = {0};
            send_over(WIRE_EXTRACT_COVER, wire_cover(&in), NULL, 0, wire_inspector_types, &frame);
            WireCover out;
            assert_int_equal(wire_take_cover(&frame, &out, NULL), fits);
            if (!fits)
                continue;
            assert_int_equal(out.part, 7);
            assert_int_equal(out.coverage, coverage);
            assert_int_equal(out.why, why);
        }
}

static void
test_look_comes_out_as_it_went_in(void **state)
{
    for (guint bits = 0; bits <= LOOK_ALL; bits++) {
        const WireLook in = {7, 3, bits};
        g_auto(Frame) frame = {0};
        send_over(WIRE_EXTRACT_LOOK, wire_look(&in), NULL, 0, wire_inspector_types, &frame);
        WireLook out;
        assert_int_equal(wire_take_look(&frame, &out, NULL), bits != 0);
        if (bits == 0)
            continue;
        assert_int_equal(out.part, 7);
        assert_int_equal(out.page, 3);
        assert_int_equal(out.look, bits);
    }
}

static GVariant *
job_body(gint64 length, gsize key, const char *type, gint64 text, gint64 bytes, guint parts, guint depth, gint64 cpu,
         gint64 ocr)
{
    static const guint8 zeros[CRYPTO_KEY_SIZE + 1];
    return g_variant_new("(x@aysxxuuxx)", length, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, zeros, key, 1), type,
                         text, bytes, parts, depth, cpu, ocr);
}

static void
test_job_that_lies_is_refused(void **state)
{
    const gsize key = CRYPTO_KEY_SIZE;
    g_autofree char *long_type = g_strnfill(WIRE_TYPE_MAX + 1, 'a');
    assert_true(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, 0), 0, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, 0), 2, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(-1, key, "", 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key - 1, "", 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key + 1, "", 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "a b", 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, long_type, 0, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", -1, 0, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, -1, 0, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, WIRE_PARTS_MAX + 1, 0, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, G_MAXUINT, 1, 0), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 0, 0), 1, take_job));
    assert_true(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, 1), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, 2), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, 1, -1), 1, take_job));
    assert_false(believed(WIRE_EXTRACT_JOB, job_body(0, key, "", 0, 0, 0, 0, G_MAXINT64, 0), 1, take_job));
}

static void
test_part_that_lies_is_refused(void **state)
{
    g_autofree char *name = g_strnfill(WIRE_NAME_MAX + 1, 'n');
    g_autofree char *type = g_strnfill(WIRE_TYPE_MAX + 1, 't');
    const WirePart good = {1, 0, name + 1, type + 1, G_MAXINT64};
    assert_true(believed(WIRE_EXTRACT_PART, wire_part(&good), 0, take_part));
    const WirePart lies[] = {
        {0, 0, "", "", 0},   {2, 2, "", "", 0},   {2, 3, "", "", 0},     {WIRE_PARTS_MAX + 1, 0, "", "", 0},
        {1, 0, name, "", 0}, {1, 0, "", type, 0}, {1, 0, "", "a\nb", 0}, {1, 0, "", "类型", 0},
        {1, 0, "", "", -2},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++)
        assert_false(believed(WIRE_EXTRACT_PART, wire_part(&lies[i]), 0, take_part));
}

static GVariant *
text_body(guint part, const char *place, const char *name, guint page, guint size, guint colour, const char *text)
{
    return g_variant_new("(ussubbbuus)", part, place, name, page, FALSE, FALSE, FALSE, size, colour, text);
}

static void
test_text_that_lies_is_refused(void **state)
{
    g_autofree char *name = g_strnfill(WIRE_NAME_MAX + 1, 'n');
    g_autofree char *text = g_strnfill(WIRE_TEXT_MAX + 1, 't');
    const guint none = FACE_NO_COLOUR;
    assert_true(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", name + 1, 1, 1, none, text + 1), 0, take_text));
    assert_true(believed(WIRE_EXTRACT_TEXT, text_body(0, "sheet-name", "", 0, 0, 0xFFFFFF, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "bodies", "", 0, 0, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "", "", 0, 0, none, ""), 0, take_text));
    static const char *const letters[] = {"subject", "header", "display-name"};
    for (gsize i = 0; i < G_N_ELEMENTS(letters); i++)
        assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, letters[i], "", 0, 0, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(WIRE_PARTS_MAX + 1, "body", "", 0, 0, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", "", G_MAXUINT, 0, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", "", 0, G_MAXUINT, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", "", 0, 0, 0x1000000, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", name, 0, 0, none, ""), 0, take_text));
    assert_false(believed(WIRE_EXTRACT_TEXT, text_body(0, "body", "", 0, 0, none, text), 0, take_text));
}

static void
test_bytes_that_lie_are_refused(void **state)
{
    g_autofree guint8 *content = g_malloc0(WIRE_BYTES_MAX + 1);
    const WireBytes high = {WIRE_PARTS_MAX + 1, content, 1}, oversize = {0, content, WIRE_BYTES_MAX + 1};
    assert_false(believed(WIRE_EXTRACT_BYTES, wire_bytes(&high), 0, take_bytes));
    assert_false(believed(WIRE_EXTRACT_BYTES, wire_bytes(&oversize), 0, take_bytes));
}

static void
test_cover_that_lies_is_refused(void **state)
{
    static const struct {
        guint part;
        const char *coverage, *why;
    } lies[] = {
        {0, "good", "none"}, {0, "complete", "lazy"}, {0, "", ""}, {G_MAXUINT, "complete", "none"},
        {0, "partial", ""},  {0, "COMPLETE", "none"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++)
        assert_false(believed(WIRE_EXTRACT_COVER, g_variant_new("(uss)", lies[i].part, lies[i].coverage, lies[i].why),
                              0, take_cover));
}

static void
test_look_that_lies_is_refused(void **state)
{
    static const WireLook lies[] = {
        {WIRE_PARTS_MAX + 1, 1, 1}, {0, WIRE_PARTS_MAX + 1, 1}, {0, 1, 0}, {0, 1, LOOK_ALL + 1}, {0, 1, G_MAXUINT}};
    assert_true(believed(WIRE_EXTRACT_LOOK, wire_look(&(WireLook){0, 0, LOOK_SEAL}), 0, take_look));
    for (gsize i = 0; i < G_N_ELEMENTS(lies); i++)
        assert_false(believed(WIRE_EXTRACT_LOOK, wire_look(&lies[i]), 0, take_look));
}

/* A frame whose bytes are not what its type says: a text whose "x" was overwritten by what no string may hold. */
static void
test_text_with_nul_or_bad_utf8_is_refused(void **state)
{
    static const char bad[] = {'\0', '\xFF', '\xC3', '\xED'};
    for (gsize i = 0; i < sizeof bad; i++) {
        g_autoptr(GVariant) good = g_variant_ref_sink(text_body(0, "body", "", 0, 0, FACE_NO_COLOUR, "text X text"));
        gsize size = g_variant_get_size(good);
        guint8 *copy = g_memdup2(g_variant_get_data(good), size);
        guint8 *x = memchr(copy, 'X', size);
        assert_non_null(x);
        *x = (guint8)bad[i];
        g_autoptr(GBytes) bytes = g_bytes_new_take(copy, size);
        GVariant *body = g_variant_new_from_bytes(g_variant_get_type(good), bytes, FALSE);
        assert_false(believed(WIRE_EXTRACT_TEXT, body, 0, take_text));
    }
}

static void
test_frames_of_another_type_are_refused(void **state)
{
    const WirePart part = {1, 0, "", "", 0};
    const Take takes[] = {take_job, take_text, take_bytes, take_cover};
    for (gsize i = 0; i < G_N_ELEMENTS(takes); i++)
        assert_false(believed(WIRE_EXTRACT_PART, wire_part(&part), 1, takes[i]));
    assert_false(believed(WIRE_EXTRACT_TEXT, wire_part(&part), 0, take_text));
    const Frame empty = {.type = WIRE_EXTRACT_PART};
    assert_false(take_part(&empty, NULL));
}

static void
test_types_are_known_to_those_who_receive_them(void **state)
{
    assert_null(wire_reader_types(WIRE_EXTRACT_TEXT));
    assert_null(wire_inspector_types(WIRE_EXTRACT_JOB));
    assert_null(wire_inspector_types(WIRE_EXTRACT_WANT));
    assert_null(wire_spawner_types(WIRE_EXTRACT_JOB));
    assert_string_equal(wire_spawner_types(WIRE_EXTRACT_WANT), "");
    assert_string_equal(wire_inspector_types(WIRE_EXTRACT_END), "(x)");
    assert_string_equal(wire_inspector_types(WIRE_EXTRACT_OVER), "");
}

static void
test_words_of_places_go_both_ways(void **state)
{
    for (guint i = 0; i < PLACE_COUNT; i++) {
        PlaceKind kind;
        assert_true(place_parse(place_word((PlaceKind)i), &kind));
        assert_int_equal(kind, i);
    }
    PlaceKind kind;
    assert_false(place_parse("?", &kind));
    assert_false(place_parse(NULL, &kind));
    assert_string_equal(place_word((PlaceKind)PLACE_COUNT), "?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job_comes_out_as_it_went_in),
        cmocka_unit_test(test_part_comes_out_as_it_went_in),
        cmocka_unit_test(test_text_comes_out_as_it_went_in),
        cmocka_unit_test(test_bytes_come_out_as_they_went_in),
        cmocka_unit_test(test_cover_is_believed_when_its_words_fit),
        cmocka_unit_test(test_look_comes_out_as_it_went_in),
        cmocka_unit_test(test_job_that_lies_is_refused),
        cmocka_unit_test(test_part_that_lies_is_refused),
        cmocka_unit_test(test_text_that_lies_is_refused),
        cmocka_unit_test(test_bytes_that_lie_are_refused),
        cmocka_unit_test(test_cover_that_lies_is_refused),
        cmocka_unit_test(test_look_that_lies_is_refused),
        cmocka_unit_test(test_text_with_nul_or_bad_utf8_is_refused),
        cmocka_unit_test(test_frames_of_another_type_are_refused),
        cmocka_unit_test(test_types_are_known_to_those_who_receive_them),
        cmocka_unit_test(test_words_of_places_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
