/* odf_text - a stack of places: each element is in the place of the one around it, or begins another. */
#include "config.h"
#include "odf_text.h"
#include <string.h>

typedef enum {
    K_OTHER,
    K_PARAGRAPH,
    K_SPAN,
    K_CELL,
    K_ROW,
    K_COLUMN,
    K_TABLE,
    K_PAGE,
    K_TAB,
    K_BREAK,
    K_SPACES,
    K_PAGE_BREAK,
    K_PLACE,  /* begins a place */
    K_STREAM, /* begins a place, and a text of its own */
    K_HIDDEN_TEXT,
    K_SECTION,
    K_STYLE,
    K_LOOK,
    K_SETTING, /* of the program: hundreds of switches */
} Kind;

static const struct {
    const char *name;
    Kind kind;
    PlaceKind place;
} ELEMENTS[] = {
    {"p", K_PARAGRAPH, 0},
    {"h", K_PARAGRAPH, 0},
    {"span", K_SPAN, 0},
    {"table-cell", K_CELL, 0},
    {"covered-table-cell", K_CELL, 0},
    {"table-row", K_ROW, 0},
    {"table-column", K_COLUMN, 0},
    {"table", K_TABLE, 0},
    {"page", K_PAGE, 0},
    {"tab", K_TAB, 0},
    {"line-break", K_BREAK, 0},
    {"s", K_SPACES, 0},
    {"soft-page-break", K_PAGE_BREAK, 0},
    {"annotation", K_STREAM, PLACE_ANNOTATION},
    {"note", K_STREAM, PLACE_NOTE},
    {"footnote", K_STREAM, PLACE_NOTE},
    {"endnote", K_STREAM, PLACE_NOTE},
    {"notes", K_STREAM, PLACE_NOTE},
    {"deletion", K_STREAM, PLACE_REVISION},
    {"header", K_STREAM, PLACE_PAGE_HEADER},
    {"header-left", K_STREAM, PLACE_PAGE_HEADER},
    {"header-first", K_STREAM, PLACE_PAGE_HEADER},
    {"header-decl", K_STREAM, PLACE_PAGE_HEADER},
    {"master-page", K_PLACE, PLACE_PAGE_HEADER},
    {"footer", K_STREAM, PLACE_PAGE_FOOTER},
    {"footer-left", K_STREAM, PLACE_PAGE_FOOTER},
    {"footer-first", K_STREAM, PLACE_PAGE_FOOTER},
    {"footer-decl", K_STREAM, PLACE_PAGE_FOOTER},
    {"text-box", K_PLACE, PLACE_TEXT_BOX},
    {"custom-shape", K_PLACE, PLACE_TEXT_BOX},
    {"title", K_PLACE, PLACE_ALTERNATIVE},
    {"desc", K_PLACE, PLACE_ALTERNATIVE},
    {"hidden-text", K_HIDDEN_TEXT, 0},
    {"hidden-paragraph", K_HIDDEN_TEXT, 0},
    {"section", K_SECTION, 0},
    {"style", K_STYLE, 0},
    {"text-properties", K_LOOK, 0},
    {"table-properties", K_LOOK, 0},
    {"drawing-page-properties", K_LOOK, 0},
    {"config-item", K_SETTING, 0},
};

#define COLUMNS_MAX 16384 /* of one sheet */

typedef struct {
    Kind kind;
    PlaceKind place;
    gboolean paragraph; /* text in it is shown */
    gboolean spoke;
    OdfLook look;
} Level;

typedef struct {
    Odf *odf;
    Story story;
    gboolean main_part, properties;
    guint depth, page;
    guint8 hidden[COLUMNS_MAX]; /* columns of the sheet in hand */
    guint columns, column;      /* told so far; the next cell's */
    Level levels[XML_DEPTH_MAX + 2];
    char *style;    /* being defined */
    char *name;     /* of the sheet or property in hand */
    GString *value; /* of a property */
} Reading;

static gsize
element_of(const char *name)
{
    static GHashTable *elements;
    if (elements == NULL) {
        elements = g_hash_table_new(g_str_hash, g_str_equal);
        for (gsize i = 0; i < G_N_ELEMENTS(ELEMENTS); i++)
            g_hash_table_insert(elements, (gpointer)ELEMENTS[i].name, GSIZE_TO_POINTER(i + 1));
    }
    return GPOINTER_TO_SIZE(g_hash_table_lookup(elements, name));
}

/* --- looks ------------------------------------------------------------------------------------------------------ */

static OdfLook *
look_of(Odf *odf, const char *name, gboolean make)
{
    OdfLook *look = g_hash_table_lookup(odf->looks, name);
    if (look == NULL && make && g_hash_table_size(odf->looks) < 100000) {
        look = g_new0(OdfLook, 1);
        look->colour = FACE_NO_COLOUR;
        g_hash_table_insert(odf->looks, g_strdup(name), look);
    }
    return look;
}

static void
on_style(Reading *reading, const XmlElement *element)
{
    const OdfLook *parent = look_of(reading->odf, xml_value(element, "parent-style-name"), FALSE);
    g_free(reading->style);
    reading->style = g_strdup(xml_value(element, "name"));
    OdfLook *look = look_of(reading->odf, reading->style, TRUE);
    if (look != NULL && parent != NULL && parent != look)
        *look = *parent;
}

static void
on_look(Reading *reading, const XmlElement *element)
{
    const char *size = xml_value(element, "font-size"), *colour = xml_value(element, "color");
    const char *display = xml_value(element, "display");
    OdfLook *look = reading->style != NULL ? look_of(reading->odf, reading->style, FALSE) : NULL;
    if (look == NULL)
        return;
    if (g_str_has_suffix(size, "pt"))
        look->size = (guint)CLAMP(g_ascii_strtod(size, NULL) * 10, 0, 16000);
    if (colour[0] == '#' && strlen(colour) == 7)
        look->colour = (guint32)(g_ascii_strtoull(colour + 1, NULL, 16) & 0xFFFFFF);
    if (strcmp(display, "none") == 0 || strcmp(display, "false") == 0 ||
        strcmp(xml_value(element, "visibility"), "hidden") == 0) /* of a slide */
        look->hidden = TRUE;
}

/* --- attributes ------------------------------------------------------------------------------------------------- */

/* Names of styles and fonts are everywhere and shown nowhere. */
static gboolean
is_worn(const char *name)
{
    return strstr(name, "font") != NULL || g_str_has_suffix(name, "name") || strcmp(name, "style") == 0;
}

static void
tell_attributes(Reading *reading, const XmlElement *element)
{
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        if (g_str_is_ascii(attribute->value) || is_worn(attribute->name))
            continue;
        story_say(&reading->story, PLACE_ATTRIBUTE, attribute->value, (gssize)attribute->length);
        story_gap(&reading->story, PLACE_ATTRIBUTE, '\n');
    }
}

/* --- elements --------------------------------------------------------------------------------------------------- */

static void
on_page(Reading *reading, const XmlElement *element, gboolean sheet)
{
    const char *name = xml_value(element, "name");
    reading->page++;
    reading->story.page = MIN(reading->page, WIRE_PARTS_MAX);
    reading->story.head = reading->page == 1;
    reading->story.lines = 0;
    if (!sheet)
        return;
    g_free(reading->name);
    reading->name = g_strdup(name);
    reading->story.name = reading->name;
    memset(reading->story.begun, 0, sizeof reading->story.begun);
    story_alone(&reading->story, PLACE_SHEET_NAME, NULL, name);
}

static gboolean
is_hidden(const XmlElement *element)
{
    const char *seen = xml_value(element, "visibility"), *display = xml_value(element, "display");
    return strcmp(seen, "collapse") == 0 || strcmp(seen, "filter") == 0 || strcmp(display, "none") == 0 ||
           strcmp(display, "condition") == 0 || strcmp(xml_value(element, "is-hidden"), "true") == 0;
}

static guint
repeated(const XmlElement *element)
{
    const char *value = xml_value(element, "number-columns-repeated");
    return value[0] != '\0' ? (guint)CLAMP(g_ascii_strtoull(value, NULL, 10), 1, COLUMNS_MAX) : 1;
}

/* Columns, and the cells in them. */
static void
on_column(Reading *reading, Level *level, const XmlElement *element)
{
    guint count = repeated(element);
    if (level->kind == K_TABLE) {
        memset(reading->hidden, 0, sizeof reading->hidden);
        reading->columns = 0;
    } else if (level->kind == K_ROW) {
        reading->column = 0;
    } else if (level->kind == K_COLUMN) {
        for (guint i = 0; i < count && reading->columns < COLUMNS_MAX; i++)
            reading->hidden[reading->columns++] = is_hidden(element);
    } else if (level->kind == K_CELL) {
        if (reading->column < COLUMNS_MAX && reading->hidden[reading->column] && level->place == PLACE_BODY)
            level->place = PLACE_HIDDEN;
        reading->column = MIN(reading->column + count, COLUMNS_MAX);
    }
}

static void
begin_place(Reading *reading, Level *level, Kind kind, PlaceKind place)
{
    if (place == PLACE_TEXT_BOX && (reading->odf->pages || level->place != PLACE_BODY))
        return; /* on a slide everything is in a box */
    level->place = place;
    level->paragraph = FALSE;
    if (kind == K_STREAM) {
        reading->story.begun[place] = FALSE;
        reading->story.gap[place] = 0;
    }
}

static void
wear(Reading *reading, Level *level, const XmlElement *element)
{
    const OdfLook *look = look_of(reading->odf, xml_value(element, "style-name"), FALSE);
    if (look == NULL)
        return;
    if (look->size > 0)
        level->look.size = look->size;
    if (look->colour != FACE_NO_COLOUR)
        level->look.colour = look->colour;
    if (look->hidden && level->place == PLACE_BODY)
        level->place = PLACE_HIDDEN;
}

static void
on_mark(Reading *reading, Level *level, const XmlElement *element)
{
    switch (level->kind) {
    case K_TAB:
        story_say(&reading->story, level->place, "\t", 1);
        break;
    case K_BREAK:
        story_gap(&reading->story, level->place, '\n');
        break;
    case K_SPACES:
        story_say(&reading->story, level->place, " ", 1);
        break;
    case K_PAGE_BREAK:
        if (level->place == PLACE_BODY && reading->story.page > 0 && reading->story.page < WIRE_PARTS_MAX) {
            reading->story.page++;
            reading->story.head = FALSE;
        }
        break;
    case K_HIDDEN_TEXT:
        story_say(&reading->story, PLACE_HIDDEN, xml_value(element, "string-value"), -1);
        story_gap(&reading->story, PLACE_HIDDEN, '\n');
        if (is_hidden(element))
            level->place = PLACE_HIDDEN;
        break;
    case K_STYLE:
        on_style(reading, element);
        break;
    case K_LOOK:
        on_look(reading, element);
        break;
    default:
        break;
    }
}

static void
on_property(Reading *reading, const XmlElement *element)
{
    const char *name = xml_value(element, "name");
    g_free(reading->name);
    reading->name = g_strdup(name[0] != '\0' ? name : element->name);
    story_alone(&reading->story, PLACE_PROPERTY, NULL, name);
    g_string_truncate(reading->value, 0);
}

static void
on_start(const XmlElement *element, gpointer user)
{
    Reading *reading = user;
    gsize row = element_of(element->name);
    if (reading->depth == 0)
        reading->properties = strcmp(element->name, "document-meta") == 0;
    Level *level = &reading->levels[reading->depth + 1];
    *level = reading->levels[reading->depth++];
    level->spoke = FALSE;
    level->kind = row > 0 ? ELEMENTS[row - 1].kind : K_OTHER;
    if (reading->properties) {
        on_property(reading, element);
        return;
    }
    if (level->kind == K_PARAGRAPH)
        level->paragraph = TRUE;
    else if (level->kind == K_PLACE || level->kind == K_STREAM)
        begin_place(reading, level, level->kind, ELEMENTS[row - 1].place);
    else if ((level->kind == K_TABLE && reading->odf->sheets) || (level->kind == K_PAGE && reading->odf->pages))
        on_page(reading, element, level->kind == K_TABLE);
    if ((level->kind == K_ROW || level->kind == K_SECTION || level->kind == K_TABLE) && is_hidden(element) &&
        level->place == PLACE_BODY)
        level->place = PLACE_HIDDEN;
    if (reading->odf->sheets)
        on_column(reading, level, element);
    if (element->count > 0 && level->kind != K_STYLE) {
        wear(reading, level, element);
        tell_attributes(reading, element);
    }
    on_mark(reading, level, element);
}

static void
on_property_end(Reading *reading)
{
    g_strstrip(reading->value->str);
    story_alone(&reading->story, PLACE_PROPERTY, reading->name, reading->value->str);
    g_string_truncate(reading->value, 0);
}

static void
on_end(const char *name, gpointer user)
{
    Reading *reading = user;
    if (reading->depth == 0)
        return;
    const Level *level = &reading->levels[reading->depth--];
    if (reading->properties)
        on_property_end(reading);
    else if (level->kind == K_PARAGRAPH)
        story_line(&reading->story, level->place);
    else if (level->kind == K_CELL)
        story_gap(&reading->story, level->place, '\t');
    else if (level->kind == K_ROW || (level->kind == K_PLACE && level->spoke))
        story_gap(&reading->story, level->place, '\n');
    else if (level->spoke)
        story_gap(&reading->story, PLACE_ATTRIBUTE, '\n');
}

static gboolean
is_blank(const char *text, gsize length)
{
    return strspn(text, " \t\r\n") >= length;
}

static void
on_text(const char *text, gsize length, gpointer user)
{
    Reading *reading = user;
    Level *level = &reading->levels[reading->depth];
    g_autofree char *own = g_strndup(text, length);
    if (reading->properties) {
        g_string_append_len(reading->value, text, (gssize)length);
        return;
    }
    if (!level->paragraph && (is_blank(own, length) || (level->kind == K_SETTING && g_str_is_ascii(own))))
        return;
    if (!reading->main_part) { /* the header of a page style: taken for that of the first page */
        reading->story.head = level->place == PLACE_PAGE_HEADER;
        reading->story.page = reading->story.head ? 1 : 0;
    }
    reading->story.size = level->look.size;
    reading->story.colour = level->look.colour;
    if (level->paragraph) {
        story_say(&reading->story, level->place, g_strdelimit(own, "\r\n", ' '), (gssize)length);
        return;
    }
    /* outside of paragraphs: titles and descriptions, declared headers, texts of number formats, names of authors */
    level->spoke = TRUE;
    gboolean shown = level->kind == K_PLACE || level->kind == K_STREAM;
    story_say(&reading->story, shown ? level->place : PLACE_ATTRIBUTE, own, (gssize)length);
}

gboolean
odf_text_read(Odf *odf, const char *member, gboolean main_part)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    g_autofree Reading *reading = g_new0(Reading, 1);
    reading->odf = odf;
    reading->main_part = main_part;
    reading->value = g_string_new(NULL);
    reading->levels[0] = (Level){.place = PLACE_BODY, .look = {.colour = FACE_NO_COLOUR}};
    story_begin(&reading->story, odf->package->sink, odf->package->part, NULL, main_part ? 1 : 0);
    reading->story.head = main_part;
    gboolean found = package_xml(odf->package, member, &events, reading);
    g_free(reading->style);
    g_free(reading->name);
    g_string_free(reading->value, TRUE);
    return found;
}
