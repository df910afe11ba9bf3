/* ruleset-conditions - the leaves of conditions: which source each listens to, and what it is called in reasons. */
#include "config.h"
#include "condition-text.h"
#include "log.h"
#include "reasons.h"
#include "ruleset-load.h"
#include <glib/gi18n.h>
#include <string.h>

/* One rule on its way. */
typedef struct {
    Loading *loading;
    Rule *rule;
    guint owner;   /* index of the rule */
    guint reasons; /* given out */
} Settling;

/* The `near` that a leaf stands in. */
typedef struct {
    guint index; /* or NO_NEAR */
    guint child;
    gboolean not ;
} Within;

static void
source_unload(gpointer data)
{
    Source *source = data;

    g_array_unref(source->leaves);
    g_clear_pointer(&source->exact, exact_free);
    g_free(source);
}

guint
source_new(Ruleset *ruleset, SourceKind kind)
{
    Source *source = g_new0(Source, 1);

    if (ruleset->sources == NULL)
        ruleset->sources = g_ptr_array_new_with_free_func(source_unload);
    source->kind = kind;
    source->leaves = g_array_new(FALSE, FALSE, sizeof(guint));
    g_ptr_array_add(ruleset->sources, source);
    return ruleset->sources->len - 1;
}

/* --- reasons -------------------------------------------------------------------------------- */

static void
reason_name(Settling *settling, Condition *condition)
{
    g_autofree char *id = g_strdup_printf("%s/%u", settling->rule->id, ++settling->reasons);
    g_autoptr(GString) zh = g_string_new(condition->text_zh), en = g_string_new(condition->text_en);

    if (condition->text_zh == NULL || condition->text_en == NULL)
        condition_reason(condition, zh, en);
    condition->reason = reasons_register(id, zh->str, en->str);
}

/* --- places --------------------------------------------------------------------------------- */

/* Bits of all places that these may be. */
static guint
places_reach(const Places *places)
{
    guint bits = places_empty(places) ? G_MAXUINT : places->bits;

    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++)
        bits |= g_array_index(places->fields, PlaceField, i).kinds;
    return bits;
}

/* What reading and judging have to find out for them. */
static void
places_ask(Ruleset *ruleset, const Places *places)
{
    ruleset->quoted |= (places->bits & PLACES_QUOTED) != 0;
    place_names_add(ruleset->names, places);
}

/* --- leaves --------------------------------------------------------------------------------- */

static void
listen(Settling *settling, const Condition *condition, guint source, Within within)
{
    Source *one = g_ptr_array_index(settling->loading->ruleset->sources, source);

    g_array_append_val(one->leaves, condition->index);
    one->places |= places_reach(&condition->places);
    one->near |= within.index != NO_NEAR;
}

static void
data_listen(Settling *settling, const Condition *condition, Within within)
{
    Ruleset *ruleset = settling->loading->ruleset;

    for (guint i = 0; i < DATA_COUNT; i++) {
        if ((condition->data & 1u << i) == 0)
            continue;
        if (ruleset->data_sources[i] == 0)
            ruleset->data_sources[i] = source_new(ruleset, SOURCE_DATA) + 1;
        listen(settling, condition, ruleset->data_sources[i] - 1, within);
    }
}

static gboolean
asks_rules(const Condition *condition)
{
    if (condition->kind == CONDITION_RULE)
        return TRUE;
    for (guint i = 0; condition->children != NULL && i < condition->children->len; i++)
        if (asks_rules(g_ptr_array_index(condition->children, i)))
            return TRUE;
    return FALSE;
}

static gboolean
rule_asks_rules(const Rule *rule)
{
    if (rule->condition != NULL && asks_rules(rule->condition))
        return TRUE;
    for (guint i = 0; rule->exceptions != NULL && i < rule->exceptions->len; i++)
        if (asks_rules(g_ptr_array_index(rule->exceptions, i)))
            return TRUE;
    for (guint i = 0; rule->cues != NULL && i < rule->cues->len; i++)
        if (asks_rules(g_ptr_array_index(rule->cues, i)))
            return TRUE;
    return FALSE;
}

static void
rule_listen(Settling *settling, const Condition *condition, Within within)
{
    Loading *loading = settling->loading;
    guint known =
        condition->rule_id != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(loading->known, condition->rule_id)) : 0;
    Rule *other = known > 0 ? g_ptr_array_index(loading->ruleset->rules, known - 1) : NULL;

    if (other == NULL)
        yaml_problem(condition->node, loading->problems, "rule", _("there is no rule \"%s\""),
                     condition->rule_id != NULL ? condition->rule_id : "");
    else if (other == settling->rule || rule_asks_rules(other))
        yaml_problem(condition->node, loading->problems, "rule",
                     _("\"%s\" asks for findings of rules itself: one such step is all there is"), condition->rule_id);
    else {
        if (other->source == 0)
            other->source = source_new(loading->ruleset, SOURCE_RULE) + 1;
        listen(settling, condition, other->source - 1, within);
    }
}

static void
text_listen(Settling *settling, const Condition *condition, Within within)
{
    Loading *loading = settling->loading;
    Rule *rule = settling->rule;
    Target target = {.kind = TARGET_SOURCE, .owner = source_new(loading->ruleset, SOURCE_TEXT)};

    rule->literals += patterns_read(loading, condition->words, rule->file, target, SCAN_LITERAL);
    rule->expression_count += patterns_read(loading, condition->expressions, rule->file, target, SCAN_EXPRESSION);
    listen(settling, condition, target.owner, within);
}

static void
list_listen(Settling *settling, const Condition *condition, Within within)
{
    Loading *loading = settling->loading;
    int source = condition->list == NULL ? -1
                                         : lists_use(loading, condition->list, &settling->rule->literals,
                                                     &settling->rule->expression_count);

    if (source < 0)
        yaml_problem(condition->node, loading->problems, "list", _("there is no list \"%s\" in any pack"),
                     condition->list != NULL ? condition->list : "");
    else
        listen(settling, condition, (guint)source, within);
}

/* The source of the list in that file, which is loaded once. -1 with a problem. */
static int
exact_open(Loading *loading, const Condition *condition)
{
    const char *name = condition->exact;
    g_autoptr(GError) error = NULL;
    int known = GPOINTER_TO_INT(g_hash_table_lookup(loading->exact, name));

    if (known > 0)
        return known - 1;
    const RuleSource *file = g_str_has_suffix(name, ".yaml") ? NULL : rule_sources_use(loading->sources, name);
    if (file == NULL) {
        yaml_problem(condition->node, loading->problems, "exact", _("\"%s\": there is no such file beside the pack"),
                     name);
        return -1;
    }
    ExactList *list = exact_load_bytes(file->path, file->bytes, NULL, &error);
    if (list == NULL) {
        yaml_problem(condition->node, loading->problems, "exact", "%s", error->message);
        return -1;
    }
    if (exact_is_stale(list))
        log_warn("%s was made with another fold table: make it again, or some entries may be missed", file->path);
    guint source = source_new(loading->ruleset, SOURCE_EXACT);
    ((Source *)g_ptr_array_index(loading->ruleset->sources, source))->exact = list;
    crypto_hash_add(loading->hash, exact_digest(list), strlen(exact_digest(list)) + 1);
    g_array_append_val(loading->ruleset->exact_sources, source);
    g_hash_table_insert(loading->exact, g_strdup(name), GINT_TO_POINTER((int)source + 1));
    return (int)source;
}

static void
exact_listen(Settling *settling, const Condition *condition, Within within)
{
    int source = condition->exact != NULL ? exact_open(settling->loading, condition) : -1;

    if (source >= 0)
        listen(settling, condition, (guint)source, within);
}

static gboolean
has_mark_rule(const Ruleset *ruleset)
{
    for (guint i = 0; i < ruleset->rules->len; i++)
        if (ruleset_rule(ruleset, i)->detect == DETECT_MARK && ruleset_rule(ruleset, i)->status != RULE_OFF)
            return TRUE;
    return FALSE;
}

static void
mark_listen(Settling *settling, const Condition *condition, Within within)
{
    Ruleset *ruleset = settling->loading->ruleset;

    if (!has_mark_rule(ruleset))
        yaml_problem(condition->node, settling->loading->problems, "mark",
                     _("no rule of these packs has detect: mark, so there are no marks"));
    if (ruleset->mark_source == 0)
        ruleset->mark_source = source_new(ruleset, SOURCE_MARK) + 1;
    listen(settling, condition, ruleset->mark_source - 1, within);
}

static void
leaf_settle(Settling *settling, Condition *condition, Within within)
{
    Loading *loading = settling->loading;
    Ruleset *ruleset = loading->ruleset;
    Leaf leaf = {condition, settling->owner, within.index, within.child, within.not };

    if (ruleset->leaves->len >= CONDITION_LEAVES_MAX) {
        yaml_problem(condition->node, loading->problems, NULL, _("the packs have more than %d leaves of conditions"),
                     CONDITION_LEAVES_MAX);
        return;
    }
    condition->index = ruleset->leaves->len;
    /* What a leaf excludes by itself goes with what the rule excludes: shown as one. */
    if (places_empty(&condition->places))
        places_add(&condition->places, &settling->rule->places);
    places_add(&condition->except, &settling->rule->except);
    places_ask(ruleset, &condition->places);
    places_ask(ruleset, &condition->except);
    places_ask(ruleset, &condition->present);
    g_array_append_val(ruleset->leaves, leaf);
    reason_name(settling, condition);
    switch (condition->kind) {
    case CONDITION_WORDS:
    case CONDITION_EXPRESSIONS:
        text_listen(settling, condition, within);
        break;
    case CONDITION_LIST:
        list_listen(settling, condition, within);
        break;
    case CONDITION_DATA:
        data_listen(settling, condition, within);
        break;
    case CONDITION_EXACT:
        exact_listen(settling, condition, within);
        break;
    case CONDITION_MARK:
        mark_listen(settling, condition, within);
        break;
    case CONDITION_RULE:
        rule_listen(settling, condition, within);
        break;
    default:
        g_array_append_val(ruleset->present, condition->index);
        break;
    }
}

/* --- the tree ------------------------------------------------------------------------------- */

static void
near_settle(Settling *settling, Condition *condition)
{
    Ruleset *ruleset = settling->loading->ruleset;
    Within within = {.index = ruleset->nears->len};

    condition->index = within.index;
    g_ptr_array_add(ruleset->nears, condition);
    ruleset->within = MAX(ruleset->within, (guint)condition->within);
    ruleset->lines = MAX(ruleset->lines, (guint)condition->lines);
    for (guint i = 0; i < condition->children->len; i++) {
        Condition *child = g_ptr_array_index(condition->children, i);
        within.child = i;
        within.not = child->kind == CONDITION_NOT && child->children->len == 1;
        leaf_settle(settling, within.not ? g_ptr_array_index(child->children, 0) : child, within);
    }
    reason_name(settling, condition);
}

static void
settle(Settling *settling, Condition *condition)
{
    static const Within nowhere = {.index = NO_NEAR};

    condition->rule = settling->owner;
    if (condition_is_leaf(condition))
        leaf_settle(settling, condition, nowhere);
    else if (condition->kind == CONDITION_NEAR)
        near_settle(settling, condition);
    else
        for (guint i = 0; i < condition->children->len; i++)
            settle(settling, g_ptr_array_index(condition->children, i));
}

/* A cue has a reason of its own, whatever it consists of. */
static void
cue_settle(Settling *settling, Condition *cue)
{
    settle(settling, cue);
    reason_name(settling, cue);
}

void
conditions_settle(Loading *loading, Rule *rule, guint owner)
{
    Settling settling = {loading, rule, owner, 0};

    rule->asks_rules = rule_asks_rules(rule);
    places_ask(loading->ruleset, &rule->places);
    places_ask(loading->ruleset, &rule->except);
    if (rule->condition != NULL)
        settle(&settling, rule->condition);
    for (guint i = 0; rule->exceptions != NULL && i < rule->exceptions->len; i++)
        settle(&settling, g_ptr_array_index(rule->exceptions, i));
    for (guint i = 0; rule->cues != NULL && i < rule->cues->len; i++)
        cue_settle(&settling, g_ptr_array_index(rule->cues, i));
}
