/* hangu rules: do the rules do what their examples say (test), which are there (list). */
#include "config.h"
#include "cmd_rules.h"
#include "cmd_rules_hash.h"
#include "commands.h"
#include "errors.h"
#include "language.h"
#include "print.h"
#include "ruleset.h"
#include "settings.h"
#include <glib/gi18n.h>
#include <string.h>

typedef CmdRules Options;

/* --- what all of them need -----------------------------------------------------------------------------------------
 */

/* Options off argv, and no further word. 0, or the exit status. */
static int
options_read(const char *name, const char *summary, Options *options, int *argc, char ***argv)
{
    const GOptionEntry entries[] = {
        {"rules", 'r', 0, G_OPTION_ARG_FILENAME, &options->rules,
         N_("directory of packs; without it that of the settings"), N_("DIR")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, summary);
    int status = command_parse(name, context, argc, argv);
    if (status == 0 && *argc > 1)
        status = command_usage(name, _("unexpected word \"%s\""), (*argv)[1]);
    return status;
}

void
cmd_rules_clear(CmdRules *options)
{
    g_free(options->config);
    g_free(options->rules);
}

int
cmd_rules_options(CmdRules *options, const char *name, const char *summary, int *argc, char ***argv)
{
    return options_read(name, summary, options, argc, argv);
}

json_t *
cmd_rules_problems(const Problems *problems)
{
    json_t *list = json_array();
    for (guint i = 0; i < problems_count(problems); i++) {
        const Problem *problem = problems_get(problems, i);
        json_array_append_new(list, json_pack("{s:s?, s:i, s:i, s:s?, s:s}", "file", problem->file, "line",
                                              (int)problem->line, "column", (int)problem->column, "key", problem->key,
                                              "text", problem->text));
    }
    return list;
}

/* The rules, always compiled afresh: what is tested must not come from a cache. NULL after the mistakes were shown. */
static Ruleset *
rules_compile(const Options *options, RuleSources **sources_out, Problems *problems)
{
    g_autofree char *directory = g_strdup(options->rules);
    if (directory == NULL) {
        g_autoptr(Settings) settings = settings_load(options->config, problems);
        directory = settings != NULL ? g_strdup(settings->rules_dir) : NULL;
    }
    *sources_out = directory != NULL ? rule_sources_read(directory, problems) : NULL;
    Ruleset *ruleset = *sources_out != NULL ? ruleset_compile(*sources_out, NULL, NULL, problems) : NULL;
    if (ruleset != NULL)
        return ruleset;
    if (options->json) {
        print_json(json_pack("{s:i, s:b, s:o}", "v", 1, "ok", FALSE, "problems", cmd_rules_problems(problems)), stdout);
    } else {
        g_autofree char *text = problems_to_text(problems);
        fputs(text, stderr);
    }
    return NULL;
}

static Ruleset *
rules_load(const Options *options, Problems *problems)
{
    g_autoptr(RuleSources) sources = NULL;
    return rules_compile(options, &sources, problems);
}

Ruleset *
cmd_rules_load(const CmdRules *options, RuleSources **sources_out, int *status_out)
{
    g_autoptr(Problems) problems = problems_new();
    Ruleset *ruleset = rules_compile(options, sources_out, problems);
    *status_out = ruleset != NULL ? 0 : HANGU_ERROR_SETTINGS;
    return ruleset;
}

static const char *
title(const RuleInfo *info)
{
    return language_is_chinese() ? info->title_zh : info->title_en;
}

/* --- test -------------------------------------------------------------------------------------------------------- */

static void
test_print(const Options *options, const Ruleset *ruleset, guint examples, const Problems *problems)
{
    guint wrong = problems_count(problems);
    if (options->json) {
        print_json(json_pack("{s:i, s:b, s:i, s:i, s:i, s:s, s:o}", "v", 1, "ok", wrong == 0, "rules",
                             (int)ruleset_count(ruleset), "examples", (int)examples, "failed", (int)wrong, "ruleset",
                             ruleset_digest(ruleset), "problems", cmd_rules_problems(problems)),
                   stdout);
        return;
    }
    g_autofree char *text = problems_to_text(problems);
    fputs(text, stdout);
    printf(_("rules: %u, examples: %u, failed: %u\n"), ruleset_count(ruleset), examples, wrong);
}

static int
run_test(int argc, char **argv)
{
    Options options = {0};
    g_autoptr(Problems) problems = problems_new();
    int status = options_read("rules test",
                              _("Runs every rule's own examples, those it must find and those it must not.\n"
                                "Exit status: 0 all as they should be, 1 some are not, 78 the rules do not load."),
                              &options, &argc, &argv);
    if (status == 0) {
        g_autoptr(Ruleset) ruleset = rules_load(&options, problems);
        guint examples = ruleset != NULL ? ruleset_test(ruleset, problems) : 0;
        status = ruleset == NULL ? HANGU_ERROR_SETTINGS : problems_count(problems) > 0;
        if (ruleset != NULL)
            test_print(&options, ruleset, examples, problems);
    }
    cmd_rules_clear(&options);
    return status;
}

/* --- list -------------------------------------------------------------------------------------------------------- */

json_t *
cmd_rules_info(const RuleInfo *info)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:i, s:i, s:i}", "v", 1, "rule", info->id,
                     "detect", info->detect, "class", class_word(info->class), "level", level_word(info->level), "pack",
                     info->pack, "status", info->status, "title_zh", info->title_zh, "title_en", info->title_en,
                     "clause", info->clause, "literals", (int)info->literals, "expressions", (int)info->expressions,
                     "examples", (int)info->examples);
}

static void
list_print(const Ruleset *ruleset)
{
    const char *const headings[] = {_("rule"),         _("class"),     _("level"), _("status"), _(">words"),
                                    _(">expressions"), _(">examples"), _("title"), NULL};
    g_autoptr(PrintTable) table = print_table_new(headings);
    const RuleInfo *info;
    for (guint i = 0; (info = ruleset_info(ruleset, i)) != NULL; i++) {
        g_autofree char *words = g_strdup_printf("%u", info->literals);
        g_autofree char *expressions = g_strdup_printf("%u", info->expressions);
        g_autofree char *examples = g_strdup_printf("%u", info->examples);
        const char *level = language_is_chinese() ? level_word_zh(info->level) : level_word(info->level);
        const char *cells[] = {info->id,   class_word(info->class), level, info->status, words, expressions, examples,
                               title(info)};
        print_table_add(table, strcmp(info->status, "enforce") == 0 ? PRINT_PLAIN : PRINT_DIM, cells);
    }
    print_table(table, stdout);
    printf(_("rules: %u, %s\n"), ruleset_count(ruleset), ruleset_digest(ruleset));
}

static int
run_list(int argc, char **argv)
{
    Options options = {0};
    g_autoptr(Problems) problems = problems_new();
    int status =
        options_read("rules list", _("Lists the rules; with --json one object per line."), &options, &argc, &argv);
    if (status == 0) {
        g_autoptr(Ruleset) ruleset = rules_load(&options, problems);
        status = ruleset == NULL ? HANGU_ERROR_SETTINGS : 0;
        const RuleInfo *info;
        if (ruleset != NULL && !options.json)
            list_print(ruleset);
        for (guint i = 0; ruleset != NULL && options.json && (info = ruleset_info(ruleset, i)) != NULL; i++)
            print_json(cmd_rules_info(info), stdout);
    }
    cmd_rules_clear(&options);
    return status;
}

static const Command test = {"test", N_("run every rule's own examples"), run_test};
static const Command list = {"list", N_("list the rules"), run_list};
static const Command explain = {"explain", N_("what one rule or cue is about, or why a text is found"),
                                cmd_rules_explain};
static const Command cost = {"cost", N_("which rules take how much time and room?"), cmd_rules_cost};
static const Command diff = {"diff", N_("which letters would other rules decide otherwise?"), cmd_rules_diff};
static const Command lint = {"lint", N_("find what is odd in the rules"), cmd_rules_lint};
static const Command keygen = {"keygen", N_("make a pair of keys for signing rules"), cmd_rules_keygen};
static const Command sign = {"sign", N_("sign a directory of packs"), cmd_rules_sign};
static const Command verify = {"verify", N_("is a directory of packs as a trusted key signed it?"), cmd_rules_verify};
static const Command sets = {"sets", N_("list the rule sets that were in force and are kept"), cmd_rules_sets};
static const Command *const table[] = {
    &test, &list, &explain, &command_rules_hash_list, &lint, &diff, &cost, &sets, &keygen, &sign, &verify, NULL};

static int
run(int argc, char **argv)
{
    return command_dispatch("rules", table, NULL, argc, argv);
}

const Command command_rules = {"rules", N_("test, list, explain and compare the rules, and find what is odd in them"),
                               run};
