/* The SQLite wrapper: versions, one owner, transactions, statements, errors. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "database.h"
#include "errors.h"
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory, *path;

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-database-XXXXXX", NULL);
    path = g_build_filename(directory, "a.db", NULL);
    return 0;
}

static int
tear_down(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);
        g_unlink(name);
    }
    g_rmdir(directory);
    g_free(directory);
    g_free(path);
    return 0;
}

static const char *const first[] = {"CREATE TABLE t (a TEXT PRIMARY KEY, n INTEGER) STRICT;", NULL};
static const char *const second[] = {"CREATE TABLE t (a TEXT PRIMARY KEY, n INTEGER) STRICT;",
                                     "ALTER TABLE t ADD COLUMN b TEXT;", NULL};
static const char *const broken[] = {"CREATE TABLE t (a TEXT PRIMARY KEY, n INTEGER) STRICT;",
                                     "ALTER TABLE t ADD COLUMN b TEXT; ALTER TABLE none ADD COLUMN c TEXT;", NULL};

static Database *
open_first(void)
{
    Database *database = database_open(path, NULL);
    assert_non_null(database);
    assert_true(database_migrate(database, "t", first, NULL));
    return database;
}

static void
test_migrate_goes_up_step_by_step(void **state)
{
    g_autoptr(Database) database = open_first();
    assert_int_equal(database_version(database, "t", NULL), 1);
    assert_true(database_run(database, NULL, "INSERT INTO t VALUES (?, ?)", "ti", "x", (gint64)7));
    assert_true(database_migrate(database, "t", second, NULL));
    assert_true(database_migrate(database, "t", second, NULL));
    assert_int_equal(database_version(database, "t", NULL), 2);
    g_autoptr(Statement) row = database_query(database, NULL, "SELECT n, b FROM t", "");
    assert_int_equal(statement_step(row, NULL), 1);
    assert_int_equal(statement_integer(row, 0), 7);
    assert_null(statement_text(row, 1));
}

static void
test_migrate_half_done_is_undone(void **state)
{
    g_autoptr(Database) database = open_first();
    g_autoptr(GError) error = NULL;
    assert_false(database_migrate(database, "t", broken, &error));
    assert_non_null(error);
    assert_int_equal(database_version(database, "t", NULL), 1);
    assert_true(database_migrate(database, "t", second, NULL)); /* column b was not left behind */
}

static void
test_migrate_refuses_a_newer_version(void **state)
{
    g_autoptr(Database) database = open_first();
    g_autoptr(GError) error = NULL;
    assert_true(database_migrate(database, "t", second, NULL));
    assert_false(database_migrate(database, "t", first, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
    assert_non_null(g_strstr_len(error->message, -1, "newer"));
    assert_true(database_migrate(database, "other", first + 1, NULL)); /* another part has its own numbers */
}

static void
test_open_again_in_this_process_but_in_no_other(void **state)
{
    g_autoptr(Database) database = open_first();
    g_autoptr(Database) again = database_open(path, NULL);
    assert_non_null(again);
    pid_t child = fork();
    if (child == 0) { /* a program of its own: what the parent holds is not known there */
        execl("/usr/bin/flock", "flock", "-n", g_strconcat(path, ".lock", NULL), "true", NULL);
        _exit(99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1); /* taken */
}

static void
test_open_makes_a_private_file(void **state)
{
    g_autoptr(Database) database = open_first();
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    g_autofree char *log = g_strconcat(path, "-wal", NULL);
    assert_int_equal(stat(log, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void
test_open_refuses_what_is_no_database(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(
        g_file_set_contents(path, "address,owner\nzhang@unit.example,Zhang Wei\nand more of this kind\n", -1, NULL));
    assert_null(database_open(path, &error));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
    g_clear_error(&error);
    assert_null(database_open("/nonexistent/a.db", &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
}

static void
test_open_is_durable_and_checks_references(void **state)
{
    g_autoptr(Database) database = open_first();
    static const struct {
        const char *pragma, *value;
    } cases[] = {
        {"PRAGMA journal_mode", "wal"},
        {"PRAGMA synchronous", "2"},
        {"PRAGMA foreign_keys", "1"},
        {"PRAGMA busy_timeout", G_STRINGIFY(DATABASE_BUSY_MS)},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Statement) row = database_query(database, NULL, cases[i].pragma, "");
        assert_int_equal(statement_step(row, NULL), 1);
        assert_string_equal(statement_text(row, 0), cases[i].value);
    }
}

static void
test_rollback_leaves_nothing(void **state)
{
    g_autoptr(Database) database = open_first();
    assert_true(database_begin(database, NULL));
    assert_true(database_run(database, NULL, "INSERT INTO t VALUES (?, 1)", "t", "x"));
    database_rollback(database);
    database_rollback(database); /* none is open: fine */
    g_autoptr(Statement) row = database_query(database, NULL, "SELECT count(*) FROM t", "");
    assert_int_equal(statement_step(row, NULL), 1);
    assert_int_equal(statement_integer(row, 0), 0);
}

static void
test_query_asked_again_while_it_is_read(void **state)
{
    static const char sql[] = "SELECT a FROM t WHERE a >= ? ORDER BY a";
    g_autoptr(Database) database = open_first();
    assert_true(database_run(database, NULL, "INSERT INTO t VALUES ('a', 1), ('b', 2)", ""));
    g_autoptr(Statement) outer = database_query(database, NULL, sql, "t", "a");
    assert_int_equal(statement_step(outer, NULL), 1);
    g_autoptr(Statement) inner = database_query(database, NULL, sql, "t", "b");
    assert_int_equal(statement_step(inner, NULL), 1);
    assert_string_equal(statement_text(inner, 0), "b");
    assert_int_equal(statement_step(inner, NULL), 0);
    assert_int_equal(statement_step(outer, NULL), 1);
    assert_string_equal(statement_text(outer, 0), "b");
}

static void
test_query_binds_and_never_pastes(void **state)
{
    g_autoptr(Database) database = open_first();
    g_autoptr(GError) error = NULL;
    const char *evil = "x'); DROP TABLE t; --";
    assert_true(database_run(database, NULL, "INSERT INTO t VALUES (?, 1)", "t", evil));
    assert_false(database_run(database, &error, "INSERT INTO t VALUES (?, 1)", "t", evil));
    assert_int_equal(error->code, HANGU_ERROR_DATA);
    g_clear_error(&error);
    assert_null(database_query(database, &error, "SELECT a FROM t WHERE a = ?", "tt", "one", "too many"));
    assert_int_equal(error->code, HANGU_ERROR_INTERNAL);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_migrate_goes_up_step_by_step),
        CASE(test_migrate_half_done_is_undone),
        CASE(test_migrate_refuses_a_newer_version),
        CASE(test_open_again_in_this_process_but_in_no_other),
        CASE(test_open_makes_a_private_file),
        CASE(test_open_refuses_what_is_no_database),
        CASE(test_open_is_durable_and_checks_references),
        CASE(test_rollback_leaves_nothing),
        CASE(test_query_asked_again_while_it_is_read),
        CASE(test_query_binds_and_never_pastes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
