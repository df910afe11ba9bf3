/* Containers: whatever libarchive takes it for, and ZIPs with their gaps. */
#include "config.h"
#include <stdint.h>
#include "archive.h"
#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const ReaderRun runs[] = {archive_run, archive_run_packed, archive_run_zip, archive_run_program};
    if (length > 0)
        reading_throw(bytes + 1, length - 1, runs[bytes[0] % G_N_ELEMENTS(runs)]);
    return 0;
}
