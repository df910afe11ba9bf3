/* html_table - columns of tables read downwards. Part of html.
 *
 * The text of a table comes row by row. A mark may stand in a column, one character a cell, beside other columns; so
 * columns of very short cells are given once more behind their table, a cell a line. Bounded: 4 tables in each other,
 * 32 columns, cells of 4 characters. */
#pragma once
#include <glib.h>

#define HTML_TABLE_DEPTH 4
#define HTML_TABLE_COLUMNS 32
#define HTML_TABLE_CELL 16 /* bytes: four characters of any kind */
#define HTML_TABLE_RUN 120 /* bytes of short cells below each other */

typedef struct {
    guint8 cells, single; /* cells in the run; how many are one character that is not ASCII */
    gboolean star;        /* some cell begins with a star */
    guint held;           /* rows in which a cell from above still fills this column */
    gsize length;
    char run[HTML_TABLE_RUN];
} HtmlColumn;

typedef struct {
    guint column, span, rows; /* of the cell in hand */
    guint used;               /* columns */
    guint filled;             /* bits of columns that held text */
    gboolean in_cell, is_long;
    gsize cell_length;
    char cell[HTML_TABLE_CELL];
    GString *found; /* or NULL */
    HtmlColumn columns[HTML_TABLE_COLUMNS];
} HtmlGrid;

typedef struct {
    guint depth; /* tables open, those too deep too */
    HtmlGrid grids[HTML_TABLE_DEPTH];
} HtmlTable;

void html_table_open(HtmlTable *table);
void html_table_row(HtmlTable *table);
void html_table_cell(HtmlTable *table, guint columns, guint rows);
void html_table_cell_end(HtmlTable *table);
/* Visible text. */
void html_table_text(HtmlTable *table, const char *text, gsize length);
/* Gives what its columns say, NULL if nothing: each on lines of its own, with empty lines between. */
GString *html_table_close(HtmlTable *table);
void html_table_free(HtmlTable *table);
