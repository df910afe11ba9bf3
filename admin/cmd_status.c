/* hangu status: is it running, what did it do today, does all mail pass? */
#include "config.h"
#include "authd_client.h"
#include "chain.h"
#include "commands.h"
#include "errors.h"
#include "gate_client.h"
#include "ledger.h"
#include "ledger_query.h"
#include "print.h"
#include "status.h"
#include <glib/gi18n.h>

#define NAME "status"
#define AUTHD_PATIENCE_US (12 * G_USEC_PER_SEC) /* it asks doveconf, which has 10 s */
#define LEDGER_PATIENCE_US (2 * G_USEC_PER_SEC)

static char *
take_message(GError **error)
{
    char *message = g_strdup((*error)->message);
    g_clear_error(error);
    return message;
}

typedef struct {
    const LedgerQuery *query;
    json_t *counts;
} Count;

static void
count_one(json_t *counts, const char *key)
{
    json_int_t so_far = json_integer_value(json_object_get(counts, key));
    json_object_set_new(counts, key, json_integer(so_far + 1));
}

static gboolean
count_letter(const ChainLine *line, gpointer user, GError **error)
{
    Count *count = user;
    const char *kind = json_string_value(json_object_get(line->record, "kind"));
    const char *verdict = json_string_value(json_object_get(line->record, "verdict"));
    if (g_strcmp0(kind, "letter") != 0 || !ledger_query_in_time(count->query, line->record))
        return TRUE;
    count_one(count->counts, "total");
    count_one(count->counts, verdict != NULL ? verdict : "no-verdict");
    return TRUE;
}

static void
read_today(Status *status)
{
    GError *error = NULL;
    g_auto(LedgerQuery) query = {.directory = g_strdup(status->settings->ledger_dir), .since = g_strdup("today")};
    Count count = {&query, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "total", 0, "accept", 0, "hold", 0, "reject", 0,
                                     "tempfail", 0, "no-verdict", 0)};
    gboolean good = ledger_query_prepare(&query, &error);
    const ChainSelect today = {.since_us = query.since_us};
    if (good && chain_select(query.directory, &today, count_letter, &count, NULL, &error)) {
        status->today = count.counts;
        return;
    }
    json_decref(count.counts);
    status->today_error = take_message(&error);
}

static gboolean
take_row(const json_t *row, gpointer user)
{
    Status *status = user;
    if (status->authd == NULL)
        status->authd = json_deep_copy(row);
    return TRUE;
}

/* Away is a fault only where the gate asks it. */
static void
ask_authd(Status *status)
{
    GError *error = NULL;
    const Settings *settings = status->settings;
    if (*settings->accounts_policy_listen == '\0')
        return;
    if (!settings->accounts_ask && !g_file_test(settings->accounts_socket, G_FILE_TEST_EXISTS))
        return;
    g_autoptr(AuthdClient) client = authd_client_new(settings->accounts_socket);
    json_auto_t *call = json_pack("{s:s}", "verb", "login-status");
    if (!authd_call(client, call, g_get_monotonic_time() + AUTHD_PATIENCE_US, take_row, status, &error))
        status->authd_error = take_message(&error);
}

static void
ask_daemons(Status *status)
{
    GError *error = NULL;
    status->gate = gate_client_status(status->settings->control_socket, &error);
    if (status->gate == NULL)
        status->gate_error = take_message(&error);
    g_autoptr(LedgerClient) client = ledger_client_new(status->settings->ledger_socket);
    status->ledger = ledger_status(client, g_get_monotonic_time() + LEDGER_PATIENCE_US, &error);
    if (status->ledger == NULL)
        status->ledger_error = take_message(&error);
}

/* A machine without Postfix (the gate may serve another one) is no fault, unless its configuration was asked for. */
static void
read_postfix(Status *status)
{
    GError *error = NULL;
    g_auto(PostfixSetup) setup = {0};
    if (postfix_setup_read(status->postfix_config, &setup, &error))
        status->ways = ways_out_find(&setup, status->settings);
    else
        status->ways_error = take_message(&error);
}

static int
find_out(Status *status)
{
    GError *error = NULL;
    g_autoptr(Problems) problems = problems_new();
    status->troubles = g_ptr_array_new_with_free_func(g_free);
    status->settings = settings_load(status->config, problems);
    if (status->settings == NULL) {
        problems_to_error(problems, &error);
        return command_fail(NAME, error);
    }
    ask_daemons(status);
    ask_authd(status);
    read_today(status);
    read_postfix(status);
    status_judge(status);
    if (status->ways == NULL && status->postfix_config != NULL)
        g_ptr_array_add(status->troubles, g_strdup(status->ways_error));
    if (status->json)
        print_json(status_json(status), stdout);
    else
        status_print(status);
    return status->troubles->len == 0 ? 0 : 1;
}

static int
run(int argc, char **argv)
{
    Status status = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &status.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &status.postfix_config,
         N_("Postfix's configuration directory; without it the one of the system"), N_("DIR")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &status.json, N_("one JSON object instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("Are the daemons there, which settings and rules are in force, what happened to today's letters,\n"
                   "and is there a way of mail round Hangu (read from Postfix's configuration)?\n"
                   "Exit status: 0 fine, 1 something needs attention, 78 the settings do not load."));
    int result = command_parse(NAME, context, &argc, &argv);
    if (result == 0 && argc > 1)
        result = command_usage(NAME, _("unexpected word \"%s\""), argv[1]);
    else if (result == 0)
        result = find_out(&status);
    status_clear(&status);
    return result;
}

const Command command_status = {"status", N_("is it running, what did it do today, does all mail pass?"), run};
