/* ofd_list - what an element leads to tells its name; the location is its text, or its BaseLoc. */
#include "config.h"
#include "ofd_list.h"
#include "glyphs.h"
#include "story.h"
#include <string.h>

#define LINKS_MAX 200000

static const struct {
    const char *element;
    OfdTo to;
} LINKS[] = {
    {"DocRoot", OFD_TO_DOCUMENT},
    {"Version", OFD_TO_VERSION},
    {"Page", OFD_TO_PAGE}, /* in a list of annotations: PageID, and FileLoc inside */
    {"TemplatePage", OFD_TO_TEMPLATE},
    {"PublicRes", OFD_TO_RESOURCES},
    {"DocumentRes", OFD_TO_RESOURCES},
    {"Annotations", OFD_TO_ANNOTATIONS},
    {"Signatures", OFD_TO_LIST},
    {"Signature", OFD_TO_LIST},
    {"CustomTags", OFD_TO_LIST},
    {"Extensions", OFD_TO_LIST},
    {"ExtendData", OFD_TO_LIST},
    {"Attachments", OFD_TO_ATTACHMENTS},
    {"SignedValue", OFD_TO_SEAL},
};

typedef struct {
    Package *package;
    const char *member;
    OfdList *list;
    Story story;
    guint depth;
    gboolean in_info; /* DocInfo: properties */
    guint info_depth;
    char *property; /* name of a CustomData */
    char *page;     /* PageID around */
    gboolean in_seal, attached;
    GString *words;
} Reading;

static void
link_free(gpointer data)
{
    OfdLink *link = data;
    g_free(link->id);
    g_free(link->member);
    g_free(link);
}

void
ofd_list_clear(OfdList *list)
{
    g_clear_pointer(&list->links, g_ptr_array_unref);
}

/* Writers differ in what a location is relative to: the file, as the standard says, its document, or the package. */
static const char *
locate(const Reading *reading, const char *target)
{
    g_autofree char *folder = g_path_get_dirname(reading->member);
    const char *bases[] = {reading->member, folder, ""};
    const char *found = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(bases) && found == NULL; i++)
        found = package_find(reading->package, bases[i], target);
    return found;
}

static void
add_link(Reading *reading, OfdTo to, const char *id, const char *target)
{
    if (target[0] == '\0' || reading->list->links->len >= LINKS_MAX)
        return;
    OfdLink *link = g_new0(OfdLink, 1);
    *link = (OfdLink){to, g_strdup(id), g_strdup(locate(reading, target))};
    g_ptr_array_add(reading->list->links, link);
}

static void
tell_attributes(Reading *reading, const XmlElement *element)
{
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        if (g_str_is_ascii(attribute->value) && strcmp(attribute->name, "URI") != 0)
            continue;
        PlaceKind place = reading->in_info ? PLACE_PROPERTY : PLACE_ATTRIBUTE;
        story_say(&reading->story, place, attribute->value, (gssize)attribute->length);
        story_gap(&reading->story, place, '\n');
    }
}

static void
on_start(const XmlElement *element, gpointer user)
{
    Reading *reading = user;
    const char *id = xml_value(element, "ID"), *location = xml_value(element, "BaseLoc");
    g_string_truncate(reading->words, 0);
    reading->depth++;
    if (!reading->in_info && strcmp(element->name, "DocInfo") == 0) {
        reading->in_info = TRUE;
        reading->info_depth = reading->depth;
    }
    if (strstr(element->name, "Encrypt") != NULL)
        reading->list->encrypted = TRUE;
    reading->in_seal |= strcmp(element->name, "Seal") == 0;
    reading->attached |= strcmp(element->name, "Attachment") == 0;
    if (strcmp(element->name, "CustomData") == 0) {
        g_free(reading->property);
        reading->property = g_strdup(xml_value(element, "Name"));
    }
    if (strcmp(element->name, "Page") == 0) {
        g_free(reading->page);
        reading->page = g_strdup(xml_value(element, "PageID"));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(LINKS) && location[0] != '\0'; i++)
        if (strcmp(LINKS[i].element, element->name) == 0)
            add_link(reading, LINKS[i].to, id, location);
    tell_attributes(reading, element);
}

static void
tell_property(Reading *reading, const char *name)
{
    const char *known = strcmp(name, "Abstract") == 0  ? "description"
                        : strcmp(name, "Keyword") == 0 ? "keywords"
                                                       : name;
    story_alone(&reading->story, PLACE_PROPERTY, strcmp(name, "CustomData") == 0 ? reading->property : known,
                reading->words->str);
}

/* What the text of an element leads to. FALSE: it is no location. */
static gboolean
follow_text(Reading *reading, const char *name)
{
    const char *words = g_strstrip(reading->words->str);
    if (strcmp(name, "FileLoc") == 0) {
        gboolean page = reading->page != NULL && reading->page[0] != '\0';
        add_link(reading, page && !reading->attached ? OFD_TO_ANNOTATIONS : OFD_TO_FILE, page ? reading->page : "",
                 words);
        return TRUE;
    }
    if (strcmp(name, "BaseLoc") == 0 && reading->in_seal) {
        add_link(reading, OFD_TO_SEAL, "", words);
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(LINKS); i++)
        if (strcmp(LINKS[i].element, name) == 0) {
            add_link(reading, LINKS[i].to, "", words);
            return TRUE;
        }
    return FALSE;
}

static void
on_end(const char *name, gpointer user)
{
    Reading *reading = user;
    double box[4];
    g_strstrip(reading->words->str);
    reading->words->len = strlen(reading->words->str);
    if (strcmp(name, "PhysicalBox") == 0 && numbers_parse(reading->words->str, box, 4) == 4) {
        reading->list->width = box[2];
        reading->list->height = box[3];
    } else if (reading->words->len > 0 && reading->in_info) {
        tell_property(reading, name);
    } else if (reading->words->len > 0 && !follow_text(reading, name) && !g_str_is_ascii(reading->words->str)) {
        story_say(&reading->story, PLACE_ATTRIBUTE, reading->words->str, (gssize)reading->words->len);
        story_gap(&reading->story, PLACE_ATTRIBUTE, '\n');
    }
    if (reading->in_info && reading->depth == reading->info_depth)
        reading->in_info = FALSE;
    if (strcmp(name, "Seal") == 0)
        reading->in_seal = FALSE;
    if (strcmp(name, "Attachment") == 0)
        reading->attached = FALSE;
    reading->depth -= reading->depth > 0;
    g_string_truncate(reading->words, 0);
}

static void
on_text(const char *text, gsize length, gpointer user)
{
    Reading *reading = user;
    if (reading->words->len + length <= 4 * 1024 * 1024)
        g_string_append_len(reading->words, text, (gssize)length);
}

gboolean
ofd_list_read(Package *package, const char *member, OfdList *list_out)
{
    static const XmlEvents events = {on_start, on_end, on_text, NULL};
    Reading reading = {.package = package, .member = member, .list = list_out, .words = g_string_new(NULL)};
    *list_out = (OfdList){.links = g_ptr_array_new_with_free_func(link_free)};
    story_begin(&reading.story, package->sink, package->part, NULL, 0);
    gboolean found = package_xml(package, member, &events, &reading);
    g_string_free(reading.words, TRUE);
    g_free(reading.property);
    g_free(reading.page);
    return found;
}
