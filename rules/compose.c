/* compose - word lists multiplied out. Literals are what the scanner is fastest with, and a match needs no rule about
 * what may stand where; so the pack says the phrase in parts and the scanner gets the finished words. */
#include "config.h"
#include "compose.h"
#include <glib/gi18n.h>

/* How many words the item stands for; 0 with a problem. */
static gsize
words_count(const YamlNode *item, Problems *problems)
{
    gsize count = 1;

    for (guint i = 0; i < yaml_length(item); i++) {
        const YamlNode *list = yaml_item(item, i);
        if (yaml_kind(list) != YAML_LIST || yaml_length(list) == 0) {
            yaml_problem(list, problems, NULL, _("must be a list of texts: one part of a composed word"));
            return 0;
        }
        for (guint k = 0; k < yaml_length(list); k++)
            if (yaml_scalar(yaml_item(list, k), NULL) == NULL) {
                yaml_problem(yaml_item(list, k), problems, NULL, _("must be a text"));
                return 0;
            }
        count *= yaml_length(list);
        if (count > COMPOSE_MAX) {
            yaml_problem(item, problems, NULL, _("stands for more than %d words"), COMPOSE_MAX);
            return 0;
        }
    }
    return count;
}

static void
words_join(const YamlNode *item, gsize number, GString *out)
{
    g_string_truncate(out, 0);
    for (guint i = 0; i < yaml_length(item); i++) {
        const YamlNode *list = yaml_item(item, i);
        g_string_append(out, yaml_scalar(yaml_item(list, (guint)(number % yaml_length(list))), NULL));
        number /= yaml_length(list);
    }
}

void
compose_words(const YamlNode *item, GStringChunk *texts, GPtrArray *words_out, Problems *problems)
{
    gsize count = words_count(item, problems);
    g_autoptr(GString) word = g_string_new(NULL);

    for (gsize i = 0; i < count; i++) {
        words_join(item, i, word);
        g_ptr_array_add(words_out, g_string_chunk_insert_const(texts, word->str));
    }
}
