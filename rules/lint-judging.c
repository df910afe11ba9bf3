/* lint-judging - what only judging shows: words that are found in no form, rules whose examples another rule finds as
 * well, examples that another rule contradicts, cues that no example shows. */
#include "config.h"
#include "judge.h"
#include "lint-parts.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    Lint *lint;
    Judge *judge;
    GPtrArray *findings; /* of the text judged last */
    GHashTable *reasons; /* ids of those ever given */
} Judging;

static gboolean
text_judge(Judging *judging, PlaceKind place, const char *text, GError **error)
{
    g_ptr_array_set_size(judging->findings, 0);
    return judge_example_text(judging->judge, place, text, judging->findings, error);
}

static const Finding *
best_of(const Judging *judging, const char *rule)
{
    const Finding *best = NULL;
    for (guint i = 0; i < judging->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(judging->findings, i);
        if (strcmp(finding->rule, rule) == 0 && (best == NULL || finding->score > best->score))
            best = finding;
    }
    return best;
}

/* --- words ------------------------------------------------------------------------------------------------------ */

/* -1: judging failed. */
static int
word_found_in(Judging *judging, const LintWord *word, const char *written, PlaceKind place, GError **error)
{
    static const char *const forms[] = {"%s",      "关于%s的说明", "密级:%s",      "(%s)",
                                        "%s★10年", "☑%s",          "本文件属%s级", "%s_方案.pdf"};
    for (gsize form = 0; form < G_N_ELEMENTS(forms); form++) {
        g_auto(GStrv) halves = g_strsplit(forms[form], "%s", 2);
        g_autofree char *text = g_strconcat(halves[0], written, halves[1], word->entry->companion != NULL ? "," : NULL,
                                            word->entry->companion, NULL);
        if (!text_judge(judging, place, text, error))
            return -1;
        if (best_of(judging, word->entry->id) != NULL)
            return 1;
    }
    return 0;
}

static gboolean
has_place(const YamlNode *places, PlaceKind place)
{
    const char *name = place_word(place);
    if (places == NULL)
        return place == PLACE_BODY || place == PLACE_SUBJECT || place == PLACE_FILE_NAME;
    if (yaml_kind(places) == YAML_SCALAR)
        return g_strcmp0(yaml_scalar(places, NULL), name) == 0;
    for (guint i = 0; i < yaml_length(places); i++)
        if (g_strcmp0(yaml_scalar(yaml_item(places, i), NULL), name) == 0)
            return TRUE;
    return FALSE;
}

/* The same for every place of the rule: 0 is a word at which it finds nothing at all, not even a mention. */
static int
word_found(Judging *judging, const LintWord *word, GError **error)
{
    const YamlNode *places = yaml_get(word->entry->node, "places");
    g_autofree char *capitals = g_utf8_strup(word->text, -1); /* some rules want them */
    int found = 0;
    for (guint place = 0; found == 0 && place < PLACE_COUNT; place++) {
        if (!has_place(places, (PlaceKind)place))
            continue;
        found = word_found_in(judging, word, word->text, (PlaceKind)place, error);
        if (found == 0 && strcmp(capitals, word->text) != 0)
            found = word_found_in(judging, word, capitals, (PlaceKind)place, error);
    }
    return found;
}

static gboolean
words_check(Judging *judging, GError **error)
{
    Lint *lint = judging->lint;
    for (guint i = 0; i < lint->words->len; i++) {
        const LintWord *word = g_ptr_array_index(lint->words, i);
        if (!word->anchor || word->entry->off || strcmp(word->entry->detect, "condition") == 0)
            continue;
        int found = word_found(judging, word, error);
        if (found < 0)
            return FALSE;
        if (found == 0)
            lint_add(lint, word->entry, word->line, word->column, "dead-word",
                     g_strdup_printf(_("\"%s\" is found in no form and no place: another word of the rule covers it, "
                                       "or nothing that is written so gets a score"),
                                     word->text),
                     _("remove it, or see `hangu rules explain` for the forms that score"));
    }
    return TRUE;
}

/* --- examples ---------------------------------------------------------------------------------------------------- */

/* Of the rules that find this example at least as strongly as its own rule, and as the same class. */
static void
covers_keep(const Judging *judging, const char *rule, GHashTable *covers)
{
    const Finding *own = best_of(judging, rule);
    GHashTableIter iterator;
    gpointer other;
    g_hash_table_iter_init(&iterator, covers);
    while (g_hash_table_iter_next(&iterator, &other, NULL)) {
        const Finding *best = best_of(judging, other);
        if (own == NULL || best == NULL || best->class != own->class || best->score < own->score || best->observe)
            g_hash_table_iter_remove(&iterator);
    }
}

static void
note_reasons(Judging *judging)
{
    for (guint i = 0; i < judging->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(judging->findings, i);
        for (guint k = 0; finding->reasons != NULL && k < finding->reasons->len; k++)
            g_hash_table_add(judging->reasons, (gpointer)g_array_index(finding->reasons, Reason, k).id);
    }
}

/* An example without facts asks no `when`. It says nothing of a rule that is asked for particular letters only, as
 * those whose replies go to a private mailbox: all others pass. */
static gboolean
asked_for_any(const Ruleset *ruleset, const char *rule)
{
    const LetterFacts letter = {.direction = DIRECTION_OUT, .sender = "", .time_us = JUDGE_EXAMPLE_NOW};
    for (guint i = 0; i < ruleset->rules->len; i++) {
        const Rule *one = ruleset_rule(ruleset, i);
        if (strcmp(one->id, rule) == 0)
            return when_holds(one->when, &letter);
    }
    return TRUE;
}

/* What the rule must not find, a rule of the same class finds: the letter is stopped all the same. */
static void
contradiction_check(Judging *judging, const LintEntry *entry, const RuleExampleInfo *example)
{
    const Ruleset *ruleset = judging->lint->ruleset;
    for (guint i = 0; i < judging->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(judging->findings, i);
        const RuleInfo *info = ruleset_info(ruleset, (guint)entry->index);
        if (strcmp(finding->rule, entry->id) == 0 || finding->observe || finding->class != info->class ||
            finding->confidence < CONFIDENCE_UNCERTAIN ||
            (!example->has_facts && !asked_for_any(ruleset, finding->rule)))
            continue;
        g_autofree char *line = g_strndup(example->text, strcspn(example->text, "\n"));
        lint_add(judging->lint, entry, example->line != 0 ? example->line : entry->line, 1, "contradiction",
                 g_strdup_printf(_("must not find \"%s\", but the rule \"%s\" of the same class does, with %d"), line,
                                 finding->rule, finding->score),
                 _("decide which is right; an example of what may pass should pass"));
        return;
    }
}

static gboolean
entry_check(Judging *judging, const LintEntry *entry, GError **error)
{
    g_autoptr(GHashTable) covers = g_hash_table_new(g_str_hash, g_str_equal);
    const Ruleset *ruleset = judging->lint->ruleset;
    const RuleInfo *info;
    RuleExampleInfo example;
    guint finds = 0;
    for (guint i = 0; (info = ruleset_info(ruleset, i)) != NULL; i++)
        if ((int)i != entry->index)
            g_hash_table_add(covers, (gpointer)info->id);
    for (guint i = 0; ruleset_example(ruleset, (guint)entry->index, i, &example); i++) {
        g_ptr_array_set_size(judging->findings, 0);
        if (!judge_example(judging->judge, (guint)entry->index, i, judging->findings, error))
            return FALSE;
        note_reasons(judging);
        if (example.finds)
            covers_keep(judging, entry->id, covers);
        else
            contradiction_check(judging, entry, &example);
        finds += example.finds;
    }
    GHashTableIter iterator;
    gpointer other;
    g_hash_table_iter_init(&iterator, covers);
    if (finds > 0 && g_hash_table_iter_next(&iterator, &other, NULL))
        lint_add(judging->lint, entry, entry->line, entry->column, "shadowed",
                 g_strdup_printf(_("the rule \"%s\" finds all its examples, as the same class and no weaker"),
                                 (const char *)other),
                 _("remove one of the rules, or give an example that only this one finds"));
    return TRUE;
}

/* The cue's own words, as many as it wants, in one line. NULL: it has none. */
static char *
cue_words(const Lint *lint, const LintEntry *cue)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint count = 0;
    for (guint i = 0; i < lint->words->len && count < 20; i++) {
        const LintWord *word = g_ptr_array_index(lint->words, i);
        if (word->entry != cue || strcmp(word->list, "words") != 0)
            continue;
        g_string_append_printf(text, "%s%s", count > 0 ? "," : "", word->text);
        count++;
    }
    return count > 0 ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

/* -1: judging failed. Does the cue count when its words stand beside an example, on its line or the next? */
static int
cue_counts(Judging *judging, const LintEntry *cue, const char *words, const char *example, GError **error)
{
    char *const texts[] = {
        g_strconcat(example, "\n", words, NULL), g_strconcat(words, "\n", example, NULL),
        g_strconcat(example, ",", words, NULL),  g_strconcat(words, ",", example, NULL),
        g_strconcat(words, example, NULL),       g_strconcat(example, words, NULL),
    };
    int counts = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (counts == 0 && !text_judge(judging, PLACE_BODY, texts[i], error))
            counts = -1;
        note_reasons(judging);
        if (counts == 0)
            counts = g_hash_table_contains(judging->reasons, cue->id);
        g_free(texts[i]);
    }
    return counts;
}

static int
cue_counts_somewhere(Judging *judging, const LintEntry *cue, const char *words, GError **error)
{
    const Ruleset *ruleset = judging->lint->ruleset;
    RuleExampleInfo example;
    int counts = 0;
    for (guint rule = 0; counts == 0 && rule < ruleset_count(ruleset); rule++)
        for (guint i = 0; counts == 0 && ruleset_example(ruleset, rule, i, &example); i++)
            if (example.finds)
                counts = cue_counts(judging, cue, words, example.text, error);
    return counts;
}

/* A cue that no example shows, and that its own words beside any example do not bring about. What the program sees
 * without words, and what only expressions find, cannot be tried so. */
static gboolean
cues_check(Judging *judging, GError **error)
{
    for (guint i = 0; i < judging->lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(judging->lint->entries, i);
        if (!entry->cue || g_hash_table_contains(judging->reasons, entry->id))
            continue;
        g_autofree char *words = cue_words(judging->lint, entry);
        int counts = words != NULL ? cue_counts_somewhere(judging, entry, words, error) : 1;
        if (counts < 0)
            return FALSE;
        if (counts == 0)
            lint_add(judging->lint, entry, entry->line, entry->column, "dead-cue",
                     g_strdup(_("counts in no example of any rule, not even with its own words beside it")),
                     _("look at its classes, forms, scope and count, or remove it"));
    }
    return TRUE;
}

gboolean
lint_judging(Lint *lint, GError **error)
{
    static const JudgeLimits limits = {.max_hits = 1000, .max_findings = 100};
    g_autoptr(Judge) judge = judge_new(lint->ruleset, &limits);
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
    g_autoptr(GHashTable) reasons = g_hash_table_new(g_str_hash, g_str_equal);
    Judging judging = {lint, judge, findings, reasons};
    if (!words_check(&judging, error))
        return FALSE;
    for (guint i = 0; i < lint->entries->len; i++) {
        const LintEntry *entry = g_ptr_array_index(lint->entries, i);
        if (!entry->cue && !entry->off && entry->index >= 0 && !entry_check(&judging, entry, error))
            return FALSE;
    }
    return cues_check(&judging, error);
}
