#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include <gio/gio.h>

static void
test_error_exit_status_keeps_our_codes(void **state)
{
    g_autoptr(GError) error = g_error_new(HANGU_ERROR, HANGU_ERROR_SETTINGS, "x");
    assert_int_equal(error_exit_status(error), 78);
}

static void
test_error_exit_status_of_foreign_errors_is_internal(void **state)
{
    g_autoptr(GError) error = g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED, "x");
    assert_int_equal(error_exit_status(error), 70);
    assert_int_equal(error_exit_status(NULL), 70);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_exit_status_keeps_our_codes),
        cmocka_unit_test(test_error_exit_status_of_foreign_errors_is_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
