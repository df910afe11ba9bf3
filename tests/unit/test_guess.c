/* Which passwords are tried, and how early. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "guess.h"
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
    const char *wanted;
    guint64 made, most;
    gboolean found;
} Hunt;

static gboolean
hunt(const char *guess, gsize length, gpointer user)
{
    Hunt *hunt = user;
    hunt->made++;
    hunt->found = strlen(hunt->wanted) == length && memcmp(guess, hunt->wanted, length) == 0;
    return !hunt->found && (hunt->most == 0 || hunt->made < hunt->most);
}

static gboolean
is_tried(const GuessPerson *person, const char *password)
{
    Hunt hunting = {.wanted = password};
    guess_each(person, hunt, &hunting);
    return hunting.found;
}

static const GuessPerson zhang = {.login = "zhang.wei",
                                  .address = "zhangwei@unit.example",
                                  .name = "张伟",
                                  .unit = "清河县水务局",
                                  .department = "办公室",
                                  .year = 2026};

static void
test_guess_knows_what_a_person_would_choose(void **state)
{
    static const char *const likely[] = {
        "zhangwei",    "Zhangwei123",   "zhangwei2025", "ZHANGWEI@2026", "zw123456",  "weizhang!", "qinghexianshuiwuju",
        "qhxswj@2026", "bangongshi888", "12345678",     "1qaz2wsx",      "Qwerty123", "19850614",  "zhang.wei1",
        "qwer1234",    "Asdf@123",      "zxcvbn321",    "3edc4rfv",      "1234qwer",  "qwe!@#",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(likely); i++)
        if (!is_tried(&zhang, likely[i]))
            fail_msg("%s is not tried", likely[i]);
}

static void
test_guess_leaves_good_passwords_alone(void **state)
{
    static const char *const good[] = {"Tulip-4711-wolke", "zhangwei-kocht-gern", "9vK!rt02mZ", "qwer-Tulip-1234", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        assert_false(is_tried(&zhang, good[i]));
}

static void
test_guess_begins_with_the_head_of_the_list(void **state)
{
    g_autofree char *path = NULL;
    GString *text = g_string_new("dragon-fly\nmonsoon77\r\n");
    for (guint i = 0; i < 30000; i++)
        g_string_append_printf(text, "filler%u\n", i);
    g_string_append(text, "at-the-end");
    int fd = g_file_open_tmp("hangu-guess-XXXXXX", &path, NULL);
    assert_true(fd >= 0 && g_close(fd, NULL));
    assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
    GuessPerson person = zhang;
    person.words_file = path;
    Hunt early = {.wanted = "monsoon77", .most = 1000};
    guess_each(&person, hunt, &early);
    assert_true(early.found);
    assert_true(is_tried(&person, "at-the-end"));
    assert_true(is_tried(&person, "zw123456"));
    g_unlink(path);
    g_string_free(text, TRUE);
}

static void
test_guess_of_nobody_and_of_a_missing_list_ends(void **state)
{
    const GuessPerson nobody = {.words_file = "/nonexistent/words", .year = 2026};
    assert_true(is_tried(&nobody, "123456"));
    assert_false(is_tried(&nobody, "zhangwei"));
}

static void
test_guess_stops_when_told(void **state)
{
    Hunt few = {.wanted = "never", .most = 10};
    assert_int_equal(guess_each(&zhang, hunt, &few), 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guess_knows_what_a_person_would_choose),
        cmocka_unit_test(test_guess_leaves_good_passwords_alone),
        cmocka_unit_test(test_guess_begins_with_the_head_of_the_list),
        cmocka_unit_test(test_guess_of_nobody_and_of_a_missing_list_ends),
        cmocka_unit_test(test_guess_stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
