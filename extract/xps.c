/* xps - Glyphs say their text in UnicodeString, their place in OriginX and OriginY (1/96 inch), through the transforms
 * of the canvases around them; Indices may tell advances, in hundredths of an em. */
#include "config.h"
#include "xps.h"
#include "glyphs.h"
#include <math.h>
#include <string.h>

#define UNIT (25.4 / 96) /* mm */
#define PAGES_MAX 100000
#define GLYPHS_ENOUGH 40 /* so many Glyphs without a UnicodeString: text that nobody can read */

/* --- lists ------------------------------------------------------------------------------------------------------ */

typedef struct {
    Package *package;
    const char *member, *element;
    GPtrArray *found;
} List;

static void
on_list(const XmlElement *element, gpointer user)
{
    List *list = user;
    if (strcmp(element->name, list->element) != 0 || list->found->len >= PAGES_MAX)
        return;
    const char *target = package_find(list->package, list->member, xml_value(element, "Source"));
    if (target == NULL)
        list->package->damaged = TRUE;
    else
        g_ptr_array_add(list->found, g_strdup(target));
}

static void
on_list_end(const char *name, gpointer user)
{
}

static void
on_list_text(const char *text, gsize length, gpointer user)
{
}

/* Members that the elements of this name lead to; gives. */
static GPtrArray *
list_of(Package *package, const char *member, const char *element)
{
    static const XmlEvents events = {on_list, on_list_end, on_list_text, NULL};
    List list = {package, member, element, g_ptr_array_new_with_free_func(g_free)};
    package_xml(package, member, &events, &list);
    return list.found;
}

/* --- a page ----------------------------------------------------------------------------------------------------- */

typedef struct {
    Package *package;
    guint number;
    Story story;
    GArray *glyphs;
    guint depth, objects, silent;
    double width, height;
    Matrix matrices[XML_DEPTH_MAX + 2];
    gboolean hidden[XML_DEPTH_MAX + 2];
} Page;

static Matrix
matrix_of(const char *text, const Matrix *around)
{
    double own[6];
    if (numbers_parse(text, own, 6) != 6)
        return *around;
    Matrix inner = {own[0], own[1], own[2], own[3], own[4], own[5]};
    return matrix_join(&inner, around);
}

static double
number_of(const XmlElement *element, const char *name)
{
    double number = 0;
    numbers_parse(xml_value(element, name), &number, 1);
    return number;
}

/* "#AARRGGBB", "#RRGGBB"; a brush is no colour. */
static guint32
colour_of(const char *fill, gboolean *clear)
{
    gsize digits = fill[0] == '#' ? strlen(fill + 1) : 0;
    guint64 value = digits == 6 || digits == 8 ? g_ascii_strtoull(fill + 1, NULL, 16) : 0;
    *clear = digits == 8 && value >> 24 == 0;
    return digits == 6 || digits == 8 ? (guint32)(value & 0xFFFFFF) : FACE_NO_COLOUR;
}

static void
tell_glyphs(Page *page)
{
    const GlyphsHow how = {
        .place = page->number > 0 ? PLACE_BODY : PLACE_HIDDEN, .height = page->height, .first = page->number == 1};
    if (page->glyphs->len > 0)
        glyphs_tell(page->glyphs, &page->story, &how);
}

/* Advance of the next cluster, ems; below zero: not told. *at goes behind it. */
static double
next_advance(const char **at)
{
    gsize length = strcspn(*at, ";");
    const char *comma = memchr(*at, ',', length);
    double advance = -1;
    if (comma != NULL && (g_ascii_isdigit(comma[1]) || comma[1] == '.'))
        numbers_parse(comma + 1, &advance, 1);
    *at += length + ((*at)[length] == ';');
    return advance / 100;
}

static void
lay_glyphs(Page *page, const XmlElement *element)
{
    const char *text = xml_value(element, "UnicodeString"), *indices = xml_value(element, "Indices");
    Matrix matrix = matrix_of(xml_value(element, "RenderTransform"), &page->matrices[page->depth]);
    double x = number_of(element, "OriginX"), y = number_of(element, "OriginY");
    double em = number_of(element, "FontRenderingEmSize");
    gboolean sideways = strcmp(xml_value(element, "IsSideways"), "true") == 0, clear;
    guint32 colour = colour_of(xml_value(element, "Fill"), &clear);
    guint from = page->glyphs->len;
    text += strncmp(text, "{}", 2) == 0 ? 2 : 0;
    page->silent += *text == '\0';
    page->objects++;
    clear |= page->hidden[page->depth] || strcmp(xml_value(element, "Opacity"), "0") == 0;
    clear |= colour != FACE_NO_COLOUR && (colour & 0xF8F8F8) == 0xF8F8F8;
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar code = g_utf8_get_char(text);
        double advance = next_advance(&indices);
        advance = advance < 0 ? glyph_advance(code) : advance;
        Glyph glyph = {.x = (x * matrix.a + y * matrix.c + matrix.e) * UNIT,
                       .y = (x * matrix.b + y * matrix.d + matrix.f) * UNIT,
                       .size = (float)MIN(em * hypot(matrix.c, matrix.d) * UNIT, 10000),
                       .width = (float)MIN(em * advance * hypot(matrix.a, matrix.b) * UNIT, 10000),
                       .colour = colour,
                       .object = page->objects,
                       .code = g_unichar_iscntrl(code) ? ' ' : code};
        g_array_append_val(page->glyphs, glyph);
        x += sideways ? 0 : em * advance;
        y += sideways ? em : 0;
    }
    glyphs_direct(page->glyphs, from, &matrix);
    for (guint i = from; i < page->glyphs->len && clear; i++)
        g_array_index(page->glyphs, Glyph, i).kind = GLYPH_HIDDEN;
    if (page->glyphs->len >= GLYPHS_MAX)
        tell_glyphs(page);
}

static void
tell_attributes(Page *page, const XmlElement *element)
{
    static const char *const said[] = {"FixedPage.NavigateUri", "AutomationProperties.Name",
                                       "AutomationProperties.HelpText", NULL};
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        gboolean wanted = g_strv_contains(said, attribute->name);
        if (strcmp(attribute->name, "UnicodeString") == 0 || (!wanted && g_str_is_ascii(attribute->value)))
            continue;
        PlaceKind place = g_str_has_prefix(attribute->name, "Automation") ? PLACE_ALTERNATIVE : PLACE_ATTRIBUTE;
        story_say(&page->story, place, attribute->value, (gssize)attribute->length);
        story_gap(&page->story, place, '\n');
    }
}

static void
on_start(const XmlElement *element, gpointer user)
{
    Page *page = user;
    guint depth = ++page->depth;
    page->matrices[depth] = page->matrices[depth - 1];
    page->hidden[depth] = page->hidden[depth - 1];
    if (strcmp(element->name, "FixedPage") == 0) {
        page->width = number_of(element, "Width") * UNIT;
        page->height = number_of(element, "Height") * UNIT;
    } else if (strcmp(element->name, "Canvas") == 0) {
        page->matrices[depth] = matrix_of(xml_value(element, "RenderTransform"), &page->matrices[depth - 1]);
        page->hidden[depth] |= strcmp(xml_value(element, "Opacity"), "0") == 0;
    } else if (strcmp(element->name, "MatrixTransform") == 0 && depth >= 2) {
        /* Canvas.RenderTransform: of its parent */
        page->matrices[depth - 2] = matrix_of(xml_value(element, "Matrix"), &page->matrices[depth - 2]);
    } else if (strcmp(element->name, "Glyphs") == 0) {
        lay_glyphs(page, element);
    }
    tell_attributes(page, element);
}

static void
on_end(const char *name, gpointer user)
{
    Page *page = user;
    page->depth -= page->depth > 0;
}

static void
on_text(const char *text, gsize length, gpointer user)
{
}

static void
read_page(Package *package, const char *member, guint number)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    g_autofree Page *page = g_new0(Page, 1);
    page->package = package;
    page->number = number;
    page->glyphs = g_array_new(FALSE, FALSE, sizeof(Glyph));
    page->matrices[0] = MATRIX_NONE;
    story_begin(&page->story, package->sink, package->part, NULL, MIN(number, WIRE_PARTS_MAX));
    package_xml(package, member, &events, page);
    tell_glyphs(page);
    if (page->silent >= GLYPHS_ENOUGH && page->silent * 2 > page->objects)
        sink_cover(package->sink, package->part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
    g_array_unref(page->glyphs);
}

void
xps_read(Package *package, const char *member)
{
    guint number = 0;
    g_autoptr(GPtrArray) documents = list_of(package, member, "DocumentReference");
    for (guint i = 0; i < documents->len; i++) {
        g_autoptr(GPtrArray) pages = list_of(package, g_ptr_array_index(documents, i), "PageContent");
        for (guint j = 0; j < pages->len && !sink_stopped(package->sink); j++)
            read_page(package, g_ptr_array_index(pages, j), ++number);
    }
    for (guint i = 0; i < package->zip->members->len && !sink_stopped(package->sink); i++) {
        const ZipMember *left = g_ptr_array_index(package->zip->members, i);
        if (g_str_has_suffix(left->name, ".fpage") && package_has(package, left->name))
            read_page(package, left->name, 0); /* no list leads to it */
    }
}
