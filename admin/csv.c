/* One pass over the text, a character at a time. */
#include "config.h"
#include "csv.h"
#include "errors.h"
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
    const char *at;
    guint line, column;
    char separator;
    GPtrArray *rows;
} Reader;

char *
csv_to_utf8(const char *bytes, gsize length, GError **error)
{
    if (length > CSV_BYTES_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("more than %d bytes; split it"), CSV_BYTES_MAX);
        return NULL;
    }
    if (memchr(bytes, '\0', length) != NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("it has NUL bytes and is no CSV; save it as \"CSV UTF-8\" in the spreadsheet"));
        return NULL;
    }
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    if (g_utf8_validate(bytes, (gssize)length, NULL))
        return g_strndup(bytes, length);
    char *text = g_convert(bytes, (gssize)length, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (text == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("it is neither UTF-8 nor GB18030; save it as \"CSV UTF-8\" in the spreadsheet"));
    return text;
}

static void
free_row(gpointer data)
{
    CsvRow *row = data;
    g_array_unref(row->fields);
    g_free(row);
}

static void
clear_field(gpointer data)
{
    g_free(((CsvField *)data)->text);
}

static void
step(Reader *reader)
{
    gboolean new_line = *reader->at == '\n';
    reader->at = g_utf8_next_char(reader->at);
    reader->line += new_line;
    reader->column = new_line ? 1 : reader->column + 1;
}

static gboolean
ends_field(const Reader *reader)
{
    char c = *reader->at;
    return c == '\0' || c == '\n' || c == reader->separator || (c == '\r' && reader->at[1] == '\n');
}

/* After the opening quote. */
static gboolean
read_quoted(Reader *reader, const CsvField *field, GString *text, GError **error)
{
    step(reader);
    while (*reader->at != '\0') {
        if (*reader->at == '"' && reader->at[1] != '"')
            break;
        if (*reader->at == '"')
            step(reader);
        g_string_append_unichar(text, g_utf8_get_char(reader->at));
        step(reader);
    }
    if (*reader->at == '\0') {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%u:%u: a quote is opened here and never closed"),
                    field->line, field->column);
        return FALSE;
    }
    step(reader);
    if (ends_field(reader))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                _("%u:%u: text behind a closing quote; a quote inside a field is doubled"), reader->line,
                reader->column);
    return FALSE;
}

static gboolean
read_field(Reader *reader, CsvRow *row, GError **error)
{
    CsvField field = {NULL, reader->line, reader->column};
    g_autoptr(GString) text = g_string_new(NULL);
    if (*reader->at == '"' && !read_quoted(reader, &field, text, error))
        return FALSE;
    while (!ends_field(reader)) {
        g_string_append_unichar(text, g_utf8_get_char(reader->at));
        step(reader);
    }
    field.text = g_strstrip(g_strdup(text->str));
    g_array_append_val(row->fields, field);
    return TRUE;
}

static gboolean
is_empty(const CsvRow *row)
{
    for (guint i = 0; i < row->fields->len; i++)
        if (*g_array_index(row->fields, CsvField, i).text != '\0')
            return FALSE;
    return TRUE;
}

static gboolean
read_row(Reader *reader, GError **error)
{
    CsvRow *row = g_new(CsvRow, 1);
    row->fields = g_array_new(FALSE, FALSE, sizeof(CsvField));
    row->line = reader->line;
    g_array_set_clear_func(row->fields, clear_field);
    gboolean more = TRUE;
    while (more) {
        if (!read_field(reader, row, error)) {
            free_row(row);
            return FALSE;
        }
        more = *reader->at == reader->separator;
        if (more)
            step(reader);
    }
    if (*reader->at == '\r')
        step(reader);
    if (*reader->at == '\n')
        step(reader);
    if (is_empty(row))
        free_row(row);
    else
        g_ptr_array_add(reader->rows, row);
    return TRUE;
}

static char
find_separator(const char *text)
{
    gsize length = strcspn(text, "\n");
    if (memchr(text, ',', length) != NULL)
        return ',';
    return memchr(text, '\t', length) != NULL ? '\t' : memchr(text, ';', length) != NULL ? ';' : ',';
}

GPtrArray *
csv_parse(const char *bytes, gsize length, GError **error)
{
    g_autofree char *text = csv_to_utf8(bytes, length, error);
    if (text == NULL)
        return NULL;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
    Reader reader = {text, 1, 1, find_separator(text), rows};
    while (*reader.at != '\0')
        if (!read_row(&reader, error))
            return NULL;
    return g_steal_pointer(&rows);
}

const CsvField *
csv_field(const CsvRow *row, guint index)
{
    static const CsvField none = {(char *)"", 0, 0};
    return index < row->fields->len ? &g_array_index(row->fields, CsvField, index) : &none;
}

/* What a spreadsheet computes, with or without apostrophes before it. */
static gboolean
is_formula(const char *text)
{
    text += strspn(text, "'");
    return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

const char *
csv_plain(const char *text)
{
    return *text == '\'' && is_formula(text) ? text + 1 : text;
}

void
csv_write(FILE *stream, const char *text, gboolean last)
{
    gboolean formula = is_formula(text);
    if (strpbrk(text, ",\"\r\n") != NULL || formula) {
        fputs(formula ? "\"'" : "\"", stream);
        for (; *text != '\0'; text++) {
            if (*text == '"')
                fputc('"', stream);
            fputc(*text, stream);
        }
        fputc('"', stream);
    } else {
        fputs(text, stream);
    }
    fputs(last ? "\r\n" : ",", stream);
}
