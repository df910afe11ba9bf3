/* uof - the ZIP's content first, then every other XML by the same reading, then what lies beside it. */
#include "config.h"
#include "uof.h"
#include "archive.h"
#include "package.h"
#include "uof_text.h"
#include <string.h>

#define PIECE (64 * 1024)

static gboolean
read_file(Source *source, Sink *sink, guint part)
{
    g_autoptr(UofText) text = uof_text_new(sink, part, TRUE);
    g_autoptr(Xml) xml = xml_new(&UOF_EVENTS, text);
    g_autofree guint8 *bytes = g_malloc(PIECE);
    gint64 at = 0;
    gssize got = 0;
    while (!sink_stopped(sink) && (got = source_read(source, at, bytes, PIECE)) > 0) {
        xml_push(xml, bytes, (gsize)got);
        at += got;
    }
    return xml_finish(xml) && got == 0;
}

static void
read_member(Package *package, const char *name, gboolean main_part)
{
    g_autoptr(UofText) text = uof_text_new(package->sink, package->part, main_part);
    package_xml(package, name, &UOF_EVENTS, text);
}

static void
read_rest(Package *package, const char *name, gpointer user)
{
    if (g_str_has_suffix(name, ".xml") || g_str_has_suffix(name, ".rels"))
        read_member(package, name, FALSE);
    else
        package_object(package, name);
}

gboolean
uof_run(Source *source, Sink *sink, guint part)
{
    guint8 magic[2];
    g_auto(Package) package = {0};
    if (!source_read_all(source, 0, magic, sizeof magic) || memcmp(magic, "PK", 2) != 0)
        return read_file(source, sink, part);
    if (!package_open(&package, source, sink, part) || !package_has(&package, "content.xml"))
        return archive_run_members(source, sink, part);
    read_member(&package, "_meta/meta.xml", FALSE);
    read_member(&package, "content.xml", TRUE);
    package_rest(&package, read_rest, NULL);
    return package_finish(&package);
}
