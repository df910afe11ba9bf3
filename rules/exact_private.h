/* exact_private - what making and finding share: characters of words, hashes, the file.
 *
 * File: EXACT_MAGIC; key id (8 bytes); salt (16); then sealed: ExactHead, the heads (EXACT_HEADS bits), and the
 * entries, ascending. Little-endian. */
#pragma once
#include "exact.h"
#include <string.h>

#define EXACT_MAGIC "HANGUXL1"
#define EXACT_MAGIC_SIZE 8
#define EXACT_KEY_ID_SIZE 8
#define EXACT_SALT_SIZE 16
#define EXACT_CLEAR_SIZE (EXACT_MAGIC_SIZE + EXACT_KEY_ID_SIZE + EXACT_SALT_SIZE)
#define EXACT_MAC_SIZE 16
#define EXACT_HEADS (1u << 20) /* bits: how entries begin, by their first two characters */

typedef struct {
    guint64 base, salt; /* of the rolling hash; base is odd */
    guint64 lengths[2]; /* bit n: there is an entry of n characters that begins with a letter or digit; with Han */
    guint32 count, reserved;
    guint8 mac_key[CRYPTO_DIGEST_SIZE];
    char fold[72]; /* digest of the fold table it was made with */
} ExactHead;

typedef struct {
    guint64 hash; /* fast, of what the rolling hash gives */
    guint8 mac[EXACT_MAC_SIZE];
} ExactEntry;

/* What a character is to an entry. */
typedef enum {
    EXACT_GAP,   /* may stand between two characters of an entry */
    EXACT_BREAK, /* ends a phrase */
    EXACT_LATIN, /* a letter or digit: words have borders */
    EXACT_HAN,
} ExactKind;

ExactKind exact_kind(gunichar c);
/* One step of the rolling hash. */
static inline guint64
exact_roll(guint64 hash, guint64 base, gunichar c)
{
    return hash * base + c;
}
/* What is stored and compared: all bits of the rolling hash matter, the length too. */
static inline guint64
exact_mix(guint64 rolled, guint64 salt, guint length)
{
    guint64 x = rolled ^ salt ^ (guint64)length << 56;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}
/* Which bit of the heads the first two characters are. */
static inline guint32
exact_head_bit(guint64 salt, gunichar first, gunichar second)
{
    return (guint32)(exact_mix((guint64)first << 32 | second, salt, 2) & (EXACT_HEADS - 1));
}
/* `word`: UTF-8 of the entry's characters without gaps. */
void exact_mac(const ExactHead *head, const char *word, gsize length, guint8 out[EXACT_MAC_SIZE]);
/* The key that seals the list, from the unit's. */
void exact_seal_key(const guint8 key[CRYPTO_KEY_SIZE], const guint8 salt[EXACT_SALT_SIZE], guint8 out[CRYPTO_KEY_SIZE]);
void exact_key_id(const guint8 key[CRYPTO_KEY_SIZE], guint8 out[EXACT_KEY_ID_SIZE]);
