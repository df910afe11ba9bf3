/* rule-examples - what a rule says that it must find, and must not. */
#include "config.h"
#include "clock.h"
#include "rule.h"
#include <glib/gi18n.h>
#include <string.h>

#define PARTS_MAX 20

/* --- life ----------------------------------------------------------------------------------- */

static void
text_free(gpointer data)
{
    RuleExampleText *text = data;

    g_free(text->text);
    g_free(text);
}

static void
example_free(gpointer data)
{
    RuleExample *example = data;

    g_ptr_array_unref(example->texts);
    g_ptr_array_unref(example->recipients);
    g_ptr_array_unref(example->own);
    g_ptr_array_unref(example->reply_to);
    g_free(example->sender);
    g_free(example->shown);
    g_free(example);
}

static RuleExample *
example_new(const YamlNode *node)
{
    RuleExample *example = g_new0(RuleExample, 1);

    example->texts = g_ptr_array_new_with_free_func(text_free);
    example->recipients = g_ptr_array_new_with_free_func(g_free);
    example->own = g_ptr_array_new_with_free_func(g_free);
    example->reply_to = g_ptr_array_new_with_free_func(g_free);
    example->sender = g_strdup("");
    example->direction = DIRECTION_OUT;
    example->line = yaml_line(node);
    return example;
}

/* --- texts ---------------------------------------------------------------------------------- */

static void
text_add(RuleExample *example, guint part, guint place, const char *name, const YamlNode *node, const char *key,
         Problems *problems)
{
    if (yaml_kind(node) != YAML_SCALAR || yaml_is_blank(node)) {
        yaml_problem(node, problems, key, _("must be a text, or a map of place: text"));
        return;
    }
    RuleExampleText *text = g_new0(RuleExampleText, 1);
    *text = (RuleExampleText){.part = part, .place = place, .name = name, .text = g_strdup(yaml_scalar(node, NULL))};
    g_ptr_array_add(example->texts, text);
}

static const guint places_of_headers = 1u << PLACE_SUBJECT | 1u << PLACE_HEADER | 1u << PLACE_DISPLAY_NAME;

/* The parts that a letter has: its headers, its body, what is attached. */
static guint
part_of(guint place)
{
    if ((place & places_of_headers) != 0)
        return 0;
    return (place & PLACES_ATTACHMENT) != 0 ? 2 : 1;
}

/* {header: {X-Protective-Marking: ...}}: texts of fields by their names. */
static void
names_take(RuleExample *example, guint part, guint place, const YamlNode *map, const char *key, Problems *problems)
{
    for (guint i = 0; i < yaml_length(map); i++) {
        PlaceField field;
        if (places_field((place & places_of_headers) != 0 ? "header" : places_word(place), yaml_key(map, i), &field))
            text_add(example, part, place, field.name, yaml_value(map, i), key, problems);
        else
            yaml_problem(yaml_key_node(map, i), problems, key,
                         _("\"%s\": only one header or one property has a name: {header: NAME}, {property: NAME}"),
                         yaml_key(map, i));
    }
}

/* `part` negative: by the place. FALSE if the key is no place. */
static gboolean
place_take(RuleExample *example, const YamlNode *map, guint index, int part, const char *key, Problems *problems)
{
    guint place;

    if (!places_parse(yaml_key(map, index), &place) || (place & (PLACES_QUOTED | PLACES_HEADER_ZONE)) != 0)
        return FALSE;
    guint index_of_part = part < 0 ? part_of(place) : (guint)part;
    if (yaml_kind(yaml_value(map, index)) == YAML_MAP)
        names_take(example, index_of_part, place, yaml_value(map, index), key, problems);
    else
        text_add(example, index_of_part, place, NULL, yaml_value(map, index), key, problems);
    return TRUE;
}

static void
parts_take(RuleExample *example, const YamlNode *list, const char *key, Problems *problems)
{
    if (yaml_kind(list) != YAML_LIST || yaml_length(list) > PARTS_MAX) {
        yaml_problem(list, problems, key, _("parts must be a list of maps of place: text, at most %d"), PARTS_MAX);
        return;
    }
    for (guint i = 0; i < yaml_length(list); i++) {
        const YamlNode *map = yaml_item(list, i);
        if (yaml_kind(map) != YAML_MAP) {
            yaml_problem(map, problems, key, _("must be a map of place: text"));
            continue;
        }
        for (guint k = 0; k < yaml_length(map); k++)
            if (!place_take(example, map, k, (int)i, key, problems))
                yaml_problem(yaml_key_node(map, k), problems, key, _("\"%s\" is no place"), yaml_key(map, k));
    }
}

/* --- facts ---------------------------------------------------------------------------------- */

static void
addresses_take(GPtrArray *addresses, const YamlNode *node, const char *key, Problems *problems)
{
    guint count = yaml_kind(node) == YAML_LIST ? yaml_length(node) : 1;

    for (guint i = 0; i < count; i++) {
        const YamlNode *item = yaml_kind(node) == YAML_LIST ? yaml_item(node, i) : node;
        const char *text = yaml_scalar(item, NULL);
        if (text == NULL)
            yaml_problem(item, problems, key, _("must be an address"));
        else
            g_ptr_array_add(addresses, g_utf8_strdown(text, -1));
    }
}

/* "10/3" */
static gboolean
history_parse(const char *text, LetterHistory *history_out)
{
    g_auto(GStrv) numbers = g_strsplit(text, "/", 2);
    guint64 letters = 0, days = 0;
    if (g_strv_length(numbers) != 2 || !g_ascii_string_to_unsigned(numbers[0], 10, 1, 99999, &letters, NULL) ||
        !g_ascii_string_to_unsigned(numbers[1], 10, 1, 999, &days, NULL))
        return FALSE;
    *history_out = (LetterHistory){(guint)letters, (guint)days};
    return TRUE;
}

/* FALSE if the key names no fact. */
static gboolean
fact_take(RuleExample *example, const char *name, const YamlNode *node, const char *key, Problems *problems)
{
    const char *text = yaml_scalar(node, NULL);

    if (strcmp(name, "rcpt") == 0) {
        addresses_take(example->recipients, node, key, problems);
    } else if (strcmp(name, "own") == 0) {
        addresses_take(example->own, node, key, problems);
    } else if (strcmp(name, "reply_to") == 0) {
        addresses_take(example->reply_to, node, key, problems);
    } else if (strcmp(name, "direction") == 0) {
        if (!direction_parse(text, &example->direction))
            yaml_problem(node, problems, key, _("a direction is out, local or in"));
    } else if (strcmp(name, "from") == 0) {
        g_free(example->sender);
        example->sender = g_utf8_strdown(text != NULL ? text : "", -1);
    } else if (strcmp(name, "history") == 0) {
        if (text == NULL || !history_parse(text, &example->history))
            yaml_problem(node, problems, key, _("history is like 10/3: so many letters on so many days"));
    } else if (strcmp(name, "now") == 0) {
        if (text == NULL || strlen(text) < 20 || !clock_parse(text, &example->time_us, NULL))
            yaml_problem(node, problems, key, _("must be a time like 2026-01-15T22:00:00+08:00"));
    } else {
        return FALSE;
    }
    example->has_facts = TRUE;
    return TRUE;
}

static void
map_take(RuleExample *example, const YamlNode *map, const char *key, Problems *problems)
{
    for (guint i = 0; i < yaml_length(map); i++) {
        const char *name = yaml_key(map, i);
        if (strcmp(name, "parts") == 0)
            parts_take(example, yaml_value(map, i), key, problems);
        else if (!place_take(example, map, i, -1, key, problems) &&
                 !fact_take(example, name, yaml_value(map, i), key, problems))
            yaml_problem(yaml_key_node(map, i), problems, key,
                         _("\"%s\" is no place; an example is a text, or a map of place: text and of direction, from, "
                           "rcpt, own, reply_to, history, now, parts"),
                         name);
    }
}

/* --- the list ------------------------------------------------------------------------------- */

static char *
shown(const RuleExample *example)
{
    GString *out = g_string_new(NULL);

    const RuleExampleText *only = example->texts->len == 1 ? g_ptr_array_index(example->texts, 0) : NULL;
    if (only != NULL && only->name == NULL && !example->has_facts) {
        g_string_append(out, only->text);
        return g_string_free(out, FALSE);
    }
    for (guint i = 0; i < example->texts->len; i++) {
        const RuleExampleText *text = g_ptr_array_index(example->texts, i);
        g_string_append_printf(out, "%s%s%s%s: %s", i > 0 ? "\n" : "", places_word(text->place),
                               text->name != NULL ? " " : "", text->name != NULL ? text->name : "", text->text);
    }
    if (example->has_facts)
        g_string_append_printf(out, "\ndirection: %s, from: %s", direction_word(example->direction), example->sender);
    for (guint i = 0; i < example->recipients->len; i++)
        g_string_append_printf(out, ", rcpt: %s", (const char *)g_ptr_array_index(example->recipients, i));
    if (example->history.letters > 0)
        g_string_append_printf(out, ", history: %u/%u", example->history.letters, example->history.days);
    if (example->time_us != 0) {
        g_autofree char *time = clock_format(example->time_us);
        g_string_append_printf(out, ", now: %s", time);
    }
    return g_string_free(out, FALSE);
}

static int
by_part(gconstpointer a, gconstpointer b)
{
    const RuleExampleText *left = *(const RuleExampleText *const *)a, *right = *(const RuleExampleText *const *)b;

    return (int)left->part - (int)right->part;
}

GPtrArray *
rule_examples_read(const YamlNode *node, const char *key, Problems *problems)
{
    GPtrArray *examples = g_ptr_array_new_with_free_func(example_free);

    if (node == NULL)
        return examples;
    if (yaml_kind(node) != YAML_LIST || yaml_length(node) == 0) {
        yaml_problem(node, problems, key, _("must be a list of at least one example"));
        return examples;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        RuleExample *example = example_new(item);
        g_ptr_array_add(examples, example);
        if (yaml_kind(item) == YAML_MAP)
            map_take(example, item, key, problems);
        else
            text_add(example, 1, 1u << PLACE_BODY, NULL, item, key, problems);
        g_ptr_array_sort(example->texts, by_part);
        example->shown = shown(example);
    }
    return examples;
}
