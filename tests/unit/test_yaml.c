#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "yaml.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    gboolean flag;
    gint64 count, size, wait;
    char *name, *path;
    int mode;
    GPtrArray *names;
    YamlNode *rest;
} Target;

static gboolean
check_lower(const char *value, char **why_out)
{
    for (; *value != '\0'; value++)
        if (g_ascii_isupper(*value)) {
            *why_out = g_strdup("must be lower case");
            return FALSE;
        }
    return TRUE;
}

static const YamlWord modes[] = {{"observe", 1}, {"enforce", 2}, {NULL, 0}};
static const YamlRow inner[] = {
    {"size", YAML_ROW_SIZE, G_STRUCT_OFFSET(Target, size), "10M", .min = 1024, .max = 1 << 30},
    {"wait", YAML_ROW_SECONDS, G_STRUCT_OFFSET(Target, wait), "45", .min = 1, .max = 3600},
    {"names", YAML_ROW_TEXTS, G_STRUCT_OFFSET(Target, names), "[a, b]", .check = check_lower},
    {NULL}};
static const YamlRow rows[] = {
    {"flag", YAML_ROW_BOOL, G_STRUCT_OFFSET(Target, flag), "true", .help_zh = "开关。", .help_en = "A flag."},
    {"count", YAML_ROW_INT, G_STRUCT_OFFSET(Target, count), "-3"},
    {"name", YAML_ROW_TEXT, G_STRUCT_OFFSET(Target, name), .check = check_lower},
    {"path", YAML_ROW_PATH, G_STRUCT_OFFSET(Target, path), "/etc/x"},
    {"mode", YAML_ROW_ENUM, G_STRUCT_OFFSET(Target, mode), "observe", .words = modes},
    {"milter", YAML_ROW_MAP, .rows = inner, .help_zh = "一节。", .help_en = "A section."},
    {"rest", YAML_ROW_NODE, G_STRUCT_OFFSET(Target, rest)},
    {NULL}};

/* The problems of a text read against the rows, as lines. */
static char *
problems_of(const char *text)
{
    Target target = {0};
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = yaml_load_bytes("f", text, strlen(text), problems);
    if (file != NULL)
        yaml_read_rows(yaml_root(file), rows, "", &target, problems);
    yaml_clear_rows(rows, &target);
    return problems_to_text(problems);
}

static void
test_yaml_read_rows_defaults(void **state)
{
    Target target = {0};
    g_autoptr(Problems) problems = problems_new();
    yaml_read_rows(NULL, rows, "", &target, problems);
    assert_int_equal(problems_count(problems), 0);
    assert_true(target.flag);
    assert_int_equal(target.count, -3);
    assert_null(target.name);
    assert_string_equal(target.path, "/etc/x");
    assert_int_equal(target.mode, 1);
    assert_int_equal(target.size, 10 * 1024 * 1024);
    assert_int_equal(target.wait, 45);
    assert_int_equal(target.names->len, 2);
    assert_string_equal(g_ptr_array_index(target.names, 1), "b");
    yaml_clear_rows(rows, &target);
    assert_null(target.path);
}

static void
test_yaml_read_rows_values(void **state)
{
    static const char text[] = "\xEF\xBB\xBF# BOM and comment\nflag: no\ncount: 12\nname: \"密级\"\npath: /tmp/y\n"
                               "mode: enforce\nmilter:\n  size: 64k\n  wait: 4m\n  names: one\nrest: [1, {a: b}]\n";
    Target target = {0};
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = yaml_load_bytes("f", text, strlen(text), problems);
    yaml_read_rows(yaml_root(file), rows, "", &target, problems);
    g_autofree char *said = problems_to_text(problems);
    assert_string_equal(said, "");
    assert_false(target.flag);
    assert_int_equal(target.count, 12);
    assert_string_equal(target.name, "密级");
    assert_string_equal(target.path, "/tmp/y");
    assert_int_equal(target.mode, 2);
    assert_int_equal(target.size, 65536);
    assert_int_equal(target.wait, 240);
    assert_int_equal(target.names->len, 1);
    assert_int_equal(yaml_kind(target.rest), YAML_LIST);
    assert_string_equal(yaml_scalar(yaml_get(yaml_item(target.rest, 1), "a"), NULL), "b");
    assert_int_equal(yaml_line(target.rest), 11);
    assert_int_equal(yaml_column(target.rest), 7);
    yaml_clear_rows(rows, &target);
}

static void
test_yaml_problems_are_helpful(void **state)
{
    static const struct {
        const char *text;
        const char *problem; /* NULL: none; else the whole first line begins so */
    } cases[] = {
        {"", NULL},
        {"# only\n", NULL},
        {"milter:\n  # all commented\n", NULL},
        {"mode: enforc\n", "f:1:7: mode: \"enforc\": must be one of observe, enforce; did you mean \"enforce\"?"},
        {"mode: 7\n", "f:1:7: mode: \"7\": must be one of observe, enforce"},
        {"moed: observe\n", "f:1:1: moed: unknown key; did you mean \"mode\"?"},
        {"zzzzzzz: 1\n", "f:1:1: zzzzzzz: unknown key; known here: flag, count, name, path, mode, milter, rest"},
        {"size: 64K\n", "f:1:1: size: unknown key here; it belongs below \"milter:\""},
        {"milter:\n  size: 1\n", "f:2:9: milter.size: \"1\": must be a size (10485760, 64K, 10M, 1G) from 1K to 1G"},
        {"milter:\n  size: 99999999999999999999\n", "f:2:9: milter.size: \"9999"},
        {"milter:\n  size: 9223372036854775807G\n", "f:2:9: milter.size: \"9223"},
        {"milter:\n  size: 10 M\n", "f:2:9: milter.size: \"10 M\": must be"},
        {"milter:\n  wait: 2d\n",
         "f:2:9: milter.wait: \"2d\": must be a time span (45, 45s, 4m, 2h, 7d) from 1s to 1h"},
        {"milter:\n  wait: -1\n", "f:2:9: milter.wait: \"-1\": must be"},
        {"count: many\n", "f:1:8: count: \"many\": must be a whole number"},
        {"count: [1]\n", "f:1:8: count: must be a whole number, but here is a list"},
        {"flag: maybe\n", "f:1:7: flag: \"maybe\": must be true or false"},
        {"path: etc/x\n", "f:1:7: path: \"etc/x\": must be an absolute path"},
        {"path:\n", "f:1:6: path: has no value"},
        {"name: Upper\n", "f:1:7: name: \"Upper\": must be lower case"},
        {"name: {a: b}\n", "f:1:7: name: must be a text"},
        {"milter:\n  names: [ok, Upper]\n", "f:2:15: milter.names: \"Upper\": must be lower case"},
        {"milter:\n  names:\n  - [x]\n", "f:3:5: milter.names: each item of this list must be a single value"},
        {"milter: x\n", "f:1:9: milter: must be a map (key: value), but here is a single value"},
        {"- x\n", "f:1:1: must be a map (key: value), but here is a list"},
        {"mode: observe\nmode: enforce\n", "f:2:1: mode: is here twice: line 1 has it already"},
        {"name: &a x\n", "f:1:7: anchors (&name) are not allowed"},
        {"rest: *a\n", "f:1:7: aliases (*name) are not allowed"},
        {"name: !!str x\n", "f:1:7: tags (!...) are not used here"},
        {"? [a]\n: b\n", "f:1:3: a key must be a word"},
        {"name: a\n---\nname: b\n", "f:2:1: a second document (---) begins here"},
        {"name: \"a\\0b\"\n", "f:1:7: a NUL character"},
        {"name: [\n", "f:2:1: not YAML: "},
        /* slips of the keyboard */
        {"name: a\nmode：observe\npath: /x\n", "f:2:1: the colon is full-width (：)"},
        {"mode：observe\n", "f:1:1: must be a map (key: value), but here is a single value (the colon is full-width"},
        {"mode:observe\n", "f:1:1: must be a map (key: value), but here is a single value (a space is missing"},
        {"milter:\n\tsize: 64K\n", "f:2:1: there is a tab before the text"},
        {"　　mode: observe\n", "f:1:1: 　　mode: unknown key: there is a full-width space"},
        {"mode: “observe”\n", "f:1:7: mode: \"“observe”\": must be one of observe, enforce"},
        {"flag: “true”\n", "f:1:7: flag: \"“true”\": must be true or false (the quotation marks are typographic"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = problems_of(cases[i].text);
        if (cases[i].problem == NULL)
            assert_string_equal(said, "");
        else if (!g_str_has_prefix(said, cases[i].problem))
            fail_msg("case %zu:\n%s gives\n%s not\n%s", i, cases[i].text, said, cases[i].problem);
    }
}

static void
test_yaml_read_rows_all_mistakes_in_one_run(void **state)
{
    g_autofree char *said = problems_of("flag: 3\nmode: x\nmode: y\nfoo: 1\nmilter:\n  size: 0\n  bar: 2\n");
    g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
    assert_int_equal(g_strv_length(lines) - 1, 7);
}

static void
test_yaml_load_bytes_refuses_bad_bytes(void **state)
{
    static const struct {
        const char *bytes;
        gsize length;
        const char *problem;
    } cases[] = {
        {"a: b\nc: \xC3\xDC\n", 11, "f:2:4: the byte 0xC3 is not UTF-8"},
        {"密: \0", 6, "f:1:4: a NUL byte"},
        {"\xFF\xFE", 2, "f:1:1: the byte 0xFF is not UTF-8"},
        {"a: \x01\n", 5, "f:1:1: not YAML: control characters are not allowed"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Problems) problems = problems_new();
        assert_null(yaml_load_bytes("f", cases[i].bytes, cases[i].length, problems));
        g_autofree char *said = problems_to_text(problems);
        if (!g_str_has_prefix(said, cases[i].problem))
            fail_msg("case %zu gives %s", i, said);
    }
}

static void
test_yaml_load_bytes_is_bounded(void **state)
{
    g_autofree char *deep = g_strnfill(100000, '[');
    g_autofree char *said = problems_of(deep);
    assert_non_null(strstr(said, "nested too deeply"));
    g_autofree char *large = g_strnfill(YAML_FILE_MAX + 1, '#');
    g_autofree char *too_large = problems_of(large);
    assert_non_null(strstr(too_large, "larger than 16 MiB"));
    g_autoptr(GString) many = g_string_new(NULL);
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(many, "k%d: 1\n", i);
    g_autofree char *counted = problems_of(many->str);
    assert_true(g_str_has_suffix(counted, "... and 2000 more\n"));
}

static void
test_yaml_load_names_the_file(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    assert_null(yaml_load("/no/such/file.yaml", problems));
    assert_null(yaml_load("/dev/null", problems));
    g_autofree char *said = problems_to_text(problems);
    assert_string_equal(said, "/no/such/file.yaml: cannot be opened: No such file or directory\n"
                              "/dev/null: is no plain file\n");
    g_autoptr(GError) error = NULL;
    assert_true(problems_to_error(problems, &error));
    assert_int_equal(error->code, 78);
}

static void
test_yaml_load_reads_a_file(void **state)
{
    char path[] = "/tmp/test_yaml.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    close(fd);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = yaml_load(path, problems);
    unlink(path);
    assert_non_null(file);
    assert_string_equal(yaml_key(yaml_root(file), 0), "a");
    assert_null(yaml_key(yaml_root(file), 1));
    assert_string_equal(yaml_digest(file), "sha256:37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae");
}

static void
test_yaml_example_reads_back_as_defaults(void **state)
{
    g_autofree char *example = yaml_example(rows), *said = problems_of(example);
    assert_string_equal(said, "");
    assert_non_null(strstr(example, "\n# 开关。\n# A flag.\n# 可取 / allowed: true, false\n#flag: true\n"));
    assert_non_null(strstr(example, "\nmilter:\n\n  # 范围 / range: 1K – 1G\n  #size: 10M\n"));
    /* taking the # away changes nothing but mistakes that say what to write */
    g_autoptr(GRegex) mark = g_regex_new("^( *)#(?=[a-z]+:)", G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *open = g_regex_replace(mark, example, -1, 0, "\\1", 0, NULL);
    g_autofree char *open_said = problems_of(open);
    assert_non_null(strstr(open_said, "name: has no value"));
    g_auto(GStrv) lines = g_strsplit(open_said, "\n", -1);
    assert_int_equal(g_strv_length(lines) - 1, 1);
}

static void
test_problems_to_text_without_place(void **state)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) error = NULL;
    assert_false(problems_to_error(problems, &error));
    problems_add(problems, NULL, 0, 0, "a.b", "x %d", 1);
    problems_add(problems, NULL, 0, 0, NULL, "y");
    g_autofree char *said = problems_to_text(problems);
    assert_string_equal(said, "a.b: x 1\ny\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_read_rows_defaults),
        cmocka_unit_test(test_yaml_read_rows_values),
        cmocka_unit_test(test_yaml_problems_are_helpful),
        cmocka_unit_test(test_yaml_read_rows_all_mistakes_in_one_run),
        cmocka_unit_test(test_yaml_load_bytes_refuses_bad_bytes),
        cmocka_unit_test(test_yaml_load_bytes_is_bounded),
        cmocka_unit_test(test_yaml_load_names_the_file),
        cmocka_unit_test(test_yaml_load_reads_a_file),
        cmocka_unit_test(test_yaml_example_reads_back_as_defaults),
        cmocka_unit_test(test_problems_to_text_without_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
