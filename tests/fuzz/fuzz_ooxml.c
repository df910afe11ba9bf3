/* Office Open XML packages: as a ZIP, and one part as it is behind the ZIP. */
#include "config.h"
#include <stdint.h>
#include "ooxml.h"
#include "reading.h"
#include "stored.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define LINK(id, type, target) "<Relationship Id='" id "' Type='x/" type "' Target='" target "'/>"

static void
add(Stored *stored, const char *name, const char *text)
{
    stored_add(stored, name, (const guint8 *)text, strlen(text));
}

/* The input is the main part, a sheet, a slide ... of an otherwise good package. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    Stored stored = {0};
    if (length == 0)
        return 0;
    if (bytes[0] == 'P') {
        reading_throw(bytes, length, ooxml_run);
        return 0;
    }
    gboolean book = bytes[0] & 1;
    add(&stored, "[Content_Types].xml", "<Types/>");
    add(&stored, "_rels/.rels", "<R>" LINK("1", "officeDocument", "a/main.xml") "</R>");
    add(&stored, "a/_rels/main.xml.rels",
        book ? "<R>" LINK("1", "worksheet", "sheet.xml") LINK("2", "sharedStrings", "s.xml") "</R>"
             : "<R>" LINK("1", "header", "part.xml") "</R>");
    add(&stored, "a/s.xml", "<sst><si><t>one</t></si><si><t>two</t></si></sst>");
    if (book)
        add(&stored, "a/main.xml", "<workbook><sheets><sheet name='n' id='1'/></sheets></workbook>");
    else
        stored_add(&stored, "a/main.xml", bytes + 1, length - 1);
    stored_add(&stored, book ? "a/sheet.xml" : "a/part.xml", bytes + 1, length - 1);
    GString *zip = stored_end(&stored);
    reading_throw((const guint8 *)zip->str, zip->len, ooxml_run);
    g_string_free(zip, TRUE);
    return 0;
}
