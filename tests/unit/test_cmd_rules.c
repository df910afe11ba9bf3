/* hangu rules, as a person or a script runs it. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include "run.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#define RULES(...) \
    run_program(NULL, "hangu", (const char *const[]){"rules", NULL}, (const char *const[]){__VA_ARGS__, NULL})

/* A directory with one pack of one rule; `match` is its example. */
typedef struct {
    char *directory, *pack;
} Fixture;

static void
pack_write(const Fixture *fixture, const char *class, const char *match)
{
    g_autofree char *text =
        g_strdup_printf("pack: p\ntitle_zh: 包\ntitle_en: pack\nrules:\n  - id: unit-plan\n    title_zh: 单位计划\n"
                        "    title_en: unit plan\n    class: %s\n    level: work-secret\n    words: [蓝图计划]\n"
                        "    scores: {alone: 60, anywhere: 70}\n    match: [%s]\n    nomatch: [蓝图和计划]\n",
                        class, match);
    assert_true(g_file_set_contents(fixture->pack, text, -1, NULL));
}

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = g_dir_make_tmp("rules-XXXXXX", NULL);
    fixture->pack = g_build_filename(fixture->directory, "p.yaml", NULL);
    pack_write(fixture, "work", "关于蓝图计划的说明");
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    g_unlink(fixture->pack);
    g_rmdir(fixture->directory);
    g_free(fixture->pack);
    g_free(fixture->directory);
    g_free(fixture);
    return 0;
}

static json_t *
json_line(const char *text)
{
    json_error_t error;
    json_t *object = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
    if (object == NULL)
        fail_msg("%s in '%s'", error.text, text);
    return object;
}

static void
test_rules_test_passes_good_rules(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Run) text = RULES("test", "--rules", fixture->directory);
    g_auto(Run) json = RULES("test", "--json", "--rules", fixture->directory);
    assert_int_equal(text.status, 0);
    assert_string_equal(text.out, "rules: 1, examples: 2, failed: 0\n");
    assert_int_equal(json.status, 0);
    json_t *object = json_line(json.out);
    assert_true(json_is_true(json_object_get(object, "ok")));
    assert_int_equal(json_integer_value(json_object_get(object, "examples")), 2);
    assert_true(g_str_has_prefix(json_string_value(json_object_get(object, "ruleset")), "sha256:"));
    json_decref(object);
}

static void
test_rules_test_names_failed_examples(void **state)
{
    const Fixture *fixture = *state;
    pack_write(fixture, "work", "毫不相干");
    g_auto(Run) text = RULES("test", "--rules", fixture->directory);
    g_auto(Run) json = RULES("test", "--json", "--rules", fixture->directory);
    assert_int_equal(text.status, 1);
    assert_non_null(strstr(text.out, "p.yaml:12"));
    assert_non_null(strstr(text.out, "rules: 1, examples: 2, failed: 1\n"));
    assert_int_equal(json.status, 1);
    json_t *object = json_line(json.out);
    assert_true(json_is_false(json_object_get(object, "ok")));
    assert_int_equal(json_array_size(json_object_get(object, "problems")), 1);
    json_decref(object);
}

static void
test_rules_that_do_not_load_are_78(void **state)
{
    const Fixture *fixture = *state;
    pack_write(fixture, "secrets", "关于蓝图计划的说明");
    static const char *const COMMANDS[] = {"test", "list"};
    for (gsize i = 0; i < G_N_ELEMENTS(COMMANDS); i++) {
        g_auto(Run) text = RULES(COMMANDS[i], "--rules", fixture->directory);
        assert_int_equal(text.status, 78);
        assert_non_null(strstr(text.err, "p.yaml:8:"));
        g_auto(Run) json = RULES(COMMANDS[i], "--json", "--rules", fixture->directory);
        assert_int_equal(json.status, 78);
        json_t *object = json_line(json.out);
        assert_true(json_is_false(json_object_get(object, "ok")));
        json_decref(object);
    }
}

static void
test_rules_list_shows_each_rule(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Run) text = RULES("list", "--rules", fixture->directory);
    g_auto(Run) json = RULES("list", "--json", "--rules", fixture->directory);
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "\nunit-plan  work   work-secret  enforce"));
    json_t *object = json_line(json.out);
    assert_string_equal(json_string_value(json_object_get(object, "rule")), "unit-plan");
    assert_string_equal(json_string_value(json_object_get(object, "title_zh")), "单位计划");
    json_decref(object);
}

static void
test_rules_explain_shows_one_rule(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Run) text = RULES("explain", "unit-plan", "--rules", fixture->directory);
    g_auto(Run) json = RULES("explain", "--json", "--rules", fixture->directory, "unit-plan");
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "anywhere         70"));
    assert_non_null(strstr(text.out, "  + body       关于蓝图计划的说明\n               = 70 "));
    json_t *object = json_line(json.out);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(object, "scores"), "alone")), 60);
    assert_int_equal(json_array_size(json_object_get(object, "example_list")), 2);
    json_decref(object);
}

/* Each example says what it gives: level, class, score, and what raised or lowered it. */
static void
test_rules_explain_tells_what_examples_give(void **state)
{
    const Fixture *fixture = *state;
    assert_true(g_file_set_contents(
        fixture->pack,
        "pack: p\ntitle_zh: 包\ntitle_en: pack\nrules:\n  - id: mark\n    title_zh: 标志\n    title_en: mark\n"
        "    class: state\n    detect: mark\n    words: {highly-secret: [机密], secret: [秘密]}\n"
        "    scores: {star_term: 90}\n    match: [机密★10年]\n    nomatch: [教材讲机密★10年]\n"
        "  - id: about\n    title_zh: 有\n    title_en: about\n    class: state\n    detect: condition\n    score: 60\n"
        "    condition: {mark: {level: secret, score: 90}, places: [body]}\n"
        "    match: [秘密★5年]\n    nomatch: [机密★5年]\n"
        "cues:\n  - {id: talk, text_zh: 谈论, text_en: talk, score: -40, sinks: yes, words: [教材]}\n"
        "  - {id: alone, seen: alone, text_zh: 单独, text_en: by itself, score: 15, forms: [star]}\n"
        "  - {id: work-only, text_zh: 工作, text_en: work, score: 5, classes: [work], words: [工作]}\n",
        -1, NULL));
    g_auto(Run) text = RULES("explain", "mark", "--rules", fixture->directory);
    g_auto(Run) json = RULES("explain", "mark", "--json", "--rules", fixture->directory);
    g_auto(Run) leaf = RULES("explain", "about", "--rules", fixture->directory);
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "class state, level highly-secret, secret as the word says"));
    assert_non_null(strstr(text.out, "    +15  alone              by itself\n    -40  talk               talk\nMust"));
    assert_non_null(strstr(text.out,
                           "= 105 confirmed, class state, level highly-secret: level, star and period +90, by "
                           "itself +15\n"));
    assert_non_null(
        strstr(text.out, "= 50 mention, class mention, level none: level, star and period +90, talk -40\n"));
    assert_non_null(strstr(leaf.out, "a state-secret mark level secret of 90 and more [body]\n"));
    json_t *object = json_line(json.out), *examples = json_object_get(object, "example_list");
    json_t *found = json_object_get(json_array_get(examples, 0), "found");
    assert_int_equal(json_integer_value(json_object_get(found, "score")), 105);
    assert_string_equal(json_string_value(json_object_get(found, "level")), "highly-secret");
    assert_int_equal(json_array_size(json_object_get(found, "reasons")), 2);
    assert_int_equal(json_array_size(json_object_get(object, "levels")), 2);
    assert_int_equal(json_array_size(json_object_get(object, "cues")), 2);
    json_decref(object);

    g_auto(Run) cue = RULES("explain", "talk", "--rules", fixture->directory);
    assert_non_null(strstr(cue.out, "a cue: takes 40\n"));
    assert_non_null(strstr(cue.out, "1 of 1 words or expressions stand in the same line\n"));
    assert_non_null(strstr(cue.out, "  - mark               50  教材讲机密★10年\n"));
    g_auto(Run) cue_json = RULES("explain", "talk", "--json", "--rules", fixture->directory);
    object = json_line(cue_json.out);
    assert_int_equal(json_integer_value(json_object_get(object, "score")), -40);
    assert_int_equal(json_array_size(json_object_get(object, "examples")), 1);
    json_decref(object);

    g_auto(Run) tried = RULES("explain", "--text", "教材说秘密★3年", "--rules", fixture->directory);
    assert_non_null(strstr(tried.out, "50 mention, class mention"));
    assert_non_null(strstr(tried.out, "    -40  talk\n"));
    g_auto(Run) none = RULES("explain", "--text", "明天开会", "--place", "subject", "--rules", fixture->directory);
    assert_string_equal(none.out, "nothing is found\n");
    g_auto(Run) wrong = RULES("explain", "--text", "x", "--place", "there", "--rules", fixture->directory);
    assert_int_equal(wrong.status, 64);
    g_auto(Run) both = RULES("explain", "mark", "--text", "x", "--rules", fixture->directory);
    assert_int_equal(both.status, 64);
}

static void
test_rules_usage_mistakes_are_64(void **state)
{
    const Fixture *fixture = *state;
    g_auto(Run) unknown = RULES("explain", "unit-plans", "--rules", fixture->directory);
    g_auto(Run) missing = RULES("explain", "--rules", fixture->directory);
    g_auto(Run) extra = RULES("list", "more", "--rules", fixture->directory);
    g_auto(Run) command = RULES("tests");
    assert_int_equal(unknown.status, 64);
    assert_non_null(strstr(unknown.err, "did you mean \"unit-plan\""));
    assert_int_equal(missing.status, 64);
    assert_int_equal(extra.status, 64);
    assert_int_equal(command.status, 64);
}

static void
test_rules_without_settings_file_is_78(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *nowhere = g_build_filename(fixture->directory, "nowhere.yaml", NULL);
    g_auto(Run) run = RULES("test", "--config", nowhere);
    assert_int_equal(run.status, 78);
    assert_non_null(strstr(run.err, "nowhere.yaml"));
}

static void
test_shipped_rules_pass_their_examples(void **state)
{
    g_autofree char *packs = g_build_filename(g_getenv("top_srcdir"), "rules", "packs", NULL);
    g_auto(Run) run = RULES("test", "--rules", packs);
    if (run.status != 0)
        fail_msg("%s%s", run.out, run.err);
}

static void
test_rules_hash_list_makes_a_list(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *lines = g_build_filename(fixture->directory, "names.txt", NULL);
    g_autofree char *table = g_build_filename(fixture->directory, "staff.csv", NULL);
    g_autofree char *key = g_build_filename(fixture->directory, "list.key", NULL);
    g_autofree char *list = g_build_filename(fixture->directory, "unit.list", NULL);
    gsize size;
    g_autofree char *chinese = g_convert("诸葛明\n\n# 注\n王\n诸葛 明\n", -1, "GB18030", "UTF-8", NULL, &size, NULL);
    assert_true(g_file_set_contents(lines, chinese, (gssize)size, NULL));
    assert_true(g_file_set_contents(table, "姓名,工号\r\n\"王,五\",RG20450\r\n赵六\r\n", -1, NULL));
    g_auto(Run) none = RULES("hash-list", "--out", list, "--key", key, table, "--column", "9");
    assert_int_equal(none.status, 65);
    g_auto(Run) made = RULES("hash-list", "--out", list, "--key", key, lines);
    assert_int_equal(made.status, 1);
    assert_non_null(strstr(made.out, ": 1 entries"));
    assert_non_null(strstr(made.out, "doubles: 1, left out: 1"));
    assert_non_null(strstr(made.err, "names.txt:4: left out: too short"));
    g_auto(Run) column = RULES("hash-list", "--out", list, "--key", key, "--column", "2", "--heading", table);
    assert_int_equal(column.status, 0);
    assert_non_null(strstr(column.out, ": 1 entries"));
    g_auto(Run) usage = RULES("hash-list", table);
    assert_int_equal(usage.status, 64);
    const char *const files[] = {lines, table, key, list};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        g_unlink(files[i]);
}

/* --- lint ------------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *rules, *told; /* a piece of the output; NULL: nothing is odd */
} LintCase;

#define TITLED(id, title, class, more)                              \
    "  - id: " id "\n    title_zh: " title "\n    title_en: of " id \
    "\n    clause: 示例规定第一条\n    class: " class "\n    level: work-secret\n" more
#define PLAN                                                                    \
    TITLED("plan", "蓝图计划", "work",                                          \
           "    words: [蓝图计划]\n    scores: {alone: 60, anywhere: 70}\n" \
           "    match: [关于蓝图计划的说明]\n    nomatch: [蓝图和计划]\n")

static const LintCase lint_cases[] = {
    {"clean", "rules:\n" PLAN, NULL},
    {"off",
     "rules:\n" PLAN TITLED("old", "旧规则", "work",
                            "    status: off\n    words: [旧图计划]\n"
                            "    scores: {anywhere: 70}\n    match: [旧图计划]\n    nomatch: [计划]\n"),
     "old: off: is switched off"},
    {"folds to another",
     "rules:\n" TITLED("a", "甲", "work",
                       "    words: [蓝图计划, 藍圖計劃]\n"
                       "    scores: {anywhere: 70}\n    match: [蓝图计划]\n    nomatch: [计划]\n"),
     "p.yaml:11:19: a: duplicate-word: \"藍圖計劃\" is the same as \"蓝图计划\" (line 11) once folded"},
    {"allowed",
     "rules:\n" TITLED("a", "甲", "work",
                       "    words: [蓝图计划, 藍圖計劃]\n    allow: {duplicate-word: 便于阅读}\n"
                       "    scores: {anywhere: 70}\n    match: [蓝图计划]\n    nomatch: [计划]\n"),
     NULL},
    {"in two rules",
     "rules:\n" PLAN TITLED("b", "乙", "work",
                            "    words: [蓝图计划, 乙图计划]\n    scores: {anywhere: 70}\n"
                            "    match: [乙图计划]\n    nomatch: [计划]\n"),
     "b: duplicate-word: \"蓝图计划\" is a word of the rule \"plan\""},
    {"contained",
     "rules:\n" TITLED("a", "甲", "work",
                       "    words: [蓝图, 蓝图计划]\n    scores: {anywhere: 70}\n"
                       "    match: [蓝图]\n    nomatch: [计划]\n"),
     "a: contained-word: \"蓝图计划\" holds \"蓝图\""},
    {"dead word",
     "rules:\n" TITLED("a", "甲", "work",
                       "    words: [蓝图计划]\n    needs_companion: yes\n    scores: {anywhere: 70}\n"
                       "    match: [蓝图计划]\n    nomatch: [计划]\n"),
     "a: dead-word: \"蓝图计划\" is found in no form"},
    {"no score",
     "rules:\n" TITLED("a", "甲", "work",
                       "    words: [蓝图计划]\n    scores: {anywhere: 0}\n"
                       "    match: [蓝图计划]\n    nomatch: [计划]\n"),
     "a: no-score: scores nothing"},
    {"shadowed",
     "rules:\n" PLAN TITLED("b", "乙", "work",
                            "    words: [说明]\n    scores: {anywhere: 70}\n"
                            "    match: [关于蓝图计划的说明]\n    nomatch: [计划]\n"),
     "shadowed: the rule \"plan\" finds all its examples"},
    {"contradiction",
     "rules:\n" PLAN TITLED("b", "乙", "work",
                            "    words: [红图]\n    scores: {anywhere: 70}\n"
                            "    match: [红图]\n    nomatch: [教材中的蓝图计划]\n"),
     "b: contradiction: must not find \"教材中的蓝图计划\", but the rule \"plan\""},
    {"asked for some letters only",
     "rules:\n" TITLED("plan", "蓝图计划", "work",
                       "    detect: condition\n    condition: {words: [蓝图计划]}\n"
                       "    when: {direction: out, reply_to: [qq.example]}\n"
                       "    match: [蓝图计划]\n    nomatch: [计划]\n")
         TITLED("b", "乙", "work",
                "    words: [红图]\n    scores: {anywhere: 70}\n"
                "    match: [红图]\n    nomatch: [教材中的蓝图计划]\n"),
     NULL},
    {"same titles",
     "rules:\n" PLAN TITLED("b", "蓝图计划", "work",
                            "    words: [红图]\n    scores: {anywhere: 70}\n"
                            "    match: [红图]\n    nomatch: [计划]\n"),
     "b: duplicate-title: has the title_zh of \"plan\""},
    {"no clause",
     "rules:\n  - {id: a, title_zh: 甲, title_en: a, class: work, words: [红图], scores: {anywhere: 70}, "
     "match: [红图], nomatch: [计划]}\n",
     "a: no-clause"},
    {"no translation",
     "rules:\n  - {id: a, title_zh: plan, title_en: plan, clause: x, class: work, words: [红图], "
     "scores: {anywhere: 70}, match: [红图], nomatch: [计划]}\n",
     "a: no-translation"},
    {"costly",
     "rules:\n" TITLED("a", "甲", "work",
                       "    expressions: ['.*红图']\n    scores: {expression: 70}\n"
                       "    match: [红图]\n    nomatch: [计划]\n"),
     "a: costly-expression: begins with anything"},
    {"own word lowers",
     "rules:\n" PLAN "cues:\n  - {id: c, text_zh: 线索, text_en: a cue, score: -50, words: [蓝图计划]}\n",
     "c: self-veto: \"蓝图计划\" takes from the score"},
    {"cue of no class",
     "rules:\n" PLAN "cues:\n  - {id: c, text_zh: 线索, text_en: a cue, score: 5, classes: [trade], "
     "words: [红]}\n",
     "c: unused-cue: is for classes of which there is no rule"},
    {"dead cue",
     "rules:\n" PLAN "cues:\n  - {id: c, text_zh: 线索, text_en: a cue, score: 5, count: 3, words: [红图, 绿图]}\n",
     "c: dead-cue: counts in no example"},
};

static void
test_rules_lint_names_what_is_odd(void **state)
{
    const Fixture *fixture = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(lint_cases); i++) {
        const LintCase *one = &lint_cases[i];
        g_autofree char *text = g_strconcat("pack: p\ntitle_zh: 包\ntitle_en: pack\n", one->rules, NULL);
        assert_true(g_file_set_contents(fixture->pack, text, -1, NULL));
        g_auto(Run) run = RULES("lint", "--rules", fixture->directory);
        if (run.status != (one->told != NULL) || (one->told != NULL && strstr(run.out, one->told) == NULL))
            fail_msg("%s: %d: %s%s", one->name, run.status, run.out, run.err);
        g_auto(Run) json = RULES("lint", "--json", "--rules", fixture->directory);
        json_t *object = json_line(json.out);
        assert_int_equal(json.status, run.status);
        assert_int_equal(json_is_true(json_object_get(object, "ok")), one->told == NULL);
        json_decref(object);
    }
}

static void
test_rules_lint_finds_nothing_in_the_shipped_packs(void **state)
{
    g_autofree char *packs = g_build_filename(g_getenv("top_srcdir"), "rules", "packs", NULL);
    g_auto(Run) run = RULES("lint", "--rules", packs);
    if (run.status != 0)
        fail_msg("%s%s", run.out, run.err);
}

/* --- diff ------------------------------------------------------------------------------------------------------- */

#define MAIL(text) \
    "From: a@unit.example\nTo: b@outside.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n" text "\n"

static void
test_rules_diff_shows_rules_and_letters(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *other = g_dir_make_tmp("rules-new-XXXXXX", NULL);
    g_autofree char *pack = g_build_filename(other, "p.yaml", NULL);
    g_autofree char *box = g_build_filename(fixture->directory, "mail.mbox", NULL);
    g_autofree char *policy = g_build_filename(g_getenv("top_srcdir"), "contrib", "policy.yaml", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(fixture->pack, &text, NULL, NULL));
    g_auto(GStrv) halves = g_strsplit(text, "[蓝图计划]", 2);
    g_autofree char *changed = g_strconcat(halves[0], "[蓝图计划, 绿图计划]", halves[1], NULL);
    g_file_set_contents(pack, changed, -1, NULL);
    g_file_set_contents(
        box,
        "From x Thu Jan  1 00:00:00 2026\n" MAIL("关于绿图计划的说明") "\nFrom y Thu Jan  1 00:00:00 2026\n" MAIL(
            "关于天气的说明\n From here") "\nFrom z Thu Jan  1 00:00:00 2026\n" MAIL("关于蓝图计划的说明"),
        -1, NULL);
    g_auto(Run) same = RULES("diff", fixture->directory, fixture->directory, "--policy", policy, "-d", "out", box);
    assert_int_equal(same.status, 0);
    assert_non_null(strstr(same.out, "rules that differ: 0; letters: 3, decided otherwise: 0, not read: 0\n"));
    g_auto(Run) run = RULES("diff", "--policy", policy, "-d", "out", fixture->directory, other, box);
    if (run.status != 1 || strstr(run.out, "rule unit-plan: changed\n    + words: 绿图计划\n") == NULL ||
        strstr(run.out, "mail.mbox#1\n    verdict: accept → hold\n    class: none → work\n") == NULL ||
        strstr(run.out, "rules: - → unit-plan\n") == NULL || strstr(run.out, "#2") != NULL ||
        strstr(run.out, "     1  accept → hold\nrules that differ: 1; letters: 3, decided otherwise: 1") == NULL)
        fail_msg("%d: %s%s", run.status, run.out, run.err);
    g_auto(Run) json = RULES("diff", "--json", "--policy", policy, "-d", "out", fixture->directory, other, box);
    json_t *letter = json_line(json.out), *summary = json_line(strchr(json.out, '\n') + 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(letter, "new"), "verdict")), "hold");
    assert_int_equal(json_integer_value(json_object_get(summary, "changed")), 1);
    json_decref(letter);
    json_decref(summary);
    g_auto(Run) rules = RULES("diff", fixture->directory, other);
    assert_int_equal(rules.status, 1);
    g_auto(Run) nowhere = RULES("diff", fixture->directory, "sha256:00");
    assert_int_equal(nowhere.status, 66);
    g_auto(Run) one = RULES("diff", fixture->directory);
    assert_int_equal(one.status, 64);
    g_unlink(pack);
    g_unlink(box);
    g_rmdir(other);
}

/* --- cost ------------------------------------------------------------------------------------------------------- */

static json_t *
cost_of(const json_t *object, const char *rule)
{
    json_t *one;
    gsize i;
    json_array_foreach(json_object_get(object, "rules"), i,
                       one) if (strcmp(json_string_value(json_object_get(one, "rule")), rule) == 0) return one;
    fail_msg("no %s", rule);
    return NULL;
}

static void
test_rules_cost_counts_by_rule(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *letter = g_build_filename(fixture->directory, "letter.eml", NULL);
    g_autofree char *text = g_strconcat(
        "pack: p\ntitle_zh: 包\ntitle_en: pack\nlists: {plans: [红图, 绿图]}\nrules:\n" PLAN
        "  - id: both\n    title_zh: 两图\n    title_en: both\n    clause: x\n    class: work\n    level: work-secret\n"
        "    detect: condition\n    score: 70\n    condition: {all: [{list: plans}, {expressions: "
        "['第[0-9]{1,3}号']}]}\n"
        "    match: [红图第3号]\n    nomatch: [红图]\n",
        NULL);
    g_file_set_contents(fixture->pack, text, -1, NULL);
    g_file_set_contents(letter, MAIL("蓝图计划、蓝图计划。\n红图第12号，绿图"), -1, NULL);
    g_auto(Run) run = RULES("cost", "--json", "--without", "--rules", fixture->directory, letter);
    if (run.status != 0)
        fail_msg("%d: %s%s", run.status, run.out, run.err);
    json_t *object = json_line(run.out), *plan = cost_of(object, "plan"), *both = cost_of(object, "both");
    assert_int_equal(json_integer_value(json_object_get(object, "letters")), 1);
    assert_int_equal(json_integer_value(json_object_get(plan, "hits")), 2);
    assert_int_equal(json_integer_value(json_object_get(plan, "words")), 1);
    assert_int_equal(json_integer_value(json_object_get(both, "hits")), 3);
    assert_int_equal(json_integer_value(json_object_get(both, "words")), 2);
    assert_int_equal(json_integer_value(json_object_get(both, "expressions")), 1);
    assert_true(json_real_value(json_object_get(both, "judging_us_per_mb")) > 0);
    assert_true(json_integer_value(json_object_get(both, "bytes_saved")) > 0);
    assert_true(json_integer_value(json_object_get(both, "bytes_alone")) > 0);
    json_decref(object);
    g_auto(Run) own = RULES("cost", "--rules", fixture->directory);
    assert_int_equal(own.status, 0);
    assert_non_null(strstr(own.out, "all rules: "));
    g_unlink(letter);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rules_test_passes_good_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_test_names_failed_examples, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_that_do_not_load_are_78, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_list_shows_each_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_explain_shows_one_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_explain_tells_what_examples_give, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_usage_mistakes_are_64, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_without_settings_file_is_78, set_up, tear_down),
        cmocka_unit_test(test_shipped_rules_pass_their_examples),
        cmocka_unit_test_setup_teardown(test_rules_lint_names_what_is_odd, set_up, tear_down),
        cmocka_unit_test(test_rules_lint_finds_nothing_in_the_shipped_packs),
        cmocka_unit_test_setup_teardown(test_rules_cost_counts_by_rule, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_diff_shows_rules_and_letters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rules_hash_list_makes_a_list, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
