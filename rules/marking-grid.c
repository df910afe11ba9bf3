/* marking-grid - a value below its label: rows of cells under each other, 文号 | 密级 | 份数 above 3号 | 机密 | 5.
 *
 * Readers of documents give a row as a line, cells apart by tabs; plain text has borders or wide gaps. Only the head of
 * a paper counts, whose other cells are of that kind, too, and which has one row of values: a register of papers or
 * persons has the same column and speaks of others. */
#include "config.h"
#include "marking-parts.h"

#define CELLS_MAX 16
#define GAP_MIN 2     /* blanks between cells of plain text */
#define CELL_EXTRA 3  /* characters beside the mark in its cell: brackets, quotes, 级 */
#define BLANK_LINES 1 /* between the two rows */

typedef struct {
    int from, to; /* trimmed */
} Cell;

typedef struct {
    Cell cells[CELLS_MAX];
    int count;
    int from, to; /* the line */
} Row;

static gboolean
is_border(const Window *window, int index)
{
    return window_char(window, index) == U'\t' || window_char(window, index) == U'|';
}

static void
cell_add(const Window *window, Row *row, int from, int to)
{
    while (from < to && window->kind[from] == CHAR_SPACE)
        from++;
    while (to > from && window->kind[to - 1] == CHAR_SPACE)
        to--;
    if (row->count < CELLS_MAX)
        row->cells[row->count] = (Cell){from, to};
    row->count++;
}

/* FALSE if the line is not in reach as a whole, or has no cells, or too many. */
static gboolean
row_read(const Window *window, int index, Row *row)
{
    int from = window_line_begin(window, index), to = window_line_end(window, index);

    *row = (Row){.from = from, .to = to};
    if (window_kind(window, from - 1) != CHAR_LINE || window_kind(window, to) != CHAR_LINE)
        return FALSE;
    while (from < to && (is_border(window, from) || window->kind[from] == CHAR_SPACE))
        from++;
    while (to > from && (is_border(window, to - 1) || window->kind[to - 1] == CHAR_SPACE))
        to--;
    for (int i = from, begin = from; i <= to; i++) {
        int gap = i;
        while (gap < to && window->kind[gap] == CHAR_SPACE && !is_border(window, gap))
            gap++;
        if (i < to && !is_border(window, i) && (gap - i < GAP_MIN || is_border(window, gap)))
            continue;
        cell_add(window, row, begin, i);
        begin = gap > i ? gap : i + 1;
        i = begin - 1;
    }
    return row->count >= 2 && row->count <= CELLS_MAX;
}

/* The cell that holds the mark and hardly more, or -1. A term may have a cell of its own. */
static int
cell_of(const Window *window, const Row *row, int begin, int word_end, int end)
{
    for (int i = 0; i < row->count; i++) {
        const Cell *cell = &row->cells[i];
        if (begin < cell->from || word_end > cell->to)
            continue;
        end = end > cell->to ? word_end : end;
        for (int k = cell->from; k < cell->to; k++)
            if ((k < begin || k >= end) && window->kind[k] != CHAR_OPEN && window->kind[k] != CHAR_CLOSE &&
                window->kind[k] != CHAR_QUOTE && window->kind[k] != CHAR_SPACE && window_char(window, k) != U'级')
                return -1;
        return cell->to - cell->from - (end - begin) <= CELL_EXTRA ? i : -1;
    }
    return -1;
}

/* The line above, over a blank one. -1: none in reach. */
static int
line_above(const Window *window, int from)
{
    int i = from - 2;

    for (int blank = 0; i >= 0 && window->kind[i] == CHAR_LINE; blank++, i--)
        if (blank >= BLANK_LINES)
            return -1;
    return i;
}

/* What else the head of a paper has. */
static gboolean
is_head(const Window *window, const Cell *cell)
{
    static const char *const words[] = {"文号",     "字号",     "编号",     "份号",   "份数",     "印数",   "页数",
                                        "缓急",     "紧急",     "急缓",     "期限",   "知悉范围", "拟稿",   "签发",
                                        "核稿",     "会签",     "主办",     "承办",   "版本",     "版次",   "发文机关",
                                        "印发机关", "成文日期", "印发日期", "签发日", "发文日期", "主题词", NULL};

    for (int i = cell->from; i < cell->to; i++) {
        int after = window_match_any(window, i, words);
        if (after >= 0 && after <= cell->to)
            return TRUE;
    }
    return FALSE;
}

/* A further row of the same table goes on below: the values are those of a register. */
static gboolean
goes_on_below(const Window *window, const Row *row)
{
    Row below;

    return row->to + 1 < window->length && row_read(window, row->to + 1, &below) && below.count == row->count;
}

gboolean
grid_label_read(const Window *window, int begin, int word_end, int end)
{
    Row row, above;

    if (window->vertical || !row_read(window, begin, &row))
        return FALSE;
    int column = cell_of(window, &row, begin, word_end, end), line = line_above(window, row.from);
    if (column < 0 || line < 0 || !row_read(window, line, &above) || above.count != row.count ||
        !label_is_cell(window, above.cells[column].from, above.cells[column].to))
        return FALSE;
    for (int i = 0; i < above.count; i++)
        if (i != column && !is_head(window, &above.cells[i]))
            return FALSE;
    return !goes_on_below(window, &row);
}
