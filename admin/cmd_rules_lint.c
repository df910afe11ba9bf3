/* hangu rules lint: what is odd in rules that load and pass their examples. */
#include "config.h"
#include "cmd_rules.h"
#include "command.h"
#include "lint.h"
#include "print.h"
#include "settings.h"
#include <glib/gi18n.h>

static json_t *
note_json(const LintNote *note)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:s?, s:s, s:s, s:s?}", "check", note->check, "file", note->file, "line",
                     (int)note->line, "column", (int)note->column, "entry", note->entry, "text", note->what, "advice",
                     note->advice, "allowed", note->allowed);
}

static void
note_print(const LintNote *note)
{
    if (note->allowed == NULL)
        printf("%s:%u:%u: %s: %s: %s\n    %s\n", note->file, note->line, note->column, note->entry, note->check,
               note->what, note->advice);
}

/* The unit's domains are known where its settings are meant, not with somebody's packs alone. */
static Settings *
settings_of(const CmdRules *options)
{
    g_autoptr(Problems) ignored = problems_new();
    return options->config != NULL || options->rules == NULL ? settings_load(options->config, ignored) : NULL;
}

int
cmd_rules_lint(int argc, char **argv)
{
    g_auto(CmdRules) options = {0};
    GError *error = NULL;
    int status =
        cmd_rules_options(&options, "rules lint",
                          _("Finds what is odd in rules that load and pass their examples: words that are never\n"
                            "found or are there twice, rules that another one covers or contradicts, cues that\n"
                            "never count, conditions that never hold, costly expressions. Exit status: 0 nothing, 1 "
                            "something was found."),
                          &argc, &argv);
    if (status != 0)
        return status;
    g_autoptr(RuleSources) sources = NULL;
    g_autoptr(Ruleset) ruleset = cmd_rules_load(&options, &sources, &status);
    g_autoptr(Settings) settings = settings_of(&options);
    const GPtrArray *domains = settings != NULL ? settings->local_domains : NULL;
    g_autoptr(GPtrArray) notes = ruleset != NULL ? lint_run(sources, ruleset, domains, &error) : NULL;
    if (notes == NULL)
        return ruleset != NULL ? command_fail("rules lint", error) : status;
    json_t *list = json_array();
    guint found = 0, allowed = 0;
    for (guint i = 0; i < notes->len; i++) {
        const LintNote *note = g_ptr_array_index(notes, i);
        *(note->allowed != NULL ? &allowed : &found) += 1;
        json_array_append_new(list, note_json(note));
        if (!options.json)
            note_print(note);
    }
    if (options.json)
        print_json(json_pack("{s:i, s:b, s:s, s:i, s:i, s:O}", "v", 1, "ok", found == 0, "ruleset",
                             ruleset_digest(ruleset), "found", (int)found, "allowed", (int)allowed, "notes", list),
                   stdout);
    else
        printf(_("rules: %u, odd: %u, allowed by their packs: %u\n"), ruleset_count(ruleset), found, allowed);
    json_decref(list);
    return found > 0;
}
