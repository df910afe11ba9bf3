#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "own_packs.h"
#include <string.h>

/* --- by their own examples ------------------------------------------------------------------ */

typedef struct {
    const char *name, *body; /* of one rule, below its head; lines of six blanks are written as they are */
} ExampleCase;

#define SIX "工号1 工号2 工号3 工号4 工号5 工号6 "

static const ExampleCase examples[] = {
    {"all", "    condition:\n      all:\n        - words: [账号, 用户名]\n        - words: [密码]\n"
            "    match: [账号 zhang 密码 abc, \"用 户 名是 x\\n密 码是 y\"]\n    nomatch: [账号 zhang, 密码 abc]\n"},
    {"any", "    condition: {any: [{words: [甲词]}, {words: [乙词]}, {words: [丙词]}], at_least: 2}\n"
            "    match: [甲词和丙词, 乙词和甲词]\n    nomatch: [甲词, 乙词乙词, 甲词甲词]\n"},
    {"not", "    condition: {all: [{words: [甲词]}, {not: {words: [乙词]}}]}\n"
            "    match: [只有甲词]\n    nomatch: [甲词在前乙词在后, 乙词]\n"},
    {"count of different words", "    condition: {words: [甲词, 乙词, 丙词], count: 2}\n"
                                 "    match: [甲词与乙词]\n    nomatch: [甲词甲词甲词, 甲 词甲词]\n"},
    {"times, the same value too", "    condition: {words: [甲词, 乙词], times: 3}\n"
                                  "    match: [甲词甲词甲词, 甲词与乙词与甲 词]\n    nomatch: [甲词乙词]\n"},
    {"times and count", "    condition: {words: [甲词, 乙词], count: 2, times: 3}\n"
                        "    match: [甲词甲词乙词]\n    nomatch: [甲词甲词甲词, 甲词乙词]\n"},
    {"times of expressions beyond the values kept", "    condition: {expressions: ['工号[0-9]'], times: 40}\n"
                                                    "    match: [\"" SIX SIX SIX SIX SIX SIX SIX "\"]\n"
                                                    "    nomatch: [\"" SIX SIX SIX SIX SIX SIX "\"]\n"},
    {"times over the parts of a letter", "    scope: letter\n    condition: {words: [甲词], times: 3}\n"
                                         "    match: [{body: 甲词甲词, attachment: 甲词}]\n"
                                         "    nomatch: [{body: 甲词, attachment: 甲词}]\n"},
    {"the longer word counts once", "    condition: {words: [密码, 登录密码], count: 2}\n"
                                    "    match: [密码和登录密码]\n    nomatch: [登录密码]\n"},
    {"count of different texts", "    condition: {expressions: ['工号[0-9]{4}'], count: 3}\n"
                                 "    match: [\"工号1001 工号1002 工号1003\"]\n"
                                 "    nomatch: [\"工号1001 工号1002 工号1002 工号1001\"]\n"},
    {"words of Latin letters are whole", "    condition: {words: [plan, x9]}\n    match: [the Plan is, (x9)]\n"
                                         "    nomatch: [a planet, airplan, x99]\n"},
    {"capitals",
     "    condition: {words: [secret], capitals: yes}\n    match: [SECRET text]\n    nomatch: [Secret text]\n"},
    {"sum", "    condition:\n      sum:\n        - {words: [甲词], weight: 3}\n        - {words: [乙词], weight: 4}\n"
            "        - {words: [丙词], weight: -5}\n      threshold: 7\n"
            "    match: [甲词乙词]\n    nomatch: [甲词, 乙词, 甲词乙词丙词]\n"},
    {"near, characters", "    condition: {near: [{words: [姓名]}, {words: [电话]}], within: 6}\n"
                         "    match: [姓名一二三四五六电话, 电话 姓名, \"姓名 一 二 三\\n四 五 六 电话\"]\n"
                         "    nomatch: [姓名一二三四五六七电话]\n"},
    {"near, lines", "    condition: {near: [{words: [姓名]}, {words: [电话]}], lines: 1}\n"
                    "    match: [\"姓名 张\\n\\n电话 1\", 姓名电话]\n    nomatch: [\"姓名 张\\n别的\\n电话 1\"]\n"},
    {"near, several values",
     "    condition: {near: [{words: [甲词, 乙词, 丙词], count: 2}, {words: [之间]}], within: 4}\n"
     "    match: [甲词之间乙词]\n    nomatch: [甲词之间甲词, 甲词一二三四五六七八之间乙词]\n"},
    {"near, not", "    condition: {near: [{words: [密码]}, {words: [是]}, {not: {words: [锁, 忘记]}}], within: 5}\n"
                  "    match: [密码是abc, 忘记这件事情不要紧的啊密码是abc]\n    nomatch: [密码锁是好的, "
                  "忘记密码是常事, 密码是被忘记了]\n"},
    {"exceptions", "    condition: {words: [甲词]}\n    exceptions: [{words: [样例]}, {words: [模板], count: 1}]\n"
                   "    match: [甲词]\n    nomatch: [甲词样例, 模板 甲词]\n"},
    {"exceptions of the same part only", "    condition: {words: [甲词]}\n    exceptions: [{words: [样例]}]\n"
                                         "    match: [{parts: [{body: 样例}, {body: 甲词}]}, {subject: 样例, body: "
                                         "甲词}, {body: 甲词 样例, attachment: 甲词}]\n"
                                         "    nomatch: [{body: 甲词 样例}]\n"},
    {"a part is not the letter", "    condition: {all: [{words: [甲词]}, {words: [乙词]}]}\n"
                                 "    match: [甲词 乙词]\n    nomatch: [{body: 甲词, attachment: 乙词}]\n"},
    {"the letter", "    scope: letter\n    condition: {all: [{words: [甲词]}, {words: [乙词, 丙词], count: 2}]}\n"
                   "    exceptions: [{words: [样例]}]\n"
                   "    match: [{parts: [{body: 乙词}, {body: 甲词}, {attachment: 丙词}]}]\n"
                   "    nomatch: [{parts: [{body: 乙词}, {body: 甲词}, {attachment: 乙词}]},\n"
                   "      {parts: [{body: 乙词}, {body: 甲词}, {attachment: 丙词样例}]}]\n"},
    {"cues", "    score: 80\n    condition: {words: [甲词]}\n"
             "    cues: [{words: [模板], score: -30, text_zh: 像模板, text_en: like a template}]\n"
             "    match: [甲词]\n    nomatch: [甲词 模板]\n"},
    {"a mention is found as one",
     "    score: 30\n    condition: {words: [甲词]}\n    match: [甲词]\n    nomatch: [乙词]\n"},
    {"attachment", "    places: [attachment]\n    condition: {words: [甲词]}\n    match: [{attachment: 甲词}]\n"
                   "    nomatch: [甲词, {subject: 甲词}, {body: 甲词, attachment: 乙词}]\n"},
    {"quoted", "    places: [quoted]\n    condition: {words: [甲词]}\n"
               "    match: [\"收到\\n\\n> 甲词\", \"收到\\n-----原始邮件-----\\n发件人: a\\n\\n甲词\",\n"
               "      \"收到\\n发件人: a@x.cn\\n发送时间: 今天\\n主题: b\\n甲词\", \"收到\\n在 2026-01-15 10:00，张三 "
               "写道：\\n甲词\"]\n"
               "    nomatch: [甲词, \"甲词\\n> 收到\", \"在 2026-01-15 10:00，张三 写道：\\n> 收到\\n甲词\"]\n"},
    {"not quoted",
     "    except_places: [quoted]\n    condition: {words: [甲词]}\n"
     "    match: [\"甲词\\n> 收到\"]\n    nomatch: [\"收到\\n> 甲词\", \"收到\\n--- Original Message ---\\n甲词\"]\n"},
    {"header zone", "    condition: {words: [甲词], places: [header-zone]}\n"
                    "    match: [{subject: 甲词}, {file-name: 甲词}, \"一\\n二\\n甲词\"]\n"
                    "    nomatch: [\"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\\n12\\n甲词\"]\n"},
    {"ocr", "    condition: {words: [甲词], places: [ocr]}\n    match: [{ocr: 甲词}]\n    nomatch: [甲词, {attachment: "
            "甲词}]\n"},
    {"a leaf's own places",
     "    places: [body]\n    condition: {all: [{words: [甲词]}, {words: [乙词], places: [subject]}]}\n"
     "    scope: letter\n    match: [{subject: 乙词, body: 甲词}]\n"
     "    nomatch: [{subject: 甲词 乙词}, {body: 甲词 乙词}]\n"},
    {"one header", "    places: [{header: X-Project}]\n    condition: {words: [甲词]}\n"
                   "    match: [{header: {X-Project: 甲词}}, {header: {X-PROJECT: 甲词, X-Other: 乙词}}]\n"
                   "    nomatch: [甲词, {header: 甲词}, {header: {X-Other: 甲词}}, {property: {X-Project: 甲词}}]\n"},
    {"one header of several, and a place", "    places: [body, {header: [x-project, X-Unit]}]\n"
                                           "    condition: {words: [甲词, 乙词], count: 2}\n    scope: letter\n"
                                           "    match: [{body: 甲词, header: {X-Unit: 乙词}}, 甲词 乙词]\n"
                                           "    nomatch: [{body: 甲词, header: {X-Units: 乙词}}]\n"},
    {"the Subject as a header", "    places: {header: subject}\n    condition: {words: [甲词]}\n"
                                "    match: [{subject: {Subject: 甲词}}]\n    nomatch: [{header: 甲词}]\n"},
    {"one property",
     "    condition: {words: [甲词], places: [{property: 密级 Level}]}\n"
     "    match: [{property: {密级 LEVEL: 甲词}}, {parts: [{body: x}, {property: {密级 level: 甲词}}]}]\n"
     "    nomatch: [{property: {Level: 甲词}}, {property: 甲词}, {header: {X-Level: 甲词}}]\n"},
    {"all but one property", "    places: [property]\n    except_places: [{property: Keywords}]\n"
                             "    condition: {words: [甲词]}\n"
                             "    match: [{property: {Company: 甲词}}, {property: 甲词}]\n"
                             "    nomatch: [{property: {keywords: 甲词}}, 甲词]\n"},
    {"a header that is there",
     "    scope: letter\n    condition: {all: [{present: [{header: X-Project}]}, {words: [甲词]}]}\n"
     "    match: [{body: 甲词, header: {X-Project: 任何文字}}]\n"
     "    nomatch: [甲词, {body: 甲词, header: {X-Other: 任何文字}}]\n"},
    {"near within one header",
     "    condition: {near: [{words: [甲词]}, {words: [乙词]}], within: 5}\n"
     "    places: [{header: X-Project}]\n    match: [{header: {X-Project: 甲词 乙词}}]\n"
     "    nomatch: [{header: {X-Other: 甲词 乙词}}, {header: {X-Project: 甲词, X-Other: 乙词}}]\n"},
    {"present", "    scope: letter\n    condition: {all: [{present: [attachment]}, {words: [甲词]}]}\n"
                "    match: [{body: 甲词, attachment: 任何文字}]\n    nomatch: [甲词, {attachment: 任何文字}]\n"},
    {"when", "    when: {direction: out, recipients: [.mail.example, someone@]}\n    condition: {words: [甲词]}\n"
             "    match: [甲词, {body: 甲词, direction: out, rcpt: a@x.mail.example},\n"
             "      {body: 甲词, direction: out, rcpt: [b@unit.cn, someone@anywhere.cn]}]\n"
             "    nomatch: [{body: 甲词, direction: in, rcpt: a@mail.example}, {body: 甲词, direction: out, rcpt: "
             "a@unit.cn}]\n"},
    {"hours",
     "    when: {hours: [\"18:00-08:00\"], days: [mon, tue, wed, thu, fri]}\n    condition: {words: [甲词]}\n"
     "    match: [{body: 甲词, now: 2026-01-15T22:00:00+08:00}, {body: 甲词, now: 2026-01-15T23:59:59Z}]\n"
     "    nomatch: [{body: 甲词, now: 2026-01-15T09:00:00+08:00}, {body: 甲词, now: 2026-01-17T22:00:00+08:00}]\n"},
    {"data", "    condition: {data: [bank-card, cn-identity], count: 2}\n"
             "    match: [\"卡号 6222021234567890128，另一张 6222029876543210987\"]\n"
             "    nomatch: [\"卡号 6222021234567890128，又写 6222 0212 3456 7890 128\", \"6222021234567890129 "
             "6222029876543210988\"]\n"},
    {"data near a word", "    condition: {near: [{data: phone}, {words: [机要]}], within: 10}\n"
                         "    match: [机要科 13812345678]\n    nomatch: [机要, 13812345678]\n"},
};

static void
test_condition_keeps_its_examples(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(examples); i++) {
        g_autofree char *pack = g_strconcat(HEAD "rules:\n" RULE_HEAD("x"), examples[i].body, NULL);
        g_autoptr(Ruleset) ruleset = load(*state, pack);
        g_autoptr(Problems) problems = problems_new();
        assert_true(ruleset_test(ruleset, problems) >= 2);
        g_autofree char *text = problems_to_text(problems);
        if (problems_count(problems) > 0)
            fail_msg("%s: %s", examples[i].name, text);
    }
}

/* What `places` and `when` say holds for the other kinds of rules, too. */
static void
test_condition_places_and_when_of_words_and_marks(void **state)
{
    static const char pack[] = HEAD
        "groups:\n  freemail: [mail.example]\nzone: UTC\nrules:\n  - id: w\n    title_zh: 词\n    title_en: word\n"
        "    class: work\n    level: work-secret\n    words: [甲词]\n    scores: {anywhere: 70}\n"
        "    places: [attachment]\n    except_places: [quoted]\n    when: {recipients: [freemail], hours: "
        "['09:00-17:00']}\n"
        "    match:\n      - {attachment: 甲词, rcpt: a@mail.example, now: 2026-01-15T09:00:00Z}\n"
        "      - {attachment: 甲词}\n    nomatch:\n      - {attachment: 甲词, rcpt: a@unit.example, now: "
        "2026-01-15T09:00:00Z}\n"
        "      - {attachment: 甲词, rcpt: a@mail.example, now: 2026-01-15T17:00:00Z}\n"
        "      - {body: 甲词, rcpt: a@mail.example, now: 2026-01-15T09:00:00Z}\n"
        "      - {attachment: \"> 甲词\", rcpt: a@mail.example, now: 2026-01-15T09:00:00Z}\n"
        "  - id: m\n    title_zh: 标志\n    title_en: mark\n    class: state\n    detect: mark\n    words: {secret: "
        "[秘密]}\n"
        "    scores: {star_term: 90}\n    places: [header-zone]\n    when: {direction: in, to_self: yes}\n"
        "    match: [{subject: 秘密★1年, direction: in, from: zhang@unit.example, rcpt: zhang@mail.example}]\n"
        "    nomatch:\n      - {subject: 秘密★1年, direction: in, from: zhang@unit.example, rcpt: li@mail.example}\n"
        "      - {subject: 秘密★1年, direction: out, from: zhang@unit.example, rcpt: zhang@mail.example}\n"
        "      - \"1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n10\\n11\\n12\\n秘密★1年\"\n";
    g_autoptr(Ruleset) ruleset = load(*state, pack);
    g_autoptr(Problems) problems = problems_new();

    assert_int_equal(ruleset_test(ruleset, problems), 10);
    g_autofree char *text = problems_to_text(problems);
    if (problems_count(problems) > 0)
        fail_msg("%s", text);
}

static void
test_condition_takes_marks(void **state)
{
    const Fixture *fixture = *state;

    write_file(
        fixture, "m.yaml",
        "pack: m\ntitle_zh: 标志\ntitle_en: marks\nrules:\n  - id: mark\n    title_zh: 标志\n    title_en: mark\n"
        "    class: state\n    detect: mark\n    words: {secret: [秘密], highly-secret: [机密]}\n"
        "    scores: {star_term: 90, star: 60, alone: 60}\n    match: [机密★10年]\n    nomatch: [机密]\n");
    g_autoptr(Ruleset) ruleset = load(
        fixture,
        HEAD "rules:\n" RULE_HEAD(
            "x") "    condition: {near: [{mark: {level: highly-secret, form: star}}, {words: [绝勿外传]}], within: "
                 "20}\n"
                 "    match: [\"机密★10年\\n绝勿外传\"]\n    nomatch: [\"秘密★10年\\n绝勿外传\", 机密文件 绝勿外传]\n");
    g_autoptr(Problems) problems = problems_new();
    ruleset_test(ruleset, problems);
    g_autofree char *text = problems_to_text(problems);
    assert_int_equal(problems_count(problems), 1); /* the mark's own nomatch is found: alone on its line */
    assert_non_null(strstr(text, "mark"));
}

/* --- over windows --------------------------------------------------------------------------- */

typedef struct {
    Judge *judge;
    GPtrArray *findings;
    gboolean capped;
} Run;

static Run
run_new(const Ruleset *ruleset)
{
    static const JudgeLimits limits = {.max_hits = 100000, .max_findings = 100};
    Run run = {judge_new(ruleset, &limits), g_ptr_array_new_with_free_func((GDestroyNotify)finding_free), FALSE};

    judge_begin(run.judge, NOW, run.findings);
    return run;
}

static void
run_clear(Run *run)
{
    judge_free(run->judge);
    g_ptr_array_unref(run->findings);
}

/* The text as segments of `size` new bytes (cut between characters) that repeat `overlap` bytes. */
static void
feed(Run *run, const char *text, gsize size, gsize overlap, guint part)
{
    gsize length = strlen(text), begin = 0, done = 0;

    do {
        gsize end = MIN(done + size, length);
        while (end < length && ((guchar)text[end] & 0xC0) == 0x80)
            end++;
        g_autofree char *piece = g_strndup(text + begin, end - begin);
        Segment segment = {
            .place = {.kind = PLACE_BODY, .line = 1, .continued = done > 0},
            .part = part,
            .charset = "utf-8",
            .declared = TRUE,
            .text = piece,
            .length = end - begin,
            .stream = run,
            .repeated = done - begin,
            .continues = end < length,
        };
        g_autoptr(GError) error = NULL;
        if (!judge_segment(run->judge, &segment, &error))
            fail_msg("%s", error->message);
        done = end;
        begin = done > overlap ? done - overlap : 0;
        while (begin > 0 && ((guchar)text[begin] & 0xC0) == 0x80)
            begin--;
    } while (done < length);
    run->capped |= judge_part_end(run->judge, part);
}

static guint
found_in(const Ruleset *ruleset, const char *text, gsize size, gsize overlap)
{
    Run run = run_new(ruleset);

    feed(&run, text, size, overlap, 1);
    judge_end(run.judge);
    guint count = run.findings->len;
    assert_false(run.capped);
    run_clear(&run);
    return count;
}

typedef struct {
    const char *name, *condition, *text;
    guint wanted;
} WindowCase;

static const WindowCase windows[] = {
    {"count over windows", "{expressions: ['工号[0-9]{4}'], count: 4}",
     "工号1001一二三四五六七八九十工号1002一二三四五六七八九十工号1003一二三四五六七八九十工号1004", 1},
    {"the same value in each window", "{expressions: ['工号[0-9]{4}'], count: 2}",
     "工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001", 0},
    {"times over windows", "{expressions: ['工号[0-9]{4}'], times: 4}",
     "工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001", 1},
    {"no more times than there are", "{expressions: ['工号[0-9]{4}'], times: 5}",
     "工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001一二三四五六七八九十工号1001", 0},
    {"all over windows", "{all: [{words: [甲词]}, {words: [乙词]}]}",
     "甲词一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十乙词", 1},
    {"not over windows", "{all: [{words: [甲词]}, {not: {words: [乙词]}}]}",
     "甲词一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十乙词", 0},
    {"near over a border", "{near: [{words: [甲词]}, {words: [乙词]}], within: 12}",
     "一二三四五六七八九十甲词一二三四五六七八九十一二乙词一二三四五六七八九十", 1},
    {"not near over a border", "{near: [{words: [甲词]}, {words: [乙词]}], within: 11}",
     "一二三四五六七八九十甲词一二三四五六七八九十一二乙词一二三四五六七八九十", 0},
    {"near lines over a border", "{near: [{words: [甲词]}, {words: [乙词]}], lines: 2}",
     "一二三\n甲词\n\n三四五六\n乙词\n六七八\n", 1},
    {"too many lines over a border", "{near: [{words: [甲词]}, {words: [乙词]}], lines: 1}",
     "一二三\n甲词\n\n三四五六\n乙词\n六七八\n", 0},
    {"near but not over a border", "{near: [{words: [甲词]}, {words: [乙词]}, {not: {words: [丙词]}}], within: 12}",
     "一二三四五六七八九十甲词一二三四五六乙词一二三四五六七八九十丙词一二三四五六七八九十", 0},
    {"not is too far", "{near: [{words: [甲词]}, {words: [乙词]}, {not: {words: [丙词]}}], within: 9}",
     "一二三四五六七八九十甲词一二三四五六乙词一二三四五六七八九十丙词一二三四五六七八九十", 1},
    {"a value is not cut in two", "{expressions: ['[0-9]{6,12}'], count: 2}",
     "一二三四五六七八九十123456789012一二三四五六七八九十", 0},
};

/* Wherever the text is cut, the answer is that of the whole. */
static void
test_condition_is_the_same_over_windows(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(windows); i++) {
        g_autofree char *pack = g_strconcat(HEAD "rules:\n" RULE_HEAD("x") "    condition: ", windows[i].condition,
                                            "\n    match: [a]\n    nomatch: [b]\n", NULL);
        g_autoptr(Ruleset) ruleset = load(*state, pack);
        assert_int_equal(found_in(ruleset, windows[i].text, 10000, 0), windows[i].wanted);
        for (gsize size = 20; size < 120; size += 7) {
            guint found = found_in(ruleset, windows[i].text, size, 42);
            if (found != windows[i].wanted)
                fail_msg("%s: %u found in windows of %u bytes", windows[i].name, found, (guint)size);
        }
    }
}

static void
test_condition_quotation_goes_on_over_windows(void **state)
{
    g_autoptr(Ruleset) ruleset =
        load(*state, HEAD "rules:\n" RULE_HEAD("x") "    condition: {words: [甲词], places: [quoted]}\n"
                                                    "    match: [\"> 甲词\"]\n    nomatch: [甲词]\n");
    g_autoptr(GString) text = g_string_new("收到。\n");

    for (guint i = 0; i < 20; i++)
        g_string_append(text, "一二三四五六七八九十\n");
    gsize head = text->len;
    for (gsize size = 40; size < 300; size += 9) {
        g_string_truncate(text, head);
        g_string_append(text, "甲词\n");
        assert_int_equal(found_in(ruleset, text->str, size, 35), 0);
        g_string_truncate(text, head);
        g_string_append(text, "-----原始邮件-----\n");
        for (guint i = 0; i < 20; i++)
            g_string_append(text, "一二三四五六七八九十\n");
        g_string_append(text, "甲词\n");
        assert_int_equal(found_in(ruleset, text->str, size, 35), 1);
    }
}

static void
test_condition_parts_may_take_turns(void **state)
{
    g_autoptr(Ruleset) ruleset =
        load(*state, HEAD "rules:\n" RULE_HEAD("x") "    condition: {words: [甲词, 乙词], count: 2}\n"
                                                    "    match: [甲词乙词]\n    nomatch: [b]\n");
    Run run = run_new(ruleset);

    feed(&run, "甲词", 1000, 0, 1);
    feed(&run, "乙词", 1000, 0, 2);
    feed(&run, "乙词", 1000, 0, 1);
    judge_end(run.judge);
    assert_int_equal(run.findings->len, 1);
    const Finding *finding = g_ptr_array_index(run.findings, 0);
    assert_int_equal(finding->part, 1);
    run_clear(&run);
}

/* --- what a finding tells ------------------------------------------------------------------- */

static void
test_condition_finding_explains_itself(void **state)
{
    g_autoptr(Ruleset) ruleset =
        load(*state, HEAD
             "rules:\n" RULE_HEAD("x") "    score: 90\n    condition:\n      all:\n"
                                       "        - {near: [{words: [账号], text_zh: 账号二字, text_en: the account}, "
                                       "{words: [密码, 口令]}], within: 9}\n"
                                       "        - {not: {words: [样例]}}\n"
                                       "    cues: [{words: [勿外传], score: 20, text_zh: 勿外传, text_en: keep it}]\n"
                                       "    match: [账号密码]\n    nomatch: [b]\n");
    Run run = run_new(ruleset);
    int sum = 0;

    feed(&run, "各位好：\n账号 zhang 密码 1\n口令 2，勿外传", 1000, 0, 3);
    judge_end(run.judge);
    assert_int_equal(run.findings->len, 1);
    const Finding *finding = g_ptr_array_index(run.findings, 0);
    assert_int_equal(finding->class, CLASS_SENSITIVE);
    assert_int_equal(finding->level, LEVEL_SENSITIVE);
    assert_int_equal(finding->confidence, CONFIDENCE_CONFIRMED);
    assert_int_equal(finding->score, 110);
    assert_int_equal(finding->line, 2);
    assert_int_equal(finding->part, 3);
    assert_string_equal(finding->excerpt, "账号 zhang 密码");
    static const char *const texts[] = {"the condition holds", "the account (1 found)", "words: 密码, 口令 (2 found)",
                                        "near one another (5 characters apart)", "keep it"};
    assert_int_equal(finding->reasons->len, G_N_ELEMENTS(texts));
    for (guint i = 0; i < finding->reasons->len; i++) {
        const Reason *reason = &g_array_index(finding->reasons, Reason, i);
        g_autofree char *line = reason_line(reason, FALSE), *zh = reason_line(reason, TRUE);
        assert_string_equal(line, texts[i]);
        assert_string_not_equal(zh, reason->id);
        sum += reason->score;
    }
    assert_int_equal(sum, finding->score);
    run_clear(&run);
}

/* --- bounds --------------------------------------------------------------------------------- */

static void
test_condition_over_its_bound_makes_the_part_partial(void **state)
{
    g_autoptr(GString) pack = g_string_new(HEAD "rules:\n");
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < 300; i++)
        g_string_append_printf(
            pack, RULE_HEAD("r%u") "    condition: {words: [词%u%c]}\n    match: [a]\n    nomatch: [b]\n", i, i, 'x');
    g_autoptr(Ruleset) ruleset = load(*state, pack->str);
    for (guint i = 0; i < 300; i++)
        g_string_append_printf(text, "词%ux。", i);
    Run run = run_new(ruleset);
    for (guint part = 0; part < 60; part++)
        feed(&run, text->str, 100000, 0, part);
    assert_false(run.capped);
    for (guint part = 60; part < 80; part++)
        feed(&run, text->str, 100000, 0, part);
    assert_true(run.capped);
    judge_end(run.judge);
    assert_int_equal(run.findings->len, 100);
    run_clear(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_condition_keeps_its_examples, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_places_and_when_of_words_and_marks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_quotation_goes_on_over_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_takes_marks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_is_the_same_over_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_parts_may_take_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_finding_explains_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_condition_over_its_bound_makes_the_part_partial, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
