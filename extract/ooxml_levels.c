/* ooxml_levels - one machine reads lists of levels wherever they stand: in the presentation, in the styles of a master,
 * in placeholders of masters and layouts, in shapes of a slide. */
#include "config.h"
#include "ooxml_levels.h"
#include <string.h>

#define HOLDERS_MAX 2000
#define COLOURS 12
#define NAMED 0x80000000 /* a colour of the theme, by its number in `names` */

static const char *const names[] = {
    "dk1",     "lt1",   "dk2",      "lt2", "accent1", "accent2", "accent3", "accent4", "accent5",
    "accent6", "hlink", "folHlink", "tx1", "bg1",     "tx2",     "bg2"}; /* the last four: as the master maps them */

typedef OoxmlLook Levels[OOXML_LEVELS];

typedef struct {
    char type[16], index[12];
    Levels levels;
} Holder;

struct OoxmlDeck {
    Package *package;
    Levels defaults, title, body, other;
    GArray *layout, *master; /* Holder */
    GArray *filling;         /* one of these, while it is read */
    guint32 theme[COLOURS];
    guint8 map[4];    /* of the last four of `names` */
    int theme_colour; /* in hand; -1 none */
};

static void
clear(OoxmlLook *levels)
{
    for (guint i = 0; i < OOXML_LEVELS; i++)
        levels[i] = (OoxmlLook){.colour = FACE_NO_COLOUR};
}

static void
put_over(OoxmlLook *levels, const OoxmlLook *over)
{
    for (guint i = 0; i < OOXML_LEVELS; i++)
        ooxml_look_over(&levels[i], &over[i]);
}

/* --- colours ---------------------------------------------------------------------------------------------------- */

static int
number_of(const char *name)
{
    for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static guint32
colour_of(const OoxmlDeck *deck, guint number)
{
    if (number >= COLOURS)
        number = deck->map[(number - COLOURS) % G_N_ELEMENTS(deck->map)];
    return deck->theme[number];
}

guint32
ooxml_deck_colour(const OoxmlDeck *deck, const char *name)
{
    int number = number_of(name);
    return number < 0 ? FACE_NO_COLOUR : colour_of(deck, (guint)number);
}

static void
on_theme_start(const XmlElement *element, gpointer user)
{
    OoxmlDeck *deck = user;
    const char *value = xml_value(element, strcmp(element->name, "sysClr") == 0 ? "lastClr" : "val");
    for (int i = 0; i < COLOURS; i++)
        if (strcmp(names[i], element->name) == 0)
            deck->theme_colour = i;
    if (deck->theme_colour >= 0 && g_str_has_suffix(element->name, "Clr"))
        deck->theme[deck->theme_colour] = ooxml_colour(value);
}

static void
on_theme_end(const char *name, gpointer user)
{
    OoxmlDeck *deck = user;
    if (deck->theme_colour >= 0 && strcmp(names[deck->theme_colour], name) == 0)
        deck->theme_colour = -1;
}

static void
on_nothing(const char *text, gsize length, gpointer user)
{
}

/* --- the machine ------------------------------------------------------------------------------------------------ */

/* Which list of a master a placeholder belongs to, and under which type the master has it. */
static const char *
family_of(const char *type)
{
    if (strcmp(type, "title") == 0 || strcmp(type, "ctrTitle") == 0)
        return "title";
    if (type[0] == '\0' || strcmp(type, "body") == 0 || strcmp(type, "subTitle") == 0 || strcmp(type, "obj") == 0)
        return "body";
    return type;
}

static const Holder *
find_holder(const GArray *holders, const char *type, const char *index)
{
    const Holder *found = NULL;
    for (guint i = 0; i < holders->len; i++) {
        const Holder *holder = &g_array_index(holders, Holder, i);
        if (index[0] != '\0' && strcmp(holder->index, index) == 0)
            return holder;
        if (found == NULL && strcmp(family_of(holder->type), family_of(type)) == 0)
            found = holder;
    }
    return found;
}

static void
take_holder(OoxmlShape *shape)
{
    const OoxmlDeck *deck = shape->deck;
    const Holder *layout = find_holder(deck->layout, shape->type, shape->index);
    const char *type = layout != NULL && shape->type[0] == '\0' ? layout->type : shape->type;
    const Holder *master = find_holder(deck->master, type, "");
    const char *family = family_of(type);
    put_over(shape->levels, strcmp(family, "title") == 0  ? deck->title
                            : strcmp(family, "body") == 0 ? deck->body
                                                          : deck->other);
    if (master != NULL)
        put_over(shape->levels, master->levels);
    if (layout != NULL)
        put_over(shape->levels, layout->levels);
}

static void
begin_shape(OoxmlShape *shape)
{
    g_strlcpy(shape->type, "-", sizeof shape->type);
    shape->index[0] = '\0';
    shape->scale = 100;
    clear(shape->levels);
    if (shape->deck->filling == NULL)
        put_over(shape->levels, shape->deck->defaults);
}

static void
end_shape(const OoxmlShape *shape)
{
    GArray *filling = shape->deck->filling;
    Holder holder;
    if (filling == NULL || filling->len >= HOLDERS_MAX || strcmp(shape->type, "-") == 0)
        return;
    memcpy(holder.type, shape->type, sizeof holder.type);
    memcpy(holder.index, shape->index, sizeof holder.index);
    memcpy(holder.levels, shape->levels, sizeof holder.levels);
    g_array_append_val(filling, holder);
}

static OoxmlLook *
list_of(OoxmlShape *shape, const char *name)
{
    OoxmlDeck *deck = shape->deck;
    return strcmp(name, "lstStyle") == 0           ? shape->levels
           : strcmp(name, "defaultTextStyle") == 0 ? deck->defaults
           : strcmp(name, "titleStyle") == 0       ? deck->title
           : strcmp(name, "bodyStyle") == 0        ? deck->body
           : strcmp(name, "otherStyle") == 0       ? deck->other
                                                   : NULL;
}

static gboolean
is_shape(const char *name)
{
    return strcmp(name, "sp") == 0 || strcmp(name, "graphicFrame") == 0 || strcmp(name, "cxnSp") == 0;
}

static void
on_default(OoxmlShape *shape, const XmlElement *element)
{
    OoxmlLook *look = &shape->list[shape->level - 1];
    if (strcmp(element->name, "defRPr") == 0) {
        shape->defaults = TRUE;
        ooxml_look_on(look, K_RUN_LOOK, element, FALSE);
    } else if (shape->defaults && strcmp(element->name, "ln") == 0)
        shape->outline = TRUE;
    else if (shape->defaults && !shape->outline && strcmp(element->name, "solidFill") == 0)
        shape->filled = TRUE;
    else if (shape->filled && strcmp(element->name, "srgbClr") == 0)
        look->colour = ooxml_colour(xml_value(element, "val"));
    else if (shape->filled && strcmp(element->name, "schemeClr") == 0) {
        const char *name = xml_value(element, "val");
        int number = number_of(name);
        look->colour = number < 0                     ? FACE_NO_COLOUR
                       : shape->deck->filling != NULL ? NAMED | (guint)number /* themes are told later */
                                                      : ooxml_deck_colour(shape->deck, name);
    } else if (shape->filled && xml_has(element, "val"))
        look->colour = FACE_NO_COLOUR; /* made lighter, darker ...: what comes of it nobody tells */
}

static void
on_map(OoxmlDeck *deck, const XmlElement *element)
{
    for (guint i = 0; i < G_N_ELEMENTS(deck->map); i++) {
        int number = number_of(xml_value(element, names[COLOURS + i]));
        if (number >= 0 && number < COLOURS)
            deck->map[i] = (guint8)number;
    }
}

void
ooxml_shape_init(OoxmlShape *shape, OoxmlDeck *deck)
{
    *shape = (OoxmlShape){.deck = deck, .scale = 100};
    if (deck != NULL)
        begin_shape(shape);
}

void
ooxml_shape_start(OoxmlShape *shape, const XmlElement *element)
{
    const char *name = element->name;
    if (shape->deck == NULL)
        return;
    if (is_shape(name))
        begin_shape(shape);
    else if (strcmp(name, "ph") == 0) {
        g_strlcpy(shape->type, xml_value(element, "type"), sizeof shape->type);
        g_strlcpy(shape->index, xml_value(element, "idx"), sizeof shape->index);
        if (shape->deck->filling == NULL)
            take_holder(shape);
    } else if (shape->list == NULL)
        shape->list = list_of(shape, name);
    else if (g_str_has_prefix(name, "lvl") && name[3] >= '1' && name[3] <= '9' && strcmp(name + 4, "pPr") == 0)
        shape->level = (guint)(name[3] - '0');
    else if (shape->level > 0)
        on_default(shape, element);
    if (strcmp(name, "normAutofit") == 0 && xml_has(element, "fontScale"))
        shape->scale = (guint)CLAMP(g_ascii_strtoull(xml_value(element, "fontScale"), NULL, 10) / 1000, 1, 100);
    if (strcmp(name, "clrMap") == 0 && shape->deck->filling != NULL)
        on_map(shape->deck, element);
}

void
ooxml_shape_end(OoxmlShape *shape, const char *name)
{
    if (shape->deck == NULL)
        return;
    if (is_shape(name))
        end_shape(shape);
    else if (strcmp(name, "solidFill") == 0)
        shape->filled = FALSE;
    else if (strcmp(name, "ln") == 0)
        shape->outline = FALSE;
    else if (strcmp(name, "defRPr") == 0)
        shape->defaults = shape->filled = shape->outline = FALSE;
    else if (g_str_has_prefix(name, "lvl"))
        shape->level = 0;
    else if (list_of(shape, name) != NULL)
        shape->list = NULL;
}

/* --- the deck --------------------------------------------------------------------------------------------------- */

static void
on_start(const XmlElement *element, gpointer user)
{
    ooxml_shape_start(user, element);
}

static void
on_end(const char *name, gpointer user)
{
    ooxml_shape_end(user, name);
}

static void
name_colours(OoxmlLook *levels, const OoxmlDeck *deck)
{
    for (guint i = 0; i < OOXML_LEVELS; i++)
        if (levels[i].colour != FACE_NO_COLOUR && (levels[i].colour & NAMED) != 0)
            levels[i].colour = colour_of(deck, levels[i].colour & ~NAMED);
}

/* What `member` says, into `holders` and the deck's own lists. */
static void
read_part(OoxmlDeck *deck, const char *member, GArray *holders)
{
    static const XmlEvents events = {on_start, on_end, on_nothing, NULL};
    OoxmlShape shape;
    deck->filling = holders;
    ooxml_shape_init(&shape, deck);
    package_peek_xml(deck->package, member, &events, &shape);
    deck->filling = NULL;
    for (guint i = 0; i < holders->len; i++)
        name_colours(g_array_index(holders, Holder, i).levels, deck);
}

OoxmlDeck *
ooxml_deck_new(Package *package, const char *presentation)
{
    OoxmlDeck *deck = g_new0(OoxmlDeck, 1);
    deck->package = package;
    deck->layout = g_array_new(FALSE, FALSE, sizeof(Holder));
    deck->master = g_array_new(FALSE, FALSE, sizeof(Holder));
    deck->theme_colour = -1;
    clear(deck->defaults);
    clear(deck->title);
    clear(deck->body);
    clear(deck->other);
    for (guint i = 0; i < COLOURS; i++)
        deck->theme[i] = FACE_NO_COLOUR;
    for (guint8 i = 0; i < 4; i++)
        deck->map[i] = i;
    read_part(deck, presentation, deck->layout);
    return deck;
}

void
ooxml_deck_free(OoxmlDeck *deck)
{
    g_array_unref(deck->layout);
    g_array_unref(deck->master);
    g_free(deck);
}

void
ooxml_deck_wear(OoxmlDeck *deck, const char *layout, const char *master, const char *theme)
{
    static const XmlEvents events = {on_theme_start, on_theme_end, on_nothing, NULL};
    if (theme != NULL)
        package_peek_xml(deck->package, theme, &events, deck);
    if (master != NULL)
        read_part(deck, master, deck->master);
    if (layout != NULL)
        read_part(deck, layout, deck->layout);
    name_colours(deck->defaults, deck);
    name_colours(deck->title, deck);
    name_colours(deck->body, deck);
    name_colours(deck->other, deck);
}
