/* hangu ledger: verify, head, export; search has a file of its own. */
#include "config.h"
#include "cmd_ledger.h"
#include "chain_show.h"
#include "commands.h"
#include "errors.h"
#include "ledger_query.h"
#include "print.h"
#include <glib/gi18n.h>
#include <stdio.h>

static int
no_more_words(const char *name, int argc, char **argv)
{
    return argc > 1 ? command_usage(name, _("unexpected word \"%s\""), argv[1]) : 0;
}

/* --- verify -------------------------------------------------------------------------------------------------- */

static int
run_verify(int argc, char **argv)
{
    g_auto(LedgerQuery) query = {0};
    char *head_option = NULL;
    gboolean json = FALSE, quiet = FALSE;
    GError *error = NULL;
    const GOptionEntry entries[] = {
        {"head", 0, 0, G_OPTION_ARG_STRING, &head_option, N_("a head that was noted earlier"), N_("SEQ:HASH")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("one JSON object instead of text"), NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, N_("print nothing; the exit status tells"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, &query);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("Reads the whole ledger and names the first line that was changed, removed, reordered or inserted.\n"
                   "A cut end and a chain computed anew show only against a head that was noted earlier.\n"
                   "Exit status: 0 good, 1 something is wrong, 64-78 it could not be read."));
    int status = command_parse("ledger verify", context, &argc, &argv);
    g_autofree char *head = head_option;
    if (status == 0)
        status = no_more_words("ledger verify", argc, argv);
    if (status != 0)
        return status;
    if (!ledger_query_prepare(&query, &error))
        return command_fail("ledger verify", error);
    status = chain_show_verify(query.directory, head, json, quiet, &error);
    return status < 0 ? command_fail("ledger verify", error) : status;
}

/* --- head ---------------------------------------------------------------------------------------------------- */

static int
print_head(const LedgerQuery *query, gboolean json)
{
    GError *error = NULL;
    g_auto(ChainTail) tail = {0};
    if (!chain_tail(query->directory, &tail, &error))
        return command_fail("ledger head", error);
    g_autofree char *head = chain_head_format(&tail.head);
    if (json)
        print_json(json_pack("{s:i, s:s, s:I, s:s, s:s?}", "v", 1, "head", head, "seq", (json_int_t)tail.head.seq,
                             "hash", tail.head.hash, "time", json_string_value(json_object_get(tail.record, "time"))),
                   stdout);
    else
        puts(head);
    return 0;
}

static int
run_head(int argc, char **argv)
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
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, _("Prints number and hash of the last record. Write it down outside this "
                                            "machine: `hangu ledger verify --head`\nthen shows whether the end was cut "
                                            "off or the chain was computed anew."));
    int status = command_parse("ledger head", context, &argc, &argv);
    if (status == 0)
        status = no_more_words("ledger head", argc, argv);
    if (status != 0)
        return status;
    if (!ledger_query_prepare(&query, &error))
        return command_fail("ledger head", error);
    return print_head(&query, json);
}

/* --- export -------------------------------------------------------------------------------------------------- */

static gboolean
export_line(const ChainLine *line, gpointer user, GError **error)
{
    if (!ledger_query_in_time(user, line->record))
        return TRUE;
    if (fwrite(line->bytes, 1, line->length, stdout) == line->length && putchar('\n') != EOF)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, _("the lines could not be written"));
    return FALSE;
}

static int
run_export(int argc, char **argv)
{
    g_auto(LedgerQuery) query = {0};
    GError *error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    ledger_query_add_place(context, &query);
    ledger_query_add_time(context, &query);
    g_option_context_set_summary(
        context,
        _("Writes the lines of the ledger unchanged to standard output, oldest first, one JSON object each.\n"
          "Each still carries the hash of the line before, so that an excerpt can be held against the whole."));
    int status = command_parse("ledger export", context, &argc, &argv);
    if (status == 0)
        status = no_more_words("ledger export", argc, argv);
    if (status != 0)
        return status;
    if (!ledger_query_prepare(&query, &error))
        return command_fail("ledger export", error);
    ChainSelect select = {.since_us = query.since_us};
    if (!chain_select(query.directory, &select, export_line, &query, NULL, &error))
        return command_fail("ledger export", error);
    return 0;
}

/* --- the table ----------------------------------------------------------------------------------------------- */

static const Command verify = {"verify", N_("is the ledger whole and unchanged?"), run_verify};
static const Command search = {"search", N_("find records by time, sender, recipient, rule, level ..."),
                               cmd_ledger_search};
static const Command export = {"export", N_("write the lines of a time unchanged"), run_export};
static const Command head = {"head", N_("number and hash of the last record, to be noted outside"), run_head};
static const Command *const table[] = {&verify, &search, &export, &head, NULL};

static int
run(int argc, char **argv)
{
    return command_dispatch("ledger", table, NULL, argc, argv);
}

const Command command_ledger = {"ledger", N_("the audit log: verify, search, export, head"), run};
