/* Reading a map against its table of rows. Defaults take the same way as values from a file. */
#include "config.h"
#include "nearest.h"
#include "yaml.h"
#include "yaml_hint.h"
#include "yaml_units.h"
#include <glib/gi18n.h>
#include <string.h>

/* One value on its way into the target. */
typedef struct {
    const YamlNode *node;
    const YamlRow *row;
    const char *path; /* dotted */
    gpointer field;   /* in the target */
    Problems *problems;
} Reading;

static void read_map(const YamlNode *map, const YamlRow *rows, const char *prefix, gpointer target, Problems *problems);

static const char *
kind_text(const YamlNode *node)
{
    switch (yaml_kind(node)) {
    case YAML_LIST:
        return _("a list");
    case YAML_MAP:
        return _("a map (key: value)");
    default:
        return _("a single value");
    }
}

/* " (hint)" or "" for a value that may be a slip; gives. */
static char *
hint_suffix(const char *text)
{
    const char *hint = text != NULL ? yaml_hint_text(text) : NULL;
    return hint != NULL ? g_strdup_printf(" (%s)", hint) : g_strdup("");
}

static void
wrong_kind(const Reading *reading, const char *wanted)
{
    g_autofree char *hint = hint_suffix(yaml_scalar(reading->node, NULL));
    yaml_problem(reading->node, reading->problems, reading->path, _("must be %s, but here is %s%s"), wanted,
                 kind_text(reading->node), hint);
}

/* The scalar's text; NULL with a problem if it is none or blank. */
static const char *
scalar_text(const Reading *reading, const char *wanted)
{
    if (yaml_kind(reading->node) != YAML_SCALAR) {
        wrong_kind(reading, wanted);
        return NULL;
    }
    if (!yaml_is_blank(reading->node))
        return yaml_scalar(reading->node, NULL);
    yaml_problem(reading->node, reading->problems, reading->path,
                 _("has no value: it must be %s; comment the line out to have the default"), wanted);
    return NULL;
}

static void
read_bool(const Reading *reading)
{
    const char *text = scalar_text(reading, _("true or false"));
    gboolean *field = reading->field;
    if (text == NULL)
        return;
    if (strcmp(text, "true") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "on") == 0) {
        *field = TRUE;
    } else if (strcmp(text, "false") == 0 || strcmp(text, "no") == 0 || strcmp(text, "off") == 0) {
        *field = FALSE;
    } else {
        g_autofree char *hint = hint_suffix(text);
        yaml_problem(reading->node, reading->problems, reading->path, _("\"%s\": must be true or false%s"), text, hint);
    }
}

/* The scalar's text if there is one: what would be wanted instead is put into words only when it is not there. */
static const char *
text_if_any(const Reading *reading)
{
    gboolean any = yaml_kind(reading->node) == YAML_SCALAR && !yaml_is_blank(reading->node);
    return any ? yaml_scalar(reading->node, NULL) : NULL;
}

static void
read_number(const Reading *reading)
{
    const char *text = text_if_any(reading);
    gint64 number;
    if (text != NULL && yaml_number_parse(reading->row, text, &number)) {
        *(gint64 *)reading->field = number;
        return;
    }
    g_autofree char *wanted = yaml_number_wanted(reading->row);
    text = scalar_text(reading, wanted);
    if (text == NULL)
        return;
    g_autofree char *hint = hint_suffix(text);
    yaml_problem(reading->node, reading->problems, reading->path, _("\"%s\": must be %s%s"), text, wanted, hint);
}

static void
read_enum(const Reading *reading)
{
    const char *text = text_if_any(reading);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (const YamlWord *word = reading->row->words; word->word != NULL; word++) {
        if (g_strcmp0(word->word, text) == 0) {
            *(int *)reading->field = word->value;
            return;
        }
        g_ptr_array_add(known, (gpointer)word->word);
    }
    g_ptr_array_add(known, NULL);
    g_autofree char *wanted = yaml_words_wanted(reading->row->words);
    text = scalar_text(reading, wanted);
    if (text == NULL)
        return;
    const char *near = nearest_word(text, (const char *const *)known->pdata);
    g_autofree char *hint = hint_suffix(text);
    if (near != NULL)
        yaml_problem(reading->node, reading->problems, reading->path,
                     _("\"%s\": must be one of %s; did you mean \"%s\"?"), text, wanted, near);
    else
        yaml_problem(reading->node, reading->problems, reading->path, _("\"%s\": must be one of %s%s"), text, wanted,
                     hint);
}

/* A sound text of a TEXT, PATH or TEXTS row; else a problem at `node`. */
static gboolean
check_text(const Reading *reading, const YamlNode *node, const char *text)
{
    const YamlRow *row = reading->row;
    g_autofree char *why = NULL;
    if (row->type == YAML_ROW_PATH && text[0] != '/')
        why = g_strdup(_("must be an absolute path (begin with /)"));
    else if (row->type == YAML_ROW_PATH && (strchr(text, '\n') != NULL || strlen(text) > 4000))
        why = g_strdup(_("is no path"));
    else if (row->check == NULL || row->check(text, &why))
        return TRUE;
    g_autofree char *hint = hint_suffix(text);
    yaml_problem(node, reading->problems, reading->path, "\"%s\": %s%s", text, why != NULL ? why : _("is not allowed"),
                 hint);
    return FALSE;
}

static void
read_text(const Reading *reading)
{
    const char *text =
        scalar_text(reading, reading->row->type == YAML_ROW_PATH ? _("an absolute path") : _("a text (\"\" for none)"));
    char **field = reading->field;
    if (text == NULL || !check_text(reading, reading->node, text))
        return;
    g_free(*field);
    *field = g_strdup(text);
}

static void
read_texts(const Reading *reading)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    GPtrArray **field = reading->field;
    if (yaml_kind(reading->node) == YAML_SCALAR) {
        const char *text = scalar_text(reading, _("a list ([] for none)"));
        if (text == NULL || !check_text(reading, reading->node, text))
            return;
        g_ptr_array_add(texts, g_strdup(text));
    } else if (yaml_kind(reading->node) == YAML_MAP) {
        wrong_kind(reading, _("a list"));
        return;
    }
    for (guint i = 0; yaml_kind(reading->node) == YAML_LIST && i < yaml_length(reading->node); i++) {
        const YamlNode *item = yaml_item(reading->node, i);
        const char *text = yaml_scalar(item, NULL);
        if (text == NULL || yaml_is_blank(item))
            yaml_problem(item, reading->problems, reading->path, _("each item of this list must be a single value"));
        else if (check_text(reading, item, text))
            g_ptr_array_add(texts, g_strdup(text));
    }
    if (*field != NULL)
        g_ptr_array_unref(*field);
    *field = g_steal_pointer(&texts);
}

static void
read_value(const YamlNode *node, const YamlRow *row, const char *path, gpointer target, Problems *problems)
{
    Reading reading = {node, row, path, G_STRUCT_MEMBER_P(target, row->offset), problems};
    switch (row->type) {
    case YAML_ROW_BOOL:
        read_bool(&reading);
        break;
    case YAML_ROW_INT:
    case YAML_ROW_SIZE:
    case YAML_ROW_SECONDS:
        read_number(&reading);
        break;
    case YAML_ROW_ENUM:
        read_enum(&reading);
        break;
    case YAML_ROW_TEXT:
    case YAML_ROW_PATH:
        read_text(&reading);
        break;
    case YAML_ROW_TEXTS:
        read_texts(&reading);
        break;
    case YAML_ROW_MAP:
        read_map(node, row->rows, path, target, problems);
        break;
    case YAML_ROW_NODE:
        *(const YamlNode **)reading.field = node;
        break;
    }
}

static char *
join_path(const char *prefix, const char *key)
{
    return *prefix != '\0' ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);
}

static const YamlRow *
find_row(const YamlRow *rows, const char *key)
{
    for (; rows->key != NULL; rows++)
        if (strcmp(rows->key, key) == 0)
            return rows;
    return NULL;
}

/* The section below this level that has the key: a wrong indentation is the usual reason. */
static const YamlRow *
find_section(const YamlRow *rows, const char *key)
{
    for (; rows->key != NULL; rows++)
        if (rows->type == YAML_ROW_MAP && find_row(rows->rows, key) != NULL)
            return rows;
    return NULL;
}

static void
unknown_key(const YamlNode *key, const YamlRow *rows, const char *path, Problems *problems)
{
    const char *word = yaml_scalar(key, NULL), *hint = yaml_hint_text(word);
    const YamlRow *section = find_section(rows, word);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (const YamlRow *row = rows; row->key != NULL; row++)
        g_ptr_array_add(known, (gpointer)row->key);
    g_ptr_array_add(known, NULL);
    const char *near = nearest_word(word, (const char *const *)known->pdata);
    if (hint != NULL) {
        yaml_problem(key, problems, path, _("unknown key: %s"), hint);
    } else if (section != NULL) {
        yaml_problem(key, problems, path, _("unknown key here; it belongs below \"%s:\", indented by two spaces"),
                     section->key);
    } else if (near != NULL) {
        yaml_problem(key, problems, path, _("unknown key; did you mean \"%s\"?"), near);
    } else {
        g_autofree char *all = g_strjoinv(", ", (char **)known->pdata);
        yaml_problem(key, problems, path, _("unknown key; known here: %s"), all);
    }
}

static void
missing_keys(const YamlNode *map, const YamlRow *rows, const char *prefix, Problems *problems)
{
    for (; rows->key != NULL; rows++) {
        if (!rows->required || (map != NULL && yaml_get(map, rows->key) != NULL))
            continue;
        g_autofree char *path = join_path(prefix, rows->key);
        if (map != NULL)
            yaml_problem(map, problems, path, _("is missing; it must be set"));
        else
            problems_add(problems, NULL, 0, 0, path, _("is missing; it must be set"));
    }
}

static void
read_map(const YamlNode *map, const YamlRow *rows, const char *prefix, gpointer target, Problems *problems)
{
    if (map != NULL && yaml_is_blank(map))
        map = NULL; /* a section whose lines are all comments */
    if (map != NULL && yaml_kind(map) != YAML_MAP) {
        Reading reading = {map, NULL, prefix, NULL, problems};
        wrong_kind(&reading, _("a map (key: value)"));
        return;
    }
    for (guint i = 0; map != NULL && i < yaml_length(map); i++) {
        const char *key = yaml_key(map, i);
        const YamlRow *row = find_row(rows, key);
        g_autofree char *path = join_path(prefix, key);
        if (row != NULL)
            read_value(yaml_value(map, i), row, path, target, problems);
        else
            unknown_key(yaml_key_node(map, i), rows, path, problems);
    }
    missing_keys(map, rows, prefix, problems);
}

/* A default, parsed once and kept: a thousand rules have twenty rows each, and a start waits for them. */
static YamlFile *
fallback_file(const YamlRow *row, Problems *problems)
{
    static GMutex lock;
    static GHashTable *kept;
    g_mutex_lock(&lock);
    if (kept == NULL)
        kept = g_hash_table_new(g_str_hash, g_str_equal);
    YamlFile *file = g_hash_table_lookup(kept, row->fallback);
    if (file == NULL) {
        file = yaml_load_bytes(row->key, row->fallback, strlen(row->fallback), problems);
        if (file != NULL)
            g_hash_table_insert(kept, g_strdup(row->fallback), file);
    }
    g_mutex_unlock(&lock);
    return file;
}

/* The row's default as if a file had it. A default that does not fit its row is our own mistake. */
static void
set_fallback(const YamlRow *row, gpointer target, Problems *problems)
{
    YamlFile *file = fallback_file(row, problems);
    if (file != NULL && yaml_root(file) != NULL)
        read_value(yaml_root(file), row, row->key, target, problems);
    if (problems_count(problems) > 0)
        g_error("default of %s: %s", row->key, problems_get(problems, 0)->text);
}

static void
set_fallbacks(const YamlRow *rows, gpointer target, Problems *problems)
{
    for (; rows->key != NULL; rows++) {
        if (rows->type == YAML_ROW_MAP)
            set_fallbacks(rows->rows, target, problems);
        else if (rows->fallback != NULL && rows->type != YAML_ROW_NODE)
            set_fallback(rows, target, problems);
        else if (rows->type == YAML_ROW_TEXTS && *(GPtrArray **)G_STRUCT_MEMBER_P(target, rows->offset) == NULL)
            *(GPtrArray **)G_STRUCT_MEMBER_P(target, rows->offset) = g_ptr_array_new_with_free_func(g_free);
    }
}

void
yaml_read_rows(const YamlNode *map, const YamlRow *rows, const char *prefix, gpointer target, Problems *problems)
{
    g_autoptr(Problems) none = problems_new();
    yaml_clear_rows(rows, target);
    set_fallbacks(rows, target, none);
    read_map(map, rows, prefix, target, problems);
}

void
yaml_clear_rows(const YamlRow *rows, gpointer target)
{
    for (; rows->key != NULL; rows++) {
        gpointer field = G_STRUCT_MEMBER_P(target, rows->offset);
        switch (rows->type) {
        case YAML_ROW_TEXT:
        case YAML_ROW_PATH:
            g_clear_pointer((char **)field, g_free);
            break;
        case YAML_ROW_TEXTS:
            g_clear_pointer((GPtrArray **)field, g_ptr_array_unref);
            break;
        case YAML_ROW_MAP:
            yaml_clear_rows(rows->rows, target);
            break;
        case YAML_ROW_NODE:
            *(YamlNode **)field = NULL;
            break;
        case YAML_ROW_BOOL:
            *(gboolean *)field = FALSE;
            break;
        case YAML_ROW_ENUM:
            *(int *)field = 0;
            break;
        case YAML_ROW_INT:
        case YAML_ROW_SIZE:
        case YAML_ROW_SECONDS:
            *(gint64 *)field = 0;
            break;
        }
    }
}
