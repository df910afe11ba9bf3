/* The first byte names the encoding, the second how the input is cut; cut or whole, the output must be the same. */
#include "config.h"
#include <stdint.h>
#include "transfer.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static GByteArray *
run(TransferKind kind, const uint8_t *bytes, size_t length, size_t step, guint *oddities_out)
{
    g_autoptr(Transfer) transfer = transfer_new(kind);
    GByteArray *out = g_byte_array_new();
    for (size_t i = 0; i < length; i += step)
        transfer_push(transfer, bytes + i, MIN(step, length - i), out);
    transfer_finish(transfer, out);
    *oddities_out = transfer_oddities(transfer);
    return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length < 2)
        return 0;
    TransferKind kind = bytes[0] % 4;
    size_t step = 1 + bytes[1] % 17;
    bytes += 2;
    length -= 2;
    guint oddities, oddities_cut;
    g_autoptr(GByteArray) whole = run(kind, bytes, length, length + 1, &oddities);
    g_autoptr(GByteArray) cut = run(kind, bytes, length, step, &oddities_cut);
    if (whole->len != cut->len || oddities != oddities_cut ||
        (whole->len > 0 && memcmp(whole->data, cut->data, whole->len) != 0))
        abort();
    transfer_looks_base64(bytes, length);
    g_autoptr(GArray) blocks = transfer_uu_find(bytes, length);
    gsize last = 0;
    for (guint i = 0; i < blocks->len; i++) {
        const UuBlock *block = &g_array_index(blocks, UuBlock, i);
        if (block->from < last || block->to <= block->from || block->to > length || block->name == NULL)
            abort();
        last = block->to;
    }
    g_autofree char *value = g_strndup((const char *)bytes, length);
    transfer_kind(value, NULL);
    return 0;
}
