/* Where hashes are stored: settings that miss something, secrets in files, an account that is no filter, and a real
 * SQLite behind ODBC. A real directory is tried by tests/flow/test_passwd_backends.py. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "backend_private.h"
#include "errors.h"
#include "remove_tree.h"
#include "secret_file.h"
#include <glib/gstdio.h>
#include <sql.h>
#include <sqlext.h>
#include <string.h>
#include <sys/stat.h>

#define LI "li@unit.example"

static char *directory, *database;
static Settings *settings;

static void
set(char **setting, const char *value)
{
    g_free(*setting);
    *setting = g_strdup(value);
}

/* --- settings and secrets ------------------------------------------------------------------------------------- */

static void
test_backend_new_says_what_is_missing(void **state)
{
    static const struct {
        int backend;
        const char *missing;
    } cases[] = {{PASSWORDS_NOWHERE, "passwords.backend"},
                 {PASSWORDS_FILE, "passwords.file"},
                 {PASSWORDS_LDAP, "passwords.ldap_uri"},
                 {PASSWORDS_SQL, "passwords.sql_connection"}};
    g_autoptr(Settings) empty = settings_new_default();
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        empty->passwords_backend = cases[i].backend;
        assert_null(backend_new(empty, &error));
        assert_int_equal(error->code, HANGU_ERROR_SETTINGS);
        assert_non_null(strstr(error->message, cases[i].missing));
    }
}

static void
test_backend_ldap_filter_takes_nothing_from_the_account(void **state)
{
    static const struct {
        const char *account, *filter;
    } cases[] = {{"li", "(&(mail=li)(uid=li))"},
                 {"*", "(&(mail=\\2a)(uid=\\2a))"},
                 {"a)(b=\\", "(&(mail=a\\29\\28b\\3d\\5c)(uid=a\\29\\28b\\3d\\5c))"},
                 {"李", "(&(mail=\\e6\\9d\\8e)(uid=\\e6\\9d\\8e))"}};
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *filter = backend_ldap_filter("(&(mail=%u)(uid=%u))", cases[i].account);
        assert_string_equal(filter, cases[i].filter);
    }
}

static int
read_secret(const char *text, guint mode)
{
    g_autofree char *path = g_build_filename(directory, "secret", NULL);
    g_autoptr(GError) error = NULL;
    assert_true(g_file_set_contents(path, text, -1, NULL) && chmod(path, mode) == 0);
    char *secret = secret_file_read(path, &error);
    if (secret != NULL)
        assert_string_equal(secret, "s3 cret");
    secret_free(secret);
    return error != NULL ? error->code : 0;
}

static void
test_secret_file_read_is_its_first_line(void **state)
{
    g_autofree char *longest = g_strnfill(SECRET_MAX, 'x');
    (void)state;
    assert_int_equal(read_secret("s3 cret", 0600), 0);
    assert_int_equal(read_secret("s3 cret\r\nmore", 0640), 0);
    assert_int_equal(read_secret("s3 cret\n", 0644), HANGU_ERROR_PERMISSION);
    assert_int_equal(read_secret("\ns3 cret", 0600), HANGU_ERROR_SETTINGS);
    assert_int_equal(read_secret("", 0600), HANGU_ERROR_SETTINGS);
    assert_int_equal(read_secret(longest, 0600), HANGU_ERROR_SETTINGS);
}

/* --- SQL ------------------------------------------------------------------------------------------------------ */

/* Each statement by a connection of its own, as another program would. */
static void
run_sql(const char *sql)
{
    SQLHENV environment = SQL_NULL_HENV;
    SQLHDBC link = SQL_NULL_HDBC;
    SQLHSTMT statement = SQL_NULL_HSTMT;
    g_autofree char *text = g_strdup(settings->passwords_sql_connection);
    g_autofree char *copy = g_strdup(sql);
    assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment)));
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, environment, &link)));
    if (!SQL_SUCCEEDED(SQLDriverConnect(link, NULL, (SQLCHAR *)text, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
        fail_msg("no SQLite behind ODBC: contrib/install-deps --tests installs libsqliteodbc");
    assert_true(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, link, &statement)));
    assert_true(SQL_SUCCEEDED(SQLExecDirect(statement, (SQLCHAR *)copy, SQL_NTS)));
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
    SQLDisconnect(link);
    SQLFreeHandle(SQL_HANDLE_DBC, link);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
}

static int
fill_database(void **state)
{
    (void)state;
    g_unlink(database);
    run_sql("CREATE TABLE users (address TEXT, password TEXT)");
    run_sql("INSERT INTO users VALUES ('" LI "', '{PLAIN}old'), ('wu@unit.example', '{PLAIN}other'), "
            "('none@unit.example', NULL), ('twin@unit.example', '{PLAIN}a'), ('twin@unit.example', '{PLAIN}b')");
    set(&settings->passwords_sql_select, "SELECT password FROM users WHERE address = ?");
    set(&settings->passwords_sql_update, "UPDATE users SET password = ? WHERE address = ?");
    return 0;
}

static gboolean
has(const char *account, const char *password)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Backend) backend = backend_new(settings, &error);
    assert_non_null(backend);
    g_autoptr(Place) place = backend_open(backend, account, &error);
    if (place == NULL)
        fail_msg("%s: %s", account, error->message);
    return place_has(place, password);
}

/* 0 or the error's code. `finish` FALSE: no commit. */
static int
replace(const char *account, const char *stored, gboolean finish)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Backend) backend = backend_new(settings, &error);
    g_autoptr(Place) place = backend_open(backend, account, &error);
    const gboolean good =
        place != NULL && place_prepare(place, stored, &error) && (!finish || place_commit(place, &error));
    assert_true(good == (error == NULL));
    if (error != NULL && strstr(error->message, stored) != NULL)
        fail_msg("the hash is told: %s", error->message);
    return error != NULL ? error->code : 0;
}

static void
test_sql_replaces_one_password(void **state)
{
    (void)state;
    assert_true(has(LI, "old") && !has(LI, "new") && !has(LI, ""));
    assert_int_equal(replace(LI, "{PLAIN}new", TRUE), 0);
    assert_true(has(LI, "new") && !has(LI, "old"));
    assert_true(has("wu@unit.example", "other"));
    assert_false(has("none@unit.example", ""));
    assert_int_equal(replace("none@unit.example", "{PLAIN}first", TRUE), 0);
    assert_true(has("none@unit.example", "first"));
}

static void
test_sql_without_commit_is_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(replace(LI, "{PLAIN}new", FALSE), 0);
    assert_true(has(LI, "old"));
}

static void
test_sql_account_is_a_value_and_no_statement(void **state)
{
    (void)state;
    assert_int_equal(replace("' OR 1=1 --", "{PLAIN}new", TRUE), HANGU_ERROR_NO_INPUT);
    assert_int_equal(replace(LI "'; DROP TABLE users; --", "{PLAIN}new", TRUE), HANGU_ERROR_NO_INPUT);
    assert_int_equal(replace("twin@unit.example", "{PLAIN}new", TRUE), HANGU_ERROR_DATA);
    assert_true(has(LI, "old"));
}

static void
test_sql_update_that_hits_others_changes_nothing(void **state)
{
    (void)state;
    set(&settings->passwords_sql_update, "UPDATE users SET password = ? WHERE address >= ?");
    assert_int_equal(replace(LI, "{PLAIN}new", TRUE), HANGU_ERROR_DATA);
    set(&settings->passwords_sql_update, "UPDATE users SET password = ? WHERE address = 'x' || ?");
    assert_int_equal(replace(LI, "{PLAIN}new", TRUE), HANGU_ERROR_DATA);
    set(&settings->passwords_sql_update, "UPDATE nobody SET password = ? WHERE address = ?");
    assert_int_equal(replace(LI, "{PLAIN}new", TRUE), HANGU_ERROR_IO);
    assert_true(has(LI, "old") && has("wu@unit.example", "other"));
}

static void
test_sql_value_that_is_no_hash_is_refused(void **state)
{
    (void)state;
    g_autofree char *filler = g_strnfill(PASSWORD_STORED_MAX + 1, 'x');
    g_autofree char *sql = g_strdup_printf("UPDATE users SET password = '%s' WHERE address = '" LI "'", filler);
    run_sql(sql);
    assert_int_equal(replace(LI, "{PLAIN}new", TRUE), HANGU_ERROR_DATA);
}

static int
set_up(void **state)
{
    (void)state;
    directory = g_dir_make_tmp("hangu-backend-XXXXXX", NULL);
    database = g_build_filename(directory, "users.db", NULL);
    settings = settings_new_default();
    settings->passwords_backend = PASSWORDS_SQL;
    settings->passwords_sql_connection = g_strdup_printf("Driver=SQLite3;Database=%s;Timeout=2000", database);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    settings_free(settings);
    remove_tree(directory);
    g_free(directory);
    g_free(database);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backend_new_says_what_is_missing),
        cmocka_unit_test(test_backend_ldap_filter_takes_nothing_from_the_account),
        cmocka_unit_test(test_secret_file_read_is_its_first_line),
        cmocka_unit_test_setup(test_sql_replaces_one_password, fill_database),
        cmocka_unit_test_setup(test_sql_without_commit_is_as_it_was, fill_database),
        cmocka_unit_test_setup(test_sql_account_is_a_value_and_no_statement, fill_database),
        cmocka_unit_test_setup(test_sql_update_that_hits_others_changes_nothing, fill_database),
        cmocka_unit_test_setup(test_sql_value_that_is_no_hash_is_refused, fill_database),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
