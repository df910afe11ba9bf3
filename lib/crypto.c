/* Digests and authenticated encryption by OpenSSL. A library call that cannot fail with sound arguments
 * aborts when it does: going on would mean writing unprotected bytes. */
#include "config.h"
#include "crypto.h"
#include "errors.h"
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONCE_SIZE 12

struct CryptoBox {
    guint8 key[CRYPTO_KEY_SIZE];
    EVP_CIPHER_CTX *seal, *open; /* NULL until needed */
};

static void
must(int good, const char *what)
{
    if (good != 1)
        g_error("libcrypto: %s failed; is its installation complete?", what);
}

void
crypto_random(void *out, gsize length)
{
    guint8 *cursor = out;
    while (length > 0) {
        gssize got = getrandom(cursor, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            g_error("the kernel gives no random bytes: %s", g_strerror(errno));
        cursor += got;
        length -= (gsize)got;
    }
}

void
crypto_wipe(void *secret, gsize length)
{
    OPENSSL_cleanse(secret, length);
}

gboolean
crypto_equal(const void *a, const void *b, gsize length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

/* Looking an algorithm up takes longer than using it on a short text: once for the process, here and below. */
static const EVP_MD *
sha256(void)
{
    static gsize digest;
    if (g_once_init_enter(&digest)) {
        EVP_MD *fetched = EVP_MD_fetch(NULL, "SHA256", NULL);
        must(fetched != NULL, "SHA-256");
        g_once_init_leave(&digest, (gsize)fetched);
    }
    return (const EVP_MD *)digest;
}

void
crypto_sha256(const void *data, gsize length, guint8 out[CRYPTO_DIGEST_SIZE])
{
    must(EVP_Digest(length > 0 ? data : "", length, out, NULL, sha256(), NULL), "SHA-256");
}

/* HMAC-SHA-256 without a key yet; only ever copied. */
static const EVP_MAC_CTX *
blank_hmac(void)
{
    static gsize blank;
    if (g_once_init_enter(&blank)) {
        char name[] = "SHA256";
        const OSSL_PARAM digest[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name, sizeof name - 1),
                                     OSSL_PARAM_END};
        EVP_MAC *fetched = EVP_MAC_fetch(NULL, "HMAC", NULL);
        EVP_MAC_CTX *context = fetched != NULL ? EVP_MAC_CTX_new(fetched) : NULL;
        must(context != NULL && EVP_MAC_CTX_set_params(context, digest), "HMAC-SHA-256");
        EVP_MAC_free(fetched); /* the context keeps it */
        g_once_init_leave(&blank, (gsize)context);
    }
    return (const EVP_MAC_CTX *)blank;
}

void
crypto_hmac(const guint8 *key, gsize key_length, const void *data, gsize length, guint8 out[CRYPTO_DIGEST_SIZE])
{
    static const guint8 nothing[1];
    size_t written = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(blank_hmac());
    must(context != NULL && EVP_MAC_init(context, key_length > 0 ? key : nothing, key_length, NULL) &&
             EVP_MAC_update(context, length > 0 ? data : nothing, length) &&
             EVP_MAC_final(context, out, &written, CRYPTO_DIGEST_SIZE),
         "HMAC-SHA-256");
    EVP_MAC_CTX_free(context);
}

gboolean
crypto_pbkdf2(GChecksumType digest, const char *password, const guint8 *salt, gsize salt_length, guint rounds,
              guint8 *out, gsize size)
{
    const EVP_MD *md = digest == G_CHECKSUM_SHA1     ? EVP_sha1()
                       : digest == G_CHECKSUM_SHA256 ? EVP_sha256()
                       : digest == G_CHECKSUM_SHA512 ? EVP_sha512()
                                                     : NULL;
    return md != NULL && size > 0 && size <= G_MAXINT && salt_length <= G_MAXINT && rounds > 0 &&
           PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, (int)salt_length, (int)rounds, md, (int)size,
                             out) == 1;
}

char *
crypto_hex(const guint8 *bytes, gsize length)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = g_malloc(length * 2 + 1);
    for (gsize i = 0; i < length; i++) {
        hex[i * 2] = digits[bytes[i] >> 4];
        hex[i * 2 + 1] = digits[bytes[i] & 15];
    }
    hex[length * 2] = '\0';
    return hex;
}

char *
crypto_sha256_text(const void *data, gsize length)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    crypto_sha256(data, length, digest);
    g_autofree char *hex = crypto_hex(digest, sizeof digest);
    return g_strconcat("sha256:", hex, NULL);
}

struct CryptoHash {
    EVP_MD_CTX *context;
};

CryptoHash *
crypto_hash_new(void)
{
    CryptoHash *hash = g_new0(CryptoHash, 1);
    hash->context = EVP_MD_CTX_new();
    must(hash->context != NULL, "EVP_MD_CTX_new");
    must(EVP_DigestInit_ex(hash->context, sha256(), NULL), "SHA-256");
    return hash;
}

void
crypto_hash_add(CryptoHash *hash, const void *data, gsize length)
{
    must(EVP_DigestUpdate(hash->context, data, length), "SHA-256");
}

void
crypto_hash_free(CryptoHash *hash, guint8 *out)
{
    if (hash == NULL)
        return;
    if (out != NULL)
        must(EVP_DigestFinal_ex(hash->context, out, NULL), "SHA-256");
    EVP_MD_CTX_free(hash->context);
    g_free(hash);
}

CryptoBox *
crypto_box_new(const guint8 key[CRYPTO_KEY_SIZE])
{
    CryptoBox *box = g_new0(CryptoBox, 1);
    memcpy(box->key, key, CRYPTO_KEY_SIZE);
    return box;
}

static const EVP_CIPHER *
box_cipher(void)
{
    static gsize cipher;
    if (g_once_init_enter(&cipher)) {
        EVP_CIPHER *fetched = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
        must(fetched != NULL, "AES-256-GCM");
        g_once_init_leave(&cipher, (gsize)fetched);
    }
    return (const EVP_CIPHER *)cipher;
}

/* Most boxes only seal or only open: the other context is never made. */
static EVP_CIPHER_CTX *
box_context(CryptoBox *box, EVP_CIPHER_CTX **context, int sealing)
{
    if (*context == NULL) {
        *context = EVP_CIPHER_CTX_new();
        must(*context != NULL, "EVP_CIPHER_CTX_new");
        must(EVP_CipherInit_ex(*context, box_cipher(), NULL, box->key, NULL, sealing), "AES-256-GCM");
    }
    return *context;
}

void
crypto_box_free(CryptoBox *box)
{
    if (box == NULL)
        return;
    EVP_CIPHER_CTX_free(box->seal); /* wipes the key schedule */
    EVP_CIPHER_CTX_free(box->open);
    crypto_wipe(box->key, sizeof box->key);
    g_free(box);
}

static void
make_nonce(guint64 number, guint8 nonce[NONCE_SIZE])
{
    guint64 big = GUINT64_TO_BE(number);
    memset(nonce, 0, NONCE_SIZE);
    memcpy(nonce + NONCE_SIZE - sizeof big, &big, sizeof big);
}

void
crypto_box_seal(CryptoBox *box, guint64 number, const guint8 *clear, gsize length, guint8 *out)
{
    guint8 nonce[NONCE_SIZE];
    int part = 0, rest = 0;
    g_assert(length <= INT_MAX - CRYPTO_TAG_SIZE);
    make_nonce(number, nonce);
    EVP_CIPHER_CTX *seal = box_context(box, &box->seal, 1);
    must(EVP_EncryptInit_ex(seal, NULL, NULL, NULL, nonce), "AES-256-GCM");
    if (length > 0)
        must(EVP_EncryptUpdate(seal, out, &part, clear, (int)length), "AES-256-GCM");
    must(EVP_EncryptFinal_ex(seal, out + part, &rest), "AES-256-GCM");
    must(EVP_CIPHER_CTX_ctrl(seal, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG_SIZE, out + length), "AES-256-GCM tag");
}

gboolean
crypto_box_open(CryptoBox *box, guint64 number, const guint8 *sealed, gsize length, guint8 *out)
{
    guint8 nonce[NONCE_SIZE], tag[CRYPTO_TAG_SIZE];
    int part = 0, rest = 0;
    if (length < CRYPTO_TAG_SIZE || length > INT_MAX)
        return FALSE;
    gsize clear_length = length - CRYPTO_TAG_SIZE;
    memcpy(tag, sealed + clear_length, sizeof tag);
    make_nonce(number, nonce);
    EVP_CIPHER_CTX *open = box_context(box, &box->open, 0);
    must(EVP_DecryptInit_ex(open, NULL, NULL, NULL, nonce), "AES-256-GCM");
    if (clear_length > 0)
        must(EVP_DecryptUpdate(open, out, &part, sealed, (int)clear_length), "AES-256-GCM");
    must(EVP_CIPHER_CTX_ctrl(open, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag), "AES-256-GCM tag");
    if (EVP_DecryptFinal_ex(open, out + part, &rest) == 1)
        return TRUE;
    crypto_wipe(out, clear_length); /* nobody may use what was not authentic */
    return FALSE;
}

#define NAMES_AT_ONCE 64

struct CryptoNames {
    EVP_CIPHER_CTX *context;
};

/* Single blocks that never repeat: for this, and only for this, ECB is the right mode. */
CryptoNames *
crypto_names_new(const guint8 key[CRYPTO_KEY_SIZE])
{
    CryptoNames *names = g_new0(CryptoNames, 1);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    names->context = EVP_CIPHER_CTX_new();
    must(cipher != NULL && names->context != NULL, "AES-256");
    must(EVP_EncryptInit_ex(names->context, cipher, NULL, key, NULL), "AES-256");
    must(EVP_CIPHER_CTX_set_padding(names->context, 0), "AES-256");
    EVP_CIPHER_free(cipher); /* the context keeps it */
    return names;
}

void
crypto_names_free(CryptoNames *names)
{
    if (names == NULL)
        return;
    EVP_CIPHER_CTX_free(names->context);
    g_free(names);
}

void
crypto_names_run(CryptoNames *names, guint64 *values, gsize count)
{
    guint64 blocks[NAMES_AT_ONCE][2];
    for (gsize done = 0; done < count; done += NAMES_AT_ONCE) {
        gsize some = MIN(count - done, NAMES_AT_ONCE);
        int written = 0;
        for (gsize i = 0; i < some; i++) {
            blocks[i][0] = GUINT64_TO_LE(values[done + i]);
            blocks[i][1] = 0;
        }
        must(EVP_EncryptUpdate(names->context, (guint8 *)blocks, &written, (const guint8 *)blocks, (int)(some * 16)),
             "AES-256");
        for (gsize i = 0; i < some; i++)
            values[done + i] = GUINT64_FROM_LE(blocks[i][0]);
    }
}

static gboolean
refuse_key(GError **error, int code, const char *path, const char *why)
{
    g_set_error(error, HANGU_ERROR, code, _("key file %s: %s"), path, why);
    return FALSE;
}

static gboolean
check_key_file(int fd, const char *path, gboolean any_owner, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return refuse_key(error, HANGU_ERROR_IO, path, g_strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse_key(error, HANGU_ERROR_PERMISSION, path, _("is no plain file; move it away"));
    if ((status.st_mode & 077) != 0)
        return refuse_key(error, HANGU_ERROR_PERMISSION, path,
                          _("others may read or change it: it may be known already; remove it to get a new key, "
                            "or chmod 600 if you are sure"));
    if (status.st_uid != geteuid() && status.st_uid != 0 && !(any_owner && geteuid() == 0))
        return refuse_key(error, HANGU_ERROR_PERMISSION, path,
                          _("belongs to another user; chown it to this program's"));
    if (status.st_size != CRYPTO_KEY_SIZE)
        return refuse_key(error, HANGU_ERROR_DATA, path, _("is not 32 bytes long; restore it from your backup"));
    return TRUE;
}

static gboolean
read_key(int fd, const char *path, gboolean any_owner, guint8 *key_out, GError **error)
{
    if (!check_key_file(fd, path, any_owner, error))
        return FALSE;
    if (pread(fd, key_out, CRYPTO_KEY_SIZE, 0) != CRYPTO_KEY_SIZE)
        return refuse_key(error, HANGU_ERROR_IO, path, _("cannot be read whole"));
    return TRUE;
}

/* Written beside and linked into place: two programs starting together agree on one key. */
static gboolean
create_key(const char *path, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);
    if (!process_directory(directory, 0700, error))
        return FALSE;
    guint8 key[CRYPTO_KEY_SIZE];
    g_autofree char *temporary = g_strdup_printf("%s.%d.new", path, (int)getpid());
    crypto_random(key, sizeof key);
    gboolean written = process_write_file(temporary, key, sizeof key, 0600, error);
    crypto_wipe(key, sizeof key);
    if (!written)
        return FALSE;
    gboolean linked = (link(temporary, path) == 0 || errno == EEXIST) && process_sync_directory(path);
    int why = errno;
    unlink(temporary);
    return linked || refuse_key(error, HANGU_ERROR_IO, path, g_strerror(why));
}

gboolean
crypto_key_load(const char *path, guint8 key_out[CRYPTO_KEY_SIZE], GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        if (!create_key(path, error))
            return FALSE;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (fd < 0)
        return refuse_key(error, errno == EACCES ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, path, g_strerror(errno));
    gboolean good = read_key(fd, path, FALSE, key_out, error);
    close(fd);
    return good;
}

gboolean
crypto_key_read(const char *path, guint8 key_out[CRYPTO_KEY_SIZE], GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return refuse_key(error,
                          errno == ENOENT   ? HANGU_ERROR_NO_INPUT
                          : errno == EACCES ? HANGU_ERROR_PERMISSION
                                            : HANGU_ERROR_IO,
                          path, g_strerror(errno));
    gboolean good = read_key(fd, path, TRUE, key_out, error);
    close(fd);
    return good;
}
