/* lint - reads the packs as they are written, then has them looked at. */
#include "config.h"
#include "lint.h"
#include "compose.h"
#include "fold.h"
#include "lint-parts.h"
#include <glib/gi18n.h>
#include <string.h>

static const char *const WORD_LISTS[] = {"words", "doubtful", "companions", "expressions"};

void
lint_note_free(LintNote *note)
{
    if (note == NULL)
        return;
    g_free(note->file);
    g_free(note->entry);
    g_free(note->what);
    g_free(note->advice);
    g_free(note->allowed);
    g_free(note);
}

static void
word_free(gpointer data)
{
    LintWord *word = data;
    g_free(word->folded);
    g_free(word);
}

static const char *
text_of(const YamlNode *map, const char *key)
{
    const YamlNode *node = yaml_get(map, key);
    const char *text = node != NULL && yaml_kind(node) == YAML_SCALAR ? yaml_scalar(node, NULL) : NULL;
    return text != NULL ? text : "";
}

void
lint_add(Lint *lint, const LintEntry *entry, guint line, guint column, const char *check, char *what,
         const char *advice)
{
    const YamlNode *allow = yaml_get(entry->node, "allow");
    const char *why = allow != NULL && yaml_kind(allow) == YAML_MAP ? text_of(allow, check) : "";
    LintNote *note = g_new0(LintNote, 1);
    *note = (LintNote){check,
                       g_strdup(entry->file),
                       line,
                       column,
                       g_strdup(entry->id),
                       what,
                       g_strdup(advice),
                       *why != '\0' ? g_strdup(why) : NULL};
    g_ptr_array_add(lint->notes, note);
}

/* --- reading ------------------------------------------------------------------------------------------------- */

static void
word_add(Lint *lint, const LintEntry *entry, const YamlNode *item, const char *text, const char *list,
         const char *level, gboolean anchor)
{
    LintWord *word = g_new0(LintWord, 1);
    gboolean expression = strcmp(list, "expressions") == 0;
    *word = (LintWord){entry,
                       list,
                       level,
                       text,
                       expression ? g_strdup(text) : fold_word_squeezed(text),
                       yaml_line(item),
                       yaml_column(item),
                       anchor && !entry->cue && !expression && strcmp(list, "companions") != 0};
    g_ptr_array_add(lint->words, word);
}

static void
list_read(Lint *lint, const LintEntry *entry, const YamlNode *node, const char *list, const char *level,
          gboolean anchor)
{
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        const char *text = yaml_kind(item) == YAML_SCALAR ? yaml_scalar(item, NULL) : NULL;
        if (text != NULL)
            word_add(lint, entry, item, text, list, level, anchor);
        if (yaml_kind(item) != YAML_LIST)
            continue;
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        g_autoptr(Problems) problems = problems_new();
        compose_words(item, lint->texts, words, problems);
        for (guint k = 0; k < words->len; k++)
            word_add(lint, entry, item, g_ptr_array_index(words, k), list, level, anchor);
    }
}

static const char *
word_list(const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(WORD_LISTS); i++)
        if (strcmp(key, WORD_LISTS[i]) == 0)
            return WORD_LISTS[i];
    return NULL;
}

/* Lists of words wherever they are: in the rule itself, in levels, in conditions. */
static void
words_read(Lint *lint, const LintEntry *entry, const YamlNode *node, const char *list, gboolean anchor)
{
    for (guint i = 0; yaml_kind(node) == YAML_LIST && i < yaml_length(node); i++)
        words_read(lint, entry, yaml_item(node, i), NULL, FALSE);
    for (guint i = 0; yaml_kind(node) == YAML_MAP && i < yaml_length(node); i++) {
        const char *key = yaml_key(node, i), *own = list != NULL ? list : word_list(key);
        const YamlNode *value = yaml_value(node, i);
        if (strcmp(key, "match") == 0 || strcmp(key, "nomatch") == 0 || strcmp(key, "allow") == 0)
            continue;
        if (own != NULL && yaml_kind(value) == YAML_LIST)
            list_read(lint, entry, value, own, list != NULL ? key : "", anchor);
        else if (yaml_kind(value) != YAML_SCALAR)
            words_read(lint, entry, value, own, anchor && own != NULL);
    }
}

/* The first text of a list of companions, composed or not. NULL: there is none. */
static const char *
first_companion(Lint *lint, const YamlNode *list)
{
    const YamlNode *item =
        list != NULL && yaml_kind(list) == YAML_LIST && yaml_length(list) > 0 ? yaml_item(list, 0) : NULL;
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autoptr(Problems) problems = problems_new();
    if (item == NULL || yaml_kind(item) == YAML_SCALAR)
        return item != NULL ? yaml_scalar(item, NULL) : NULL;
    compose_words(item, lint->texts, words, problems);
    return words->len > 0 ? g_ptr_array_index(words, 0) : NULL;
}

static int
rule_index(const Ruleset *ruleset, const char *id)
{
    const RuleInfo *info;
    for (guint i = 0; (info = ruleset_info(ruleset, i)) != NULL; i++)
        if (strcmp(info->id, id) == 0)
            return (int)i;
    return -1;
}

static void
entries_read(Lint *lint, const YamlNode *root, const char *file, gboolean cue)
{
    const YamlNode *list = yaml_get(root, cue ? "cues" : "rules");

    for (guint i = 0; list != NULL && i < yaml_length(list); i++) {
        const YamlNode *node = yaml_item(list, i);
        const char *id = text_of(node, "id"), *detect = text_of(node, "detect");
        LintEntry *entry = g_new0(LintEntry, 1);
        *entry = (LintEntry){id,
                             file,
                             node,
                             yaml_line(node),
                             yaml_column(node),
                             cue,
                             strcmp(text_of(node, "status"), "off") == 0,
                             cue ? -1 : rule_index(lint->ruleset, id),
                             text_of(node, "class"),
                             *detect != '\0' ? detect : "words",
                             first_companion(lint, yaml_get(node, "companions"))};
        if (entry->companion == NULL)
            entry->companion = first_companion(lint, yaml_get(root, "companions"));
        g_ptr_array_add(lint->entries, entry);
        words_read(lint, entry, node, NULL, TRUE);
    }
}

/* --- titles and texts ---------------------------------------------------------------------------------------- */

static gboolean
has_han(const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char(text))
        if (g_unichar_get_script(g_utf8_get_char(text)) == G_UNICODE_SCRIPT_HAN)
            return TRUE;
    return FALSE;
}

static void
texts_check(Lint *lint, const LintEntry *entry)
{
    const char *zh = text_of(entry->node, entry->cue ? "text_zh" : "title_zh"),
               *en = text_of(entry->node, entry->cue ? "text_en" : "title_en");
    if (*zh == '\0' || *en == '\0' || strcmp(zh, en) == 0 || !has_han(zh))
        lint_add(lint, entry, entry->line, entry->column, "no-translation",
                 g_strdup(_("has no Chinese text, no English one, or the same for both")),
                 _("an officer reads the one, an auditor from elsewhere the other: write both"));
    if (!entry->cue && *text_of(entry->node, "clause") == '\0')
        lint_add(lint, entry, entry->line, entry->column, "no-clause", g_strdup(_("names no clause that it enforces")),
                 _("say what it is founded on: a statute, or the unit's own order (clause:)"));
    if (entry->off)
        lint_add(lint, entry, entry->line, entry->column, "off", g_strdup(_("is switched off: it finds nothing")),
                 _("remove it, or let it observe"));
}

static void
titles_check(Lint *lint)
{
    static const char *const keys[] = {"title_zh", "title_en", "text_zh", "text_en"};
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(lint->entries, i);
        texts_check(lint, entry);
        for (gsize k = entry->cue ? 2 : 0; k < (entry->cue ? 4u : 2u); k++) {
            const char *text = text_of(entry->node, keys[k]);
            char *key = g_strconcat(keys[k], ":", text, NULL);
            const LintEntry *first = g_hash_table_lookup(seen, key);
            if (first != NULL && *text != '\0')
                lint_add(lint, entry, entry->line, entry->column, "duplicate-title",
                         g_strdup_printf(_("has the %s of \"%s\" (line %u): nobody can tell them apart in a finding"),
                                         keys[k], first->id, first->line),
                         _("give it a title of its own"));
            if (first == NULL)
                g_hash_table_insert(seen, key, (gpointer)entry);
            else
                g_free(key);
        }
    }
}

/* --- the run --------------------------------------------------------------------------------------------------- */

static gint
by_place(gconstpointer a, gconstpointer b)
{
    const LintNote *left = *(const LintNote *const *)a, *right = *(const LintNote *const *)b;
    int files = strcmp(left->file, right->file);
    if (files != 0)
        return files;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    if (left->column != right->column)
        return left->column < right->column ? -1 : 1;
    int checks = strcmp(left->check, right->check);
    return checks != 0 ? checks : strcmp(left->what, right->what);
}

static void
file_unload(gpointer file)
{
    yaml_unload(file);
}

GPtrArray *
lint_run(RuleSources *sources, const Ruleset *ruleset, const GPtrArray *local_domains, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_unload);
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(word_free);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func((GDestroyNotify)lint_note_free);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GPtrArray) roots = g_ptr_array_new();
    Lint lint = {ruleset, entries, words, notes, texts, roots, local_domains};
    const RuleSource *source;
    for (guint i = 0; (source = rule_sources_get(sources, i)) != NULL; i++) {
        gsize length;
        const char *bytes = g_bytes_get_data(source->bytes, &length);
        YamlFile *file = g_str_has_suffix(source->name, ".yaml") && bytes != NULL
                             ? yaml_load_bytes(source->path, bytes, length, problems)
                             : NULL;
        if (file == NULL)
            continue;
        g_ptr_array_add(files, file);
        g_ptr_array_add(roots, (gpointer)yaml_root(file));
        entries_read(&lint, yaml_root(file), source->path, FALSE);
        entries_read(&lint, yaml_root(file), source->path, TRUE);
    }
    titles_check(&lint);
    lint_when(&lint);
    lint_reach(&lint);
    lint_words(&lint);
    if (!lint_judging(&lint, error))
        return NULL;
    g_ptr_array_sort(notes, by_place);
    return g_steal_pointer(&notes);
}
