/* Whole letters: letters.txt says what each must come to. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "judge.h"
#include <string.h>

#define NOW (G_GINT64_CONSTANT(1768435200) * G_USEC_PER_SEC) /* 2026-01-15 */

typedef struct {
    char *name, *subject, *file, *expect, *body;
} Letter;

static char *
top_path(const char *first, const char *second, const char *third)
{
    const char *top = g_getenv("top_srcdir");

    return g_build_filename(top != NULL ? top : ".", first, second, third, NULL);
}

static void
letter_read(const char *block, Letter *letter)
{
    const char *body = strstr(block, "\n---\n");
    g_autofree char *head = g_strndup(block, (gsize)(body - block));
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);

    *letter = (Letter){.name = g_strdup(lines[0]), .body = g_strdup(body + strlen("\n---\n"))};
    for (guint i = 1; lines[i] != NULL; i++) {
        if (g_str_has_prefix(lines[i], "subject: "))
            letter->subject = g_strdup(lines[i] + strlen("subject: "));
        else if (g_str_has_prefix(lines[i], "file: "))
            letter->file = g_strdup(lines[i] + strlen("file: "));
        else if (g_str_has_prefix(lines[i], "expect: "))
            letter->expect = g_strdup(lines[i] + strlen("expect: "));
    }
}

static void
letter_clear(Letter *letter)
{
    g_free(letter->name);
    g_free(letter->subject);
    g_free(letter->file);
    g_free(letter->expect);
    g_free(letter->body);
}

static void
judge_one(Judge *judge, PlaceKind place, guint part, const char *text)
{
    g_autoptr(GError) error = NULL;
    Segment segment = {
        .place = {.kind = place, .line = place == PLACE_BODY ? 1 : 0},
        .part = part,
        .charset = "utf-8",
        .declared = TRUE,
        .text = text,
        .length = text != NULL ? strlen(text) : 0,
    };

    if (text != NULL && !judge_segment(judge, &segment, &error))
        fail_msg("%s", error->message);
}

/* "state highly-secret confirmed", or "clean". */
static char *
outcome(const GPtrArray *findings)
{
    const Finding *best = NULL;

    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        if (best == NULL || finding->class > best->class ||
            (finding->class == best->class && finding->score > best->score))
            best = finding;
    }
    if (best == NULL || best->class <= CLASS_MENTION)
        return g_strdup("clean");
    return g_strdup_printf("%s %s %s", class_word(best->class), level_word(best->level),
                           confidence_word(best->confidence));
}

static guint
letter_try(Judge *judge, const Letter *letter)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

    judge_begin(judge, NOW, findings);
    judge_one(judge, PLACE_SUBJECT, 0, letter->subject);
    judge_one(judge, PLACE_BODY, 1, letter->body);
    judge_one(judge, PLACE_FILE_NAME, 2, letter->file);
    g_autofree char *came_to = outcome(findings);
    if (g_str_has_prefix(came_to, letter->expect))
        return 0;
    print_error("%s: %s, not %s\n", letter->name, came_to, letter->expect);
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        if (finding->class > CLASS_MENTION || finding->mark.form != MARK_FORM_NONE)
            print_error("    %s %d «%s» line %u\n", finding->rule, finding->score, finding->excerpt, finding->line);
    }
    return 1;
}

static void
test_judge_whole_letters(void **state)
{
    static const JudgeLimits limits = {.max_hits = 10000, .max_findings = 200};
    g_autofree char *packs = top_path("rules", "packs", NULL);
    g_autofree char *path = top_path("tests", "unit", "letters.txt");
    g_autofree char *text = NULL;
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Ruleset) ruleset = ruleset_load(packs, NULL, NULL, problems);
    guint failed = 0, tried = 0;

    assert_non_null(ruleset);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) blocks = g_strsplit(text, "\n=== ", -1);
    Judge *judge = judge_new(ruleset, &limits);
    for (guint i = 1; blocks[i] != NULL; i++, tried++) {
        Letter letter;
        letter_read(blocks[i], &letter);
        failed += letter_try(judge, &letter);
        letter_clear(&letter);
    }
    judge_free(judge);
    assert_true(tried >= 90);
    assert_int_equal(failed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_whole_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
