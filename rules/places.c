/* places - words of places to bits. */
#include "config.h"
#include "places.h"
#include <glib/gi18n.h>
#include <string.h>

static const struct {
    const char *word;
    guint bit;
} ACROSS[] = {{"quoted", PLACES_QUOTED},
              {"attachment", PLACES_ATTACHMENT},
              {"ocr", PLACES_OCR},
              {"header-zone", PLACES_HEADER_ZONE}};

gboolean
places_parse(const char *word, guint *bit_out)
{
    PlaceKind kind;

    for (guint i = 0; i < G_N_ELEMENTS(ACROSS); i++)
        if (strcmp(ACROSS[i].word, word) == 0) {
            *bit_out = ACROSS[i].bit;
            return TRUE;
        }
    if (!place_parse(word, &kind))
        return FALSE;
    *bit_out = 1u << kind;
    return TRUE;
}

const char *
places_word(guint bit)
{
    for (guint i = 0; i < G_N_ELEMENTS(ACROSS); i++)
        if (ACROSS[i].bit == bit)
            return ACROSS[i].word;
    return place_word((PlaceKind)g_bit_nth_lsf(bit, -1));
}

static void
unknown_place(const char *name, const YamlNode *node, const char *key, Problems *problems)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint kind = 0; kind < PLACE_COUNT; kind++)
        g_string_append_printf(known, "%s, ", place_word((PlaceKind)kind));
    for (guint i = 0; i < G_N_ELEMENTS(ACROSS); i++)
        g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", ACROSS[i].word);
    yaml_problem(yaml_find_word(node, name), problems, key, _("\"%s\" is no place; known here: %s"), name, known->str);
}

guint
places_read(const GPtrArray *names, const YamlNode *node, const char *key, Problems *problems)
{
    guint bits = 0, bit = 0;

    for (guint i = 0; names != NULL && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (places_parse(name, &bit))
            bits |= bit;
        else
            unknown_place(name, node, key, problems);
    }
    return bits;
}
