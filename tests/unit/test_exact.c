#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "exact.h"
#include "fold.h"
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    char *directory, *key, *list;
} Fixture;

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = g_dir_make_tmp("exact-XXXXXX", NULL);
    fixture->key = g_build_filename(fixture->directory, "list.key", NULL);
    fixture->list = g_build_filename(fixture->directory, "unit.list", NULL);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    g_unlink(fixture->key);
    g_unlink(fixture->list);
    g_rmdir(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture->key);
    g_free(fixture->list);
    g_free(fixture);
    return 0;
}

static void
list_write(const Fixture *fixture, const char *const *entries)
{
    g_autoptr(ExactWriter) writer = exact_writer_new();
    g_autoptr(GError) error = NULL;
    for (; *entries != NULL; entries++)
        assert_int_equal(exact_writer_add(writer, *entries), EXACT_ADDED);
    if (!exact_writer_write(writer, fixture->list, fixture->key, &error))
        fail_msg("%s", error->message);
}

static ExactList *
list_load(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    ExactList *list = exact_load(fixture->list, fixture->key, &error);
    if (list == NULL)
        fail_msg("%s", error->message);
    return list;
}

typedef struct {
    const char *text;
    GString *out;
} Told;

static void
told_add(guint32 from, guint32 to, guint64 value, gpointer user)
{
    Told *told = user;
    if (told->out->len > 0)
        g_string_append_c(told->out, '|');
    g_string_append_len(told->out, told->text + from, to - from);
}

/* What is found in the text once folded, "a|b". */
static char *
found_in(const ExactList *list, const char *text)
{
    g_autoptr(Fold) fold = fold_new();
    fold_run(fold, text, strlen(text));
    Told told = {fold_folded(fold)->text, g_string_new(NULL)};
    exact_find(list, told.text, fold_folded(fold)->length, told_add, &told);
    return g_string_free(told.out, FALSE);
}

static void
test_exact_find_as_people_write(void **state)
{
    static const char *const ENTRIES[] = {
        "蓝图计划",      "青山一号工程",           "诸葛明",           "11010519491231002X", "RG20450",
        "zhang.sanfeng", "榆公刑立〔2026〕0123号", "Project Bluebird", "Иван Петров",        NULL};
    static const struct {
        const char *text, *found;
    } CASES[] = {
        {"关于蓝图计划的说明", "蓝图计划"},
        {"藍圖計劃", "蓝图计划"},
        {"蓝 图\n计 划", "蓝 图\n计 划"},
        {"蓝图》计划", "蓝图》计划"},
        {"蓝\u200B图计划", "蓝图计划"},
        {"蓝图。计划", ""},
        {"蓝图    计划", ""}, /* four blanks: columns */
        {"蓝图计", ""},
        {"青山一号工程与蓝图计划", "青山一号工程|蓝图计划"},
        {"经办人：诸葛明亮", "诸葛明"},
        {"身份证 11010519491231002x", "11010519491231002x"},
        {"110105 19491231 002X", "110105 19491231 002x"},
        {"9110105194912310020", ""},
        {"911010519491231002X", ""}, /* glued */
        {"11010519491231002X5", ""},
        {"工号RG20450。", "rg20450"},
        {"工号：ＲＧ２０４５０", "rg20450"},
        {"RG204501 ARG20450", ""},
        {"RG 20450", ""}, /* too short to be written in pieces */
        {"zhang.sanfeng@unit.example", "zhang.sanfeng"},
        {"zhang_sanfeng", "zhang_sanfeng"},
        {"zhangsanfeng", "zhangsanfeng"},
        {"榆公刑立(2026)0123号", "榆公刑立(2026)0123号"},
        {"榆公刑立〔2026〕0124号", ""},
        {"the PROJECT BLUEBIRD team", "project bluebird"},
        {"project  bluebird", ""},
        {"Ивана Петрова", ""},
        {"от: Иван Петров", "иван петров"},
        {"", ""},
    };
    list_write(*state, ENTRIES);
    g_autoptr(ExactList) list = list_load(*state);
    assert_int_equal(exact_count(list), 9);
    assert_false(exact_is_stale(list));
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *found = found_in(list, CASES[i].text), *folded = fold_word(CASES[i].found);
        if (strcmp(found, folded) != 0)
            fail_msg("%s: found [%s], wanted [%s]", CASES[i].text, found, folded);
    }
}

static void
test_exact_find_tells_the_longest(void **state)
{
    static const char *const ENTRIES[] = {"张三", "张三丰", "三丰集团", "丰集团公司", NULL};
    list_write(*state, ENTRIES);
    g_autoptr(ExactList) list = list_load(*state);
    g_autofree char *longest = found_in(list, "张三丰集团公司"), *both = found_in(list, "张三、张三丰");
    assert_string_equal(longest, "张三丰");
    assert_string_equal(both, "张三|张三丰");
}

/* A text of one phrase longer than what is held of it: at every place the entry is found, once. */
static void
test_exact_find_at_every_offset(void **state)
{
    static const char *const ENTRIES[] = {"蓝图计划", "乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙", NULL};
    list_write(*state, ENTRIES);
    g_autoptr(ExactList) list = list_load(*state);
    for (guint before = 0; before < 2200; before += 7) {
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint i = 0; i < before; i++)
            g_string_append(text, "甲");
        g_string_append(text, "蓝图计划甲甲");
        g_autofree char *found = found_in(list, text->str);
        assert_string_equal(found, "蓝图计划");
    }
}

static void
test_exact_writer_says_what_it_does_not_take(void **state)
{
    g_autoptr(ExactWriter) writer = exact_writer_new();
    g_autoptr(GError) error = NULL;
    const Fixture *fixture = *state;
    assert_int_equal(exact_writer_add(writer, "王五"), EXACT_ADDED);
    assert_int_equal(exact_writer_add(writer, " 王　五 "), EXACT_DOUBLE);
    assert_int_equal(exact_writer_add(writer, "王"), EXACT_SHORT);
    assert_int_equal(exact_writer_add(writer, "123"), EXACT_SHORT);
    assert_int_equal(exact_writer_add(writer, "----"), EXACT_SHORT);
    assert_int_equal(exact_writer_add(writer, ""), EXACT_SHORT);
    assert_int_equal(exact_writer_add(writer, "王五，处长"), EXACT_BROKEN);
    assert_int_equal(exact_writer_add(writer, "\xff\xfe"
                                              "abcd"),
                     EXACT_BROKEN);
    g_autofree char *longest = g_strnfill(EXACT_LENGTH, 'a'), *longer = g_strnfill(EXACT_LENGTH + 1, 'a');
    assert_int_equal(exact_writer_add(writer, longest), EXACT_ADDED);
    assert_int_equal(exact_writer_add(writer, longer), EXACT_LONG);
    assert_int_equal(exact_writer_count(writer), 2);
    assert_true(exact_writer_write(writer, fixture->list, fixture->key, &error));
    g_autoptr(ExactList) list = list_load(fixture);
    g_autofree char *found = found_in(list, longest), *none = found_in(list, longer);
    assert_string_equal(found, longest);
    assert_string_equal(none, "");
}

static void
assert_refused(const Fixture *fixture, const char *key, int code, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ExactList) list = exact_load(fixture->list, key, &error);
    assert_null(list);
    assert_true(g_error_matches(error, HANGU_ERROR, code));
    if (strstr(error->message, text) == NULL)
        fail_msg("%s", error->message);
}

static void
test_exact_load_refuses(void **state)
{
    const Fixture *fixture = *state;
    static const char *const ENTRIES[] = {"蓝图计划", NULL};
    g_autofree char *file = NULL, *other = g_strconcat(fixture->key, "2", NULL);
    g_autoptr(GError) error = NULL;
    guint8 key[CRYPTO_KEY_SIZE];
    gsize size;
    assert_refused(fixture, fixture->key, HANGU_ERROR_NO_INPUT, "No such file");
    list_write(fixture, ENTRIES);
    assert_refused(fixture, other, HANGU_ERROR_NO_INPUT, "key");
    assert_true(crypto_key_load(other, key, &error));
    assert_refused(fixture, other, HANGU_ERROR_DATA, "another key");
    g_unlink(other);
    assert_true(g_file_get_contents(fixture->list, &file, &size, NULL));
    for (gsize at = 0; at < size; at += at < 64 ? 1 : 997) {
        file[at] ^= 1;
        assert_true(g_file_set_contents(fixture->list, file, (gssize)size, NULL));
        assert_refused(fixture, fixture->key, HANGU_ERROR_DATA, "list");
        file[at] ^= 1;
    }
    for (gsize length = 0; length < size; length = length * 3 + 1) {
        assert_true(g_file_set_contents(fixture->list, file, (gssize)length, NULL));
        assert_refused(fixture, fixture->key, HANGU_ERROR_DATA, "list");
    }
    assert_true(g_file_set_contents(fixture->list, file, (gssize)size, NULL));
    g_chmod(fixture->key, 0644);
    g_autoptr(ExactList) open = exact_load(fixture->list, fixture->key, NULL);
    assert_null(open);
}

/* Without the key the file tells nothing: two of the same entries have nothing in common, and no entry stands in it. */
static void
test_exact_file_tells_nothing(void **state)
{
    const Fixture *fixture = *state;
    static const char *const ENTRIES[] = {"11010519491231002X", "蓝图计划", NULL};
    g_autofree char *first = NULL, *second = NULL;
    gsize size, second_size;
    guint same = 0;
    list_write(fixture, ENTRIES);
    assert_true(g_file_get_contents(fixture->list, &first, &size, NULL));
    list_write(fixture, ENTRIES);
    assert_true(g_file_get_contents(fixture->list, &second, &second_size, NULL));
    assert_int_equal(size, second_size);
    for (gsize i = 16; i < size; i++)
        same += first[i] == second[i];
    assert_true(same < size / 100);
    assert_null(g_strstr_len(first, (gssize)size, "19491231"));
    assert_null(g_strstr_len(first, (gssize)size, "蓝图"));
}

static void
count_add(guint32 from, guint32 to, guint64 value, gpointer user)
{
    (*(guint *)user)++;
}

static void
test_exact_find_in_a_large_list(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(ExactWriter) writer = exact_writer_new();
    g_autoptr(GString) text = g_string_new(NULL);
    guint found = 0, strangers = 0;
    for (guint i = 0; i < 20000; i++) {
        g_autofree char *entry = g_strdup_printf("RG%06u", i * 7), *other = g_strdup_printf("RG%06u, ", i * 7 + 3);
        assert_int_equal(exact_writer_add(writer, entry), EXACT_ADDED);
        g_string_append(text, other);
    }
    assert_true(exact_writer_write(writer, fixture->list, fixture->key, NULL));
    g_autoptr(ExactList) list = list_load(fixture);
    g_autofree char *strange = fold_word(text->str);
    exact_find(list, strange, strlen(strange), count_add, &strangers);
    assert_int_equal(strangers, 0);
    for (guint i = 0; i < 20000; i++) {
        g_autofree char *entry = g_strdup_printf("rg%06u", i * 7);
        exact_find(list, entry, strlen(entry), count_add, &found);
    }
    assert_int_equal(found, 20000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exact_find_as_people_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_find_tells_the_longest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_find_at_every_offset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_writer_says_what_it_does_not_take, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_load_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_file_tells_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exact_find_in_a_large_list, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
