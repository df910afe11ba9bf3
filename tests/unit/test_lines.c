#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lines.h"
#include <string.h>

static gboolean
note(const Line *line, gpointer user)
{
    g_string_append_printf(user, "[%.*s|%zu@%d]", (int)line->length, line->text, line->full, (int)line->offset);
    return memcmp(line->text, "stop", MIN(line->length, 4)) != 0 || line->length < 4;
}

static const struct {
    const char *text, *expected;
} cases[] = {
    {"", ""},
    {"a", "[a|1@0]"},
    {"a\n", "[a|2@0]"},
    {"a\r\nbc\n\n", "[a|3@0][bc|3@3][|1@6]"},
    {"\r\n\r\n", "[|2@0][|2@2]"},
    {"a\rb\n", "[a\rb|4@0]"},
    {"a\nstop\nb\n", "[a|2@0][stop|5@2]"},
};

static void
test_lines_push_in_any_pieces(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        for (gsize step = 1; step < 10; step++) {
            g_autoptr(GString) seen = g_string_new(NULL);
            Lines lines;
            lines_init(&lines, 0, note, seen);
            gsize length = strlen(cases[i].text);
            gboolean going = TRUE;
            for (gsize at = 0; going && at < length; at += step)
                going = lines_push(&lines, cases[i].text + at, MIN(step, length - at));
            if (going)
                lines_finish(&lines);
            assert_string_equal(seen->str, cases[i].expected);
            lines_clear(&lines);
        }
}

static gboolean
measure(const Line *line, gpointer user)
{
    ((gsize *)user)[0] = line->length;
    ((gsize *)user)[1] = line->full;
    return TRUE;
}

static void
test_lines_shows_only_the_head_of_a_long_line(void **state)
{
    g_autofree char *text = g_strnfill(100000, 'x');
    for (gsize step = 1000; step <= 100000; step *= 10) {
        gsize seen[2] = {0, 0};
        Lines lines;
        lines_init(&lines, 0, measure, seen);
        for (gsize at = 0; at < 100000; at += step)
            assert_true(lines_push(&lines, text + at, step));
        assert_true(lines_push(&lines, "\r\n", 2));
        assert_int_equal(seen[0], LINES_HEAD);
        assert_int_equal(seen[1], 100002);
        lines_clear(&lines);
    }
}

static void
test_line_is_field_knows_headers(void **state)
{
    static const struct {
        const char *text;
        gboolean field;
    } rows[] = {{"Subject: x", TRUE}, {"X-a\t :", TRUE}, {"Subject x", FALSE}, {": x", FALSE},
                {" a: b", FALSE},     {"a b: c", FALSE}, {"", FALSE},          {"机密: x", FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_int_equal(line_is_field(rows[i].text, strlen(rows[i].text)), rows[i].field);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_push_in_any_pieces),
        cmocka_unit_test(test_lines_shows_only_the_head_of_a_long_line),
        cmocka_unit_test(test_line_is_field_knows_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
