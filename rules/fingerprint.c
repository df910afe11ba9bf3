/* fingerprint - tokens, rolling hash, robust winnowing, names.
 *
 * Which shingle of a window is chosen depends on its first tokens alone, mixed with a secret, so that only those chosen
 * have to be hashed as a whole (a polynomial with a secret odd base). That keeps shingles apart, and a sender from
 * choosing what is chosen; the secret is kept by AES afterwards. Several passes over arrays are faster than one loop
 * that does everything: each has next to no branch that cannot be foretold, and several windows are done at a time. */
#include "config.h"
#include "fingerprint.h"
#include <string.h>

#define WIDE_FIRST 0x2E80 /* from here on a character is a token of its own */
#define WORD_SIZE 2       /* characters that a word counts for */
#define WORD_MARK 0x80000000
#define PLANE 0x10000
#define ORDER_BITS 14 /* of a key for the number of its shingle; the bits above are the hash's */
#define ORDER_MASK ((1 << ORDER_BITS) - 1)

G_STATIC_ASSERT(FINGERPRINT_WINDOW == 16); /* window_minima() doubles four times */

typedef struct {
    guint32 at, byte;
} Where;

struct Fingerprinter {
    CryptoNames *names;
    guint64 base, salt;
    guint32 *tokens;
    Where *where;
    gint32 *keys;    /* by which shingles are compared; then least of the windows */
    guint32 *chosen; /* shingles */
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
    return maker;
}

void
fingerprinter_free(Fingerprinter *maker)
{
    if (maker == NULL)
        return;
    crypto_names_free(maker->names);
    g_free(maker->tokens);
    g_free(maker->where);
    g_free(maker->keys);
    g_free(maker->chosen);
    g_free(maker->prints);
    g_free(maker->named);
    crypto_wipe(maker, sizeof *maker);
    g_free(maker);
}

/* A token has one byte at least. */
static void
make_room(Fingerprinter *maker, gsize wanted)
{
    if (wanted <= maker->room)
        return;
    maker->room = MAX(wanted, maker->room * 2);
    maker->tokens = g_renew(guint32, maker->tokens, maker->room);
    maker->where = g_renew(Where, maker->where, maker->room);
    maker->keys = g_renew(gint32, maker->keys, maker->room + FINGERPRINT_WINDOW);
    maker->chosen = g_renew(guint32, maker->chosen, maker->room);
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

typedef struct {
    guint32 *tokens;
    Where *where;
    gsize count;
    guint32 at;
    guint32 word; /* hash of the word in hand; 0: none */
    guint32 word_byte;
} Cutting;

static inline void
token_put(Cutting *cutting, guint32 value, guint32 byte, guint32 size)
{
    cutting->tokens[cutting->count] = value;
    cutting->where[cutting->count++] = (Where){cutting->at, byte};
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
    if (cutting->word == 0)
        cutting->word_byte = (guint32)byte;
    cutting->word = (cutting->word * 0x01000193 ^ c) | WORD_MARK; /* no character is as high */
}

static inline void
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

static inline guint32
three_bytes(const guint8 *p)
{
    return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

/* Characters of three bytes, which most are: a letter is a token, anything else takes no room. Gives where the first
 * other one begins. */
static gsize
cut_wide(Cutting *cutting, const guint8 *letters, const guint8 *bytes, gsize i, gsize length)
{
    guint32 *tokens = cutting->tokens, at = cutting->at;
    Where *where = cutting->where;
    gsize count = cutting->count;
    for (; i + 3 <= length && (bytes[i] & 0xF0) == 0xE0; i += 3) {
        guint32 c = three_bytes(bytes + i);
        guint letter = letters[c / 8] >> c % 8 & 1;
        if (c < WIDE_FIRST)
            break;
        tokens[count] = c;
        where[count] = (Where){at, (guint32)i};
        count += letter;
        at += letter;
    }
    cutting->count = count;
    cutting->at = at;
    return i;
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
        if (lead >= 0xE3 && size == 3) {
            word_end(cutting);
            i = cut_wide(cutting, letters, bytes, i, length);
            continue;
        }
        if (size == 3)
            c = three_bytes(bytes + i);
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

static guint64
hash_tokens(const Fingerprinter *maker, const guint32 *tokens, gsize count)
{
    guint64 hash = maker->salt;
    for (gsize i = 0; i < count; i++)
        hash = hash * maker->base + tokens[i];
    return hash;
}

/* All tokens in their order, in four lanes that do not wait for each other. */
static guint64
hash_whole(const Fingerprinter *maker, const guint32 *tokens, gsize count)
{
    guint64 lanes[4] = {maker->salt, maker->salt + 2, maker->salt + 4, maker->salt + 6}, hash = count;
    gsize i = 0;
    for (; i + 4 <= count; i += 4)
        for (guint lane = 0; lane < 4; lane++)
            lanes[lane] = lanes[lane] * maker->base + tokens[i + lane];
    for (; i < count; i++)
        lanes[0] = lanes[0] * maker->base + tokens[i];
    for (guint lane = 0; lane < 4; lane++)
        hash = (hash ^ hash >> 29) * maker->base + lanes[lane];
    return hash;
}

static inline gint32
smaller(gint32 a, gint32 b)
{
    return a < b ? a : b;
}

/* keys[i] becomes the least of keys[i] to keys[i + FINGERPRINT_WINDOW - 1], for each of the windows; behind the last
 * there are FINGERPRINT_WINDOW keys more. */
__attribute__((optimize("O3"))) static void
window_minima(gint32 *keys, gsize windows)
{
    for (gsize step = 1; step < FINGERPRINT_WINDOW; step *= 2)
        for (gsize i = 0; i < windows + FINGERPRINT_WINDOW - 2 * step; i++)
            keys[i] = smaller(keys[i], keys[i + step]);
}

/* The key of a shingle comes of its first three tokens and holds its number, turned round: of equals the last is the
 * least. */
__attribute__((optimize("O3"))) static void
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

/* Robust winnowing: of equal ones the one that the window before had, else the last. A text of fewer shingles than a
 * window has is one window. */
static gsize
winnow(Fingerprinter *maker, gsize count)
{
    gsize windows = count < FINGERPRINT_WINDOW ? 1 : count - FINGERPRINT_WINDOW + 1, chosen = 0, kept = 0;
    gint32 last = -1;
    if (count == 0)
        return 0;
    make_keys(maker, count);
    window_minima(maker->keys, windows);
    for (gsize i = 0; i < windows; i++) {
        maker->chosen[chosen] = (guint32)shingle_of(maker->keys[i], i);
        chosen += maker->keys[i] != last;
        last = maker->keys[i];
    }
    for (gsize i = 0; i < chosen; i++) {
        guint32 one = maker->chosen[i];
        guint64 hash = hash_tokens(maker, maker->tokens + one, FINGERPRINT_TOKENS);
        if (kept > 0 && maker->named[kept - 1] == hash && one - maker->prints[kept - 1].byte < FINGERPRINT_WINDOW)
            continue;
        maker->prints[kept].byte = one;
        maker->named[kept++] = hash;
    }
    return kept;
}

void
fingerprint_run(Fingerprinter *maker, const char *text, gsize length, Fingerprint *out)
{
    make_room(maker, length + 4);
    Cutting cutting = {.tokens = maker->tokens, .where = maker->where};
    cut_tokens(&cutting, text, length);
    gsize kept = winnow(maker, cutting.count < FINGERPRINT_TOKENS ? 0 : cutting.count - FINGERPRINT_TOKENS + 1);
    gboolean whole = cutting.at >= FINGERPRINT_WHOLE_MIN;
    if (whole)
        maker->named[kept] = hash_whole(maker, maker->tokens, cutting.count);
    if (kept > 0 || whole)
        crypto_names_run(maker->names, maker->named, kept + whole);
    for (gsize i = 0; i < kept; i++) {
        const Where *where = &maker->where[maker->prints[i].byte];
        maker->prints[i] = (Print){maker->named[i], where->at, where->byte};
    }
    *out = (Fingerprint){maker->prints, (guint)kept, cutting.at, whole ? maker->named[kept] : 0};
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
