#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "direction.h"
#include "forward.h"
#include "letters.h"
#include "mime.h"
#include "unit_settings.h"

typedef struct {
    const char *headers;
    const char *user, *listener, *sender, *recipient;
    gboolean automatic;
    const char *evidence; /* joined by commas */
} Case;

#define LOCAL "zhang@unit.example"
#define OUTSIDE "wang@out.example"

static void
assert_forward(const Case *one, const Settings *settings)
{
    g_autofree char *text = g_strconcat(one->headers, "From: x\nSubject: y\n\nz\n", NULL);
    g_autoptr(Message) message = letter_of(text, -1, FALSE);
    g_autoptr(GError) error = NULL;
    g_free(message->envelope.sender);
    message->envelope.sender = g_strdup(one->sender);
    message->envelope.auth_user = g_strdup(one->user);
    message->envelope.listener = g_strdup(one->listener);
    message->envelope.client_ip = g_strdup("192.0.2.1");
    g_ptr_array_add(message->envelope.recipients, g_strdup(one->recipient));
    assert_true(mime_parse(message, settings, &error));
    direction_derive(message, settings);
    forward_look(message, settings);
    g_ptr_array_add(message->forward_evidence, NULL);
    g_autofree char *evidence = g_strjoinv(",", (char **)message->forward_evidence->pdata);
    if (message->auto_forward != one->automatic || strcmp(evidence, one->evidence) != 0)
        print_message("%s%s\n", one->headers, evidence);
    assert_string_equal(evidence, one->evidence);
    assert_int_equal(message->auto_forward, one->automatic);
}

static void
assert_cases(const Case *cases, gsize count)
{
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < count; i++)
        assert_forward(&cases[i], settings);
}

static void
test_forward_look_certain_headers(void **state)
{
    static const Case cases[] = {
        {"Auto-Submitted: auto-forwarded\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE, "Auto-Submitted: auto-forwarded"},
        {"Auto-Submitted: (by\n rule) Auto-Forwarded; x=y\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE,
         "Auto-Submitted: auto-forwarded"},
        {"X-Forwarded-To: a@b.example\n", NULL, "mx", OUTSIDE, LOCAL, TRUE, "X-Forwarded-To"},
        {"X-MS-Exchange-Organization-AutoForwarded: TRUE\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE,
         "X-MS-Exchange-Organization-AutoForwarded: true"},
        {"X-MS-Exchange-Inbox-Rules-Loop: a@b.example\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE,
         "X-MS-Exchange-Inbox-Rules-Loop"},
        {"X-Sieve-Redirected-From: " LOCAL "\nX-Sieve: Pigeonhole\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE,
         "X-Sieve-Redirected-From,X-Sieve"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_ordinary_letters(void **state)
{
    static const Case cases[] = {
        {"", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"Auto-Submitted: auto-replied\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"Auto-Submitted: auto-generated (not auto-forwarded)\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"Auto-Submitted: auto-forwardedness\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"X-Forwarded-For: 192.0.2.7\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"X-Forwarded-Message-Id: <a@b.example>\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"X-MS-Exchange-Organization-AutoForwarded: false\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        {"Delivered-To: " OUTSIDE "\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, ""},
        /* what others did before it came in is not ours */
        {"Delivered-To: " LOCAL "\nX-Sieve: CMU\nResent-From: " OUTSIDE "\n", NULL, "mx", OUTSIDE, LOCAL, FALSE, ""},
        {"", NULL, "egress", LOCAL, OUTSIDE, FALSE, ""},
        {"", NULL, "egress", "", OUTSIDE, FALSE, ""},
        {"", NULL, "mx", "srs0=h=t=out.example=a@fwd.example", LOCAL, FALSE, ""},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_delivered_and_leaving(void **state)
{
    static const Case cases[] = {
        {"Delivered-To: <Zhang+x@Unit.example>\n", NULL, "egress", LOCAL, OUTSIDE, TRUE, "Delivered-To: local user"},
        {"X-Original-To: zhang\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE, "X-Original-To: local user"},
        {"", NULL, "egress", OUTSIDE, OUTSIDE, TRUE, "outside sender at egress"},
        {"", NULL, "pickup", OUTSIDE, OUTSIDE, TRUE, "outside sender at sendmail"},
        {"", NULL, "egress", "SRS0=H=T=out.example=a@unit.example", OUTSIDE, TRUE, "SRS sender"},
        {"X-Gm-Original-To: " LOCAL "\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE, "X-Gm-Original-To"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_resent_by_hand_decides_nothing(void **state)
{
    static const Case cases[] = {
        {"Resent-From: " LOCAL "\nResent-To: " OUTSIDE "\nDelivered-To: " LOCAL "\n", "zhang", "mx", LOCAL, OUTSIDE,
         FALSE, "Delivered-To: local user,Resent-From,Resent-To"},
        {"Resent-From: " OUTSIDE "\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE, "Resent-From"},
        {"Resent-To: " OUTSIDE "\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE, "Resent-To"},
        {"Resent-From: " LOCAL "\n", NULL, "pickup", LOCAL, OUTSIDE, TRUE, "Resent-From"},
        {"Resent-From: " LOCAL "\n", NULL, "egress", LOCAL, OUTSIDE, TRUE, "Resent-From"},
        {"Resent-From: " LOCAL "\nX-Sieve-Redirected-From: " LOCAL "\n", "zhang", "mx", LOCAL, OUTSIDE, TRUE,
         "X-Sieve-Redirected-From,Resent-From"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

/* Without local domains nobody is outside. */
static void
test_forward_look_unset_domains(void **state)
{
    static const Case one = {"", NULL, "egress", OUTSIDE, OUTSIDE, FALSE, ""};
    g_autoptr(Settings) settings = settings_new_default();
    assert_forward(&one, settings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_look_certain_headers),
        cmocka_unit_test(test_forward_look_ordinary_letters),
        cmocka_unit_test(test_forward_look_delivered_and_leaving),
        cmocka_unit_test(test_forward_look_resent_by_hand_decides_nothing),
        cmocka_unit_test(test_forward_look_unset_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
