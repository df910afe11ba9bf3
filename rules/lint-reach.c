/* lint-reach - conditions that can never hold, or that one hit makes hold in two ways: leaves that look nowhere or ask
 * for more than there is, sums whose weights do not make the threshold, what is asked for and excluded at once.
 *
 * A tree is read twice: as it is written, for its places in the file, and as it was loaded, with what the rule adds. */
#include "config.h"
#include "compose.h"
#include "fold.h"
#include "lint-parts.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    Lint *lint;
    const LintEntry *entry;
} Reaching;

static void
note(const Reaching *reaching, const YamlNode *node, const char *check, char *what, const char *advice)
{
    lint_add(reaching->lint, reaching->entry, yaml_line(node), yaml_column(node), check, what, advice);
}

static const Condition *
child_of(const Condition *condition, guint index)
{
    return g_ptr_array_index(condition->children, index);
}

/* --- the same thing -------------------------------------------------------------------------------------------- */

static int
by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
node_write(const YamlNode *node, gboolean whole, GString *out)
{
    static const char *const beside[] = {"text_zh", "text_en", "weight", "score", NULL};
    if (yaml_kind(node) == YAML_LIST) {
        g_string_append_c(out, '[');
        for (guint i = 0; i < yaml_length(node); i++)
            node_write(yaml_item(node, i), TRUE, out);
        g_string_append_c(out, ']');
        return;
    }
    if (yaml_kind(node) == YAML_SCALAR) {
        g_autofree char *text = g_strescape(yaml_scalar(node, NULL), NULL);
        g_string_append_printf(out, "\"%s\"", text);
        return;
    }
    g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < yaml_length(node); i++) {
        g_autoptr(GString) member = g_string_new(NULL);
        if (!whole && g_strv_contains(beside, yaml_key(node, i)))
            continue;
        g_string_append_printf(member, "%s:", yaml_key(node, i));
        node_write(yaml_value(node, i), FALSE, member);
        g_ptr_array_add(members, g_strdup(member->str));
    }
    g_ptr_array_sort(members, by_text);
    g_string_append_c(out, '{');
    for (guint i = 0; i < members->len; i++)
        g_string_append_printf(out, "%s,", (const char *)g_ptr_array_index(members, i));
    g_string_append_c(out, '}');
}

/* A condition as one text, without what it is called and what it weighs. Gives. */
static char *
condition_text(const Condition *condition)
{
    GString *text = g_string_new(NULL);
    node_write(condition->node, FALSE, text);
    return g_string_free(text, FALSE);
}

/* Folded words of a leaf `words`. */
static GHashTable *
words_of(const YamlNode *list)
{
    GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(1024);
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    g_autoptr(Problems) problems = problems_new();
    for (guint i = 0; list != NULL && yaml_kind(list) == YAML_LIST && i < yaml_length(list); i++) {
        const YamlNode *item = yaml_item(list, i);
        if (yaml_kind(item) == YAML_SCALAR)
            g_ptr_array_add(found, g_string_chunk_insert(texts, yaml_scalar(item, NULL)));
        else
            compose_words(item, texts, found, problems);
    }
    for (guint i = 0; i < found->len; i++)
        g_hash_table_add(words, fold_word_squeezed(g_ptr_array_index(found, i)));
    return words;
}

/* A word that both leaves look for; lent by `one`. */
static const char *
shared_word(GHashTable *one, GHashTable *other)
{
    GHashTableIter iter;
    gpointer word;
    g_hash_table_iter_init(&iter, one);
    while (g_hash_table_iter_next(&iter, &word, NULL))
        if (g_hash_table_contains(other, word))
            return word;
    return NULL;
}

static void
near_pair_check(const Reaching *reaching, const Condition *one, const Condition *other)
{
    g_autofree char *left = condition_text(one), *right = condition_text(other);
    g_autoptr(GHashTable) words = words_of(one->words), others = words_of(other->words);
    const char *shared = shared_word(words, others);
    const char *advice = _("take it out of one of them: one hit alone makes both");
    if (strcmp(left, right) == 0)
        note(reaching, other->node, "near-itself",
             g_strdup_printf(_("near looks for the same thing as in line %u"), yaml_line(one->node)), advice);
    else if (shared != NULL)
        note(reaching, other->node, "near-itself",
             g_strdup_printf(_("near: \"%s\" is a word of line %u, too"), shared, yaml_line(one->node)), advice);
}

static void
pairs_check(const Reaching *reaching, const Condition *condition)
{
    for (guint i = 1; i < condition->children->len; i++) {
        const Condition *child = child_of(condition, i);
        gboolean negative = child->kind == CONDITION_NOT && child->children->len == 1;
        g_autofree char *text = condition_text(negative ? child_of(child, 0) : child);
        for (guint k = 0; k < i; k++) {
            const Condition *other = child_of(condition, k);
            gboolean against = other->kind == CONDITION_NOT && other->children->len == 1;
            g_autofree char *same = condition_text(against ? child_of(other, 0) : other);
            if (condition->kind == CONDITION_NEAR && !negative && !against)
                near_pair_check(reaching, other, child);
            else if (strcmp(text, same) == 0 && negative == against && condition->kind != CONDITION_NEAR)
                note(reaching, child->node, "duplicate-condition",
                     g_strdup_printf(_("is the same condition as in line %u"), yaml_line(other->node)),
                     _("remove one of them"));
            else if (strcmp(text, same) == 0 && negative != against &&
                     (condition->kind == CONDITION_ALL || condition->kind == CONDITION_NEAR))
                note(reaching, child->node, "never-holds",
                     g_strdup_printf(_("excludes what line %u asks for"), yaml_line(other->node)),
                     _("remove one of them"));
        }
    }
}

/* --- leaves ---------------------------------------------------------------------------------------------------- */

/* A word with letters or blanks may stand in the text in two ways, with and without what is squeezed out. */
static guint
values_of_words(GHashTable *words)
{
    GHashTableIter iter;
    gpointer word;
    guint values = 0;
    g_hash_table_iter_init(&iter, words);
    while (g_hash_table_iter_next(&iter, &word, NULL)) {
        gboolean han = TRUE;
        for (const char *c = word; *c != '\0'; c = g_utf8_next_char(c))
            han = han && g_unichar_get_script(g_utf8_get_char(c)) == G_UNICODE_SCRIPT_HAN;
        values += han ? 1 : 2;
    }
    return values;
}

/* The list of that name; NULL if it has expressions, or words in a file. */
static const YamlNode *
list_words(const Lint *lint, const char *name)
{
    for (guint i = 0; name != NULL && i < lint->roots->len; i++) {
        const YamlNode *lists = yaml_get(g_ptr_array_index(lint->roots, i), "lists");
        const YamlNode *list = lists != NULL && yaml_kind(lists) == YAML_MAP ? yaml_get(lists, name) : NULL;
        if (list == NULL)
            continue;
        if (yaml_kind(list) != YAML_MAP)
            return list;
        return yaml_get(list, "file") != NULL || yaml_get(list, "expressions") != NULL ? NULL : yaml_get(list, "words");
    }
    return NULL;
}

static guint
exact_values(const Lint *lint, const Condition *loaded)
{
    const GArray *sources = lint->ruleset->exact_sources;
    for (guint i = 0; i < sources->len; i++) {
        const Source *source = ruleset_source(lint->ruleset, g_array_index(sources, guint, i));
        for (guint k = 0; k < source->leaves->len; k++)
            if (g_array_index(source->leaves, guint, k) == loaded->index)
                return exact_count(source->exact);
    }
    return G_MAXUINT;
}

/* How many different values the leaf can find; G_MAXUINT: nobody can tell. */
static guint
values_of(const Lint *lint, const Condition *leaf, const Condition *loaded)
{
    const YamlNode *list = leaf->kind == CONDITION_WORDS  ? leaf->words
                           : leaf->kind == CONDITION_LIST ? list_words(lint, leaf->list)
                                                          : NULL;
    if (list != NULL) {
        g_autoptr(GHashTable) words = words_of(list);
        return values_of_words(words);
    }
    return leaf->kind == CONDITION_EXACT ? exact_values(lint, loaded) : G_MAXUINT;
}

/* All that is looked at is excluded. */
static gboolean
looks_nowhere(const Places *places, const Places *except)
{
    if ((places->bits & ~except->bits) != 0)
        return FALSE;
    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *field = &g_array_index(places->fields, PlaceField, i);
        if ((field->kinds & ~except->bits) != 0 && !places_have(except, field->kinds, field->name))
            return FALSE;
    }
    return TRUE;
}

/* A header or property by its name beside all headers, or all properties. Subject and addresses have places of their
 * own: {header: Subject} is not in `header`. */
static void
names_check(const Reaching *reaching, const YamlNode *node, const Places *places)
{
    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *field = &g_array_index(places->fields, PlaceField, i);
        gboolean header = (field->kinds & 1u << PLACE_HEADER) != 0, own = g_str_has_prefix(field->name, "x-");
        guint kinds = header && own ? 1u << PLACE_HEADER : field->kinds;
        if ((kinds & ~places->bits) == 0)
            note(reaching, node, "idle-place",
                 g_strdup_printf(_("%s %s is looked at already: %s is among the places, too"),
                                 header ? "header" : "property", field->name, header ? "header" : "property"),
                 _("remove one of them"));
    }
}

static gboolean
leaf_can_hold(const Reaching *reaching, const Condition *leaf, const Condition *loaded)
{
    guint values = values_of(reaching->lint, leaf, loaded);
    names_check(reaching, leaf->node, leaf->kind == CONDITION_PRESENT ? &leaf->present : &leaf->places);
    if (leaf->kind != CONDITION_PRESENT && !places_empty(&loaded->places) &&
        looks_nowhere(&loaded->places, &loaded->except)) {
        note(reaching, leaf->node, "never-holds",
             g_strdup(_("looks nowhere: every place of it is among except_places, of its own or of the rule")),
             _("name other places"));
        return FALSE;
    }
    if ((guint)leaf->count > values) {
        note(reaching, leaf->node, "never-holds",
             g_strdup_printf(_("asks for %u different values, and there are %u at most"), (guint)leaf->count, values),
             _("lower count, or add to what is looked for"));
        return FALSE;
    }
    return TRUE;
}

/* --- trees ------------------------------------------------------------------------------------------------------ */

static gboolean can_hold(const Reaching *reaching, const Condition *condition, const Condition *loaded);

static gboolean
sum_can_hold(const Reaching *reaching, const Condition *sum, gint64 weight, gint64 idle)
{
    if (idle > 0)
        note(reaching, sum->node, "idle-weight",
             g_strdup_printf(_("sum has %d conditions of weight 0: whether they hold changes nothing"), (int)idle),
             _("give them a weight, or remove them"));
    if (weight >= sum->threshold)
        return TRUE;
    note(reaching, sum->node, "never-holds",
         g_strdup_printf(_("the weights make %d at most, and threshold is %d"), (int)weight, (int)sum->threshold),
         _("lower threshold, or raise weights"));
    return FALSE;
}

/* What is excluded and cannot be is harmless: such a condition holds. */
static gboolean
children_can_hold(const Reaching *reaching, const Condition *condition, const Condition *loaded)
{
    guint able = 0, count = condition->children->len;
    gint64 weight = 0, idle = 0;
    for (guint i = 0; i < count; i++) {
        const Condition *child = child_of(condition, i);
        gboolean able_child = can_hold(reaching, child, child_of(loaded, i)) || condition->kind == CONDITION_NOT;
        able += able_child;
        weight += able_child && child->weight > 0 ? child->weight : 0;
        idle += child->weight == 0;
    }
    pairs_check(reaching, condition);
    if (condition->kind == CONDITION_SUM)
        return sum_can_hold(reaching, condition, weight, idle);
    return condition->kind == CONDITION_ANY ? able >= (guint)condition->at_least : able == count;
}

static gboolean
can_hold(const Reaching *reaching, const Condition *condition, const Condition *loaded)
{
    return condition_is_leaf(condition) ? leaf_can_hold(reaching, condition, loaded)
                                        : children_can_hold(reaching, condition, loaded);
}

static void
tree_check(const Reaching *reaching, const YamlNode *node, gboolean cue, const Condition *loaded)
{
    g_autoptr(Problems) problems = problems_new();
    Condition *written = cue ? condition_read_cue(node, "cues", problems) : condition_read(node, "condition", problems);
    if (written != NULL && problems_count(problems) == 0)
        can_hold(reaching, written, loaded);
    condition_free(written);
}

static void
trees_check(const Reaching *reaching, const YamlNode *list, gboolean cue, const GPtrArray *loaded)
{
    for (guint i = 0; list != NULL && loaded != NULL && i < yaml_length(list) && i < loaded->len; i++)
        tree_check(reaching, yaml_item(list, i), cue, g_ptr_array_index(loaded, i));
}

void
lint_reach(Lint *lint)
{
    for (guint i = 0; i < lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(lint->entries, i);
        const Rule *rule = entry->cue || entry->index < 0 ? NULL : ruleset_rule(lint->ruleset, (guint)entry->index);
        if (rule == NULL)
            continue;
        const Reaching reaching = {lint, entry};
        names_check(&reaching, entry->node, &rule->places);
        if (rule->condition == NULL) {
            if (!places_empty(&rule->places) && looks_nowhere(&rule->places, &rule->except))
                note(&reaching, entry->node, "never-holds",
                     g_strdup(_("looks nowhere: every place of it is among except_places, of its own or of the rule")),
                     _("name other places"));
            continue;
        }
        tree_check(&reaching, yaml_get(entry->node, "condition"), FALSE, rule->condition);
        trees_check(&reaching, yaml_get(entry->node, "exceptions"), FALSE, rule->exceptions);
        trees_check(&reaching, yaml_get(entry->node, "cues"), TRUE, rule->cues);
    }
}
