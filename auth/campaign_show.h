/* campaign_show - how far a campaign is, as rows of an answer. */
#pragma once
#include "campaigns.h"
#include "verbs.h"

/* One row about the campaign; with `parts` one for each department of each wave, with `members` one for each member. */
gboolean campaign_answer(VerbCall *call, const Campaign *campaign, gboolean parts, gboolean members, GError **error);
