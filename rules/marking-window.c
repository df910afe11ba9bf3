/* marking-window - the characters around an anchor, decoded and sorted into kinds. */
#include "config.h"
#include "marking-window.h"

static gboolean
list_has(const char *list, gunichar c)
{
    while (*list != '\0')
        if (utf8_take(&list) == c)
            return TRUE;
    return FALSE;
}

/* The quote signs of a reply, and the border of a box, at the begin of a line stand for blanks: what is inside the
 * line counts. */
static void
quote_signs_clear(Window *window)
{
    gboolean begin = window->begins;

    for (int i = 0; i < window->length; i++) {
        gboolean sign = begin && (window->c[i] == U'>' || window->c[i] == U'|');
        if (sign)
            window->kind[i] = CHAR_SPACE;
        begin = window->kind[i] == CHAR_LINE || (begin && window->kind[i] == CHAR_SPACE);
    }
}

gboolean
window_fill(Window *window, const char *text, gsize length, gsize from, gsize to)
{
    const char *p = text + from;
    int before = 0, i = 0;

    if (from >= to || to > length || length > G_MAXUINT32 || to - from > WINDOW_WORD_MAX * 4)
        return FALSE;
    while (before < MARKING_REACH && p > text) {
        p = g_utf8_prev_char(p);
        before++;
    }
    window->begins = p == text;
    window->from = before;
    window->to = -1;
    window->vertical = window->scan = FALSE;
    while (p < text + length && i < WINDOW_SIZE) {
        gsize at = (gsize)(p - text);
        if (at >= to && window->to < 0)
            window->to = i;
        if (window->to >= 0 && i - window->to >= MARKING_REACH)
            break;
        if (window->to < 0 && i - before >= WINDOW_WORD_MAX)
            return FALSE;
        window->at[i] = (guint32)at;
        window->c[i] = utf8_take(&p);
        window->kind[i] = (guint8)window_kind_of(window->c[i]);
        i++;
    }
    window->length = i;
    quote_signs_clear(window);
    window->at[i] = (guint32)MIN((gsize)(p - text), length);
    window->ends = p >= text + length;
    if (window->to < 0)
        window->to = i;
    return TRUE;
}

CharKind
window_kind(const Window *window, int index)
{
    if (index < 0)
        return window->begins ? CHAR_LINE : CHAR_OTHER;
    if (index >= window->length)
        return window->ends ? CHAR_LINE : CHAR_OTHER;
    return window->kind[index];
}

gunichar
window_char(const Window *window, int index)
{
    return index < 0 || index >= window->length ? 0 : window->c[index];
}

static gboolean
is_gap(const Window *window, int index)
{
    CharKind kind = window_kind(window, index);

    if (index < 0 || index >= window->length)
        return FALSE;
    return kind == CHAR_SPACE || (window->vertical && kind == CHAR_LINE);
}

/* In a column the blanks of every line come on top: quote signs, indentation. */
#define COLUMN_SKIP 8
#define LABEL_BLANKS 6

int
window_skip(const Window *window, int index, int max)
{
    max += window->vertical ? COLUMN_SKIP : 0;
    while (max-- > 0 && is_gap(window, index))
        index++;
    return index;
}

int
window_skip_back(const Window *window, int index, int max)
{
    max += window->vertical && max > 0 ? COLUMN_SKIP : 0;
    while (max-- > 0 && is_gap(window, index))
        index--;
    return index;
}

/* Between the characters of a word: up to three spaces or light separators, and where a line was wrapped its end; of
 * blanks alone as many as make a short label as wide as the others of its form. */
static int
skip_inside(const Window *window, int index, int step)
{
    gboolean line = FALSE, blank = TRUE;

    for (int count = 0; count < (window->vertical ? 3 + COLUMN_SKIP
                                 : blank          ? LABEL_BLANKS
                                                  : 3);
         count++, index += step) {
        CharKind kind = window_kind(window, index);
        blank = blank && kind == CHAR_SPACE;
        if (index < 0 || index >= window->length || (kind == CHAR_LINE && line && !window->vertical))
            break;
        if (kind != CHAR_SPACE && kind != CHAR_SEPARATOR && kind != CHAR_LINE)
            break;
        line = line || kind == CHAR_LINE;
    }
    return index;
}

int
window_match(const Window *window, int index, const char *word)
{
    const char *p = word;

    if (window_char(window, index) != utf8_take(&p))
        return -1;
    while (*p != '\0') {
        index = skip_inside(window, index + 1, 1);
        if (window_char(window, index) != utf8_take(&p))
            return -1;
    }
    return index + 1;
}

int
window_match_back(const Window *window, int end, const char *word)
{
    gunichar c[16];
    const char *p = word;
    int length = 0, index = end - 1;

    while (*p != '\0' && length < (int)G_N_ELEMENTS(c))
        c[length++] = utf8_take(&p);
    while (length > 0) {
        if (window_char(window, index) != c[--length])
            return -1;
        if (length > 0)
            index = skip_inside(window, index - 1, -1);
    }
    return index;
}

int
window_match_any(const Window *window, int index, const char *const *words)
{
    for (; *words != NULL; words++) {
        int end = window_match(window, index, *words);
        if (end >= 0)
            return end;
    }
    return -1;
}

int
window_match_any_back(const Window *window, int end, const char *const *words)
{
    for (; *words != NULL; words++) {
        int begin = window_match_back(window, end, *words);
        if (begin >= 0)
            return begin;
    }
    return -1;
}

Level
window_level(const Window *window, int index, int *end_out)
{
    static const struct {
        gunichar first;
        Level level;
    } levels[] = {{0x7EDD, LEVEL_TOP_SECRET}, {0x673A, LEVEL_HIGHLY_SECRET}, {0x79D8, LEVEL_SECRET}};
    gunichar c = window_char(window, index);

    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (c != levels[i].first)
            continue;
        int next = window_skip(window, index + 1, 3);
        if (window_char(window, next) != 0x5BC6) /* 密 */
            return LEVEL_NONE;
        *end_out = next + 1;
        return levels[i].level;
    }
    return LEVEL_NONE;
}

int
window_line_begin(const Window *window, int index)
{
    while (index > 0 && window->kind[index - 1] != CHAR_LINE)
        index--;
    return index;
}

int
window_line_end(const Window *window, int index)
{
    while (index < window->length && window->kind[index] != CHAR_LINE)
        index++;
    return index;
}

gboolean
window_one_of(const Window *window, int index, const char *characters)
{
    gunichar c = window_char(window, index);

    return c != 0 && list_has(characters, c);
}
