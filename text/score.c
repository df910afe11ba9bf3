/* score - weights by character, summed in one pass. */
#include "config.h"
#include "score.h"
#include "decode_codec.h"
#include "score_words.h"
#include <string.h>

#define SAMPLE 8192 /* bytes that tell the score of a certain text */

/* Kinds of characters. From LATIN on: alphabets, which speak for a text where they keep together. */
typedef enum {
    KIND_BAD,  /* private use, control, unassigned, U+FFFD */
    KIND_ODD,  /* Bopomofo, half width kana: real, but not in running text */
    KIND_LINE, /* box drawing: rows of it are a rule across the page */
    KIND_RARE,
    KIND_HAN_SECOND,
    KIND_HAN_FIRST,
    KIND_HAN_FREQUENT,
    KIND_PUNCTUATION,
    KIND_WIDE, /* full-width ASCII */
    KIND_SYMBOL,
    KIND_KANA,
    KIND_HANGUL_FREQUENT,
    KIND_HANGUL,
    KIND_LATIN,
    KIND_LATIN_MARK, /* what Latin-1 and CP1252 have besides letters */
    KIND_GREEK,
    KIND_CYRILLIC,
    KIND_OTHER, /* every other script */
    KINDS
} Kind;

/* What a character of a kind adds, in fields of one word: weight (made positive), Han, kana, marks; and to a row of
 * frequent ones. */
#define ADD_HAN 16
#define ADD_KANA 32
#define ADD_MARKS 48
#define ADD_FIELD 0xFFFF
#define ADD_BIAS 8
#define ADD_MAX 4096 /* characters before a field could run over */
#define ADD(weight, han, kana, marks)                                                           \
    ((guint64)((weight) + ADD_BIAS) | (guint64)(han) << ADD_HAN | (guint64)(kana) << ADD_KANA | \
     (guint64)(marks) << ADD_MARKS)

typedef struct {
    guint64 add;
    guint32 row, row_kept;
} KindSum;

static const KindSum SUMS[KINDS] = {
    [KIND_BAD] = {ADD(-6, 0, 0, 0), 0, 0},
    [KIND_ODD] = {ADD(-3, 0, 0, 0), 0, 0},
    [KIND_LINE] = {ADD(0, 0, 0, 1), 0, 0},
    [KIND_RARE] = {ADD(-4, 1, 0, 0), 0, 0},
    [KIND_HAN_SECOND] = {ADD(-1, 1, 0, 0), 0, 0},
    [KIND_HAN_FIRST] = {ADD(1, 1, 0, 0), 0, 0},
    [KIND_HAN_FREQUENT] = {ADD(4, 1, 0, 0), 1, G_MAXUINT32},
    [KIND_PUNCTUATION] = {ADD(3, 0, 0, 0), 0, 0},
    [KIND_WIDE] = {ADD(1, 0, 0, 0), 0, 0},
    [KIND_SYMBOL] = {ADD(0, 0, 0, 1), 0, G_MAXUINT32},
    [KIND_KANA] = {ADD(2, 0, 1, 0), 0, 0},
    [KIND_HANGUL_FREQUENT] = {ADD(3, 0, 0, 0), 0, 0},
    [KIND_HANGUL] = {ADD(-1, 0, 0, 0), 0, 0},
    [KIND_LATIN] = {ADD(1, 0, 0, 0), 0, 0},
    [KIND_LATIN_MARK] = {ADD(0, 0, 0, 0), 0, 0},
    [KIND_GREEK] = {ADD(1, 0, 0, 0), 0, 0},
    [KIND_CYRILLIC] = {ADD(1, 0, 0, 0), 0, 0},
    [KIND_OTHER] = {ADD(1, 0, 0, 0), 0, 0},
};

static inline int
weight_of(Kind kind)
{
    return (int)(SUMS[kind].add & 0xF) - ADD_BIAS;
}

/* UTF-8 read as GBK turns two characters of three bytes into three of two: bytes E? xx | xx E? | xx xx. Each of the
 * three is known by its own two bytes. */
#define KIND_BITS 0x1F
#define SHADOW_FIRST 0x20
#define SHADOW_MIDDLE 0x40
#define SHADOW_LAST 0x80
#define SHADOW_TOP 7

static guint8 kinds[0x10000]; /* of the basic plane, with SHADOW bits; written once by score_prepare */

static void
set_range(guint from, guint to, Kind kind)
{
    memset(kinds + from, kind, to - from + 1);
}

static void
set_words(const char *words, Kind kind)
{
    for (const char *c = words; *c != '\0'; c = g_utf8_next_char(c))
        kinds[g_utf8_get_char(c)] = kind;
}

/* Han of the first and second levels of a national set, by the rows of its table. */
static void
set_level(const Charset *charset, guint from, guint to, guint trail_from, Kind kind)
{
    for (guint lead = from; lead <= to; lead++) {
        for (guint trail = trail_from; trail < 0xFF; trail++) {
            guint32 packed = table_pair(charset, lead, trail);
            char utf8[5] = {packed, packed >> 8, packed >> 16, packed >> 24, 0};
            gunichar c = packed != 0 ? g_utf8_get_char(utf8) : 0;
            if (c >= 0x3400 && c <= 0x9FFF && kinds[c] < kind)
                kinds[c] = kind;
        }
    }
}

static void
set_scripts(void)
{
    set_range(0x0080, 0xFFFF, KIND_OTHER);
    set_range(0x0080, 0x009F, KIND_BAD);
    set_range(0x00A0, 0x00BF, KIND_LATIN_MARK);
    set_range(0x00C0, 0x024F, KIND_LATIN);
    kinds[0xD7] = kinds[0xF7] = KIND_LATIN_MARK;
    set_range(0x0250, 0x036F, KIND_ODD);
    set_range(0x0370, 0x03FF, KIND_GREEK);
    set_range(0x0400, 0x052F, KIND_CYRILLIC);
    set_range(0x1E00, 0x1EFF, KIND_LATIN);
    set_range(0x2000, 0x200F, KIND_SYMBOL);
    set_range(0x2010, 0x205F, KIND_PUNCTUATION);
    set_range(0x2060, 0x20FF, KIND_SYMBOL);
    set_range(0x2100, 0x2BFF, KIND_SYMBOL);
    set_range(0x2500, 0x257F, KIND_LINE);
    set_range(0x2E80, 0x2FDF, KIND_RARE);
    set_range(0x2FE0, 0x2FEF, KIND_BAD);
    set_range(0x3000, 0x3011, KIND_PUNCTUATION);
    set_range(0x3012, 0x303F, KIND_SYMBOL);
    set_range(0x3041, 0x30FF, KIND_KANA);
    set_range(0x3100, 0x318F, KIND_ODD);
    set_range(0x3190, 0x33FF, KIND_SYMBOL);
    set_range(0x3400, 0x9FFF, KIND_RARE);
    set_range(0xAC00, 0xD7A3, KIND_HANGUL);
    set_range(0xD7A4, 0xF8FF, KIND_BAD);
    set_range(0xF900, 0xFAFF, KIND_RARE);
    set_range(0xFE00, 0xFE0F, KIND_SYMBOL);
    set_range(0xFE10, 0xFE6F, KIND_ODD);
    set_range(0xFF00, 0xFF60, KIND_WIDE);
    set_range(0xFF61, 0xFFEE, KIND_ODD);
    set_range(0xFFEF, 0xFFFF, KIND_BAD);
    kinds[0xFEFF] = KIND_SYMBOL;
    set_words("，：；！？（）", KIND_PUNCTUATION);
}

static void
set_shadows(const Charset *gb)
{
    for (guint lead = 0x81; lead <= 0xEF; lead++) {
        for (guint trail = 0x80; trail <= 0xEF; trail++) {
            guint32 packed = table_pair(gb, lead, trail);
            char utf8[5] = {packed, packed >> 8, packed >> 16, packed >> 24, 0};
            gunichar c = packed != 0 ? g_utf8_get_char(utf8) : 0;
            if (c < 0x80 || c > 0xFFFF)
                continue;
            gboolean lead_begins = lead >= 0xE2, trail_begins = trail >= 0xE2;
            gboolean lead_goes_on = lead <= 0xBF, trail_goes_on = trail <= 0xBF;
            kinds[c] |= (lead_begins && trail_goes_on ? SHADOW_FIRST : 0) |
                        (lead_goes_on && trail_begins ? SHADOW_MIDDLE : 0) |
                        (lead_goes_on && trail_goes_on ? SHADOW_LAST : 0);
        }
    }
}

void
score_prepare(void)
{
    if (kinds[0x4E00] != 0)
        return;
    set_scripts();
    const Charset *gb = charset_find("GB18030"), *big5 = charset_find("BIG5-HKSCS");
    set_level(gb, 0xD8, 0xF7, 0xA1, KIND_HAN_SECOND);
    set_level(big5, 0xC9, 0xF9, 0x40, KIND_HAN_SECOND);
    set_level(gb, 0xB0, 0xD7, 0xA1, KIND_HAN_FIRST);
    set_level(big5, 0xA4, 0xC6, 0x40, KIND_HAN_FIRST);
    set_words(SCORE_SIMPLIFIED, KIND_HAN_FREQUENT);
    set_words(SCORE_TRADITIONAL, KIND_HAN_FREQUENT);
    set_words(SCORE_JAPANESE, KIND_HAN_FREQUENT);
    set_words(SCORE_HANGUL, KIND_HANGUL_FREQUENT);
    set_shadows(gb);
}

typedef struct {
    Score score;
    int last[3]; /* weights of the last three */
    guint run;
    Kind before;  /* of the character before this one; KINDS: ASCII */
    guint shadow; /* SHADOW bits of the last two, newer first */
} Pass;

/* An alphabet speaks for a text where its letters keep together, or stand in ASCII words (accents). Accents in a row
 * are mostly bytes of something else. */
static int
weigh_letter(Kind kind, Kind before)
{
    if (kind > KIND_LATIN_MARK)
        return before == kind || before == KINDS ? weight_of(kind) : -2;
    return before == KINDS ? weight_of(kind) : -2;
}

/* What CP1252 has beyond ASCII: after an accented letter it is a sign of mojibake. */
static gboolean
is_cp1252(gunichar c)
{
    return c < 0x180 || c == 0x192 || (c >= 0x2010 && c <= 0x203F) || c == 0x20AC || c == 0x2122 || c == 0x02C6 ||
           c == 0x02DC;
}

static void
add_weight(Pass *pass, int weight)
{
    int window = pass->last[0] + pass->last[1] + pass->last[2] + weight;
    pass->last[0] = pass->last[1];
    pass->last[1] = pass->last[2];
    pass->last[2] = weight;
    pass->score.worst = MIN(pass->score.worst, window);
    pass->score.sum += weight;
    pass->score.characters++;
}

/* The character here; the text is valid UTF-8. */
static inline gunichar
character_at(const guint8 *c)
{
    if (c[0] < 0xE0)
        return (gunichar)(c[0] & 0x1F) << 6 | (c[1] & 0x3F);
    if (c[0] < 0xF0)
        return (gunichar)(c[0] & 0x0F) << 12 | (gunichar)(c[1] & 0x3F) << 6 | (c[2] & 0x3F);
    return (gunichar)(c[0] & 0x07) << 18 | (gunichar)(c[1] & 0x3F) << 12 | (gunichar)(c[2] & 0x3F) << 6 | (c[3] & 0x3F);
}

static inline guint
size_at(const guint8 *c)
{
    return c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : 4;
}

/* Any character beyond ASCII. */
static inline void
take(Pass *pass, gunichar c)
{
    Kind kind = c < 0x10000 ? kinds[c] & KIND_BITS : c < 0x20000 ? KIND_SYMBOL : KIND_RARE;
    add_weight(pass, kind >= KIND_LATIN ? weigh_letter(kind, pass->before) : weight_of(kind));
    pass->score.accents += pass->before == KIND_LATIN && is_cp1252(c);
    pass->score.wide += c >= 0x800;
    pass->score.marks += kind == KIND_SYMBOL || kind == KIND_LINE;
    if (kind != KIND_SYMBOL)
        pass->run = 0;
    pass->shadow = 0;
    pass->before = kind;
}

/* Characters of three bytes that are no letters of an alphabet: the body of Chinese text. All of the state is in
 * locals, nothing branches by what the characters are. */
static const guint8 *
take_wide(Pass *pass, const guint8 *c, const guint8 *end)
{
    int first = pass->last[0], second = pass->last[1], third = pass->last[2], worst = pass->score.worst;
    guint row = pass->run, longest = pass->score.run, shadow = pass->shadow, shadows = 0;
    guint64 sums = 0;
    const guint8 *start = c, *limit = end - c > 3 * ADD_MAX ? c + 3 * ADD_MAX : end;
    Kind kind = pass->before;
    for (; limit - c >= 3 && (c[0] & 0xF0) == 0xE0; c += 3) {
        guint entry = kinds[(c[0] & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu)];
        if ((entry & KIND_BITS) >= KIND_LATIN)
            break;
        kind = entry & KIND_BITS;
        const KindSum *sum = &SUMS[kind];
        int weight = weight_of(kind);
        worst = MIN(worst, first + second + third + weight);
        first = second;
        second = third;
        third = weight;
        sums += sum->add;
        row = (row + sum->row) & sum->row_kept;
        longest = MAX(longest, row);
        /* First, middle and last of a shadow move through the bits: a set bit at the end is a whole one. */
        shadow = (shadow << 1 | SHADOW_FIRST) & entry;
        shadows += shadow >> SHADOW_TOP & 1;
    }
    guint count = (guint)(c - start) / 3;
    pass->last[0] = first;
    pass->last[1] = second;
    pass->last[2] = third;
    pass->run = row;
    pass->shadow = shadow;
    pass->before = kind;
    Score *score = &pass->score;
    score->worst = worst;
    score->run = longest;
    score->sum += (int)(sums & ADD_FIELD) - (int)count * ADD_BIAS;
    score->han += sums >> ADD_HAN & ADD_FIELD;
    score->kana += sums >> ADD_KANA & ADD_FIELD;
    score->marks += sums >> ADD_MARKS & ADD_FIELD;
    score->wide += count;
    score->characters += count;
    score->shadows += shadows;
    return c;
}

/* Past ASCII from `c` on; only digits leave a row of frequent characters whole. */
static const guint8 *
pass_ascii(Pass *pass, const guint8 *c, const guint8 *end)
{
    guint64 word;
    pass->before = KINDS;
    pass->shadow = 0;
    for (; end - c >= (gssize)sizeof word; c += sizeof word) {
        memcpy(&word, c, sizeof word);
        if ((word & 0x8080808080808080) != 0)
            break;
        pass->run = 0;
    }
    for (; c < end && *c < 0x80; c++)
        if (!g_ascii_isdigit(*c))
            pass->run = 0;
    return c;
}

void
score_text(const char *text, gsize length, Score *score_out)
{
    score_prepare();
    Pass pass = {.before = KINDS};
    const guint8 *c = (const guint8 *)text, *end = c + length;
    while (c < end) {
        if (*c < 0x80) {
            c = pass_ascii(&pass, c, end);
            continue;
        }
        const guint8 *before = c;
        c = pass.before == KIND_LATIN ? c : take_wide(&pass, c, end);
        if (c == before) {
            take(&pass, character_at(c));
            c += size_at(c);
        }
    }
    *score_out = pass.score;
}

/* The signs of mojibake in three-byte characters, and how many there are; stops at anything else. */
static const guint8 *
wide_signs(const guint8 *c, const guint8 *end, Score *score)
{
    const guint8 *start = c;
    guint shadow = 0, seen = 0;
    for (; end - c >= 3 && (c[0] & 0xF0) == 0xE0; c += 3) {
        shadow = (shadow << 1 | SHADOW_FIRST) & kinds[(c[0] & 0x0Fu) << 12 | (c[1] & 0x3Fu) << 6 | (c[2] & 0x3Fu)];
        seen |= shadow;
    }
    score->shadows += seen >> SHADOW_TOP & 1;
    score->wide += (guint)(c - start) / 3;
    return c;
}

void
score_sample(const char *text, gsize length, Score *score_out)
{
    gsize sample = MIN(length, SAMPLE);
    while (sample < length && (text[sample] & 0xC0) == 0x80)
        sample++;
    score_text(text, sample, score_out);
    const guint8 *c = (const guint8 *)text + sample, *end = (const guint8 *)text + length;
    while (c < end) {
        c += ascii_run(c, (gsize)(end - c));
        const guint8 *after = wide_signs(c, end, score_out);
        if (after > c || c == end) {
            c = after;
            continue;
        }
        /* The next character as well: two accents make a sign. */
        gunichar first = character_at(c);
        c += size_at(c);
        gunichar second = c < end && *c >= 0x80 ? character_at(c) : 0;
        score_out->accents += first >= 0xC0 && first < 0x250 && second != 0 && is_cp1252(second);
        score_out->wide += first >= 0x800;
    }
}

int
score_weight(gunichar c)
{
    score_prepare();
    return c < 0x80 ? 0 : c < 0x10000 ? weight_of(kinds[c] & KIND_BITS) : c < 0x20000 ? 0 : weight_of(KIND_RARE);
}

int
score_mean(const Score *score)
{
    guint counted = score->characters - score->marks;
    return counted > 0 ? (int)((gint64)score->sum * 100 / counted) : 0;
}
