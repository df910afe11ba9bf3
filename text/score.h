/* score - how much a decoded text looks like writing, and like which.
 *
 * Each character beyond ASCII has a weight: frequent Han, kana, Hangul and CJK punctuation speak for the decoding; rare
 * Han, mixed scripts, private use and U+FFFD against. Meant for telling decodings of the same bytes apart. */
#pragma once
#include <glib.h>

typedef struct {
    guint characters; /* beyond ASCII */
    int sum;          /* of their weights */
    int worst;        /* lowest sum of four in a row (ASCII between does not count), never above 0 */
    guint run;        /* longest row of frequent Han, symbols and digits between */
    guint han, kana;
    guint marks;   /* symbols and lines, which say nothing: no part of the mean */
    guint wide;    /* from U+0800 on: three bytes of UTF-8 or more */
    guint accents; /* accented letters with a character of CP1252 beyond ASCII after them */
    guint shadows; /* rows of three characters that two of UTF-8 read as GBK become */
} Score;

void score_text(const char *text, gsize length, Score *score_out);
/* The same for a text that is certain: weights from its beginning only, but the signs of mojibake (accents, shadows)
 * and `wide` of all of it. Shadows are counted by run. Several times faster. */
void score_sample(const char *text, gsize length, Score *score_out);
/* Mean weight times 100: above 150 good running text, below 0 noise; 0 for pure ASCII. */
int score_mean(const Score *score);
/* Weight of one character by itself. */
int score_weight(gunichar c);
/* Makes the tables (also made at first use). */
void score_prepare(void);
