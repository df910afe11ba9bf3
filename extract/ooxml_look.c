/* ooxml_look - a style is asked with its whole line of ancestors, from the eldest on. */
#include "config.h"
#include "ooxml_look.h"
#include "wire_extract.h"
#include <string.h>

#define STYLES_MAX 20000
#define ANCESTORS_MAX 24

typedef struct {
    OoxmlLook look;
    char *base;
} Style;

struct OoxmlStyles {
    GHashTable *styles; /* Style by id */
    OoxmlLook defaults;
    Style *defining;
    char *paragraph; /* id of the default style of paragraphs */
};

static const OoxmlLook PLAIN = {.colour = FACE_NO_COLOUR};

gboolean
ooxml_is_on(const XmlElement *element)
{
    const char *value = xml_value(element, "val");
    return strcmp(value, "0") != 0 && g_ascii_strcasecmp(value, "false") != 0 && strcmp(value, "off") != 0;
}

guint32
ooxml_colour(const char *value)
{
    char *end;
    guint64 colour = g_ascii_strtoull(value, &end, 16);
    return end == value + 6 && *end == '\0' ? (guint32)colour : FACE_NO_COLOUR;
}

static void
set_size(OoxmlLook *look, const char *value, guint64 multiply, guint64 divide)
{
    guint64 size = g_ascii_strtoull(value, NULL, 10);
    look->size = size <= 100000 ? (guint)MIN(size * multiply / divide, 16000) : 0;
}

void
ooxml_look_on(OoxmlLook *look, OoxmlKind kind, const XmlElement *element, gboolean in_run)
{
    if (kind == K_RUN_LOOK && xml_has(element, "sz"))
        set_size(look, xml_value(element, "sz"), 1, 10); /* DrawingML: hundredths of a point */
    else if (kind == K_SIZE)
        set_size(look, xml_value(element, "val"), 5, 1); /* half points */
    else if (kind == K_COLOUR || (kind == K_RGB && in_run))
        look->colour = ooxml_colour(xml_value(element, "val"));
    else if (kind == K_VANISH) {
        look->vanish = ooxml_is_on(element);
        look->vanish_told = TRUE;
    } else if (kind == K_FONTS)
        g_strlcpy(look->font, xml_value(element, xml_has(element, "ascii") ? "ascii" : "hAnsi"), sizeof look->font);
}

void
ooxml_look_over(OoxmlLook *look, const OoxmlLook *over)
{
    if (over->size > 0)
        look->size = over->size;
    if (over->colour != FACE_NO_COLOUR)
        look->colour = over->colour;
    if (over->vanish_told) {
        look->vanish = over->vanish;
        look->vanish_told = TRUE;
    }
    if (over->font[0] != '\0')
        g_strlcpy(look->font, over->font, sizeof look->font);
}

/* --- styles ----------------------------------------------------------------------------------------------------- */

static void
style_free(gpointer data)
{
    Style *style = data;
    g_free(style->base);
    g_free(style);
}

OoxmlStyles *
ooxml_styles_new(void)
{
    OoxmlStyles *styles = g_new0(OoxmlStyles, 1);
    styles->styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
    styles->defaults = PLAIN;
    return styles;
}

void
ooxml_styles_free(OoxmlStyles *styles)
{
    if (styles == NULL)
        return;
    g_hash_table_unref(styles->styles);
    g_free(styles->paragraph);
    g_free(styles);
}

void
ooxml_styles_define(OoxmlStyles *styles, const XmlElement *element)
{
    const char *id = xml_value(element, "styleId"), *whole = xml_value(element, "default");
    if (g_hash_table_size(styles->styles) >= STYLES_MAX)
        return;
    styles->defining = g_new0(Style, 1);
    styles->defining->look = PLAIN;
    g_hash_table_replace(styles->styles, g_strdup(id), styles->defining);
    if (strcmp(xml_value(element, "type"), "paragraph") == 0 &&
        (strcmp(whole, "1") == 0 || strcmp(whole, "true") == 0)) {
        g_free(styles->paragraph);
        styles->paragraph = g_strdup(id);
    }
}

void
ooxml_styles_base(OoxmlStyles *styles, const char *id)
{
    if (styles->defining == NULL)
        return;
    g_free(styles->defining->base);
    styles->defining->base = g_strdup(id);
}

OoxmlLook *
ooxml_styles_defining(OoxmlStyles *styles)
{
    return styles->defining != NULL ? &styles->defining->look : &styles->defaults;
}

OoxmlLook
ooxml_styles_look(const OoxmlStyles *styles, const char *id, const OoxmlLook *under)
{
    const Style *line[ANCESTORS_MAX], *style;
    guint count = 0;
    OoxmlLook look = under != NULL ? *under : styles != NULL ? styles->defaults : PLAIN;
    if (styles == NULL)
        return look;
    const char *next = id[0] != '\0' ? id : styles->paragraph;
    while (count < ANCESTORS_MAX && next != NULL && (style = g_hash_table_lookup(styles->styles, next)) != NULL) {
        line[count++] = style;
        next = style->base;
    }
    while (count > 0)
        ooxml_look_over(&look, &line[--count]->look);
    return look;
}
