/* The first byte chooses a label, the rest are the bytes. Every reading must be valid UTF-8 without NUL, no two alike.
 */
#include "config.h"
#include <stdint.h>
#include "decode.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const LABELS[] = {
    NULL,          "utf-8",       "gb2312",      "big5",   "hz",     "utf-7",     "utf-7-imap", "iso-2022-cn",
    "iso-2022-jp", "iso-2022-kr", "euc-tw",      "euc-jp", "euc-kr", "shift_jis", "utf-16",     "utf-16le",
    "utf-32",      "us-ascii",    "iso-8859-15", "johab",  "cp037",  "ibm935",    "x-unknown",  "koi8-r",
};

static void
check(const Decoding *decoding)
{
    if (!g_utf8_validate_len(decoding->text, decoding->length, NULL) || decoding->charset == NULL ||
        strlen(decoding->text) != decoding->length)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 1)
        return 0;
    const char *label = LABELS[bytes[0] % G_N_ELEMENTS(LABELS)];
    bytes++;
    length--;
    g_autoptr(GPtrArray) found = decode_plausible(bytes, length, label);
    if (found->len < 1 || found->len > DECODE_MAX)
        abort();
    for (guint i = 0; i < found->len; i++) {
        check(found->pdata[i]);
        for (guint j = 0; j < i; j++)
            if (strcmp(((Decoding *)found->pdata[i])->text, ((Decoding *)found->pdata[j])->text) == 0)
                abort();
    }
    g_autofree char *word = g_strndup((const char *)bytes, length);
    charset_canonical(word);
    gsize repaired;
    g_autofree char *text = decode_utf8_repair((const char *)bytes, (gssize)length, &repaired);
    if (!g_utf8_validate_len(text, repaired, NULL))
        abort();
    for (size_t max = 4; max < 64 && max < length; max++) {
        gsize cut = decode_cut(bytes, length, max);
        if (cut == 0 || cut > max)
            abort();
    }
    return 0;
}
