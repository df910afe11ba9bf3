#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "extract_command.h"
#include "log.h"
#include <string.h>

/* The options; the program is for the tests below. */
static char *
options_of(const Settings *settings, gboolean connected)
{
    g_auto(GStrv) words = extract_command(settings, 3, connected);
    return g_strjoinv(" ", words + 1);
}

static void
test_extract_command_says_settings(void **state)
{
    Settings *settings = settings_new_default();
    g_autofree char *gate = options_of(settings, FALSE), *check = options_of(settings, TRUE);
    assert_string_equal(gate, "--socket 3 --stock 2 --most 16 --memory 536870912 --cpu 31 --time 240 --log syslog "
                              "--log-level info");
    assert_string_equal(check, "--socket 3 --connected --stock 1 --most 16 --memory 536870912 --cpu 31 --time 240 "
                               "--log stderr --log-level warn");
    settings_free(settings);
}

static void
test_extract_command_walls_and_most(void **state)
{
    Settings *settings = settings_new_default();
    settings->extract_walls = EXTRACT_WALLS_AVAILABLE;
    settings->extract_stock = 20;
    settings->log_sink = LOG_TO_STDERR;
    g_autofree char *options = options_of(settings, FALSE);
    assert_non_null(strstr(options, " --without-walls privileges,limits,calls "));
    assert_non_null(strstr(options, " --stock 20 --most 20 "));
    assert_non_null(strstr(options, " --log stderr "));
    settings_free(settings);
}

static void
test_extract_command_finds_program(void **state)
{
    Settings *settings = settings_new_default();
    g_auto(GStrv) usual = extract_command(settings, 3, FALSE);
    assert_string_equal(usual[0], EXTRACTDIR "/hangu-extract"); /* none lies beside the tests */
    settings->extract_program = g_strdup("/opt/extract");
    g_auto(GStrv) own = extract_command(settings, 3, FALSE);
    assert_string_equal(own[0], "/opt/extract");
    settings_free(settings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract_command_says_settings),
        cmocka_unit_test(test_extract_command_walls_and_most),
        cmocka_unit_test(test_extract_command_finds_program),
    };
    return cmocka_run_group_tests_name("extract_command", tests, NULL, NULL);
}
