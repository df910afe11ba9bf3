/* condition - the tree of a rule against its tables of rows. */
#include "config.h"
#include "condition.h"
#include "data.h"
#include "marking.h"
#include "places.h"
#include "yaml_units.h"
#include <glib/gi18n.h>
#include <string.h>

#define FIELD(name) G_STRUCT_OFFSET(Condition, name)

/* What may stand beside the key that says what a condition is. */
enum {
    WITH_AT_LEAST = 1 << 0,
    WITH_THRESHOLD = 1 << 1,
    WITH_REACH = 1 << 2,
    WITH_COUNT = 1 << 3,
    WITH_CAPITALS = 1 << 4,
    WITH_PLACES = 1 << 5,
    WITH_TIMES = 1 << 6,
};

static const struct {
    const char *key;
    guint with;
} KINDS[] = {
    [CONDITION_ALL] = {"all", 0},
    [CONDITION_ANY] = {"any", WITH_AT_LEAST},
    [CONDITION_NOT] = {"not", 0},
    [CONDITION_NEAR] = {"near", WITH_REACH},
    [CONDITION_SUM] = {"sum", WITH_THRESHOLD},
    [CONDITION_WORDS] = {"words", WITH_COUNT | WITH_TIMES | WITH_CAPITALS | WITH_PLACES},
    [CONDITION_EXPRESSIONS] = {"expressions", WITH_COUNT | WITH_TIMES | WITH_PLACES},
    [CONDITION_LIST] = {"list", WITH_COUNT | WITH_TIMES | WITH_CAPITALS | WITH_PLACES},
    [CONDITION_DATA] = {"data", WITH_COUNT | WITH_TIMES | WITH_PLACES},
    [CONDITION_EXACT] = {"exact", WITH_COUNT | WITH_TIMES | WITH_PLACES},
    [CONDITION_MARK] = {"mark", WITH_COUNT | WITH_TIMES | WITH_PLACES},
    [CONDITION_RULE] = {"rule", WITH_COUNT | WITH_PLACES},
    [CONDITION_PRESENT] = {"present", 0},
};

static const struct {
    const char *key;
    guint with;
} BESIDE[] = {{"at_least", WITH_AT_LEAST}, {"threshold", WITH_THRESHOLD}, {"within", WITH_REACH},
              {"lines", WITH_REACH},       {"count", WITH_COUNT},         {"times", WITH_TIMES},
              {"capitals", WITH_CAPITALS}, {"places", WITH_PLACES},       {"except_places", WITH_PLACES}};

static const YamlWord FORMS[] = {{"star", MARK_FORM_STAR},
                                 {"alone", MARK_FORM_ALONE},
                                 {"field", MARK_FORM_FIELD},
                                 {"ticked", MARK_FORM_TICKED},
                                 {"bracketed", MARK_FORM_BRACKETED},
                                 {"sentence", MARK_FORM_SENTENCE},
                                 {NULL, 0}};

static const YamlRow MARK_ROWS[] = {
    {"level", YAML_ROW_TEXTS, FIELD(level_names), "[]", .help_zh = "密级；不写为全部。",
     .help_en = "Levels; without it all."},
    {"form", YAML_ROW_TEXTS, FIELD(form_names), "[]", .help_zh = "形式；不写为全部。",
     .help_en = "Forms; without it all."},
    {"score", YAML_ROW_INT, FIELD(mark_score), "60", .min = 0, .max = 200, .help_zh = "标志至少得几分。",
     .help_en = "What the mark must score at least."},
    {NULL},
};

static const YamlRow ROWS[] = {
    {"all", YAML_ROW_NODE, FIELD(all), .help_zh = "其中条件全部成立。", .help_en = "Every one of these holds."},
    {"any", YAML_ROW_NODE, FIELD(any), .help_zh = "其中至少 at_least 个条件成立。",
     .help_en = "At least at_least of these hold."},
    {"not", YAML_ROW_NODE, FIELD(not ), .help_zh = "该条件不成立。", .help_en = "This one does not hold."},
    {"near", YAML_ROW_NODE, FIELD(near), .help_zh = "各项命中彼此相邻。", .help_en = "Hits of these near one another."},
    {"sum", YAML_ROW_NODE, FIELD(sum), .help_zh = "成立的条件权重之和不小于 threshold。",
     .help_en = "The weights of those that hold make at least threshold."},
    {"words", YAML_ROW_NODE, FIELD(words), .help_zh = "词。", .help_en = "Words."},
    {"expressions", YAML_ROW_NODE, FIELD(expressions), .help_zh = "正则表达式，对折叠后的文本。",
     .help_en = "Regular expressions over folded text."},
    {"list", YAML_ROW_TEXT, FIELD(list), .help_zh = "规则包中 lists 定义的词表。", .help_en = "A list of some pack."},
    {"data", YAML_ROW_TEXTS, FIELD(data_names), .help_zh = "带校验的号码种类。",
     .help_en = "Kinds of numbers that validators find."},
    {"exact", YAML_ROW_TEXT, FIELD(exact), .help_zh = "精确数据表（加盐摘要）文件。",
     .help_en = "File of exact data, salted hashes."},
    {"mark", YAML_ROW_NODE, FIELD(mark), .help_zh = "国家秘密标志。",
     .help_en = "A mark that a rule with detect: mark finds."},
    {"rule", YAML_ROW_TEXT, FIELD(rule_id), .help_zh = "另一条规则的命中。", .help_en = "A finding of another rule."},
    {"present", YAML_ROW_NODE, FIELD(present_node), .help_zh = "这些位置之一有文字。",
     .help_en = "There is text in one of these places."},
    {"at_least", YAML_ROW_INT, FIELD(at_least), "1", .min = 1, .max = 1000, .help_zh = "至少几个（any）。",
     .help_en = "How many, with any."},
    {"threshold", YAML_ROW_INT, FIELD(threshold), "1", .min = 1, .max = 100000, .help_zh = "权重之和（sum）。",
     .help_en = "What the weights must add up to, with sum."},
    {"within", YAML_ROW_INT, FIELD(within), .min = 1, .max = CONDITION_WITHIN_MAX, .help_zh = "相距至多几字（near）。",
     .help_en = "Characters between the hits at most, with near."},
    {"lines", YAML_ROW_INT, FIELD(lines), .min = 1, .max = CONDITION_LINES_MAX, .help_zh = "相隔至多几行（near）。",
     .help_en = "Lines between the hits at most, with near."},
    {"count", YAML_ROW_INT, FIELD(count), "1", .min = 1, .max = CONDITION_COUNT_MAX, .help_zh = "至少几个不同的值。",
     .help_en = "How many different values there must be."},
    {"times", YAML_ROW_INT, FIELD(times), "1", .min = 1, .max = CONDITION_COUNT_MAX,
     .help_zh = "共至少出现几次，相同的值也计。",
     .help_en = "How often it must be found in all, the same value or not."},
    {"weight", YAML_ROW_INT, FIELD(weight), "1", .min = -1000, .max = 1000, .help_zh = "在 sum 中的权重。",
     .help_en = "What it adds to a sum."},
    {"capitals", YAML_ROW_BOOL, FIELD(capitals), "no", .help_zh = "只计大写。", .help_en = "Capitals only."},
    {"places", YAML_ROW_NODE, FIELD(places_node), .help_zh = "位置；不写则同规则。",
     .help_en = "Places; without it those of the rule."},
    {"except_places", YAML_ROW_NODE, FIELD(except_node), .help_zh = "除外的位置。",
     .help_en = "Places that do not count."},
    {"text_zh", YAML_ROW_TEXT, FIELD(text_zh), .help_zh = "理由（中文）。", .help_en = "The reason in Chinese."},
    {"text_en", YAML_ROW_TEXT, FIELD(text_en), .help_zh = "理由（英文）。", .help_en = "The reason in English."},
    {"score", YAML_ROW_INT, FIELD(score), "0", .min = -200, .max = 200, .help_zh = "线索的加分或减分。",
     .help_en = "What a cue adds or takes."},
    {NULL},
};

gboolean
condition_is_leaf(const Condition *condition)
{
    return condition->kind >= CONDITION_WORDS;
}

const char *
condition_word(ConditionKind kind)
{
    return KINDS[kind].key;
}

/* --- children ------------------------------------------------------------------------------- */

static void
condition_unload(gpointer condition)
{
    condition_free(condition);
}

static void
child_add(Condition *condition, const YamlNode *node, const char *key, Problems *problems)
{
    Condition *child = condition_read(node, key, problems);

    if (child != NULL)
        g_ptr_array_add(condition->children, child);
}

static void
children_read(Condition *condition, const YamlNode *node, const char *key, Problems *problems)
{
    condition->children = g_ptr_array_new_with_free_func(condition_unload);
    if (condition->kind == CONDITION_NOT) {
        child_add(condition, node, key, problems);
        return;
    }
    if (yaml_kind(node) != YAML_LIST || yaml_length(node) == 0) {
        yaml_problem(node, problems, key, _("%s must be a list of conditions"), KINDS[condition->kind].key);
        return;
    }
    for (guint i = 0; i < yaml_length(node); i++)
        child_add(condition, yaml_item(node, i), key, problems);
    if (condition->kind == CONDITION_ANY && condition->at_least > yaml_length(node))
        yaml_problem(node, problems, key, _("at_least is %d, and there are only %u conditions"),
                     (int)condition->at_least, yaml_length(node));
}

static gboolean
is_near_leaf(const Condition *condition)
{
    return condition->kind >= CONDITION_WORDS && condition->kind <= CONDITION_MARK;
}

static void
near_check(const Condition *condition, const char *key, Problems *problems)
{
    guint wanted = 0;

    for (guint i = 0; i < condition->children->len; i++) {
        const Condition *child = g_ptr_array_index(condition->children, i);
        gboolean negative = child->kind == CONDITION_NOT && child->children->len == 1;
        const Condition *leaf = negative ? g_ptr_array_index(child->children, 0) : child;
        wanted += !negative;
        if (leaf->times > 1)
            yaml_problem(child->node, problems, key, _("times does not go inside near: use count there"));
        if (!is_near_leaf(leaf))
            yaml_problem(child->node, problems, key,
                         _("near takes words, expressions, list, data, exact and mark, and not before one of them"));
    }
    if (wanted == 0 || condition->children->len < 2 || condition->children->len > CONDITION_NEAR_MAX)
        yaml_problem(condition->node, problems, key, _("near needs two to %d conditions, one of them without not"),
                     CONDITION_NEAR_MAX);
    if ((condition->within == 0) == (condition->lines == 0))
        yaml_problem(condition->node, problems, key, _("near needs either within (characters) or lines"));
}

/* --- one ------------------------------------------------------------------------------------ */

/* Which of the keys says what it is. FALSE with a problem if none or several do. */
static gboolean
kind_find(Condition *condition, const char *key, Problems *problems)
{
    guint found = 0;

    for (guint i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (yaml_get(condition->node, KINDS[i].key) != NULL) {
            condition->kind = (ConditionKind)i;
            found++;
        }
    if (found == 1)
        return TRUE;
    yaml_problem(condition->node, problems, key,
                 _("a condition has exactly one of all, any, not, near, sum, words, expressions, list, data, exact, "
                   "mark, rule, present"));
    return FALSE;
}

static void
beside_check(const Condition *condition, const char *key, Problems *problems)
{
    for (guint i = 0; i < G_N_ELEMENTS(BESIDE); i++) {
        const YamlNode *node = yaml_get(condition->node, BESIDE[i].key);
        if (node != NULL && (KINDS[condition->kind].with & BESIDE[i].with) == 0)
            yaml_problem(node, problems, key, _("%s does not go with %s"), BESIDE[i].key, KINDS[condition->kind].key);
    }
}

static void
data_read(Condition *condition, const char *key, Problems *problems)
{
    const YamlNode *node = yaml_get(condition->node, "data");
    DataKind kind;

    for (guint i = 0; condition->data_names != NULL && i < condition->data_names->len; i++) {
        const char *name = g_ptr_array_index(condition->data_names, i);
        if (data_parse(name, &kind)) {
            condition->data |= 1u << kind;
            continue;
        }
        g_autoptr(GString) known = g_string_new(NULL);
        for (guint k = 0; k < DATA_COUNT; k++)
            g_string_append_printf(known, "%s%s", k > 0 ? ", " : "", data_word((DataKind)k));
        yaml_problem(node, problems, key, _("\"%s\": must be one of %s"), name, known->str);
    }
}

static void
mark_read(Condition *condition, const char *key, Problems *problems)
{
    const YamlNode *node = condition->mark;
    Level level;

    if (yaml_kind(node) != YAML_MAP && !yaml_is_blank(node)) {
        yaml_problem(node, problems, key, _("mark must be a map of level, form and score; {} is any mark"));
        return;
    }
    yaml_read_rows(yaml_kind(node) == YAML_MAP ? node : NULL, MARK_ROWS, key, condition, problems);
    for (guint i = 0; i < condition->level_names->len; i++) {
        const char *name = g_ptr_array_index(condition->level_names, i);
        if (level_parse(name, &level) && level >= LEVEL_SECRET)
            condition->levels |= 1u << level;
        else
            yaml_problem(node, problems, key, _("must be top-secret, highly-secret or secret"));
    }
    for (guint i = 0; i < condition->form_names->len; i++) {
        const char *name = g_ptr_array_index(condition->form_names, i);
        const YamlWord *word = FORMS;
        while (word->word != NULL && strcmp(word->word, name) != 0)
            word++;
        if (word->word == NULL) {
            g_autofree char *known = yaml_words_wanted(FORMS);
            yaml_problem(yaml_find_word(node, name), problems, key, _("\"%s\": must be one of %s"), name, known);
        } else
            condition->forms |= 1u << word->value;
    }
}

static void
kind_read(Condition *condition, const char *key, Problems *problems)
{
    const YamlNode *const nodes[] = {condition->all, condition->any, condition->not, condition->near, condition->sum};

    if (!condition_is_leaf(condition))
        children_read(condition, nodes[condition->kind], key, problems);
    if (condition->kind == CONDITION_NEAR)
        near_check(condition, key, problems);
    else if (condition->kind == CONDITION_DATA)
        data_read(condition, key, problems);
    else if (condition->kind == CONDITION_MARK)
        mark_read(condition, key, problems);
    else if (condition->kind == CONDITION_PRESENT)
        places_read(condition->present_node, key, problems, &condition->present);
    if (condition->kind == CONDITION_PRESENT && (condition->present.bits & (PLACES_QUOTED | PLACES_HEADER_ZONE)) != 0)
        yaml_problem(condition->node, problems, key, _("present takes whole places: not quoted, nor header-zone"));
}

static Condition *
read_one(const YamlNode *node, const char *key, gboolean cue, Problems *problems)
{
    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, problems, key, _("must be a condition: a map like {words: [...]}"));
        return NULL;
    }
    Condition *condition = g_new0(Condition, 1);
    condition->node = node;
    yaml_read_rows(node, ROWS, key, condition, problems);
    places_read(condition->places_node, key, problems, &condition->places);
    places_read(condition->except_node, key, problems, &condition->except);
    condition->own_places = !places_empty(&condition->places) || !places_empty(&condition->except);
    if (kind_find(condition, key, problems)) {
        beside_check(condition, key, problems);
        kind_read(condition, key, problems);
    } else
        condition->kind = CONDITION_PRESENT; /* of no place: never holds */
    if ((condition->text_zh == NULL) != (condition->text_en == NULL))
        yaml_problem(node, problems, key, _("a reason has both text_zh and text_en"));
    if (cue != (yaml_get(node, "score") != NULL))
        yaml_problem(node, problems, key, cue ? _("a cue needs a score") : _("score belongs to the rule or to a cue"));
    if (cue && condition->text_zh == NULL)
        yaml_problem(node, problems, key, _("a cue needs text_zh and text_en"));
    return condition;
}

Condition *
condition_read(const YamlNode *node, const char *key, Problems *problems)
{
    return read_one(node, key, FALSE, problems);
}

Condition *
condition_read_cue(const YamlNode *node, const char *key, Problems *problems)
{
    return read_one(node, key, TRUE, problems);
}

void
condition_free(Condition *condition)
{
    if (condition == NULL)
        return;
    g_clear_pointer(&condition->children, g_ptr_array_unref);
    places_clear(&condition->places);
    places_clear(&condition->except);
    places_clear(&condition->present);
    yaml_clear_rows(ROWS, condition);
    yaml_clear_rows(MARK_ROWS, condition);
    g_free(condition);
}

gboolean
condition_holds_empty(const Condition *condition)
{
    gint64 held = 0, weight = 0;
    guint count = condition->children != NULL ? condition->children->len : 0;

    for (guint i = 0; i < count; i++) {
        const Condition *child = g_ptr_array_index(condition->children, i);
        if (!condition_holds_empty(child))
            continue;
        held++;
        weight += child->weight;
    }
    switch (condition->kind) {
    case CONDITION_ALL:
        return count > 0 && held == count;
    case CONDITION_ANY:
        return held >= condition->at_least;
    case CONDITION_NOT:
        return count > 0 && held == 0;
    case CONDITION_SUM:
        return weight >= condition->threshold;
    default:
        return FALSE;
    }
}
