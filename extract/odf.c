/* odf - styles first, for what they hide and how they look; then the content. */
#include "config.h"
#include "odf.h"
#include "archive.h"
#include "odf_text.h"
#include <string.h>

/* --- the manifest ----------------------------------------------------------------------------------------------- */

typedef struct {
    gboolean encrypted, pages, sheets;
} Manifest;

static void
on_entry(const XmlElement *element, gpointer user)
{
    Manifest *manifest = user;
    const char *type = xml_value(element, "media-type");
    if (strcmp(element->name, "encryption-data") == 0)
        manifest->encrypted = TRUE;
    if (strcmp(xml_value(element, "full-path"), "/") != 0)
        return;
    manifest->pages = strstr(type, "presentation") != NULL || strstr(type, "graphics") != NULL ||
                      strstr(type, "impress") != NULL || strstr(type, "draw") != NULL;
    manifest->sheets = strstr(type, "spreadsheet") != NULL || strstr(type, "calc") != NULL;
}

static void
on_entry_end(const char *name, gpointer user)
{
}

static void
on_entry_text(const char *text, gsize length, gpointer user)
{
}

/* --- parts ------------------------------------------------------------------------------------------------------ */

/* What programs keep for themselves: pictures of embedded objects in LibreOffice's own format, where lines broke. */
static gboolean
is_opaque(const char *name)
{
    return strcmp(name, "layout-cache") == 0 || g_str_has_prefix(name, "ObjectReplacements/") ||
           g_str_has_prefix(name, "Fonts/");
}

static void
read_rest(Package *package, const char *name, gpointer user)
{
    if (strcmp(name, "mimetype") == 0)
        package_plain(package, name);
    else if (is_opaque(name))
        package_opaque(package, name);
    else if (g_str_has_suffix(name, ".xml") || g_str_has_suffix(name, ".rdf"))
        odf_text_read(user, name, FALSE);
    else
        package_object(package, name);
}

gboolean
odf_run(Source *source, Sink *sink, guint part)
{
    static const XmlEvents events = {on_entry, on_entry_end, on_entry_text, NULL};
    Manifest manifest = {0};
    g_auto(Package) package = {0};
    if (!package_open(&package, source, sink, part) || !package_has(&package, "content.xml"))
        return archive_run_members(source, sink, part);
    package_xml(&package, "META-INF/manifest.xml", &events, &manifest);
    if (manifest.encrypted) {
        sink_cover(sink, part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
        return package_finish(&package);
    }
    g_autoptr(GHashTable) looks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Odf odf = {&package, looks, manifest.pages, manifest.sheets};
    odf_text_read(&odf, "styles.xml", FALSE);
    odf_text_read(&odf, "content.xml", TRUE);
    odf_text_read(&odf, "meta.xml", FALSE);
    package_rest(&package, read_rest, &odf);
    return package_finish(&package);
}
