/* SQLite opened for reading only, with names that are checked against its own schema before they are used. */
#include "config.h"
#include "table_file.h"
#include "errors.h"
#include <sqlite3.h>
#include <string.h>

static const char magic[] = "SQLite format 3";

gboolean
table_file_is(const char *bytes, gsize length)
{
    return length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

static gboolean
fail(sqlite3 *handle, const char *path, GError **error)
{
    int code = sqlite3_errcode(handle) & 0xff;
    gboolean data = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR;
    g_set_error(error, HANGU_ERROR, data ? HANGU_ERROR_DATA : HANGU_ERROR_IO, "%s: %s", path, sqlite3_errmsg(handle));
    return FALSE;
}

/* NULL without error: there is none. Gives. */
static char *
find_table(sqlite3 *handle, const char *table)
{
    g_autofree char *pattern = g_strconcat("%", table, NULL);
    sqlite3_stmt *query = NULL;
    char *found = NULL;
    if (sqlite3_prepare_v2(handle,
                           "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ORDER BY length(name)",
                           -1, &query, NULL) == SQLITE_OK &&
        sqlite3_bind_text(query, 1, pattern, -1, SQLITE_TRANSIENT) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
        found = g_strdup((const char *)sqlite3_column_text(query, 0));
    sqlite3_finalize(query);
    return found;
}

/* In brackets a name that is none is an error; in quotes SQLite would take it for a text. */
static char *
select_text(const char *table, const char *const *columns)
{
    g_autofree char *list = g_strjoinv("], [", (char **)columns);
    return strpbrk(table, "[]") == NULL ? g_strdup_printf("SELECT [%s] FROM [%s]", list, table) : NULL;
}

static gboolean
read_rows(sqlite3 *handle, const char *path, const char *sql, TableRow each, gpointer user, GError **error)
{
    sqlite3_stmt *query = NULL;
    guint rows = 0;
    int got = sqlite3_prepare_v2(handle, sql, -1, &query, NULL);
    while (got == SQLITE_OK || got == SQLITE_ROW) {
        const char *values[TABLE_FILE_COLUMNS_MAX + 1] = {NULL};
        got = sqlite3_step(query);
        if (got != SQLITE_ROW || rows++ >= TABLE_FILE_ROWS_MAX)
            break;
        for (int i = 0; i < MIN(sqlite3_column_count(query), TABLE_FILE_COLUMNS_MAX); i++)
            values[i] = (const char *)sqlite3_column_text(query, i);
        each(values, user);
    }
    gboolean good = got == SQLITE_DONE || got == SQLITE_ROW || fail(handle, path, error);
    sqlite3_finalize(query);
    return good;
}

gboolean
table_file_each(const char *path, const char *table, const char *const *columns, TableRow each, gpointer user,
                GError **error)
{
    sqlite3 *handle = NULL;
    g_return_val_if_fail(g_strv_length((char **)columns) <= TABLE_FILE_COLUMNS_MAX, FALSE);
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        fail(handle, path, error);
        sqlite3_close(handle);
        return FALSE;
    }
    sqlite3_exec(handle, "PRAGMA trusted_schema=OFF; PRAGMA query_only=ON", NULL, NULL, NULL);
    g_autofree char *name = find_table(handle, table);
    g_autofree char *sql = name != NULL ? select_text(name, columns) : NULL;
    gboolean good = FALSE;
    if (sql != NULL)
        good = read_rows(handle, path, sql, each, user, error);
    else
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s: there is no table \"%s\"", path, table);
    sqlite3_close(handle);
    return good;
}
