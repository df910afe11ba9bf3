/* ofd - the order in which the files of a package are read. A file that was read once is not read again, so that lists
 * that lead to each other end. */
#include "config.h"
#include "ofd.h"
#include "archive.h"
#include "ofd_list.h"
#include "ofd_page.h"
#include "seal.h"
#include <string.h>

#define NESTED_MAX 8 /* lists that lead to lists */

static void read_list(Ofd *ofd, const char *member, guint depth);

/* --- a document ------------------------------------------------------------------------------------------------- */

/* What must be there, and is not, was cut away. */
static gboolean
is_there(const Ofd *ofd, const OfdLink *link)
{
    if (link->member == NULL && link->to != OFD_TO_RESOURCES && link->to != OFD_TO_LIST)
        ofd->package->damaged = TRUE;
    return link->member != NULL && !sink_stopped(ofd->package->sink);
}

static void
read_kind(Ofd *ofd, const OfdList *list, OfdTo to, OfdPageKind kind)
{
    guint page = 0;
    for (guint i = 0; i < list->links->len; i++) {
        const OfdLink *link = g_ptr_array_index(list->links, i);
        if (link->to != to)
            continue;
        page += kind == OFD_PAGE;
        if (is_there(ofd, link))
            ofd_page_read(ofd, link->member, &(OfdPageHow){kind, MIN(page, WIRE_PARTS_MAX), link->id});
    }
}

/* Number of the page with this id, 0 if there is none. */
static guint
page_number(const OfdList *document, const char *id)
{
    guint page = 0;
    for (guint i = 0; i < document->links->len; i++) {
        const OfdLink *link = g_ptr_array_index(document->links, i);
        page += link->to == OFD_TO_PAGE;
        if (link->to == OFD_TO_PAGE && strcmp(link->id, id) == 0)
            return MIN(page, WIRE_PARTS_MAX);
    }
    return 0;
}

static void
read_annotations(Ofd *ofd, const OfdList *document, const char *member)
{
    g_auto(OfdList) list = {0};
    ofd_list_read(ofd->package, member, &list);
    for (guint i = 0; i < list.links->len; i++) {
        const OfdLink *link = g_ptr_array_index(list.links, i);
        if (link->to == OFD_TO_ANNOTATIONS && is_there(ofd, link))
            ofd_page_read(ofd, link->member, &(OfdPageHow){OFD_ANNOTATIONS, page_number(document, link->id), link->id});
    }
}

static void
read_document(Ofd *ofd, const char *member)
{
    g_auto(OfdList) list = {0};
    if (!ofd_list_read(ofd->package, member, &list))
        return;
    ofd->width = list.width;
    ofd->height = list.height;
    read_kind(ofd, &list, OFD_TO_RESOURCES, OFD_RESOURCES);
    read_kind(ofd, &list, OFD_TO_TEMPLATE, OFD_TEMPLATE);
    read_kind(ofd, &list, OFD_TO_PAGE, OFD_PAGE);
    for (guint i = 0; i < list.links->len; i++) {
        const OfdLink *link = g_ptr_array_index(list.links, i);
        if (link->to == OFD_TO_ANNOTATIONS && is_there(ofd, link))
            read_annotations(ofd, &list, link->member);
        else if ((link->to == OFD_TO_ATTACHMENTS || link->to == OFD_TO_LIST) && is_there(ofd, link))
            read_list(ofd, link->member, 0);
    }
    ofd_document_end(ofd);
}

/* --- lists ------------------------------------------------------------------------------------------------------ */

static void
follow(Ofd *ofd, const OfdLink *link, guint depth)
{
    switch (link->to) {
    case OFD_TO_DOCUMENT:
        if (is_there(ofd, link))
            read_document(ofd, link->member);
        break;
    case OFD_TO_VERSION:
    case OFD_TO_LIST:
    case OFD_TO_ATTACHMENTS:
        if (depth < NESTED_MAX && is_there(ofd, link))
            read_list(ofd, link->member, depth + 1);
        break;
    case OFD_TO_FILE:
        if (is_there(ofd, link))
            package_object(ofd->package, link->member);
        break;
    case OFD_TO_SEAL:
        if (link->member != NULL)
            seal_read(ofd->package, link->member);
        break;
    default:
        break;
    }
}

static void
read_list(Ofd *ofd, const char *member, guint depth)
{
    g_auto(OfdList) list = {0};
    ofd_list_read(ofd->package, member, &list);
    if (list.encrypted)
        sink_cover(ofd->package->sink, ofd->package->part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    for (guint i = 0; i < list.links->len && !sink_stopped(ofd->package->sink); i++)
        follow(ofd, g_ptr_array_index(list.links, i), depth);
}

/* --- the rest --------------------------------------------------------------------------------------------------- */

static gboolean
ends_with(const char *name, const char *end)
{
    gsize length = strlen(name), size = strlen(end);
    return length >= size && g_ascii_strcasecmp(name + length - size, end) == 0;
}

static void
read_rest(Package *package, const char *name, gpointer user)
{
    static const char *const fonts[] = {".ttf", ".otf", ".ttc", ".cff", ".pfb", ".fnt", ".woff"};
    for (gsize i = 0; i < G_N_ELEMENTS(fonts); i++)
        if (ends_with(name, fonts[i])) {
            package_font(package, name);
            return;
        }
    if (ends_with(name, ".xml"))
        ofd_page_read(user, name, &(OfdPageHow){OFD_ORPHAN, 0, ""});
    else if (ends_with(name, ".esl") || ends_with(name, "SignedValue.dat"))
        seal_read(package, name);
    else
        package_object(package, name);
}

/* GM/T 0099: a list of what is encrypted beside OFD.xml, and a map of the names that were before. */
static gboolean
is_encrypted(const Package *package)
{
    for (guint i = 0; i < package->zip->members->len; i++) {
        const ZipMember *member = g_ptr_array_index(package->zip->members, i);
        g_autofree char *leaf = g_path_get_basename(member->name), *lower = g_ascii_strdown(leaf, -1);
        if (g_str_has_prefix(lower, "encrypt") || strstr(lower, "entriesmap") != NULL ||
            g_str_has_prefix(lower, "decryptseed"))
            return TRUE;
    }
    return FALSE;
}

gboolean
ofd_run(Source *source, Sink *sink, guint part)
{
    g_auto(Package) package = {0};
    if (!package_open(&package, source, sink, part) || !package_has(&package, "OFD.xml"))
        return archive_run_members(source, sink, part);
    if (is_encrypted(&package))
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    g_autoptr(GHashTable) colours = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) relatives = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Ofd ofd = {.package = &package, .colours = colours, .relatives = relatives};
    ofd_kept_init(&ofd.kept);
    read_list(&ofd, "OFD.xml", 0);
    package_rest(&package, read_rest, &ofd);
    ofd_document_end(&ofd);
    ofd_kept_clear(&ofd.kept);
    return package_finish(&package);
}
