/* hangu.yaml to one immutable struct, and the checks that need more than one of its lines. */
#include "config.h"
#include "settings.h"
#include "crypto.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* Letting mail pass unjudged is for trying out only. */
static void
check_failure(const Settings *settings, const YamlNode *root, Problems *problems)
{
    if (settings->on_failure != ON_FAILURE_ACCEPT || settings->mode == MODE_OBSERVE)
        return;
    const YamlNode *failure = yaml_get(root, "on_failure"), *mode = yaml_get(root, "mode");
    yaml_problem(failure, problems, "on_failure",
                 _("accept is allowed with mode: observe only, but line %u says mode: enforce; write tempfail or hold"),
                 mode != NULL ? yaml_line(mode) : 0);
}

/* Ledger, kept rule sets and the register of papers follow the state directory unless they have a place of their own.
 */
static void
place_below_state(Settings *settings, const YamlNode *root)
{
    const YamlNode *ledger = root != NULL ? yaml_get(root, "ledger") : NULL;
    if (settings->accounts_database == NULL)
        settings->accounts_database = g_build_filename(settings->state_dir, "authd", "accounts.db", NULL);
    if (settings->rule_sets_dir == NULL)
        settings->rule_sets_dir = g_build_filename(settings->state_dir, "milter", "rulesets", NULL);
    if (settings->papers_file == NULL)
        settings->papers_file = g_build_filename(settings->state_dir, "milter", "papers", NULL);
    if (ledger != NULL && yaml_get(ledger, "directory") != NULL)
        return;
    g_free(settings->ledger_dir);
    settings->ledger_dir = g_build_filename(settings->state_dir, "ledger", NULL);
}

static Settings *
read_file(const char *path, Problems *problems)
{
    g_autoptr(YamlFile) file = yaml_load(path, problems);
    if (file == NULL)
        return NULL;
    g_autoptr(Settings) settings = g_new0(Settings, 1);
    const YamlNode *root = yaml_root(file);
    yaml_read_rows(root, settings_rows(), "", settings, problems);
    if (root != NULL && yaml_kind(root) == YAML_MAP)
        check_failure(settings, root, problems);
    place_below_state(settings, root);
    settings->path = g_strdup(path);
    settings->digest = g_strdup(yaml_digest(file));
    return g_steal_pointer(&settings);
}

Settings *
settings_read(const char *path, Problems *problems)
{
    if (path != NULL)
        return read_file(path, problems);
    if (access(SETTINGS_FILE, F_OK) == 0 || errno != ENOENT)
        return read_file(SETTINGS_FILE, problems);
    return settings_new_default();
}

Settings *
settings_load(const char *path, Problems *problems)
{
    g_autoptr(Settings) settings = settings_read(path, problems);
    return problems_count(problems) == 0 ? g_steal_pointer(&settings) : NULL;
}

Settings *
settings_new_default(void)
{
    Settings *settings = g_new0(Settings, 1);
    g_autoptr(Problems) problems = problems_new();
    yaml_read_rows(NULL, settings_rows(), "", settings, problems);
    place_below_state(settings, NULL);
    g_autofree char *example = yaml_example(settings_rows());
    settings->digest = crypto_sha256_text(example, strlen(example));
    return settings;
}

void
settings_free(Settings *settings)
{
    if (settings == NULL)
        return;
    yaml_clear_rows(settings_rows(), settings);
    g_free(settings->path);
    g_free(settings->digest);
    g_free(settings);
}
