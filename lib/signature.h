/* signature - detached signatures: Ed25519 (RFC 8032) or SM2 with SM3 (GB/T 32918, the usual identity
 * 1234567812345678).
 *
 * Keys are PEM files, as `openssl genpkey` makes them and reads them: the secret one PKCS #8, not encrypted, mode 0600;
 * the public one SubjectPublicKeyInfo. Which algorithm it is the key says. */
#pragma once
#include <glib.h>

#define SIGNATURE_SIZE_MAX 128 /* bytes of a signature */

/* A new pair: `path`, and `path`.pub. Neither may be there. algorithm: "ed25519" or "sm2". FALSE with error. */
gboolean signature_keygen(const char *algorithm, const char *path, GError **error);
/* Signs by the secret key in the file, which nobody else may read. NULL with error. */
GBytes *signature_make(const char *key_path, GBytes *data, GError **error);

/* Public keys that are trusted. */
typedef struct SignatureKeys SignatureKeys;
SignatureKeys *signature_keys_new(void);
void signature_keys_free(SignatureKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SignatureKeys, signature_keys_free)
/* FALSE with error: no such file, or no public key of these two kinds. */
gboolean signature_keys_add(SignatureKeys *keys, const char *path, GError **error);
/* The path of the key that made the signature; NULL: none of them did. Lent. */
const char *signature_check(const SignatureKeys *keys, GBytes *data, GBytes *signature);
