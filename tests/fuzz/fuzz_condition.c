/* Any bytes as a pack, and any text in any windows: a pack is read or has problems; what conditions find does not
 * depend on where the text is cut. */
#include "config.h"
#include <stdint.h>
#include "judge.h"
#include "rule.h"
#include <glib/gstdio.h>
#include <string.h>

#define OVERLAP 90 /* bytes; no hit of the pack below is as long */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- packs ------------------------------------------------------------------------------------------------------- */

static void
each_rule(const YamlNode *list, const RulePack *pack, Problems *problems)
{
    if (list == NULL || yaml_kind(list) != YAML_LIST)
        return;
    for (guint i = 0; i < yaml_length(list); i++) {
        Rule *rule = rule_read(yaml_item(list, i), pack, "rules", problems);
        if (rule != NULL && rule->condition != NULL && problems_count(problems) == 0)
            g_assert(!condition_holds_empty(rule->condition));
        rule_free(rule);
    }
}

static void
pack_read(const uint8_t *data, size_t size)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(YamlFile) file = yaml_load_bytes("fuzz", (const char *)data, size, problems);
    Groups *groups = groups_new();
    const RulePack pack = {"p", "fuzz", "Asia/Shanghai", groups};

    if (file != NULL && yaml_root(file) != NULL && yaml_kind(yaml_root(file)) == YAML_MAP) {
        const YamlNode *map = yaml_get(yaml_root(file), "groups");
        if (map != NULL)
            groups_read(groups, map, "groups", problems);
        each_rule(yaml_get(yaml_root(file), "rules"), &pack, problems);
    }
    g_autofree char *text = problems_to_text(problems);
    g_assert(g_utf8_validate(text, -1, NULL));
    groups_free(groups);
}

/* --- windows ----------------------------------------------------------------------------------------------------- */

#define RULE(id, body) \
    "  - {id: " id ", title_zh: a, title_en: b, class: work, detect: condition, match: [a], nomatch: [b], " body "}\n"

static const char pack_text[] =
    "pack: p\ntitle_zh: a\ntitle_en: b\nrules:\n" RULE("r1", "condition: {words: [甲乙, 乙甲, 丙], count: 2}")
        RULE("r2", "condition: {all: [{words: [甲]}, {not: {words: [丁丁]}}]}")
            RULE("r3", "condition: {near: [{words: [甲]}, {words: [丙]}], within: 4}") RULE(
                "r4", "condition: {near: [{words: [甲]}, {words: [乙], count: 1}, {not: {words: [丁]}}], within: 5}")
                RULE("r5", "condition: {near: [{words: [甲, 乙, 丙], count: 3}, {words: [丁]}], lines: 2}")
                    RULE("r6", "condition: {expressions: ['甲[0-9]{2}'], count: 3}")
                        RULE("r7", "exceptions: [{words: [丁丙]}], condition: {sum: [{words: [甲]}, {words: [乙], "
                                   "weight: 2}], threshold: 3}")
                            RULE("r8", "condition: {words: [丙], places: [quoted]}");

static Ruleset *
rules_load(void)
{
    static Ruleset *ruleset;
    if (ruleset != NULL)
        return ruleset;
    g_autofree char *directory = g_dir_make_tmp("fuzz-condition-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "p.yaml", NULL);
    g_autoptr(Problems) problems = problems_new();
    if (!g_file_set_contents(path, pack_text, -1, NULL))
        g_error("%s cannot be written", path);
    ruleset = ruleset_load(directory, NULL, NULL, problems);
    g_unlink(path);
    g_rmdir(directory);
    if (ruleset == NULL)
        g_error("%s", problems_to_text(problems));
    return ruleset;
}

/* Few characters, so that words of the pack come about. */
static char *
text_make(const uint8_t *data, size_t size)
{
    static const char *const pieces[] = {"甲", "乙", "丙", "丁", "\n", " ", "一", "12", "3", "\n> ", "x", "。"};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < size; i++)
        g_string_append(text, pieces[data[i] % G_N_ELEMENTS(pieces)]);
    return g_string_free(text, FALSE);
}

static gsize
boundary(const char *text, gsize at)
{
    while (at > 0 && ((guchar)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* Names of the rules that find something, in order. */
static char *
found_in(const char *text, gsize window)
{
    static const JudgeLimits limits = {.max_hits = 100000, .max_findings = 100};
    static Judge *judge; /* a new one costs more than a text */
    if (judge == NULL)
        judge = judge_new(rules_load(), &limits);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    gsize length = strlen(text), done = 0, begin = 0;
    GString *names = g_string_new(NULL);
    judge_begin(judge, 0, findings);
    while (done < length) {
        gsize end = MIN(done + window, length);
        end = end < length ? boundary(text, end) : end;
        g_autofree char *piece = g_strndup(text + begin, end - begin);
        Segment segment = {.place = {.kind = PLACE_BODY, .line = 1, .continued = done > 0},
                           .part = 1,
                           .charset = "utf-8",
                           .text = piece,
                           .length = end - begin,
                           .stream = text,
                           .repeated = done - begin,
                           .continues = end < length};
        g_assert(judge_segment(judge, &segment, NULL));
        done = end;
        begin = boundary(text, done > OVERLAP ? done - OVERLAP : 0);
    }
    g_assert(!judge_part_end(judge, 1));
    judge_end(judge);
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        g_assert(finding->from <= finding->to && finding->reasons->len > 0);
        g_string_append_printf(names, " %s", finding->rule);
    }
    return g_string_free(names, FALSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4096)
        return 0;
    if (data[0] % 2 == 0) {
        pack_read(data + 1, size - 1);
        return 0;
    }
    g_autofree char *text = text_make(data + 2, size - 2);
    g_autofree char *whole = found_in(text, 1 << 20), *cut = found_in(text, 40 + data[1] % 200);
    if (strcmp(whole, cut) != 0)
        g_error("whole:%s cut:%s\n%s", whole, cut, text);
    return 0;
}
