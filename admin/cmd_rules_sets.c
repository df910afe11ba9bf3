/* hangu rules sets: which rule sets were in force from when to when, and are kept. */
#include "config.h"
#include "clock.h"
#include "cmd_rules.h"
#include "command.h"
#include "errors.h"
#include "kept.h"
#include "ledger_query.h"
#include "print.h"
#include "settings.h"
#include <glib/gi18n.h>
#include <string.h>

static char *
time_text(gint64 wall_us)
{
    g_autofree char *time = wall_us != 0 ? clock_format(wall_us) : NULL;
    return time != NULL ? ledger_query_local_time(time) : NULL;
}

static void
print_text(const GPtrArray *history, const char *directory)
{
    const char *const headings[] = {_("from"), _("until"), _("ruleset"), _("policy"), _("program"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    for (guint i = 0; i < history->len; i++) {
        const KeptUse *use = g_ptr_array_index(history, i);
        g_autofree char *from = time_text(use->from_us);
        g_autofree char *until = time_text(use->until_us);
        g_autofree char *policy = g_strndup(use->policy, 19);
        const char *cells[] = {from, until != NULL ? until : _("in force"), use->ruleset, policy, use->program};
        print_table_add(table, until != NULL ? PRINT_PLAIN : PRINT_STRONG, cells);
    }
    if (history->len > 0)
        print_table(table, stdout);
    else
        printf(_("no rule set is kept in %s: the gate keeps those that it loads\n"), directory);
}

static void
print_objects(const GPtrArray *history, const char *directory)
{
    for (guint i = 0; i < history->len; i++) {
        const KeptUse *use = g_ptr_array_index(history, i);
        g_autofree char *from = clock_format(use->from_us);
        g_autofree char *until = use->until_us != 0 ? clock_format(use->until_us) : NULL;
        g_autofree char *path = kept_set_path(directory, use->ruleset);
        print_json(json_pack("{s:i, s:s, s:s?, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "v", 1, "from", from,
                             "until", until, "ruleset", use->ruleset, "policy", use->policy, "settings", use->settings,
                             "program", use->program, "engine", use->engine, "fold", use->fold, "papers",
                             use->papers != NULL && *use->papers != '\0' ? use->papers : NULL, "directory", path),
                   stdout);
    }
}

int
cmd_rules_sets(int argc, char **argv)
{
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(Problems) problems = problems_new();
    GError *error = NULL;
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Lists the rule sets that were in force and are kept, oldest first; `hangu check\n"
          "--ruleset DIGEST LETTER` decides by one of them. For root, the gate's user and members of its group."));
    int status = command_parse("rules sets", context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1)
        return command_usage("rules sets", _("unexpected word \"%s\""), argv[1]);
    g_autoptr(Settings) settings = settings_load(config, problems);
    if (settings == NULL)
        return problems_to_error(problems, &error), command_fail("rules sets", error);
    g_autoptr(GPtrArray) history = kept_history(settings->rule_sets_dir, &error);
    if (history == NULL)
        return command_fail("rules sets", error);
    if (json)
        print_objects(history, settings->rule_sets_dir);
    else
        print_text(history, settings->rule_sets_dir);
    return 0;
}
