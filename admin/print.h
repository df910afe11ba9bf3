/* print - what commands show: aligned tables, JSON lines, colour on a terminal only.
 *
 * Widths count columns of a terminal: Chinese characters take two. Cells may hold foreign bytes: control
 * characters and the like are shown as \xNN, so that no letter can drive the terminal. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdio.h>

typedef enum { PRINT_PLAIN, PRINT_GOOD, PRINT_WARN, PRINT_BAD, PRINT_DIM, PRINT_STRONG } PrintStyle;

/* Columns that a text takes on a terminal. */
guint print_width(const char *text);

/* Whether to colour: a terminal, NO_COLOR not set, TERM not "dumb". */
gboolean print_wants_colour(FILE *stream);
/* Escape sequences around a piece of text; "" for PRINT_PLAIN. Lent. */
const char *print_style_begin(PrintStyle style);
const char *print_style_end(PrintStyle style);

typedef struct PrintTable PrintTable;
/* headings end with NULL; one that begins with ">" stands for a column of numbers, aligned right. */
PrintTable *print_table_new(const char *const *headings);
void print_table_free(PrintTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrintTable, print_table_free)
/* One cell for each heading, copied; NULL shows "-". The style colours the whole row. */
void print_table_add(PrintTable *table, PrintStyle style, const char *const *cells);
/* The lines, two spaces between columns, no white space at their ends. Gives. */
char *print_table_text(const PrintTable *table, gboolean colour);
void print_table(const PrintTable *table, FILE *stream);

/* One JSON object as one line; takes the reference. */
void print_json(json_t *object, FILE *stream);
