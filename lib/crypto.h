/* crypto - digests, keyed digests, authenticated encryption; the one home of OpenSSL.
 *
 * SHA-256 throughout, named in what is written ("sha256:..."). All functions are thread-safe. */
#pragma once
#include <glib.h>

#define CRYPTO_DIGEST_SIZE 32
#define CRYPTO_KEY_SIZE 32
#define CRYPTO_TAG_SIZE 16

void crypto_random(void *out, gsize length);                       /* aborts if the kernel has none */
void crypto_wipe(void *secret, gsize length);                      /* not optimised away */
gboolean crypto_equal(const void *a, const void *b, gsize length); /* constant time */

void crypto_sha256(const void *data, gsize length, guint8 out[CRYPTO_DIGEST_SIZE]);
void crypto_hmac(const guint8 *key, gsize key_length, const void *data, gsize length, guint8 out[CRYPTO_DIGEST_SIZE]);
char *crypto_hex(const guint8 *bytes, gsize length);      /* lower case; gives a new string */
char *crypto_sha256_text(const void *data, gsize length); /* "sha256:<64 hex>"; gives */

/* PBKDF2 (RFC 8018) with HMAC of SHA-1, SHA-256 or SHA-512. FALSE for another digest or a size of 0. */
gboolean crypto_pbkdf2(GChecksumType digest, const char *password, const guint8 *salt, gsize salt_length, guint rounds,
                       guint8 *out, gsize size);

/* Incremental SHA-256. */
typedef struct CryptoHash CryptoHash;
CryptoHash *crypto_hash_new(void);
void crypto_hash_add(CryptoHash *hash, const void *data, gsize length);
/* Ends the digest and frees the object; `out` may be NULL. */
void crypto_hash_free(CryptoHash *hash, guint8 *out);

/* Keyed names of 64-bit values: AES-256 of the block that holds the value, cut to 64 bits. Without the key names look
 * drawn at random; equal values have equal names. For one thread at a time. */
typedef struct CryptoNames CryptoNames;
CryptoNames *crypto_names_new(const guint8 key[CRYPTO_KEY_SIZE]);
void crypto_names_free(CryptoNames *names);
void crypto_names_run(CryptoNames *names, guint64 *values, gsize count); /* in place */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoNames, crypto_names_free)

/* AES-256-GCM over numbered chunks: the chunk number is the nonce, so a key must seal each number
 * at most once. `out` of seal has room for length + CRYPTO_TAG_SIZE bytes; `length` of open counts
 * the tag. `out` may be where the input lies. A context is for one thread at a time. open is FALSE if the chunk was
 * changed. */
typedef struct CryptoBox CryptoBox;
CryptoBox *crypto_box_new(const guint8 key[CRYPTO_KEY_SIZE]);
void crypto_box_free(CryptoBox *box);
void crypto_box_seal(CryptoBox *box, guint64 number, const guint8 *clear, gsize length, guint8 *out);
gboolean crypto_box_open(CryptoBox *box, guint64 number, const guint8 *sealed, gsize length, guint8 *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CryptoBox, crypto_box_free)

/* Key file: CRYPTO_KEY_SIZE random bytes, mode 0600, created (with its directory) when absent.
 * Refuses a file that others can read or write. */
gboolean crypto_key_load(const char *path, guint8 key_out[CRYPTO_KEY_SIZE], GError **error);
/* The same, never created: NO_INPUT if it is absent. Root may read a key of any owner. */
gboolean crypto_key_read(const char *path, guint8 key_out[CRYPTO_KEY_SIZE], GError **error);
