/* winmail.dat as it is; attributes with their check sums made good, so that the library goes on. */
#include "config.h"
#include <stdint.h>
#include "reading.h"
#include "tnef.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
const char *__asan_default_options(void);

/* The library leaks what it drops, and asks for as much memory as a length says. */
const char *
__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1";
}

static void
mend(guint8 *bytes, gsize length)
{
    memcpy(bytes, "\x78\x9F\x3E\x22", MIN(length, 4));
    for (gsize at = 6; at + 9 < length;) {
        gsize size = bytes[at + 5] | (gsize)bytes[at + 6] << 8;
        guint16 sum = 0;
        bytes[at + 7] = bytes[at + 8] = 0;
        if (size + 11 > length - at)
            return;
        for (gsize i = 0; i < size; i++)
            sum = (guint16)(sum + bytes[at + 9 + i]);
        bytes[at + 9 + size] = (guint8)sum;
        bytes[at + 10 + size] = (guint8)(sum >> 8);
        at += size + 11;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    g_autofree guint8 *own = g_memdup2(bytes, length);
    reading_throw(bytes, length, tnef_run);
    mend(own, length);
    reading_throw(own, length, tnef_run);
    return 0;
}
