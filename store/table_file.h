/* table_file - rows of one table of somebody else's SQLite file, read only: nothing in it is changed or believed. */
#pragma once
#include <glib.h>

#define TABLE_FILE_COLUMNS_MAX 8
#define TABLE_FILE_ROWS_MAX 1000000

/* values: as many as columns, NULL for null; lent. */
typedef void (*TableRow)(const char *const *values, gpointer user);
/* Whether the file begins as SQLite files do. */
gboolean table_file_is(const char *bytes, gsize length);
/* The first table whose name is `table` or ends in it behind a prefix ("rc_identities"); columns end with NULL. FALSE
 * with error: no such file, table or column, damaged (HANGU_ERROR_DATA), or it cannot be read (IO). */
gboolean table_file_each(const char *path, const char *table, const char *const *columns, TableRow each, gpointer user,
                         GError **error);
