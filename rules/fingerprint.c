/* fingerprint - tokens, rolling hash, robust winnowing, names.
 *
 * Which shingle of a window is chosen depends on its first tokens alone, mixed with a secret, so that only those chosen
 * have to be hashed as a whole (a polynomial with a secret odd base). That keeps shingles apart, and a sender from
 * choosing what is chosen; the secret is kept by AES afterwards. Several passes over arrays are faster than one loop
 * that does everything: each has next to no branch that cannot be foretold, and several windows are done at a time. */
#include "config.h"
#include "fingerprint.h"
#include "fingerprint_cut.h"
#include <string.h>

#define WORD_SIZE 2 /* characters that a word counts for */
#define CHANGES_AT_ONCE 4
#define ORDER_BITS 14 /* of a key for the number of its shingle; the bits above are the hash's */
#define ORDER_MASK ((1 << ORDER_BITS) - 1)

G_STATIC_ASSERT(FINGERPRINT_WINDOW == 16); /* window_minima() doubles four times */

struct Fingerprinter {
    CryptoNames *names;
    guint64 base, salt;
    guint64 powers[FINGERPRINT_TOKENS]; /* of base */
    guint32 *tokens;
    guint32 *bytes; /* of the text, where each token begins */
    guint32 *words; /* indices of the tokens that are words */
    gint32 *keys;   /* by which shingles are compared; then least of the windows */
    guint32 *chosen;
    Print *prints;
    guint64 *named;
    gsize room; /* of each of these */
};

/* --- keys ------------------------------------------------------------------------------------------------------- */

void
fingerprint_key_make(const guint8 secret[CRYPTO_KEY_SIZE], FingerprintKey *key_out)
{
    guint8 out[CRYPTO_DIGEST_SIZE];
    static const char id[] = "hangu fingerprint 1 id", names[] = "hangu fingerprint 1 names",
                      seal[] = "hangu fingerprint 1 seal", mix[] = "hangu fingerprint 1 mix";
    crypto_hmac(secret, CRYPTO_KEY_SIZE, id, strlen(id), out);
    memcpy(key_out->id, out, sizeof key_out->id);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, names, strlen(names), key_out->names);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, seal, strlen(seal), key_out->seal);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, mix, strlen(mix), out);
    for (gsize i = 0; i < G_N_ELEMENTS(key_out->rolling); i++) {
        memcpy(&key_out->rolling[i], out + i * sizeof(guint64), sizeof(guint64));
        key_out->rolling[i] = GUINT64_FROM_LE(key_out->rolling[i]) | 1; /* odd: multiplying loses nothing */
    }
    crypto_wipe(out, sizeof out);
}

/* --- life ------------------------------------------------------------------------------------------------------- */

Fingerprinter *
fingerprinter_new(const FingerprintKey *key)
{
    Fingerprinter *maker = g_new0(Fingerprinter, 1);
    maker->names = crypto_names_new(key->names);
    maker->base = key->rolling[0];
    maker->salt = key->rolling[1];
    maker->powers[0] = maker->base;
    for (guint i = 1; i < FINGERPRINT_TOKENS; i++)
        maker->powers[i] = maker->powers[i - 1] * maker->base;
    return maker;
}

void
fingerprinter_free(Fingerprinter *maker)
{
    if (maker == NULL)
        return;
    crypto_names_free(maker->names);
    g_free(maker->tokens);
    g_free(maker->bytes);
    g_free(maker->words);
    g_free(maker->keys);
    g_free(maker->chosen);
    g_free(maker->prints);
    g_free(maker->named);
    crypto_wipe(maker, sizeof *maker);
    g_free(maker);
}

static void
make_room(Fingerprinter *maker, gsize wanted)
{
    if (wanted <= maker->room)
        return;
    maker->room = MAX(wanted, maker->room * 2);
    maker->tokens = g_renew(guint32, maker->tokens, maker->room);
    maker->bytes = g_renew(guint32, maker->bytes, maker->room);
    maker->words = g_renew(guint32, maker->words, maker->room);
    maker->keys = g_renew(gint32, maker->keys, maker->room + FINGERPRINT_WINDOW);
    maker->chosen = g_renew(guint32, maker->chosen, maker->room);
    maker->prints = g_renew(Print, maker->prints, maker->room);
    maker->named = g_renew(guint64, maker->named, maker->room);
}

/* --- shingles and prints ---------------------------------------------------------------------------------------- */

static inline guint64
hash_shingle(const Fingerprinter *maker, const guint32 *tokens)
{
    guint64 hash = maker->salt;
#pragma GCC unroll 12
    for (guint i = 0; i < FINGERPRINT_TOKENS; i++)
        hash += maker->powers[i] * tokens[i];
    return hash;
}

/* All tokens in their order, in four lanes that do not wait for each other. */
static guint64
hash_whole(const Fingerprinter *maker, const guint32 *tokens, gsize count)
{
    guint64 base = maker->base, a = maker->salt, b = a + 2, c = a + 4, d = a + 6;
    gsize i = 0;
    for (; i + 4 <= count; i += 4) {
        a = a * base + tokens[i];
        b = b * base + tokens[i + 1];
        c = c * base + tokens[i + 2];
        d = d * base + tokens[i + 3];
    }
    for (; i < count; i++)
        a = a * base + tokens[i];
    guint64 hash = (a ^ count) * base + (b ^ b >> 29);
    hash = (hash ^ hash >> 31) * base + (c ^ c >> 29);
    return (hash ^ hash >> 31) * base + (d ^ d >> 29);
}

/* clang makes vectors of such loops by itself, gcc 12 at -O3 only. Without AVX2 neither multiplying nor comparing 32
 * bits is one instruction; the processor is asked when the program starts, which sanitizers do not take. */
#ifdef __clang__
#define VECTORISED
#elif defined __x86_64__ && !defined __SANITIZE_ADDRESS__
#define VECTORISED __attribute__((optimize("O3"), target_clones("avx2", "default")))
#else
#define VECTORISED __attribute__((optimize("O3")))
#endif

/* keys[i] becomes the least of keys[i] to keys[i + FINGERPRINT_WINDOW - 1], for each of the windows; behind the last
 * there are FINGERPRINT_WINDOW keys more. */
VECTORISED static void
window_minima(gint32 *keys, gsize windows)
{
    for (gsize step = 1; step < FINGERPRINT_WINDOW; step *= 2)
        for (gsize i = 0; i < windows + FINGERPRINT_WINDOW - 2 * step; i++)
            keys[i] = keys[i] < keys[i + step] ? keys[i] : keys[i + step];
}

/* The key of a shingle comes of its first three tokens and holds its number, turned round: of equals the last is the
 * least. */
VECTORISED static void
make_keys(const Fingerprinter *maker, gsize count)
{
    const guint32 *tokens = maker->tokens;
    guint32 first = (guint32)maker->base, second = (guint32)(maker->base >> 32) | 1, third = (guint32)maker->salt | 1;
    gint32 *keys = maker->keys;
    for (gsize i = 0; i < count; i++) {
        guint32 mixed = tokens[i] * first ^ tokens[i + 1] * second ^ tokens[i + 2] * third;
        mixed = (mixed ^ mixed >> 15) * second;
        keys[i] = (gint32)(mixed >> 1 & ~(guint32)ORDER_MASK) | (gint32)(ORDER_MASK - (guint32)(i & ORDER_MASK));
    }
    for (gsize i = count; i < count + FINGERPRINT_WINDOW; i++)
        keys[i] = G_MAXINT32;
}

/* The shingle that a key belongs to, in the window that begins at `from`. */
static inline gsize
shingle_of(gint32 key, gsize from)
{
    gsize low = (gsize)(ORDER_MASK - (key & ORDER_MASK));
    return from + ((low - from) & ORDER_MASK);
}

typedef gint32 Four __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16)));

/* One bit for each of sixteen keys that is another than the one before. */
static inline guint32
changed_bits(const gint32 *keys)
{
    guint32 same = 0;
    for (guint i = 0; i < 16; i += 4) {
        Four here, before;
        memcpy(&here, keys + i, sizeof here);
        memcpy(&before, keys + i - 1, sizeof before);
        Four equal = here == before;
#ifdef __SSE2__
        same |= (guint32)__builtin_ia32_movmskps((Floats)equal) << i;
#else
        for (guint k = 0; k < 4; k++)
            same |= (guint32)(equal[k] & 1) << (i + k);
#endif
    }
    return ~same & 0xFFFF;
}

/* Windows with another least key than the one before, and the first. Of sixteen about two are; so many are written at
 * least, since how many it will be cannot be guessed. */
static gsize
find_changes(const gint32 *keys, gsize windows, guint32 *changes)
{
    gsize count = 1, i = 1;
    changes[0] = 0;
    for (; i + 16 <= windows; i += 16) {
        guint32 bits = changed_bits(keys + i);
        guint64 left = bits | ~(guint64)0xFFFF; /* bits enough for every step */
        guint32 *to = changes + count;
        count += (gsize)__builtin_popcount(bits);
        for (guint k = 0; k < CHANGES_AT_ONCE; k++, left &= left - 1)
            *to++ = (guint32)i + (guint32)__builtin_ctzll(left);
        for (; (left & 0xFFFF) != 0; left &= left - 1)
            *to++ = (guint32)i + (guint32)__builtin_ctzll(left);
    }
    for (; i < windows; i++) {
        changes[count] = (guint32)i;
        count += keys[i] != keys[i - 1];
    }
    return count;
}

/* Robust winnowing: of equal ones the one that the window before had, else the last. A text of fewer shingles than a
 * window has is one window. */
static gsize
winnow(Fingerprinter *maker, gsize count)
{
    gsize windows = count < FINGERPRINT_WINDOW ? 1 : count - FINGERPRINT_WINDOW + 1, kept = 0;
    const gint32 *keys = maker->keys;
    guint32 *changes = maker->chosen;
    if (count == 0)
        return 0;
    make_keys(maker, count);
    window_minima(maker->keys, windows);
    gsize chosen = find_changes(keys, windows, changes);
    for (gsize i = 0; i < chosen; i++) {
        guint32 one = (guint32)shingle_of(keys[changes[i]], changes[i]);
        guint64 hash = hash_shingle(maker, maker->tokens + one);
        if (kept > 0 && maker->named[kept - 1] == hash && one - maker->prints[kept - 1].byte < FINGERPRINT_WINDOW)
            continue;
        maker->prints[kept].byte = one;
        maker->named[kept++] = hash;
    }
    return kept;
}

/* Prints know their token as yet; they are in order, as words are. */
static void
place_prints(Fingerprinter *maker, gsize kept, gsize word_count)
{
    gsize words = 0;
    for (gsize i = 0; i < kept; i++) {
        guint32 token = maker->prints[i].byte;
        while (words < word_count && maker->words[words] < token)
            words++;
        maker->prints[i] = (Print){maker->named[i], (guint32)(token + words * (WORD_SIZE - 1)), maker->bytes[token]};
    }
}

void
fingerprint_run(Fingerprinter *maker, const char *text, gsize length, Fingerprint *out)
{
    make_room(maker, length + TOKENS_SPARE);
    Tokens tokens = {.tokens = maker->tokens, .bytes = maker->bytes, .words = maker->words};
    tokens_cut(&tokens, text, length);
    gsize kept = winnow(maker, tokens.count < FINGERPRINT_TOKENS ? 0 : tokens.count - FINGERPRINT_TOKENS + 1);
    guint32 characters = (guint32)(tokens.count + tokens.word_count * (WORD_SIZE - 1));
    gboolean whole = characters >= FINGERPRINT_WHOLE_MIN;
    if (whole)
        maker->named[kept] = hash_whole(maker, maker->tokens, tokens.count);
    if (kept > 0 || whole)
        crypto_names_run(maker->names, maker->named, kept + whole);
    place_prints(maker, kept, tokens.word_count);
    *out = (Fingerprint){maker->prints, (guint)kept, characters, whole ? maker->named[kept] : 0};
}

guint64
fingerprint_of_digest(Fingerprinter *maker, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    guint64 name;
    memcpy(&name, digest, sizeof name);
    name = GUINT64_FROM_LE(name);
    crypto_names_run(maker->names, &name, 1);
    return name;
}
