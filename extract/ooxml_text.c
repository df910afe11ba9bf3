/* ooxml_text - a small machine over start, end and text: counters say whether the text in hand lies in a deletion, a
 * text box, hidden. Text of an element that nobody knows is told as well: what is not understood is not lost.
 *
 * mc:AlternateContent holds the same thing twice, for new and old programs. The first is told; the second only if it
 * says something else. */
#include "config.h"
#include "ooxml_text.h"
#include "ooxml_kind.h"
#include <stdlib.h>
#include <string.h>

#define DIAGRAMS_MAX (4 * 1024 * 1024)

struct OoxmlText {
    const OoxmlTextHow *how;
    Story story;
    PlaceKind base;
    gboolean hidden_slide, properties;
    guint depth;
    guint8 kinds[XML_DEPTH_MAX + 2]; /* of the open elements */
    gboolean spoke;                  /* the element in hand had text of its own */
    guint deleted, boxes, paragraph_looks, run_looks, runs, both, sections;
    OoxmlLook plain;             /* of a paragraph without a style */
    gboolean drawn;              /* what a diagram says, once more */
    gboolean checked, in_styles; /* in_styles: of styles.xml */
    OoxmlLook look;              /* of the run or paragraph in hand */
    GArray *looks;               /* OoxmlLook of those around it */
    OoxmlShape shape;            /* of slides */
    GString *choice, *fallback;
    char *property; /* name of the property in hand */
    GString *value;
};

static PlaceKind
place_now(const OoxmlText *text)
{
    if (text->deleted > 0)
        return PLACE_REVISION;
    if (text->look.vanish || text->hidden_slide || text->how->hidden)
        return PLACE_HIDDEN;
    return text->boxes > 0 && text->base == PLACE_BODY ? PLACE_TEXT_BOX : text->base;
}

static gboolean
is_blank(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(text[i]))
            return FALSE;
    return TRUE;
}

/* --- roots and attributes --------------------------------------------------------------------------------------- */

static void
on_root(OoxmlText *text, const XmlElement *element)
{
    const char *show = xml_value(element, "show");
    text->base = ooxml_place_of(element->name);
    text->properties = strcmp(element->name, "coreProperties") == 0 || strcmp(element->name, "Properties") == 0;
    gboolean diagram = text->how->diagrams != NULL && strstr(element->space, "diagram") != NULL;
    if (diagram && strcmp(element->name, "dataModel") == 0 && text->how->diagrams->len < DIAGRAMS_MAX)
        text->story.copy = text->how->diagrams;
    text->drawn = diagram && strcmp(element->name, "drawing") == 0;
    text->in_styles = strcmp(element->name, "styles") == 0;
    text->plain = ooxml_styles_look(text->how->styles, "", NULL);
    text->look = text->plain;
    text->hidden_slide =
        strcmp(element->name, "sld") == 0 && (strcmp(show, "0") == 0 || g_ascii_strcasecmp(show, "false") == 0);
}

/* Names of fonts and people are on every run and revision, names of objects on every shape. */
static gboolean
is_worn(const char *name)
{
    static const char *const names[] = {"typeface", "ascii",    "hAnsi", "eastAsia", "cs",
                                        "author",   "initials", "font",  "fontName", NULL};
    return g_strv_contains(names, name);
}

static gboolean
is_shown(const char *name)
{
    static const char *const names[] = {"descr", "alt", NULL};
    return g_strv_contains(names, name);
}

static void
tell_attributes(OoxmlText *text, const XmlElement *element)
{
    static const char *const said[] = {"title", "string",     "tooltip",  "prompt", "promptTitle",
                                       "error", "errorTitle", "helpText", NULL};
    gboolean external = strcmp(xml_value(element, "TargetMode"), "External") == 0;
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        gboolean chinese = !g_str_is_ascii(attribute->value) && !is_worn(attribute->name);
        PlaceKind place = is_shown(attribute->name)                ? PLACE_ALTERNATIVE
                          : strcmp(element->name, "textpath") == 0 ? PLACE_TEXT_BOX
                                                                   : PLACE_ATTRIBUTE;
        if (attribute->length == 0 ||
            (!chinese && place != PLACE_ALTERNATIVE && !external && !g_strv_contains(said, attribute->name)))
            continue;
        story_say(&text->story, place, attribute->value, (gssize)attribute->length);
        story_gap(&text->story, place, '\n');
    }
}

/* --- how a run looks -------------------------------------------------------------------------------------------- */

static void
wear(OoxmlText *text)
{
    text->story.size = text->look.size * text->shape.scale / 100;
    text->story.colour = text->look.colour;
}

/* A paragraph, or a run in it, begins: what is around it waits. */
static void
push_look(OoxmlText *text, const OoxmlLook *look)
{
    g_array_append_val(text->looks, text->look);
    text->look = *look;
    wear(text);
}

static void
pop_look(OoxmlText *text)
{
    if (text->looks->len == 0)
        return;
    text->look = g_array_index(text->looks, OoxmlLook, text->looks->len - 1);
    g_array_set_size(text->looks, text->looks->len - 1);
    wear(text);
}

static void
on_style(OoxmlText *text, OoxmlKind kind, const XmlElement *element)
{
    OoxmlStyles *styles = text->how->styles;
    if (kind == K_STYLE)
        ooxml_styles_define(styles, element);
    else if (kind == K_BASED_ON)
        ooxml_styles_base(styles, xml_value(element, "val"));
    else
        ooxml_look_on(ooxml_styles_defining(styles), kind, element, text->run_looks > 0);
}

/* The fill of letters: not of the line around them, nor of what marks them. */
static gboolean
is_fill(const OoxmlText *text)
{
    guint depth = text->depth;
    return depth >= 3 && text->kinds[depth - 1] == K_FILL &&
           (text->kinds[depth - 2] == K_RUN_LOOK || text->kinds[depth - 2] == K_TEXT_FILL);
}

static void
on_look(OoxmlText *text, OoxmlKind kind, const XmlElement *element)
{
    if (text->how->styles != NULL && text->in_styles) {
        on_style(text, kind, element);
        return;
    }
    if (kind == K_STYLE_OF_PARAGRAPH && text->how->styles != NULL && text->paragraph_looks > 0)
        text->look = ooxml_styles_look(text->how->styles, xml_value(element, "val"), NULL);
    else if (kind == K_STYLE_OF_RUN && text->how->styles != NULL && text->paragraph_looks == 0)
        text->look = ooxml_styles_look(text->how->styles, xml_value(element, "val"), &text->look);
    else if (kind == K_PARAGRAPH_LOOK && text->how->deck != NULL) /* lvl: from 0 on */
        text->look = text->shape.levels[CLAMP(xml_value(element, "lvl")[0], '0', '8') - '0'];
    else if (kind == K_SCHEME && is_fill(text) && text->runs > 0)
        text->look.colour =
            text->how->deck == NULL ? FACE_NO_COLOUR : ooxml_deck_colour(text->how->deck, xml_value(element, "val"));
    else if (text->runs > 0 && text->paragraph_looks == 0)
        ooxml_look_on(&text->look, kind, element, is_fill(text));
    wear(text);
}

/* --- what is said ----------------------------------------------------------------------------------------------- */

static void
say_symbol(OoxmlText *text, const char *font, guint code)
{
    const char *shown = ooxml_symbol(font, code);
    char own[7] = "";
    if (shown == NULL && g_unichar_validate(code) && code >= ' ')
        own[g_unichar_to_utf8(code, own)] = '\0';
    story_say(&text->story, place_now(text), shown != NULL ? shown : own, -1);
}

/* Text set in a symbol font. */
static void
say_symbols(OoxmlText *text, const char *string, gsize length)
{
    for (const char *at = string; at < string + length; at = g_utf8_next_char(at)) {
        gunichar code = g_utf8_get_char(at);
        if (code < 0x80) /* a font name alone does not make letters symbols for those who lack the font */
            story_say(&text->story, place_now(text), at, 1);
        else
            say_symbol(text, text->look.font, code);
    }
}

static void
new_page(OoxmlText *text)
{
    if (text->base == PLACE_BODY && text->boxes == 0 && text->story.page > 0) {
        text->story.page++;
        text->story.head = FALSE;
    }
}

static void
on_break(OoxmlText *text, const XmlElement *element)
{
    story_gap(&text->story, place_now(text), '\n');
    if (strcmp(xml_value(element, "type"), "page") == 0)
        new_page(text);
}

static void
drop_blanks(GString *string)
{
    gsize kept = 0;
    for (gsize i = 0; i < string->len; i++)
        if (!g_ascii_isspace(string->str[i]))
            string->str[kept++] = string->str[i];
    g_string_truncate(string, kept);
}

static void
on_fallback_end(OoxmlText *text)
{
    g_autofree char *said = g_strdup(text->fallback->str);
    text->story.mute = FALSE;
    text->story.copy = NULL;
    drop_blanks(text->choice);
    drop_blanks(text->fallback);
    if (strstr(text->choice->str, text->fallback->str) == NULL) {
        story_say(&text->story, PLACE_TEXT_BOX, said, -1);
        story_gap(&text->story, PLACE_TEXT_BOX, '\n');
    }
}

static void
on_both(OoxmlText *text, OoxmlKind kind, gboolean start)
{
    if (kind == K_BOTH && start && text->both++ == 0) {
        g_string_truncate(text->choice, 0);
        g_string_truncate(text->fallback, 0);
    } else if (kind == K_BOTH && !start) {
        text->both--;
    } else if (kind == K_CHOICE && text->both == 1) {
        text->story.copy = start ? text->choice : NULL;
    } else if (kind == K_FALLBACK && text->both == 1 && start) {
        text->story.copy = text->fallback;
        text->story.mute = TRUE;
    } else if (kind == K_FALLBACK && text->both == 1) {
        on_fallback_end(text);
    }
}

/* A paragraph of a drawn diagram: told if the diagram does not say it. */
static void
on_drawn(OoxmlText *text, gboolean start)
{
    g_autofree char *said = start ? NULL : g_strdup(text->choice->str);
    if (start) {
        g_string_truncate(text->choice, 0);
        text->story.copy = text->choice;
        text->story.mute = TRUE;
        return;
    }
    text->story.copy = NULL;
    text->story.mute = FALSE;
    text->story.gap[text->base] = '\n';
    if (strstr(text->how->diagrams->str, g_strstrip(said)) == NULL)
        story_say(&text->story, text->base, said, -1);
}

/* --- events ----------------------------------------------------------------------------------------------------- */

static void
on_property_start(OoxmlText *text, const XmlElement *element)
{
    if (text->depth == 2 || strcmp(element->name, "property") == 0) {
        const char *name = xml_value(element, "name");
        g_free(text->property);
        text->property = g_strdup(name[0] != '\0' ? name : element->name);
        if (name[0] != '\0')
            story_alone(&text->story, PLACE_PROPERTY, NULL, name);
    }
    g_string_truncate(text->value, 0);
}

static void
on_property_end(OoxmlText *text)
{
    if (!is_blank(text->value->str, text->value->len))
        story_alone(&text->story, PLACE_PROPERTY, text->property, text->value->str);
    g_string_truncate(text->value, 0);
}

static void
on_mark_start(OoxmlText *text, OoxmlKind kind, const XmlElement *element)
{
    switch (kind) {
    case K_TAB:
        if (text->paragraph_looks == 0)
            story_say(&text->story, place_now(text), "\t", 1);
        break;
    case K_BREAK:
        on_break(text, element);
        break;
    case K_PAGE_BREAK:
        new_page(text);
        break;
    case K_HYPHEN:
        story_say(&text->story, place_now(text), "-", 1);
        break;
    case K_SYMBOL:
        say_symbol(text, xml_value(element, "font"), (guint)g_ascii_strtoull(xml_value(element, "char"), NULL, 16));
        break;
    case K_CHECKED:
        text->checked = ooxml_is_on(element);
        break;
    case K_NOTE:
        text->story.begun[text->base] = FALSE;
        text->story.gap[text->base] = 0;
        break;
    case K_HEADER_OF:
        if (text->how->head_parts != NULL && text->sections <= 1)
            g_hash_table_add(text->how->head_parts, g_strdup(xml_value(element, "id")));
        break;
    default:
        break;
    }
}

static void
on_start(const XmlElement *element, gpointer user)
{
    OoxmlText *text = user;
    OoxmlKind kind = ooxml_kind_of(element->name);
    if (text->depth == 0)
        on_root(text, element);
    text->kinds[++text->depth] = (guint8)kind;
    text->spoke = FALSE;
    text->deleted += kind == K_DELETED || kind == K_DELETED_TEXT;
    text->boxes += kind == K_BOX;
    text->paragraph_looks += kind == K_PARAGRAPH_LOOK;
    text->run_looks += kind == K_RUN_LOOK;
    text->sections += kind == K_SECTION;
    text->checked = kind == K_CHECKBOX ? FALSE : text->checked;
    ooxml_shape_start(&text->shape, element);
    if (kind == K_PARAGRAPH)
        push_look(text, text->how->deck != NULL ? &text->shape.levels[0] : &text->plain);
    if (kind == K_PARAGRAPH && text->drawn)
        on_drawn(text, TRUE);
    if (kind == K_RUN) {
        OoxmlLook around = text->look;
        push_look(text, &around);
        text->runs++;
    }
    if (text->properties)
        on_property_start(text, element);
    on_look(text, kind, element);
    on_both(text, kind, TRUE);
    on_mark_start(text, kind, element);
    if (element->count > 0)
        tell_attributes(text, element);
}

static void
on_end(const char *name, gpointer user)
{
    OoxmlText *text = user;
    if (text->depth == 0)
        return;
    OoxmlKind kind = text->kinds[text->depth--];
    ooxml_shape_end(&text->shape, name);
    if (text->properties)
        on_property_end(text);
    if (kind == K_PARAGRAPH && text->drawn)
        on_drawn(text, FALSE);
    if (kind == K_PARAGRAPH || (kind == K_OTHER && text->spoke))
        story_line(&text->story, place_now(text));
    else if (kind == K_CELL || kind == K_ROW)
        story_gap(&text->story, place_now(text), kind == K_CELL ? '\t' : '\n');
    else if (kind == K_NOTE)
        story_line(&text->story, text->base);
    else if (kind == K_CHECKBOX)
        story_say(&text->story, place_now(text), text->checked ? "☑" : "☐", -1);
    else if (kind == K_SECTION && text->paragraph_looks > 0)
        new_page(text);
    text->spoke = FALSE;
    text->deleted -= kind == K_DELETED || kind == K_DELETED_TEXT;
    text->paragraph_looks -= kind == K_PARAGRAPH_LOOK;
    text->run_looks -= kind == K_RUN_LOOK;
    if (kind == K_BOX && --text->boxes == 0)
        story_gap(&text->story, PLACE_TEXT_BOX, '\n');
    text->runs -= kind == K_RUN;
    if (kind == K_RUN || kind == K_PARAGRAPH)
        pop_look(text);
    on_both(text, kind, FALSE);
}

static void
on_text(const char *string, gsize length, gpointer user)
{
    OoxmlText *text = user;
    OoxmlKind kind = text->kinds[text->depth];
    if (text->properties)
        g_string_append_len(text->value, string, (gssize)length);
    else if (kind == K_FIELD)
        story_say(&text->story, PLACE_ATTRIBUTE, string, (gssize)length);
    else if ((kind == K_TEXT || kind == K_DELETED_TEXT) && strstr(text->look.font, "ingdings") != NULL)
        say_symbols(text, string, length);
    else if (kind == K_TEXT || kind == K_DELETED_TEXT)
        story_say(&text->story, place_now(text), string, (gssize)length);
    else if (kind != K_SKIP && !is_blank(string, length)) {
        story_say(&text->story, place_now(text), string, (gssize)length);
        text->spoke = TRUE;
    }
}

gboolean
ooxml_text_read(Package *package, const char *member, const OoxmlTextHow *how)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    OoxmlText text = {
        .how = how, .choice = g_string_new(NULL), .fallback = g_string_new(NULL), .value = g_string_new(NULL)};
    text.looks = g_array_new(FALSE, FALSE, sizeof(OoxmlLook));
    ooxml_shape_init(&text.shape, how->deck);
    story_begin(&text.story, package->sink, package->part, how->name, how->page);
    text.story.head = how->head;
    gboolean found = package_xml(package, member, &events, &text);
    g_string_free(text.choice, TRUE);
    g_string_free(text.fallback, TRUE);
    g_string_free(text.value, TRUE);
    g_free(text.property);
    g_array_unref(text.looks);
    return found;
}
