/* What Dovecot sends, and what pretends to be that. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "policy_request.h"
#include <string.h>

#define ALLOW                                                                                        \
    "{\"login\":\"li@unit.example\",\"mech\":\"PLAIN\",\"protocol\":\"imap\",\"pwhash\":\"00ff10\"," \
    "\"remote\":\"192.0.2.7\",\"secured\":\"secured\",\"session\":\"x\",\"tls\":true}"

static void
test_read_takes_what_dovecot_sends(void **state)
{
    (void)state;
    static const char report[] = "{\"login\":\"\",\"mech\":\"LOGIN\",\"pwhash\":\"\",\"remote\":\"\",\"tls\":false,"
                                 "\"success\":true,\"policy_reject\":false,\"device_id\":\"\",\"n\":1,\"z\":null}";
    g_auto(PolicyRequest) allow = {0}, told = {0};
    assert_true(policy_request_read(POLICY_ALLOW, ALLOW, strlen(ALLOW), &allow, NULL));
    assert_string_equal(allow.login, "li@unit.example");
    assert_string_equal(allow.mech, "PLAIN");
    assert_string_equal(allow.remote, "192.0.2.7");
    assert_int_equal(allow.hash_length, 3);
    assert_memory_equal(allow.hash, "\x00\xff\x10", 3);
    assert_true(allow.tls);
    assert_true(policy_request_read(POLICY_REPORT, report, strlen(report), &told, NULL));
    assert_true(told.success);
    assert_false(told.policy_reject);
    assert_int_equal(told.hash_length, 0);
}

static void
test_read_refuses_all_else(void **state)
{
    (void)state;
    static const struct {
        const char *body, *says;
        PolicyCommand command;
    } cases[] = {
        {"", "the body is no JSON", POLICY_ALLOW},
        {"{", "the body is no JSON", POLICY_ALLOW},
        {"[]", "the body is no JSON object", POLICY_ALLOW},
        {"\"x\"", "the body is no JSON", POLICY_ALLOW},
        {"{}", "login is missing", POLICY_ALLOW},
        {"{\"login\":1}", "login is no text", POLICY_ALLOW},
        {"{\"login\":null}", "login is no text", POLICY_ALLOW},
        {"{\"login\":\"\",\"pwhash\":\"\",\"remote\":\"\"}", "login is empty", POLICY_ALLOW},
        {"{\"login\":\"a\",\"login\":\"b\"}", "the body is no JSON", POLICY_ALLOW},
        {"{\"login\":\"a\\u0000b\",\"pwhash\":\"\",\"remote\":\"\"}", "the body is no JSON", POLICY_ALLOW},
        {"{\"login\":\"a\\nb\",\"pwhash\":\"\",\"remote\":\"\"}", "login has control characters", POLICY_ALLOW},
        {"{\"login\":\"a\xff\",\"pwhash\":\"\",\"remote\":\"\"}", "the body is no JSON", POLICY_ALLOW},
        {"{\"login\":\"a\\ud800\",\"pwhash\":\"\",\"remote\":\"\"}", "the body is no JSON", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\"}", "pwhash is missing", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"0\"}", "pwhash is no whole number of bytes", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"0g\"}", "pwhash is not hexadecimal", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\",\"x\":{}}", "a member is neither text", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\",\"x\":[]}", "a member is neither text", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\",\"tls\":1}", "tls is neither true nor false", POLICY_ALLOW},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\"}", "success is missing", POLICY_REPORT},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\",\"success\":\"true\"}", "success is neither", POLICY_REPORT},
        {"{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\"} x", "the body is no JSON", POLICY_ALLOW},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(PolicyRequest) request = {0};
        g_autoptr(GError) error = NULL;
        if (policy_request_read(cases[i].command, cases[i].body, strlen(cases[i].body), &request, &error))
            fail_msg("%s was taken", cases[i].body);
        assert_int_equal(error->code, HANGU_ERROR_DATA);
        if (!g_str_has_prefix(error->message, cases[i].says))
            fail_msg("%s: %s", cases[i].body, error->message);
    }
}

static void
test_read_is_bounded(void **state)
{
    (void)state;
    g_autofree char *name = g_strnfill(POLICY_LOGIN_MAX + 1, 'a'), *hash = g_strnfill(POLICY_HASH_MAX * 2 + 2, '0');
    g_autofree char *long_name = g_strdup_printf("{\"login\":\"%s\",\"remote\":\"\",\"pwhash\":\"\"}", name);
    g_autofree char *long_hash = g_strdup_printf("{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"%s\"}", hash);
    g_autofree char *deep = g_strnfill(POLICY_BODY_MAX, '['), *large = g_strnfill(POLICY_BODY_MAX + 1, ' ');
    g_autoptr(GString) many = g_string_new("{\"login\":\"a\",\"remote\":\"\",\"pwhash\":\"\"");
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(many, ",\"m%u\":1", i);
    g_string_append(many, "}");
    const char *const bodies[] = {long_name, long_hash, deep, large, many->str};
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_auto(PolicyRequest) request = {0};
        assert_false(policy_request_read(POLICY_ALLOW, bodies[i], strlen(bodies[i]), &request, NULL));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_takes_what_dovecot_sends),
        cmocka_unit_test(test_read_refuses_all_else),
        cmocka_unit_test(test_read_is_bounded),
    };
    cmocka_set_test_filter(g_getenv("TEST_FILTER"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
