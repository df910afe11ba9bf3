/* Lists from spreadsheets and directories: forms, encodings, and all mistakes at once. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "account_import.h"
#include "csv.h"
#include "errors.h"
#include "ldif.h"
#include <string.h>

static GPtrArray *
import(const char *bytes, gsize length, gboolean ldif, char **said_out)
{
    g_autoptr(Problems) problems = problems_new();
    GPtrArray *rows = ldif ? account_import_ldif("list", bytes, length, problems)
                           : account_import_csv("list", bytes, length, problems);
    *said_out = problems_to_text(problems);
    return rows;
}

static const char *
field(const GPtrArray *rows, guint i, const char *name)
{
    assert_true(i < rows->len);
    const ImportRow *row = g_ptr_array_index(rows, i);
    const char *text = json_string_value(json_object_get(row->request, name));
    return text != NULL ? text : "";
}

#define CHINESE                                           \
    "邮箱,类型,姓名,部门,批准日期,别名\r\n" \
    "Zhang@Water.example,个人,张伟,\"办公室,一\",2024/3/5,zw;z.w@water.example\r\n"

static void
check_chinese(const char *bytes, gsize length)
{
    g_autofree char *said = NULL;
    g_autoptr(GPtrArray) rows = import(bytes, length, FALSE, &said);
    assert_string_equal(said, "");
    assert_int_equal(rows->len, 1);
    assert_string_equal(field(rows, 0, "address"), "zhang@water.example");
    assert_string_equal(field(rows, 0, "kind"), "person");
    assert_string_equal(field(rows, 0, "owner"), "张伟");
    assert_string_equal(field(rows, 0, "department"), "办公室,一");
    assert_string_equal(field(rows, 0, "approved"), "2024-03-05");
    const ImportRow *row = g_ptr_array_index(rows, 0);
    assert_int_equal(json_array_size(json_object_get(row->request, "aliases")), 2);
}

static void
test_csv_in_the_encodings_of_excel(void **state)
{
    gsize length;
    check_chinese(CHINESE, strlen(CHINESE));
    check_chinese("\xef\xbb\xbf" CHINESE, strlen(CHINESE) + 3);
    g_autofree char *gb = g_convert(CHINESE, -1, "GB18030", "UTF-8", NULL, &length, NULL);
    assert_non_null(gb);
    check_chinese(gb, length);
}

static void
test_csv_all_mistakes_at_once(void **state)
{
    static const char text[] = "address,kind,training\n"
                               "zhang,person,2026-01-01\n"
                               "li@water.example,human,2026-02-30\n"
                               "wu@water.example,person\n"
                               "WU@water.example,person\n"
                               ",person,\n"
                               "sun@water.example,person,,extra\n";
    g_autofree char *said = NULL;
    g_autoptr(GPtrArray) rows = import(text, strlen(text), FALSE, &said);
    assert_int_equal(rows->len, 1);
    static const char *const wanted[] = {"list:2:1: ",          "list:3:18: kind",
                                         "list:3:24: training", "list:5:1: wu@water.example stands in line 4",
                                         "list:6:1: ",          "list:7:27: "};
    for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (strstr(said, wanted[i]) == NULL)
            fail_msg("no \"%s\" in %s", wanted[i], said);
}

static void
test_csv_headings(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"adress,kind\na@b.example,person\n", "did you mean \"address\""},
        {"kind,owner\nperson,x\n", "no column is called"},
        {"address,mail\na@b.example,c@d.example\n", "second column"},
        {"", "empty"},
        {"address\n\"a@b.example\n", "never closed"},
        {"address\n\"a\"b@c.example\n", "behind a closing quote"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = NULL;
        g_autoptr(GPtrArray) rows = import(cases[i].text, strlen(cases[i].text), FALSE, &said);
        assert_int_equal(rows->len, 0);
        if (strstr(said, cases[i].said) == NULL)
            fail_msg("%s: %s", cases[i].text, said);
    }
    g_autofree char *said = NULL;
    g_autoptr(GPtrArray) rows = import("a\0b", 3, FALSE, &said);
    assert_non_null(strstr(said, "NUL"));
    g_autofree char *help = account_import_help();
    assert_non_null(strstr(help, "邮箱"));
}

static void
test_csv_quotes_and_lines(void **state)
{
    static const char text[] = "\"a\"\"b\",\"two\nlines\"\tx\n";
    g_autoptr(GError) error = NULL;
    assert_null(csv_parse(text, strlen(text), &error));
    static const char good[] = "\"a\"\"b\",\"two\nlines\"\n\n , \nc;d,e\n";
    g_autoptr(GPtrArray) rows = csv_parse(good, strlen(good), NULL);
    assert_int_equal(rows->len, 2);
    const CsvRow *first = g_ptr_array_index(rows, 0), *second = g_ptr_array_index(rows, 1);
    assert_string_equal(csv_field(first, 0)->text, "a\"b");
    assert_string_equal(csv_field(first, 1)->text, "two\nlines");
    assert_int_equal(second->line, 5);
    assert_string_equal(csv_field(second, 0)->text, "c;d");
    assert_string_equal(csv_field(second, 7)->text, "");
}

static void
test_csv_written_is_read_again(void **state)
{
    static const char *const texts[] = {"plain", "a,b", "say \"x\"", "two\nlines", "张伟"};
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        csv_write(stream, texts[i], i + 1 == G_N_ELEMENTS(texts));
    csv_write(stream, "=cmd()", TRUE);
    fclose(stream);
    g_autoptr(GPtrArray) rows = csv_parse(bytes, length, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_string_equal(csv_field(g_ptr_array_index(rows, 0), i)->text, texts[i]);
    assert_string_equal(csv_field(g_ptr_array_index(rows, 1), 0)->text, "'=cmd()");
    free(bytes);
}

static void
test_ldif_entries(void **state)
{
    static const char text[] =
        "version: 1\n\n# people\ndn: uid=zw,ou=people,dc=example\nuid: zw\nmail: zhangwei@water.exa\n"
        " mple\ncn:: 5byg5Lyf\ncn: second\nou: 办公室\nuserPassword:: e1NTSEF9\n"
        "mailAlternateAddress: zhang.wei@water.example\n\n"
        "dn: ou=people\nou: people\n\n"
        "dn: uid=li\r\nuid: li\r\nmail: li@water.example\r\njpegPhoto:: /9j/4AAQ\r\n";
    g_autofree char *said = NULL;
    g_autoptr(GPtrArray) rows = import(text, strlen(text), TRUE, &said);
    assert_string_equal(said, "");
    assert_int_equal(rows->len, 2);
    assert_string_equal(field(rows, 0, "address"), "zhangwei@water.example");
    assert_string_equal(field(rows, 0, "owner"), "张伟");
    assert_string_equal(field(rows, 0, "department"), "办公室");
    const ImportRow *first = g_ptr_array_index(rows, 0), *second = g_ptr_array_index(rows, 1);
    assert_int_equal(json_array_size(json_object_get(first->request, "aliases")), 2);  /* zw, zhang.wei@ */
    assert_int_equal(json_array_size(json_object_get(second->request, "aliases")), 0); /* li is the local part */
    assert_int_equal(first->line, 4);
}

static void
test_ldif_mistakes(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"dn: x\nno colon here\n", "2: no"},
        {"dn: x\nchangetype: add\n", "changes"},
        {"dn: x\ncn:: ####\n", "base64"},
        {"dn: x\nmail: nobody\n", "list:2:1"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = NULL;
        g_autoptr(GPtrArray) rows = import(cases[i].text, strlen(cases[i].text), TRUE, &said);
        assert_int_equal(rows->len, 0);
        if (strstr(said, cases[i].said) == NULL)
            fail_msg("%s: %s", cases[i].text, said);
    }
}

/* What an export writes is what an import reads, also where a spreadsheet must not compute it. */
static void
test_csv_written_is_read_back(void **state)
{
    static const char *const texts[] = {"",           "plain", "=1+1", "+86 10", "-x",  "@water.example",
                                        "'",          "'=1",   "''=1", "'x",     "a,b", "a\"b",
                                        "two\nlines", "\tx",   "'\tx", "=\"a\""};
    char *bytes = NULL;
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    FILE *stream = open_memstream(&bytes, &length);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        csv_write(stream, texts[i], i + 1 == G_N_ELEMENTS(texts));
    assert_int_equal(fclose(stream), 0);
    assert_null(strstr(bytes, ",="));
    assert_null(strstr(bytes, "\"=1"));
    g_autoptr(GPtrArray) rows = csv_parse(bytes, length, &error);
    assert_non_null(rows);
    assert_int_equal(rows->len, 1);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_string_equal(csv_plain(csv_field(g_ptr_array_index(rows, 0), i)->text), texts[i]);
    free(bytes);

    static const char list[] = "address,owner,note\na@water.example,'=cmd|x,'quoted'\n";
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GPtrArray) found = account_import_csv("list", list, strlen(list), problems);
    const ImportRow *row = g_ptr_array_index(found, 0);
    assert_string_equal(json_string_value(json_object_get(row->request, "owner")), "=cmd|x");
    assert_string_equal(json_string_value(json_object_get(row->request, "note")), "'quoted'");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_in_the_encodings_of_excel),
        cmocka_unit_test(test_csv_all_mistakes_at_once),
        cmocka_unit_test(test_csv_headings),
        cmocka_unit_test(test_csv_quotes_and_lines),
        cmocka_unit_test(test_csv_written_is_read_back),
        cmocka_unit_test(test_csv_written_is_read_again),
        cmocka_unit_test(test_ldif_entries),
        cmocka_unit_test(test_ldif_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
