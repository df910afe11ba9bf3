/* hangu report logins: for the auditor: who logged in, from how many networks, who failed, was locked out, let in
 * again. */
#include "config.h"
#include "chain.h"
#include "cmd_report.h"
#include "csv.h"
#include "ledger_query.h"
#include "login_report.h"
#include "print.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME "report logins"

typedef struct {
    const LedgerQuery *query;
    LoginReport report;
} Reading;

typedef struct {
    gboolean json, csv, all;
} Options;

static gboolean
take_line(const ChainLine *line, gpointer user, GError **error)
{
    Reading *reading = user;
    if (ledger_query_in_time(reading->query, line->record))
        login_report_add(&reading->report, line->record);
    return TRUE;
}

#define NUMBERS 8
static void
numbers_of(const LoginCount *count, char numbers[NUMBERS][24])
{
    const guint64 values[NUMBERS] = {count->good,   count->failed,   count->observed, count->refused,
                                     count->locked, count->unlocked, count->changed,  count->alerts};
    for (guint i = 0; i < NUMBERS; i++)
        g_snprintf(numbers[i], 24, "%" PRIu64, values[i]);
}

static PrintStyle
style_of(const LoginCount *count)
{
    return count->locked > 0 || count->alerts > 0 ? PRINT_BAD
           : count->failed + count->refused > 0   ? PRINT_WARN
                                                  : PRINT_PLAIN;
}

static void
print_departments(const LoginReport *report)
{
    const char *const headings[] = {_("department"), _(">logins"), _(">failed"),   _(">would be refused"),
                                    _(">refused"),   _(">locks"),  _(">unlocked"), _(">passwords changed"),
                                    _(">alerts"),    NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    g_autoptr(GPtrArray) departments = login_report_departments(report);
    for (guint i = 0; i < departments->len; i++) {
        const LoginCount *count = g_ptr_array_index(departments, i);
        char numbers[NUMBERS][24];
        const char *cells[NUMBERS + 1] = {*count->department != '\0' ? count->department : NULL};
        numbers_of(count, numbers);
        for (guint n = 0; n < NUMBERS; n++)
            cells[n + 1] = numbers[n];
        print_table_add(table, style_of(count), cells);
    }
    print_table(table, stdout);
}

static char *
keys_text(GHashTable *set)
{
    GString *text = g_string_new(NULL);
    g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(set), (GCompareFunc)strcmp);
    for (const GList *key = keys; key != NULL; key = key->next)
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", (const char *)key->data);
    return g_string_free(text, FALSE);
}

/* Accounts with failures, locks or alerts; all of them if asked. */
static void
print_accounts(const LoginReport *report, gboolean all)
{
    const char *const headings[] = {_("account"), _("department"), _(">logins"),    _(">failed"),    _(">locks"),
                                    _(">alerts"), _(">networks"),  _("mechanisms"), _("last login"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    g_autoptr(GPtrArray) sorted = login_report_sorted(report);
    guint rows = 0;
    for (guint i = 0; i < sorted->len; i++) {
        const LoginCount *count = g_ptr_array_index(sorted, i);
        if (!all && style_of(count) == PRINT_PLAIN)
            continue;
        char numbers[NUMBERS][24], networks[24];
        numbers_of(count, numbers);
        g_snprintf(networks, sizeof networks, "%u", g_hash_table_size(count->networks));
        g_autofree char *mechanisms = keys_text(count->mechanisms);
        g_autofree char *last = *count->last_good != '\0' ? ledger_query_local_time(count->last_good) : NULL;
        const char *cells[] = {count->account,
                               *count->department != '\0' ? count->department : NULL,
                               numbers[0],
                               numbers[1],
                               numbers[4],
                               numbers[7],
                               networks,
                               mechanisms,
                               last};
        print_table_add(table, style_of(count), cells);
        rows++;
    }
    if (rows == 0)
        return;
    putchar('\n');
    print_table(table, stdout);
}

static void
print_report(const LoginReport *report, gboolean all)
{
    if (report->records == 0) {
        puts(_("no logins in this time: does hangu-authd run, and does Dovecot ask it? See hangu status"));
        return;
    }
    g_autofree char *first = ledger_query_local_time(report->first);
    g_autofree char *last = ledger_query_local_time(report->last);
    printf(_("%u accounts, %s to %s\n"), g_hash_table_size(report->accounts), first, last);
    if (report->lost > 0)
        printf(_("%" PRIu64 " events were lost on their way to the ledger: the numbers are too low\n"), report->lost);
    putchar('\n');
    print_departments(report);
    print_accounts(report, all);
    puts(_("\nThe events themselves: hangu ledger search --kind login"));
}

static void
print_csv(const LoginReport *report)
{
    fputs(
        "account,department,ok,failed,observed,refused,locked,unlocked,changed,alerts,networks,mechanisms,last_ok\r\n",
        stdout);
    g_autoptr(GPtrArray) sorted = login_report_sorted(report);
    for (guint i = 0; i < sorted->len; i++) {
        const LoginCount *count = g_ptr_array_index(sorted, i);
        char numbers[NUMBERS][24], networks[24];
        numbers_of(count, numbers);
        g_snprintf(networks, sizeof networks, "%u", g_hash_table_size(count->networks));
        g_autofree char *mechanisms = keys_text(count->mechanisms);
        csv_write(stdout, count->account, FALSE);
        csv_write(stdout, count->department, FALSE);
        for (guint n = 0; n < NUMBERS; n++)
            csv_write(stdout, numbers[n], FALSE);
        csv_write(stdout, networks, FALSE);
        csv_write(stdout, mechanisms, FALSE);
        csv_write(stdout, count->last_good, TRUE);
    }
}

static void
print_lines(const LoginReport *report)
{
    g_autoptr(GPtrArray) sorted = login_report_sorted(report), departments = login_report_departments(report);
    for (guint i = 0; i < sorted->len; i++)
        print_json(login_count_json(g_ptr_array_index(sorted, i)), stdout);
    for (guint i = 0; i < departments->len; i++)
        print_json(login_count_json(g_ptr_array_index(departments, i)), stdout);
    print_json(json_pack("{s:i, s:I, s:I, s:s?, s:s?}", "v", 1, "records", (json_int_t)report->records, "lost",
                         (json_int_t)report->lost, "first", *report->first != '\0' ? report->first : NULL, "last",
                         *report->last != '\0' ? report->last : NULL),
               stdout);
}

static int
show(const LedgerQuery *query, const Options *options)
{
    GError *error = NULL;
    Reading reading = {.query = query};
    ChainSelect select = {.since_us = query->since_us};
    login_report_init(&reading.report);
    const gboolean read = chain_select(query->directory, &select, take_line, &reading, NULL, &error);
    if (read && options->json)
        print_lines(&reading.report);
    else if (read && options->csv)
        print_csv(&reading.report);
    else if (read)
        print_report(&reading.report, options->all);
    login_report_clear(&reading.report);
    return read ? 0 : command_fail(NAME, error);
}

static int
run(int argc, char **argv)
{
    g_auto(LedgerQuery) query = {0};
    Options options = {FALSE, FALSE, FALSE};
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_("accounts without failures, too"), NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("comma-separated, a line for each account"), NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object per line"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, &query);
    ledger_query_add_time(context, &query);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("Who logged in and who failed, was refused, locked out and let in again, by department and account, "
                   "from how\n"
                   "many networks and by which mechanisms; from the audit log, which a verifier can check."));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1)
        return command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    if (options.csv && options.json)
        return command_usage(NAME, "%s", _("--csv or --json, not both"));
    return ledger_query_prepare(&query, &error) ? show(&query, &options) : command_fail(NAME, error);
}

const Command command_report_logins = {"logins", N_("logins, failures, locks: by department and account"), run};
