/* lint-words - what is odd about words: there twice, one inside another, a rule's own word among what lowers it, costly
 * expressions. */
#include "config.h"
#include "lint-parts.h"
#include <glib/gi18n.h>
#include <string.h>

static gint64
number_of(const YamlNode *map, const char *key)
{
    const YamlNode *node = map != NULL ? yaml_get(map, key) : NULL;
    const char *text = node != NULL ? yaml_scalar(node, NULL) : NULL;
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static gboolean
is_detect(const LintEntry *entry, const char *detect)
{
    return strcmp(entry->detect, detect) == 0;
}

/* Composed words that overlap do so by the dozen: one of a line is told of each line. */
static gboolean
told_already(const Lint *lint, const LintWord *word, guint first_line)
{
    g_autofree char *line = g_strdup_printf("%u", first_line);
    for (guint i = 0; i < lint->notes->len; i++) {
        const LintNote *note = g_ptr_array_index(lint->notes, i);
        if (note->line == word->line && note->column == word->column && strcmp(note->check, "duplicate-word") == 0 &&
            strstr(note->what, line) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* --- twice ------------------------------------------------------------------------------------------------------- */

static void
twice_here(Lint *lint, const LintWord *word, const LintWord *first)
{
    if (told_already(lint, word, first->line))
        return;
    char *what = strcmp(word->text, first->text) == 0
                     ? g_strdup_printf(_("\"%s\" stands in line %u already"), word->text, first->line)
                     : g_strdup_printf(_("\"%s\" is the same as \"%s\" (line %u) once folded"), word->text, first->text,
                                       first->line);
    lint_add(lint, word->entry, word->line, word->column, "duplicate-word", what, _("remove one of them"));
}

/* The same anchor in two rules of one class: both find the same text, and the letter is told twice. */
static void
twice_elsewhere(Lint *lint, const LintWord *word, const LintWord *first)
{
    if (word->entry->off || first->entry->off || strcmp(word->entry->class, first->entry->class) != 0)
        return;
    lint_add(
        lint, word->entry, word->line, word->column, "duplicate-word",
        g_strdup_printf(_("\"%s\" is a word of the rule \"%s\" of the same class, too"), word->text, first->entry->id),
        _("leave it to one of the rules"));
}

/* Rules for other places may well look for the same. */
static char *
anchor_key(const LintWord *word)
{
    const YamlNode *places = yaml_get(word->entry->node, "places");
    GString *key = g_string_new(word->folded);
    for (guint i = 0; places != NULL && yaml_kind(places) == YAML_LIST && i < yaml_length(places); i++)
        g_string_append_printf(key, "|%s", yaml_scalar(yaml_item(places, i), NULL));
    return g_string_free(key, FALSE);
}

static void
duplicates_check(Lint *lint)
{
    g_autoptr(GHashTable) own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < lint->words->len; i++) {
        const LintWord *word = g_ptr_array_index(lint->words, i);
        char *key = g_strdup_printf("%p|%s|%s", (const void *)word->entry, word->list, word->folded);
        const LintWord *first = g_hash_table_lookup(own, key);
        if (first != NULL && (first->anchor || first->entry->cue))
            twice_here(lint, word, first);
        if (first == NULL)
            g_hash_table_insert(own, key, (gpointer)word);
        else
            g_free(key);
        if (!word->anchor || first != NULL)
            continue;
        char *anchor = anchor_key(word);
        const LintWord *other = g_hash_table_lookup(anchors, anchor);
        if (other != NULL && other->entry != word->entry)
            twice_elsewhere(lint, word, other);
        if (other == NULL)
            g_hash_table_insert(anchors, anchor, (gpointer)word);
        else
            g_free(anchor);
    }
}

/* --- one inside another ---------------------------------------------------------------------------------------- */

/* A rule that counts its words wherever they stand finds the longer one by the shorter. A Latin word must be whole. */
static gboolean
counts_anywhere_only(const LintEntry *entry)
{
    const YamlNode *scores = yaml_get(entry->node, "scores");
    return is_detect(entry, "words") && scores != NULL && yaml_kind(scores) == YAML_MAP && yaml_length(scores) == 1 &&
           number_of(scores, "anywhere") > 0;
}

static gboolean
is_inside(const char *inner, const char *outer)
{
    gboolean han = g_unichar_get_script(g_utf8_get_char(inner)) == G_UNICODE_SCRIPT_HAN;
    return han && strlen(inner) < strlen(outer) && strstr(outer, inner) != NULL;
}

static void
contained_check(Lint *lint, guint from, guint to)
{
    for (guint i = from; i < to; i++) {
        const LintWord *word = g_ptr_array_index(lint->words, i);
        for (guint k = from; word->anchor && k < to; k++) {
            const LintWord *inner = g_ptr_array_index(lint->words, k);
            if (!inner->anchor || !is_inside(inner->folded, word->folded))
                continue;
            lint_add(lint, word->entry, word->line, word->column, "contained-word",
                     g_strdup_printf(_("\"%s\" holds \"%s\" (line %u), which is found anywhere and scores the same"),
                                     word->text, inner->text, inner->line),
                     _("remove the longer word"));
            break;
        }
    }
}

/* --- expressions ---------------------------------------------------------------------------------------------------
 */

static void
expression_check(Lint *lint, const LintWord *word)
{
    double seconds = 0;
    gsize bytes = 0;
    if (!scan_expression_cost(word->text, &seconds, &bytes))
        return;
    if (seconds > LINT_SLOW_SECONDS || bytes > LINT_LARGE_BYTES)
        lint_add(
            lint, word->entry, word->line, word->column, "costly-expression",
            g_strdup_printf(_("takes %.2f s to compile and %u KB of database alone"), seconds, (guint)(bytes / 1024)),
            _("repeat less, shorten gaps, or use words"));
    if (g_str_has_prefix(word->text, ".*") || g_str_has_prefix(word->text, ".+"))
        lint_add(lint, word->entry, word->line, word->column, "costly-expression",
                 g_strdup(_("begins with anything: it is tried at every character")),
                 _("begin with what must be there"));
}

/* --- words without a score ---------------------------------------------------------------------------------------- */

static gboolean
any_score(const YamlNode *scores)
{
    for (guint i = 0; scores != NULL && yaml_kind(scores) == YAML_MAP && i < yaml_length(scores); i++)
        if (number_of(scores, yaml_key(scores, i)) > 0)
            return TRUE;
    return FALSE;
}

static void
scores_check(Lint *lint, const LintEntry *entry)
{
    const YamlNode *scores = yaml_get(entry->node, "scores");
    if (entry->cue || entry->off || is_detect(entry, "condition"))
        return;
    if (!any_score(scores))
        lint_add(lint, entry, entry->line, entry->column, "no-score",
                 g_strdup(_("scores nothing in any form: it finds mentions at most")),
                 _("give a score (scores:), or remove it"));
}

/* --- cues ----------------------------------------------------------------------------------------------------------
 */

static gboolean
list_has(const YamlNode *list, const char *text)
{
    for (guint i = 0; list != NULL && yaml_kind(list) == YAML_LIST && i < yaml_length(list); i++)
        if (g_strcmp0(yaml_scalar(yaml_item(list, i), NULL), text) == 0)
            return TRUE;
    return list == NULL;
}

/* A word that makes a rule find something and lowers what it finds. */
static void
veto_check(Lint *lint, const LintWord *veto, GHashTable *anchors)
{
    const LintWord *anchor = g_hash_table_lookup(anchors, veto->folded);
    if (anchor == NULL || !list_has(yaml_get(veto->entry->node, "classes"), anchor->entry->class))
        return;
    lint_add(lint, veto->entry, veto->line, veto->column, "self-veto",
             g_strdup_printf(_("\"%s\" takes from the score, but is itself what the rule \"%s\" looks for"), veto->text,
                             anchor->entry->id),
             _("remove it from one of them, or name other classes for the cue"));
}

static void
vetoes_check(Lint *lint)
{
    g_autoptr(GHashTable) anchors = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < lint->words->len; i++) {
        LintWord *word = g_ptr_array_index(lint->words, i);
        if (word->anchor && !word->entry->off)
            g_hash_table_insert(anchors, word->folded, word);
    }
    for (guint i = 0; i < lint->words->len; i++) {
        const LintWord *word = g_ptr_array_index(lint->words, i);
        if (word->entry->cue && number_of(word->entry->node, "score") < 0 && strcmp(word->list, "words") == 0)
            veto_check(lint, word, anchors);
    }
}

static gboolean
class_has_rule(const Lint *lint, const YamlNode *classes)
{
    for (guint i = 0; i < lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(lint->entries, i);
        if (!entry->cue && !entry->off && list_has(classes, entry->class))
            return TRUE;
    }
    return FALSE;
}

static void
cue_check(Lint *lint, const LintEntry *entry)
{
    if (!entry->cue)
        return;
    if (!class_has_rule(lint, yaml_get(entry->node, "classes")))
        lint_add(lint, entry, entry->line, entry->column, "unused-cue",
                 g_strdup(_("is for classes of which there is no rule")), _("remove it, or name other classes"));
    if (number_of(entry->node, "score") == 0)
        lint_add(lint, entry, entry->line, entry->column, "unused-cue", g_strdup(_("adds nothing and takes nothing")),
                 _("remove it, or give it a score"));
}

void
lint_words(Lint *lint)
{
    duplicates_check(lint);
    vetoes_check(lint);
    for (guint i = 0; i < lint->entries->len; i++) {
        scores_check(lint, g_ptr_array_index(lint->entries, i));
        cue_check(lint, g_ptr_array_index(lint->entries, i));
    }
    for (guint from = 0, to; from < lint->words->len; from = to) {
        const LintEntry *entry = ((const LintWord *)g_ptr_array_index(lint->words, from))->entry;
        for (to = from; to < lint->words->len; to++) {
            const LintWord *word = g_ptr_array_index(lint->words, to);
            if (word->entry != entry)
                break;
            if (strcmp(word->list, "expressions") == 0)
                expression_check(lint, word);
        }
        if (!entry->cue && counts_anywhere_only(entry))
            contained_check(lint, from, to);
    }
}
