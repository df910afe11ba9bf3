/* Rows of campaigns and their members. */
#include "config.h"
#include "campaigns.h"
#include "errors.h"

static const char *const migrations[] = {
    "CREATE TABLE campaigns (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, reason TEXT NOT NULL,"
    "  begins TEXT NOT NULL, ends TEXT NOT NULL, selection TEXT NOT NULL, uncovered TEXT NOT NULL,"
    "  approver TEXT NOT NULL, started TEXT NOT NULL, started_by TEXT NOT NULL, stopped TEXT, stopped_by TEXT,"
    "  stop_reason TEXT) STRICT;"
    "CREATE TABLE campaign_members (campaign INTEGER NOT NULL REFERENCES campaigns (number),"
    "  account INTEGER NOT NULL REFERENCES accounts (number), wave INTEGER NOT NULL, deadline TEXT NOT NULL,"
    "  over TEXT NOT NULL, changed TEXT, told TEXT, exempt_until TEXT, exempt_by TEXT, exempt_why TEXT,"
    "  step INTEGER NOT NULL, told_step INTEGER NOT NULL, PRIMARY KEY (campaign, account)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX campaign_members_account ON campaign_members (account);",
    NULL,
};

gboolean
campaigns_migrate(Database *database, GError **error)
{
    return database_migrate(database, "campaigns", migrations, error);
}

/* --- campaigns ------------------------------------------------------------------------------------------------ */

Campaign *
campaign_new(void)
{
    return g_new0(Campaign, 1);
}

void
campaign_free(Campaign *campaign)
{
    if (campaign == NULL)
        return;
    char *const texts[] = {campaign->name,       campaign->reason,    campaign->begins,     campaign->ends,
                           campaign->selection,  campaign->uncovered, campaign->approver,   campaign->started,
                           campaign->started_by, campaign->stopped,   campaign->stopped_by, campaign->stop_reason};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_free(campaign);
}

#define COLUMNS                                                                                              \
    "name, reason, begins, ends, selection, uncovered, approver, started, started_by, stopped, stopped_by, " \
    "stop_reason"

static Campaign *
read_campaign(const Statement *row)
{
    Campaign *campaign = campaign_new();
    char **const texts[] = {&campaign->name,       &campaign->reason,    &campaign->begins,     &campaign->ends,
                            &campaign->selection,  &campaign->uncovered, &campaign->approver,   &campaign->started,
                            &campaign->started_by, &campaign->stopped,   &campaign->stopped_by, &campaign->stop_reason};
    campaign->number = statement_integer(row, 0);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = g_strdup(statement_text(row, (int)i + 1));
    return campaign;
}

gboolean
campaigns_insert(Database *database, Campaign *campaign, GError **error)
{
    g_autoptr(Statement) there =
        database_query(database, error, "SELECT 1 FROM campaigns WHERE name = ?", "t", campaign->name);
    int got = there != NULL ? statement_step(there, error) : -1;
    if (got == 1)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "there was a campaign %s already; choose another name",
                    campaign->name);
    if (got != 0)
        return FALSE;
    if (!database_run(
            database, error, "INSERT INTO campaigns (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "tttttttttttt", campaign->name, campaign->reason, campaign->begins, campaign->ends, campaign->selection,
            campaign->uncovered, campaign->approver, campaign->started, campaign->started_by, NULL, NULL, NULL))
        return FALSE;
    campaign->number = database_last_number(database);
    return TRUE;
}

GPtrArray *
campaigns_all(Database *database, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)campaign_free);
    g_autoptr(Statement) rows =
        database_query(database, error, "SELECT number, " COLUMNS " FROM campaigns ORDER BY number DESC", "");
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1)
        g_ptr_array_add(all, read_campaign(rows));
    return got == 0 ? g_steal_pointer(&all) : NULL;
}

Campaign *
campaigns_get(Database *database, const char *name, GError **error)
{
    g_autoptr(Statement) row =
        database_query(database, error, "SELECT number, " COLUMNS " FROM campaigns WHERE name = ?", "t", name);
    int got = row != NULL ? statement_step(row, error) : -1;
    if (got == 1)
        return read_campaign(row);
    g_autoptr(GPtrArray) all = got == 0 ? campaigns_all(database, error) : NULL;
    if (all == NULL)
        return NULL;
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < MIN(all->len, 8); i++)
        g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", ((const Campaign *)g_ptr_array_index(all, i))->name);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "there is no campaign %s; there %s %s", name,
                all->len == 0 ? "is" : "are", all->len == 0 ? "none so far" : names->str);
    return NULL;
}

gboolean
campaigns_stop(Database *database, gint64 campaign, const char *time, const char *by, const char *reason,
               GError **error)
{
    return database_run(database, error,
                        "UPDATE campaigns SET stopped = ?, stopped_by = ?, stop_reason = ? WHERE number = ?", "ttti",
                        time, by, reason, campaign);
}

/* --- members -------------------------------------------------------------------------------------------------- */

#define MEMBERS                                                                                               \
    "SELECT m.campaign, m.account, m.wave, c.name, c.begins, c.started, a.address, ifnull(a.unit, ''),"       \
    " ifnull(a.department, ''), a.state, m.deadline, m.over, m.changed, m.told, m.exempt_until, m.exempt_by," \
    " m.exempt_why, m.step, m.told_step FROM campaign_members m JOIN campaigns c ON c.number = m.campaign"    \
    " JOIN accounts a ON a.number = m.account "

static gboolean
visit_all(Statement *owned, CampaignVisit visit, gpointer user, GError **error)
{
    g_autoptr(Statement) rows = owned;
    int got = -1;
    while (rows != NULL && (got = statement_step(rows, error)) == 1) {
        const CampaignMember member = {
            .campaign = statement_integer(rows, 0),
            .account = statement_integer(rows, 1),
            .wave = statement_integer(rows, 2),
            .name = statement_text(rows, 3),
            .begins = statement_text(rows, 4),
            .started = statement_text(rows, 5),
            .address = statement_text(rows, 6),
            .unit = statement_text(rows, 7),
            .department = statement_text(rows, 8),
            .state = statement_text(rows, 9),
            .deadline = statement_text(rows, 10),
            .over = statement_text(rows, 11),
            .changed = statement_text(rows, 12),
            .told = statement_text(rows, 13),
            .exempt_until = statement_text(rows, 14),
            .exempt_by = statement_text(rows, 15),
            .exempt_why = statement_text(rows, 16),
            .step = statement_integer(rows, 17),
            .told_step = statement_integer(rows, 18),
        };
        if (!visit(&member, user, error))
            return FALSE;
    }
    return got == 0;
}

gboolean
campaigns_members(Database *database, gint64 campaign, CampaignVisit visit, gpointer user, GError **error)
{
    return visit_all(database_query(database, error,
                                    MEMBERS "WHERE m.campaign = ? ORDER BY m.wave, a.unit, a.department, a.address",
                                    "i", campaign),
                     visit, user, error);
}

gboolean
campaigns_of(Database *database, gint64 account, CampaignVisit visit, gpointer user, GError **error)
{
    return visit_all(database_query(database, error,
                                    MEMBERS "WHERE m.account = ? AND c.stopped IS NULL ORDER BY m.over", "i", account),
                     visit, user, error);
}

gboolean
campaigns_add(Database *database, gint64 campaign, gint64 account, guint wave, const char *deadline, const char *over,
              GError **error)
{
    return database_run(database, error,
                        "INSERT INTO campaign_members (campaign, account, wave, deadline, over, step, told_step)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
                        "iiittii", campaign, account, (gint64)wave, deadline, over, (gint64)CAMPAIGNS_NO_STEP,
                        (gint64)CAMPAIGNS_NO_STEP);
}

gint64
campaigns_except(Database *database, gint64 campaign, gint64 account, const char *until, const char *by,
                 const char *reason, GError **error)
{
    return database_run(database, error,
                        "UPDATE campaign_members SET exempt_until = ?3, exempt_by = ?4, exempt_why = ?5"
                        " WHERE account = ?2 AND changed IS NULL AND (?1 = 0 OR campaign = ?1)"
                        " AND campaign IN (SELECT number FROM campaigns WHERE stopped IS NULL)",
                        "iittt", campaign, account, until, by, reason)
               ? database_changes(database)
               : -1;
}

gboolean
campaigns_mark_changed(Database *database, const CampaignMember *member, const char *time, GError **error)
{
    return database_run(database, error, "UPDATE campaign_members SET changed = ? WHERE campaign = ? AND account = ?",
                        "tii", time, member->campaign, member->account);
}

gboolean
campaigns_mark_step(Database *database, const CampaignMember *member, gint64 step, GError **error)
{
    return database_run(database, error, "UPDATE campaign_members SET step = ? WHERE campaign = ? AND account = ?",
                        "iii", step, member->campaign, member->account);
}

gboolean
campaigns_mark_told(Database *database, const CampaignMember *member, gint64 step, const char *time, GError **error)
{
    return database_run(database, error,
                        "UPDATE campaign_members SET told_step = ?, told = ? WHERE campaign = ? AND account = ?",
                        "itii", step, time, member->campaign, member->account);
}
