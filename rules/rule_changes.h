/* rule_changes - what differs between two rule sets as they are written. */
#pragma once
#include "rule_sources.h"

typedef enum { RULE_ADDED, RULE_REMOVED, RULE_CHANGED } RuleChangeKind;

typedef struct {
    RuleChangeKind kind;
    gboolean cue; /* else a rule */
    char *id;
    GPtrArray *lines; /* char *: "+ words: 绿图计划", "- scores.alone: 60"; of CHANGED only */
} RuleChange;

/* RuleChange, by id, rules first. Both load (they were compiled before). */
GPtrArray *rule_changes(const RuleSources *old, const RuleSources *new);
/* "added", "removed", "changed". */
const char *rule_change_word(RuleChangeKind kind);
