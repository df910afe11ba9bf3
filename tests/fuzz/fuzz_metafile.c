/* EMF and WMF as they are. */
#include "config.h"
#include <stdint.h>
#include "metafile.h"
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length > 0)
        reading_throw(bytes, length, bytes[0] == 1 ? metafile_run_emf : metafile_run_wmf);
    return 0;
}
