/* ruleset-lists - named lists of words, in a pack or in a file beside it. A list that no rule uses is checked and not
 * looked for. */
#include "config.h"
#include "ruleset-load.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    char *path; /* the word file's name */
    YamlNode *words, *expressions;
    /* not in the file */
    const char *file; /* interned; with line: where it stands */
    guint line;
    char *text;            /* of the word file; its lines are patterns */
    const char *text_path; /* interned */
    int source;            /* -1: not used yet */
    guint literals, expression_count;
} WordList;

static const YamlRow ROWS[] = {
    {"file", YAML_ROW_TEXT, G_STRUCT_OFFSET(WordList, path), .help_zh = "同目录下的文件，每行一词，# 开头为注释。",
     .help_en = "A file beside the pack, a word on each line, # before a comment."},
    {"words", YAML_ROW_NODE, G_STRUCT_OFFSET(WordList, words), .help_zh = "词。", .help_en = "Words."},
    {"expressions", YAML_ROW_NODE, G_STRUCT_OFFSET(WordList, expressions), .help_zh = "正则表达式。",
     .help_en = "Regular expressions."},
    {NULL},
};

static void
list_free(gpointer data)
{
    WordList *list = data;

    yaml_clear_rows(ROWS, list);
    g_free(list->text);
    g_free(list);
}

/* --- word files ----------------------------------------------------------------------------- */

static void
file_read(Loading *loading, WordList *list, const YamlNode *node)
{
    const RuleSource *source = NULL;
    gsize length = 0;

    if (!g_str_has_suffix(list->path, ".yaml"))
        source = rule_sources_use(loading->sources, list->path);
    if (source == NULL) {
        yaml_problem(node, loading->problems, "file", _("\"%s\": there is no such file beside the pack"), list->path);
        return;
    }
    const char *bytes = g_bytes_get_data(source->bytes, &length);
    if (length == 0 || memchr(bytes, '\0', length) != NULL || !g_utf8_validate(bytes, (gssize)length, NULL)) {
        yaml_problem(node, loading->problems, "file", _("\"%s\" must be text in UTF-8"), list->path);
        return;
    }
    crypto_hash_add(loading->hash, source->name, strlen(source->name) + 1);
    crypto_hash_add(loading->hash, source->digest, strlen(source->digest) + 1);
    list->text = g_strndup(bytes, length);
    list->text_path = g_intern_string(source->path);
}

/* Cuts the text into lines; words stay where they are. */
static guint
file_patterns(Loading *loading, WordList *list, Target target)
{
    PatternOrigin origin = {list->text_path, 0, 1};
    guint count = 0;

    for (char *line = list->text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        origin.line++;
        g_strstrip(line);
        if (*line == '\0' || *line == '#')
            continue;
        if (!pattern_add(loading, g_string_chunk_insert(loading->texts, line), origin, target, SCAN_LITERAL))
            break;
        count++;
    }
    return count;
}

/* --- lists ---------------------------------------------------------------------------------- */

static void
list_read(Loading *loading, WordList *list, const YamlNode *node)
{
    if (yaml_kind(node) == YAML_LIST) {
        list->words = (YamlNode *)node;
        return;
    }
    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, loading->problems, "lists",
                     _("must be a list of words, or a map of words, expressions, file"));
        return;
    }
    yaml_read_rows(node, ROWS, "lists", list, loading->problems);
    if (list->path != NULL)
        file_read(loading, list, yaml_get(node, "file"));
    if (list->path == NULL && list->words == NULL && list->expressions == NULL)
        yaml_problem(node, loading->problems, "lists", _("needs words, expressions or a file"));
}

void
lists_read(Loading *loading, const YamlNode *map, const char *file)
{
    if (map == NULL || yaml_kind(map) != YAML_MAP) {
        if (map != NULL && !yaml_is_blank(map))
            yaml_problem(map, loading->problems, "lists", _("must be a map of name: list"));
        return;
    }
    for (guint i = 0; i < yaml_length(map); i++) {
        const char *name = yaml_key(map, i);
        const WordList *first = g_hash_table_lookup(loading->lists, name);
        if (first != NULL) {
            yaml_problem(yaml_key_node(map, i), loading->problems, "lists", _("this name is taken: %s:%u"), first->file,
                         first->line);
            continue;
        }
        WordList *list = g_new0(WordList, 1);
        list->file = file;
        list->line = yaml_line(yaml_key_node(map, i));
        list->source = -1;
        list_read(loading, list, yaml_value(map, i));
        g_hash_table_insert(loading->lists, g_strdup(name), list);
    }
}

GHashTable *
lists_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_free);
}

int
lists_use(Loading *loading, const char *name, guint *literals, guint *expressions)
{
    WordList *list = g_hash_table_lookup(loading->lists, name);

    if (list == NULL)
        return -1;
    if (list->source < 0) {
        list->source = (int)source_new(loading->ruleset, SOURCE_TEXT);
        Target target = {.kind = TARGET_SOURCE, .owner = (guint)list->source};
        list->literals = patterns_read(loading, list->words, list->file, target, SCAN_LITERAL);
        list->expression_count = patterns_read(loading, list->expressions, list->file, target, SCAN_EXPRESSION);
        if (list->text != NULL)
            list->literals += file_patterns(loading, list, target);
    }
    *literals += list->literals;
    *expressions += list->expression_count;
    return list->source;
}
