/* campaign_plan - who is in which wave of a campaign, and on which day each wave ends.
 *
 * Pure: no database, no clock. Members come sorted by unit and department; a department stays together where it can. */
#pragma once
#include <glib.h>

/* Working days that people get at least, from the first day of a campaign. */
#define CAMPAIGN_LEAD_DAYS 3

typedef struct {
    gint64 account;
    char *address, *unit, *department; /* owned by who made the array */
    guint wave;                        /* from 1 */
} CampaignPlace;

/* At most `waves` waves of about the same size; departments are not split, so that there may be fewer. How many there
 * are. */
guint campaign_plan_waves(GArray *places, guint waves);
/* Waves of at most `per_day` people; a department that is larger is split. */
guint campaign_plan_per_day(GArray *places, guint per_day);

/* The days on which waves may end, spread evenly over `days` (GDate, working days), of which the first
 * CAMPAIGN_LEAD_DAYS are left out: an array of GDate, one for each wave, the last being the last day. NULL: there are
 * fewer days than waves. Gives. */
GArray *campaign_plan_deadlines(const GArray *days, guint waves);
