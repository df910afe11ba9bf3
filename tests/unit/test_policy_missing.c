/* A policy of the unit's own against the one that ships: which situations it decides less strictly for want of a row.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_missing.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *
shipped_text(void)
{
    g_autofree char *path = g_build_filename(g_getenv("top_srcdir"), "contrib", "policy.yaml", NULL);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static Policy *
policy_of(const char *text)
{
    g_autoptr(Problems) problems = problems_new();
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("hangu-policy-XXXXXX", &path, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    Policy *policy = policy_load(path, problems);
    g_unlink(path);
    g_autofree char *why = problems_to_text(problems);
    if (policy == NULL)
        fail_msg("%s", why);
    return policy;
}

/* The shipped policy without the row, up to the next one; `instead` stands in its place. */
static char *
without(const char *text, const char *row, const char *instead)
{
    g_autofree char *head = g_strdup_printf("  - id: %s\n", row);
    const char *from = strstr(text, head);
    assert_non_null(from);
    const char *to = strstr(from + 1, "\n  - id: ");
    g_autofree char *before = g_strndup(text, (gsize)(from - text));
    return g_strconcat(before, instead, to != NULL ? to + 1 : "", NULL);
}

static GPtrArray *
compare(const char *own_text)
{
    g_autofree char *text = shipped_text();
    g_autoptr(Policy) shipped = policy_of(text);
    g_autoptr(Policy) own = policy_of(own_text);
    return policy_missing(own, shipped);
}

static void
expect_gap(const PolicyMissing *missing, Direction direction, gboolean weaker, Verdict wanted, Verdict own)
{
    const PolicyGap *gap = &missing->gaps[direction];
    assert_int_equal(gap->weaker, weaker);
    if (weaker && (gap->shipped != wanted || gap->own != own))
        fail_msg("%s %s: %s, where %s was shipped", missing->id, direction_word(direction), verdict_word(gap->own),
                 verdict_word(gap->shipped));
}

static void
test_policy_missing_nothing_in_the_one_that_ships(void **state)
{
    g_autofree char *text = shipped_text();
    g_autoptr(GPtrArray) list = compare(text);
    assert_int_equal(list->len, 0);
}

static void
test_policy_missing_row_and_what_is_done_instead(void **state)
{
    g_autofree char *text = shipped_text();
    g_autofree char *own = without(text, "registered", "");
    g_autoptr(GPtrArray) list = compare(own);
    assert_int_equal(list->len, 1);
    const PolicyMissing *missing = g_ptr_array_index(list, 0);
    assert_string_equal(missing->id, "registered");
    assert_true(missing->line > 1);
    expect_gap(missing, DIRECTION_OUT, TRUE, VERDICT_HOLD, VERDICT_ACCEPT);
    expect_gap(missing, DIRECTION_LOCAL, TRUE, VERDICT_ACCEPT, VERDICT_ACCEPT); /* without its alert */
    expect_gap(missing, DIRECTION_IN, TRUE, VERDICT_HOLD, VERDICT_ACCEPT);
    assert_null(missing->gaps[DIRECTION_OUT].own_row);
    assert_true(missing->gaps[DIRECTION_LOCAL].actions & ACTION_ALERT);
}

static void
test_policy_missing_names_the_row_that_decides_instead(void **state)
{
    g_autofree char *text = shipped_text();
    g_autofree char *own = without(text, "registered-state", "");
    g_autoptr(GPtrArray) list = compare(own);
    assert_int_equal(list->len, 1);
    const PolicyMissing *missing = g_ptr_array_index(list, 0);
    assert_string_equal(missing->id, "registered-state");
    expect_gap(missing, DIRECTION_OUT, FALSE, 0, 0);
    expect_gap(missing, DIRECTION_LOCAL, TRUE, VERDICT_HOLD, VERDICT_ACCEPT);
    assert_string_equal(missing->gaps[DIRECTION_LOCAL].own_row, "local-registered");
}

/* A row of another name that is as strict, also for each class apart; one class less, and it is not. */
static void
test_policy_missing_row_that_others_cover(void **state)
{
    static const char head[] = "  - id: ours\n    title: {zh: 我们的, en: ours}\n    when: {registered: yes";
    static const char tail[] = "}\n    out: {verdict: hold, actions: [alert]}\n    local: {verdict: hold, actions: "
                               "[alert, tag]}\n    in: {verdict: reject, actions: [alert]}\n\n";
    g_autofree char *text = shipped_text();
    g_autofree char *all = g_strconcat(head, tail, NULL);
    g_autofree char *some = g_strconcat(head, ", class: [work, trade, foreign, state]", tail, NULL);
    g_autofree char *covered = without(text, "registered", all);
    g_autofree char *holes = without(text, "registered", some);
    g_autoptr(GPtrArray) nothing = compare(covered);
    assert_int_equal(nothing->len, 0);
    g_autoptr(GPtrArray) list = compare(holes);
    assert_int_equal(list->len, 1);
    expect_gap(g_ptr_array_index(list, 0), DIRECTION_OUT, TRUE, VERDICT_HOLD, VERDICT_ACCEPT);
}

/* Who wants less strictness says so in the row. */
static void
test_policy_missing_is_no_row_that_was_weakened(void **state)
{
    g_autofree char *text = shipped_text();
    g_autofree char *own = without(text, "registered",
                                   "  - id: registered\n    title: {zh: 登记, en: registered}\n    when: {registered: "
                                   "yes}\n    out: {verdict: accept}\n\n");
    g_autoptr(GPtrArray) list = compare(own);
    assert_int_equal(list->len, 0);
}

/* Each row that ships, left away alone, is told, but for those that accept without an alert. */
static void
test_policy_missing_tells_every_row_that_ships(void **state)
{
    g_autofree char *text = shipped_text();
    g_auto(GStrv) pieces = g_strsplit(text, "\n  - id: ", -1);
    guint told = 0, rows = g_strv_length(pieces) - 1;
    for (guint i = 1; i <= rows; i++) {
        g_autofree char *row = g_strndup(pieces[i], strcspn(pieces[i], "\n"));
        g_autofree char *own = without(text, row, "");
        g_autoptr(GPtrArray) list = compare(own);
        for (guint k = 0; k < list->len; k++)
            assert_string_equal(((const PolicyMissing *)g_ptr_array_index(list, k))->id, row);
        told += list->len;
    }
    assert_true(rows > 10);
    assert_int_equal(told, rows - 2); /* mention, auth */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_missing_nothing_in_the_one_that_ships),
        cmocka_unit_test(test_policy_missing_row_and_what_is_done_instead),
        cmocka_unit_test(test_policy_missing_names_the_row_that_decides_instead),
        cmocka_unit_test(test_policy_missing_row_that_others_cover),
        cmocka_unit_test(test_policy_missing_is_no_row_that_was_weakened),
        cmocka_unit_test(test_policy_missing_tells_every_row_that_ships),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
