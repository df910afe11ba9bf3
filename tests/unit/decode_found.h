/* decode_found - what decode_plausible() finds, checked. */
#pragma once
#include "decode.h"
#include <iconv.h>
#include <string.h>

#define MARK "机密★10年"
#define MARK_HANT "機密★10年"

static inline GPtrArray *
plausible(const char *bytes, gsize length, const char *label)
{
    GPtrArray *found = decode_plausible((const guint8 *)bytes, length, label);
    assert_in_range(found->len, 1, DECODE_MAX);
    for (guint i = 0; i < found->len; i++) {
        const Decoding *decoding = g_ptr_array_index(found, i);
        assert_non_null(decoding->charset);
        assert_true(g_utf8_validate_len(decoding->text, decoding->length, NULL));
        assert_int_equal(strlen(decoding->text), decoding->length);
        for (guint j = 0; j < i; j++)
            assert_string_not_equal(decoding->text, ((Decoding *)g_ptr_array_index(found, j))->text);
    }
    return found;
}

static inline gboolean
holds(GPtrArray *found, const char *text)
{
    for (guint i = 0; i < found->len; i++)
        if (strstr(((Decoding *)g_ptr_array_index(found, i))->text, text) != NULL)
            return TRUE;
    return FALSE;
}

static inline void
check_holds(const char *what, const char *label, const char *bytes, gsize length, const char *text)
{
    g_autoptr(GPtrArray) found = plausible(bytes, length, label);
    if (!holds(found, text))
        fail_msg("%s labelled %s: best is %s \"%s\"", what, label != NULL ? label : "nothing",
                 ((Decoding *)found->pdata[0])->charset, ((Decoding *)found->pdata[0])->text);
}

static inline GByteArray *
from_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();
    for (; hex[0] != '\0'; hex += hex[0] == ' ' ? 1 : 2) {
        if (hex[0] == ' ')
            continue;
        guint8 byte = (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}
