/* Pictures: what is seen in colours, what is cut off or lies, what costs too much. Formats and places are in
 * test_documents. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "frame.h"
#include "look.h"
#include "picture.h"
#include "strokes.h"
#include "taker.h"
#include <leptonica/allheaders.h>
#include <string.h>
#include <unistd.h>

#define WIDE 840
#define HIGH 1188

static char *
file_of(const char *folder, const char *name, gsize *length_out)
{
    g_autofree char *path = g_build_filename(g_getenv("top_srcdir"), folder, name, NULL);
    char *bytes = NULL;
    assert_true(g_file_get_contents(path, &bytes, length_out, NULL));
    return bytes;
}

/* --- looks ------------------------------------------------------------------------------------------------------ */

typedef struct {
    guint8 dots[HIGH][WIDE][3];
} Paper;

static Paper *
paper_new(void)
{
    Paper *paper = g_new(Paper, 1);
    memset(paper, 0xFA, sizeof *paper);
    return paper;
}

static void
fill(Paper *paper, guint x, guint y, guint wide, guint high)
{
    static const guint8 red[3] = {0xD0, 0x10, 0x10};
    for (guint j = y; j < y + high; j++)
        for (guint i = x; i < x + wide; i++)
            memcpy(paper->dots[j][i], red, 3);
}

/* Strokes as letters have them: two bars across, one down. */
static void
letters(Paper *paper, guint x, guint y, guint count)
{
    for (guint k = 0; k < count; k++, x += 62) {
        fill(paper, x, y, 50, 7);
        fill(paper, x, y + 35, 50, 7);
        fill(paper, x + 22, y, 7, 50);
    }
}

static void
ring(Paper *paper, gint x, gint y, gint from, gint to)
{
    for (gint j = -to; j <= to; j++)
        for (gint i = -to; i <= to; i++)
            if (i * i + j * j <= to * to && i * i + j * j >= from * from)
                fill(paper, (guint)(x + i), (guint)(y + j), 1, 1);
}

static guint
seen_in(const Paper *paper)
{
    const LookPicture picture = {&paper->dots[0][0][0], WIDE, HIGH, WIDE * 3, 3, 0, 1, 2};
    return look_of(&picture);
}

static void
test_look_of_heads_and_seals(void **state)
{
    g_autofree Paper *plain = paper_new(), *head = paper_new(), *seal = paper_new(), *disc = paper_new(),
                     *banner = paper_new(), *low = paper_new(), *rule = paper_new(), *both = paper_new();
    letters(head, 120, 180, 10);
    fill(head, 100, 300, 640, 6);
    ring(seal, 560, 800, 74, 82);
    ring(disc, 560, 800, 0, 82);
    fill(banner, 0, 0, WIDE, 160);
    letters(low, 120, 900, 10);
    fill(low, 100, 1000, 640, 6);
    fill(rule, 100, 300, 640, 6);
    letters(both, 120, 180, 10);
    fill(both, 100, 300, 640, 6);
    ring(both, 560, 800, 74, 82);
    assert_int_equal(seen_in(plain), 0);
    assert_int_equal(seen_in(head), LOOK_RED_HEAD);
    assert_int_equal(seen_in(seal), LOOK_SEAL);
    assert_int_equal(seen_in(disc), 0);
    assert_int_equal(seen_in(banner), 0);
    assert_int_equal(seen_in(low), 0);
    assert_int_equal(seen_in(rule), 0);
    assert_int_equal(seen_in(both), LOOK_RED_HEAD | LOOK_SEAL);
    const LookPicture tiny = {&head->dots[0][0][0], 100, 100, WIDE * 3, 3, 0, 1, 2};
    assert_int_equal(look_of(&tiny), 0);
}

/* --- letters ---------------------------------------------------------------------------------------------------- */

static StrokesSeen
seen_of(const guint8 *grey, guint wide, guint high)
{
    PIX *pix = strokes_pix(&(OcrPicture){grey, wide, high, wide, 0});
    StrokesSeen seen = strokes_seen(pix);
    pixDestroy(&pix);
    return seen;
}

static void
test_letters_seen_in_lines_and_columns(void **state)
{
    enum { SIDE = 600 };
    g_autofree guint8 *blank = g_malloc(SIDE * SIDE), *slope = g_malloc(SIDE * SIDE), *lines = g_malloc(SIDE * SIDE),
                      *columns = g_malloc(SIDE * SIDE);
    memset(blank, 0xFF, SIDE * SIDE);
    memset(lines, 0xFF, SIDE * SIDE);
    memset(columns, 0xFF, SIDE * SIDE);
    for (guint y = 0; y < SIDE; y++)
        for (guint x = 0; x < SIDE; x++) {
            slope[y * SIDE + x] = (guint8)(x * 255 / SIDE);
            gboolean ink =
                y % 60 >= 20 && y % 60 < 44 && x % 30 < 24 && (x % 6 < 2 || y % 8 < 2); /* near along the line */
            if (ink) {
                lines[y * SIDE + x] = 0;
                columns[x * SIDE + y] = 0;
            }
        }
    assert_int_equal(seen_of(blank, SIDE, SIDE), STROKES_NONE);
    assert_int_equal(seen_of(slope, SIDE, SIDE), STROKES_NONE);
    assert_int_equal(seen_of(lines, SIDE, SIDE), STROKES_IN_LINES);
    assert_int_equal(seen_of(columns, SIDE, SIDE), STROKES_IN_COLUMNS);
}

/* --- hostile files ---------------------------------------------------------------------------------------------- */

static void
test_picture_cut_anywhere(void **state)
{
    static const char *const files[] = {"texts.png", "texts.jpg", "moving.gif", "moving.png",
                                        "tiny.webp", "fax.tif",   "rle.bmp",    "tiny.jp2"};
    for (gsize f = 0; f < G_N_ELEMENTS(files); f++) {
        gsize length;
        g_autofree char *bytes = file_of("tests/fuzz/corpus/fuzz_picture", files[f], &length);
        g_autoptr(Taken) whole = taker_read(bytes, length, NULL, &TAKER_WIDE);
        assert_false(whole->lied);
        if (!taken_says(whole, "cover 0 complete none"))
            fail_msg("%s: %s", files[f], whole->told->str);
        for (gsize at = 48; at < length; at += length / 9) {
            g_autoptr(Taken) half = taker_read(bytes, at, NULL, &TAKER_WIDE);
            assert_false(half->lied);
            if (taken_says(half, "cover 0 complete none"))
                fail_msg("%s of %zu bytes is complete", files[f], at);
        }
    }
}

static void
feed_scan(Sink *sink, gpointer user)
{
    GBytes *bytes = user;
    g_autoptr(Source) source = source_of_bytes(bytes);
    sink_read(sink, "image/png", source);
}

/* A job without time for OCR tells that it did not look. */
static void
test_picture_without_time_is_partial(void **state)
{
    gsize length;
    g_autofree char *scan = file_of("contrib", "sample_scan.png", &length);
    g_autoptr(GBytes) bytes = g_bytes_new(scan, length);
    const WireJob job = {.max_text = 10000, .max_bytes = 10000, .max_parts = 10, .max_depth = 2, .cpu_ms = 1000};
    int fds[2];
    gboolean over = FALSE;
    assert_true(frame_pair(fds, NULL));
    Sink *sink = sink_new(fds[0], &job);
    feed_scan(sink, bytes);
    sink_end(sink);
    sink_free(sink);
    close(fds[0]);
    for (;;) {
        g_auto(Frame) frame = {0};
        WireCover cover;
        if (frame_receive(fds[1], wire_inspector_types, -1, &frame, NULL) <= 0)
            break;
        if (frame.type == WIRE_EXTRACT_COVER && wire_take_cover(&frame, &cover, NULL))
            over = cover.coverage == COVERAGE_PARTIAL && cover.why == WHY_OVER_BUDGET;
    }
    close(fds[1]);
    assert_true(over);
}

/* What says that it is larger than memory is not decoded, but its text is told. */
static void
test_picture_that_is_too_large_is_partial(void **state)
{
    static const guint8 bmp[] = {'B',  'M',  70, 0, 0,    0,    0, 0, 0, 0,  54, 0,  0,  0,  40, 0, 0, 0,
                                 0xFF, 0xFF, 0,  0, 0xFF, 0xFF, 0, 0, 1, 0,  24, 0,  0,  0,  0,  0, 0, 0,
                                 0,    0,    0,  0, 0,    0,    0, 0, 0, 0,  0,  0,  0,  0,  0,  0, 0, 0,
                                 1,    2,    3,  4, 5,    6,    7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    g_autoptr(Taken) taken = taker_read(bmp, sizeof bmp, "image/bmp", &TAKER_WIDE);
    assert_false(taken->lied);
    assert_true(taken_says(taken, "cover 0 partial over-budget"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_look_of_heads_and_seals),
        cmocka_unit_test(test_letters_seen_in_lines_and_columns),
        cmocka_unit_test(test_picture_cut_anywhere),
        cmocka_unit_test(test_picture_without_time_is_partial),
        cmocka_unit_test(test_picture_that_is_too_large_is_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
