/* places - words and names of places. */
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

/* --- names -------------------------------------------------------------------------------------------------------- */

#define HEADER_KINDS (1u << PLACE_HEADER | 1u << PLACE_SUBJECT | 1u << PLACE_DISPLAY_NAME)
#define PROPERTY_KINDS (1u << PLACE_PROPERTY)

/* One spelling of a name, as in PlaceField. NULL if it can be none: a header has printable ASCII and no colon
 * (RFC 5322, 2.2). Gives. */
static char *
name_fold(gboolean header, const char *name)
{
    gsize length = strlen(name);

    while (length > 0 && g_ascii_isspace(name[length - 1])) /* of the obsolete syntax, RFC 5322 4.5 */
        length--;
    if (length == 0 || length > PLACE_NAME_MAX || !g_utf8_validate(name, (gssize)length, NULL))
        return NULL;
    for (gsize i = 0; i < length; i++)
        if (g_ascii_iscntrl(name[i]) || (header && (!g_ascii_isgraph(name[i]) || name[i] == ':')))
            return NULL;
    return header ? g_ascii_strdown(name, (gssize)length) : g_utf8_strdown(name, (gssize)length);
}

gboolean
places_field(const char *word, const char *name, PlaceField *field_out)
{
    gboolean header = strcmp(word, "header") == 0;

    if (!header && strcmp(word, "property") != 0)
        return FALSE;
    g_autofree char *folded = name_fold(header, name);
    if (folded == NULL)
        return FALSE;
    *field_out = (PlaceField){header ? HEADER_KINDS : PROPERTY_KINDS, g_intern_string(folded)};
    return TRUE;
}

static gboolean
has_field(const Places *places, const PlaceField *field)
{
    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *one = &g_array_index(places->fields, PlaceField, i);
        if (one->name == field->name && one->kinds == field->kinds)
            return TRUE;
    }
    return FALSE;
}

static void
field_add(Places *places, const PlaceField *field)
{
    if (has_field(places, field))
        return;
    if (places->fields == NULL)
        places->fields = g_array_new(FALSE, FALSE, sizeof(PlaceField));
    g_array_append_val(places->fields, *field);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void
unknown_place(const char *name, const YamlNode *node, const char *key, Problems *problems)
{
    g_autoptr(GString) known = g_string_new(NULL);
    for (guint kind = 0; kind < PLACE_COUNT; kind++)
        g_string_append_printf(known, "%s, ", place_word((PlaceKind)kind));
    for (guint i = 0; i < G_N_ELEMENTS(ACROSS); i++)
        g_string_append_printf(known, "%s, ", ACROSS[i].word);
    yaml_problem(node, problems, key, _("\"%s\" is no place; known here: %s{header: NAME}, {property: NAME}"), name,
                 known->str);
}

static void
field_read(const char *word, const YamlNode *node, const char *key, Problems *problems, Places *places)
{
    const char *name = yaml_scalar(node, NULL);
    PlaceField field;

    if (name != NULL && places_field(word, name, &field))
        field_add(places, &field);
    else
        yaml_problem(node, problems, key,
                     strcmp(word, "header") == 0
                         ? _("must be the name of a header field, like X-Protective-Marking: without colon and blanks")
                         : _("must be the name of a property, like Classification"));
}

static void
fields_read(const YamlNode *map, const char *key, Problems *problems, Places *places)
{
    for (guint i = 0; i < yaml_length(map); i++) {
        const char *word = yaml_key(map, i);
        const YamlNode *value = yaml_value(map, i);
        if (strcmp(word, "header") != 0 && strcmp(word, "property") != 0)
            yaml_problem(yaml_key_node(map, i), problems, key,
                         _("\"%s\": only one header or one property has a name: {header: NAME}, {property: NAME}"),
                         word);
        else if (yaml_kind(value) != YAML_LIST)
            field_read(word, value, key, problems, places);
        else
            for (guint k = 0; k < yaml_length(value); k++)
                field_read(word, yaml_item(value, k), key, problems, places);
    }
}

static void
place_read(const YamlNode *node, const char *key, Problems *problems, Places *places)
{
    const char *word = yaml_scalar(node, NULL);
    guint bit = 0;

    if (yaml_kind(node) == YAML_MAP)
        fields_read(node, key, problems, places);
    else if (word == NULL)
        yaml_problem(node, problems, key, _("must be a list of places"));
    else if (places_parse(word, &bit))
        places->bits |= bit;
    else
        unknown_place(word, node, key, problems);
}

void
places_read(const YamlNode *node, const char *key, Problems *problems, Places *places)
{
    if (node == NULL || yaml_is_blank(node))
        return;
    if (yaml_kind(node) != YAML_LIST)
        place_read(node, key, problems, places);
    else
        for (guint i = 0; i < yaml_length(node); i++)
            place_read(yaml_item(node, i), key, problems, places);
}

/* --- places ------------------------------------------------------------------------------------------------------- */

void
places_clear(Places *places)
{
    g_clear_pointer(&places->fields, g_array_unref);
    places->bits = 0;
}

void
places_add(Places *places, const Places *more)
{
    places->bits |= more->bits;
    for (guint i = 0; more->fields != NULL && i < more->fields->len; i++)
        field_add(places, &g_array_index(more->fields, PlaceField, i));
}

char *
places_text(const Places *places)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 32; i++)
        if ((places->bits & 1u << i) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", places_word(1u << i));
    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *field = &g_array_index(places->fields, PlaceField, i);
        g_string_append_printf(text, "%s%s %s", text->len > 0 ? ", " : "",
                               field->kinds == HEADER_KINDS ? "header" : "property", field->name);
    }
    return g_string_free(text, FALSE);
}

char *
places_describe(const Places *places, const Places *except)
{
    g_autofree char *where = places_text(places), *but = places_text(except);

    if (*but == '\0')
        return g_steal_pointer(&where);
    return g_strdup_printf("%s%snot: %s", where, *where != '\0' ? "; " : "", but);
}

/* --- what a rule set asks for ------------------------------------------------------------------------------------- */

struct PlaceNames {
    GHashTable *headers, *properties; /* sets of interned names */
};

PlaceNames *
place_names_new(void)
{
    PlaceNames *names = g_new0(PlaceNames, 1);

    names->headers = g_hash_table_new(g_str_hash, g_str_equal);
    names->properties = g_hash_table_new(g_str_hash, g_str_equal);
    return names;
}

void
place_names_free(PlaceNames *names)
{
    if (names == NULL)
        return;
    g_hash_table_unref(names->headers);
    g_hash_table_unref(names->properties);
    g_free(names);
}

void
place_names_add(PlaceNames *names, const Places *places)
{
    for (guint i = 0; places->fields != NULL && i < places->fields->len; i++) {
        const PlaceField *field = &g_array_index(places->fields, PlaceField, i);
        g_hash_table_add(field->kinds == HEADER_KINDS ? names->headers : names->properties, (gpointer)field->name);
    }
}

const char *
place_names_find(const PlaceNames *names, PlaceKind kind, const char *name)
{
    gboolean header = kind == PLACE_HEADER;
    GHashTable *known = names == NULL            ? NULL
                        : header                 ? names->headers
                        : kind == PLACE_PROPERTY ? names->properties
                                                 : NULL;

    if (known == NULL || name == NULL || g_hash_table_size(known) == 0)
        return NULL;
    g_autofree char *folded = name_fold(header, name);
    return folded != NULL ? g_hash_table_lookup(known, folded) : NULL;
}

static gboolean
set_equal(GHashTable *one, GHashTable *other)
{
    GHashTableIter iter;
    gpointer name;

    if (g_hash_table_size(one) != g_hash_table_size(other))
        return FALSE;
    g_hash_table_iter_init(&iter, one);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!g_hash_table_contains(other, name))
            return FALSE;
    return TRUE;
}

gboolean
place_names_equal(const PlaceNames *names, const PlaceNames *others)
{
    return set_equal(names->headers, others->headers) && set_equal(names->properties, others->properties);
}
