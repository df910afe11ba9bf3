/* ruleset-patterns - word lists and expressions of packs to patterns of the scanner. */
#include "config.h"
#include "compose.h"
#include "log.h"
#include "ruleset-load.h"
#include "spelled.h"
#include <glib/gi18n.h>

#define TORN_MAX (SCAN_PATTERNS_MAX / 2) /* forms of words, so that the words themselves have room */

gboolean
pattern_add(Loading *loading, const char *text, PatternOrigin origin, Target target, ScanKind kind)
{
    ScanPattern pattern = {
        .id = loading->ruleset->targets->len,
        .kind = kind,
        .view = kind == SCAN_LITERAL ? SCAN_SQUEEZED : SCAN_FOLDED,
        .text = text,
        .file = origin.file,
        .line = origin.line,
        .column = origin.column,
    };

    if (loading->patterns->len >= SCAN_PATTERNS_MAX) {
        problems_add(loading->problems, origin.file, origin.line, origin.column, NULL,
                     _("the packs have more than %d words"), SCAN_PATTERNS_MAX);
        return FALSE;
    }
    g_array_append_val(loading->patterns, pattern);
    g_array_append_val(loading->ruleset->targets, target);
    return TRUE;
}

static PatternOrigin
origin_of(const YamlNode *item, const char *file)
{
    return (PatternOrigin){file, yaml_line(item), yaml_column(item)};
}

/* The torn forms of a word. One of a level counts as a look-alike of it. */
static void
torn_add(Loading *loading, const char *word, PatternOrigin origin, Target target)
{
    g_autoptr(GArray) forms = g_array_new(FALSE, FALSE, sizeof(SpelledForm));

    if (target.kind == TARGET_WORD)
        spelled_word(word, loading->texts, forms);
    else if (target.kind == TARGET_LEVEL)
        spelled_level(word, loading->texts, forms);
    if (forms->len == 0)
        return;
    if (loading->torn + forms->len > TORN_MAX) {
        if (!loading->torn_told)
            log_warn("%s:%u: the packs have so many words of letters that from here on they are found only as written",
                     origin.file, origin.line);
        loading->torn_told = TRUE;
        return;
    }
    target.kind = target.kind == TARGET_LEVEL ? TARGET_DOUBTFUL : target.kind;
    for (guint i = 0; i < forms->len; i++) {
        const SpelledForm *form = &g_array_index(forms, SpelledForm, i);
        target.wrapped = form->wrapped;
        if (!pattern_add(loading, form->text, origin, target, SCAN_LITERAL))
            return;
    }
    loading->torn += forms->len;
}

/* FALSE if there is no room. */
static gboolean
text_add(Loading *loading, const char *text, PatternOrigin origin, Target target, ScanKind kind)
{
    if (!pattern_add(loading, text, origin, target, kind))
        return FALSE;
    if (kind == SCAN_LITERAL)
        torn_add(loading, text, origin, target);
    return TRUE;
}

/* An item that is several lists. Gives how many patterns it is. */
static guint
composed_read(Loading *loading, const YamlNode *item, const char *file, Target target)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    guint count = 0;

    compose_words(item, loading->texts, words, loading->problems);
    while (count < words->len &&
           text_add(loading, g_ptr_array_index(words, count), origin_of(item, file), target, SCAN_LITERAL))
        count++;
    return count;
}

guint
patterns_read(Loading *loading, const YamlNode *node, const char *file, Target target, ScanKind kind)
{
    guint count = 0;

    if (node == NULL)
        return 0;
    if (yaml_kind(node) != YAML_LIST) {
        yaml_problem(node, loading->problems, NULL, _("must be a list of texts"));
        return 0;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        const YamlNode *item = yaml_item(node, i);
        if (yaml_kind(item) == YAML_LIST && kind == SCAN_LITERAL) {
            count += composed_read(loading, item, file, target);
            continue;
        }
        if (yaml_kind(item) != YAML_SCALAR || yaml_is_blank(item)) {
            yaml_problem(item, loading->problems, NULL, _("must be a text"));
            continue;
        }
        if (!text_add(loading, yaml_scalar(item, NULL), origin_of(item, file), target, kind))
            break;
        count++;
    }
    return count;
}

guint
levels_read(Loading *loading, const YamlNode *node, const char *file, TargetKind kind, guint owner)
{
    guint count = 0;

    if (node == NULL)
        return 0;
    if (yaml_kind(node) != YAML_MAP) {
        yaml_problem(node, loading->problems, NULL, _("must be a map of level: list of words"));
        return 0;
    }
    for (guint i = 0; i < yaml_length(node); i++) {
        Level level;
        if (!level_parse(yaml_key(node, i), &level) || level < LEVEL_SECRET) {
            yaml_problem(yaml_key_node(node, i), loading->problems, yaml_key(node, i),
                         _("must be top-secret, highly-secret or secret"));
            continue;
        }
        Target target = {.kind = (guint8)kind, .level = (guint8)level, .owner = owner};
        count += patterns_read(loading, yaml_value(node, i), file, target, SCAN_LITERAL);
    }
    return count;
}
