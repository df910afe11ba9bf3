/* RTF as it is. */
#include "config.h"
#include <stdint.h>
#include "reading.h"
#include "rtf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    reading_throw(bytes, length, rtf_run);
    return 0;
}
