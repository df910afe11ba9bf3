#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "commands.h"
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

/* What a run of hangu gave. */
typedef struct {
    int status;
    char *out, *err;
} Run;

static void
run_clear(Run *run)
{
    g_free(run->out);
    g_free(run->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* Runs the built program with these words (ends with NULL). */
static Run
hangu(const char *const *words)
{
    const char *top = g_getenv("top_builddir");
    g_autofree char *program = g_build_filename(top != NULL ? top : ".", "hangu", NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    Run run = {-1, NULL, NULL};
    int wait_status = 0;
    g_autoptr(GError) error = NULL;
    g_ptr_array_add(argv, program);
    for (; *words != NULL; words++)
        g_ptr_array_add(argv, (gpointer)*words);
    g_ptr_array_add(argv, NULL);
    if (!g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &run.out, &run.err, &wait_status,
                      &error))
        fail_msg("%s", error->message);
    if (g_spawn_check_wait_status(wait_status, &error))
        run.status = 0;
    else if (error->domain == G_SPAWN_EXIT_ERROR)
        run.status = error->code;
    return run;
}
#define HANGU(...) hangu((const char *const[]){__VA_ARGS__, NULL})

static void
test_commands_main_help_and_version(void **state)
{
    g_auto(Run) help = HANGU("--help"), version = HANGU("--version"), of_command = HANGU("help", "check-settings"),
                nothing = hangu((const char *const[]){NULL});
    assert_int_equal(help.status, 0);
    assert_non_null(strstr(help.out, "Usage: hangu COMMAND"));
    assert_non_null(strstr(help.out, "\n  check-settings   "));
    assert_non_null(strstr(help.out, "Exit status"));
    assert_string_equal(version.out, "hangu " PACKAGE_VERSION "\n");
    assert_int_equal(of_command.status, 0);
    assert_non_null(strstr(of_command.out, "--example"));
    assert_int_equal(nothing.status, 64);
    assert_non_null(strstr(nothing.err, "Usage"));
    assert_string_equal(nothing.out, "");
}

static void
test_commands_main_wrong_words(void **state)
{
    g_auto(Run) misspelt = HANGU("chek-settings"), unknown = HANGU("zzzzzzzz"),
                option = HANGU("check-settings", "--no"), word = HANGU("check-settings", "file");
    assert_int_equal(misspelt.status, 64);
    assert_non_null(strstr(misspelt.err, "did you mean \"check-settings\"?"));
    assert_int_equal(unknown.status, 64);
    assert_null(strstr(unknown.err, "did you mean"));
    assert_int_equal(option.status, 64);
    assert_non_null(strstr(option.err, "hangu check-settings: "));
    assert_non_null(strstr(option.err, "Try: hangu check-settings --help"));
    assert_int_equal(word.status, 64);
}

static int
make_file(void **state)
{
    char path[] = "/tmp/test_commands.XXXXXX";
    int fd = mkstemp(path);
    *state = g_strdup(path);
    return fd < 0 || close(fd) != 0;
}

static int
remove_file(void **state)
{
    unlink(*state);
    g_free(*state);
    return 0;
}

static void
test_check_settings_sound_file(void **state)
{
    assert_true(g_file_set_contents(*state, "unit: 某局\nmode: enforce\n", -1, NULL));
    g_auto(Run) text = HANGU("check-settings", "--config", *state),
                values = HANGU("check-settings", "--settings", "-c", *state),
                json = HANGU("check-settings", "--json", "-c", *state);
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "no mistakes (mode: enforce)"));
    assert_int_equal(values.status, 0);
    assert_non_null(strstr(values.out, "unit: \"某局\"\nmode: enforce\n"));
    assert_int_equal(json.status, 0);
    json_t *object = json_loads(json.out, 0, NULL);
    assert_true(json_is_true(json_object_get(object, "ok")));
    assert_string_equal(json_string_value(json_object_get(object, "mode")), "enforce");
    json_decref(object);
}

static void
test_check_settings_names_all_mistakes(void **state)
{
    assert_true(g_file_set_contents(*state, "moed: enforce\nmilter:\n  deadline: 1h\n", -1, NULL));
    g_auto(Run) text = HANGU("check-settings", "--config", *state),
                json = HANGU("check-settings", "--json", "-c", *state);
    g_autofree char *first = g_strdup_printf("%s:1:1: moed: ", (char *)*state),
                    *second = g_strdup_printf("%s:3:13: milter.deadline: ", (char *)*state);
    assert_int_equal(text.status, 78);
    assert_non_null(strstr(text.out, first));
    assert_non_null(strstr(text.out, second));
    assert_non_null(strstr(text.out, "2 mistakes\n"));
    assert_int_equal(json.status, 78);
    json_t *object = json_loads(json.out, 0, NULL), *list = json_object_get(object, "problems");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "line")), 3);
    json_decref(object);
}

static void
test_check_settings_file_must_exist(void **state)
{
    g_auto(Run) run = HANGU("check-settings", "--config", "/no/such/file");
    assert_int_equal(run.status, 78);
    assert_non_null(strstr(run.out, "/no/such/file: cannot be opened"));
}

static void
test_check_settings_example_is_sound(void **state)
{
    g_auto(Run) example = HANGU("check-settings", "--example");
    assert_int_equal(example.status, 0);
    assert_true(g_file_set_contents(*state, example.out, -1, NULL));
    g_auto(Run) run = HANGU("check-settings", "--config", *state);
    assert_int_equal(run.status, 0);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_main_help_and_version),
        cmocka_unit_test(test_commands_main_wrong_words),
        WITH_FILE(test_check_settings_sound_file),
        WITH_FILE(test_check_settings_names_all_mistakes),
        cmocka_unit_test(test_check_settings_file_must_exist),
        WITH_FILE(test_check_settings_example_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
