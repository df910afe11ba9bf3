/* Tables and JSON lines for the terminal. */
#include "config.h"
#include "print.h"
#include "log.h"
#include <string.h>
#include <unistd.h>

#define CELL_MAX 2000
#define GAP 2

typedef struct {
    PrintStyle style;
    GPtrArray *cells; /* char *, safe to show */
} Row;

struct PrintTable {
    GPtrArray *headings; /* char * */
    GArray *right;       /* gboolean: aligned right */
    GPtrArray *rows;     /* Row * */
};

guint
print_width(const char *text)
{
    guint width = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (!g_unichar_iszerowidth(c))
            width += g_unichar_iswide(c) ? 2 : 1;
    }
    return width;
}

gboolean
print_wants_colour(FILE *stream)
{
    const char *term = g_getenv("TERM"), *no_colour = g_getenv("NO_COLOR");
    if (no_colour != NULL && *no_colour != '\0')
        return FALSE;
    return term != NULL && strcmp(term, "dumb") != 0 && isatty(fileno(stream));
}

const char *
print_style_begin(PrintStyle style)
{
    static const char *const sequences[] = {"", "\033[32m", "\033[33m", "\033[31m", "\033[2m", "\033[1m"};
    return sequences[style];
}

const char *
print_style_end(PrintStyle style)
{
    return style == PRINT_PLAIN ? "" : "\033[0m";
}

static void
row_free(gpointer data)
{
    Row *row = data;
    g_ptr_array_unref(row->cells);
    g_free(row);
}

PrintTable *
print_table_new(const char *const *headings)
{
    PrintTable *table = g_new0(PrintTable, 1);
    table->headings = g_ptr_array_new_with_free_func(g_free);
    table->right = g_array_new(FALSE, FALSE, sizeof(gboolean));
    table->rows = g_ptr_array_new_with_free_func(row_free);
    for (; *headings != NULL; headings++) {
        gboolean right = **headings == '>';
        g_array_append_val(table->right, right);
        g_ptr_array_add(table->headings, g_strdup(right ? *headings + 1 : *headings));
    }
    return table;
}

void
print_table_free(PrintTable *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->headings);
    g_array_unref(table->right);
    g_ptr_array_unref(table->rows);
    g_free(table);
}

void
print_table_add(PrintTable *table, PrintStyle style, const char *const *cells)
{
    Row *row = g_new0(Row, 1);
    row->style = style;
    row->cells = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < table->headings->len; i++)
        g_ptr_array_add(row->cells, log_foreign(cells[i], -1, CELL_MAX));
    g_ptr_array_add(table->rows, row);
}

static guint
column_width(const PrintTable *table, guint column)
{
    guint width = print_width(g_ptr_array_index(table->headings, column));
    for (guint i = 0; i < table->rows->len; i++) {
        const Row *row = g_ptr_array_index(table->rows, i);
        width = MAX(width, print_width(g_ptr_array_index(row->cells, column)));
    }
    return width;
}

static void
append_blanks(GString *out, guint count)
{
    for (; count > 0; count--)
        g_string_append_c(out, ' ');
}

static void
append_row(GString *out, const PrintTable *table, const guint *widths, const GPtrArray *cells, PrintStyle style)
{
    g_string_append(out, print_style_begin(style));
    gsize start = out->len;
    for (guint i = 0; i < cells->len; i++) {
        const char *cell = g_ptr_array_index(cells, i);
        guint blanks = widths[i] - print_width(cell);
        gboolean right = g_array_index(table->right, gboolean, i);
        append_blanks(out, (i > 0 ? GAP : 0) + (right ? blanks : 0));
        g_string_append(out, cell);
        append_blanks(out, right ? 0 : blanks);
    }
    while (out->len > start && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    g_string_append(out, print_style_end(style));
    g_string_append_c(out, '\n');
}

char *
print_table_text(const PrintTable *table, gboolean colour)
{
    GString *out = g_string_new(NULL);
    g_autofree guint *widths = g_new0(guint, table->headings->len + 1);
    for (guint i = 0; i < table->headings->len; i++)
        widths[i] = column_width(table, i);
    append_row(out, table, widths, table->headings, colour ? PRINT_STRONG : PRINT_PLAIN);
    for (guint i = 0; i < table->rows->len; i++) {
        const Row *row = g_ptr_array_index(table->rows, i);
        append_row(out, table, widths, row->cells, colour ? row->style : PRINT_PLAIN);
    }
    return g_string_free(out, FALSE);
}

void
print_table(const PrintTable *table, FILE *stream)
{
    g_autofree char *text = print_table_text(table, print_wants_colour(stream));
    fputs(text, stream);
}

void
print_json(json_t *object, FILE *stream)
{
    json_dumpf(object, stream, JSON_COMPACT | JSON_REAL_PRECISION(9));
    fputc('\n', stream);
    json_decref(object);
}
