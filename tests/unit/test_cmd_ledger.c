/* hangu ledger and hangu report, as a person or a script runs them. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "ledger_tree.h"
#include "run.h"
#include "sample_record.h"

#define HANGU(...) run_program(NULL, "hangu", NULL, (const char *const[]){__VA_ARGS__, NULL})
#define VERIFY(...) run_program(NULL, "hangu-ledger-verify", NULL, (const char *const[]){__VA_ARGS__, NULL})

/* Four letters and a stop in one file. */
static int
set_up(void **state)
{
    static const char *const verdicts[] = {"reject", "accept", "hold", "reject"};
    char *directory = tree_new();
    ChainHead head = {0};
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        json_t *record = sample_letter();
        json_object_set_new(record, "verdict", json_string(verdicts[i]));
        if (i == 3)
            json_object_set_new(record, "sender", json_string("li@hr.unit.example"));
        g_ptr_array_add(lines, tree_chain(&head, record));
    }
    g_ptr_array_add(lines, tree_line(&head, "stop", "reason", "x"));
    tree_write(directory, 1, lines);
    *state = directory;
    return 0;
}

static int
tear_down(void **state)
{
    tree_free(*state);
    return 0;
}

static char *
read_ledger(const char *directory)
{
    g_autofree char *path = tree_path(directory, 1);
    char *bytes = NULL;
    g_assert(g_file_get_contents(path, &bytes, NULL, NULL));
    return bytes;
}

static guint
count_lines(const char *text)
{
    guint lines = 0;
    for (; (text = strchr(text, '\n')) != NULL; text++)
        lines++;
    return lines;
}

static void
test_verify_and_head(void **state)
{
    const char *directory = *state;
    g_auto(Run) head = HANGU("ledger", "head", "--directory", directory);
    assert_int_equal(head.status, 0);
    assert_true(g_str_has_prefix(head.out, "5:"));
    g_strstrip(head.out);
    g_auto(Run) good = HANGU("ledger", "verify", "--directory", directory, "--head", head.out),
                json = HANGU("ledger", "verify", "--directory", directory, "--json"), small = VERIFY(directory),
                small_head = VERIFY("--head", head.out, "--json", directory);
    assert_int_equal(good.status, 0);
    assert_non_null(strstr(good.out, "5 records"));
    assert_int_equal(json.status, 0);
    assert_non_null(strstr(json.out, "\"state\":\"good\""));
    assert_int_equal(small.status, 0);
    assert_non_null(strstr(small.out, "no noted head"));
    assert_int_equal(small_head.status, 0);
    assert_non_null(strstr(small_head.out, head.out));
}

static void
test_verify_tampered(void **state)
{
    const char *directory = *state;
    g_autofree char *bytes = read_ledger(directory);
    g_autofree char *path = tree_path(directory, 1);
    *strstr(bytes, "10.1.2.3") = '9';
    assert_true(g_file_set_contents(path, bytes, -1, NULL));
    g_auto(Run) text = HANGU("ledger", "verify", "-d", directory), small = VERIFY("--quiet", directory),
                json = VERIFY("--json", directory);
    assert_int_equal(text.status, 1);
    assert_non_null(strstr(text.out, "hangu-000001.log:1: "));
    assert_non_null(strstr(text.out, "TAMPERED"));
    assert_int_equal(small.status, 1);
    assert_string_equal(small.out, "");
    json_t *report = json_loads(json.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(report, "state")), "changed");
    assert_int_equal(json_integer_value(json_object_get(report, "line")), 1);
    json_decref(report);
}

static void
test_wrong_usage(void **state)
{
    const char *directory = *state;
    g_auto(Run) word = HANGU("ledger", "verify", "x"), head = HANGU("ledger", "verify", "-d", directory, "--head", "5"),
                none = HANGU("ledger", "verify", "-d", "/nonexistent"), which = VERIFY("--json"),
                level = HANGU("ledger", "search", "-d", directory, "--level", "big"),
                all = HANGU("ledger", "search", "-d", directory, "--limit", "0"), sub = HANGU("ledger", "serch");
    assert_int_equal(word.status, 64);
    assert_int_equal(head.status, 64);
    assert_int_equal(none.status, 66);
    assert_int_equal(which.status, 64);
    assert_int_equal(level.status, 64);
    assert_non_null(strstr(level.err, "highly-secret"));
    assert_int_equal(all.status, 64);
    assert_int_equal(sub.status, 64);
    assert_non_null(strstr(sub.err, "search"));
}

static void
test_search_table_and_json(void **state)
{
    const char *directory = *state;
    g_auto(Run) table = HANGU("ledger", "search", "-d", directory, "--verdict", "reject"),
                json = HANGU("ledger", "search", "-d", directory, "--verdict", "reject", "--json"),
                newest = HANGU("ledger", "search", "-d", directory, "-n", "1", "--kind", "letter"),
                nothing = HANGU("ledger", "search", "-d", directory, "--sender", "nobody@unit.example");
    assert_int_equal(table.status, 0);
    assert_int_equal(count_lines(table.out), 3);
    assert_non_null(strstr(table.out, "refused (observed)"));
    assert_non_null(strstr(table.out, "a@outside.example +1"));
    assert_int_equal(count_lines(json.out), 2);
    g_autofree char *bytes = read_ledger(directory);
    g_auto(GStrv) lines = g_strsplit(json.out, "\n", -1);
    assert_non_null(strstr(bytes, lines[0])); /* the very bytes */
    assert_non_null(strstr(newest.out, "li@hr.unit.example"));
    assert_null(strstr(newest.out, "wang@"));
    assert_non_null(strstr(newest.out, "the newest 1 of 4"));
    assert_int_equal(nothing.status, 0);
    assert_non_null(strstr(nothing.out, "no such records"));
}

static void
test_search_damaged_ledger_shows_what_came_before(void **state)
{
    const char *directory = *state;
    g_autofree char *bytes = read_ledger(directory);
    g_autofree char *path = tree_path(directory, 1);
    *strstr(bytes, "\"hold\"") = 'x';
    assert_true(g_file_set_contents(path, bytes, -1, NULL));
    g_auto(Run) search = HANGU("ledger", "search", "-d", directory);
    assert_int_equal(search.status, 65);
    assert_int_equal(count_lines(search.out), 3);
    assert_non_null(strstr(search.err, "hangu-000001.log:3"));
}

static void
test_export_gives_the_bytes(void **state)
{
    const char *directory = *state;
    g_autofree char *bytes = read_ledger(directory);
    g_auto(Run) all = HANGU("ledger", "export", "-d", directory),
                none = HANGU("ledger", "export", "-d", directory, "--until", "2020-01-01"),
                some = HANGU("ledger", "export", "-d", directory, "--until", "2026-11-22T01:02:04Z");
    assert_string_equal(all.out, bytes);
    assert_string_equal(none.out, "");
    assert_int_equal(count_lines(some.out), 4);
}

static void
test_report_observe(void **state)
{
    const char *directory = *state;
    g_auto(Run) text = HANGU("report", "observe", "-d", directory),
                json = HANGU("report", "observe", "-d", directory, "--json"),
                none = HANGU("report", "observe", "-d", directory, "--until", "2020-01-01");
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "4 letters observed"));
    assert_non_null(strstr(text.out, "refused 2 (50.0 %)"));
    assert_non_null(strstr(text.out, "out-state"));
    assert_non_null(strstr(text.out, "hr.unit.example"));
    assert_non_null(strstr(text.out, "cn-state-mark"));
    assert_true(count_lines(text.out) <= 24);
    json_t *report = json_loads(json.out, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(report, "letters")), 4);
    json_decref(report);
    assert_non_null(strstr(none.out, "no letters"));
}

#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    g_setenv("LC_ALL", "C.UTF-8", TRUE);
    g_unsetenv("LANGUAGE");
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(test_verify_and_head),
        WITH_LEDGER(test_verify_tampered),
        WITH_LEDGER(test_wrong_usage),
        WITH_LEDGER(test_search_table_and_json),
        WITH_LEDGER(test_search_damaged_ledger_shows_what_came_before),
        WITH_LEDGER(test_export_gives_the_bytes),
        WITH_LEDGER(test_report_observe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
