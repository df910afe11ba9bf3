/* Signed and encrypted objects as they are, and a security label by itself. */
#include "config.h"
#include <stdint.h>
#include "cms.h"
#include "crypto_cms.h"
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    g_autofree char *label = crypto_cms_label(bytes, length);
    g_assert(label == NULL || g_utf8_validate(label, -1, NULL));
    reading_throw(bytes, length, cms_run);
    return 0;
}
