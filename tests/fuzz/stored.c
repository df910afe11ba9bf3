#include "config.h"
#include "stored.h"
#include <string.h>

static void
append(GString *out, guint64 value, guint size)
{
    for (; size > 0; size--, value >>= 8)
        g_string_append_c(out, (char)(value & 0xFF));
}

/* Of CRC-32, bit by bit: the inputs are small. */
static guint32
checksum(const guint8 *bytes, gsize length)
{
    guint32 crc = 0xFFFFFFFF;
    for (gsize i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (guint bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) ? 0xEDB88320 : 0);
    }
    return ~crc;
}

void
stored_add(Stored *stored, const char *name, const guint8 *bytes, gsize length)
{
    if (stored->zip == NULL)
        *stored = (Stored){g_string_new(NULL), g_string_new(NULL), 0};
    gsize at = stored->zip->len;
    GString *shared = g_string_new(NULL); /* of local header and entry: from the version on */
    append(shared, 20, 2);
    append(shared, 0, 8);
    append(shared, checksum(bytes, length), 4);
    append(shared, length, 4);
    append(shared, length, 4);
    append(shared, strlen(name), 2);
    append(shared, 0, 2);
    g_string_append_len(stored->zip, "PK\3\4", 4);
    g_string_append_len(stored->zip, shared->str, (gssize)shared->len);
    g_string_append(stored->zip, name);
    g_string_append_len(stored->zip, (const char *)bytes, (gssize)length);
    g_string_append_len(stored->directory, "PK\1\2\24\0", 6);
    g_string_append_len(stored->directory, shared->str, (gssize)shared->len);
    append(stored->directory, 0, 10);
    append(stored->directory, at, 4);
    g_string_append(stored->directory, name);
    g_string_free(shared, TRUE);
    stored->count++;
}

GString *
stored_end(Stored *stored)
{
    GString *zip = stored->zip;
    gsize at = zip->len;
    g_string_append_len(zip, stored->directory->str, (gssize)stored->directory->len);
    g_string_append_len(zip, "PK\5\6\0\0\0\0", 8);
    append(zip, stored->count, 2);
    append(zip, stored->count, 2);
    append(zip, stored->directory->len, 4);
    append(zip, at, 4);
    append(zip, 0, 2);
    g_string_free(stored->directory, TRUE);
    return zip;
}
