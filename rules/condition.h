/* condition - what a rule with `detect: condition` looks for: a tree over what is found in one part of a letter, or in
 * all of them.
 *
 * A condition is a map with exactly one key of CONDITIONS (all, any, not, near, sum; words, expressions, list, data,
 * exact, mark, rule, present) and what goes with it. Leaves are what is looked for in text; they hold if at least
 * `count` different values are found where the rule looks, at least `times` times in all. A tree that would hold for a
 * text in which nothing is found is refused: such a rule would have to be tried on everything. */
#pragma once
#include "places.h"
#include "yaml.h"
#include <glib.h>

#define CONDITION_COUNT_MAX 1000  /* different values that a leaf may ask for, or times */
#define CONDITION_WITHIN_MAX 1000 /* characters */
#define CONDITION_LINES_MAX 50
#define CONDITION_NEAR_MAX 8       /* leaves of one `near` */
#define CONDITION_LEAVES_MAX 60000 /* of a rule set */

typedef enum {
    CONDITION_ALL,
    CONDITION_ANY,
    CONDITION_NOT,
    CONDITION_NEAR,
    CONDITION_SUM,
    /* leaves */
    CONDITION_WORDS,
    CONDITION_EXPRESSIONS,
    CONDITION_LIST,
    CONDITION_DATA,
    CONDITION_EXACT,
    CONDITION_MARK,
    CONDITION_RULE,
    CONDITION_PRESENT,
} ConditionKind;

typedef struct Condition {
    /* of the file */
    gint64 at_least, threshold, within, lines, count, times, weight;
    gboolean capitals;
    char *list, *exact, *rule_id, *text_zh, *text_en;
    GPtrArray *data_names;
    YamlNode *all, *any, *not, *near, *sum, *words, *expressions, *mark; /* while loading */
    YamlNode *places_node, *except_node, *present_node;                  /* the same */
    /* of `mark` */
    GPtrArray *level_names, *form_names;
    gint64 mark_score;
    guint levels, forms; /* 1 << Level, 1 << MarkForm; 0: all */
    /* of a cue */
    gint64 score;
    /* not in the file */
    ConditionKind kind;
    GPtrArray *children;   /* Condition, owned; NULL for leaves */
    const YamlNode *node;  /* while loading */
    Places places, except; /* the rule's own are in them once it is read */
    gboolean own_places;   /* it names places of its own */
    Places present;        /* of CONDITION_PRESENT */
    guint data;            /* 1 << DataKind */
    guint rule;            /* index of the rule it belongs to */
    guint index;           /* among the leaves, or the `near`s, of the rule set */
    const char *reason;    /* interned id of its reason */
} Condition;

/* Reads a condition and all below it. NULL only if the node is no map; other mistakes are in problems. */
Condition *condition_read(const YamlNode *node, const char *key, Problems *problems);
/* The same with the keys score, text_zh and text_en, all of them required: a cue of one rule. */
Condition *condition_read_cue(const YamlNode *node, const char *key, Problems *problems);
void condition_free(Condition *condition);
gboolean condition_is_leaf(const Condition *condition);
/* Whether it would hold where nothing at all is found. */
gboolean condition_holds_empty(const Condition *condition);
/* "words", "near": static. */
const char *condition_word(ConditionKind kind);
