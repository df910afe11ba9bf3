/* OpenDocument packages: as a ZIP, and one part as it is behind the ZIP. */
#include "config.h"
#include <stdint.h>
#include "odf.h"
#include "reading.h"
#include "stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define MANIFEST(kind) "<m><file-entry full-path='/' media-type='" kind "'/></m>"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char text[] = MANIFEST("text"), sheet[] = MANIFEST("spreadsheet"), slides[] = MANIFEST("presentation");
    Stored stored = {0};
    if (length == 0)
        return 0;
    if (bytes[0] == 'P') {
        reading_throw(bytes, length, odf_run);
        return 0;
    }
    const char *manifest = bytes[0] % 3 == 0 ? text : bytes[0] % 3 == 1 ? sheet : slides;
    stored_add(&stored, "META-INF/manifest.xml", (const guint8 *)manifest, strlen(manifest));
    stored_add(&stored, "content.xml", bytes + 1, length - 1);
    stored_add(&stored, "styles.xml", bytes + 1, length - 1);
    GString *zip = stored_end(&stored);
    reading_throw((const guint8 *)zip->str, zip->len, odf_run);
    g_string_free(zip, TRUE);
    return 0;
}
