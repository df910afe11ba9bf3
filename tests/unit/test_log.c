#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "clock.h"
#include "log.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What `speak` writes to standard error. */
static char *
caught(void (*speak)(void))
{
    char name[] = "/tmp/test_log.XXXXXX";
    int file = mkstemp(name), kept = dup(STDERR_FILENO);
    unlink(name);
    dup2(file, STDERR_FILENO);
    speak();
    dup2(kept, STDERR_FILENO);
    close(kept);
    char *text = g_malloc0(8192);
    assert_true(pread(file, text, 8191, 0) >= 0);
    close(file);
    return text;
}

static void
speak_levels(void)
{
    log_error("one %d", 1);
    log_warn("two");
    log_info("three");
    log_debug("four");
}

static void
test_log_open_level_filters(void **state)
{
    log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
    g_autofree char *all = caught(speak_levels);
    assert_non_null(strstr(all, "]: error: one 1\n"));
    assert_non_null(strstr(all, "]: warn: two\n"));
    assert_non_null(strstr(all, "]: info: three\n"));
    assert_null(strstr(all, "four"));
    assert_true(g_str_has_prefix(all, "prog["));
    log_open("prog", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    g_autofree char *few = caught(speak_levels);
    assert_null(strstr(few, "two"));
}

static void
speak_forged(void)
{
    log_info("a\nprog[1]: error: forged\tx");
}

static void
test_log_info_newline_makes_no_second_line(void **state)
{
    log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
    g_autofree char *text = caught(speak_forged);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void
speak_long(void)
{
    g_autofree char *dots = g_strnfill(5000, 'x');
    memcpy(dots + 900, "\xe5\xaf\x86\xe5\xaf\x86", 6);
    for (int i = 0; i < 700; i++)
        memcpy(dots + 906 + i * 3, "\xe5\xaf\x86", 3);
    log_info("%s", dots);
}

static void
test_log_info_long_line_is_cut_between_characters(void **state)
{
    log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
    g_autofree char *text = caught(speak_long);
    assert_true(strlen(text) <= LOG_LINE_MAX);
    assert_true(strlen(text) > LOG_LINE_MAX - 8);
    assert_true(g_str_has_suffix(text, "...\n"));
    assert_true(g_utf8_validate(text, -1, NULL));
}

static void
test_log_last_problem_keeps_last_warning(void **state)
{
    log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
    clock_set_fake(1234567, 1);
    g_autofree char *ignored = caught(speak_levels);
    clock_set_fake(-1, -1);
    gint64 when = 0;
    g_autofree char *problem = log_last_problem(&when);
    assert_string_equal(problem, "two");
    assert_int_equal(when, 1234567);
}

static void
test_log_foreign_escapes(void **state)
{
    static const struct {
        const char *in;
        gssize length;
        gsize max;
        const char *out;
    } cases[] = {
        {NULL, -1, 10, "-"},
        {"", -1, 10, ""},
        {"a@b.example", -1, 100, "a@b.example"},
        {"a\nb\\", -1, 100, "a\\x0Ab\\x5C"},
        {"a\0b", 3, 100, "a\\x00b"},
        {"密", -1, 100, "密"},
        {"\xe5\xaf", -1, 100, "\\xE5\\xAF"},
        {"\xe5\xaf\x86", 2, 100, "\\xE5\\xAF"},
        {"\x7f\xc2\x85", -1, 100, "\\x7F\\xC2\\x85"},
        {"\xe2\x80\xae", -1, 100, "\\xE2\\x80\\xAE"} /* right-to-left override */,
        {"\xe2\x80\xa8", -1, 100, "\\xE2\\x80\\xA8"} /* line separator */,
        {"abcdef", -1, 4, "abcd..."},
        {"abcd", -1, 4, "abcd"},
        {"ab密", -1, 4, "ab..."},
        {"abc\n", -1, 4, "abc..."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = log_foreign(cases[i].in, cases[i].length, cases[i].max);
        assert_string_equal(out, cases[i].out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_open_level_filters),
        cmocka_unit_test(test_log_info_newline_makes_no_second_line),
        cmocka_unit_test(test_log_info_long_line_is_cut_between_characters),
        cmocka_unit_test(test_log_last_problem_keeps_last_warning),
        cmocka_unit_test(test_log_foreign_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
