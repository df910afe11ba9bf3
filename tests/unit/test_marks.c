/* Every format of marks in every place where it makes sense (marks.txt): found with its class, or no reason to stop. */
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
    Ruleset *ruleset;
    char *text; /* of the file */
} Table;

static int
table_load(void **state)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *packs = g_build_filename(top != NULL ? top : ".", "rules", "packs", NULL);
    g_autofree char *file = g_build_filename(top != NULL ? top : ".", "tests", "unit", "marks.txt", NULL);
    g_autoptr(Problems) problems = problems_new();
    Table *table = g_new0(Table, 1);
    table->ruleset = ruleset_load(packs, NULL, NULL, problems);
    *state = table;
    return table->ruleset != NULL && g_file_get_contents(file, &table->text, NULL, NULL) ? 0 : -1;
}

static int
table_free(void **state)
{
    Table *table = *state;
    ruleset_free(table->ruleset);
    g_free(table->text);
    g_free(table);
    return 0;
}

/* The strictest class that may stop a letter or is told, CLASS_NONE if there is none. */
static Class
class_of(Judge *judge, PlaceKind place, const char *text)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(GError) error = NULL;
    Segment segment = {
        .place = {.kind = place, .line = place == PLACE_BODY ? 1 : 0},
        .charset = "utf-8",
        .declared = TRUE,
        .text = text,
        .length = strlen(text),
    };
    Class best = CLASS_NONE;
    judge_begin(judge, NOW, findings);
    if (!judge_segment(judge, &segment, &error))
        fail_msg("%s", error->message);
    judge_part_end(judge, 0);
    for (guint i = 0; i < findings->len; i++) {
        const Finding *finding = g_ptr_array_index(findings, i);
        if (finding->confidence >= CONFIDENCE_UNCERTAIN)
            best = MAX(best, finding->class);
    }
    return best;
}

/* A row of the table in one of its places; FALSE after it said what is wrong. */
static gboolean
row_holds(Judge *judge, char **cells, const char *place_name)
{
    g_autoptr(GString) text = g_string_new(cells[4]);
    PlaceKind place;
    Class wanted = CLASS_NONE;
    assert_true(place_parse(place_name, &place));
    assert_true(class_parse(cells[2], &wanted));
    g_string_replace(text, "\\n", "\n", 0);
    if (place == PLACE_FILE_NAME && strchr(cells[4], '.') == NULL)
        g_string_append(text, ".docx");
    Class found = class_of(judge, place, text->str);
    if (found == wanted)
        return TRUE;
    print_message("%s %s %s: «%s» is %s, wanted %s\n", cells[0], cells[1], place_name, cells[4], class_word(found),
                  class_word(wanted));
    return FALSE;
}

static void
rows_check(const Table *table, const char *sign)
{
    static const JudgeLimits limits = {.max_hits = 10000, .max_findings = 200};
    g_autoptr(Judge) judge = judge_new(table->ruleset, &limits);
    g_auto(GStrv) lines = g_strsplit(table->text, "\n", -1);
    guint tried = 0, wrong = 0;
    for (guint i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) cells = g_strsplit(lines[i], "\t", 5);
        if (lines[i][0] == '#' || g_strv_length(cells) != 5 || strcmp(cells[1], sign) != 0)
            continue;
        g_auto(GStrv) places = g_strsplit(cells[3], " ", -1);
        for (guint k = 0; places[k] != NULL; k++, tried++)
            wrong += !row_holds(judge, cells, places[k]);
    }
    assert_true(tried > 50);
    assert_int_equal(wrong, 0);
}

static void
test_marks_that_must_be_found(void **state)
{
    rows_check(*state, "+");
}

static void
test_marks_that_must_not(void **state)
{
    rows_check(*state, "-");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_that_must_be_found),
        cmocka_unit_test(test_marks_that_must_not),
    };
    return cmocka_run_group_tests(tests, table_load, table_free);
}
