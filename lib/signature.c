/* signature - OpenSSL's EVP does it; here is which keys are taken and how files are treated. */
#include "config.h"
#include "signature.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SM2_ID "1234567812345678"

typedef struct {
    char *path;
    EVP_PKEY *key;
} Key;

struct SignatureKeys {
    GArray *keys; /* Key */
};

static gboolean
refuse(GError **error, int code, const char *path, const char *why)
{
    g_set_error(error, HANGU_ERROR, code, "%s: %s", path, why);
    return FALSE;
}

static gboolean
is_sm2(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "SM2");
}

static gboolean
is_known(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "ED25519") || is_sm2(key);
}

/* A context that signs or checks; SM2 digests the signer's identity first. NULL: libcrypto lacks the algorithm. */
static EVP_MD_CTX *
context_new(EVP_PKEY *key, gboolean sign)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *inner = is_sm2(key) ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    gboolean good = context != NULL;
    if (inner != NULL) {
        good = good && EVP_PKEY_CTX_set1_id(inner, SM2_ID, sizeof SM2_ID - 1) > 0;
        EVP_MD_CTX_set_pkey_ctx(context, inner);
    }
    const EVP_MD *digest = inner != NULL ? EVP_sm3() : NULL;
    good = good && (sign ? EVP_DigestSignInit(context, NULL, digest, NULL, key)
                         : EVP_DigestVerifyInit(context, NULL, digest, NULL, key)) == 1;
    if (good)
        return context;
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(inner);
    return NULL;
}

static void
context_free(EVP_MD_CTX *context, gboolean sm2)
{
    EVP_PKEY_CTX *inner = sm2 ? EVP_MD_CTX_get_pkey_ctx(context) : NULL; /* one that was set is not freed with it */
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(inner);
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

static FILE *
create(const char *path, mode_t mode, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL)
        refuse(error, errno == EACCES ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, path, g_strerror(errno));
    return file;
}

static gboolean
finish(FILE *file, const char *path, gboolean written, GError **error)
{
    gboolean good = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    if (good)
        return TRUE;
    unlink(path);
    return refuse(error, HANGU_ERROR_IO, path, g_strerror(errno));
}

static gboolean
pair_write(EVP_PKEY *key, const char *path, GError **error)
{
    g_autofree char *public_path = g_strconcat(path, ".pub", NULL);
    FILE *public = create(public_path, 0644, error), *secret = public != NULL ? create(path, 0600, error) : NULL;
    if (secret == NULL) {
        if (public != NULL) {
            fclose(public);
            unlink(public_path);
        }
        return FALSE;
    }
    gboolean good = finish(secret, path, PEM_write_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1, error);
    return finish(public, public_path, PEM_write_PUBKEY(public, key) == 1, good ? error : NULL) && good;
}

gboolean
signature_keygen(const char *algorithm, const char *path, GError **error)
{
    EVP_PKEY *key = NULL;
    if (strcmp(algorithm, "ed25519") == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    else if (strcmp(algorithm, "sm2") == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    if (key == NULL)
        return refuse(error, HANGU_ERROR_USAGE, algorithm, _("is no algorithm for signatures here: ed25519 or sm2"));
    gboolean good = pair_write(key, path, error);
    EVP_PKEY_free(key);
    return good;
}

static EVP_PKEY *
secret_read(const char *path, GError **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (file == NULL) {
        refuse(error, errno == ENOENT ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_PERMISSION, path, g_strerror(errno));
        return NULL;
    }
    EVP_PKEY *key = NULL;
    if (fstat(fd, &status) != 0 || (status.st_mode & 077) != 0)
        refuse(error, HANGU_ERROR_PERMISSION, path, _("others may read this key; chmod 600 it"));
    else if ((key = PEM_read_PrivateKey(file, NULL, NULL, (void *)"")) == NULL || !is_known(key))
        refuse(error, HANGU_ERROR_DATA, path, _("is no secret key for Ed25519 or SM2"));
    fclose(file);
    if (key != NULL && !is_known(key))
        g_clear_pointer(&key, EVP_PKEY_free);
    return key;
}

GBytes *
signature_make(const char *key_path, GBytes *data, GError **error)
{
    guint8 signature[SIGNATURE_SIZE_MAX];
    gsize length, size = sizeof signature;
    const guint8 *bytes = g_bytes_get_data(data, &length);
    EVP_PKEY *key = secret_read(key_path, error);
    if (key == NULL)
        return NULL;
    EVP_MD_CTX *context = context_new(key, TRUE);
    gboolean good = context != NULL && EVP_DigestSign(context, signature, &size, bytes, length) == 1;
    if (context != NULL)
        context_free(context, is_sm2(key));
    EVP_PKEY_free(key);
    if (!good)
        refuse(error, HANGU_ERROR_INTERNAL, key_path, "libcrypto does not sign");
    return good ? g_bytes_new(signature, size) : NULL;
}

/* --- checking ---------------------------------------------------------------------------------------------------- */

static void
key_clear(gpointer data)
{
    Key *key = data;
    g_free(key->path);
    EVP_PKEY_free(key->key);
}

SignatureKeys *
signature_keys_new(void)
{
    SignatureKeys *keys = g_new0(SignatureKeys, 1);
    keys->keys = g_array_new(FALSE, FALSE, sizeof(Key));
    g_array_set_clear_func(keys->keys, key_clear);
    return keys;
}

void
signature_keys_free(SignatureKeys *keys)
{
    if (keys == NULL)
        return;
    g_array_unref(keys->keys);
    g_free(keys);
}

gboolean
signature_keys_add(SignatureKeys *keys, const char *path, GError **error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return refuse(error, errno == ENOENT ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_PERMISSION, path, g_strerror(errno));
    Key key = {g_strdup(path), PEM_read_PUBKEY(file, NULL, NULL, NULL)};
    fclose(file);
    if (key.key != NULL && is_known(key.key)) {
        g_array_append_val(keys->keys, key);
        return TRUE;
    }
    key_clear(&key);
    return refuse(error, HANGU_ERROR_DATA, path, _("is no public key for Ed25519 or SM2"));
}

static gboolean
key_made(const Key *key, GBytes *data, GBytes *signature)
{
    gsize length, size;
    const guint8 *bytes = g_bytes_get_data(data, &length), *sealed = g_bytes_get_data(signature, &size);
    EVP_MD_CTX *context = context_new(key->key, FALSE);
    if (context == NULL)
        return FALSE;
    gboolean good = size > 0 && EVP_DigestVerify(context, sealed, size, bytes, length) == 1;
    context_free(context, is_sm2(key->key));
    return good;
}

const char *
signature_check(const SignatureKeys *keys, GBytes *data, GBytes *signature)
{
    for (guint i = 0; i < keys->keys->len; i++)
        if (key_made(&g_array_index(keys->keys, Key, i), data, signature))
            return g_array_index(keys->keys, Key, i).path;
    return NULL;
}
