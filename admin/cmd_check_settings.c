/* hangu check-settings: every mistake of the settings in one run. */
#include "config.h"
#include "commands.h"
#include "errors.h"
#include "print.h"
#include "settings.h"
#include <glib/gi18n.h>

typedef struct {
    char *config;
    gboolean json, settings, example;
} Options;

static json_t *
problem_json(const Problem *problem)
{
    return json_pack("{s:s?, s:i, s:i, s:s?, s:s}", "file", problem->file, "line", (int)problem->line, "column",
                     (int)problem->column, "key", problem->key, "text", problem->text);
}

static void
print_result_json(const char *path, const Settings *settings, const Problems *problems)
{
    json_t *list = json_array();
    for (guint i = 0; i < problems_count(problems); i++)
        json_array_append_new(list, problem_json(problems_get(problems, i)));
    const char *mode = settings != NULL ? (settings->mode == MODE_ENFORCE ? "enforce" : "observe") : NULL;
    print_json(json_pack("{s:i, s:s, s:b, s:s?, s:s?, s:o}", "v", 1, "file", path, "ok", problems_count(problems) == 0,
                         "mode", mode, "digest", settings != NULL ? settings->digest : NULL, "problems", list),
               stdout);
}

static void
print_result_text(const char *path, const Settings *settings, const Problems *problems)
{
    guint count = problems_count(problems);
    if (count > 0) {
        g_autofree char *text = problems_to_text(problems);
        fputs(text, stdout);
        printf(ngettext("%u mistake\n", "%u mistakes\n", count), count);
    } else if (settings->path == NULL) {
        printf(_("%s does not exist: the defaults apply (mode: observe)\n"), path);
    } else {
        printf(_("%s: no mistakes (mode: %s)\n"), path, settings->mode == MODE_ENFORCE ? "enforce" : "observe");
    }
}

static int
check_file(const Options *options)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_load(options->config, problems);
    const char *path = options->config != NULL ? options->config : SETTINGS_FILE;
    if (settings != NULL && options->settings) {
        g_autofree char *text = yaml_format(settings_rows(), settings);
        fputs(text, stdout);
    } else if (options->json) {
        print_result_json(path, settings, problems);
    } else {
        print_result_text(path, settings, problems);
    }
    return problems_count(problems) == 0 ? 0 : HANGU_ERROR_SETTINGS;
}

static void
print_example(void)
{
    g_autofree char *example = yaml_example(settings_rows());
    fputs(example, stdout);
}

static int
run(int argc, char **argv)
{
    Options options = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options.config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("one JSON object instead of text"), NULL},
        {"settings", 0, 0, G_OPTION_ARG_NONE, &options.settings, N_("print the values in force, as YAML"), NULL},
        {"example", 0, 0, G_OPTION_ARG_NONE, &options.example, N_("print a commented hangu.yaml with all defaults"),
         NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context, _("Reads the settings and names every mistake with file, line and column.\n"
                                            "Exit status: 0 no mistakes, 78 mistakes, 64 wrong usage."));
    int status = command_parse("check-settings", context, &argc, &argv);
    if (status == 0 && argc > 1)
        status = command_usage("check-settings", _("unexpected word \"%s\"; name a file with --config"), argv[1]);
    else if (status == 0 && options.example)
        print_example();
    else if (status == 0)
        status = check_file(&options);
    g_free(options.config);
    return status;
}

const Command command_check_settings = {
    "check-settings",
    N_("are the settings sound? names every mistake in one run"),
    run,
};
