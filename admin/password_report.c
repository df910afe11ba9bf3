/* Joining by address; everything is counted while rows are made. */
#include "config.h"
#include "password_report.h"
#include "account_desk.h"
#include "clock.h"
#include "tier.h"
#include <string.h>

#define DAY_US (24 * 3600 * (gint64)G_USEC_PER_SEC)

static const char *const problem_words[REPORT_PROBLEMS] = {"weak",  "old",          "locked",           "dormant",
                                                           "never", "unregistered", "closed-but-in-use"};
static const char *const known_words[KNOWINGS] = {"tried", "waiting", "uncheckable", "never"};

const char *
report_problem_word(guint index)
{
    return problem_words[index < REPORT_PROBLEMS ? index : 0];
}

const char *
report_known_word(ReportKnown known)
{
    return known_words[known < KNOWINGS ? known : KNOWN_NEVER];
}

static gint64
time_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    return time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time) : 0;
}

static int
days_since(gint64 when_us, gint64 now_us)
{
    return when_us <= 0 ? -1 : (int)(MAX(now_us - when_us, 0) / DAY_US);
}

static gboolean
is_word(const json_t *row, const char *name, const char *word)
{
    return g_strcmp0(json_string_value(json_object_get(row, name)), word) == 0;
}

/* --- one account -------------------------------------------------------------------------------------------------- */

static ReportKnown
known_of(const json_t *password)
{
    if (password == NULL)
        return KNOWN_NEVER;
    if (is_word(password, "verdict", "tried") || is_word(password, "verdict", "weak"))
        return KNOWN_TRIED;
    return is_word(password, "verdict", "uncheckable") ? KNOWN_UNCHECKABLE : KNOWN_WAITING;
}

static guint
password_problems(const ReportRow *row, gint64 now_us)
{
    const Tier tier = tier_from_word(account_text(row->account, "tier"));
    const TierRow *strength = tier_row(tier < TIERS ? tier : TIER_BASE);
    const gint64 since = time_of(row->password, "since"), asked = time_of(row->account, "new_password");
    guint problems = is_word(row->password, "verdict", "weak") ? REPORT_WEAK : 0;
    if (strength->age_days > 0 && since > 0 && now_us - since >= strength->age_days * DAY_US)
        problems |= REPORT_OLD;
    return asked > since && since > 0 ? problems | REPORT_OLD : problems;
}

static guint
use_problems(const ReportRow *row, int dormant_days, gint64 now_us)
{
    const gboolean in_use = row->password != NULL;
    if (row->account == NULL)
        return REPORT_UNREGISTERED;
    if (is_word(row->account, "state", "requested")) {
        const gint64 deadline = time_of(row->account, "deadline");
        return in_use && (deadline == 0 || now_us >= deadline) ? REPORT_UNREGISTERED : 0;
    }
    if (is_word(row->account, "state", "approved"))
        return in_use ? REPORT_UNREGISTERED : 0;
    if (!is_word(row->account, "state", "open"))
        return in_use && time_of(row->password, "last_seen") > time_of(row->account, "changed") ? REPORT_CLOSED : 0;
    if (is_word(row->account, "kind", "administrator"))
        return 0; /* has no mailbox to log in to */
    if (!in_use)
        return REPORT_NEVER;
    return row->idle_days >= dormant_days ? REPORT_DORMANT : 0;
}

static ReportGroup *
group_of(PasswordReport *report, GHashTable *index, const ReportRow *row)
{
    g_autofree char *key = g_strdup_printf("%s\n%s", row->unit, row->department);
    gpointer place = NULL;
    if (!g_hash_table_lookup_extended(index, key, NULL, &place)) {
        const ReportGroup group = {.unit = row->unit, .department = row->department};
        place = GUINT_TO_POINTER(report->groups->len);
        g_hash_table_insert(index, g_steal_pointer(&key), place);
        g_array_append_val(report->groups, group);
    }
    return &g_array_index(report->groups, ReportGroup, GPOINTER_TO_UINT(place));
}

static void
count(ReportGroup *group, const ReportRow *row)
{
    group->accounts++;
    group->known[row->known]++;
    for (guint i = 0; i < REPORT_PROBLEMS; i++)
        group->problems[i] += (row->problems >> i) & 1;
}

typedef struct {
    PasswordReport *report;
    GHashTable *groups, *locked;
    int dormant_days;
    gint64 now_us;
} Making;

static void
add(Making *making, const json_t *account, const json_t *password)
{
    ReportRow row = {.account = account, .password = password, .age_days = -1, .idle_days = -1};
    row.address = account_text(account != NULL ? account : password, account != NULL ? "address" : "account");
    row.unit = account_text(account, "unit");
    row.department = account_text(account, "department");
    row.known = known_of(password);
    if (password != NULL) {
        row.age_days = days_since(time_of(password, "since"), making->now_us);
        row.age_at_least = !json_is_true(json_object_get(password, "age_known"));
        row.idle_days = days_since(time_of(password, "last_seen"), making->now_us);
        row.problems = password_problems(&row, making->now_us);
    }
    row.problems |= use_problems(&row, making->dormant_days, making->now_us);
    if (g_hash_table_contains(making->locked, row.address))
        row.problems |= REPORT_LOCKED;
    if (account != NULL && row.problems == 0 && (is_word(account, "state", "closed")))
        return;
    g_array_append_val(making->report->rows, row);
    count(group_of(making->report, making->groups, &row), &row);
    count(&making->report->all, &row);
}

static int
compare_rows(gconstpointer a, gconstpointer b)
{
    const ReportRow *one = a, *other = b;
    int order = (other->problems != 0) - (one->problems != 0);
    if (order == 0)
        order = strcmp(one->unit, other->unit);
    if (order == 0)
        order = strcmp(one->department, other->department);
    return order != 0 ? order : strcmp(one->address, other->address);
}

static int
compare_groups(gconstpointer a, gconstpointer b)
{
    const ReportGroup *one = a, *other = b;
    int order = strcmp(one->unit, other->unit);
    return order != 0 ? order : strcmp(one->department, other->department);
}

void
password_report_make(PasswordReport *report, const json_t *accounts, const json_t *passwords, const json_t *locks,
                     int dormant_days, gint64 now_us)
{
    g_autoptr(GHashTable) groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) locked = g_hash_table_new(g_str_hash, g_str_equal);
    Making making = {report, groups, locked, dormant_days, now_us};
    gsize i;
    const json_t *row;
    memset(report, 0, sizeof *report);
    report->rows = g_array_new(FALSE, TRUE, sizeof(ReportRow));
    report->groups = g_array_new(FALSE, TRUE, sizeof(ReportGroup));
    report->all.unit = report->all.department = "";
    json_array_foreach(locks, i, row) g_hash_table_add(locked, (gpointer)account_text(row, "account"));
    json_array_foreach(passwords, i, row)
        g_hash_table_insert(seen, (gpointer)account_text(row, "account"), (gpointer)row);
    json_array_foreach(accounts, i, row)
    {
        add(&making, row, g_hash_table_lookup(seen, account_text(row, "address")));
        g_hash_table_remove(seen, account_text(row, "address"));
    }
    json_array_foreach(passwords, i, row)
    {
        if (g_hash_table_contains(seen, account_text(row, "account")))
            add(&making, NULL, row);
    }
    g_array_sort(report->rows, compare_rows);
    g_array_sort(report->groups, compare_groups);
}

void
password_report_clear(PasswordReport *report)
{
    g_clear_pointer(&report->rows, g_array_unref);
    g_clear_pointer(&report->groups, g_array_unref);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static json_t *
days(int value)
{
    return value >= 0 ? json_integer(value) : json_null();
}

json_t *
password_report_row_json(const ReportRow *row)
{
    json_t *problems = json_array();
    for (guint i = 0; i < REPORT_PROBLEMS; i++)
        if ((row->problems >> i & 1) != 0)
            json_array_append_new(problems, json_string(problem_words[i]));
    return json_pack("{s:i, s:s, s:s, s:s, s:O?, s:O?, s:O?, s:o, s:s, s:o, s:b, s:o, s:O?, s:O?}", "v", 1, "account",
                     row->address, "unit", row->unit, "department", row->department, "kind",
                     json_object_get(row->account, "kind"), "state", json_object_get(row->account, "state"), "tier",
                     json_object_get(row->account, "tier"), "problems", problems, "knowledge",
                     report_known_word(row->known), "age_days", days(row->age_days), "age_at_least", row->age_at_least,
                     "idle_days", days(row->idle_days), "mechanism", json_object_get(row->password, "mechanism"),
                     "last_seen", json_object_get(row->password, "last_seen"));
}

json_t *
password_report_group_json(const ReportGroup *group)
{
    json_t *object = json_pack("{s:i, s:s, s:s, s:i}", "v", 1, "unit", group->unit, "department", group->department,
                               "accounts", (int)group->accounts);
    json_t *known = json_object();
    for (guint i = 0; i < REPORT_PROBLEMS; i++)
        json_object_set_new(object, problem_words[i], json_integer(group->problems[i]));
    for (guint i = 0; i < KNOWINGS; i++)
        json_object_set_new(known, known_words[i], json_integer(group->known[i]));
    json_object_set_new(object, "coverage", known);
    return object;
}
