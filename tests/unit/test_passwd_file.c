/* One password is replaced, and nothing else: bytes, mode, order; two at once, and the one that is not there. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "passwd_file.h"
#include "remove_tree.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEFORE "# people\r\nli:{PLAIN}a:1:2:Li:/home\r\nlisa@x.example:{PLAIN}b\n\nli2:{CRYPT}c::\nlast:{PLAIN}d"

static char *directory, *path;

static gboolean
replace(const char *account, const char *stored, GError **error)
{
    g_autoptr(PasswdFile) file = passwd_file_open(path, account, error);
    return file != NULL && passwd_file_prepare(file, stored, error) && passwd_file_commit(file, error);
}

static void
assert_text(const char *wanted)
{
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, wanted);
}

static int
write_file(void **state)
{
    return g_file_set_contents(path, BEFORE, -1, NULL) && chmod(path, 0640) == 0 ? 0 : -1;
}

static void
test_passwd_file_changes_one_password_and_nothing_else(void **state)
{
    struct stat facts;
    assert_true(replace("li", "{CRYPT}$y$new", NULL));
    assert_true(replace("lisa@x.example", "{CRYPT}$y$other", NULL));
    assert_true(replace("last", "e", NULL));
    assert_text(
        "# people\r\nli:{CRYPT}$y$new:1:2:Li:/home\r\nlisa@x.example:{CRYPT}$y$other\n\nli2:{CRYPT}c::\nlast:e");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0640);
}

static void
test_passwd_file_is_later_in_whole_seconds_than_before(void **state)
{
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    for (guint i = 0; i < 3; i++) {
        const time_t before = facts.st_mtim.tv_sec;
        assert_true(replace("li", "{CRYPT}$y$new", NULL));
        assert_int_equal(stat(path, &facts), 0);
        assert_true(facts.st_mtim.tv_sec > before);
    }
}

static void
test_passwd_file_knows_what_is_stored(void **state)
{
    g_autoptr(PasswdFile) file = passwd_file_open(path, "li2", NULL);
    assert_non_null(file);
    assert_string_equal(passwd_file_stored(file), "{CRYPT}c");
}

static void
test_passwd_file_without_commit_is_as_it_was_and_leaves_nothing(void **state)
{
    PasswdFile *file = passwd_file_open(path, "li", NULL);
    assert_true(passwd_file_prepare(file, "x", NULL));
    passwd_file_free(file);
    assert_text(BEFORE);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    guint count = 0;
    while (g_dir_read_name(dir) != NULL)
        count++;
    assert_int_equal(count, 1);
}

static void
test_passwd_file_refuses_what_would_break_it(void **state)
{
    static const struct {
        const char *account, *stored;
        int code;
    } cases[] = {
        {"nobody", "x", HANGU_ERROR_NO_INPUT},  {"lis", "x", HANGU_ERROR_NO_INPUT},
        {"# people", "x", HANGU_ERROR_USAGE},   {"li:{PLAIN}a", "x", HANGU_ERROR_USAGE},
        {"", "x", HANGU_ERROR_USAGE},           {"li", "x:0:0", HANGU_ERROR_USAGE},
        {"li", "x\nroot:y", HANGU_ERROR_USAGE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(replace(cases[i].account, cases[i].stored, &error));
        assert_true(g_error_matches(error, HANGU_ERROR, cases[i].code));
    }
    assert_text(BEFORE);
}

static void
test_passwd_file_with_an_account_twice_is_refused(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(g_file_set_contents(path, "li:a\nwu:b\nli:c\n", -1, NULL));
    assert_false(replace("li", "x", &error));
    assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_DATA));
}

static void
test_passwd_file_behind_a_link_is_changed_and_the_link_stays(void **state)
{
    g_autofree char *link = g_build_filename(directory, "link", NULL);
    assert_int_equal(symlink(path, link), 0);
    g_autoptr(PasswdFile) file = passwd_file_open(link, "last", NULL);
    assert_true(file != NULL && passwd_file_prepare(file, "e", NULL) && passwd_file_commit(file, NULL));
    assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    g_unlink(link);
    assert_text("# people\r\nli:{PLAIN}a:1:2:Li:/home\r\nlisa@x.example:{PLAIN}b\n\nli2:{CRYPT}c::\nlast:e");
}

static gpointer
change_many(gpointer account)
{
    for (guint i = 0; i < 50; i++)
        if (!replace(account, i % 2 == 0 ? "even" : "odd", NULL))
            return GINT_TO_POINTER(1);
    return NULL;
}

static void
test_passwd_file_loses_none_of_two_changes_at_once(void **state)
{
    GThread *first = g_thread_new("li", change_many, (gpointer) "li");
    GThread *second = g_thread_new("last", change_many, (gpointer) "last");
    assert_null(g_thread_join(first));
    assert_null(g_thread_join(second));
    assert_text("# people\r\nli:odd:1:2:Li:/home\r\nlisa@x.example:{PLAIN}b\n\nli2:{CRYPT}c::\nlast:odd");
}

static int
set_up(void **state)
{
    directory = g_dir_make_tmp("hangu-passwd-XXXXXX", NULL);
    path = directory != NULL ? g_build_filename(directory, "users", NULL) : NULL;
    return path == NULL;
}

static int
tear_down(void **state)
{
    remove_tree(directory);
    g_free(directory);
    g_free(path);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_passwd_file_changes_one_password_and_nothing_else, write_file),
        cmocka_unit_test_setup(test_passwd_file_is_later_in_whole_seconds_than_before, write_file),
        cmocka_unit_test_setup(test_passwd_file_knows_what_is_stored, write_file),
        cmocka_unit_test_setup(test_passwd_file_without_commit_is_as_it_was_and_leaves_nothing, write_file),
        cmocka_unit_test_setup(test_passwd_file_refuses_what_would_break_it, write_file),
        cmocka_unit_test_setup(test_passwd_file_with_an_account_twice_is_refused, write_file),
        cmocka_unit_test_setup(test_passwd_file_behind_a_link_is_changed_and_the_link_stays, write_file),
        cmocka_unit_test_setup(test_passwd_file_loses_none_of_two_changes_at_once, write_file),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
