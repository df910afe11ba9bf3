/* fingerprint - tokens, rolling hash, robust winnowing, names.
 *
 * The rolling hash (cyclic polynomial: J. Cohen, "Recursive hashing functions for n-grams", TOIS 1997) only has to keep
 * shingles apart and to choose among them; that it is keyed keeps a sender from choosing what is chosen. The secret is
 * kept by AES afterwards. Three passes over arrays are faster than one loop that does everything: each is free of
 * branches that cannot be foretold. */
#include "config.h"
#include "fingerprint.h"
#include <string.h>

#define WIDE_FIRST 0x2E80 /* from here on a character is a token of its own */
#define WORD_SIZE 2       /* characters that a word counts for */
#define PLANE 0x10000

typedef struct {
    guint64 value;
    guint32 at, byte;
} Token;

struct Fingerprinter {
    CryptoNames *names;
    guint64 mix[3];
    Token *tokens;
    guint64 *hashes; /* of the shingle that begins at a token */
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
                      digests[] = "hangu fingerprint 1 digests", seal[] = "hangu fingerprint 1 seal",
                      mix[] = "hangu fingerprint 1 mix";
    crypto_hmac(secret, CRYPTO_KEY_SIZE, id, strlen(id), out);
    memcpy(key_out->id, out, sizeof key_out->id);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, names, strlen(names), key_out->names);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, digests, strlen(digests), key_out->digests);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, seal, strlen(seal), key_out->seal);
    crypto_hmac(secret, CRYPTO_KEY_SIZE, mix, strlen(mix), out);
    for (gsize i = 0; i < G_N_ELEMENTS(key_out->mix); i++) {
        memcpy(&key_out->mix[i], out + i * sizeof(guint64), sizeof(guint64));
        key_out->mix[i] = GUINT64_FROM_LE(key_out->mix[i]) | 1; /* odd: multiplying loses nothing */
    }
    crypto_wipe(out, sizeof out);
}

guint64
fingerprint_of_digest(const FingerprintKey *key, const guint8 digest[CRYPTO_DIGEST_SIZE])
{
    guint8 out[CRYPTO_DIGEST_SIZE];
    guint64 name;
    crypto_hmac(key->digests, sizeof key->digests, digest, CRYPTO_DIGEST_SIZE, out);
    memcpy(&name, out, sizeof name);
    return GUINT64_FROM_LE(name);
}

/* --- life ------------------------------------------------------------------------------------------------------- */

Fingerprinter *
fingerprinter_new(const FingerprintKey *key)
{
    Fingerprinter *maker = g_new0(Fingerprinter, 1);
    maker->names = crypto_names_new(key->names);
    memcpy(maker->mix, key->mix, sizeof maker->mix);
    return maker;
}

void
fingerprinter_free(Fingerprinter *maker)
{
    if (maker == NULL)
        return;
    crypto_names_free(maker->names);
    g_free(maker->tokens);
    g_free(maker->hashes);
    g_free(maker->prints);
    g_free(maker->named);
    crypto_wipe(maker->mix, sizeof maker->mix);
    g_free(maker);
}

/* A token has one byte at least. */
static void
make_room(Fingerprinter *maker, gsize wanted)
{
    if (wanted <= maker->room)
        return;
    maker->room = MAX(wanted, maker->room * 2);
    maker->tokens = g_renew(Token, maker->tokens, maker->room);
    maker->hashes = g_renew(guint64, maker->hashes, maker->room);
    maker->prints = g_renew(Print, maker->prints, maker->room);
    maker->named = g_renew(guint64, maker->named, maker->room);
}

/* --- tokens ----------------------------------------------------------------------------------------------------- */

/* One bit for each character of the first plane: letter or digit. */
static const guint8 *
letter_bits(void)
{
    static gsize made;
    if (g_once_init_enter(&made)) {
        guint8 *bits = g_malloc0(PLANE / 8);
        for (gunichar c = 0; c < PLANE; c++)
            if (g_unichar_isalnum(c))
                bits[c / 8] |= (guint8)(1u << c % 8);
        g_once_init_leave(&made, (gsize)bits);
    }
    return (const guint8 *)made;
}

static guint64
mix(const guint64 secret[3], guint64 value)
{
    value = (value + secret[0]) * secret[1];
    value ^= value >> 32;
    value *= secret[2];
    return value ^ value >> 29;
}

typedef struct {
    Token *tokens;
    const guint64 *secret;
    gsize count;
    guint32 at;
    guint64 word; /* hash of the word in hand; 0: none */
    guint32 word_byte;
} Cutting;

static void
token_put(Cutting *cutting, guint64 value, guint32 byte, guint32 size)
{
    cutting->tokens[cutting->count++] = (Token){mix(cutting->secret, value), cutting->at, byte};
    cutting->at += size;
}

static inline void
word_end(Cutting *cutting)
{
    if (cutting->word != 0)
        token_put(cutting, cutting->word, cutting->word_byte, WORD_SIZE);
    cutting->word = 0;
}

static inline void
word_add(Cutting *cutting, guint32 c, gsize byte)
{
    if (cutting->word == 0) {
        cutting->word = G_GUINT64_CONSTANT(1) << 63; /* no character is as high */
        cutting->word_byte = (guint32)byte;
    }
    cutting->word = (cutting->word * 0x100000001B3 ^ c) | G_GUINT64_CONSTANT(1) << 63;
}

static void
character_add(Cutting *cutting, const guint8 *letters, guint32 c, gsize byte)
{
    gboolean letter = c < PLANE ? (letters[c / 8] >> c % 8 & 1) != 0 : g_unichar_isalnum(c);
    if (letter && c < WIDE_FIRST) {
        word_add(cutting, c, byte);
        return;
    }
    word_end(cutting);
    if (letter)
        token_put(cutting, c, (guint32)byte, 1);
}

/* The text is valid UTF-8; should it not be, every step still stays inside of it. */
static void
cut_tokens(Cutting *cutting, const char *text, gsize length)
{
    const guint8 *letters = letter_bits(), *bytes = (const guint8 *)text;
    for (gsize i = 0; i < length;) {
        guint32 lead = bytes[i], c = lead;
        gsize size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (length - i < size)
            break;
        if (size == 3)
            c = (lead & 0x0F) << 12 | (bytes[i + 1] & 0x3Fu) << 6 | (bytes[i + 2] & 0x3Fu);
        else if (size == 2)
            c = (lead & 0x1F) << 6 | (bytes[i + 1] & 0x3Fu);
        else if (size == 4)
            c = (lead & 0x07) << 18 | (bytes[i + 1] & 0x3Fu) << 12 | (bytes[i + 2] & 0x3Fu) << 6 |
                (bytes[i + 3] & 0x3Fu);
        character_add(cutting, letters, c, i);
        i += size;
    }
    word_end(cutting);
}

/* --- shingles and prints ---------------------------------------------------------------------------------------- */

static inline guint64
turn(guint64 value, guint by)
{
    return value << by | value >> (64 - by);
}

/* Gives how many shingles there are. */
static gsize
hash_shingles(const Token *tokens, gsize count, guint64 *hashes)
{
    guint64 hash = 0;
    if (count < FINGERPRINT_TOKENS)
        return 0;
    for (gsize i = 0; i < FINGERPRINT_TOKENS; i++)
        hash = turn(hash, 1) ^ tokens[i].value;
    hashes[0] = hash;
    for (gsize i = FINGERPRINT_TOKENS; i < count; i++) {
        hash = turn(hash, 1) ^ turn(tokens[i - FINGERPRINT_TOKENS].value, FINGERPRINT_TOKENS) ^ tokens[i].value;
        hashes[i - FINGERPRINT_TOKENS + 1] = hash;
    }
    return count - FINGERPRINT_TOKENS + 1;
}

/* The last of the least in hashes[from..to]. */
static gsize
least(const guint64 *hashes, gsize from, gsize to)
{
    gsize best = to;
    for (gsize i = to; i-- > from;)
        if (hashes[i] < hashes[best])
            best = i;
    return best;
}

/* Robust winnowing: of equal ones the one that the window before had, else the last. A text of fewer shingles than a
 * window has is one window. */
static gsize
winnow(const guint64 *hashes, gsize count, const Token *tokens, Print *prints)
{
    gsize kept = 0, best = 0;
    if (count == 0)
        return 0;
    for (gsize end = MIN(count, FINGERPRINT_WINDOW) - 1; end < count; end++) {
        gsize before = best;
        if (kept == 0 || before + FINGERPRINT_WINDOW <= end)
            best = least(hashes, end + 1 - MIN(end + 1, FINGERPRINT_WINDOW), end);
        else if (hashes[end] < hashes[best])
            best = end;
        if (kept == 0 || best != before)
            prints[kept++] = (Print){hashes[best], tokens[best].at, tokens[best].byte};
    }
    return kept;
}

/* All tokens in their order: a polynomial with an odd secret. */
static guint64
hash_whole(const Fingerprinter *maker, const Token *tokens, gsize count)
{
    guint64 hash = count;
    for (gsize i = 0; i < count; i++)
        hash = hash * maker->mix[1] + tokens[i].value;
    return mix(maker->mix, hash);
}

void
fingerprint_run(Fingerprinter *maker, const char *text, gsize length, Fingerprint *out)
{
    make_room(maker, length + 1);
    Cutting cutting = {.tokens = maker->tokens, .secret = maker->mix};
    cut_tokens(&cutting, text, length);
    gsize shingles = hash_shingles(maker->tokens, cutting.count, maker->hashes);
    gsize kept = winnow(maker->hashes, shingles, maker->tokens, maker->prints);
    for (gsize i = 0; i < kept; i++)
        maker->named[i] = maker->prints[i].name;
    maker->named[kept] = hash_whole(maker, maker->tokens, cutting.count);
    crypto_names_run(maker->names, maker->named, kept + 1);
    for (gsize i = 0; i < kept; i++)
        maker->prints[i].name = maker->named[i];
    *out = (Fingerprint){maker->prints, (guint)kept, cutting.at, cutting.count > 0 ? maker->named[kept] : 0};
}
