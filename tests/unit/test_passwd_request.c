/* What webmail may send, and what not; and the language of the answer. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "passwd_request.h"
#include <string.h>

static void
test_passwd_request_read_takes_its_members(void **state)
{
    static const char body[] = "{\"account\": \"Li@Unit.Example\", \"old\": \"alt\", \"new\": \"新-Wort 7\", "
                               "\"client\": \"2001:db8::7\"}";
    g_auto(PasswdRequest) request = {0};
    (void)state;
    assert_true(passwd_request_read(body, strlen(body), &request, NULL));
    assert_string_equal(request.account, "li@unit.example");
    assert_string_equal(request.old_password, "alt");
    assert_string_equal(request.new_password, "新-Wort 7");
    assert_string_equal(request.client, "2001:db8::7");
}

static void
test_passwd_request_read_refuses_the_rest(void **state)
{
    static const char *const bodies[] = {
        "",
        "null",
        "[\"account\"]",
        "{\"account\": \"a\", \"old\": \"b\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": null}",
        "{\"account\": \"\", \"old\": \"b\", \"new\": \"c\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"c\", \"new\": \"d\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"c\", \"else\": \"d\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"c\\u0000d\"}",
        "{\"account\": \"a\\n\", \"old\": \"b\", \"new\": \"c\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"c\", \"client\": \"host.example\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"\xff\"}",
        "{\"account\": \"a\", \"old\": \"b\", \"new\": \"c\"} x",
    };
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(PasswdRequest) request = {0};
        g_autoptr(GError) error = NULL;
        if (passwd_request_read(bodies[i], strlen(bodies[i]), &request, &error))
            fail_msg("taken: %s", bodies[i]);
        assert_int_equal(error->code, HANGU_ERROR_DATA);
    }
}

static void
test_passwd_request_chinese_by_quality(void **state)
{
    static const struct {
        const char *language;
        gboolean chinese;
    } cases[] = {{NULL, TRUE},           {"", TRUE},
                 {"fr", TRUE},           {"zh-CN,zh;q=0.9,en;q=0.8", TRUE},
                 {"en-GB,en", FALSE},    {"en;q=0.5, zh-TW;q=0.7", TRUE},
                 {"EN,ZH;q=0.1", FALSE}, {"zh;q=nonsense,en;q=0.2", FALSE}};
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(passwd_request_chinese(cases[i].language), cases[i].chinese);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwd_request_read_takes_its_members),
        cmocka_unit_test(test_passwd_request_read_refuses_the_rest),
        cmocka_unit_test(test_passwd_request_chinese_by_quality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
