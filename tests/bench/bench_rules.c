/* bench_rules - what a letter costs with 100 and with 10,000 rules, and what they cost to load.
 *
 * Half of the rules have words, half a condition (near, all, count, exceptions; each tenth with `when`). Letters and
 * words are invented; one letter in ten has words of some rules. */
#include "config.h"
#include "bench_words.h"
#include "judge.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LETTERS 200
#define ROUNDS 40

static char *
word_make(GPtrArray *words)
{
    GString *word = g_string_new(NULL);
    han_add(word, 3 + roll(4));
    char *text = g_string_free(word, FALSE);
    g_ptr_array_add(words, text);
    return text;
}

static void
rule_add(GString *pack, guint number, GPtrArray *words)
{
    const char *a = word_make(words), *b = word_make(words), *c = word_make(words);
    g_string_append_printf(
        pack, "  - id: r%u\n    title_zh: 规则\n    title_en: rule\n    class: work\n    level: work-secret\n", number);
    if (number % 2 == 0)
        g_string_append_printf(pack, "    words: [%s, %s, %s]\n    scores: {anywhere: 70}\n", a, b, c);
    else if (number % 4 == 1)
        g_string_append_printf(
            pack,
            "    detect: condition\n    condition: {near: [{words: [%s]}, {words: [%s]}], within: 40}\n"
            "    exceptions: [{words: [%s]}]\n",
            a, b, c);
    else
        g_string_append_printf(
            pack, "    detect: condition\n    condition: {all: [{words: [%s, %s], count: 2}, {not: {words: [%s]}}]}\n",
            a, b, c);
    if (number % 10 == 3)
        g_string_append(pack, "    when: {direction: out}\n");
    g_string_append(pack, "    match: [a]\n    nomatch: [b]\n");
}

static char *
directory_make(guint count, GPtrArray *words)
{
    char *directory = g_dir_make_tmp("bench-rules-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "p.yaml", NULL);
    g_autoptr(GString) pack = g_string_new("pack: p\ntitle_zh: 包\ntitle_en: pack\nrules:\n");
    seed = 4711;
    for (guint i = 0; i < count; i++)
        rule_add(pack, i, words);
    if (!g_file_set_contents(path, pack->str, (gssize)pack->len, NULL))
        g_error("%s cannot be written", path);
    return directory;
}

static GPtrArray *
letters_make(const GPtrArray *words)
{
    GPtrArray *letters = g_ptr_array_new_with_free_func(g_free);
    seed = 815;
    for (guint i = 0; i < LETTERS; i++) {
        GString *out = g_string_new(NULL);
        gsize size = 2000 + roll(11000);
        while (out->len < size) {
            han_add(out, 6 + roll(20));
            g_string_append(out, roll(4) == 0 ? "。\n" : "，");
        }
        for (guint k = 0; i % 10 == 0 && k < 4; k++)
            g_string_append(out, words->pdata[roll(60)]);
        g_ptr_array_add(letters, g_string_free(out, FALSE));
    }
    return letters;
}

static gdouble
seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gdouble)now.tv_sec + (gdouble)now.tv_nsec / 1e9;
}

static guint
letter_judge(Judge *judge, const char *text)
{
    static const LetterFacts facts = {.direction = DIRECTION_IN, .sender = "a@b.example"};
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    Segment segment = {.place = {.kind = PLACE_BODY, .line = 1},
                       .part = 1,
                       .charset = "utf-8",
                       .declared = TRUE,
                       .text = text,
                       .length = strlen(text)};
    judge_begin(judge, 0, findings);
    judge_facts(judge, &facts);
    if (!judge_segment(judge, &segment, NULL))
        g_error("judge_segment failed");
    judge_part_end(judge, 1);
    judge_end(judge);
    return findings->len;
}

/* So many rules, ready to judge. */
typedef struct {
    guint count, found;
    GPtrArray *words;
    Ruleset *ruleset;
    Judge *judge;
    gdouble cold, warm; /* seconds to load */
    gdouble all;        /* best seconds of each letter together */
} Side;

static void
side_load(Side *side)
{
    static const JudgeLimits limits = {.max_hits = 100000, .max_findings = 200};
    static const guint8 key[32] = {1};
    side->words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *directory = directory_make(side->count, side->words);
    g_autofree char *cache = g_build_filename(directory, "cache", NULL);
    g_autoptr(Problems) problems = problems_new();
    gdouble before = seconds();
    g_mkdir(cache, 0700);
    ruleset_free(ruleset_load(directory, cache, key, problems));
    side->cold = seconds() - before;
    before = seconds();
    side->ruleset = ruleset_load(directory, cache, key, problems);
    side->warm = seconds() - before;
    if (side->ruleset == NULL || !ruleset_from_cache(side->ruleset))
        g_error("no rules, or not from the cache: %s", problems_to_text(problems));
    side->judge = judge_new(side->ruleset, &limits);
    g_autofree char *command = g_strdup_printf("rm -rf %s", directory);
    if (!g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL))
        g_printerr("%s is left\n", directory);
}

static void
side_clear(Side *side)
{
    judge_free(side->judge);
    ruleset_free(side->ruleset);
    g_ptr_array_unref(side->words);
}

static gdouble
timed(Side *side, const char *text, gboolean count)
{
    gdouble before = seconds();
    guint found = letter_judge(side->judge, text);
    side->found += count ? found : 0;
    return seconds() - before;
}

int
main(void)
{
    Side sides[2] = {{.count = 100}, {.count = 10000}};
    for (guint i = 0; i < 2; i++)
        side_load(&sides[i]);
    g_autoptr(GPtrArray) letters = letters_make(sides[0].words);
    for (guint i = 0; i < letters->len; i++) {
        gdouble best[2] = {1, 1};
        for (guint round = 0; round < ROUNDS; round++) /* in turns: what disturbs one disturbs the other */
            for (guint k = 0; k < 2; k++)
                best[k] = MIN(best[k], timed(&sides[k], letters->pdata[i], round == 0));
        for (guint k = 0; k < 2; k++)
            sides[k].all += best[k];
    }
    for (guint k = 0; k < 2; k++)
        printf("%6u rules: %6.1f us a letter (%u findings); loaded in %6.0f ms, with the cache in %5.0f ms\n",
               sides[k].count, sides[k].all / letters->len * 1e6, sides[k].found, sides[k].cold * 1e3,
               sides[k].warm * 1e3);
    printf("10000 rules cost %.2f times what 100 cost\n", sides[1].all / sides[0].all);
    for (guint k = 0; k < 2; k++)
        side_clear(&sides[k]);
    return 0;
}
