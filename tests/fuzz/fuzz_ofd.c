/* OFD packages: as a ZIP, and one part as it is behind the ZIP. */
#include "config.h"
#include <stdint.h>
#include "ofd.h"
#include "reading.h"
#include "stored.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
add(Stored *stored, const char *name, const char *text)
{
    stored_add(stored, name, (const guint8 *)text, strlen(text));
}

/* The input is a page and its template, a document, resources, a list of annotations or a seal. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const parts[] = {"d/p.xml", "d/a.xml", "d/d.xml", "d/s.esl", "d/r.xml"};
    Stored stored = {0};
    if (length == 0)
        return 0;
    if (bytes[0] == 'P') {
        reading_throw(bytes, length, ofd_run);
        return 0;
    }
    const char *part = parts[bytes[0] % G_N_ELEMENTS(parts)];
    add(&stored, "OFD.xml", "<O><DocRoot>d/d.xml</DocRoot></O>");
    if (strcmp(part, "d/d.xml") != 0)
        add(&stored, "d/d.xml",
            "<D><PhysicalBox>0 0 210 297</PhysicalBox><PublicRes>r.xml</PublicRes><TemplatePage ID='1' "
            "BaseLoc='t.xml'/>"
            "<Page ID='2' BaseLoc='p.xml'/><Annotations>l.xml</Annotations></D>");
    add(&stored, "d/l.xml", "<L><Page PageID='2'><FileLoc>a.xml</FileLoc></Page></L>");
    if (strcmp(part, "d/p.xml") == 0)
        stored_add(&stored, "d/t.xml", bytes + 1, length - 1);
    stored_add(&stored, part, bytes + 1, length - 1);
    GString *zip = stored_end(&stored);
    reading_throw((const guint8 *)zip->str, zip->len, ofd_run);
    g_string_free(zip, TRUE);
    return 0;
}
