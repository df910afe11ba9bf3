/* Pictures: their headers, chunks and what is written beside the dots, decoding and codes. Letters are not read: a job
 * without time for OCR decodes nothing, so the fuzzer gives it a little time and no model. */
#include "config.h"
#include <stdint.h>
#include "picture.h"
#include "reading.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_setenv("TESSDATA_PREFIX", "/nonexistent", TRUE);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    reading_throw(bytes, length, picture_run);
    return 0;
}
