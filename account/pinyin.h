/* pinyin - Chinese text as Latin letters, without tones: what user names and passwords are made of.
 *
 * Readings are those of ICU's Han-Latin and Han-Latin/Names (surnames), and of a small table of characters that units'
 * and places' names read otherwise (重庆, 长沙, 会计). A ü is written v, u and yu. ASCII letters and digits stay, in
 * lower case, as syllables of their own; everything else is left out. Thread-safe. */
#pragma once
#include <glib.h>

#define PINYIN_TEXT_MAX 64  /* characters that are read; the rest is left out */
#define PINYIN_FORMS_MAX 64 /* forms of one text: the likely ones come first */

typedef enum {
    PINYIN_FULL,     /* 水务局: "shuiwuju" */
    PINYIN_INITIALS, /* "swj" */
} PinyinForm;

/* The syllables of a text with their readings: an array of GPtrArray of char *, the usual reading first. Gives. */
GPtrArray *pinyin_syllables(const char *text);
/* All forms that the readings make, without repetition, at most PINYIN_FORMS_MAX; of a text without Han characters
 * just itself. Array of char *. Gives. */
GPtrArray *pinyin_forms(const char *text, PinyinForm form);
/* The usual reading with spaces between syllables: "shui wu ju". Gives. */
char *pinyin_text(const char *text);
/* Whether there is a Han character in it. */
gboolean pinyin_has_han(const char *text);
