/* Waves and their days. */
#include "config.h"
#include "campaign_plan.h"
#include <string.h>

static CampaignPlace *
at(const GArray *places, guint index)
{
    return &g_array_index(places, CampaignPlace, index);
}

/* The index behind the department that begins at `from`. */
static guint
department_end(const GArray *places, guint from)
{
    guint end = from + 1;
    while (end < places->len && g_str_equal(at(places, end)->unit, at(places, from)->unit) &&
           g_str_equal(at(places, end)->department, at(places, from)->department))
        end++;
    return end;
}

guint
campaign_plan_waves(GArray *places, guint waves)
{
    guint wave = 0, last = 0;
    for (guint from = 0, end; from < places->len; from = end) {
        end = department_end(places, from);
        /* the wave in which the middle of the department would lie if all were of the same size */
        guint wanted = (guint)((guint64)(from + end) * waves / (2 * (guint64)places->len));
        if (from == 0 || wanted != last)
            wave++;
        last = wanted;
        for (guint i = from; i < end; i++)
            at(places, i)->wave = wave;
    }
    return wave;
}

guint
campaign_plan_per_day(GArray *places, guint per_day)
{
    guint wave = 0, room = 0;
    for (guint from = 0, end; from < places->len; from = end) {
        end = department_end(places, from);
        if (end - from > room && (end - from <= per_day || room == 0)) {
            wave++;
            room = per_day;
        }
        for (guint i = from; i < end; i++) {
            if (room == 0) {
                wave++;
                room = per_day;
            }
            at(places, i)->wave = wave;
            room--;
        }
    }
    return wave;
}

GArray *
campaign_plan_deadlines(const GArray *days, guint waves)
{
    if (days->len <= CAMPAIGN_LEAD_DAYS || days->len - CAMPAIGN_LEAD_DAYS < waves || waves == 0)
        return NULL;
    guint left = days->len - CAMPAIGN_LEAD_DAYS;
    GArray *deadlines = g_array_new(FALSE, FALSE, sizeof(GDate));
    for (guint wave = 1; wave <= waves; wave++) {
        guint index = (guint)(((guint64)wave * left + waves - 1) / waves) - 1;
        g_array_append_val(deadlines, g_array_index(days, GDate, CAMPAIGN_LEAD_DAYS + index));
    }
    return deadlines;
}
