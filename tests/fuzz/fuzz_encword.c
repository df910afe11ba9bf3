/* A header body as it comes, and the parameter "name" of it. */
#include "config.h"
#include <stdint.h>
#include "encword.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
check(const GPtrArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        const Decoding *decoding = g_ptr_array_index(found, i);
        if (!g_utf8_validate_len(decoding->text, decoding->length, NULL) || decoding->charset == NULL ||
            strlen(decoding->text) != decoding->length)
            abort();
        for (guint j = 0; j < i; j++)
            if (strcmp(decoding->text, ((Decoding *)g_ptr_array_index(found, j))->text) == 0)
                abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    g_autoptr(GPtrArray) texts = encword_decode((const char *)bytes, length);
    if (texts->len < 1 || texts->len > DECODE_MAX)
        abort();
    check(texts);
    g_autoptr(GPtrArray) values = encword_parameter((const char *)bytes, length, "name");
    check(values);
    g_autofree char *plain = encword_parameter_plain((const char *)bytes, length, "name");
    if (plain != NULL && !g_str_is_ascii(plain))
        abort();
    return 0;
}
