/* User names against the unit's names, and against each other. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "own_names.h"
#include "pinyin.h"
#include "user_name.h"
#include <string.h>

static gboolean
has_form(const char *text, PinyinForm form, const char *wanted)
{
    g_autoptr(GPtrArray) forms = pinyin_forms(text, form);
    return g_ptr_array_find_with_equal_func(forms, wanted, g_str_equal, NULL);
}

static void
test_pinyin_forms_of_names(void **state)
{
    static const struct {
        const char *text;
        PinyinForm form;
        const char *wanted;
    } cases[] = {
        {"水务局", PINYIN_FULL, "shuiwuju"},
        {"水务局", PINYIN_INITIALS, "swj"},
        {"重庆", PINYIN_FULL, "chongqing"},
        {"长沙", PINYIN_FULL, "changsha"},
        {"会计", PINYIN_FULL, "kuaiji"},
        {"吕丽", PINYIN_FULL, "lvli"},
        {"吕丽", PINYIN_FULL, "luli"},
        {"单雄", PINYIN_FULL, "shanxiong"},
        {"第2中学", PINYIN_FULL, "di2zhongxue"},
        {"SWJ", PINYIN_INITIALS, "swj"},
        {"Ｓ局", PINYIN_FULL, "sju"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        if (!has_form(cases[i].text, cases[i].form, cases[i].wanted))
            fail_msg("%s: no %s", cases[i].text, cases[i].wanted);
    g_autofree char *syllables = pinyin_text("市水务局");
    assert_string_equal(syllables, "shi shui wu ju");
    g_autofree char *none = pinyin_text("★");
    assert_string_equal(none, "");
    g_autoptr(GPtrArray) empty = pinyin_forms("", PINYIN_FULL);
    assert_int_equal(empty->len, 0);
}

static void
test_pinyin_forms_are_bounded(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 1000; i++)
        g_string_append(text, "重长会行吕");
    g_autoptr(GPtrArray) forms = pinyin_forms(text->str, PINYIN_FULL);
    assert_true(forms->len >= 1 && forms->len <= PINYIN_FORMS_MAX);
}

static void
test_user_name_of_the_unit_is_found(void **state)
{
    static const char *const departments[] = {"办公室", NULL};
    static const char *const domains[] = {"jzwater.gov.example", NULL};
    g_autoptr(UnitNames) names = unit_names_new("江州市水务局", "市水务局", departments, domains);
    static const struct {
        const char *name;
        UserNameFault fault;
    } cases[] = {
        {"shuiwuju", USER_NAME_PINYIN},
        {"jiangzhoushishuiwuju", USER_NAME_PINYIN},
        {"shi.shui_wu-ju2026", USER_NAME_PINYIN},
        {"swj", USER_NAME_INITIALS},
        {"sswj2026", USER_NAME_INITIALS},
        {"jzsswj01", USER_NAME_INITIALS},
        {"swjbgs", USER_NAME_INITIALS},
        {"jzwater", USER_NAME_DOMAIN},
        {"shuiwujv", USER_NAME_NEAR_UNIT},
        {"jzwaterr", USER_NAME_NEAR_UNIT},
        {"zhangwei", USER_NAME_FINE},
        {"20260101", USER_NAME_FINE},
        {"gov", USER_NAME_FINE},
        {"swk", USER_NAME_FINE},
        {"", USER_NAME_FINE},
        {"\xff\xfe", USER_NAME_FINE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *like = NULL;
        UserNameFault fault = user_name_check(names, cases[i].name, &like);
        if (fault != cases[i].fault)
            fail_msg("%s: %s, %s", cases[i].name, user_name_fault_word(fault), like);
        assert_int_equal(like != NULL, fault != USER_NAME_FINE);
    }
}

static void
test_user_name_latin_abbreviation(void **state)
{
    g_autoptr(UnitNames) names = unit_names_new("江州市水务局", "JZWB", NULL, NULL);
    assert_int_equal(user_name_check(names, "jzwb-2026", NULL), USER_NAME_ABBREVIATION);
    g_autoptr(UnitNames) nothing = unit_names_new(NULL, NULL, NULL, NULL);
    assert_int_equal(user_name_check(nothing, "jzwb", NULL), USER_NAME_FINE);
}

static void
test_near_is_one_edit(void **state)
{
    static const struct {
        const char *a, *b;
        gboolean near;
    } cases[] = {
        {"zhangwei1", "zhangwei2", TRUE},
        {"zhangwei", "zhangwei1", TRUE},
        {"zhangwie", "zhangwei", TRUE},
        {"zhangwei", "zhangwei", FALSE},
        {"zhangwei", "zhang", FALSE},
        {"lihua", "lihui", TRUE},
        {"abcd", "badc", FALSE},
        {"aab", "ab", TRUE},
        {"", "a", TRUE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_int_equal(user_name_near(cases[i].a, cases[i].b), cases[i].near);
        assert_int_equal(user_name_near(cases[i].b, cases[i].a), cases[i].near);
    }
}

static void
test_index_finds_what_comparing_each_with_each_finds(void **state)
{
    static const char *const names[] = {"zhangwei1", "zhangwei2", "zhangwie1", "lihua",   "lihuaa", "wangfang",
                                        "wangfnag",  "liqiang",   "chenjing",  "chenjin", "abc",    "abd"};
    g_autoptr(UserNameIndex) index = user_name_index_new();
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        user_name_index_add(index, names[i]);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        gboolean near = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(names); k++)
            near = near || (strlen(names[i]) >= 4 && strlen(names[k]) >= 4 && user_name_near(names[i], names[k]));
        assert_int_equal(user_name_index_near(index, names[i]) != NULL, near);
    }
}

static gboolean
has_name(const GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

static void
test_own_names(void **state)
{
    static const struct {
        const char *owner, *names[7];
    } cases[] = {
        {"李青", {"李青", "liqing", "qingli", "liq", "qli", "lq", NULL}},
        {"欧阳明华", {"ouyangminghua", "oymh", NULL}},
        {"单于飞", {"shanyufei", NULL}}, /* the surname's own reading */
        {"Zhang San", {"Zhang San", "zhangsan", "sanzhang", NULL}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) names = own_names(cases[i].owner);
        assert_true(names->len <= OWN_NAMES_MAX);
        for (guint k = 0; cases[i].names[k] != NULL; k++)
            if (!has_name(names, cases[i].names[k]))
                fail_msg("%s: not %s", cases[i].owner, cases[i].names[k]);
    }
    g_autofree char *endless = g_strnfill(5000, 'x');
    const char *const none[] = {NULL, "", "\xff", endless};
    for (gsize i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autoptr(GPtrArray) names = own_names(none[i]);
        assert_int_equal(names->len, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pinyin_forms_of_names),
        cmocka_unit_test(test_pinyin_forms_are_bounded),
        cmocka_unit_test(test_user_name_of_the_unit_is_found),
        cmocka_unit_test(test_user_name_latin_abbreviation),
        cmocka_unit_test(test_near_is_one_edit),
        cmocka_unit_test(test_own_names),
        cmocka_unit_test(test_index_finds_what_comparing_each_with_each_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
