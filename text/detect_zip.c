/* A ZIP is what the names of its first members say. */
#include "config.h"
#include "detect_zip.h"
#include <string.h>

#define OPEN_XML "application/vnd.openxmlformats-officedocument"
#define OPEN_DOCUMENT "application/vnd.oasis.opendocument."
#define IWORK "application/vnd.apple.iwork"

static const struct {
    const char *name; /* how a member's name begins, or the content of "mimetype" */
    const char *type;
    DetectClass class;
} zip_members[] = {
    {"OFD.xml", "application/ofd", DETECT_BINARY},
    {"FixedDoc", "application/vnd.ms-xpsdocument", DETECT_BINARY},
    {"word/vbaProject.bin", "application/vnd.ms-word.document.macroEnabled.12", DETECT_BINARY},
    {"xl/vbaProject.bin", "application/vnd.ms-excel.sheet.macroEnabled.12", DETECT_BINARY},
    {"ppt/vbaProject.bin", "application/vnd.ms-powerpoint.presentation.macroEnabled.12", DETECT_BINARY},
    {"xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.12", DETECT_BINARY},
    {"word/", OPEN_XML ".wordprocessingml.document", DETECT_BINARY},
    {"xl/", OPEN_XML ".spreadsheetml.sheet", DETECT_BINARY},
    {"ppt/", OPEN_XML ".presentationml.presentation", DETECT_BINARY},
    {"visio/", "application/vnd.ms-visio.drawing", DETECT_BINARY},
    {OPEN_DOCUMENT "text-template", OPEN_DOCUMENT "text-template", DETECT_BINARY},
    {OPEN_DOCUMENT "text-master", OPEN_DOCUMENT "text-master", DETECT_BINARY},
    {OPEN_DOCUMENT "text", OPEN_DOCUMENT "text", DETECT_BINARY},
    {OPEN_DOCUMENT "spreadsheet-template", OPEN_DOCUMENT "spreadsheet-template", DETECT_BINARY},
    {OPEN_DOCUMENT "spreadsheet", OPEN_DOCUMENT "spreadsheet", DETECT_BINARY},
    {OPEN_DOCUMENT "presentation-template", OPEN_DOCUMENT "presentation-template", DETECT_BINARY},
    {OPEN_DOCUMENT "presentation", OPEN_DOCUMENT "presentation", DETECT_BINARY},
    {OPEN_DOCUMENT "graphics-template", OPEN_DOCUMENT "graphics-template", DETECT_BINARY},
    {OPEN_DOCUMENT "graphics", OPEN_DOCUMENT "graphics", DETECT_BINARY},
    {OPEN_DOCUMENT "formula", OPEN_DOCUMENT "formula", DETECT_BINARY},
    {OPEN_DOCUMENT "chart", OPEN_DOCUMENT "chart", DETECT_BINARY},
    {OPEN_DOCUMENT "base", OPEN_DOCUMENT "base", DETECT_BINARY},
    {"application/vnd.sun.xml.", "application/vnd.sun.xml.writer", DETECT_BINARY},
    {"application/epub+zip", "application/epub+zip", DETECT_BINARY},
    {"uof.xml", "application/vnd.uof", DETECT_BINARY},
    {"Index/Document.iwa", IWORK, DETECT_BINARY},
    {"Index/ViewState.iwa", IWORK, DETECT_BINARY},
    {"Index/CalculationEngine", IWORK, DETECT_BINARY},
    {"Index/DocumentStylesheet.iwa", IWORK, DETECT_BINARY},
    {"index.apxl", IWORK, DETECT_BINARY},
    {"AndroidManifest.xml", "application/vnd.android.package-archive", DETECT_EXECUTABLE},
    {"META-INF/MANIFEST.MF", "application/java-archive", DETECT_EXECUTABLE},
    {"[Content_Types].xml", OPEN_XML, DETECT_BINARY},
    {"_rels/.rels", OPEN_XML, DETECT_BINARY},
};

#define LOCAL_HEADER 30

static gsize
little(const guint8 *bytes, gsize size)
{
    gsize value = 0;
    while (size-- > 0)
        value = value << 8 | bytes[size];
    return value;
}

/* The next name from *at on, or the content of a "mimetype"; *at goes behind the member, so that the names inside a
 * stored archive are not taken for this one's. NULL: no more. */
static const guint8 *
next_zip_name(const guint8 *bytes, gsize length, gsize *at, gsize *name_length)
{
    const guint8 *header = *at < length ? memmem(bytes + *at, length - *at, "PK\3\4", 4) : NULL;
    if (header == NULL || header + LOCAL_HEADER > bytes + length)
        return NULL;
    gsize start = (gsize)(header - bytes) + LOCAL_HEADER;
    gsize size = little(header + 26, 2), extra = little(header + 28, 2), packed = little(header + 18, 4);
    gsize data = start + size + extra;
    *at = data + ((header[6] & 8) == 0 ? packed : 0);
    *name_length = MIN(size, length - start);
    if (size == 8 && length >= start + 8 && memcmp(bytes + start, "mimetype", 8) == 0 && little(header + 8, 2) == 0 &&
        data < length) {
        *name_length = MIN(packed > 0 ? packed : 80, length - data);
        return bytes + data;
    }
    return bytes + start;
}

Detected
detect_zip(const guint8 *bytes, gsize length)
{
    gsize best = G_N_ELEMENTS(zip_members), size, at = 0;
    const guint8 *name;
    while (best > 0 && (name = next_zip_name(bytes, length, &at, &size)) != NULL)
        for (gsize i = 0; i < best; i++)
            if (size >= strlen(zip_members[i].name) &&
                memcmp(name, zip_members[i].name, strlen(zip_members[i].name)) == 0)
                best = i;
    if (best < G_N_ELEMENTS(zip_members))
        return (Detected){zip_members[best].class, zip_members[best].type, FALSE};
    return (Detected){DETECT_BINARY, DETECT_ZIP, FALSE};
}

gboolean
detect_zip_gives(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(zip_members); i++)
        if (strcmp(zip_members[i].type, type) == 0)
            return TRUE;
    return strcmp(type, DETECT_ZIP) == 0;
}
