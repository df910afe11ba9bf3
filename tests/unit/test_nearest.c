#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "nearest.h"
#include <string.h>

static void
test_nearest_word_table(void **state)
{
    static const char *const known[] = {"check", "check-settings", "status", "ledger", "held", "report", "rules", NULL};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"chekc", "check"},   {"CHECK", "check"},  {"check_settings", "check-settings"},
        {"ledgre", "ledger"}, {"satus", "status"}, {"hled", "held"},
        {"banana", NULL},     {"x", NULL},         {"", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *found = nearest_word(cases[i].word, known);
        if (g_strcmp0(found, cases[i].nearest) != 0)
            fail_msg("%s gives %s", cases[i].word, found != NULL ? found : "nothing");
    }
}

static void
test_nearest_word_too_long_is_none(void **state)
{
    static const char *const known[] = {"check", NULL};
    g_autofree char *longer = g_strnfill(5000, 'c');
    assert_null(nearest_word(longer, known));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_word_table),
        cmocka_unit_test(test_nearest_word_too_long_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
