/* html_table - columns of tables read downwards. */
#include "config.h"
#include "html_table.h"
#include <string.h>

#define FOUND_MAX (64 * 1024) /* bytes a table */
#define ROWS_MAX 1000

static HtmlGrid *
grid_of(HtmlTable *table)
{
    return table->depth > 0 && table->depth <= HTML_TABLE_DEPTH ? &table->grids[table->depth - 1] : NULL;
}

static void
clear_run(HtmlColumn *column)
{
    column->length = 0;
    column->cells = column->single = 0;
    column->star = FALSE;
}

/* The short cells so far are over. Worth reading are those with two lone characters, or a star. */
static void
end_run(HtmlGrid *grid, HtmlColumn *column)
{
    if (column->cells >= 2 && (column->single >= 2 || column->star)) {
        if (grid->found == NULL)
            grid->found = g_string_new(NULL);
        if (grid->found->len < FOUND_MAX) {
            g_string_append(grid->found, grid->found->len > 0 ? "\n\n\n\n" : "");
            g_string_append_len(grid->found, column->run, (gssize)column->length - 1);
        }
    }
    clear_run(column);
}

void
html_table_open(HtmlTable *table)
{
    HtmlGrid *grid = grid_of(table);
    if (grid != NULL)
        grid->is_long = TRUE; /* a table in a cell */
    table->depth++;
    if ((grid = grid_of(table)) == NULL)
        return;
    for (guint i = 0; i < grid->used; i++) {
        clear_run(&grid->columns[i]);
        grid->columns[i].held = 0;
    }
    grid->used = grid->column = grid->filled = 0;
    grid->in_cell = FALSE;
}

void
html_table_row(HtmlTable *table)
{
    HtmlGrid *grid = grid_of(table);
    if (grid == NULL)
        return;
    grid->column = 0;
    grid->in_cell = FALSE;
}

void
html_table_cell(HtmlTable *table, guint columns, guint rows)
{
    HtmlGrid *grid = grid_of(table);
    if (grid == NULL)
        return;
    while (grid->column < grid->used && grid->columns[grid->column].held > 0)
        grid->columns[grid->column++].held--;
    grid->span = CLAMP(columns, 1, HTML_TABLE_COLUMNS);
    grid->rows = CLAMP(rows, 1, ROWS_MAX);
    grid->in_cell = grid->column < HTML_TABLE_COLUMNS;
    grid->is_long = FALSE;
    grid->cell_length = 0;
}

void
html_table_text(HtmlTable *table, const char *text, gsize length)
{
    HtmlGrid *grid = grid_of(table);
    if (grid == NULL || !grid->in_cell || grid->is_long)
        return;
    if (grid->cell_length + length > HTML_TABLE_CELL) {
        grid->is_long = TRUE;
        return;
    }
    memcpy(grid->cell + grid->cell_length, text, length);
    grid->cell_length += length;
}

static gboolean
is_star(const char *text, gsize length)
{
    if (*text != '*' && (guchar)*text - 0xE2u > 0xEF - 0xE2)
        return FALSE;
    gunichar c = g_utf8_get_char_validated(text, (gssize)length);
    return c == '*' || c == 0xFF0A || (c >= 0x2500 && c < 0x2800) || (c >= 0x2B00 && c < 0x2C00) || c == 0x203B ||
           c == 0x22C6 || c == 0x2217;
}

static void
add_cell(HtmlGrid *grid, HtmlColumn *column, const char *text, gsize length)
{
    if (column->length + length + 1 > HTML_TABLE_RUN || column->cells == G_MAXUINT8) {
        /* The end of what went before may be the start of what comes. */
        char kept[HTML_TABLE_RUN];
        const char *from = memchr(column->run + column->length / 2, '\n', column->length - column->length / 2);
        gsize size = from != NULL ? (gsize)(column->run + column->length - from - 1) : 0;
        memcpy(kept, column->run + column->length - size, size);
        end_run(grid, column);
        memcpy(column->run, kept, size);
        column->length = size;
        column->cells = column->single = size > 0 ? 2 : 0;
    }
    memcpy(column->run + column->length, text, length);
    column->run[column->length + length] = '\n';
    column->length += length + 1;
    column->cells++;
    column->single += (guchar)text[0] >= 0x80 && g_utf8_strlen(text, (gssize)length) == 1;
    column->star |= is_star(text, length);
}

static gboolean
is_blank(const char *text, const char *end)
{
    if ((guchar)*text > ' ' && (guchar)*text != 0xC2 && (guchar)*text - 0xE2u > 1) /* no blank begins so */
        return FALSE;
    gunichar c = g_utf8_get_char_validated(text, end - text);
    return c < 0x110000 && (g_unichar_isspace(c) || g_unichar_iszerowidth(c));
}

/* Without blanks at either end, those that keep a cell open among them. */
static void
trim(const char **text, gsize *length)
{
    const char *end = *text + *length, *last;
    while (*text < end && is_blank(*text, end))
        *text = g_utf8_next_char(*text);
    while (end > *text && (last = g_utf8_find_prev_char(*text, end)) != NULL && is_blank(last, end))
        end = last;
    *length = end > *text ? (gsize)(end - *text) : 0;
}

void
html_table_cell_end(HtmlTable *table)
{
    HtmlGrid *grid = grid_of(table);
    if (grid == NULL || !grid->in_cell)
        return;
    const char *text = grid->cell;
    gsize length = grid->cell_length;
    trim(&text, &length);
    HtmlColumn *column = &grid->columns[grid->column];
    for (; grid->used < MIN(grid->column + grid->span, HTML_TABLE_COLUMNS); grid->used++)
        grid->columns[grid->used].held = 0;
    if (grid->is_long || length > 0)
        grid->filled |= 1u << grid->column;
    if (grid->is_long)
        end_run(grid, column);
    else if (length > 0 && memchr(text, '\n', length) == NULL)
        add_cell(grid, column, text, length);
    for (guint i = 0; i < grid->span && grid->column < HTML_TABLE_COLUMNS; i++)
        grid->columns[grid->column++].held = grid->rows - 1;
    grid->in_cell = FALSE;
}

GString *
html_table_close(HtmlTable *table)
{
    HtmlGrid *grid = grid_of(table);
    GString *found;
    if (table->depth > 0)
        table->depth--;
    if (grid == NULL)
        return NULL;
    for (guint i = 0; i < grid->used; i++)
        end_run(grid, &grid->columns[i]);
    found = g_steal_pointer(&grid->found);
    if (found != NULL && (grid->filled & (grid->filled - 1)) == 0) { /* one column: it was read downwards */
        g_string_free(found, TRUE);
        return NULL;
    }
    return found;
}

void
html_table_free(HtmlTable *table)
{
    if (table == NULL)
        return;
    for (guint i = 0; i < HTML_TABLE_DEPTH; i++)
        if (table->grids[i].found != NULL)
            g_string_free(table->grids[i].found, TRUE);
    g_free(table);
}
