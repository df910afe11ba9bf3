/* Rules with conditions in whole letters: what the corridor tells the judge about parts, envelope and time. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "letters.h"
#include "shipped.h"
#include <glib/gstdio.h>

#define HEAD "From: a@unit.example\nTo: b@outside.example\nSubject: report\n"
#define RULE(id)  \
    "  - id: " id \
    "\n    title_zh: 规则\n    title_en: rule\n    class: sensitive\n    level: sensitive\n    detect: condition\n"
#define EXAMPLES "    match: [a]\n    nomatch: [b]\n"

static const char pack[] = "pack: p\ntitle_zh: 包\ntitle_en: pack\ngroups: {freemail: [free.example]}\nrules:\n" RULE(
    "attached") "    places: [attachment]\n    condition: {words: [甲词]}\n" EXAMPLES
    RULE("out-free") "    when: {direction: out, recipients: [freemail]}\n    condition: {words: [乙词]}\n" EXAMPLES
        RULE("own-box") "    when: {to_self: yes}\n    scope: letter\n    condition: {present: [attachment]}\n" EXAMPLES
            RULE("night") "    when: {hours: ['20:00-07:00']}\n    condition: {words: [丙词]}\n" EXAMPLES
                RULE("many") "    condition: {expressions: ['编号[0-9]{6}'], count: 900}\n" EXAMPLES RULE(
                    "far") "    condition: {near: [{words: [丁词]}, {words: [戊词]}], within: 30}\n" EXAMPLES
                    RULE("quoted") "    except_places: [quoted]\n    condition: {words: [己词]}\n" EXAMPLES RULE(
                        "project") "    places: [{header: X-Project}]\n    condition: {words: [red plan]}\n" EXAMPLES
                        RULE("apart") "    condition: {near: [{words: [丁词]}, {words: [戊词]}, {not: {expressions: "
                                      "['\\[丙+\\]']}}], within: 300}\n" EXAMPLES RULE(
                                          "rows") "    condition: {near: [{words: [丁词]}, {words: [戊词]}, {not: "
                                                  "{expressions: "
                                                  "['\\[丙+\\]']}}], lines: 6}\n" EXAMPLES RULE(
                                                      "sender") "    places: [{header: from}]\n    condition: {words: "
                                                                "[庚词, blue]}\n" EXAMPLES;

static Shipped shipped;
static Ruleset *rules;
static Inspector *inspector;

static Ruleset *
rules_of(const char *text)
{
    g_autoptr(Problems) problems = problems_new();
    g_autofree char *directory = g_dir_make_tmp("hangu-inspect-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "p.yaml", NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    Ruleset *ruleset = ruleset_load(directory, NULL, NULL, problems);
    g_autofree char *wrong = problems_to_text(problems);
    g_unlink(path);
    g_rmdir(directory);
    if (ruleset == NULL)
        fail_msg("%s", wrong);
    return ruleset;
}

static int
set_up(void **state)
{
    shipped_load(&shipped);
    rules = rules_of(pack);
    inspector = inspector_new(shipped.settings, rules, shipped.policy);
    return 0;
}

static int
tear_down(void **state)
{
    inspector_free(inspector);
    ruleset_free(rules);
    shipped_unload(&shipped);
    return 0;
}

static Message *
letter(const char *text, const char *from, const char *to, gint64 now)
{
    Message *message = letter_of(text, -1, FALSE);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_OUT;
    message->envelope.received_us = now * G_USEC_PER_SEC;
    g_free(message->envelope.sender);
    message->envelope.sender = g_strdup(from);
    g_ptr_array_add(message->envelope.recipients, g_strdup(to));
    return message;
}

/* Whether the rule finds something in the letter. */
static gboolean
finds(const char *rule, const char *text, const char *from, const char *to, gint64 now)
{
    g_autoptr(Message) message = letter(text, from, to, now);
    g_autoptr(GError) error = NULL;
    if (!inspector_run(inspector, message, -1, &error))
        fail_msg("%s", error->message);
    for (guint i = 0; i < message->findings->len; i++)
        if (strcmp(((const Finding *)g_ptr_array_index(message->findings, i))->rule, rule) == 0)
            return TRUE;
    return FALSE;
}

#define NOON G_GINT64_CONSTANT(1768449600)  /* 2026-01-15 12:00 in Shanghai */
#define NIGHT G_GINT64_CONSTANT(1768487400) /* 22:30 */
#define PLAIN "Content-Type: text/plain; charset=utf-8\n"
#define ATTACHED(disposition, text)                                                                                 \
    HEAD "Content-Type: multipart/mixed; boundary=B\n\n--B\n" PLAIN "\n请看附件\n--B\n" PLAIN disposition "\n" text \
         "\n--B--\n"
#define FREE "x@free.example"
#define UNIT "zhang@unit.example"

static const struct {
    const char *name, *rule, *letter, *from, *to;
    gint64 now;
    gboolean wanted;
} cases[] = {
    {"in the body", "attached", HEAD PLAIN "\n甲词\n", UNIT, FREE, NOON, FALSE},
    {"in an attachment", "attached", ATTACHED("Content-Disposition: attachment\n", "甲词"), UNIT, FREE, NOON, TRUE},
    {"in a second text", "attached", ATTACHED("", "甲词"), UNIT, FREE, NOON, FALSE},
    {"in a letter that is attached", "attached",
     ATTACHED("Content-Disposition: attachment; filename=a.eml\nContent-Type: message/rfc822\n", "Subject: x\n\n甲词"),
     UNIT, FREE, NOON, TRUE},
    {"in an attachment's name", "attached",
     ATTACHED("Content-Disposition: attachment; filename=\"=?utf-8?B?55Sy6K+N?=.txt\"\n", "x"), UNIT, FREE, NOON, TRUE},
    {"to a public mailbox", "out-free", HEAD PLAIN "\n乙词\n", UNIT, "X <x+tag@Free.Example>", NOON, TRUE},
    {"to another", "out-free", HEAD PLAIN "\n乙词\n", UNIT, "x@other.example", NOON, FALSE},
    {"to himself", "own-box", ATTACHED("Content-Disposition: attachment\n", "x"), UNIT, "zhang@free.example", NOON,
     TRUE},
    {"to himself without attachment", "own-box", HEAD PLAIN "\nx\n", UNIT, "zhang@free.example", NOON, FALSE},
    {"to somebody else", "own-box", ATTACHED("Content-Disposition: attachment\n", "x"), UNIT, FREE, NOON, FALSE},
    {"at night", "night", HEAD PLAIN "\n丙词\n", UNIT, FREE, NIGHT, TRUE},
    {"at noon", "night", HEAD PLAIN "\n丙词\n", UNIT, FREE, NOON, FALSE},
    {"his own words", "quoted", HEAD PLAIN "\n己词\n\n> 好的\n", UNIT, FREE, NOON, TRUE},
    {"words he quotes", "quoted", HEAD PLAIN "\n好的\n\n> 己词\n", UNIT, FREE, NOON, FALSE},
    {"words he quotes in HTML", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>好的</p><div>在 2026-01-14，张三 &lt;a@b.example&gt; "
          "写道：</div><blockquote><p>己词</p></blockquote>\n",
     UNIT, FREE, NOON, FALSE},
    {"a quotation in HTML that nobody announces", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>好的</p><blockquote type=cite><div>甲方来信：<br>己词</div>"
          "</blockquote>\n",
     UNIT, FREE, NOON, FALSE},
    {"a table inside a quotation in HTML", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>好的</p><blockquote><table><tr><td>一<td>己词</table>"
          "</blockquote>\n",
     UNIT, FREE, NOON, FALSE},
    {"a quotation that a mail program calls so", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<p>好的</p><div class=\"gmail_quote gmail_quote_container\">"
          "<div>己词</div></div>\n",
     UNIT, FREE, NOON, FALSE},
    {"his own words in the middle of a quotation in HTML", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<div>在 2026-01-14，张三 &lt;a@b.example&gt; 写道：</div>"
          "<blockquote>第一问</blockquote><p>己词</p><blockquote>第二问</blockquote>\n",
     UNIT, FREE, NOON, TRUE},
    {"in the header of that name", "project", HEAD "x-project: the Red Plan\n" PLAIN "\nx\n", UNIT, FREE, NOON, TRUE},
    {"folded in the header of that name", "project", HEAD "X-PROJECT: the\n red\n plan\n" PLAIN "\nx\n", UNIT, FREE,
     NOON, TRUE},
    {"in the header of that name of a part", "project", ATTACHED("X-Project: red plan\n", "x"), UNIT, FREE, NOON, TRUE},
    {"in the header of that name, encoded", "project", HEAD "X-Project: =?utf-8?q?red_plan?=\n" PLAIN "\nx\n", UNIT,
     FREE, NOON, TRUE},
    {"in another header", "project", HEAD "X-Projects: red plan\nComments: red plan\n" PLAIN "\nred plan\n", UNIT, FREE,
     NOON, FALSE},
    {"half in it", "project", HEAD "X-Project: red\nX-Other: plan\n" PLAIN "\nx\n", UNIT, FREE, NOON, FALSE},
    {"the name of the author", "sender",
     "From: =?utf-8?B?5bqa6K+N?= <a@unit.example>\nTo: b@outside.example\n" PLAIN "\nx\n", UNIT, FREE, NOON, TRUE},
    {"the author's address", "sender", "From: A <blue@unit.example>\nTo: b@outside.example\n" PLAIN "\nx\n", UNIT, FREE,
     NOON, TRUE},
    {"the name of a recipient", "sender", "From: a@unit.example\nTo: blue <b@outside.example>\n" PLAIN "\nx\n", UNIT,
     FREE, NOON, FALSE},
    {"his own words below a quotation in HTML", "quoted",
     HEAD "Content-Type: text/html; charset=utf-8\n\n<blockquote>好的</blockquote><p>己词</p>\n", UNIT, FREE, NOON,
     TRUE},
};

static void
test_inspector_tells_the_judge_what_it_knows(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        if (finds(cases[i].rule, cases[i].letter, cases[i].from, cases[i].to, cases[i].now) != cases[i].wanted)
            fail_msg("%s", cases[i].name);
}

/* 600 kB: ten segments. */
static void
test_inspector_counts_over_a_long_text(void **state)
{
    for (guint count = 899; count <= 900; count++) {
        g_autoptr(GString) letter = g_string_new(HEAD PLAIN "\n");
        for (guint i = 0; i < 3000; i++) {
            g_string_append_printf(letter, "编号%06u", i % count);
            for (guint k = 0; k < 19; k++)
                g_string_append(letter, "一二三四五六七八九十");
            g_string_append(letter, i % 3 == 0 ? "\n" : "");
        }
        if (finds("many", letter->str, UNIT, FREE, NOON) != (count == 900))
            fail_msg("%u", count);
    }
}

/* Wherever the border of two segments falls between two words, they stay as near as they are. */
static void
test_inspector_near_over_the_border_of_segments(void **state)
{
    for (guint shift = 0; shift < 60; shift += 3)
        for (guint gap = 30; gap <= 31; gap++) {
            g_autoptr(GString) letter = g_string_new(HEAD PLAIN "\n");
            gsize head = letter->len;
            while (letter->len - head < 60 * 1024 - 100 + shift)
                g_string_append(letter, "一");
            g_string_append(letter, "丁词");
            for (guint i = 0; i < gap; i++)
                g_string_append(letter, "二");
            g_string_append(letter, "戊词");
            for (guint i = 0; i < 30000; i++)
                g_string_append(letter, "三");
            if (finds("far", letter->str, UNIT, FREE, NOON) != (gap == 30))
                fail_msg("shift %u, gap %u", shift, gap);
        }
}

/* Where things stand in a text, in characters that are no blanks and in lines. */
typedef struct {
    gint at, end, row;
} Thing;

static gboolean
is_near(const Thing *one, const Thing *other, gboolean rows)
{
    const Thing *first = one->at <= other->at ? one : other, *last = first == one ? other : one;
    return rows ? last->row - first->row <= 6 : last->at - first->end <= 300;
}

/* What `near` means, of one text as a whole: some 丁词 near some 戊词, and nothing excluded near either. */
static gboolean
wanted(const GArray *things[3], gboolean rows)
{
    for (guint i = 0; i < things[0]->len; i++)
        for (guint k = 0; k < things[1]->len; k++) {
            const Thing *one = &g_array_index(things[0], Thing, i), *other = &g_array_index(things[1], Thing, k);
            gboolean excluded = !is_near(one, other, rows);
            for (guint n = 0; n < things[2]->len && !excluded; n++) {
                const Thing *not = &g_array_index(things[2], Thing, n);
                excluded = is_near(one, not, rows) || is_near(other, not, rows);
            }
            if (!excluded)
                return TRUE;
        }
    return FALSE;
}

/* What is excluded is long, and the end of a segment cuts it in two: whoever stands near it waits for its end. */
static void
test_inspector_near_excludes_what_a_border_cuts(void **state)
{
    for (guint shift = 0; shift < 700; shift += 50)
        for (guint excluded = 0; excluded < 2; excluded++) {
            g_autoptr(GString) letter = g_string_new(HEAD PLAIN "\n");
            gsize head = letter->len;
            while (letter->len - head < 60 * 1024 - 2000 + 3 * shift)
                g_string_append(letter, "一");
            g_string_append(letter, "丁词戊词");
            for (guint i = 0; i < 250; i++)
                g_string_append(letter, "二");
            g_string_append_c(letter, excluded ? '[' : '(');
            for (guint i = 0; i < 300; i++)
                g_string_append(letter, "丙");
            g_string_append_c(letter, ']');
            for (guint i = 0; i < 2000; i++)
                g_string_append(letter, "三");
            if (finds("apart", letter->str, UNIT, FREE, NOON) != (excluded == 0))
                fail_msg("shift %u: %s", shift, excluded ? "found" : "missed");
        }
}

/* Things of all lengths around the border of two segments: what is excluded is excluded from there, too. */
static void
test_inspector_near_excludes_over_the_border_of_segments(void **state)
{
    guint found[2] = {0};
    GRand *random = g_rand_new_with_seed(7);
    for (guint round = 0; round < 60; round++) {
        g_autoptr(GString) text = g_string_new(HEAD PLAIN "\n");
        gsize head = text->len;
        gint at = 0, row = 0;
        GArray *things[3];
        for (guint i = 0; i < 3; i++)
            things[i] = g_array_new(FALSE, FALSE, sizeof(Thing));
        while (text->len - head < 64 * 1024) {
            gboolean border = text->len - head > 55 * 1024;
            guint kind = border ? (guint)g_rand_int_range(random, 0, 12) : 9;
            gint filler = border ? g_rand_int_range(random, 1, 160) : 300;
            if (kind < 3 || (kind == 3 && things[2]->len < 2)) {
                Thing thing = {at, at + 2, row};
                g_string_append(text, kind % 2 == 0 ? "丁词" : "戊词");
                if (kind == 3) {
                    gint inside = g_rand_int_range(random, 1, 300);
                    g_string_truncate(text, text->len - strlen("丁词"));
                    g_string_append_c(text, '[');
                    for (gint i = 0; i < inside; i++)
                        g_string_append(text, "丙");
                    g_string_append_c(text, ']');
                    thing.end = at + inside + 2;
                }
                at = thing.end;
                g_array_append_val(things[kind == 3 ? 2 : kind % 2], thing);
            }
            for (gint i = 0; i < filler; i++)
                g_string_append(text, "一");
            at += filler;
            if (kind % 3 == 0) {
                g_string_append_c(text, '\n');
                row++;
            }
        }
        for (guint i = 0; i < 2; i++) {
            gboolean finding = finds(i == 0 ? "apart" : "rows", text->str, UNIT, FREE, NOON);
            if (finding != wanted((const GArray **)things, i == 1))
                fail_msg("round %u: %s %s", round, i == 0 ? "characters" : "lines", finding ? "found" : "missed");
            found[i] += finding;
        }
        for (guint i = 0; i < 3; i++)
            g_array_unref(things[i]);
    }
    g_rand_free(random);
    assert_true(found[0] > 6 && found[0] < 54 && found[1] > 6 && found[1] < 54);
}

/* --- two rule sets, one reading --------------------------------------------------------------- */

typedef struct {
    char *found[2]; /* by each side: verdict, class, rules with scores */
} Told;

static char *
outcome_of(const Message *message)
{
    GString *text = g_string_new(verdict_word(message->decision.verdict));
    g_string_append_printf(text, " %s %s", class_word(message->class), level_word(message->level));
    for (guint i = 0; i < message->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(message->findings, i);
        g_string_append_printf(text, " %s/%d/%u/%u", finding->rule, finding->score, finding->part, finding->line);
    }
    return g_string_free(text, FALSE);
}

static void
tell(const Message *message, guint side, gpointer user)
{
    ((Told *)user)->found[side] = outcome_of(message);
}

static char *
outcome_alone(Inspector *one, Message *message)
{
    assert_true(inspector_run(one, message, -1, NULL));
    return outcome_of(message);
}

/* Each of two is told what it would have found alone, and they do not find the same. */
static void
test_inspectors_share_one_reading(void **state)
{
    g_auto(GStrv) pieces = g_strsplit(pack, "己词", -1);
    g_autofree char *changed = g_strjoinv("壬词", pieces);
    g_autoptr(Ruleset) other_rules = rules_of(changed);
    g_autoptr(Inspector) other = inspector_new(shipped.settings, other_rules, shipped.policy);
    guint differ = 0;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) both = letter(cases[i].letter, cases[i].from, cases[i].to, cases[i].now);
        g_autoptr(Message) first = letter(cases[i].letter, cases[i].from, cases[i].to, cases[i].now);
        g_autoptr(Message) second = letter(cases[i].letter, cases[i].from, cases[i].to, cases[i].now);
        g_autofree char *old = outcome_alone(inspector, first), *new = outcome_alone(other, second);
        Told told = {{NULL}};
        gboolean alone = TRUE;
        assert_true(inspector_run_both(inspector, other, both, tell, &told, &alone, NULL));
        assert_false(alone);
        assert_string_equal(told.found[0], old);
        assert_string_equal(told.found[1], new);
        differ += strcmp(old, new) != 0;
        g_free(told.found[0]);
        g_free(told.found[1]);
    }
    assert_true(differ > 1);
}

/* One reads headers that the other does not know, or gives up on a part that the other reads to its end. */
static void
test_inspectors_that_read_differently_read_alone(void **state)
{
    const char *text = HEAD PLAIN "\n编号000001 编号000002 编号000003 编号000004 编号000005\n";
    g_auto(GStrv) pieces = g_strsplit(pack, "X-Project", -1);
    g_autofree char *changed = g_strjoinv("X-Other", pieces);
    g_autoptr(Ruleset) other_rules = rules_of(changed);
    g_autoptr(Inspector) other = inspector_new(shipped.settings, other_rules, shipped.policy);
    g_autoptr(Message) message = letter(text, UNIT, FREE, NOON);
    g_autoptr(Message) again = letter(text, UNIT, FREE, NOON);
    Told told = {{NULL}};
    gboolean alone = FALSE;
    assert_true(inspector_run_both(inspector, other, message, tell, &told, &alone, NULL));
    assert_true(alone && told.found[0] == NULL && told.found[1] == NULL);

    gint64 usual = shipped.settings->max_hits;
    shipped.settings->max_hits = 2;
    g_autoptr(Inspector) short_of_room = inspector_new(shipped.settings, rules, shipped.policy);
    shipped.settings->max_hits = usual;
    alone = FALSE;
    assert_true(inspector_run_both(inspector, short_of_room, again, tell, &told, &alone, NULL));
    assert_true(alone && told.found[0] == NULL && told.found[1] == NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inspector_tells_the_judge_what_it_knows),
        cmocka_unit_test(test_inspector_counts_over_a_long_text),
        cmocka_unit_test(test_inspector_near_over_the_border_of_segments),
        cmocka_unit_test(test_inspector_near_excludes_what_a_border_cuts),
        cmocka_unit_test(test_inspector_near_excludes_over_the_border_of_segments),
        cmocka_unit_test(test_inspectors_share_one_reading),
        cmocka_unit_test(test_inspectors_that_read_differently_read_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
