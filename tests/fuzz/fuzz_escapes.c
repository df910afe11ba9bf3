/* Whatever the codes stand for, it comes out as valid UTF-8, inside the text. */
#include "config.h"
#include <stdint.h>
#include "decode.h"
#include "escapes.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gsize size;
    EscapesSpan span;
    g_autofree char *text = decode_utf8_repair((const char *)bytes, (gssize)length, &size);
    g_autoptr(GString) out = g_string_new(NULL);
    if (!escapes_undo(text, size, out, &span))
        return 0;
    g_assert(g_utf8_validate(out->str, (gssize)out->len, NULL) && strlen(out->str) == out->len);
    g_assert(span.from < span.to && span.to <= size);
    return 0;
}
