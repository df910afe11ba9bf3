/* One row per scheme word; what stands behind the word is kept decoded, so that trying a guess costs only the hash. */
#include "config.h"
#include "password_hash.h"
#include "crypto.h"
#include "errors.h"
#include <argon2.h>
#include <crypt.h>
#include <string.h>

typedef enum {
    HOW_PLAIN,  /* compared */
    HOW_DIGEST, /* digest of password and salt */
    HOW_CRYPT,  /* crypt(3) */
    HOW_ARGON2,
    HOW_PBKDF2, /* $1$salt$rounds$hex, HMAC-SHA-1 */
    HOW_SCRAM,  /* rounds,salt,stored key,server key (RFC 5803 with commas) */
    HOW_NONE,   /* nothing to try */
} How;

typedef struct {
    const char *word;
    How how;
    HashGrade grade;
    GChecksumType digest;
    gsize size;        /* bytes of the digest; what follows in the text is salt */
    gboolean hex;      /* written in hex unless the word says otherwise */
    const char *begin; /* of a crypt(5) text */
} Scheme;

#define DIGEST(type, size, hex) HOW_DIGEST, GRADE_WEAK, type, size, hex
static const Scheme schemes[] = {
    {"PLAIN", HOW_PLAIN, GRADE_PLAIN},
    {"CLEARTEXT", HOW_PLAIN, GRADE_PLAIN},
    {"CLEAR", HOW_PLAIN, GRADE_PLAIN},
    {"PLAIN-TRUNC", HOW_NONE, GRADE_PLAIN},
    {"MD5", HOW_CRYPT, GRADE_WEAK, .begin = "$1$"},
    {"MD5-CRYPT", HOW_CRYPT, GRADE_WEAK, .begin = "$1$"},
    {"PLAIN-MD5", DIGEST(G_CHECKSUM_MD5, 16, TRUE)},
    {"LDAP-MD5", DIGEST(G_CHECKSUM_MD5, 16, FALSE)},
    {"SMD5", DIGEST(G_CHECKSUM_MD5, 16, FALSE)},
    {"SHA", DIGEST(G_CHECKSUM_SHA1, 20, FALSE)},
    {"SHA1", DIGEST(G_CHECKSUM_SHA1, 20, FALSE)},
    {"SSHA", DIGEST(G_CHECKSUM_SHA1, 20, FALSE)},
    {"SHA256", DIGEST(G_CHECKSUM_SHA256, 32, FALSE)},
    {"SSHA256", DIGEST(G_CHECKSUM_SHA256, 32, FALSE)},
    {"SHA512", DIGEST(G_CHECKSUM_SHA512, 64, FALSE)},
    {"SSHA512", DIGEST(G_CHECKSUM_SHA512, 64, FALSE)},
    {"DES-CRYPT", HOW_CRYPT, GRADE_WEAK, .begin = ""},
    {"SHA256-CRYPT", HOW_CRYPT, GRADE_STRONG, .begin = "$5$"},
    {"SHA512-CRYPT", HOW_CRYPT, GRADE_STRONG, .begin = "$6$"},
    {"BLF-CRYPT", HOW_CRYPT, GRADE_STRONG, .begin = "$2"},
    {"CRYPT", HOW_CRYPT, GRADE_STRONG},
    {"ARGON2I", HOW_ARGON2, GRADE_STRONG},
    {"ARGON2ID", HOW_ARGON2, GRADE_STRONG},
    {"ARGON2", HOW_ARGON2, GRADE_STRONG}, /* OpenLDAP's word */
    {"PBKDF2", HOW_PBKDF2, GRADE_STRONG},
    {"SCRAM-SHA-1", HOW_SCRAM, GRADE_STRONG, G_CHECKSUM_SHA1, 20},
    {"SCRAM-SHA-256", HOW_SCRAM, GRADE_STRONG, G_CHECKSUM_SHA256, 32},
    /* What these hold is as good as the password for whoever steals it. */
    {"CRAM-MD5", HOW_NONE, GRADE_WEAK},
    {"HMAC-MD5", HOW_NONE, GRADE_WEAK},
    {"DIGEST-MD5", HOW_NONE, GRADE_WEAK},
    {"PLAIN-MD4", HOW_NONE, GRADE_WEAK},
    {"OTP", HOW_NONE, GRADE_WEAK},
};

/* What crypt(5) texts begin with, where the word does not say it. */
static const struct {
    const char *begin, *name;
    HashGrade grade;
} crypts[] = {
    {"$y$", "CRYPT-YESCRYPT", GRADE_STRONG}, {"$gy$", "CRYPT-GOST-YESCRYPT", GRADE_STRONG},
    {"$7$", "CRYPT-SCRYPT", GRADE_STRONG},   {"$2", "CRYPT-BCRYPT", GRADE_STRONG},
    {"$6$", "CRYPT-SHA512", GRADE_STRONG},   {"$5$", "CRYPT-SHA256", GRADE_STRONG},
    {"$sha1", "CRYPT-SHA1", GRADE_WEAK},     {"$md5", "CRYPT-SUNMD5", GRADE_WEAK},
    {"$1$", "CRYPT-MD5", GRADE_WEAK},        {"$3$", "CRYPT-NT", GRADE_WEAK},
    {"_", "CRYPT-BSDI", GRADE_WEAK},
};

struct PasswordHash {
    How how;
    HashGrade grade;
    const char *name;
    GChecksumType type;
    char *text;        /* HOW_PLAIN, HOW_CRYPT, HOW_ARGON2 */
    GBytes *salt;      /* HOW_DIGEST, HOW_PBKDF2, HOW_SCRAM */
    guint8 digest[64]; /* what has to come out */
    gsize size;
    guint rounds;
};

static const Scheme *
scheme_of(const char *word)
{
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strcasecmp(word, schemes[i].word) == 0)
            return &schemes[i];
    return NULL;
}

/* What trying one guess may cost is written in the text itself, and the text may lie: over these it is not tried. */
#define CRYPT_ROUNDS_MAX 5000000
#define BCRYPT_COST_MAX 18
#define ARGON2_KIB_MAX (1024 * 1024)
#define ARGON2_PASSES_MAX 32

/* The number behind `key` in the text, or 0. */
static guint64
number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    return at == NULL ? 0 : g_ascii_strtoull(at + strlen(key), NULL, 10);
}

static gboolean
is_bounded(const char *text)
{
    if (g_str_has_prefix(text, "$2"))
        return strlen(text) > 6 && g_ascii_strtoull(text + 4, NULL, 10) <= BCRYPT_COST_MAX;
    if (g_str_has_prefix(text, "$argon2"))
        return number_after(text, "m=") <= ARGON2_KIB_MAX && number_after(text, "t=") <= ARGON2_PASSES_MAX;
    return number_after(text, "rounds=") <= CRYPT_ROUNDS_MAX;
}

static gboolean
looks_like_des(const char *text)
{
    return strlen(text) == 13 && strspn(text, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == 13;
}

static void
take_crypt(PasswordHash *hash, const char *text)
{
    hash->how = HOW_CRYPT;
    hash->grade = GRADE_UNKNOWN;
    hash->name = "CRYPT";
    hash->text = g_strdup(text);
    for (gsize i = 0; is_bounded(text) && i < G_N_ELEMENTS(crypts); i++)
        if (g_str_has_prefix(text, crypts[i].begin)) {
            hash->grade = crypts[i].grade;
            hash->name = crypts[i].name;
            return;
        }
    if (looks_like_des(text)) {
        hash->grade = GRADE_WEAK;
        hash->name = "CRYPT-DES";
    }
}

/* Base64 or hex, at most PASSWORD_STORED_MAX; NULL if it is neither. */
static GBytes *
decoded(const char *text, gboolean hex)
{
    const gsize length = strlen(text);
    if (!hex) {
        gsize size = 0;
        guchar *bytes = g_base64_decode(text, &size);
        return g_bytes_new_take(bytes, size);
    }
    if (length % 2 != 0 || strspn(text, "0123456789abcdefABCDEF") != length)
        return NULL;
    guint8 *bytes = g_malloc(length / 2 + 1);
    for (gsize i = 0; i < length / 2; i++)
        bytes[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) * 16 + g_ascii_xdigit_value(text[2 * i + 1]));
    return g_bytes_new_take(bytes, length / 2);
}

static gboolean
take_digest(PasswordHash *hash, const Scheme *scheme, const char *text, gboolean hex)
{
    g_autoptr(GBytes) bytes = decoded(text, hex);
    gsize length = 0;
    const guint8 *data = bytes == NULL ? NULL : g_bytes_get_data(bytes, &length);
    if (data == NULL || length < scheme->size)
        return FALSE;
    memcpy(hash->digest, data, scheme->size);
    hash->size = scheme->size;
    hash->salt = g_bytes_new(data + scheme->size, length - scheme->size);
    return TRUE;
}

/* $1$salt$rounds$hex */
static gboolean
take_pbkdf2(PasswordHash *hash, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, "$", 6);
    if (g_strv_length(words) != 5 || strcmp(words[1], "1") != 0)
        return FALSE;
    g_autoptr(GBytes) out = decoded(words[4], TRUE);
    guint64 rounds = 0;
    if (out == NULL || g_bytes_get_size(out) != 20 ||
        !g_ascii_string_to_unsigned(words[3], 10, 1, 10000000, &rounds, NULL))
        return FALSE;
    hash->type = G_CHECKSUM_SHA1;
    hash->rounds = (guint)rounds;
    hash->salt = g_bytes_new(words[2], strlen(words[2]));
    hash->size = 20;
    memcpy(hash->digest, g_bytes_get_data(out, NULL), 20);
    return TRUE;
}

/* rounds,salt,stored key,server key; the stored key is the digest of the client key (RFC 5802, 3). */
static gboolean
take_scram(PasswordHash *hash, const Scheme *scheme, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", 5);
    guint64 rounds = 0;
    if (g_strv_length(words) != 4 || !g_ascii_string_to_unsigned(words[0], 10, 1, 10000000, &rounds, NULL))
        return FALSE;
    g_autoptr(GBytes) stored = decoded(words[2], FALSE);
    if (g_bytes_get_size(stored) != scheme->size)
        return FALSE;
    hash->type = scheme->digest;
    hash->rounds = (guint)rounds;
    hash->salt = decoded(words[1], FALSE);
    hash->size = scheme->size;
    memcpy(hash->digest, g_bytes_get_data(stored, NULL), scheme->size);
    return TRUE;
}

static gboolean
take(PasswordHash *hash, const Scheme *scheme, const char *text, gboolean hex)
{
    hash->how = scheme->how;
    hash->grade = scheme->grade;
    hash->name = scheme->word;
    hash->type = scheme->digest;
    switch (scheme->how) {
    case HOW_PLAIN:
        hash->text = g_strdup(text);
        return TRUE;
    case HOW_CRYPT:
        take_crypt(hash, text);
        return hash->grade != GRADE_UNKNOWN && (scheme->begin == NULL || g_str_has_prefix(text, scheme->begin));
    case HOW_ARGON2:
        hash->text = g_strdup(text);
        return g_str_has_prefix(text, "$argon2i") && is_bounded(text);
    case HOW_DIGEST:
        return take_digest(hash, scheme, text, hex);
    case HOW_PBKDF2:
        return take_pbkdf2(hash, text);
    case HOW_SCRAM:
        return take_scram(hash, scheme, text);
    case HOW_NONE:
        break;
    }
    return TRUE;
}

static void
take_nothing(PasswordHash *hash, HashGrade grade, const char *name)
{
    hash->how = HOW_NONE;
    hash->grade = grade;
    hash->name = name;
}

/* Text without a scheme: crypt(5) by its look, a mark that nobody can log in, or the password. */
static void
take_bare(PasswordHash *hash, const char *text)
{
    if (*text == '\0' || *text == '!' || *text == '*') {
        take_nothing(hash, GRADE_NONE, *text == '\0' ? "EMPTY" : "LOCKED");
        return;
    }
    take_crypt(hash, text);
    if (hash->grade == GRADE_UNKNOWN) {
        hash->how = HOW_PLAIN;
        hash->grade = GRADE_PLAIN;
        hash->name = "PLAIN";
    }
}

PasswordHash *
password_hash_parse(const char *stored)
{
    PasswordHash *hash = g_new0(PasswordHash, 1);
    const char *end = *stored == '{' ? strchr(stored, '}') : NULL;
    if (strlen(stored) > PASSWORD_STORED_MAX) {
        take_nothing(hash, GRADE_UNKNOWN, "UNKNOWN");
        return hash;
    }
    if (end == NULL) {
        take_bare(hash, stored);
        return hash;
    }
    g_autofree char *word = g_strndup(stored + 1, (gsize)(end - stored) - 1);
    char *dot = strchr(word, '.');
    const gboolean told_hex = dot != NULL && g_ascii_strcasecmp(dot, ".HEX") == 0;
    if (dot != NULL)
        *dot = '\0';
    const Scheme *scheme = scheme_of(word);
    if (scheme == NULL || !take(hash, scheme, end + 1, dot != NULL ? told_hex : scheme->hex))
        take_nothing(hash, GRADE_UNKNOWN, "UNKNOWN");
    return hash;
}

void
password_hash_free(PasswordHash *hash)
{
    if (hash == NULL)
        return;
    if (hash->text != NULL)
        crypto_wipe(hash->text, strlen(hash->text));
    g_free(hash->text);
    if (hash->salt != NULL)
        g_bytes_unref(hash->salt);
    g_free(hash);
}

const char *
password_hash_scheme(const PasswordHash *hash)
{
    return hash->name;
}

HashGrade
password_hash_grade(const PasswordHash *hash)
{
    return hash->grade;
}

const char *
hash_grade_word(HashGrade grade)
{
    static const char *const words[] = {"plain", "weak", "strong", "none", "unknown"};
    return words[grade];
}

gboolean
password_hash_is_triable(const PasswordHash *hash)
{
    return hash->how != HOW_NONE && hash->grade != GRADE_UNKNOWN;
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

static gboolean
same_text(const char *a, const char *b)
{
    const gsize length = strlen(a);
    return length == strlen(b) && crypto_equal(a, b, length);
}

static gboolean
try_crypt(const char *stored, const char *password)
{
    struct crypt_data *data = g_new0(struct crypt_data, 1);
    const char *made = crypt_rn(password, stored, data, sizeof *data);
    const gboolean same = made != NULL && same_text(made, stored);
    crypto_wipe(data, sizeof *data);
    g_free(data);
    return same;
}

static gboolean
try_digest(const PasswordHash *hash, const char *password)
{
    gsize salt_length = 0, size = sizeof hash->digest;
    const guchar *salt = g_bytes_get_data(hash->salt, &salt_length);
    guint8 made[sizeof hash->digest];
    g_autoptr(GChecksum) sum = g_checksum_new(hash->type);
    g_checksum_update(sum, (const guchar *)password, (gssize)strlen(password));
    g_checksum_update(sum, salt, (gssize)salt_length);
    g_checksum_get_digest(sum, made, &size);
    return size == hash->size && crypto_equal(made, hash->digest, size);
}

static gboolean
try_derived(const PasswordHash *hash, const char *password)
{
    gsize salt_length = 0;
    const guint8 *salt = g_bytes_get_data(hash->salt, &salt_length);
    guint8 made[64];
    if (!crypto_pbkdf2(hash->type, password, salt, salt_length, hash->rounds, made, hash->size))
        return FALSE;
    if (hash->how == HOW_SCRAM) {
        gsize size = hash->size;
        g_autoptr(GHmac) hmac = g_hmac_new(hash->type, made, hash->size);
        g_hmac_update(hmac, (const guchar *)"Client Key", 10);
        g_hmac_get_digest(hmac, made, &size);
        g_autoptr(GChecksum) sum = g_checksum_new(hash->type);
        g_checksum_update(sum, made, (gssize)size);
        g_checksum_get_digest(sum, made, &size);
    }
    return crypto_equal(made, hash->digest, hash->size);
}

gboolean
password_hash_try(const PasswordHash *hash, const char *password)
{
    if (!password_hash_is_triable(hash) || strlen(password) > PASSWORD_MAX)
        return FALSE;
    switch (hash->how) {
    case HOW_PLAIN:
        return same_text(hash->text, password);
    case HOW_DIGEST:
        return try_digest(hash, password);
    case HOW_CRYPT:
        return try_crypt(hash->text, password);
    case HOW_ARGON2:
        return argon2_verify(hash->text, password, strlen(password),
                             g_str_has_prefix(hash->text, "$argon2id") ? Argon2_id : Argon2_i) == ARGON2_OK;
    case HOW_PBKDF2:
    case HOW_SCRAM:
        return try_derived(hash, password);
    case HOW_NONE:
        break;
    }
    return FALSE;
}

/* --- making ------------------------------------------------------------------------------------------------------- */

/* yescrypt: the library's own cost; bcrypt: 2^12; argon2id: RFC 9106, second recommended option (64 MiB, 3 passes). */
#define BCRYPT_COST 12
#define BCRYPT_BYTES_MAX 72
#define ARGON2_PASSES 3
#define ARGON2_KIB 65536

static char *
make_crypt(const char *begin, unsigned long cost, const char *password)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    if (crypt_gensalt_rn(begin, cost, NULL, 0, setting, sizeof setting) == NULL)
        return NULL;
    struct crypt_data *data = g_new0(struct crypt_data, 1);
    char *made = g_strdup(crypt_rn(password, setting, data, sizeof *data));
    crypto_wipe(data, sizeof *data);
    g_free(data);
    return made;
}

static char *
make_argon2id(const char *password)
{
    guint8 salt[16];
    char made[256];
    crypto_random(salt, sizeof salt);
    return argon2id_hash_encoded(ARGON2_PASSES, ARGON2_KIB, 1, password, strlen(password), salt, sizeof salt, 32, made,
                                 sizeof made) == ARGON2_OK
               ? g_strdup(made)
               : NULL;
}

char *
password_hash_make(HashMake how, const char *password, GError **error)
{
    static const char *const prefixes[] = {
        [MAKE_YESCRYPT] = "{CRYPT}", [MAKE_BCRYPT] = "{BLF-CRYPT}", [MAKE_ARGON2ID] = "{ARGON2ID}"};
    const gsize most = how == MAKE_BCRYPT ? BCRYPT_BYTES_MAX : PASSWORD_MAX; /* bcrypt would pass over the rest */
    if (*password == '\0' || strlen(password) > most) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "a password has 1 to %" G_GSIZE_FORMAT " bytes", most);
        return NULL;
    }
    g_autofree char *made = how == MAKE_YESCRYPT ? make_crypt("$y$", 0, password)
                            : how == MAKE_BCRYPT ? make_crypt("$2b$", BCRYPT_COST, password)
                                                 : make_argon2id(password);
    if (made == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL, "the password could not be hashed");
        return NULL;
    }
    return g_strconcat(prefixes[how], made, NULL);
}

gboolean
hash_make_from_word(const char *word, HashMake *how_out)
{
    static const char *const words[] = {
        [MAKE_YESCRYPT] = "yescrypt", [MAKE_BCRYPT] = "bcrypt", [MAKE_ARGON2ID] = "argon2id"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_strcmp0(word, words[i]) == 0) {
            *how_out = (HashMake)i;
            return TRUE;
        }
    return FALSE;
}
