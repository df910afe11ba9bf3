/* campaign_verbs - shared by the verbs of campaigns. */
#pragma once
#include "verbs.h"

/* The verb campaign.start. */
gboolean campaign_start(VerbCall *call, GError **error);
/* History and record (kind password, event campaign, with this reason) of what was done with a campaign; takes the
 * fields. */
gboolean campaign_finish(VerbCall *call, const char *name, const char *reason, json_t *fields, GError **error);
