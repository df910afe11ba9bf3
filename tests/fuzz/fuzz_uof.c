/* UOF: as one XML file, as a ZIP, or as the content of one. */
#include "config.h"
#include <stdint.h>
#include "reading.h"
#include "stored.h"
#include "uof.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    Stored stored = {0};
    if (length == 0)
        return 0;
    if (bytes[0] == 'P' || bytes[0] == '<') {
        reading_throw(bytes, length, uof_run);
        return 0;
    }
    stored_add(&stored, "content.xml", bytes + 1, length - 1);
    stored_add(&stored, "_meta/meta.xml", bytes + 1, length - 1);
    GString *zip = stored_end(&stored);
    reading_throw((const guint8 *)zip->str, zip->len, uof_run);
    g_string_free(zip, TRUE);
    return 0;
}
