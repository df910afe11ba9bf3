/* A YAML file as a tree of nodes that know their place: looking at it. yaml_load.c builds it. */
#include "config.h"
#include "yaml.h"
#include "yaml_node.h"

void
yaml_node_free(gpointer data)
{
    YamlNode *node = data;
    if (node == NULL)
        return;
    g_free(node->text);
    g_clear_pointer(&node->by_key, g_hash_table_unref);
    g_clear_pointer(&node->keys, g_ptr_array_unref);
    g_clear_pointer(&node->values, g_ptr_array_unref); /* as deep as YAML_DEPTH_MAX */
    g_free(node);
}

void
yaml_unload(YamlFile *file)
{
    if (file == NULL)
        return;
    yaml_node_free(file->root);
    g_free(file->name);
    g_free(file->digest);
    g_free(file);
}

YamlNode *
yaml_root(YamlFile *file)
{
    return file->root;
}

const char *
yaml_digest(const YamlFile *file)
{
    return file->digest;
}

YamlKind
yaml_kind(const YamlNode *node)
{
    return node->kind;
}

const char *
yaml_scalar(const YamlNode *node, gsize *length_out)
{
    if (length_out != NULL)
        *length_out = node->length;
    return node->text;
}

gboolean
yaml_is_blank(const YamlNode *node)
{
    return node->kind == YAML_SCALAR && node->plain && node->length == 0;
}

guint
yaml_length(const YamlNode *node)
{
    return node->values != NULL ? node->values->len : 0;
}

YamlNode *
yaml_item(const YamlNode *list, guint index)
{
    return index < yaml_length(list) ? g_ptr_array_index(list->values, index) : NULL;
}

const char *
yaml_key(const YamlNode *map, guint index)
{
    if (map->keys == NULL || index >= map->keys->len)
        return NULL;
    return ((const YamlNode *)g_ptr_array_index(map->keys, index))->text;
}

YamlNode *
yaml_key_node(const YamlNode *map, guint index)
{
    return map->keys != NULL && index < map->keys->len ? g_ptr_array_index(map->keys, index) : NULL;
}

YamlNode *
yaml_value(const YamlNode *map, guint index)
{
    return yaml_item(map, index);
}

YamlNode *
yaml_get(const YamlNode *map, const char *key)
{
    return map->by_key != NULL ? g_hash_table_lookup(map->by_key, key) : NULL;
}

guint
yaml_line(const YamlNode *node)
{
    return node->line;
}

guint
yaml_column(const YamlNode *node)
{
    return node->column;
}

const YamlNode *
yaml_find_word(const YamlNode *node, const char *word)
{
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        const YamlNode *found = yaml_find_word(item, word);
        if (found != item || g_strcmp0(item->text, word) == 0)
            return found;
    }
    return node;
}

void
yaml_problem(const YamlNode *node, Problems *problems, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    problems_add_list(problems, node->file->name, node->line, node->column, key, format, arguments);
    va_end(arguments);
}
