/* What Dovecot's question is answered: the fixed password first, then the code, and no trouble that opens. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "otp_login.h"
#include <string.h>

typedef struct {
    char *asked; /* NULL: never */
    gboolean pass, away;
} Asked;

static gboolean
take(const char *code, gpointer user, gboolean *pass_out, GError **error)
{
    Asked *asked = user;
    g_free(asked->asked);
    asked->asked = g_strdup(code);
    *pass_out = asked->pass;
    if (asked->away)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "away");
    return !asked->away;
}

static void
test_judge_takes_the_last_digits_for_the_code(void **state)
{
    static const struct {
        const char *stored, *password, *asked;
        OtpLogin verdict;
    } cases[] = {
        {"{PLAIN}Kx7-lampe", "Kx7-lampe287082", "287082", OTP_LOGIN_IN},
        {"{PLAIN}Kx7-lampe", "Kx7-lampe", "", OTP_LOGIN_IN}, /* hangu-authd knows whether a code is needed */
        {"{PLAIN}Kx7-123456", "Kx7-123456", "", OTP_LOGIN_IN},
        {"{PLAIN}Kx7-123456", "Kx7-123456287082", "287082", OTP_LOGIN_IN},
        {"{PLAIN}Kx7-lampe", "Kx7-lampe28708", NULL, OTP_LOGIN_REFUSED},
        {"{PLAIN}Kx7-lampe", "Kx7-lampe28708a", NULL, OTP_LOGIN_REFUSED},
        {"{PLAIN}Kx7-lampe", "Kx7-lamp287082", NULL, OTP_LOGIN_REFUSED},
        {"{PLAIN}Kx7-lampe", "287082", NULL, OTP_LOGIN_REFUSED},
        {"{PLAIN}Kx7-lampe", "", NULL, OTP_LOGIN_REFUSED},
        {"{PLAIN}", "287082", NULL, OTP_LOGIN_REFUSED},
        {"", "287082", NULL, OTP_LOGIN_REFUSED},
        {"!", "!287082", NULL, OTP_LOGIN_REFUSED},
        {"{NOSUCH}x", "x287082", NULL, OTP_LOGIN_REFUSED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Asked asked = {.pass = TRUE};
        assert_int_equal(otp_login_judge(cases[i].stored, cases[i].password, take, &asked, NULL), cases[i].verdict);
        if (g_strcmp0(asked.asked, cases[i].asked) != 0)
            fail_msg("%s: asked \"%s\"", cases[i].password, asked.asked);
        g_free(asked.asked);
    }
}

static void
test_judge_refuses_without_a_good_answer(void **state)
{
    Asked wrong = {.pass = FALSE}, away = {.pass = TRUE, .away = TRUE};
    g_autoptr(GError) error = NULL;
    assert_int_equal(otp_login_judge("{PLAIN}Kx7", "Kx7287082", take, &wrong, &error), OTP_LOGIN_REFUSED);
    assert_null(error);
    assert_int_equal(otp_login_judge("{PLAIN}Kx7", "Kx7287082", take, &away, &error), OTP_LOGIN_TROUBLE);
    assert_non_null(error);
    g_free(wrong.asked);
    g_free(away.asked);
}

static void
test_judge_password_over_the_limit(void **state)
{
    g_autofree char *password = g_strnfill(600, 'a');
    Asked asked = {.pass = TRUE};
    assert_int_equal(otp_login_judge("{PLAIN}a", password, take, &asked, NULL), OTP_LOGIN_REFUSED);
    assert_null(asked.asked);
}

static void
test_find_whole_names_only(void **state)
{
    static const char text[] = "# users\nli@unit.example:{PLAIN}a:1:2::/home\nali@unit.example:{PLAIN}b\n"
                               "li:{PLAIN}c\nwu:\ntwo:x\ntwo:y\nlast:{PLAIN}z";
    static const struct {
        const char *account, *stored;
    } cases[] = {{"li@unit.example", "{PLAIN}a"},
                 {"ali@unit.example", "{PLAIN}b"},
                 {"li", "{PLAIN}c"},
                 {"l", NULL},
                 {"unit.example", NULL},
                 {"wu", ""},
                 {"last", "{PLAIN}z"},
                 {"li@unit.example:{PLAIN}a", "1"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *stored = otp_login_find(text, sizeof text - 1, cases[i].account, NULL);
        if (g_strcmp0(stored, cases[i].stored) != 0)
            fail_msg("%s: %s", cases[i].account, stored);
    }
    g_autoptr(GError) error = NULL;
    assert_null(otp_login_find(text, sizeof text - 1, "two", &error));
    assert_true(g_error_matches(error, HANGU_ERROR, HANGU_ERROR_DATA));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_takes_the_last_digits_for_the_code),
        cmocka_unit_test(test_judge_refuses_without_a_good_answer),
        cmocka_unit_test(test_judge_password_over_the_limit),
        cmocka_unit_test(test_find_whole_names_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
