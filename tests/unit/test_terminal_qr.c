/* What is drawn is the code, module by module, with its margins: read back and compared with what was encoded. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "terminal_qr.h"
#include <qrencode.h>
#include <string.h>

#define URI "otpauth://totp/unit:li@unit.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=unit"
#define QUIET 4

/* Top and bottom of a half block. */
static void
read_block(const char *at, gboolean *top, gboolean *bottom)
{
    *top = g_str_has_prefix(at, "▀") || g_str_has_prefix(at, "█");
    *bottom = g_str_has_prefix(at, "▄") || g_str_has_prefix(at, "█");
    assert_true(*top || *bottom || *at == ' ');
}

static gboolean
expected(const QRcode *code, int x, int y)
{
    x -= QUIET;
    y -= QUIET;
    return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & 1);
}

static void
test_qr_has_every_module_and_the_margins(void **state)
{
    char *drawn = terminal_qr(URI, FALSE);
    QRcode *code = QRcode_encodeString(URI, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    int side = code->width + 2 * QUIET, y = 0;
    g_auto(GStrv) lines = g_strsplit(drawn, "\n", -1);
    for (guint i = 0; *lines[i] != '\0'; i++, y += 2) {
        assert_int_equal(g_utf8_strlen(lines[i], -1), side);
        const char *at = lines[i];
        for (int x = 0; x < side; x++, at = g_utf8_next_char(at)) {
            gboolean top, bottom;
            read_block(at, &top, &bottom);
            assert_int_equal(top, expected(code, x, y));
            assert_int_equal(bottom, expected(code, x, y + 1));
        }
    }
    assert_true(y >= side);
    QRcode_free(code);
    terminal_qr_free(drawn);
}

static void
test_qr_in_colour_is_the_same_between_escapes(void **state)
{
    char *plain = terminal_qr(URI, FALSE), *colour = terminal_qr(URI, TRUE);
    GString *stripped = g_string_new(colour);
    assert_true(g_str_has_prefix(colour, "\033["));
    g_string_replace(stripped, "\033[38;5;16;48;5;231m", "", 0);
    g_string_replace(stripped, "\033[0m", "", 0);
    assert_string_equal(stripped->str, plain);
    g_string_free(stripped, TRUE);
    terminal_qr_free(plain);
    terminal_qr_free(colour);
}

static void
test_qr_of_too_much_is_none(void **state)
{
    g_autofree char *text = g_strnfill(4000, 'a');
    assert_null(terminal_qr(text, FALSE));
    terminal_qr_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qr_has_every_module_and_the_margins),
        cmocka_unit_test(test_qr_in_colour_is_the_same_between_escapes),
        cmocka_unit_test(test_qr_of_too_much_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
