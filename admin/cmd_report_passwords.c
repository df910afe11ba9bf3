/* hangu report passwords: for the auditor: whose password is weak or old, who is locked, dormant or not registered, and
 * how much of that is known. */
#include "config.h"
#include "account_desk.h"
#include "campaign_print.h"
#include "clock.h"
#include "cmd_report.h"
#include "csv.h"
#include "password_report.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define NAME "report passwords"
#define DORMANT_DAYS 90
#define DORMANT_MAX 3650

static const char *const problem_titles[REPORT_PROBLEMS] = {N_("weak"),
                                                            N_("old"),
                                                            N_("locked"),
                                                            N_("dormant"),
                                                            N_("never logged in"),
                                                            N_("unregistered"),
                                                            N_("closed but in use")};
static const char *const known_titles[KNOWINGS] = {
    [KNOWN_TRIED] = N_("tried"),
    [KNOWN_WAITING] = N_("waiting to be tried"),
    [KNOWN_UNCHECKABLE] = N_("mechanism not checkable"),
    [KNOWN_NEVER] = N_("never logged in"),
};

static char *
problems_text(guint problems)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < REPORT_PROBLEMS; i++)
        if ((problems >> i & 1) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", _(problem_titles[i]));
    return g_string_free(text, FALSE);
}

static char *
age_text(const ReportRow *row)
{
    if (row->age_days < 0)
        return g_strdup("-");
    return g_strdup_printf(row->age_at_least ? _("at least %d days") : _("%d days"), row->age_days);
}

static char *
idle_text(const ReportRow *row)
{
    return row->idle_days < 0    ? g_strdup(_("never"))
           : row->idle_days == 0 ? g_strdup(_("today"))
                                 : g_strdup_printf(_("%d days ago"), row->idle_days);
}

static void
print_groups(const PasswordReport *report)
{
    const char *const headings[] = {_("unit"),          _("department"),      _(">accounts"), _(">weak"),
                                    _(">old"),          _(">locked"),         _(">dormant"),  _(">never"),
                                    _(">unregistered"), _(">in use, closed"), _(">tried"),    NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    for (guint i = 0; i < report->groups->len; i++) {
        const ReportGroup *group = &g_array_index(report->groups, ReportGroup, i);
        char numbers[REPORT_PROBLEMS + 2][16];
        const char *cells[REPORT_PROBLEMS + 4] = {*group->unit != '\0' ? group->unit : NULL,
                                                  *group->department != '\0' ? group->department : NULL};
        guint bad = 0;
        g_snprintf(numbers[0], sizeof numbers[0], "%u", group->accounts);
        for (guint p = 0; p < REPORT_PROBLEMS; p++) {
            g_snprintf(numbers[p + 1], sizeof numbers[0], "%u", group->problems[p]);
            bad += group->problems[p];
        }
        g_snprintf(numbers[REPORT_PROBLEMS + 1], sizeof numbers[0], "%u", group->known[KNOWN_TRIED]);
        for (guint n = 0; n < REPORT_PROBLEMS + 2; n++)
            cells[n + 2] = numbers[n];
        print_table_add(table,
                        group->problems[0] + group->problems[5] > 0 ? PRINT_BAD
                        : bad > 0                                   ? PRINT_WARN
                                                                    : PRINT_PLAIN,
                        cells);
    }
    print_table(table, stdout);
}

static void
print_accounts(const PasswordReport *report, gboolean all)
{
    const char *const headings[] = {_("account"),  _("department"), _("tier"),      _("problems"),
                                    _("password"), _("last login"), _("knowledge"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    guint rows = 0;
    for (guint i = 0; i < report->rows->len; i++) {
        const ReportRow *row = &g_array_index(report->rows, ReportRow, i);
        if (row->problems == 0 && !all)
            continue;
        g_autofree char *problems = problems_text(row->problems), *age = age_text(row), *idle = idle_text(row);
        const char *tier = account_text(row->account, "tier");
        const char *cells[] = {row->address,
                               *row->department != '\0' ? row->department : NULL,
                               *tier != '\0' ? tier : NULL,
                               problems,
                               age,
                               idle,
                               _(known_titles[row->known])};
        print_table_add(table,
                        (row->problems & (REPORT_WEAK | REPORT_UNREGISTERED | REPORT_CLOSED)) != 0 ? PRINT_BAD
                        : row->problems != 0                                                       ? PRINT_WARN
                                                                                                   : PRINT_PLAIN,
                        cells);
        rows++;
    }
    if (rows == 0)
        return;
    putchar('\n');
    print_table(table, stdout);
}

static void
print_report(const PasswordReport *report, gboolean all)
{
    const ReportGroup *sum = &report->all;
    printf(_("%u accounts; passwords tried against likely ones: %u; waiting to be tried: %u; mechanism not checkable: "
             "%u; never logged in: %u\n\n"),
           sum->accounts, sum->known[KNOWN_TRIED], sum->known[KNOWN_WAITING], sum->known[KNOWN_UNCHECKABLE],
           sum->known[KNOWN_NEVER]);
    if (sum->accounts == 0)
        return;
    print_groups(report);
    print_accounts(report, all);
    puts(_(
        "\nA password that nobody guessed is not a strong one: what a guess misses stays unknown. An age \"at least\" "
        "began\nbefore the first login that hangu-authd saw."));
}

static void
print_csv(const PasswordReport *report)
{
    fputs("account,unit,department,kind,state,tier,problems,knowledge,age_days,age_at_least,idle_days,last_seen\r\n",
          stdout);
    for (guint i = 0; i < report->rows->len; i++) {
        const ReportRow *row = &g_array_index(report->rows, ReportRow, i);
        g_autoptr(GString) problems = g_string_new(NULL);
        char age[16] = "", idle[16] = "";
        for (guint p = 0; p < REPORT_PROBLEMS; p++)
            if ((row->problems >> p & 1) != 0)
                g_string_append_printf(problems, "%s%s", problems->len > 0 ? " " : "", report_problem_word(p));
        if (row->age_days >= 0)
            g_snprintf(age, sizeof age, "%d", row->age_days);
        if (row->idle_days >= 0)
            g_snprintf(idle, sizeof idle, "%d", row->idle_days);
        const char *const cells[] = {row->address,
                                     row->unit,
                                     row->department,
                                     account_text(row->account, "kind"),
                                     account_text(row->account, "state"),
                                     account_text(row->account, "tier"),
                                     problems->str,
                                     report_known_word(row->known),
                                     age,
                                     row->age_at_least ? "yes" : "no",
                                     idle,
                                     account_text(row->password, "last_seen")};
        for (gsize c = 0; c < G_N_ELEMENTS(cells); c++)
            csv_write(stdout, cells[c], c + 1 == G_N_ELEMENTS(cells));
    }
}

static void
print_lines(const PasswordReport *report)
{
    for (guint i = 0; i < report->rows->len; i++)
        print_json(password_report_row_json(&g_array_index(report->rows, ReportRow, i)), stdout);
    for (guint i = 0; i < report->groups->len; i++)
        print_json(password_report_group_json(&g_array_index(report->groups, ReportGroup, i)), stdout);
    print_json(password_report_group_json(&report->all), stdout);
}

typedef struct {
    gboolean all, csv;
    int dormant;
} Options;

/* The members of a campaign whose day is over have an expired password: their accounts are given the day since when
 * a new one is wanted. */
static void
mark_overdue(json_t *accounts, const json_t *campaign, const json_t *rows)
{
    g_autoptr(GHashTable) late = g_hash_table_new(g_str_hash, g_str_equal);
    const char *started = account_text(campaign, "started");
    gsize i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *state = account_text(row, "state");
        if (g_str_equal(state, "overdue") || g_str_equal(state, "refused"))
            g_hash_table_add(late, (gpointer)account_text(row, "account"));
    }
    json_array_foreach(accounts, i, row)
    {
        if (g_hash_table_contains(late, account_text(row, "address")) &&
            strcmp(account_text(row, "new_password"), started) < 0)
            json_object_set_new(row, "new_password", json_string(started));
    }
}

/* The campaigns that run. NULL with error. Gives a reference. */
static json_t *
ask_campaigns(const AccountDesk *desk, json_t *accounts, GError **error)
{
    json_auto_t *all = account_desk_ask(desk, json_pack("{s:s}", "verb", "campaign.list"), error);
    json_auto_t *running = json_array();
    gsize i;
    json_t *one;
    json_array_foreach(all, i, one)
    {
        if (*account_text(one, "stopped") != '\0')
            continue;
        json_auto_t *rows = account_desk_ask(desk,
                                             json_pack("{s:s, s:s, s:b}", "verb", "campaign.show", "name",
                                                       account_text(one, "campaign"), "members", TRUE),
                                             error);
        if (rows == NULL)
            return NULL;
        mark_overdue(accounts, one, rows);
        json_array_append(running, one);
    }
    return all != NULL ? json_incref(running) : NULL;
}

static void
print_campaigns(const json_t *campaigns, gboolean json)
{
    gsize i;
    json_t *one;
    if (!json && json_array_size(campaigns) > 0)
        printf(_("\nCampaigns that run (hangu passwd campaign show NAME tells more):\n"));
    json_array_foreach(campaigns, i, one)
    {
        if (json)
            print_json(json_incref(one), stdout);
        else
            campaign_print_head(one);
    }
}

static int
show(const AccountDesk *desk, const Options *options)
{
    GError *error = NULL;
    json_auto_t *accounts = account_desk_ask(desk, json_pack("{s:s}", "verb", "list"), &error);
    json_auto_t *passwords =
        accounts != NULL ? account_desk_ask(desk, json_pack("{s:s}", "verb", "passwords"), &error) : NULL;
    json_auto_t *locks = passwords != NULL ? account_desk_ask(desk, json_pack("{s:s}", "verb", "locks"), &error) : NULL;
    json_auto_t *campaigns = locks != NULL ? ask_campaigns(desk, accounts, &error) : NULL;
    if (campaigns == NULL)
        return command_fail(NAME, error);
    g_auto(PasswordReport) report = {0};
    password_report_make(&report, accounts, passwords, locks, options->dormant, clock_wall_us());
    if (desk->json)
        print_lines(&report);
    else if (options->csv)
        print_csv(&report);
    else
        print_report(&report, options->all);
    if (!options->csv)
        print_campaigns(campaigns, desk->json);
    return 0;
}

static int
run(int argc, char **argv)
{
    g_auto(AccountDesk) desk = {0};
    Options options = {.dormant = DORMANT_DAYS};
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_("accounts without a problem, too"), NULL},
        {"dormant", 0, 0, G_OPTION_ARG_INT, &options.dormant, N_("days without a login that count as dormant; 90"),
         N_("DAYS")},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("comma-separated, a line for each account"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    account_desk_add_options(context, &desk, FALSE);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Whose password is weak or older than its tier allows, who is locked, dormant or not registered: by unit\n"
          "and department, then account by account, and how much of it is known. hangu-authd never sees a\n"
          "password: it tries likely ones under the hash that Dovecot sends, once for each new password."));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1)
        return command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    if (options.dormant < 1 || options.dormant > DORMANT_MAX)
        return command_usage(NAME, "%s", _("--dormant: between 1 and 3650 days"));
    if (options.csv && desk.json)
        return command_usage(NAME, "%s", _("--csv or --json, not both"));
    return account_desk_open(&desk, &error) ? show(&desk, &options) : command_fail(NAME, error);
}

const Command command_report_passwords = {"passwords", N_("weak, old, locked, dormant, unregistered: by department"),
                                          run};
