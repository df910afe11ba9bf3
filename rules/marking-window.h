/* marking-window - the characters around an anchor, decoded and sorted into kinds; private to marking. */
#pragma once
#include "marking.h"

#define WINDOW_WORD_MAX 48 /* characters of an anchor, separators included */
#define WINDOW_SIZE (2 * MARKING_REACH + WINDOW_WORD_MAX)

typedef enum {
    CHAR_OTHER,
    CHAR_HAN,
    CHAR_DIGIT,
    CHAR_LETTER,
    CHAR_SPACE,
    CHAR_LINE,
    CHAR_STAR,
    CHAR_SEPARATOR, /* · • . _ - and the like */
    CHAR_OPEN,
    CHAR_CLOSE,
    CHAR_QUOTE,
    CHAR_POINT, /* , 、 ; 。 ! ? */
    CHAR_COLON,
    CHAR_BOX_EMPTY,
    CHAR_BOX_TICKED,
} CharKind;

typedef struct {
    gunichar c[WINDOW_SIZE];
    guint32 at[WINDOW_SIZE + 1]; /* byte offset of each character; at[length]: end */
    guint8 kind[WINDOW_SIZE];
    int length;
    int from, to;          /* the anchor, as indexes */
    gboolean begins, ends; /* the window reaches the text's begin, end */
    gboolean vertical;     /* one character a line: line ends count as spaces */
    gboolean scan;         /* read from a picture: letters may be mistaken */
} Window;

/* The character at *text, which is moved on. Valid UTF-8 only; inline, for readings are many. */
static inline gunichar
utf8_take(const char **text)
{
    const guchar *p = (const guchar *)*text;

    if (p[0] < 0x80) {
        *text += 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *text += 2;
        return (gunichar)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] < 0xF0) {
        *text += 3;
        return (gunichar)(p[0] & 0x0F) << 12 | (gunichar)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    *text += 4;
    return (gunichar)(p[0] & 0x07) << 18 | (gunichar)(p[1] & 0x3F) << 12 | (gunichar)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}

/* FALSE if the anchor is not valid UTF-8 of sensible length. */
gboolean window_fill(Window *window, const char *text, gsize length, gsize from, gsize to);
CharKind window_kind_of(gunichar c);

/* The kind at an index; CHAR_LINE outside the text, CHAR_OTHER where the reach ends. */
CharKind window_kind(const Window *window, int index);
/* The character at an index, 0 outside. */
gunichar window_char(const Window *window, int index);
/* First index from `index` on (or: down to, for back) that is no space; at most `max` are skipped. Lines are skipped
 * only in vertical text. */
int window_skip(const Window *window, int index, int max);
int window_skip_back(const Window *window, int index, int max);
/* Does the word stand at `index` (its end before `end`, for back)? Up to three spaces or light separators, or six
 * blanks, between its characters are allowed. Gives the index after it (of its begin), or -1. */
int window_match(const Window *window, int index, const char *word);
int window_match_back(const Window *window, int end, const char *word);
/* The same for the first that fits of a NULL-terminated list. */
int window_match_any(const Window *window, int index, const char *const *words);
int window_match_any_back(const Window *window, int end, const char *const *words);
/* A level word at `index`; LEVEL_NONE if none. end_out: after it. */
Level window_level(const Window *window, int index, int *end_out);
/* First and one-past-last index of the line that holds `index`. */
int window_line_begin(const Window *window, int index);
int window_line_end(const Window *window, int index);
/* Does a character of the list (UTF-8) stand at the index? */
gboolean window_one_of(const Window *window, int index, const char *characters);
