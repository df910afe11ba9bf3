/* What lint says of `when` and of conditions: a table of packs, each with the one note it must give, or none. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lint.h"
#include <glib/gstdio.h>
#include <string.h>

#define RULE(more)                                                                                                           \
    "pack: p\ntitle_zh: 包\ntitle_en: pack\n"                                                                               \
    "groups:\n  leaders: []\n  board: [wang@unit.example, li@unit.example]\n  partners: [partner.example]\n"                 \
    "  freemail: [163.com, qq.com]\n"                                                                                        \
    "lists:\n  colours: [红图, 绿图, 蓝图]\n  places: {words: [东院, 西院], expressions: ['第[0-9]+院']}\n"      \
    "rules:\n  - id: a\n    title_zh: 甲规则\n    title_en: rule a\n    clause: 示例规定第一条\n    class: work\n" \
    "    level: work-secret\n    score: 70\n    match: [红图甲乙丙]\n    nomatch: [无关]\n    detect: "               \
    "condition\n" more
#define WHEN(text) RULE("    condition: {words: [红图]}\n    when: " text "\n")
#define CONDITION(text) RULE("    condition: " text "\n")

typedef struct {
    const char *name, *pack;
    const char *check; /* NULL: nothing of when and conditions is odd */
    const char *what;  /* a piece of the text */
} Case;

static const Case cases[] = {
    {"when that may hold", WHEN("{direction: out, senders: [board], recipients: [freemail], hours: [18:00-08:00]}"),
     NULL, NULL},
    {"group that nobody is in", WHEN("{senders: [leaders]}"), "never-holds",
     "senders: nobody is in the group \"leaders\""},
    {"that group beside others", WHEN("{recipients: [leaders, freemail]}"), "asks-nothing",
     "nobody is in the group \"leaders\""},
    {"that group excepted", WHEN("{except_senders: [leaders]}"), "asks-nothing", "nobody is in the group"},
    {"all senders excepted", WHEN("{senders: [board], except_senders: [unit.example]}"), "never-holds",
     "every one of the senders is among except_senders"},
    {"a domain excepted by its parent", WHEN("{senders: [a.unit.example], except_senders: [.unit.example]}"),
     "never-holds", "among except_senders"},
    {"some senders excepted", WHEN("{senders: [board], except_senders: [wang@unit.example]}"), NULL, NULL},
    {"a domain but for one", WHEN("{senders: [unit.example], except_senders: [wang@unit.example]}"), NULL, NULL},
    {"local mail to the outside", WHEN("{direction: local, recipients: [freemail]}"), "never-holds",
     "all of them are outside"},
    {"mail from outside to the outside", WHEN("{direction: [in, local], recipients: [partners, x@other.example]}"),
     "never-holds", "all of them are outside"},
    {"local mail to below", WHEN("{direction: local, recipients: [.office.unit.example]}"), NULL, NULL},
    {"local mail to anybody's wang", WHEN("{direction: local, recipients: [wang@]}"), NULL, NULL},
    {"outward mail to the outside", WHEN("{direction: [out, local], recipients: [freemail]}"), NULL, NULL},
    {"all directions", WHEN("{direction: [out, local, in], to_self: yes}"), "asks-nothing", "names all there are"},
    {"no minute", WHEN("{hours: [24:00-00:00]}"), "never-holds", "no minute of the day"},
    {"all minutes", WHEN("{hours: [00:00-12:00, 12:00-24:00]}"), "asks-nothing", "the whole day"},
    {"all but the lunch", WHEN("{hours: [00:00-12:00, 13:00-24:00]}"), NULL, NULL},
    {"all days", WHEN("{days: [mon, tue, wed, thu, fri, sat, sun]}"), "asks-nothing", "the whole week"},
    {"nights of some days", WHEN("{days: [fri], hours: [18:00-08:00]}"), "over-midnight", "of the named days"},
    {"evenings of some days", WHEN("{days: [fri], hours: [18:00-24:00]}"), NULL, NULL},

    {"condition that may hold",
     CONDITION("{sum: [{words: [红图], weight: 2}, {words: [绿图]}, {words: [甲]}], threshold: 3}"), NULL, NULL},
    {"threshold above the weights",
     CONDITION("{any: [{words: [红图]}, {sum: [{words: [甲乙], weight: 2}, {words: [绿图]}], threshold: 4}]}"),
     "never-holds", "make 3 at most, and threshold is 4"},
    {"negative weights do not help",
     CONDITION(
         "{any: [{words: [红图]}, {sum: [{words: [甲乙], weight: 3}, {words: [绿图], weight: -2}], threshold: 4}]}"),
     "never-holds", "make 3 at most"},
    {"weight of nothing", CONDITION("{sum: [{words: [红图], weight: 2}, {words: [绿图], weight: 0}], threshold: 2}"),
     "idle-weight", "1 conditions of weight 0"},
    {"more values than words", CONDITION("{any: [{words: [红图]}, {words: [甲乙, 乙丙, 甲 乙], count: 3}]}"),
     "never-holds", "asks for 3 different values, and there are 2 at most"},
    {"as many values as words", CONDITION("{any: [{words: [红图]}, {words: [甲乙, 乙丙], count: 2}]}"), NULL, NULL},
    {"more values than a list", CONDITION("{any: [{words: [红图]}, {list: colours, count: 4}]}"), "never-holds",
     "there are 3 at most"},
    {"a list with expressions", CONDITION("{any: [{words: [红图]}, {list: places, count: 9}]}"), NULL, NULL},
    {"words that are spelled two ways", CONDITION("{any: [{words: [红图]}, {words: [top secret], count: 2}]}"), NULL,
     NULL},
    {"looks nowhere",
     CONDITION("{any: [{words: [红图]}, {words: [甲乙], places: [subject, body], except_places: [body, subject]}]}"),
     "never-holds", "looks nowhere"},
    {"looks nowhere by name",
     RULE("    except_places: [{header: x-a}]\n    condition: {any: [{words: [红图]}, {words: "
          "[甲乙], places: [{header: X-A}]}]}\n"),
     "never-holds", "looks nowhere"},
    {"looks at one header but for another",
     RULE(
         "    except_places: [{header: X-B}]\n    condition: {any: [{words: [红图]}, {words: [甲乙], places: [{header: "
         "X-A}]}]}\n"),
     NULL, NULL},
    {"a property among all of them",
     CONDITION("{any: [{words: [红图]}, {words: [甲乙], places: [property, {property: Company}]}]}"), "idle-place",
     "property company is looked at already"},
    {"the Subject beside headers",
     CONDITION("{any: [{words: [红图]}, {words: [甲乙], places: [header, {header: Subject}]}]}"), NULL, NULL},
    {"looks where the rule does not",
     RULE(
         "    except_places: [subject]\n    condition: {any: [{words: [红图]}, {words: [甲乙], places: [subject]}]}\n"),
     "never-holds", "looks nowhere"},
    {"asks for what is excluded",
     CONDITION("{any: [{words: [红图]}, {all: [{words: [甲乙]}, {not: {words: [甲乙]}}]}]}"), "never-holds",
     "excludes what line"},
    {"not of another", CONDITION("{all: [{words: [红图]}, {not: {words: [绿图]}}]}"), NULL, NULL},
    {"twice the same", CONDITION("{any: [{words: [红图]}, {words: [红图], text_zh: 又, text_en: again}]}"),
     "duplicate-condition", "is the same condition as in line"},
    {"near itself", CONDITION("{any: [{words: [红图]}, {near: [{list: colours}, {list: colours}], within: 5}]}"),
     "near-itself", "the same thing"},
    {"near one of its words", CONDITION("{near: [{words: [红图, 甲]}, {words: [甲, 丙]}], within: 5}"), "near-itself",
     "\"甲\" is a word of line"},
    {"near another", CONDITION("{near: [{words: [红图]}, {words: [丙]}], within: 5}"), NULL, NULL},
    {"in an exception", CONDITION("{words: [红图]}\n    exceptions: [{words: [甲乙], count: 2}]"), "never-holds",
     "asks for 2 different values"},
    {"in a cue",
     CONDITION("{words: [红图]}\n    cues: [{words: [甲乙], count: 2, score: 5, text_zh: 又, text_en: again}]"),
     "never-holds", "asks for 2 different values"},
};

/* Of the checks that are about when and conditions; others are tested where they are. */
static gboolean
is_ours(const char *check)
{
    static const char *const ours[] = {"never-holds",         "asks-nothing", "over-midnight", "idle-weight",
                                       "duplicate-condition", "near-itself",  "idle-place",    NULL};
    return g_strv_contains(ours, check);
}

static GPtrArray *
lint(const char *directory, const char *text, const GPtrArray *domains, const char *name)
{
    g_autofree char *pack = g_build_filename(directory, "p.yaml", NULL);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) error = NULL;
    assert_true(g_file_set_contents(pack, text, -1, NULL));
    g_autoptr(RuleSources) sources = rule_sources_read(directory, problems);
    g_autoptr(Ruleset) ruleset = ruleset_compile(sources, NULL, NULL, problems);
    g_autofree char *why = problems_to_text(problems);
    if (ruleset == NULL)
        fail_msg("%s: %s", name, why);
    GPtrArray *notes = lint_run(sources, ruleset, domains, &error);
    g_unlink(pack);
    assert_non_null(notes);
    return notes;
}

static void
expect(const Case *one, const GPtrArray *notes)
{
    guint ours = 0, wanted = 0;
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < notes->len; i++) {
        const LintNote *note = g_ptr_array_index(notes, i);
        if (!is_ours(note->check))
            continue;
        ours++;
        wanted += one->check != NULL && strcmp(note->check, one->check) == 0 && strstr(note->what, one->what) != NULL &&
                  note->line > 10 && *note->advice != '\0' && strcmp(note->entry, "a") == 0;
        g_string_append_printf(all, "\n  %u: %s: %s", note->line, note->check, note->what);
    }
    if (ours != (one->check != NULL) || wanted != ours)
        fail_msg("%s: %s", one->name, all->str);
}

static void
test_lint_when_and_conditions(void **state)
{
    static char unit[] = "unit.example";
    g_autofree char *directory = g_dir_make_tmp("hangu-lint-XXXXXX", NULL);
    g_autoptr(GPtrArray) domains = g_ptr_array_new();
    g_ptr_array_add(domains, unit);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) notes = lint(directory, cases[i].pack, domains, cases[i].name);
        expect(&cases[i], notes);
    }
    g_rmdir(directory);
}

/* What is inside is not known without settings: nothing is said of it. */
static void
test_lint_knows_no_domains_without_settings(void **state)
{
    static const Case one = {"no settings", WHEN("{direction: local, recipients: [freemail]}"), NULL, NULL};
    g_autofree char *directory = g_dir_make_tmp("hangu-lint-XXXXXX", NULL);
    g_autoptr(GPtrArray) notes = lint(directory, one.pack, NULL, one.name);
    expect(&one, notes);
    g_rmdir(directory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lint_when_and_conditions),
        cmocka_unit_test(test_lint_knows_no_domains_without_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
