/* The bar of a campaign: every member has his share, and a full one is a finished campaign. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "campaign_print.h"
#include <string.h>

static void
test_campaign_bar_shares(void **state)
{
    static const struct {
        const char *states, *bar;
    } cases[] = {
        {"{}", "...................."},
        {"{\"changed\": 7}", "####################"},
        {"{\"changed\": 999, \"waiting\": 1}", "###################."},
        {"{\"waiting\": 3, \"warned\": 2}", "...................."},
        {"{\"changed\": 1, \"refused\": 1, \"unknown\": 1}", "######!!!!!!!???????"},
        {"{\"changed\": 5, \"excepted\": 1, \"closed\": 1, \"overdue\": 1, \"unknown\": 1, \"warned\": 1}",
         "##########----!!??.."},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        char bar[CAMPAIGN_BAR + 1];
        json_t *states = json_loads(cases[i].states, 0, NULL);
        campaign_bar(states, bar);
        json_decref(states);
        assert_int_equal(strlen(bar), CAMPAIGN_BAR);
        if (strcmp(bar, cases[i].bar) != 0)
            fail_msg("%s: %s, not %s", cases[i].states, bar, cases[i].bar);
    }
    (void)state;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_campaign_bar_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
