/* uof_look - a style is asked with its whole line of ancestors, from the eldest on. */
#include "config.h"
#include "uof_look.h"
#include "segment.h"

#define STYLES_MAX 20000
#define ANCESTORS_MAX 24

typedef struct {
    UofLook look;
    char *base;
} Style;

struct UofStyles {
    GHashTable *styles; /* Style by id */
    Style *defining;
};

static void
style_free(gpointer data)
{
    Style *style = data;
    g_free(style->base);
    g_free(style);
}

UofStyles *
uof_styles_new(void)
{
    UofStyles *styles = g_new0(UofStyles, 1);
    styles->styles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, style_free);
    return styles;
}

void
uof_styles_free(UofStyles *styles)
{
    g_hash_table_unref(styles->styles);
    g_free(styles);
}

void
uof_styles_define(UofStyles *styles, const char *id, const char *base)
{
    if (id[0] == '\0' || g_hash_table_size(styles->styles) >= STYLES_MAX)
        return;
    styles->defining = g_new0(Style, 1);
    styles->defining->look.colour = FACE_NO_COLOUR;
    styles->defining->base = g_strdup(base);
    g_hash_table_replace(styles->styles, g_strdup(id), styles->defining);
}

UofLook *
uof_styles_defining(UofStyles *styles)
{
    return styles->defining != NULL ? &styles->defining->look : NULL;
}

void
uof_styles_end(UofStyles *styles)
{
    styles->defining = NULL;
}

void
uof_styles_wear(const UofStyles *styles, const char *id, UofLook *look)
{
    const Style *line[ANCESTORS_MAX], *style;
    guint count = 0;
    while (count < ANCESTORS_MAX && (style = g_hash_table_lookup(styles->styles, id)) != NULL) {
        line[count++] = style;
        id = style->base;
    }
    while (count > 0) {
        style = line[--count];
        look->size = style->look.size > 0 ? style->look.size : look->size;
        look->colour = style->look.colour != FACE_NO_COLOUR ? style->look.colour : look->colour;
    }
}
