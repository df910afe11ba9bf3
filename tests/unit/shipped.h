/* shipped - the rules and the policy that ship, for tests of the whole corridor. */
#pragma once
#include "inspect.h"
#include <glib.h>

typedef struct {
    Settings *settings;
    Ruleset *rules;
    Policy *policy;
    Inspector *inspector; /* NULL if anything did not load; it was said */
} Shipped;

static inline void
shipped_load(Shipped *shipped)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *packs = g_build_filename(top != NULL ? top : ".", "rules/packs", NULL);
    g_autofree char *file = g_build_filename(top != NULL ? top : ".", "contrib/policy.yaml", NULL);
    g_autoptr(Problems) problems = problems_new();
    shipped->settings = settings_new_default();
    g_free(shipped->settings->spool_dir);
    shipped->settings->spool_dir = g_strdup(g_get_tmp_dir());
    shipped->rules = ruleset_load(packs, NULL, NULL, problems);
    shipped->policy = policy_load(file, problems);
    g_autofree char *text = problems_to_text(problems);
    gboolean good = shipped->rules != NULL && shipped->policy != NULL;
    if (!good)
        g_printerr("%s", text);
    shipped->inspector = good ? inspector_new(shipped->settings, shipped->rules, shipped->policy) : NULL;
}

static inline void
shipped_unload(Shipped *shipped)
{
    inspector_free(shipped->inspector);
    policy_free(shipped->policy);
    ruleset_free(shipped->rules);
    settings_free(shipped->settings);
}
