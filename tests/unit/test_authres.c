#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "authres.h"
#include "letters.h"
#include "mime.h"

#define AR "Authentication-Results: "
enum { PRESENT = 1, FAILED = 2, MISSING = 4, REJECT = 8 };

static const struct {
    const char *headers;
    guint expected;
} cases[] = {
    {"", MISSING},
    {AR "mx.unit.example; spf=pass smtp.mailfrom=a@b; dkim=pass header.d=b; dmarc=pass (p=reject dis=none) "
        "header.from=b\n",
     PRESENT},
    {AR "mx.unit.example; dmarc=fail (p=reject dis=none) header.from=b\n", PRESENT | FAILED | REJECT},
    {AR "MX.Unit.Example 1;\n dmarc = FAIL (P=REJECT) header.from=b\n", PRESENT | FAILED | REJECT},
    {AR "mx.unit.example; dmarc=fail policy.dmarc=reject header.from=b\n", PRESENT | FAILED | REJECT},
    {AR "mx.unit.example; dmarc=fail (p=none dis=none) header.from=b\n", PRESENT | FAILED},
    {AR "mx.unit.example; dmarc=fail header.from=reject\n", PRESENT | FAILED},
    {AR "mx.unit.example; dmarc=pass (p=reject)\n", PRESENT},
    {AR "mx.unit.example; spf=softfail smtp.mailfrom=a@b\n", PRESENT | FAILED},
    {AR "mx.unit.example; spf=fail smtp.mailfrom=a@b\n" AR "mx.unit.example; dkim=pass header.d=b\n", PRESENT},
    {AR "mx.unit.example; spf=none; dkim=none\n", PRESENT | MISSING},
    {AR "mx.unit.example; none\n", PRESENT | MISSING},
    {AR "mx.unit.example; iprev=fail policy.iprev=192.0.2.1\n", PRESENT | MISSING},
    {AR "other.example; dmarc=fail (p=reject)\n", MISSING},
    {AR "other.example; spf=pass\n", MISSING},
    {AR "mx.unit.example.evil; spf=pass\n", MISSING},
    {AR "\n", MISSING},
    {AR ";;;===;\n", MISSING},
};

static guint
look(const char *headers, const char *authserv_id)
{
    g_autoptr(Settings) settings = settings_new_default();
    g_free(settings->authserv_id);
    settings->authserv_id = g_strdup(authserv_id);
    g_autofree char *letter = g_strconcat("From: a@b.c\n", headers, "\nbody\n", NULL);
    g_autoptr(Message) message = letter_of(letter, -1, FALSE);
    AuthResults results;
    assert_true(mime_parse(message, settings, NULL));
    authres_look(message, settings, &results);
    return (results.present ? PRESENT : 0) | (results.failed ? FAILED : 0) | (results.missing ? MISSING : 0) |
           (results.dmarc_reject ? REJECT : 0);
}

static void
test_authres_look_at_headers_of_our_verifier(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint seen = look(cases[i].headers, "mx.unit.example");
        if (seen != cases[i].expected)
            fail_msg("%s: %u, expected %u", cases[i].headers, seen, cases[i].expected);
    }
}

static void
test_authres_look_without_a_verifier_says_nothing(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(look(cases[i].headers, NULL), 0);
}

static void
test_authres_look_ignores_a_letter_inside(void **state)
{
    assert_int_equal(
        look("Content-Type: message/rfc822\n\n" AR "mx.unit.example; dmarc=fail (p=reject)\n", "mx.unit.example"),
        MISSING);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authres_look_at_headers_of_our_verifier),
        cmocka_unit_test(test_authres_look_without_a_verifier_says_nothing),
        cmocka_unit_test(test_authres_look_ignores_a_letter_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
