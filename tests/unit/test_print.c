#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "print.h"
#include <string.h>

static void
test_print_width_counts_columns(void **state)
{
    assert_int_equal(print_width(""), 0);
    assert_int_equal(print_width("abc"), 3);
    assert_int_equal(print_width("机密"), 4);
    assert_int_equal(print_width("e\xCC\x81"), 1); /* combining accent */
    assert_int_equal(print_width("Ａ1"), 3);
}

static void
test_print_table_text_aligns_chinese(void **state)
{
    g_autoptr(PrintTable) table = print_table_new((const char *const[]){"名称", ">数", "x", NULL});
    print_table_add(table, PRINT_PLAIN, (const char *const[]){"绝密级", "7", "end"});
    print_table_add(table, PRINT_BAD, (const char *const[]){"ab", "1000", NULL});
    print_table_add(table, PRINT_PLAIN, (const char *const[]){"c", "", ""});
    g_autofree char *text = print_table_text(table, FALSE);
    assert_string_equal(text, "名称      数  x\n"
                              "绝密级     7  end\n"
                              "ab      1000  -\n"
                              "c\n");
    g_autofree char *coloured = print_table_text(table, TRUE);
    assert_non_null(strstr(coloured, "\n\033[31mab      1000  -\033[0m\n"));
}

static void
test_print_table_text_disarms_foreign_bytes(void **state)
{
    g_autoptr(PrintTable) table = print_table_new((const char *const[]){"a", NULL});
    print_table_add(table, PRINT_PLAIN, (const char *const[]){"x\033]0;y\n\xFF"});
    g_autofree char *text = print_table_text(table, FALSE);
    assert_string_equal(text, "a\nx\\x1B]0;y\\x0A\\xFF\n");
}

static void
test_print_json_is_one_line(void **state)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    print_json(json_pack("{s:s, s:n}", "级", "机密\n", "none"), stream);
    fclose(stream);
    assert_string_equal(bytes, "{\"级\":\"机密\\n\",\"none\":null}\n");
    free(bytes);
}

static void
test_print_wants_colour_not_in_a_file(void **state)
{
    FILE *stream = tmpfile();
    g_setenv("TERM", "xterm", TRUE);
    assert_false(print_wants_colour(stream));
    fclose(stream);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print_width_counts_columns),
        cmocka_unit_test(test_print_table_text_aligns_chinese),
        cmocka_unit_test(test_print_table_text_disarms_foreign_bytes),
        cmocka_unit_test(test_print_json_is_one_line),
        cmocka_unit_test(test_print_wants_colour_not_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
