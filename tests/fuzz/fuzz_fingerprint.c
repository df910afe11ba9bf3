/* fuzz_fingerprint - any bytes as a squeezed text: prints lie inside of it, in order, no farther apart than they may.
 */
#include "config.h"
#include <stdint.h>
#include "fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const guint8 secret[CRYPTO_KEY_SIZE] = {1};
    FingerprintKey key;
    Fingerprint found;
    fingerprint_key_make(secret, &key);
    g_autoptr(Fingerprinter) maker = fingerprinter_new(&key);
    g_autofree char *exact = g_memdup2(data, size);
    fingerprint_run(maker, exact != NULL ? exact : "", size, &found);
    for (guint i = 0; i < found.count; i++) {
        g_assert(found.prints[i].byte < size && found.prints[i].at < found.characters);
        if (i > 0)
            g_assert(found.prints[i].byte > found.prints[i - 1].byte && found.prints[i].at > found.prints[i - 1].at);
    }
    return 0;
}
