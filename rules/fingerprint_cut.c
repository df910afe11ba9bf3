/* fingerprint_cut - tokens by blocks where a text is Han characters and signs, by characters elsewhere. */
#include "config.h"
#include "fingerprint_cut.h"
#include <string.h>

#define WIDE_FIRST 0x2E80  /* from here on a character is a token of its own */
#define HAN_FIRST 0xE4B880 /* U+4E00 to U+9FEF: all are letters */
#define HAN_LAST 0xE9BFAF
#define GENERAL_SIGNS 0xE280 /* U+2000 to U+203F: none is a letter */
#define WIDE_SIGNS 0xE380    /* U+3000 to U+303F: all count as signs */
#define WORD_MARK 0x80000000
#define PLANE 0x10000

/* --- by characters ---------------------------------------------------------------------------------------------- */

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

static inline void
token_put(Tokens *tokens, guint32 value, guint32 byte)
{
    tokens->tokens[tokens->count] = value;
    tokens->bytes[tokens->count++] = byte;
}

static inline void
word_end(Tokens *tokens)
{
    if (tokens->word == 0)
        return;
    tokens->words[tokens->word_count++] = (guint32)tokens->count;
    token_put(tokens, tokens->word, tokens->word_byte);
    tokens->word = 0;
}

static inline void
word_add(Tokens *tokens, guint32 c, gsize byte)
{
    if (tokens->word == 0)
        tokens->word_byte = (guint32)byte;
    tokens->word = (tokens->word * 0x01000193 ^ c) | WORD_MARK; /* no character is as high */
}

static inline void
character_add(Tokens *tokens, const guint8 *letters, guint32 c, gsize byte)
{
    gboolean letter = c < PLANE ? (letters[c / 8] >> c % 8 & 1) != 0 : g_unichar_isalnum(c);
    if (letter && c < WIDE_FIRST) {
        word_add(tokens, c, byte);
        return;
    }
    word_end(tokens);
    if (letter)
        token_put(tokens, c, (guint32)byte);
}

/* The three bytes of a Han character are its token as they are: they need not be decoded, and no character is as high.
 */
static inline void
three_add(Tokens *tokens, const guint8 *letters, const guint8 *text, gsize i)
{
    guint32 three = (guint32)text[i] << 16 | (guint32)text[i + 1] << 8 | text[i + 2];
    guint32 c = (three & 0x0F0000) >> 4 | (three & 0x3F00) >> 2 | (three & 0x3F);
    if (three - HAN_FIRST <= HAN_LAST - HAN_FIRST) {
        word_end(tokens);
        token_put(tokens, three, (guint32)i);
    } else if (three >> 8 == WIDE_SIGNS) {
        word_end(tokens);
    } else {
        character_add(tokens, letters, c, i);
    }
}

/* The character at i; gives where the next begins. Should the text not be valid UTF-8, every step still stays inside.
 */
static inline gsize
cut_one(Tokens *tokens, const guint8 *letters, const guint8 *text, gsize i, gsize length)
{
    guint32 lead = text[i], c = lead;
    gsize size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length - i < size)
        return length;
    if (size == 3) {
        three_add(tokens, letters, text, i);
        return i + 3;
    }
    if (size == 2)
        c = (lead & 0x1F) << 6 | (text[i + 1] & 0x3Fu);
    else if (size == 4)
        c = (lead & 0x07) << 18 | (text[i + 1] & 0x3Fu) << 12 | (text[i + 2] & 0x3Fu) << 6 | (text[i + 3] & 0x3Fu);
    character_add(tokens, letters, c, i);
    return i + size;
}

void
tokens_cut_slowly(Tokens *tokens, const char *text, gsize length)
{
    const guint8 *letters = letter_bits();
    for (gsize i = 0; i < length;)
        i = cut_one(tokens, letters, (const guint8 *)text, i, length);
    word_end(tokens);
}

/* --- by blocks -------------------------------------------------------------------------------------------------- */

/* As many bytes at once as a block has, in the compiler's own vectors (any processor). */
#define BLOCK (gsize)32
#define BLOCK_HAN 11 /* characters that begin in a block, at most */
#define BLOCK_READ (BLOCK + BLOCK_HAN + sizeof(guint32))
typedef signed char Bytes __attribute__((vector_size(32)));
typedef char Half __attribute__((vector_size(16)));
#define SIGNED(byte) ((signed char)(byte))

/* One bit for each byte of a mask, the first lowest. */
static inline guint32
bits_of(const Bytes *mask)
{
#ifdef __SSE2__
    Half halves[2];
    memcpy(halves, mask, sizeof halves);
    return (guint32)__builtin_ia32_pmovmskb128(halves[0]) | (guint32)__builtin_ia32_pmovmskb128(halves[1]) << 16;
#else
    guint64 eights[4];
    guint32 bits = 0;
    memcpy(eights, mask, sizeof eights);
    for (guint i = 0; i < 4; i++) /* the top bits of eight bytes side by side */
        bits |= (guint32)((GUINT64_FROM_LE(eights[i]) & 0x8080808080808080u) / 0x80 * 0x0102040810204080u >> 56)
                << 8 * i;
    return bits;
#endif
}

/* Which bytes begin a Han character, and which begin one that is neither that nor a sign. Those that go on with a
 * character are neither. */
static inline void
block_sort(const guint8 *at, guint32 *han_out, guint32 *other_out)
{
    Bytes lead, second, third;
    memcpy(&lead, at, sizeof lead);
    memcpy(&second, at + 1, sizeof second);
    memcpy(&third, at + 2, sizeof third);
    Bytes han = (lead >= SIGNED(0xE4)) & (lead <= SIGNED(0xE9)) & (second < SIGNED(0xC0)) & (third < SIGNED(0xC0));
    han &= ~((lead == SIGNED(0xE4)) & (second < SIGNED(0xB8)));
    han &= ~((lead == SIGNED(0xE9)) & (second == SIGNED(0xBF)) & (third > SIGNED(0xAF)));
    Bytes sign = ((lead | 1) == SIGNED(WIDE_SIGNS >> 8)) & (second == SIGNED(WIDE_SIGNS & 0xFF));
    Bytes begins = (lead >= SIGNED(0xC0)) & (lead < 0), lower = lead | 0x20;
    Bytes word = ((lead >= '0') & (lead <= '9')) | ((lower >= 'a') & (lower <= 'z'));
    Bytes other = (begins & ~han & ~sign) | word;
    *han_out = bits_of(&han);
    *other_out = bits_of(&other);
}
G_STATIC_ASSERT((GENERAL_SIGNS | 0x100) == WIDE_SIGNS);

/* Three times as fast where the processor has what came with AVX2; it is asked when the program starts, which
 * sanitizers do not take. */
#if defined __x86_64__ && !defined __clang__ && !defined __SANITIZE_ADDRESS__
#define CLONED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONED
#endif

/* From i on, while no word is in hand: gives where the first character begins that is neither Han nor sign, or where
 * too little is left for a block. As many tokens are written whatever the block holds, so that nothing has to be
 * guessed; only those that are there are counted. */
CLONED static gsize
cut_blocks(Tokens *tokens, const guint8 *text, gsize i, gsize length)
{
    guint32 *values = tokens->tokens, *bytes = tokens->bytes, other = 0;
    gsize count = tokens->count;
    while (other == 0 && i + BLOCK_READ <= length) {
        guint32 han;
        block_sort(text + i, &han, &other);
        guint32 here = han & (other == 0 ? G_MAXUINT32 : (other & -other) - 1);
        guint64 left = here | ~(guint64)G_MAXUINT32; /* bits enough for every step */
#pragma GCC unroll 11
        for (gsize k = 0; k < BLOCK_HAN; k++, left &= left - 1) {
            gsize at = i + (gsize)__builtin_ctzll(left);
            guint32 four;
            memcpy(&four, text + at, sizeof four);
            values[count + k] = GUINT32_FROM_BE(four) >> 8;
            bytes[count + k] = (guint32)at;
        }
        count += (gsize)__builtin_popcount(here);
        i += other == 0 ? BLOCK : (gsize)__builtin_ctz(other);
    }
    tokens->count = count;
    while (other == 0 && i < length && (text[i] & 0xC0) == 0x80)
        i++; /* the block ended inside of a character */
    return i;
}

void
tokens_cut(Tokens *tokens, const char *text, gsize length)
{
    const guint8 *letters = letter_bits(), *bytes = (const guint8 *)text;
    for (gsize i = 0; i < length;) {
        if (tokens->word == 0 && bytes[i] >= 0xE2 && length - i >= BLOCK_READ)
            i = cut_blocks(tokens, bytes, i, length);
        if (i < length)
            i = cut_one(tokens, letters, bytes, i, length);
    }
    word_end(tokens);
}
