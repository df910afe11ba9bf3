/* hangu report observe: what enforcing would have done so far, on one screen. */
#include "config.h"
#include "cmd_report.h"
#include "chain.h"
#include "commands.h"
#include "ledger_query.h"
#include "observed.h"
#include "print.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME "report observe"
/* Lines of each table, so that the whole stays on one screen. */
#define ROWS_SHOWN 5
#define DEPARTMENTS_SHOWN 3
#define CAUSES_SHOWN 4

typedef struct {
    const LedgerQuery *query;
    Observed observed;
} Report;

static gboolean
take_line(const ChainLine *line, gpointer user, GError **error)
{
    Report *report = user;
    if (ledger_query_in_time(report->query, line->record))
        observed_add(&report->observed, line->record);
    return TRUE;
}

static char *
share(guint64 part, guint64 whole)
{
    return whole == 0 ? g_strdup("-") : g_strdup_printf("%.1f %%", 100.0 * (double)part / (double)whole);
}

/* One table: name, letters, refused, held, share of the observed letters that it would stop. */
static void
print_counts(const char *heading, GHashTable *counts, guint shown, gboolean stopped_only, guint64 whole)
{
    const char *const headings[] = {heading,       _(">letters"), _(">refused"), _(">held"),
                                    _(">put off"), _(">of all"),  NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    g_autoptr(GPtrArray) sorted = observed_sorted(counts);
    guint rows = 0, left = 0;
    for (guint i = 0; i < sorted->len; i++) {
        const ObservedCount *count = g_ptr_array_index(sorted, i);
        if (stopped_only && observed_stopped(count) == 0)
            continue;
        if (rows++ >= shown) {
            left++;
            continue;
        }
        g_autofree char *letters = g_strdup_printf("%" PRIu64, count->letters);
        g_autofree char *refused = g_strdup_printf("%" PRIu64, count->rejected);
        g_autofree char *held = g_strdup_printf("%" PRIu64, count->held);
        g_autofree char *put_off = g_strdup_printf("%" PRIu64, count->tempfailed);
        g_autofree char *of_all = share(observed_stopped(count), whole);
        const char *cells[] = {count->name, letters, refused, held, put_off, of_all};
        print_table_add(table,
                        count->rejected > 0           ? PRINT_BAD
                        : observed_stopped(count) > 0 ? PRINT_WARN
                                                      : PRINT_PLAIN,
                        cells);
    }
    if (rows == 0)
        return;
    putchar('\n');
    print_table(table, stdout);
    if (left > 0)
        printf(ngettext("  and %u more\n", "  and %u more\n", left), left);
}

static void
print_summary(const Observed *observed)
{
    const ObservedCount *all = &observed->all;
    guint64 passed = observed->letters - observed_stopped(all);
    g_autofree char *first = ledger_query_local_time(observed->first_time);
    g_autofree char *last = ledger_query_local_time(observed->last_time);
    g_autofree char *accept_share = share(passed, observed->letters);
    g_autofree char *refuse_share = share(all->rejected, observed->letters);
    g_autofree char *hold_share = share(all->held, observed->letters);
    printf(_("%" PRIu64 " letters observed, %s to %s\n"), observed->letters, first, last);
    printf(_("Enforcing would have accepted %" PRIu64 " (%s), refused %" PRIu64 " (%s), held %" PRIu64 " (%s)"), passed,
           accept_share, all->rejected, refuse_share, all->held, hold_share);
    if (all->tempfailed > 0)
        printf(_(", put off %" PRIu64), all->tempfailed);
    putchar('\n');
    if (observed->failed > 0)
        printf(_("%" PRIu64 " letters got no verdict: look at `hangu status` before going live\n"), observed->failed);
    if (observed->carried_out > 0)
        printf(_("%" PRIu64 " more letters fell under rows that are enforced already\n"), observed->carried_out);
}

static void
print_report(const Observed *observed)
{
    if (observed->letters == 0 && observed->failed == 0 && observed->carried_out == 0) {
        puts(_("no letters in this time"));
        return;
    }
    print_summary(observed);
    print_counts(_("policy row"), observed->rows, ROWS_SHOWN, TRUE, observed->letters);
    print_counts(_("department"), observed->departments, DEPARTMENTS_SHOWN, TRUE, observed->letters);
    print_counts(_("cause"), observed->causes, CAUSES_SHOWN, TRUE, observed->letters);
    if (observed_stopped(&observed->all) > 0)
        puts(_("\nThe letters themselves: hangu ledger search --policy ROW, or --rule RULE"));
}

static int
report_ledger(const LedgerQuery *query, gboolean json)
{
    GError *error = NULL;
    Report report = {.query = query};
    ChainSelect select = {.since_us = query->since_us};
    observed_init(&report.observed);
    gboolean read = chain_select(query->directory, &select, take_line, &report, NULL, &error);
    if (read && json)
        print_json(observed_json(&report.observed), stdout);
    else if (read)
        print_report(&report.observed);
    observed_clear(&report.observed);
    return read ? 0 : command_fail(NAME, error);
}

static int
run_observe(int argc, char **argv)
{
    g_auto(LedgerQuery) query = {0};
    gboolean json = FALSE;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("one JSON object instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, &query);
    ledger_query_add_time(context, &query);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("What enforcing would have done to the letters that were only observed: by row of the policy, by\n"
                   "department (domain of the account or sender; of the recipient for letters from outside), and the\n"
                   "commonest causes. Look here before a row goes live."));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1)
        return command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    if (!ledger_query_prepare(&query, &error))
        return command_fail(NAME, error);
    return report_ledger(&query, json);
}

static const Command observe = {"observe", N_("what enforcing would have done so far"), run_observe};
static const Command *const table[] = {&observe, &command_report_passwords, &command_report_logins, NULL};

static int
run(int argc, char **argv)
{
    return command_dispatch("report", table, NULL, argc, argv);
}

const Command command_report = {"report", N_("what happened: observe, passwords, logins"), run};
