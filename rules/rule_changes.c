/* rule_changes - an entry is a set of lines "path: value": two sets are easily compared, whatever the language of rules
 * may come to hold. */
#include "config.h"
#include "rule_changes.h"
#include <string.h>

static void
change_free(gpointer data)
{
    RuleChange *change = data;
    g_free(change->id);
    g_ptr_array_unref(change->lines);
    g_free(change);
}

static void
inline_text(const YamlNode *node, GString *out)
{
    YamlKind kind = yaml_kind(node);
    if (kind == YAML_SCALAR) {
        g_string_append(out, yaml_scalar(node, NULL));
        return;
    }
    g_string_append_c(out, kind == YAML_LIST ? '[' : '{');
    for (guint i = 0; i < yaml_length(node); i++) {
        g_string_append(out, i > 0 ? ", " : "");
        if (kind == YAML_MAP)
            g_string_append_printf(out, "%s: ", yaml_key(node, i));
        inline_text(kind == YAML_MAP ? yaml_value(node, i) : yaml_item(node, i), out);
    }
    g_string_append_c(out, kind == YAML_LIST ? ']' : '}');
}

static void
line_add(GPtrArray *lines, const char *path, const YamlNode *node)
{
    g_autoptr(GString) text = g_string_new(path);
    g_string_append(text, ": ");
    inline_text(node, text);
    g_ptr_array_add(lines, g_strdup(text->str));
}

static void
flatten(GPtrArray *lines, const char *path, const YamlNode *node)
{
    if (yaml_kind(node) == YAML_SCALAR)
        line_add(lines, path, node);
    for (guint i = 0; yaml_kind(node) == YAML_LIST && i < yaml_length(node); i++)
        line_add(lines, path, yaml_item(node, i));
    for (guint i = 0; yaml_kind(node) == YAML_MAP && i < yaml_length(node); i++) {
        g_autofree char *inner = g_strconcat(path, *path != '\0' ? "." : "", yaml_key(node, i), NULL);
        flatten(lines, inner, yaml_value(node, i));
    }
}

/* id -> lines, of rules ("r:...") and cues ("c:..."). */
static GHashTable *
entries_of(const RuleSources *sources)
{
    static const char *const lists[] = {"rules", "cues"};
    GHashTable *entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    g_autoptr(Problems) problems = problems_new();
    const RuleSource *source;
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++) {
        gsize length;
        const char *bytes = g_bytes_get_data(source->bytes, &length);
        g_autoptr(YamlFile) file = g_str_has_suffix(source->name, ".yaml") && bytes != NULL
                                       ? yaml_load_bytes(source->path, bytes, length, problems)
                                       : NULL;
        for (gsize k = 0; file != NULL && k < G_N_ELEMENTS(lists); k++) {
            const YamlNode *list = yaml_get(yaml_root(file), lists[k]);
            for (guint n = 0; list != NULL && n < yaml_length(list); n++) {
                const YamlNode *id = yaml_get(yaml_item(list, n), "id");
                GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
                flatten(lines, "", yaml_item(list, n));
                g_hash_table_insert(entries, g_strdup_printf("%s:%s", k == 0 ? "1" : "2", yaml_scalar(id, NULL)),
                                    lines);
            }
        }
    }
    return entries;
}

/* What of `lines` is not among `others`, with a sign in front. */
static void
only_in(const GPtrArray *lines, const GPtrArray *others, char sign, GPtrArray *out)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < others->len; i++)
        g_hash_table_add(known, g_ptr_array_index(others, i));
    for (guint i = 0; i < lines->len; i++)
        if (!g_hash_table_contains(known, g_ptr_array_index(lines, i)))
            g_ptr_array_add(out, g_strdup_printf("%c %s", sign, (const char *)g_ptr_array_index(lines, i)));
}

static int
key_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
rule_changes(const RuleSources *old, const RuleSources *new)
{
    g_autoptr(GHashTable) before = entries_of(old), after = entries_of(new);
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    GPtrArray *changes = g_ptr_array_new_with_free_func(change_free);
    GHashTableIter iterator;
    gpointer key;
    g_hash_table_iter_init(&iterator, before);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        g_ptr_array_add(keys, key);
    g_hash_table_iter_init(&iterator, after);
    while (g_hash_table_iter_next(&iterator, &key, NULL))
        if (!g_hash_table_contains(before, key))
            g_ptr_array_add(keys, key);
    g_ptr_array_sort(keys, key_compare);
    for (guint i = 0; i < keys->len; i++) {
        const char *name = g_ptr_array_index(keys, i);
        const GPtrArray *was = g_hash_table_lookup(before, name), *is = g_hash_table_lookup(after, name);
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        if (was != NULL && is != NULL) {
            only_in(was, is, '-', lines);
            only_in(is, was, '+', lines);
            if (lines->len == 0)
                continue;
        }
        RuleChange *change = g_new0(RuleChange, 1);
        *change = (RuleChange){was == NULL  ? RULE_ADDED
                               : is == NULL ? RULE_REMOVED
                                            : RULE_CHANGED,
                               name[0] == '2', g_strdup(name + 2), g_steal_pointer(&lines)};
        g_ptr_array_add(changes, change);
    }
    return changes;
}

const char *
rule_change_word(RuleChangeKind kind)
{
    static const char *const words[] = {"added", "removed", "changed"};
    return words[kind];
}
