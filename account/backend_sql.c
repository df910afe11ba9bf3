/* A database behind ODBC: what is stored is read and replaced in one transaction, with bound parameters. Of what a
 * driver says only the code is told once values are bound: its sentence may repeat them. */
#include "config.h"
#include "backend_private.h"
#include "crypto.h"
#include "errors.h"
#include "secret_file.h"
#include <glib/gi18n.h>
#include <sql.h>
#include <sqlext.h>
#include <string.h>

#define CONNECT_WAIT_S 5
#define SAID_MAX 200

typedef struct {
    SQLHENV environment;
    SQLHDBC link;
    gboolean connected;
} Link;

gboolean
backend_sql_check(const Settings *settings, GError **error)
{
    return backend_need(settings->passwords_sql_connection, "sql_connection", error) &&
           backend_need(settings->passwords_sql_select, "sql_select", error) &&
           backend_need(settings->passwords_sql_update, "sql_update", error);
}

static gboolean
fail(SQLSMALLINT type, SQLHANDLE handle, const char *what, gboolean bound, GError **error)
{
    SQLCHAR state[6] = "", said[SAID_MAX] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    SQLGetDiagRec(type, handle, 1, state, &native, said, sizeof said, &length);
    const char *class = (const char *)state;
    const int code = g_str_has_prefix(class, "08") || g_str_has_prefix(class, "HYT") ? HANGU_ERROR_AWAY
                     : g_str_has_prefix(class, "28")                                 ? HANGU_ERROR_PERMISSION
                     : g_str_has_prefix(class, "40")                                 ? HANGU_ERROR_TIMEOUT
                                                                                     : HANGU_ERROR_IO;
    g_autofree char *shown = g_utf8_make_valid(bound ? "" : (const char *)said, -1);
    g_set_error(error, HANGU_ERROR, code, "SQL: %s: %s %d %s", what, class, (int)native, shown);
    return FALSE;
}

/* --- connection --------------------------------------------------------------------------------------------------- */

/* The password stands in braces, a closing one doubled (ODBC, SQLDriverConnect). Gives; to be wiped. */
static char *
connection_text(const Settings *settings, GError **error)
{
    if (settings->passwords_sql_password_file == NULL)
        return g_strdup(settings->passwords_sql_connection);
    char *secret = secret_file_read(settings->passwords_sql_password_file, error);
    if (secret == NULL)
        return NULL;
    GString *text = g_string_sized_new(strlen(settings->passwords_sql_connection) + 2 * SECRET_MAX + 16);
    g_string_append_printf(text, "%s;PWD={", settings->passwords_sql_connection);
    for (const char *at = secret; *at != '\0'; at++)
        g_string_append(text, *at == '}' ? "}}" : ((const char[]){*at, '\0'}));
    g_string_append(text, "}");
    secret_free(secret);
    return g_string_free(text, FALSE);
}

static gboolean
connect_link(Link *link, const Settings *settings, GError **error)
{
    char *text = connection_text(settings, error);
    if (text == NULL)
        return FALSE;
    SQLSetConnectAttr(link->link, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)CONNECT_WAIT_S, 0);
    const SQLRETURN done =
        SQLDriverConnect(link->link, NULL, (SQLCHAR *)text, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT);
    crypto_wipe(text, strlen(text));
    g_free(text);
    link->connected = SQL_SUCCEEDED(done);
    if (!link->connected)
        return fail(SQL_HANDLE_DBC, link->link, "connect", FALSE, error);
    return SQL_SUCCEEDED(SQLSetConnectAttr(link->link, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER)SQL_AUTOCOMMIT_OFF, 0)) ||
           fail(SQL_HANDLE_DBC, link->link, "transaction", FALSE, error);
}

static gboolean
make_link(Link *link, GError **error)
{
    if (SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &link->environment)) &&
        SQL_SUCCEEDED(SQLSetEnvAttr(link->environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0)) &&
        SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, link->environment, &link->link)))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL, "SQL: the driver manager of ODBC does not start");
    return FALSE;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

/* Executes `sql` with these texts bound. SQL_NULL_HSTMT with error. */
static SQLHSTMT
execute(const Link *link, const char *sql, const char *const *texts, guint count, GError **error)
{
    SQLHSTMT statement = SQL_NULL_HSTMT;
    SQLLEN end = SQL_NTS;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, link->link, &statement))) {
        fail(SQL_HANDLE_DBC, link->link, "statement", FALSE, error);
        return SQL_NULL_HSTMT;
    }
    SQLSetStmtAttr(statement, SQL_ATTR_QUERY_TIMEOUT, (SQLPOINTER)BACKEND_WAIT_S, 0);
    gboolean good = SQL_SUCCEEDED(SQLPrepare(statement, (SQLCHAR *)sql, SQL_NTS)) ||
                    fail(SQL_HANDLE_STMT, statement, "prepare", FALSE, error);
    for (guint i = 0; good && i < count; i++)
        good = SQL_SUCCEEDED(SQLBindParameter(statement, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT, SQL_C_CHAR,
                                              SQL_VARCHAR, strlen(texts[i]), 0, (SQLPOINTER)texts[i], 0, &end)) ||
               fail(SQL_HANDLE_STMT, statement, "bind", TRUE, error);
    if (good) {
        const SQLRETURN done = SQLExecute(statement);
        good = SQL_SUCCEEDED(done) || done == SQL_NO_DATA || fail(SQL_HANDLE_STMT, statement, "execute", TRUE, error);
    }
    if (good)
        return statement;
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return SQL_NULL_HSTMT;
}

static gboolean
take_row(Place *place, SQLHSTMT statement, GError **error)
{
    char value[PASSWORD_STORED_MAX + 2] = "";
    SQLLEN length = 0;
    const SQLRETURN row = SQLFetch(statement);
    if (row == SQL_NO_DATA) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _("SQL: no row of this account"));
        return FALSE;
    }
    if (!SQL_SUCCEEDED(row) || !SQL_SUCCEEDED(SQLGetData(statement, 1, SQL_C_CHAR, value, sizeof value, &length)))
        return fail(SQL_HANDLE_STMT, statement, "fetch", TRUE, error);
    const gboolean fits = length == SQL_NULL_DATA || (length >= 0 && length <= PASSWORD_STORED_MAX);
    if (fits)
        g_ptr_array_add(place->values, g_strdup(length == SQL_NULL_DATA ? "" : value));
    crypto_wipe(value, sizeof value);
    if (!fits || SQLFetch(statement) != SQL_NO_DATA) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    _("SQL: more than one row of this account, or no hash of a password"));
        return FALSE;
    }
    return TRUE;
}

static gboolean
sql_open(const Backend *backend, Place *place, GError **error)
{
    Link *link = place->data = g_new0(Link, 1);
    const char *const texts[] = {place->account};
    if (!make_link(link, error) || !connect_link(link, backend->settings, error))
        return FALSE;
    SQLHSTMT statement = execute(link, backend->settings->passwords_sql_select, texts, G_N_ELEMENTS(texts), error);
    if (statement == SQL_NULL_HSTMT)
        return FALSE;
    const gboolean good = take_row(place, statement, error);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    return good;
}

static void
sql_close(Place *place)
{
    Link *link = place->data;
    if (link->connected) {
        SQLEndTran(SQL_HANDLE_DBC, link->link, SQL_ROLLBACK);
        SQLDisconnect(link->link);
    }
    if (link->link != SQL_NULL_HDBC)
        SQLFreeHandle(SQL_HANDLE_DBC, link->link);
    if (link->environment != SQL_NULL_HENV)
        SQLFreeHandle(SQL_HANDLE_ENV, link->environment);
    g_free(link);
}

static gboolean
sql_prepare(Place *place, const char *stored, GError **error)
{
    const Link *link = place->data;
    const char *const texts[] = {stored, place->account};
    SQLLEN rows = -1;
    SQLHSTMT statement =
        execute(link, place->backend->settings->passwords_sql_update, texts, G_N_ELEMENTS(texts), error);
    if (statement == SQL_NULL_HSTMT)
        return FALSE;
    const gboolean told = SQL_SUCCEEDED(SQLRowCount(statement, &rows));
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    if (told && rows == 1)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                _("passwords.sql_update would change %d rows instead of one; nothing was changed"), (int)rows);
    return FALSE;
}

static gboolean
sql_commit(Place *place, GError **error)
{
    const Link *link = place->data;
    return SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, link->link, SQL_COMMIT)) ||
           fail(SQL_HANDLE_DBC, link->link, "commit", TRUE, error);
}

const BackendKind backend_sql = {sql_open, sql_prepare, sql_commit, sql_close};
