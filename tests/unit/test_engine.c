/* Records name what judged by ENGINE_VERSION (rules/ruleset.c), and replay tells by it whether a decision can be made
 * again. It is raised by hand; so that it is not forgotten, what fixed rules make of fixed texts is kept here as one
 * digest. The rules are this test's own: the packs that ship may change without the engine. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto.h"
#include "own_packs.h"
#include <string.h>

/* What KNOWN_ENGINE makes of the texts below. */
#define KNOWN_ENGINE "judge-4"
#define KNOWN_DIGEST "sha256:3d37ce5c69fea99c2ce9b3c216e916786c4df57de5b3aed6814694e0fb791820"

static const char PACK[] = HEAD
    "lists:\n  codes: {words: [蓝图, 红图, top plan], expressions: ['第[0-9]{1,3}号']}\n"
    "companions: [方案, 部署]\n"
    "rules:\n"
    "  - id: mark\n    title_zh: 标志\n    title_en: mark\n    class: state\n    detect: mark\n"
    "    words: {top-secret: [绝密], highly-secret: [机密], secret: [秘密]}\n"
    "    doubtful: {top-secret: [绝蜜], highly-secret: [机蜜], secret: [mimi]}\n"
    "    scores: {star_term: 90, star: 60, star_doubtful: 60, exam: 60, alone: 35, field: 60, ticked: 60, "
    "bracketed: 60, "
    "prefix: 45, sentence: 80}\n"
    "    match: [机密★10年]\n    nomatch: [机密文件]\n"
    "  - id: word\n    title_zh: 词\n    title_en: word\n    class: work\n    level: work-secret\n"
    "    words: [内部资料, 不得外传]\n    expressions: ['严禁.{0,4}外传']\n"
    "    scores: {alone: 60, anywhere: 60, field: 65, bracketed: 65, expression: 60}\n"
    "    match: [内部资料]\n    nomatch: [资料]\n"
    "  - id: near\n    title_zh: 邻\n    title_en: near\n    class: sensitive\n    level: sensitive\n    detect: "
    "condition\n"
    "    score: 60\n    condition: {near: [{list: codes}, {words: [位于, 部署在]}], within: 8}\n"
    "    exceptions: [{words: [新闻稿]}]\n"
    "    cues: [{words: [坐标], score: 20, text_zh: 坐标, text_en: coordinates}]\n"
    "    match: [蓝图部署在东院]\n    nomatch: [蓝图]\n"
    "  - id: sum\n    title_zh: 和\n    title_en: sum\n    class: sensitive\n    level: sensitive\n    detect: "
    "condition\n"
    "    score: 70\n    condition: {sum: [{words: [身份证], weight: 2}, {data: [cn-identity], count: 2, weight: 3}, "
    "{words: "
    "[姓名]}, {words: [样例], weight: -3}], threshold: 4}\n"
    "    match: [姓名 身份证 11010519491231002X 320102198506151236]\n    nomatch: [姓名]\n"
    "cues:\n"
    "  - {id: alone-on-line, seen: alone, text_zh: 单独成行, text_en: alone, score: 25, classes: [state]}\n"
    "  - {id: first-lines, seen: first-lines, text_zh: 前三行, text_en: first lines, score: 30}\n"
    "  - {id: envelope, seen: envelope, text_zh: 主题, text_en: envelope, score: 30}\n"
    "  - {id: fits, seen: limits, text_zh: 相符, text_en: fits, score: 5, forms: [star]}\n"
    "  - {id: urgent, text_zh: 紧急, text_en: urgent, score: 15, scope: around, reach: 4, words: [特急, 加急]}\n"
    "  - {id: talk, text_zh: 谈论, text_en: talk, score: -30, classes: [state], words: [教材, 法律]}\n";

/* Never changed: a new text goes to the end, with a new digest and the same engine. */
static const struct {
    PlaceKind place;
    const char *text;
} TEXTS[] = {
    {PLACE_BODY, "机密★10年\n特急\n\n关于设备采购的通知\n\n各处室:现将有关事项通知如下。\n"},
    {PLACE_BODY, "000012\n绝密★长期\n\n某某文件\n"},
    {PLACE_BODY, "现将机密★10年文件转发你们,请遵照执行。\n"},
    {PLACE_BODY, "秘密★2027年12月31日\n"},
    {PLACE_BODY, "秘密★启用前\n2026年考试数学试卷\n"},
    {PLACE_BODY, "密级:机密\n"},
    {PLACE_BODY, "密级:☑秘密 □机密 □绝密\n"},
    {PLACE_BODY, "(机密)\n关于某事的请示\n"},
    {PLACE_BODY, "机 密 ★ 三 年\n"},
    {PLACE_BODY, "机蜜★5年\n"},
    {PLACE_BODY, "mimi★6个月\n"},
    {PLACE_BODY, "国家秘密分为绝密、机密、秘密三级。教材第一章讲机密★10年这种写法。\n"},
    {PLACE_BODY, "> 机密★10年\n> 原文如下\n\n已阅。\n"},
    {PLACE_BODY, "本文件属机密级文件,注意保管。\n"},
    {PLACE_SUBJECT, "机密★20年 关于某项目的报告"},
    {PLACE_FILE_NAME, "秘密_某方案.docx"},
    {PLACE_BODY, "机\n密\n★\n1\n0\n年\n"},
    {PLACE_BODY, "機密★十年\n"},
    {PLACE_BODY, "本材料为内部资料,不得外传。\n"},
    {PLACE_BODY, "严禁对外外传\n【内部资料】\n"},
    {PLACE_BODY, "内 部 资 料\n"},
    {PLACE_BODY, "蓝图部署在东院,坐标见附件。\n"},
    {PLACE_BODY, "蓝图部署在东院(新闻稿)。\n"},
    {PLACE_BODY, "第12号位于西院;TOP PLAN 部署在北院。\n"},
    {PLACE_BODY, "蓝图是一张图,过了很久很久很久以后才知道它位于东院。\n"},
    {PLACE_BODY, "姓名 张三 身份证 11010519491231002X\n姓名 李四 身份证 320102198506151236\n"},
    {PLACE_BODY, "样例:姓名 身份证 11010519491231002X 320102198506151236\n"},
    {PLACE_BODY, "明天下午三点开会,请准时参加。\n"},
};

static void
finding_write(const Finding *finding, GString *out)
{
    g_string_append_printf(out, " %s/%d/%d/%d/%d@%" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT ":%u%s[", finding->rule,
                           finding->class, finding->level, finding->confidence, finding->score, finding->from,
                           finding->to, finding->line, finding->header_zone ? "z" : "");
    for (guint i = 0; i < finding->reasons->len; i++) {
        const Reason *reason = &g_array_index(finding->reasons, Reason, i);
        g_string_append_printf(out, "%s%+d,", reason->id, reason->score);
    }
    g_string_append_printf(out, "]%d/%s/%s", finding->mark.form, finding->mark.term, finding->mark.condition);
}

static int
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is found in each text, a line each; gives. In one order, whatever order it is told in. */
static char *
judgement(const Ruleset *ruleset)
{
    static const JudgeLimits limits = {.max_hits = 10000, .max_findings = 200};
    g_autoptr(Judge) judge = judge_new(ruleset, &limits);
    GString *all = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        assert_true(judge_example_text(judge, TEXTS[i].place, TEXTS[i].text, findings, NULL));
        for (guint k = 0; k < findings->len; k++) {
            g_autoptr(GString) line = g_string_new(NULL);
            finding_write(g_ptr_array_index(findings, k), line);
            g_ptr_array_add(lines, g_strdup(line->str));
        }
        g_ptr_array_sort(lines, by_text);
        g_string_append_printf(all, "%u", (guint)i);
        for (guint k = 0; k < lines->len; k++)
            g_string_append(all, g_ptr_array_index(lines, k));
        g_string_append_c(all, '\n');
    }
    return g_string_free(all, FALSE);
}

static void
test_engine_version_names_the_judgement(void **state)
{
    g_autoptr(Ruleset) ruleset = load(*state, PACK);
    g_autofree char *text = judgement(ruleset);
    g_autofree char *digest = crypto_sha256_text(text, strlen(text));
    gboolean known = g_str_has_prefix(ruleset_engine(), KNOWN_ENGINE "/");
    if (g_getenv("SHOW_JUDGEMENT") != NULL)
        g_printerr("%s", text);
    if (strcmp(digest, KNOWN_DIGEST) == 0 && known)
        return;
    if (strcmp(digest, KNOWN_DIGEST) != 0 && known)
        fail_msg("the same rules judge the same texts otherwise, and the engine is still " KNOWN_ENGINE ": a recorded "
                 "decision would be replayed to another one without a word of why. Raise ENGINE_VERSION in "
                 "rules/ruleset.c, and put it and the digest %s here as KNOWN_ENGINE and KNOWN_DIGEST. If only the "
                 "fold table changed, or a text was added here, the digest alone: records name the fold table by "
                 "itself. SHOW_JUDGEMENT=1 shows what is found; compare it with that of main",
                 digest);
    fail_msg("the engine is %s now: put it and the digest %s here as KNOWN_ENGINE and KNOWN_DIGEST", ruleset_engine(),
             digest);
}

/* The digest must hang on what is found, or it would show nothing: every rule finds something, and not everywhere. */
static void
test_engine_texts_show_every_rule(void **state)
{
    static const char *const rules[] = {" mark/", " word/", " near/", " sum/", "urgent+15", "talk-30"};
    g_autoptr(Ruleset) ruleset = load(*state, PACK);
    g_autofree char *text = judgement(ruleset);
    for (gsize i = 0; i < G_N_ELEMENTS(rules); i++)
        if (strstr(text, rules[i]) == NULL)
            fail_msg("%s is shown by no text", rules[i]);
    assert_true(g_str_has_suffix(text, "\n27\n")); /* an ordinary letter */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_engine_version_names_the_judgement, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_engine_texts_show_every_rule, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
