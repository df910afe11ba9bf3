/* marking-box - tick boxes (M4): □绝密 ☑机密 □秘密, 绝密( ) 机密(√) 秘密( ). */
#include "config.h"
#include "marking-parts.h"

/* What a box says by itself; ☒ depends on the other boxes of its row. */
typedef enum { LOOK_NONE, LOOK_EMPTY, LOOK_TICKED, LOOK_CROSSED } Look;

static gboolean
is_bracket(const Window *window, int index, CharKind kind)
{
    return window_kind(window, index) == kind && index >= 0 && index < window->length;
}

/* A box that begins at `index`. */
static Look
box_at(const Window *window, int index, int *end_out)
{
    CharKind kind = window_kind(window, index);

    if (index < 0 || index >= window->length)
        return LOOK_NONE;
    *end_out = index + 1;
    if (kind == CHAR_BOX_EMPTY)
        return LOOK_EMPTY;
    if (kind == CHAR_BOX_TICKED)
        return window_char(window, index) == U'☒' ? LOOK_CROSSED : LOOK_TICKED;
    if (window_char(window, index) == U'口' && window_kind(window, index - 1) != CHAR_HAN)
        return LOOK_EMPTY; /* the character 口 typed for a box */
    if (kind != CHAR_OPEN)
        return LOOK_NONE;
    int inside = window_skip(window, index + 1, 6);
    if (is_bracket(window, inside, CHAR_CLOSE)) {
        *end_out = inside + 1;
        return LOOK_EMPTY;
    }
    gboolean tick = window_one_of(window, inside, "✓✔√xv✗✘*★") || window_kind(window, inside) == CHAR_BOX_TICKED;
    int close = window_skip(window, inside + 1, 6);
    if (!tick || !is_bracket(window, close, CHAR_CLOSE))
        return LOOK_NONE;
    *end_out = close + 1;
    return LOOK_TICKED;
}

/* A box that ends just before `end`. */
static Look
box_back(const Window *window, int end, int *begin_out)
{
    for (int begin = end - 1; begin >= 0 && begin >= end - 8; begin--) {
        int after;
        Look look = box_at(window, begin, &after);
        if (look != LOOK_NONE && after == end) {
            *begin_out = begin;
            return look;
        }
    }
    return LOOK_NONE;
}

/* The row: from the last colon before the mark, else from the begin of the line. */
static int
row_begin(const Window *window, int begin)
{
    int line = window_line_begin(window, begin);

    for (int i = begin - 1; i >= line; i--)
        if (window->kind[i] == CHAR_COLON)
            return i + 1;
    return line;
}

typedef struct {
    gboolean prefix; /* boxes stand before their words */
    gboolean tick;   /* one is ☑ ✓ √, so ☒ means crossed out */
    guint boxes, empty;
} Row;

static void
row_read(const Window *window, int begin, Row *row)
{
    static const char *const options[] = {"绝密", "机密", "秘密", "公开",     "非密", "非涉密", "不涉密",
                                          "普通", "内部", "一般", "核心商密", "商密", "无",     NULL};
    int end = window_line_end(window, begin);
    gboolean decided = FALSE;

    *row = (Row){0};
    for (int i = row_begin(window, begin); i < end;) {
        int after = i + 1;
        Look look = box_at(window, i, &after);
        if (look != LOOK_NONE) {
            row->prefix |= !decided;
            decided = TRUE;
            row->boxes++;
            row->empty += look == LOOK_EMPTY;
            row->tick |= look == LOOK_TICKED && window_one_of(window, i, "☑✓✔√");
        } else if (!decided && window_match_any(window, i, options) >= 0)
            decided = TRUE;
        i = after;
    }
}

BoxState
box_read(const Window *window, int begin, int end, int *begin_out, int *end_out)
{
    Row row;
    Look look;
    int before = window_skip_back(window, begin - 1, 3) + 1, after = window_skip(window, end, 3), edge;

    if (box_back(window, before, &edge) == LOOK_NONE && box_at(window, after, &edge) == LOOK_NONE)
        return BOX_NONE;
    row_read(window, begin, &row);
    if (row.prefix) {
        look = box_back(window, before, &edge);
        if (look != LOOK_NONE)
            *begin_out = edge;
    } else {
        look = box_at(window, after, &edge);
        /* 秘密 ☑公开: the box clings to the next word. */
        if (look != LOOK_NONE && after > end && window_kind(window, edge) == CHAR_HAN)
            look = LOOK_NONE;
        if (look != LOOK_NONE)
            *end_out = edge;
    }
    if (look == LOOK_NONE)
        return BOX_NONE;
    if (look == LOOK_EMPTY || (look == LOOK_CROSSED && row.tick))
        return BOX_EMPTY;
    /* ■绝密 ■机密 ■秘密: bullets, not ticks. */
    return row.boxes > 1 && row.empty == 0 && !row.tick ? BOX_NONE : BOX_TICKED;
}
