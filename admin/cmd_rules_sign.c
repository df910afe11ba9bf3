/* hangu rules keygen, sign, verify: who vouches for a directory of packs. */
#include "config.h"
#include "clock.h"
#include "cmd_rules.h"
#include "command.h"
#include "errors.h"
#include "manifest.h"
#include "print.h"
#include "settings.h"
#include <glib/gi18n.h>
#include <string.h>

static int
show_problems(const Problems *problems, int status)
{
    g_autofree char *text = problems_to_text(problems);
    fputs(text, stderr);
    return status;
}

int
cmd_rules_keygen(int argc, char **argv)
{
    g_autofree char *algorithm = NULL, *key = NULL;
    const GOptionEntry entries[] = {
        {"key", 'k', 0, G_OPTION_ARG_FILENAME, &key, N_("the secret key; the public one is FILE.pub"), N_("FILE")},
        {"algorithm", 0, 0, G_OPTION_ARG_STRING, &algorithm, N_("ed25519 (without it) or sm2"), N_("WORD")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    GError *error = NULL;
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("Makes a pair of keys for signing rules. The secret one stays with who signs, not on\n"
                   "the gate; the gate gets the public one (rule_sets.keys)."));
    int status = command_parse("rules keygen", context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc > 1 || key == NULL)
        return argc > 1 ? command_usage("rules keygen", _("unexpected word \"%s\""), argv[1])
                        : command_usage("rules keygen", _("name the file of the key with --key"));
    if (!signature_keygen(algorithm != NULL ? algorithm : "ed25519", key, &error))
        return command_fail("rules keygen", error);
    printf(_("secret key: %s\npublic key: %s.pub\n"), key, key);
    return 0;
}

static int
sign(const char *directory, const char *key, const char *name, gint64 version)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(RuleSources) sources = rule_sources_read(directory, problems);
    g_autoptr(Ruleset) ruleset = sources != NULL ? ruleset_compile(sources, NULL, NULL, problems) : NULL;
    g_autofree char *base = g_path_get_basename(directory);
    GError *error = NULL;
    if (ruleset == NULL)
        return show_problems(problems, HANGU_ERROR_SETTINGS);
    gint64 own = version > 0 ? version : manifest_version(sources) + 1;
    if (!manifest_sign(sources, key, name != NULL ? name : base, own, clock_wall_us(), &error))
        return command_fail("rules sign", error);
    printf(_("%s: signed as version %d\n"), directory, (int)own);
    return 0;
}

int
cmd_rules_sign(int argc, char **argv)
{
    g_autofree char *key = NULL, *name = NULL;
    gint64 version = 0;
    const GOptionEntry entries[] = {
        {"key", 'k', 0, G_OPTION_ARG_FILENAME, &key, N_("the secret key"), N_("FILE")},
        {"name", 0, 0, G_OPTION_ARG_STRING, &name, N_("name of the set; without it that of the directory"), N_("NAME")},
        {"set-version", 0, 0, G_OPTION_ARG_INT64, &version, N_("version; without it one more than it was"),
         N_("NUMBER")},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("DIR"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context, _("Signs the packs of a directory, which must load: writes MANIFEST and MANIFEST.sig."));
    int status = command_parse("rules sign", context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc != 2)
        return command_usage("rules sign", _("name one directory of packs"));
    if (key == NULL)
        return command_usage("rules sign", _("name the file of the key with --key"));
    if (version < 0)
        return command_usage("rules sign", _("--set-version is a number from 1"));
    return sign(argv[1], key, name, version);
}

/* Those named, else those of the settings. NULL after it was said what is wrong. */
static SignatureKeys *
keys_load(char **paths, const char *config, int *status_out)
{
    g_autoptr(SignatureKeys) keys = signature_keys_new();
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = paths == NULL ? settings_load(config, problems) : NULL;
    GError *error = NULL;
    guint count = paths != NULL ? g_strv_length(paths) : settings != NULL ? settings->rule_sets_keys->len : 0;
    for (guint i = 0; i < count && error == NULL; i++)
        signature_keys_add(keys, paths != NULL ? paths[i] : g_ptr_array_index(settings->rule_sets_keys, i), &error);
    if (error != NULL)
        *status_out = command_fail("rules verify", error);
    else if (problems_count(problems) > 0)
        *status_out = show_problems(problems, HANGU_ERROR_SETTINGS);
    else if (count == 0)
        *status_out = command_usage("rules verify", _("name a trusted key with --public, or in rule_sets.keys"));
    else
        return g_steal_pointer(&keys);
    return NULL;
}

int
cmd_rules_verify(int argc, char **argv)
{
    g_auto(GStrv) public = NULL;
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"public", 'p', 0, G_OPTION_ARG_FILENAME_ARRAY, &public,
         N_("a trusted public key, may be repeated; without it those of the settings"), N_("FILE")},
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("JSON instead of text"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("DIR"));
    g_autoptr(Problems) problems = problems_new();
    g_auto(Manifest) manifest = {0};
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(context,
                                 _("Is the directory of packs as a trusted key signed it? Exit status: 0 yes, 1 no."));
    int status = command_parse("rules verify", context, &argc, &argv);
    if (status != 0)
        return status;
    if (argc != 2)
        return command_usage("rules verify", _("name one directory of packs"));
    g_autoptr(SignatureKeys) keys = keys_load(public, config, &status);
    if (keys == NULL)
        return status;
    g_autoptr(RuleSources) sources = rule_sources_read(argv[1], problems);
    gboolean good = sources != NULL && manifest_check(sources, keys, &manifest, problems);
    if (json)
        print_json(json_pack("{s:i, s:b, s:s?, s:I, s:s?, s:s?, s:o}", "v", 1, "ok", good, "name", manifest.name,
                             "version", (json_int_t)manifest.version, "date", manifest.date, "key", manifest.key,
                             "problems", cmd_rules_problems(problems)),
                   stdout);
    else if (good)
        printf(_("%s: %s, version %d of %s, signed by %s\n"), argv[1], manifest.name, (int)manifest.version,
               manifest.date, manifest.key);
    else
        show_problems(problems, 1);
    return !good;
}
