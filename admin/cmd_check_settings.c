/* hangu check-settings: every mistake of settings, policy and rules in one run. */
#include "config.h"
#include "commands.h"
#include "errors.h"
#include "language.h"
#include "manifest.h"
#include "papers.h"
#include "policy_missing.h"
#include "print.h"
#include "ruleset.h"
#include "settings.h"
#include <glib/gi18n.h>

typedef struct {
    char *config;
    gboolean json, settings, example;
} Options;

/* What one of the three said. */
typedef struct {
    const char *kind; /* "settings", "policy", "rules" */
    const char *path;
    const char *mode; /* of the settings, else NULL */
    char *digest;     /* NULL if it does not load */
    char *fine;       /* one line for a person if there are no problems */
    json_t *warnings; /* what is no mistake, but should be known; NULL: none */
    char *warned;     /* the same for a person */
    Problems *problems;
} Result;

static void
result_clear(Result *result)
{
    g_free(result->digest);
    g_free(result->fine);
    g_free(result->warned);
    json_decref(result->warnings);
    problems_free(result->problems);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, result_clear)

static json_t *
problem_json(const Problem *problem)
{
    return json_pack("{s:s?, s:i, s:i, s:s?, s:s}", "file", problem->file, "line", (int)problem->line, "column",
                     (int)problem->column, "key", problem->key, "text", problem->text);
}

static void
print_result(const Result *result, gboolean json)
{
    guint count = problems_count(result->problems);
    if (!json) {
        g_autofree char *text = count > 0 ? problems_to_text(result->problems) : g_strdup(result->fine);
        printf("%s%s", text, result->warned != NULL ? result->warned : "");
        return;
    }
    json_t *list = json_array();
    for (guint i = 0; i < count; i++)
        json_array_append_new(list, problem_json(problems_get(result->problems, i)));
    print_json(json_pack("{s:i, s:s, s:s, s:b, s:s?, s:s?, s:o, s:o}", "v", 1, "kind", result->kind, "file",
                         result->path, "ok", count == 0, "mode", result->mode, "digest",
                         count == 0 ? result->digest : NULL, "problems", list, "warnings",
                         result->warnings != NULL ? json_incref(result->warnings) : json_array()),
               stdout);
}

static void
check_hangu_yaml(const char *config, Settings **settings_out, Result *result)
{
    result->kind = "settings";
    result->path = config != NULL ? config : SETTINGS_FILE;
    Settings *settings = *settings_out = settings_read(config, result->problems);
    if (settings == NULL)
        return;
    result->mode = settings->mode == MODE_ENFORCE ? "enforce" : "observe";
    result->digest = g_strdup(settings->digest);
    if (settings->path == NULL)
        result->fine = g_strdup_printf(_("%s does not exist: the defaults apply (mode: observe)\n"), result->path);
    else
        result->fine = g_strdup_printf(_("%s: no mistakes (mode: %s)\n"), result->path, result->mode);
    if (settings->local_domains->len == 0) {
        g_autofree char *fine = g_steal_pointer(&result->fine);
        result->fine = g_strconcat(fine,
                                   _("  but mail.local_domains is empty: mail between colleagues counts as going "
                                     "out; name the unit's domains\n"),
                                   NULL);
    }
}

/* --- the policy beside the one that ships ------------------------------------------------------------------------ */

static char *
answer_text(Verdict verdict, guint actions)
{
    GString *text = g_string_new(verdict_word(verdict));
    for (Action action = ACTION_TAG; action <= ACTION_NOTE_ACCOUNT; action <<= 1)
        if (actions & action)
            g_string_append_printf(text, ", %s", action_word(action));
    return g_string_free(text, FALSE);
}

static void
gap_show(const PolicyGap *gap, Direction direction, GString *text, json_t *list)
{
    g_autofree char *own = answer_text(gap->own, gap->own_actions);
    g_autofree char *shipped = answer_text(gap->shipped, gap->actions);
    const char *row = gap->own_row != NULL ? gap->own_row : _("no row");
    g_string_append_printf(text, _("    %s: %s (%s), where the policy that ships says %s\n"), direction_word(direction),
                           own, row, shipped);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "direction", direction_word(direction), "shipped",
                                          shipped, "own", own, "own_row", gap->own_row));
}

static void
missing_show(const PolicyMissing *missing, const char *own, const char *shipped, GString *text, json_t *list)
{
    json_t *directions = json_array();
    g_string_append_printf(text, _("%s: warning: the row \"%s\" of the policy that ships is missing: %s\n"), own,
                           missing->id, language_is_chinese() ? missing->title_zh : missing->title_en);
    for (Direction direction = DIRECTION_OUT; direction <= DIRECTION_IN; direction++)
        if (missing->gaps[direction].weaker)
            gap_show(&missing->gaps[direction], direction, text, directions);
    g_string_append_printf(text,
                           _("    copy it from %s, line %u; to decide otherwise, copy it and give it other verdicts\n"),
                           shipped, missing->line);
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "row", missing->id, "title_zh",
                                          missing->title_zh, "title_en", missing->title_en, "file", shipped, "line",
                                          (int)missing->line, "directions", directions));
}

/* A policy.yaml of an older version lacks the rows of situations that were not known then. */
static void
compare_policy(const Policy *policy, Result *result)
{
    g_autoptr(Problems) problems = problems_new();
    const char *tree = g_getenv("top_srcdir");
    g_autofree char *path =
        tree != NULL ? g_build_filename(tree, "contrib", "policy.yaml", NULL) : g_strdup(PKGDATADIR "/policy.yaml");
    g_autoptr(Policy) shipped = g_file_test(path, G_FILE_TEST_EXISTS) ? policy_load(path, problems) : NULL;
    g_autoptr(GPtrArray) list = shipped != NULL ? policy_missing(policy, shipped) : NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    result->warnings = json_array();
    for (guint i = 0; list != NULL && i < list->len; i++)
        missing_show(g_ptr_array_index(list, i), result->path, path, text, result->warnings);
    result->warned = g_strdup(text->str);
}

static void
check_policy(const Settings *settings, Result *result)
{
    result->kind = "policy";
    result->path = settings->policy_file;
    g_autoptr(Policy) policy = policy_load(settings->policy_file, result->problems);
    if (policy == NULL)
        return;
    result->digest = g_strdup(policy_digest(policy));
    result->fine = g_strdup_printf(_("%s: no mistakes\n"), result->path);
    compare_policy(policy, result);
}

static void
check_rules(const Settings *settings, Result *result)
{
    result->kind = "rules";
    result->path = settings->rules_dir;
    g_auto(Manifest) manifest = {0};
    g_autoptr(RuleSources) sources = rule_sources_read(settings->rules_dir, result->problems);
    g_autoptr(Ruleset) ruleset = NULL;
    if (sources != NULL && manifest_admit(sources, settings->rule_sets_keys, settings->rule_sets_dir,
                                          settings->rule_sets_rollback, &manifest, result->problems))
        ruleset = ruleset_compile(sources, NULL, NULL, result->problems);
    if (ruleset == NULL)
        return;
    guint count = ruleset_count(ruleset);
    result->digest = g_strdup(ruleset_digest(ruleset));
    result->fine = g_strdup_printf(ngettext("%s: no mistakes (%u rule)\n", "%s: no mistakes (%u rules)\n", count),
                                   result->path, count);
}

/* FALSE: there is nothing to tell. */
static gboolean
check_papers(const Settings *settings, Result *result)
{
    g_autoptr(Papers) papers = NULL;
    g_autoptr(GError) error = NULL;
    FingerprintKey key;
    result->kind = "fingerprints";
    result->path = settings->papers_file;
    int there = papers_open(settings->papers_file, &papers, &key, &error);
    if (there > 0) {
        guint count = papers_count(papers);
        result->digest = g_strdup(papers_digest(papers));
        result->fine = g_strdup_printf(
            ngettext("%s: no mistakes (%u registered paper)\n", "%s: no mistakes (%u registered papers)\n", count),
            result->path, count);
    } else if (there < 0 && g_error_matches(error, HANGU_ERROR, HANGU_ERROR_PERMISSION)) {
        result->fine = g_strdup_printf(_("%s: not looked at: %s\n"), result->path, error->message);
    } else if (there < 0) {
        problems_add(result->problems, NULL, 0, 0, NULL, "%s", error->message);
    }
    return there != 0;
}

static int
check_all(const Options *options)
{
    g_autoptr(Settings) settings = NULL;
    g_auto(Result) of_settings = {.problems = problems_new()}, of_policy = {.problems = problems_new()},
                   of_rules = {.problems = problems_new()}, of_papers = {.problems = problems_new()};
    check_hangu_yaml(options->config, &settings, &of_settings);
    print_result(&of_settings, options->json);
    if (settings != NULL) {
        check_policy(settings, &of_policy);
        print_result(&of_policy, options->json);
        check_rules(settings, &of_rules);
        print_result(&of_rules, options->json);
        if (check_papers(settings, &of_papers))
            print_result(&of_papers, options->json);
    }
    guint count = problems_count(of_settings.problems) + problems_count(of_policy.problems) +
                  problems_count(of_rules.problems) + problems_count(of_papers.problems);
    if (count > 0 && !options->json)
        printf(ngettext("%u mistake\n", "%u mistakes\n", count), count);
    return count == 0 ? 0 : HANGU_ERROR_SETTINGS;
}

static int
print_settings(const Options *options)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_load(options->config, problems);
    if (settings == NULL) {
        g_autofree char *text = problems_to_text(problems);
        fputs(text, stderr);
        return HANGU_ERROR_SETTINGS;
    }
    g_autofree char *text = yaml_format(settings_rows(), settings);
    fputs(text, stdout);
    return 0;
}

static int
print_example(void)
{
    g_autofree char *example = yaml_example(settings_rows());
    fputs(example, stdout);
    return 0;
}

static int
run(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object for each file instead of text"), NULL},
        {"settings", 0, 0, G_OPTION_ARG_NONE, &options.settings, N_("print the values in force, as YAML"), NULL},
        {"example", 0, 0, G_OPTION_ARG_NONE, &options.example, N_("print a commented hangu.yaml with all defaults"),
         NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context,
                                 _("Reads settings, policy and rules and names every mistake with file, line and "
                                   "column.\nExit status: 0 no mistakes, 78 mistakes, 64 wrong usage."));
    int status = command_parse("check-settings", context, &argc, &argv);
    if (status == 0 && argc > 1)
        status = command_usage("check-settings", _("unexpected word \"%s\"; name a file with --config"), argv[1]);
    else if (status == 0 && options.example)
        status = print_example();
    else if (status == 0)
        status = options.settings ? print_settings(&options) : check_all(&options);
    g_free(options.config);
    return status;
}

const Command command_check_settings = {
    "check-settings",
    N_("are settings, policy and rules sound? names every mistake in one run"),
    run,
};
