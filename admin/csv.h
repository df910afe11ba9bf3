/* csv - comma-separated values (RFC 4180), as spreadsheets in China write them.
 *
 * UTF-8 with or without a byte-order mark, else GB18030; fields in quotes may hold separators, line breaks and doubled
 * quotes. The separator is "," or, if the first line has none, ";" or a tab. Each field knows its line and column. */
#pragma once
#include <glib.h>
#include <stdio.h>

#define CSV_BYTES_MAX (32 * 1024 * 1024)

typedef struct {
    char *text;         /* UTF-8, without white space around */
    guint line, column; /* from 1; columns are characters */
} CsvField;
typedef struct {
    GArray *fields; /* CsvField */
    guint line;
} CsvRow;
/* Array of CsvRow; empty lines are left out. NULL with error (HANGU_ERROR_DATA): too big, neither UTF-8 nor GB18030, a
 * NUL, a quote without end or in the middle of a field; the text names line and column. Gives. */
GPtrArray *csv_parse(const char *bytes, gsize length, GError **error);
/* The text of a field; "" if the row is shorter. Lends. */
const CsvField *csv_field(const CsvRow *row, guint index);
/* One field, in quotes if it needs them. A text that a spreadsheet would take for a formula (= + - @, tab, CR) gets an
 * apostrophe in front, and so does one that looks like that already: csv_plain() takes off what was put there, and
 * nothing else. */
void csv_write(FILE *stream, const char *text, gboolean last);
/* The text without that apostrophe. Lends a part of it. */
const char *csv_plain(const char *text);
/* Bytes as UTF-8: a mark is taken off, GB18030 is converted. NULL with error. Gives. */
char *csv_to_utf8(const char *bytes, gsize length, GError **error);
