/* campaigns - change of passwords by campaign (密码更换活动): who must have a new password by when, wave by wave.
 *
 * In the register's database; accounts_open() brings the tables up to date. Times and dates as in accounts.h. A member
 * whose deadline is over without a change has an expired password: accounts_facts() says so. Functions that write want
 * a transaction of the caller. */
#pragma once
#include "database.h"
#include <glib.h>

/* A step that nothing has reached so far: larger than any number of days. */
#define CAMPAIGNS_NO_STEP 9999

gboolean campaigns_migrate(Database *database, GError **error);

typedef struct {
    gint64 number;
    char *name, *reason;
    char *begins, *ends; /* dates */
    char *selection;     /* who was chosen, in words */
    char *uncovered;     /* years whose holidays were not known, by spaces; "" */
    char *approver, *started, *started_by;
    char *stopped, *stopped_by, *stop_reason; /* NULL: it runs */
} Campaign;
Campaign *campaign_new(void);
void campaign_free(Campaign *campaign);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Campaign, campaign_free)

/* DATA if the name is taken. Sets number. */
gboolean campaigns_insert(Database *database, Campaign *campaign, GError **error);
/* NULL with error: NO_INPUT (with the names there are). Gives. */
Campaign *campaigns_get(Database *database, const char *name, GError **error);
/* All, the newest first: array of Campaign. NULL with error. Gives. */
GPtrArray *campaigns_all(Database *database, GError **error);
gboolean campaigns_stop(Database *database, gint64 campaign, const char *time, const char *by, const char *reason,
                        GError **error);

/* One member; texts lent. */
typedef struct {
    gint64 campaign, account, wave;
    const char *name, *begins, *started;               /* of the campaign */
    const char *address, *unit, *department, *state;   /* of the account; unit and department "" */
    const char *deadline, *over;                       /* its day; the time when that day is over */
    const char *changed, *told;                        /* times; NULL */
    const char *exempt_until, *exempt_by, *exempt_why; /* NULL: no exception */
    gint64 step, told_step;                            /* days before the deadline that were recorded, told */
} CampaignMember;
typedef gboolean (*CampaignVisit)(const CampaignMember *member, gpointer user, GError **error);
/* Of a campaign: by wave, unit, department, address. */
gboolean campaigns_members(Database *database, gint64 campaign, CampaignVisit visit, gpointer user, GError **error);
/* Of an account: in the campaigns that run. */
gboolean campaigns_of(Database *database, gint64 account, CampaignVisit visit, gpointer user, GError **error);
gboolean campaigns_add(Database *database, gint64 campaign, gint64 account, guint wave, const char *deadline,
                       const char *over, GError **error);
/* In the campaigns that run, or in one of these alone (`campaign` not 0), unless the password is changed already. How
 * many; -1 with error. */
gint64 campaigns_except(Database *database, gint64 campaign, gint64 account, const char *until, const char *by,
                        const char *reason, GError **error);
gboolean campaigns_mark_changed(Database *database, const CampaignMember *member, const char *time, GError **error);
gboolean campaigns_mark_step(Database *database, const CampaignMember *member, gint64 step, GError **error);
gboolean campaigns_mark_told(Database *database, const CampaignMember *member, gint64 step, const char *time,
                             GError **error);
