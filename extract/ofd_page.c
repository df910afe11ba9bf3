/* ofd_page - a stack of matrices over the elements; the text of an object is laid out when the object ends, because its
 * colour may be told behind its text. */
#include "config.h"
#include "ofd_page.h"
#include "ofd_kind.h"
#include <string.h>

#define BOXES_MAX 256    /* filled areas of a page, for telling white on white from white on red */
#define CURVES_ENOUGH 40 /* so many paths on a page without text and picture may be text drawn as curves */
#define PARAMS_MAX 100000
#define RELATIVES_MAX 16 /* drawing parameters that take from one another */

typedef struct {
    OfdKind kind;
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
    const char *member;
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
    char *draw_param, *unit; /* id of the one in hand */
} Page;

/* --- what is seen ----------------------------------------------------------------------------------------------- */

static guint32
colour_of_param(const Page *page, const char *id)
{
    gpointer found;
    for (guint i = 0; i < RELATIVES_MAX && id != NULL && id[0] != '\0'; i++) {
        if (g_hash_table_lookup_extended(page->ofd->colours, id, NULL, &found))
            return GPOINTER_TO_UINT(found);
        id = g_hash_table_lookup(page->ofd->relatives, id);
    }
    return FACE_NO_COLOUR;
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
    OfdKind around = page->levels[page->depth].kind;
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
    guint from = page->glyphs->len;
    gboolean fresh;
    if (page->how->kind != OFD_PAGE ||
        !ofd_kept_place(&page->ofd->kept, page->ofd->kept.templates, id, NULL, page->glyphs, &page->objects, &fresh))
        return;
    page->fresh_template |= fresh;
    for (guint i = from; i < page->glyphs->len; i++)
        g_array_index(page->glyphs, Glyph, i).shared = TRUE;
}

/* A unit of the resources where this object places it. What is not shown in the unit is not shown here either. */
static void
take_unit(Page *page, const Level *level, const XmlElement *element)
{
    OfdKept *kept = &page->ofd->kept;
    guint from = page->glyphs->len;
    guint32 colour = colour_of_param(page, xml_value(element, "DrawParam"));
    gboolean fresh, unseen = level->hidden || ofd_is_clear(element);
    ofd_kept_place(kept, kept->units, xml_value(element, "ResourceID"), &level->matrix, page->glyphs, &page->objects,
                   &fresh);
    colour = colour != FACE_NO_COLOUR ? colour : level->colour;
    for (guint i = from; i < page->glyphs->len; i++) {
        Glyph *glyph = &g_array_index(page->glyphs, Glyph, i);
        if (unseen || is_off_paper(page, glyph))
            glyph->kind = GLYPH_HIDDEN;
        if (glyph->colour == FACE_NO_COLOUR && colour != OFD_CLEAR)
            glyph->colour = colour;
    }
    if (page->glyphs->len >= GLYPHS_MAX)
        tell_glyphs(page);
}

static void
end_unit(Page *page)
{
    OfdKept *kept = &page->ofd->kept;
    if (page->unit == NULL || !ofd_kept_add(kept, kept->units, page->unit, &page->glyphs))
        tell_glyphs(page);
    page->boxes_count = 0;
    g_clear_pointer(&page->unit, g_free);
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
    else if (page->draw_param != NULL && colour != FACE_NO_COLOUR && g_hash_table_size(page->ofd->colours) < PARAMS_MAX)
        g_hash_table_insert(page->ofd->colours, g_strdup(page->draw_param), GUINT_TO_POINTER(colour));
}

static void
begin_param(Page *page, const XmlElement *element)
{
    const char *relative = xml_value(element, "Relative");
    g_free(page->draw_param);
    page->draw_param = g_strdup(xml_value(element, "ID"));
    if (relative[0] != '\0' && g_hash_table_size(page->ofd->relatives) < PARAMS_MAX)
        g_hash_table_insert(page->ofd->relatives, g_strdup(page->draw_param), g_strdup(relative));
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
        page->pictures++;
        level->matrix = matrix_of(element, &level->matrix, NULL);
        take_unit(page, level, element);
        break;
    case K_UNIT:
        g_free(page->unit);
        page->unit = g_strdup(xml_value(element, "ID"));
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
    level->kind = ofd_kind_of(element->name);
    level->hidden |= ofd_is_off(xml_value(element, "Visible"));
    g_string_truncate(page->words, 0);
    begin_kind(page, level, element);
    if (element->count > 0)
        tell_attributes(page, element);
}

static void
end_words(Page *page, OfdKind kind)
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

/* Of this page alone, told before its content. */
static void
read_resources(Page *page)
{
    const char *target = g_strstrip(page->words->str);
    const char *found = package_find(page->ofd->package, page->member, target);
    if (target[0] != '\0' && found == NULL)
        found = package_find(page->ofd->package, "", target);
    if (found != NULL && page->how->kind != OFD_RESOURCES)
        ofd_page_read(page->ofd, found, &(OfdPageHow){OFD_RESOURCES, page->how->page, ""});
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
    } else if (level->kind == K_UNIT)
        end_unit(page);
    else if (level->kind == K_ANNOTATION)
        tell_glyphs(page);
    else if (level->kind == K_PAGE_RESOURCES)
        read_resources(page);
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
    page->member = member;
    page->width = how->kind == OFD_RESOURCES ? 0 : ofd->width; /* units are no larger than what shows them */
    page->height = ofd->height;
    page->levels[0] = (Level){.matrix = MATRIX_NONE, .colour = FACE_NO_COLOUR};
    story_begin(&page->story, ofd->package->sink, ofd->package->part, NULL, how->page);
    ofd_text_init(&page->text);
    gboolean found = package_xml(ofd->package, member, &events, page);
    if (how->kind != OFD_TEMPLATE || !ofd_kept_add(&ofd->kept, ofd->kept.templates, how->id, &page->glyphs))
        tell_glyphs(page);
    cover_unread(page);
    ofd_text_free(&page->text);
    g_array_unref(page->glyphs);
    g_string_free(page->words, TRUE);
    g_free(page->draw_param);
    g_free(page->unit);
    return found;
}

void
ofd_document_end(Ofd *ofd)
{
    Story story;
    story_begin(&story, ofd->package->sink, ofd->package->part, NULL, 0);
    ofd_kept_rest(&ofd->kept, &story);
    g_hash_table_remove_all(ofd->colours);
    g_hash_table_remove_all(ofd->relatives);
}
