/* ofd_page - a stack of matrices over the elements; the text of an object is laid out when the object ends, because its
 * colour may be told behind its text. */
#include "config.h"
#include "ofd_page.h"
#include <string.h>

#define BOXES_MAX 256    /* filled areas of a page, for telling white on white from white on red */
#define CURVES_ENOUGH 40 /* so many paths on a page without text and picture may be text drawn as curves */
#define TEMPLATES_GLYPHS_MAX 200000

typedef enum {
    K_OTHER,
    K_OBJECT,
    K_CODE,
    K_FILL,
    K_PATH,
    K_IMAGE,
    K_COMPOSITE,
    K_UNIT,
    K_LAYER,
    K_TEMPLATE,
    K_BOX,
    K_DRAW_PARAM,
    K_ANNOTATION,
    K_APPEARANCE,
    K_SAID, /* text of an annotation */
    K_SKIP, /* numbers, paths */
} Kind;

static const struct {
    const char *name;
    Kind kind;
} KINDS[] = {
    {"TextObject", K_OBJECT},         {"TextCode", K_CODE},        {"FillColor", K_FILL},
    {"PathObject", K_PATH},           {"ImageObject", K_IMAGE},    {"CompositeObject", K_COMPOSITE},
    {"CompositeGraphicUnit", K_UNIT}, {"Layer", K_LAYER},          {"Template", K_TEMPLATE},
    {"PhysicalBox", K_BOX},           {"DrawParam", K_DRAW_PARAM}, {"Annot", K_ANNOTATION},
    {"Appearance", K_APPEARANCE},     {"Remark", K_SAID},          {"Parameter", K_SAID},
    {"AbbreviatedData", K_SKIP},      {"Glyphs", K_SKIP},
};

typedef struct {
    Kind kind;
    Matrix matrix;   /* of what lies in it */
    guint32 colour;  /* of the layer's drawing parameters; FACE_NO_COLOUR */
    gboolean hidden; /* it or one around it is not seen */
} Level;

typedef struct {
    double x, y, width, height;
} Area;

typedef struct {
    Ofd *ofd;
    const OfdPageHow *how;
    Story story;
    GArray *glyphs;
    guint depth;
    Level levels[XML_DEPTH_MAX + 2];
    OfdText text; /* the object in hand */
    guint objects, curves, pictures, shown, meaningless;
    double width, height;
    Area boxes[BOXES_MAX];
    guint boxes_count;
    Area path; /* in hand */
    gboolean path_filled, in_path;
    GString *words;          /* text of the element in hand */
    gboolean fresh_template; /* one that no page has shown before */
    char *draw_param;
} Page;

static Kind
kind_of(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (strcmp(KINDS[i].name, name) == 0)
            return KINDS[i].kind;
    return K_OTHER;
}

/* --- what is seen ----------------------------------------------------------------------------------------------- */

static guint32
colour_of_param(const Page *page, const char *id)
{
    gpointer found;
    if (id[0] == '\0' || !g_hash_table_lookup_extended(page->ofd->colours, id, NULL, &found))
        return FACE_NO_COLOUR;
    return GPOINTER_TO_UINT(found);
}

static gboolean
is_on_box(const Page *page, const Glyph *glyph)
{
    for (guint i = 0; i < page->boxes_count; i++) {
        const Area *area = &page->boxes[i];
        if (glyph->x >= area->x && glyph->x <= area->x + area->width && glyph->y >= area->y &&
            glyph->y <= area->y + area->height + (double)glyph->size)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_off_paper(const Page *page, const Glyph *glyph)
{
    double em = (double)glyph->size;
    return page->width > 0 && page->height > 0 &&
           (glyph->x < -em || glyph->x > page->width + em || glyph->y < -em || glyph->y > page->height + 2 * em);
}

static void
hide_unseen(const Page *page, guint from, gboolean hidden)
{
    for (guint i = from; i < page->glyphs->len; i++) {
        Glyph *glyph = &g_array_index(page->glyphs, Glyph, i);
        if (hidden || glyph->colour == OFD_CLEAR || is_off_paper(page, glyph) ||
            (ofd_is_white(glyph->colour) && !is_on_box(page, glyph)))
            glyph->kind = GLYPH_HIDDEN;
        if (glyph->colour == OFD_CLEAR)
            glyph->colour = FACE_NO_COLOUR;
    }
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

static void
tell_glyphs(Page *page)
{
    const OfdPageHow *how = page->how;
    Kind around = page->levels[page->depth].kind;
    gboolean note = how->kind == OFD_ANNOTATIONS, unit = how->kind == OFD_RESOURCES || around == K_UNIT;
    GlyphsHow told = {.place = how->kind == OFD_ORPHAN ? PLACE_HIDDEN
                               : note                  ? PLACE_ANNOTATION
                               : unit                  ? PLACE_TEXT_BOX
                                                       : PLACE_BODY,
                      .height = page->height,
                      .first = how->page == 1,
                      .tell_shared = page->fresh_template};
    if (page->glyphs->len > 0)
        glyphs_tell(page->glyphs, &page->story, &told);
}

static void
count_meaning(Page *page, guint from)
{
    for (guint i = from; i < page->glyphs->len; i++) {
        gunichar code = g_array_index(page->glyphs, Glyph, i).code;
        page->shown++;
        page->meaningless += code == 0xFFFD || g_unichar_type(code) == G_UNICODE_PRIVATE_USE;
    }
}

static void
lay_object(Page *page, const Level *level)
{
    guint from = page->glyphs->len;
    ofd_text_lay(&page->text, &level->matrix, ++page->objects, page->glyphs);
    hide_unseen(page, from, level->hidden || page->text.unseen);
    count_meaning(page, from);
    if (page->glyphs->len >= GLYPHS_MAX)
        tell_glyphs(page);
}

static void
take_template(Page *page, const char *id)
{
    const GArray *kept = g_hash_table_lookup(page->ofd->templates, id);
    if (kept == NULL || page->how->kind != OFD_PAGE || (gint64)kept->len > page->ofd->shared_left)
        return;
    page->ofd->shared_left -= (gint64)kept->len;
    page->fresh_template |= g_hash_table_add(page->ofd->shown, g_strdup(id));
    guint from = page->glyphs->len;
    g_array_append_vals(page->glyphs, kept->data, kept->len);
    for (guint i = from; i < page->glyphs->len; i++) {
        g_array_index(page->glyphs, Glyph, i).shared = TRUE;
        page->objects = MAX(page->objects, g_array_index(page->glyphs, Glyph, i).object);
    }
}

/* Values that are not ASCII; names of fonts are everywhere and shown nowhere. */
static void
tell_attributes(Page *page, const XmlElement *element)
{
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        gboolean link = strcmp(attribute->name, "URI") == 0;
        if ((g_str_is_ascii(attribute->value) && !link) || strcmp(attribute->name, "FontName") == 0 ||
            strcmp(attribute->name, "FamilyName") == 0)
            continue;
        story_say(&page->story, PLACE_ATTRIBUTE, attribute->value, (gssize)attribute->length);
        story_gap(&page->story, PLACE_ATTRIBUTE, '\n');
    }
}

/* --- elements --------------------------------------------------------------------------------------------------- */

static Matrix
matrix_of(const XmlElement *element, const Matrix *around, Area *area_out)
{
    double box[4] = {0}, own[6] = {1, 0, 0, 1, 0, 0};
    Matrix inner = MATRIX_NONE;
    numbers_parse(xml_value(element, "Boundary"), box, 4);
    if (numbers_parse(xml_value(element, "CTM"), own, 6) == 6)
        inner = (Matrix){own[0], own[1], own[2], own[3], own[4], own[5]};
    Matrix moved = {1, 0, 0, 1, box[0], box[1]};
    inner = matrix_join(&inner, &moved);
    inner = matrix_join(&inner, around);
    moved = matrix_join(&moved, around);
    if (area_out != NULL)
        *area_out = (Area){moved.e, moved.f, box[2], box[3]};
    return inner;
}

static void
begin_object(Page *page, Level *level, const XmlElement *element)
{
    guint32 colour = colour_of_param(page, xml_value(element, "DrawParam"));
    level->matrix = matrix_of(element, &level->matrix, NULL);
    ofd_text_begin(&page->text, element);
    page->text.colour = colour != FACE_NO_COLOUR ? colour : level->colour;
}

static void
begin_path(Page *page, const Level *level, const XmlElement *element)
{
    const char *fill = xml_value(element, "Fill");
    guint32 colour = colour_of_param(page, xml_value(element, "DrawParam"));
    matrix_of(element, &level->matrix, &page->path);
    page->curves++;
    page->in_path = TRUE;
    page->path_filled = fill[0] != '\0' && !ofd_is_off(fill) && !ofd_is_white(colour) && colour != OFD_CLEAR;
}

static void
add_box(Page *page, const Area *area)
{
    if (page->boxes_count < BOXES_MAX)
        page->boxes[page->boxes_count++] = *area;
}

static void
on_fill(Page *page, const XmlElement *element)
{
    guint32 colour = ofd_colour(element);
    if (page->text.open && colour != FACE_NO_COLOUR)
        page->text.colour = colour;
    else if (page->in_path)
        page->path_filled &= !ofd_is_white(colour) && colour != OFD_CLEAR;
    else if (page->draw_param != NULL && colour != FACE_NO_COLOUR && g_hash_table_size(page->ofd->colours) < 100000)
        g_hash_table_insert(page->ofd->colours, g_strdup(page->draw_param), GUINT_TO_POINTER(colour));
}

static void
begin_param(Page *page, const XmlElement *element)
{
    guint32 colour = colour_of_param(page, xml_value(element, "Relative"));
    g_free(page->draw_param);
    page->draw_param = g_strdup(xml_value(element, "ID"));
    if (colour != FACE_NO_COLOUR)
        g_hash_table_insert(page->ofd->colours, g_strdup(page->draw_param), GUINT_TO_POINTER(colour));
}

static void
begin_kind(Page *page, Level *level, const XmlElement *element)
{
    Area area;
    switch (level->kind) {
    case K_OBJECT:
        begin_object(page, level, element);
        break;
    case K_CODE:
        if (page->text.codes->len >= OFD_CODES_MAX) {
            lay_object(page, level);
            ofd_text_drop(&page->text);
        }
        ofd_text_code(&page->text, element);
        break;
    case K_FILL:
        on_fill(page, element);
        break;
    case K_PATH:
        begin_path(page, level, element);
        break;
    case K_IMAGE:
        page->pictures++;
        matrix_of(element, &level->matrix, &area);
        add_box(page, &area);
        break;
    case K_COMPOSITE:
        page->pictures++; /* told with the resources */
        break;
    case K_APPEARANCE:
        level->matrix = matrix_of(element, &level->matrix, NULL);
        break;
    case K_LAYER:
        level->colour = colour_of_param(page, xml_value(element, "DrawParam"));
        break;
    case K_TEMPLATE:
        take_template(page, xml_value(element, "TemplateID"));
        break;
    case K_DRAW_PARAM:
        begin_param(page, element);
        break;
    default:
        break;
    }
}

static void
on_start(const XmlElement *element, gpointer user)
{
    Page *page = user;
    Level *level = &page->levels[page->depth + 1];
    *level = page->levels[page->depth++];
    level->kind = kind_of(element->name);
    level->hidden |= ofd_is_off(xml_value(element, "Visible"));
    g_string_truncate(page->words, 0);
    begin_kind(page, level, element);
    if (element->count > 0)
        tell_attributes(page, element);
}

static void
end_words(Page *page, Kind kind)
{
    double box[4] = {0};
    if (kind == K_BOX && numbers_parse(page->words->str, box, 4) == 4 && page->how->kind != OFD_RESOURCES) {
        page->width = box[2];
        page->height = box[3];
    }
    if (page->words->len == 0 || kind == K_SKIP || (kind != K_SAID && g_str_is_ascii(page->words->str)))
        return;
    PlaceKind place = kind == K_SAID ? PLACE_ANNOTATION : PLACE_ATTRIBUTE;
    story_say(&page->story, place, page->words->str, (gssize)page->words->len);
    story_gap(&page->story, place, '\n');
}

static void
on_end(const char *name, gpointer user)
{
    Page *page = user;
    if (page->depth == 0)
        return;
    const Level *level = &page->levels[page->depth--];
    if (level->kind == K_OBJECT) {
        lay_object(page, level);
        ofd_text_clear(&page->text);
    } else if (level->kind == K_CODE && page->text.open)
        ofd_text_code_end(&page->text);
    else if (level->kind == K_PATH) {
        page->in_path = FALSE;
        if (page->path_filled)
            add_box(page, &page->path);
    } else if (level->kind == K_ANNOTATION || level->kind == K_UNIT)
        tell_glyphs(page);
    else if (level->kind == K_DRAW_PARAM)
        g_clear_pointer(&page->draw_param, g_free);
    else
        end_words(page, level->kind);
    g_string_truncate(page->words, 0);
}

static void
on_text(const char *text, gsize length, gpointer user)
{
    Page *page = user;
    if (page->levels[page->depth].kind == K_CODE && page->text.open) {
        if (ofd_text_push(&page->text, text, length))
            return;
        sink_cover(page->story.sink, page->story.part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        story_say(&page->story, PLACE_BODY, text, (gssize)length);
    } else if (page->levels[page->depth].kind != K_SKIP && page->words->len < 1024 * 1024)
        g_string_append_len(page->words, text, (gssize)length);
}

/* --- a page ----------------------------------------------------------------------------------------------------- */

static void
keep_template(Page *page)
{
    guint held = 0;
    GHashTableIter iter;
    gpointer kept;
    g_hash_table_iter_init(&iter, page->ofd->templates);
    while (g_hash_table_iter_next(&iter, NULL, &kept))
        held += ((GArray *)kept)->len;
    if (held + page->glyphs->len <= TEMPLATES_GLYPHS_MAX) {
        g_hash_table_insert(page->ofd->templates, g_strdup(page->how->id), page->glyphs);
        page->glyphs = g_array_new(FALSE, FALSE, sizeof(Glyph));
    } else {
        tell_glyphs(page);
    }
}

/* Text that is drawn, or whose codes mean nothing, is text all the same. */
static void
cover_unread(const Page *page)
{
    gboolean curves = page->shown == 0 && page->pictures == 0 && page->curves >= CURVES_ENOUGH;
    if (curves || (page->meaningless >= 8 && page->meaningless * 3 > page->shown))
        sink_cover(page->story.sink, page->story.part, COVERAGE_PARTIAL, WHY_UNSUPPORTED);
}

gboolean
ofd_page_read(Ofd *ofd, const char *member, const OfdPageHow *how)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    g_autofree Page *page = g_new0(Page, 1);
    page->ofd = ofd;
    page->how = how;
    page->glyphs = g_array_new(FALSE, FALSE, sizeof(Glyph));
    page->words = g_string_new(NULL);
    page->width = ofd->width;
    page->height = ofd->height;
    page->levels[0] = (Level){.matrix = MATRIX_NONE, .colour = FACE_NO_COLOUR};
    story_begin(&page->story, ofd->package->sink, ofd->package->part, NULL, how->page);
    ofd_text_init(&page->text);
    gboolean found = package_xml(ofd->package, member, &events, page);
    if (how->kind == OFD_TEMPLATE)
        keep_template(page);
    tell_glyphs(page);
    cover_unread(page);
    ofd_text_free(&page->text);
    g_array_unref(page->glyphs);
    g_string_free(page->words, TRUE);
    g_free(page->draw_param);
    return found;
}

void
ofd_templates_rest(Ofd *ofd)
{
    GHashTableIter iter;
    gpointer id, kept;
    Story story;
    const GlyphsHow how = {.place = PLACE_HIDDEN, .tell_shared = TRUE};
    story_begin(&story, ofd->package->sink, ofd->package->part, NULL, 0);
    g_hash_table_iter_init(&iter, ofd->templates);
    while (g_hash_table_iter_next(&iter, &id, &kept))
        if (!g_hash_table_contains(ofd->shown, id))
            glyphs_tell(kept, &story, &how);
    g_hash_table_remove_all(ofd->templates);
    g_hash_table_remove_all(ofd->shown);
}
