/* Waves and their days. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "campaign_plan.h"
#include <string.h>

/* "3 1 7": departments of so many people. */
static GArray *
make(const char *sizes)
{
    GArray *places = g_array_new(FALSE, TRUE, sizeof(CampaignPlace));
    g_auto(GStrv) words = g_strsplit(sizes, " ", -1);
    static char *const names[] = {(char *)"A", (char *)"B", (char *)"C", (char *)"D", (char *)"E", (char *)"F"};
    for (guint i = 0; words[i] != NULL; i++)
        for (guint64 k = 0; k < g_ascii_strtoull(words[i], NULL, 10); k++) {
            const CampaignPlace place = {(gint64)(places->len + 1), (char *)"", (char *)"U", names[i], 0};
            g_array_append_val(places, place);
        }
    return places;
}

/* "1*3 2*8": three in wave 1, eight in wave 2; waves never go back. */
static char *
shape(const GArray *places)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0, end; i < places->len; i = end) {
        guint wave = g_array_index(places, CampaignPlace, i).wave;
        for (end = i; end < places->len && g_array_index(places, CampaignPlace, end).wave == wave;)
            end++;
        g_string_append_printf(text, "%s%u*%u", i > 0 ? " " : "", wave, end - i);
    }
    return g_string_free(text, FALSE);
}

static void
test_campaign_plan_waves_keep_departments_whole(void **state)
{
    static const struct {
        const char *sizes;
        guint waves;
        const char *shape;
    } cases[] = {
        {"5", 1, "1*5"},
        {"5", 4, "1*5"},
        {"3 3", 2, "1*3 2*3"},
        {"3 3", 4, "1*3 2*3"},
        {"1 1 1 1 1 1", 3, "1*2 2*2 3*2"},
        {"10 1 1", 2, "1*10 2*2"},
        {"1 1 10", 2, "1*2 2*10"},
        {"2 8 2", 3, "1*2 2*8 3*2"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) places = make(cases[i].sizes);
        guint waves = campaign_plan_waves(places, cases[i].waves);
        g_autofree char *got = shape(places);
        if (strcmp(got, cases[i].shape) != 0 || waves != g_array_index(places, CampaignPlace, places->len - 1).wave)
            fail_msg("%s in %u waves: %s, not %s", cases[i].sizes, cases[i].waves, got, cases[i].shape);
    }
    (void)state;
}

static void
test_campaign_plan_per_day_splits_only_large_departments(void **state)
{
    static const struct {
        const char *sizes;
        guint per_day;
        const char *shape;
    } cases[] = {
        {"5", 5, "1*5"},       {"5", 2, "1*2 2*2 3*1"},     {"3 3 3", 6, "1*6 2*3"},
        {"3 4", 6, "1*3 2*4"}, {"1 9 1", 4, "1*4 2*4 3*3"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) places = make(cases[i].sizes);
        guint waves = campaign_plan_per_day(places, cases[i].per_day);
        g_autofree char *got = shape(places);
        if (strcmp(got, cases[i].shape) != 0 || waves != g_array_index(places, CampaignPlace, places->len - 1).wave)
            fail_msg("%s, %u a day: %s, not %s", cases[i].sizes, cases[i].per_day, got, cases[i].shape);
    }
    (void)state;
}

static void
test_campaign_plan_deadlines_are_spread(void **state)
{
    g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(GDate));
    for (guint32 i = 0; i < 13; i++) {
        GDate day;
        g_date_clear(&day, 1);
        g_date_set_julian(&day, 739000 + i);
        g_array_append_val(days, day);
    }
    for (guint waves = 1; waves <= 10; waves++) {
        g_autoptr(GArray) deadlines = campaign_plan_deadlines(days, waves);
        assert_int_equal(deadlines->len, waves);
        assert_int_equal(g_date_get_julian(&g_array_index(deadlines, GDate, waves - 1)), 739012);
        assert_true(g_date_get_julian(&g_array_index(deadlines, GDate, 0)) >= 739000 + CAMPAIGN_LEAD_DAYS);
        for (guint i = 1; i < waves; i++)
            assert_true(g_date_compare(&g_array_index(deadlines, GDate, i - 1), &g_array_index(deadlines, GDate, i)) <
                        0);
    }
    assert_null(campaign_plan_deadlines(days, 11));
    assert_null(campaign_plan_deadlines(days, 0));
    g_array_set_size(days, CAMPAIGN_LEAD_DAYS);
    assert_null(campaign_plan_deadlines(days, 1));
    (void)state;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_campaign_plan_waves_keep_departments_whole),
        cmocka_unit_test(test_campaign_plan_per_day_splits_only_large_departments),
        cmocka_unit_test(test_campaign_plan_deadlines_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
