/* fuzz_papers - a register file or exchange file: any bytes; and bytes sealed with the right key, so that what is
 * behind the seal is reached. What is taken can be looked up in, merged, changed, and comes out as it went in. */
#include "config.h"
#include <stdint.h>
#include "papers.h"
#include <string.h>

#define SEAL CRYPTO_DIGEST_SIZE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use(Papers *papers, const FingerprintKey *key)
{
    guint count, index;
    g_autoptr(GByteArray) bytes = papers_to_bytes(papers, key);
    g_autoptr(Papers) again = papers_of_bytes(bytes->data, bytes->len, key, NULL);
    g_assert(again != NULL && papers_count(again) == papers_count(papers));
    for (guint64 name = 0; name < 64; name++)
        papers_look(papers, name << 58 | name, &count);
    g_autoptr(Papers) merged = papers_new(key);
    papers_merge(merged, papers);
    papers_settle(merged);
    for (guint i = papers_count(merged); i-- > 0;) {
        guint32 number = papers_get(merged, i)->number;
        g_assert(papers_find_number(merged, number, &index) && papers_remove(merged, number));
    }
    papers_settle(merged);
    g_assert(papers_entries(merged) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const guint8 secret[CRYPTO_KEY_SIZE] = {1};
    FingerprintKey key;
    fingerprint_key_make(secret, &key);
    g_autoptr(Papers) raw = papers_of_bytes(data, size, &key, NULL);
    if (raw != NULL)
        use(raw, &key);
    if (size < 64)
        return 0;
    g_autofree guint8 *sealed = g_malloc(size + SEAL);
    memcpy(sealed, data, size);
    memcpy(sealed, "HGPAPERS\1\0\0\0", 12);
    memcpy(sealed + 16, key.id, sizeof key.id);
    crypto_hmac(key.seal, sizeof key.seal, sealed, size, sealed + size);
    g_autoptr(Papers) papers = papers_of_bytes(sealed, size + SEAL, &key, NULL);
    if (papers != NULL)
        use(papers, &key);
    return 0;
}
