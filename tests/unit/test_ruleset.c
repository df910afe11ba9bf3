#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "ruleset.h"
#include <glib/gstdio.h>
#include <string.h>

static char *
packs(void)
{
    const char *top = g_getenv("top_srcdir");

    return g_build_filename(top != NULL ? top : ".", "rules", "packs", NULL);
}

static void
expect_no_problems(Problems *problems)
{
    g_autofree char *text = problems_to_text(problems);

    if (problems_count(problems) > 0)
        fail_msg("%s", text);
}

static void
test_ruleset_test_the_shipped_packs_keep_their_examples(void **state)
{
    g_autofree char *directory = packs();
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Ruleset) ruleset = ruleset_load(directory, NULL, NULL, problems);

    expect_no_problems(problems);
    assert_non_null(ruleset);
    assert_true(g_str_has_prefix(ruleset_digest(ruleset), "sha256:"));
    assert_false(ruleset_from_cache(ruleset));
    assert_true(ruleset_test(ruleset, problems) > 150);
    expect_no_problems(problems);
}

static void
test_ruleset_info_tells_of_each_rule(void **state)
{
    g_autofree char *directory = packs();
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Ruleset) ruleset = ruleset_load(directory, NULL, NULL, problems);
    guint i = 0, of_others = 0;

    assert_non_null(ruleset);
    for (const RuleInfo *info; (info = ruleset_info(ruleset, i)) != NULL; i++) {
        assert_non_null(info->id);
        assert_true(info->title_zh[0] != '\0' && info->title_en[0] != '\0');
        assert_string_equal(info->status, "enforce");
        assert_true(info->examples > 1);
        of_others += info->literals + info->expressions == 0; /* a condition over what other rules found */
    }
    assert_int_equal(i, ruleset_count(ruleset));
    assert_true(i >= 10 && of_others * 10 < i);
}

/* --- packs of our own ----------------------------------------------------------------------- */

typedef struct {
    char *directory;
} Fixture;

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->directory = g_dir_make_tmp("hangu-ruleset-XXXXXX", NULL);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GDir) dir = g_dir_open(fixture->directory, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->directory, name, NULL);
        g_unlink(path);
    }
    g_rmdir(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture);
    return 0;
}

static void
write_pack(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->directory, name, NULL);

    assert_true(g_file_set_contents(path, text, -1, NULL));
}

#define HEAD "pack: p\ntitle_zh: 包\ntitle_en: pack\n"
#define RULE(id, words, match, nomatch)                                                                             \
    "  - id: " id "\n    title_zh: 规则\n    title_en: rule\n    class: work\n    level: work-secret\n"           \
    "    words: [" words "]\n    scores: {alone: 60, anywhere: 70}\n    match: [" match "]\n    nomatch: [" nomatch \
    "]\n"

static void
test_ruleset_load_small_pack(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_pack(fixture, "a.yaml", HEAD "rules:\n" RULE("unit-plan", "蓝图计划", "关于蓝图计划的说明", "蓝图和计划"));
    g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
    expect_no_problems(problems);
    assert_int_equal(ruleset_count(ruleset), 1);
    assert_int_equal(ruleset_test(ruleset, problems), 2);
    expect_no_problems(problems);
}

static void
test_ruleset_load_composed_words(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_pack(fixture, "a.yaml",
               HEAD "companions:\n  - [[请勿, 不得], [外传, 复制]]\nrules:\n" RULE(
                   "unit-plan", "[[仅供, 限, \"\"], [甲组, 乙组], [参阅]]", "限乙组参阅 不得复制, 甲组参阅",
                   "限丙组参阅") RULE("unit-other", "蓝图", "蓝图 请勿外传", "别的"));
    g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
    expect_no_problems(problems);
    assert_int_equal(ruleset_info(ruleset, 0)->literals, 3 * 2 * 1 + 2 * 2);
    assert_int_equal(ruleset_info(ruleset, 1)->literals, 1); /* the companions are read once */
    ruleset_test(ruleset, problems);
    expect_no_problems(problems);
}

static void
test_ruleset_test_names_examples_that_fail(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_pack(fixture, "a.yaml", HEAD "rules:\n" RULE("unit-plan", "蓝图计划", "别的文字", "又见蓝图计划"));
    g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
    assert_non_null(ruleset);
    ruleset_test(ruleset, problems);
    assert_int_equal(problems_count(problems), 2);
    assert_int_equal(problems_get(problems, 0)->line, 12);
    assert_string_equal(problems_get(problems, 0)->key, "unit-plan");
}

typedef struct {
    const char *name, *text, *told; /* a piece of the problems' text */
} MistakeCase;

static void
test_ruleset_load_tells_mistakes(void **state)
{
    static const MistakeCase cases[] = {
        {"no rules", HEAD "rules:\n  - 3\n", "must be a map"},
        {"no id", HEAD "rules:\n  - {title_zh: a, title_en: b, class: work, words: [甲乙], match: [a], nomatch: [b]}\n",
         "id"},
        {"taken", HEAD "rules:\n" RULE("x", "甲乙丙", "甲乙丙", "丁") RULE("x", "甲乙丁", "甲乙丁", "丁"), "taken"},
        {"no words", HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: work, match: [a], nomatch: [b]}\n",
         "words"},
        {"bad class",
         HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: stat, words: [甲乙], match: [a], nomatch: [b]}\n",
         "class"},
        {"no examples", HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: work, words: [甲乙]}\n", "match"},
        {"bad expression",
         HEAD
         "rules:\n  - {id: x, title_zh: a, title_en: b, class: work, expressions: ['(甲'], match: [a], nomatch: [b]}\n",
         "a.yaml:5"},
        {"bad level",
         HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: state, detect: mark, words: {high: [甲乙]}, match: "
              "[a], nomatch: [b]}\n",
         "top-secret"},
        {"bad place",
         HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: work, words: [甲乙], match: [{there: a}], nomatch: "
              "[b]}\n",
         "there"},
        {"bad cue", HEAD "cues:\n  - {id: c, text_zh: a, text_en: b, score: 5}\n", "words"},
        {"bad name", HEAD "cues:\n  - {id: C c, text_zh: a, text_en: b, score: 5, words: [甲]}\n", "lower-case"},
        {"no list", HEAD "rules: yes\n", "list"},
        {"empty file", "", "a.yaml:1:1: the file is empty"},
        {"bad zone", HEAD "zone: Mars/Base\nrules: []\n", "a.yaml:4:7: zone: there is no time zone"},
        {"bad place of a rule", HEAD "rules:\n  - {id: x, places: [body, bdy]}\n",
         "a.yaml:5:28: rules: \"bdy\" is no place; known here: subject"},
        {"bad class of a cue", HEAD "cues:\n  - {id: c, classes: [state, foo]}\n",
         "a.yaml:5:30: cues: \"foo\": must be one of state"},
        {"bad form of a mark", HEAD "rules:\n  - {id: x, detect: condition, condition: {mark: {form: [strar]}}}\n",
         "\"strar\": must be one of star"},
        {"expression beside other mistakes",
         HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: stat, expressions: ['(甲'], match: [a], nomatch: "
              "[b]}\n",
         "a.yaml:5:66: expression: "},
    };
    const Fixture *fixture = *state;

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Problems) problems = problems_new();
        write_pack(fixture, "a.yaml", cases[i].text);
        g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
        g_autofree char *text = problems_to_text(problems);
        if (ruleset != NULL || text == NULL || strstr(text, cases[i].told) == NULL)
            fail_msg("%s: «%s» is not told in «%s»", cases[i].name, cases[i].told, text != NULL ? text : "");
    }
}

static void
test_ruleset_load_without_packs(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    assert_null(ruleset_load(fixture->directory, NULL, NULL, problems));
    assert_null(ruleset_load("/nonexistent", NULL, NULL, problems));
    assert_int_equal(problems_count(problems), 2);
}

static void
test_ruleset_digest_names_the_bytes(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_pack(fixture, "a.yaml", HEAD "rules:\n" RULE("x", "甲乙丙", "甲乙丙", "丁"));
    g_autoptr(Ruleset) one = ruleset_load(fixture->directory, NULL, NULL, problems);
    g_autoptr(Ruleset) same = ruleset_load(fixture->directory, NULL, NULL, problems);
    write_pack(fixture, "a.yaml", HEAD "rules:\n" RULE("x", "甲乙丙", "甲乙丙", "戊"));
    g_autoptr(Ruleset) other = ruleset_load(fixture->directory, NULL, NULL, problems);
    assert_string_equal(ruleset_digest(one), ruleset_digest(same));
    assert_string_not_equal(ruleset_digest(one), ruleset_digest(other));
}

static void
test_ruleset_load_leaves_out_rules_that_are_off(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_pack(fixture, "a.yaml",
               HEAD "rules:\n  - {id: x, title_zh: a, title_en: b, class: work, status: off, words: [甲乙丙], match: "
                    "[甲], nomatch: [乙]}\n");
    g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
    expect_no_problems(problems);
    assert_int_equal(ruleset_test(ruleset, problems), 0);
    assert_string_equal(ruleset_info(ruleset, 0)->status, "off");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ruleset_test_the_shipped_packs_keep_their_examples),
        cmocka_unit_test(test_ruleset_info_tells_of_each_rule),
        cmocka_unit_test_setup_teardown(test_ruleset_load_small_pack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_load_composed_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_test_names_examples_that_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_load_tells_mistakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_load_without_packs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_digest_names_the_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ruleset_load_leaves_out_rules_that_are_off, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
