#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "exact.h"
#include "own_packs.h"
#include <string.h>

/* --- lists ---------------------------------------------------------------------------------- */

static void
test_condition_lists_and_rules_of_other_packs(void **state)
{
    const Fixture *fixture = *state;

    write_file(fixture, "words.txt", "# 词\n甲词\n  乙词  \n\n丁词\n");
    write_file(
        fixture, "b.yaml",
        "pack: q\ntitle_zh: 包\ntitle_en: pack\nlists:\n  own: {file: words.txt, words: [[[丙, 丁], [词]]], "
        "expressions: ['戊[0-9]{2}']}\n  other: [己词]\nrules:\n  - id: plain\n    title_zh: 词\n    title_en: word\n"
        "    class: work\n    level: work-secret\n    words: [庚词]\n    scores: {anywhere: 70}\n    match: [庚词]\n"
        "    nomatch: [辛词]\n");
    g_autoptr(Ruleset) ruleset =
        load(fixture,
             HEAD "rules:\n" RULE_HEAD(
                 "x") "    condition: {list: own, count: 5}\n"
                      "    match: [甲词 乙词 丙词 丁词 戊12]\n    nomatch: [甲词 乙词 丙词 丁词 丁词]\n" RULE_HEAD(
                          "y") "    scope: letter\n    condition: {all: [{rule: plain}, {list: other}, {rule: x}]}\n"
                               "    match: [{body: 庚词 己词, attachment: 甲词 乙词 丙词 丁词 戊12}]\n    nomatch: "
                               "[庚词, 己词, 庚词 己词]\n");
    g_autoptr(Problems) problems = problems_new();
    ruleset_test(ruleset, problems);
    g_autofree char *text = problems_to_text(problems);
    if (problems_count(problems) > 0)
        fail_msg("%s", text);
    assert_int_equal(ruleset_info(ruleset, 0)->literals, 5);
    assert_int_equal(ruleset_info(ruleset, 0)->expressions, 1);

    g_autofree char *digest = g_strdup(ruleset_digest(ruleset));
    write_file(fixture, "words.txt", "甲词\n乙词\n");
    g_autoptr(Ruleset) other = ruleset_load(fixture->directory, NULL, NULL, problems);
    assert_string_not_equal(ruleset_digest(other), digest);
}

/* --- mistakes ------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *body, *told;
} MistakeCase;

static const MistakeCase mistakes[] = {
    {"none", "", "needs a condition"},
    {"empty", "    condition: {}\n", "exactly one"},
    {"two", "    condition: {words: [甲词], list: x}\n", "exactly one"},
    {"unknown key", "    condition: {wrods: [甲词]}\n", "words"},
    {"no list", "    condition: {all: {words: [甲词]}}\n", "list of conditions"},
    {"holds always", "    condition: {not: {words: [甲词]}}\n", "nothing is found"},
    {"holds always, deeper", "    condition: {any: [{words: [甲词]}, {not: {words: [乙词]}}]}\n", "nothing is found"},
    {"exception holds always", "    condition: {words: [甲词]}\n    exceptions: [{not: {words: [乙词]}}]\n",
     "nothing is found"},
    {"at_least", "    condition: {any: [{words: [甲词]}], at_least: 2}\n", "at_least is 2"},
    {"threshold elsewhere", "    condition: {any: [{words: [甲词]}], threshold: 2}\n",
     "threshold does not go with any"},
    {"near without reach", "    condition: {near: [{words: [甲词]}, {words: [乙词]}]}\n",
     "within (characters) or lines"},
    {"near of nodes", "    condition: {near: [{any: [{words: [甲词]}]}, {words: [乙词]}], within: 3}\n", "near takes"},
    {"near of one", "    condition: {near: [{words: [甲词]}], within: 3}\n", "two to"},
    {"near of nots", "    condition: {near: [{not: {words: [甲词]}}, {not: {words: [乙词]}}], within: 3}\n", "two to"},
    {"within", "    condition: {near: [{words: [甲词]}, {words: [乙词]}], within: 100000}\n", "1000"},
    {"count", "    condition: {words: [甲词], count: 0}\n", "count"},
    {"list", "    condition: {list: nowhere}\n", "there is no list \"nowhere\""},
    {"data", "    condition: {data: shoe-size}\n", "cn-identity"},
    {"mark", "    condition: {mark: {level: high}}\n", "no rule of these packs has detect: mark"},
    {"rule", "    condition: {rule: nobody}\n", "there is no rule \"nobody\""},
    {"itself", "    condition: {rule: x}\n", "itself"},
    {"place", "    condition: {words: [甲词], places: [there]}\n", "\"there\" is no place"},
    {"place with a name", "    condition: {words: [甲词], places: [{body: X-A}]}\n",
     "\"body\": only one header or one"},
    {"header with a colon", "    condition: {words: [甲词], places: [{header: \"X-A:\"}]}\n",
     "without colon and blanks"},
    {"header with a blank", "    condition: {words: [甲词], places: [{header: X A}]}\n", "without colon and blanks"},
    {"header that is none", "    places: [{header: []}, {header: 密级}]\n    condition: {words: [甲词]}\n",
     "without colon and blanks"},
    {"property without a name", "    condition: {words: [甲词], except_places: [{property: }]}\n",
     "name of a property"},
    {"place in a list", "    condition: {present: [[body]]}\n", "must be a list of places"},
    {"example's header", "    condition: {words: [甲词]}\n    nomatch: [{header: {\"X A\": x}}]\n", "has a name"},
    {"example's body", "    condition: {words: [甲词]}\n    nomatch: [{body: {X-A: x}}]\n", "has a name"},
    {"words of old", "    condition: {words: [甲词]}\n    scores: {alone: 3}\n", "scores does not go with"},
    {"half a reason", "    condition: {words: [甲词], text_zh: 理由}\n", "both text_zh and text_en"},
    {"a cue's score", "    condition: {words: [甲词]}\n    cues: [{words: [乙词], text_zh: a, text_en: b}]\n",
     "needs a score"},
    {"a cue's text", "    condition: {words: [甲词]}\n    cues: [{words: [乙词], score: 4}]\n", "needs text_zh"},
    {"exact", "    condition: {exact: none.list}\n", "none.list"},
    {"exact elsewhere", "    condition: {exact: ../none.list}\n", "beside the pack"},
    {"present", "    condition: {present: [quoted]}\n", "whole places"},
    {"bad expression", "    condition: {expressions: ['(甲']}\n", "cannot be used"},
    {"example", "    condition: {words: [甲词]}\n    nomatch: [{there: x}]\n", "\"there\" is no place"},
};

static void
test_condition_tells_mistakes(void **state)
{
    const Fixture *fixture = *state;

    for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(Problems) problems = problems_new();
        gboolean own = strstr(mistakes[i].body, "nomatch") != NULL;
        g_autofree char *pack = g_strconcat(HEAD "rules:\n" RULE_HEAD("x"), mistakes[i].body, "    match: [a]\n",
                                            own ? "" : "    nomatch: [b]\n", NULL);
        write_file(fixture, "a.yaml", pack);
        g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, NULL, NULL, problems);
        g_autofree char *text = problems_to_text(problems);
        if (ruleset != NULL || text == NULL || strstr(text, mistakes[i].told) == NULL)
            fail_msg("%s: «%s» is not told in «%s»", mistakes[i].name, mistakes[i].told, text != NULL ? text : "");
        assert_true(problems_get(problems, 0)->line > 3 && problems_get(problems, 0)->column > 0);
    }
}

static void
test_condition_all_mistakes_of_a_run(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Problems) problems = problems_new();

    write_file(fixture, "a.yaml",
               HEAD "lists: {l: {file: none.txt}}\nrules:\n" RULE_HEAD(
                   "x") "    condition: {all: [{words: [甲词], count: x}, {list: m}, {data: shoe}]}\n    match: [a]\n  "
                        "  nomatch: [b]\n");
    assert_null(ruleset_load(fixture->directory, NULL, NULL, problems));
    assert_int_equal(problems_count(problems), 4);
}

/* --- exact data, the cache, the command's view ---------------------------------------------- */

static void
test_condition_exact_data(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *key = g_build_filename(fixture->directory, "list.key", NULL);
    g_autofree char *path = g_build_filename(fixture->directory, "staff.list", NULL);
    g_autoptr(ExactWriter) writer = exact_writer_new();
    g_autoptr(Problems) problems = problems_new();

    g_setenv("HANGU_LIST_KEY", key, TRUE);
    assert_int_equal(exact_writer_add(writer, "工号A20418"), EXACT_ADDED);
    assert_int_equal(exact_writer_add(writer, "工号B77310"), EXACT_ADDED);
    assert_true(exact_writer_write(writer, path, NULL, NULL));
    g_autoptr(Ruleset) ruleset = load(
        fixture,
        HEAD "rules:\n" RULE_HEAD(
            "x") "    condition: {exact: staff.list, count: 2}\n"
                 "    match: [工号A20418 和 工号 B77310]\n    nomatch: [工号A20418 工号A20418, 工号A20419]\n" RULE_HEAD(
                     "y") "    condition: {near: [{exact: staff.list}, {words: [密码]}], within: 10}\n"
                          "    match: [工号A20418 密码]\n    nomatch: [工号A20418]\n");
    ruleset_test(ruleset, problems);
    g_autofree char *text = problems_to_text(problems);
    if (problems_count(problems) > 0)
        fail_msg("%s", text);
    g_unsetenv("HANGU_LIST_KEY");
}

static void
test_condition_rules_come_from_the_cache(void **state)
{
    const Fixture *fixture = *state;
    static const guint8 key[32] = {7};
    g_autofree char *cache = g_build_filename(fixture->directory, "cache", NULL);
    g_autoptr(Problems) problems = problems_new();
    static const char pack[] = HEAD "lists: {l: {file: words.txt}}\nrules:\n" RULE_HEAD(
        "x") "    condition: {near: [{list: l}, {words: [乙词]}], within: 3}\n"
             "    match: [甲词乙词]\n    nomatch: [甲词]\n";

    g_mkdir(cache, 0700);
    write_file(fixture, "words.txt", "甲词\n");
    write_file(fixture, "a.yaml", pack);
    for (guint i = 0; i < 3; i++) {
        if (i == 2)
            write_file(fixture, "words.txt", "甲词\n丙词\n"); /* another list, another digest */
        g_autoptr(Ruleset) ruleset = ruleset_load(fixture->directory, cache, key, problems);
        assert_non_null(ruleset);
        assert_int_equal(ruleset_from_cache(ruleset), i == 1);
        assert_int_equal(ruleset_test(ruleset, problems), 2);
        assert_int_equal(problems_count(problems), 0);
    }
    g_autoptr(GDir) dir = g_dir_open(cache, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(cache, name, NULL);
        g_unlink(path);
    }
    g_rmdir(cache);
}

static void
test_condition_is_shown_as_a_tree(void **state)
{
    g_autoptr(Ruleset) ruleset = load(
        *state, HEAD "rules:\n" RULE_HEAD("x") "    when: {direction: out}\n    condition:\n      any:\n"
                                               "        - {near: [{words: [甲词]}, {not: {words: [乙词]}}], lines: 2}\n"
                                               "        - {data: phone, count: 3}\n      at_least: 1\n"
                                               "    exceptions: [{words: [丙词]}]\n"
                                               "    match: [甲词]\n    nomatch: [b]\n");
    g_autofree char *text = ruleset_condition(ruleset, 0, FALSE), *when = ruleset_when(ruleset, 0);
    RuleScoreInfo score;

    assert_string_equal(text, "any\n  near lines 2\n    words: 甲词\n    not\n      words: 乙词\n"
                              "  mobile numbers count 3\nexceptions\n  words: 丙词\n");
    assert_string_equal(when, "direction: out");
    assert_string_equal(ruleset_info(ruleset, 0)->detect, "condition");
    assert_true(ruleset_score(ruleset, 0, 0, &score));
    assert_int_equal(score.score, 60);
    assert_false(ruleset_score(ruleset, 0, 1, &score));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_condition_lists_and_rules_of_other_packs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_tells_mistakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_all_mistakes_of_a_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_exact_data, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_rules_come_from_the_cache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_is_shown_as_a_tree, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
