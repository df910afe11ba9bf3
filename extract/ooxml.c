/* ooxml - the order in which the parts of a package are read. Relationships give it; a part that none leads to comes
 * at the end. */
#include "config.h"
#include "ooxml.h"
#include "archive.h"
#include "ooxml_sheet.h"
#include "ooxml_text.h"
#include "xps.h"
#include <string.h>

/* --- relationships ---------------------------------------------------------------------------------------------- */

typedef struct {
    char *id, *type, *target; /* target: name of a member; type: its last word */
} Link;

static void
link_free(gpointer data)
{
    Link *link = data;
    g_free(link->id);
    g_free(link->type);
    g_free(link->target);
    g_free(link);
}

typedef struct {
    GPtrArray *links;
    const char *base;
    Story story;
} Links;

static void
on_link(const XmlElement *element, gpointer user)
{
    Links *links = user;
    const char *type = strrchr(xml_value(element, "Type"), '/'), *target = xml_value(element, "Target");
    if (strcmp(element->name, "Relationship") != 0)
        return;
    if (strcmp(xml_value(element, "TargetMode"), "External") == 0) {
        story_say(&links->story, PLACE_ATTRIBUTE, target, -1);
        story_gap(&links->story, PLACE_ATTRIBUTE, '\n');
        return;
    }
    Link *link = g_new0(Link, 1);
    link->id = g_strdup(xml_value(element, "Id"));
    link->type = g_strdup(type != NULL ? type + 1 : "");
    link->target = package_resolve(links->base, target);
    g_ptr_array_add(links->links, link);
}

static void
on_end_nothing(const char *name, gpointer user)
{
}

static void
on_text_nothing(const char *text, gsize length, gpointer user)
{
}

typedef gboolean (*ReadXml)(Package *package, const char *name, const XmlEvents *events, gpointer user);

static GPtrArray *
read_links(Package *package, const char *part, ReadXml read, gboolean told)
{
    static const XmlEvents events = {on_link, on_end_nothing, on_text_nothing, NULL};
    g_autofree char *folder = part[0] == '\0' ? g_strdup(".") : g_path_get_dirname(part);
    g_autofree char *leaf = part[0] == '\0' ? g_strdup("") : g_path_get_basename(part);
    g_autofree char *name = strcmp(folder, ".") == 0 ? g_strconcat("_rels/", leaf, ".rels", NULL)
                                                     : g_strconcat(folder, "/_rels/", leaf, ".rels", NULL);
    Links links = {.links = g_ptr_array_new_with_free_func(link_free), .base = part[0] == '\0' ? "x" : part};
    story_begin(&links.story, package->sink, package->part, NULL, 0);
    links.story.mute = !told;
    read(package, name, &events, &links);
    return links.links;
}

/* Links of a part ("": of the package). Gives. */
static GPtrArray *
links_of(Package *package, const char *part)
{
    return read_links(package, part, package_xml, TRUE);
}

/* The same, to be told in its turn. */
static GPtrArray *
peek_links(Package *package, const char *part)
{
    return read_links(package, part, package_peek_xml, FALSE);
}

static const char *
target_of(const GPtrArray *links, const char *id)
{
    for (guint i = 0; i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        if (strcmp(link->id, id) == 0)
            return link->target;
    }
    return NULL;
}

static const char *
target_of_type(const GPtrArray *links, const char *type)
{
    for (guint i = 0; i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        if (strcmp(link->type, type) == 0)
            return link->target;
    }
    return NULL;
}

/* --- documents -------------------------------------------------------------------------------------------------- */

static void
read_plain(Package *package, const char *member, const char *name, guint page, gboolean head)
{
    OoxmlTextHow how = {.name = name, .page = page, .head = head};
    ooxml_text_read(package, member, &how);
}

static void
read_document(Package *package, const char *main_part, const GPtrArray *links)
{
    g_autoptr(GHashTable) head = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(OoxmlStyles) styles = ooxml_styles_new();
    OoxmlTextHow how = {.styles = styles};
    const char *defined = target_of_type(links, "styles");
    if (defined != NULL)
        ooxml_text_read(package, defined, &how);
    how = (OoxmlTextHow){.page = 1, .head = TRUE, .head_parts = head, .styles = styles};
    ooxml_text_read(package, main_part, &how);
    for (guint i = 0; i < links->len; i++) {
        const Link *link = g_ptr_array_index(links, i);
        gboolean first = g_hash_table_contains(head, link->id);
        how = (OoxmlTextHow){.page = first ? 1 : 0, .head = first, .styles = styles};
        if (g_str_has_suffix(link->target, ".xml") && package_has(package, link->target))
            ooxml_text_read(package, link->target, &how);
    }
}

static void
read_book(Package *package, const char *main_part, const GPtrArray *links)
{
    g_autoptr(OoxmlBook) book = ooxml_book_new();
    const char *strings = target_of_type(links, "sharedStrings");
    ooxml_strings_read(book, package, strings != NULL ? strings : "xl/sharedStrings.xml");
    ooxml_book_read(book, package, main_part);
    for (guint i = 0; i < book->sheets->len; i++) {
        const OoxmlSheet *sheet = g_ptr_array_index(book->sheets, i);
        const char *target = target_of(links, sheet->id);
        if (target == NULL || !package_has(package, target))
            continue;
        ooxml_sheet_read(book, package, target, sheet, i + 1);
        g_autoptr(GPtrArray) below = links_of(package, target);
        for (guint j = 0; j < below->len; j++) {
            const Link *link = g_ptr_array_index(below, j);
            if (g_str_has_suffix(link->target, ".xml") && package_has(package, link->target))
                read_plain(package, link->target, sheet->name, i + 1, FALSE);
        }
    }
    ooxml_strings_rest(book, package);
}

/* The ids of the slides, in their order. */
static void
on_slide_id(const XmlElement *element, gpointer user)
{
    if (strcmp(element->name, "sldId") != 0)
        return;
    for (guint i = 0; i < element->count; i++) /* "id" without a namespace is a number */
        if (strcmp(element->attributes[i].name, "id") == 0 && element->attributes[i].space[0] != '\0')
            g_ptr_array_add(user, g_strdup(element->attributes[i].value));
}

/* The layout of a slide leads to its master, that to its theme. */
static void
wear_layout(Package *package, OoxmlDeck *deck, const char *layout)
{
    g_autoptr(GPtrArray) of_layout = layout != NULL ? peek_links(package, layout) : NULL;
    const char *master = of_layout != NULL ? target_of_type(of_layout, "slideMaster") : NULL;
    g_autoptr(GPtrArray) of_master = master != NULL ? peek_links(package, master) : NULL;
    ooxml_deck_wear(deck, layout, master, of_master != NULL ? target_of_type(of_master, "theme") : NULL);
}

static void
read_slides(Package *package, const char *main_part, const GPtrArray *links)
{
    static const XmlEvents events = {on_slide_id, on_end_nothing, on_text_nothing, NULL};
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    package_peek_xml(package, main_part, &events, ids);
    g_autoptr(OoxmlDeck) deck = ooxml_deck_new(package, main_part);
    for (guint i = 0; i < ids->len && !sink_stopped(package->sink); i++) {
        const char *target = target_of(links, g_ptr_array_index(ids, i));
        if (target == NULL || !package_has(package, target))
            continue;
        g_autoptr(GPtrArray) below = links_of(package, target);
        if (i == 0) /* the type of other slides is not told */
            wear_layout(package, deck, target_of_type(below, "slideLayout"));
        OoxmlTextHow how = {.page = i + 1, .head = i == 0, .deck = i == 0 ? deck : NULL};
        ooxml_text_read(package, target, &how);
        for (guint j = 0; j < below->len; j++) {
            const Link *link = g_ptr_array_index(below, j);
            if ((strcmp(link->type, "notesSlide") == 0 || strcmp(link->type, "comments") == 0) &&
                package_has(package, link->target))
                read_plain(package, link->target, NULL, i + 1, FALSE);
        }
    }
}

/* Parts that no program shows: fonts (scrambled), what a printer driver keeps. */
static gboolean
is_opaque(const char *name)
{
    static const char *const ends[] = {".odttf", ".fntdata", ".ttf"};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(name, ends[i]))
            return TRUE;
    return strstr(name, "printerSettings") != NULL && g_str_has_suffix(name, ".bin");
}

static gboolean
is_markup(const char *name)
{
    static const char *const ends[] = {".xml", ".rels", ".vml", ".fdseq", ".fdoc", ".struct", ".frag"};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(name, ends[i]))
            return TRUE;
    return FALSE;
}

static void
read_rest(Package *package, const char *name, gpointer user)
{
    OoxmlTextHow how = {.diagrams = user};
    if (is_markup(name))
        ooxml_text_read(package, name, &how);
    else if (is_opaque(name))
        package_opaque(package, name);
    else
        package_object(package, name);
}

gboolean
ooxml_run(Source *source, Sink *sink, guint part)
{
    g_auto(Package) package = {0};
    if (!package_open(&package, source, sink, part) || !package_has(&package, "[Content_Types].xml"))
        return archive_run_members(source, sink, part);
    g_autoptr(GPtrArray) top = links_of(&package, "");
    const char *main_part = target_of_type(top, "officeDocument");
    g_autoptr(GPtrArray) links = main_part != NULL ? links_of(&package, main_part) : NULL;
    const char *fixed = target_of_type(top, "fixedrepresentation");
    if (fixed != NULL)
        xps_read(&package, fixed);
    else if (main_part != NULL && target_of_type(links, "worksheet") != NULL)
        read_book(&package, main_part, links);
    else if (main_part != NULL && target_of_type(links, "slideMaster") != NULL)
        read_slides(&package, main_part, links);
    else if (main_part != NULL)
        read_document(&package, main_part, links);
    g_autoptr(GString) diagrams = g_string_new(NULL);
    package_rest(&package, read_rest, diagrams);
    return package_finish(&package);
}
