#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "commands.h"
#include "run.h"
#include <glib/gstdio.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What was written to a temporary file. */
static char *
slurp(FILE *file)
{
    char *text = g_malloc0(65536);
    rewind(file);
    assert_true(fread(text, 1, 65535, file) < 65535);
    fclose(file);
    return text;
}

/* Runs hangu with these words (ends with NULL) in a process of its own. */
static Run
hangu(const char *const *words)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    FILE *out = tmpfile(), *err = tmpfile();
    Run run = {-1, NULL, NULL};
    int wait_status = 0;
    g_ptr_array_add(argv, (gpointer) "hangu");
    for (; *words != NULL; words++)
        g_ptr_array_add(argv, (gpointer)*words);
    g_ptr_array_add(argv, NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        _exit(commands_main((int)argv->len - 1, (char **)argv->pdata));
    }
    assert_int_equal(waitpid(child, &wait_status, 0), child);
    if (WIFEXITED(wait_status))
        run.status = WEXITSTATUS(wait_status);
    run.out = slurp(out);
    run.err = slurp(err);
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

/* A directory for settings and one small pack: the whole set takes long to compile under a sanitizer. */
static int
make_files(void **state)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *directory = g_dir_make_tmp("test_commands.XXXXXX", NULL), *text = NULL;
    g_autofree char *shipped = g_build_filename(top != NULL ? top : ".", "rules/packs/cn-trade.yaml", NULL),
                    *pack = g_build_filename(directory, "pack.yaml", NULL);
    *state = g_build_filename(directory, "settings", NULL);
    return !g_file_get_contents(shipped, &text, NULL, NULL) || !g_file_set_contents(pack, text, -1, NULL);
}

static int
remove_files(void **state)
{
    g_autofree char *directory = g_path_get_dirname(*state), *pack = g_build_filename(directory, "pack.yaml", NULL);
    unlink(*state);
    unlink(pack);
    g_free(*state);
    return rmdir(directory);
}

/* Writes settings that name the shipped policy and the pack, with `more` in front. */
static void
write_settings(const char *path, const char *more)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *absolute = g_canonicalize_filename(top != NULL ? top : ".", NULL),
                    *directory = g_path_get_dirname(path);
    g_autofree char *text = g_strdup_printf("%spolicy: %s/contrib/policy.yaml\nrules: %s\n", more, absolute, directory);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* Line `index` of JSON lines as an object. */
static json_t *
json_line(const char *text, guint index)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_true(g_strv_length(lines) > index);
    json_t *object = json_loads(lines[index], 0, NULL);
    assert_non_null(object);
    return object;
}

static void
test_check_settings_sound_files(void **state)
{
    write_settings(*state, "unit: 某局\nmode: enforce\n");
    g_auto(Run) text = HANGU("check-settings", "--config", *state),
                values = HANGU("check-settings", "--settings", "-c", *state),
                json = HANGU("check-settings", "--json", "-c", *state);
    assert_int_equal(text.status, 0);
    assert_non_null(strstr(text.out, "no mistakes (mode: enforce)\n"));
    assert_non_null(strstr(text.out, "contrib/policy.yaml: no mistakes\n"));
    assert_non_null(strstr(text.out, " rules)\n"));
    assert_int_equal(values.status, 0);
    assert_non_null(strstr(values.out, "unit: \"某局\"\nmode: enforce\n"));
    assert_int_equal(json.status, 0);
    static const char *const kinds[] = {"settings", "policy", "rules"};
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        json_t *object = json_line(json.out, i);
        assert_string_equal(json_string_value(json_object_get(object, "kind")), kinds[i]);
        assert_true(json_is_true(json_object_get(object, "ok")));
        assert_true(g_str_has_prefix(json_string_value(json_object_get(object, "digest")), "sha256:"));
        json_decref(object);
    }
}

/* A policy of an older version: the shipped one without its row "registered". No mistake, but told. */
static void
test_check_settings_warns_of_rows_that_ship_and_are_missing(void **state)
{
    const char *top = g_getenv("top_srcdir");
    g_autofree char *shipped = g_build_filename(top, "contrib", "policy.yaml", NULL), *bytes = NULL;
    g_autofree char *own = g_strconcat(*state, ".policy", NULL);
    g_autofree char *more = g_strdup_printf("unit: 某局\npolicy: %s\nrules: %s/rules/packs\n", own, top);
    assert_true(g_file_get_contents(shipped, &bytes, NULL, NULL));
    const char *from = strstr(bytes, "  - id: registered\n"), *to = strstr(from + 1, "  - id: ");
    g_autofree char *text = g_strdup_printf("%.*s%s", (int)(from - bytes), bytes, to);
    assert_true(g_file_set_contents(own, text, -1, NULL));
    assert_true(g_file_set_contents(*state, more, -1, NULL));
    g_auto(Run) run = HANGU("check-settings", "--config", *state),
                json = HANGU("check-settings", "--json", "-c", *state);
    g_unlink(own);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "warning: the row \"registered\" of the policy that ships is missing"));
    assert_non_null(strstr(run.out, "    out: accept (no row), where the policy that ships says hold, alert\n"));
    assert_null(strstr(run.out, "registered-state"));
    json_t *object = json_line(json.out, 1), *one = json_array_get(json_object_get(object, "warnings"), 0);
    assert_int_equal(json_array_size(json_object_get(object, "warnings")), 1);
    assert_string_equal(json_string_value(json_object_get(one, "row")), "registered");
    assert_int_equal(json_array_size(json_object_get(one, "directions")), 3);
    assert_true(json_integer_value(json_object_get(one, "line")) > 1);
    json_decref(object);
}

static void
test_check_settings_names_all_mistakes(void **state)
{
    assert_true(g_file_set_contents(
        *state, "moed: enforce\nmilter:\n  deadline: 1h\npolicy: /no/such/policy.yaml\nrules: /no/such/packs\n", -1,
        NULL));
    g_auto(Run) text = HANGU("check-settings", "--config", *state),
                json = HANGU("check-settings", "--json", "-c", *state);
    g_autofree char *first = g_strdup_printf("%s:1:1: moed: ", (char *)*state),
                    *second = g_strdup_printf("%s:3:13: milter.deadline: ", (char *)*state);
    assert_int_equal(text.status, 78);
    assert_non_null(strstr(text.out, first));
    assert_non_null(strstr(text.out, second));
    assert_non_null(strstr(text.out, "/no/such/policy.yaml: cannot be opened"));
    assert_non_null(strstr(text.out, "/no/such/packs"));
    assert_non_null(strstr(text.out, "4 mistakes\n"));
    assert_int_equal(json.status, 78);
    json_t *object = json_line(json.out, 0), *list = json_object_get(object, "problems");
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "line")), 3);
    assert_true(json_is_null(json_object_get(object, "digest")));
    json_decref(object);
}

static void
test_check_settings_file_must_exist(void **state)
{
    g_auto(Run) run = HANGU("check-settings", "--config", "/no/such/file"),
                values = HANGU("check-settings", "--settings", "--config", "/no/such/file");
    assert_int_equal(run.status, 78);
    assert_non_null(strstr(run.out, "/no/such/file: cannot be opened"));
    assert_int_equal(values.status, 78);
    assert_string_equal(values.out, "");
}

static void
test_check_settings_example_is_sound(void **state)
{
    g_auto(Run) example = HANGU("check-settings", "--example");
    assert_int_equal(example.status, 0);
    write_settings(*state, example.out);
    g_auto(Run) run = HANGU("check-settings", "--config", *state);
    assert_int_equal(run.status, 0);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_main_help_and_version),
        cmocka_unit_test(test_commands_main_wrong_words),
        WITH_FILE(test_check_settings_sound_files),
        WITH_FILE(test_check_settings_warns_of_rows_that_ship_and_are_missing),
        WITH_FILE(test_check_settings_names_all_mistakes),
        cmocka_unit_test(test_check_settings_file_must_exist),
        WITH_FILE(test_check_settings_example_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
