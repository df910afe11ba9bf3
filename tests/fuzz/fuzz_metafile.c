/* EMF, WMF and StarView metafiles as they are. */
#include "config.h"
#include <stdint.h>
#include "metafile.h"
#include "reading.h"
#include "svm.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length > 0)
        reading_throw(bytes, length, bytes[0] == 1 ? metafile_run_emf : bytes[0] == 'V' ? svm_run : metafile_run_wmf);
    return 0;
}
