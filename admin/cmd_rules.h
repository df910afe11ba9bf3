/* cmd_rules - what the files of `hangu rules` share. */
#pragma once
#include "ruleset.h"
#include <jansson.h>

typedef struct {
    char *config, *rules;
    gboolean json;
} CmdRules;
void cmd_rules_clear(CmdRules *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CmdRules, cmd_rules_clear)

/* The problems of a run as a JSON array. Gives a reference. */
json_t *cmd_rules_problems(const Problems *problems);
/* Options --rules, --config and --json and no further word. 0, or the exit status. */
int cmd_rules_options(CmdRules *options, const char *name, const char *summary, int *argc, char ***argv);
/* The rules that the options name, always compiled afresh, and their files. NULL with the exit status after the
 * mistakes were shown. */
Ruleset *cmd_rules_load(const CmdRules *options, RuleSources **sources_out, int *status_out);

/* What `list` and `explain` say of a rule. Gives a reference. */
json_t *cmd_rules_info(const RuleInfo *info);

int cmd_rules_cost(int argc, char **argv);
int cmd_rules_explain(int argc, char **argv);
int cmd_rules_diff(int argc, char **argv);
int cmd_rules_lint(int argc, char **argv);
int cmd_rules_keygen(int argc, char **argv);
int cmd_rules_sets(int argc, char **argv);
int cmd_rules_sign(int argc, char **argv);
int cmd_rules_verify(int argc, char **argv);
