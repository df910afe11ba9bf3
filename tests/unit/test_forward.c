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
    const char *seen;     /* what the gate knows */
} Case;

#define LOCAL "zhang@unit.example"
#define OUTSIDE "wang@out.example"

static void
assert_forward(const Case *one, const Settings *settings)
{
    const char *from = strstr(one->headers, "From: A") == NULL ? "From: x\n" : "";
    g_autofree char *text = g_strconcat(one->headers, from, "Subject: y\n\nz\n", NULL);
    g_autoptr(Message) message = letter_of(text, -1, FALSE);
    g_autoptr(GError) error = NULL;
    g_free(message->envelope.sender);
    message->envelope.sender = g_strdup(one->sender);
    message->envelope.auth_user = g_strdup(one->user);
    message->envelope.seen = g_strdup(one->seen);
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
test_forward_look_envelope(void **state)
{
    static const Case cases[] = {
        {"", NULL, "egress", OUTSIDE, OUTSIDE, TRUE, "outside sender at egress"},
        {"", NULL, "pickup", OUTSIDE, OUTSIDE, TRUE, "outside sender at sendmail"},
        {"", NULL, "egress", "SRS0=H=T=out.example=a@unit.example", OUTSIDE, FALSE, "SRS sender"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

#define BY_OUTSIDER "From: A <" OUTSIDE ">\n"
#define SRS "SRS0=H=T=out.example=a@unit.example"

static void
test_forward_look_weak_signs_need_another(void **state)
{
    static const Case cases[] = {
        {"Delivered-To: <Zhang+x@Unit.example>\n", NULL, "egress", LOCAL, OUTSIDE, FALSE, "Delivered-To: local user"},
        {"X-Original-To: zhang\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, "X-Original-To: local user"},
        {"X-Gm-Original-To: " LOCAL "\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, "X-Gm-Original-To"},
        {"X-Sieve: CMU Sieve 2.2\n", NULL, "egress", LOCAL, OUTSIDE, FALSE, "X-Sieve"},
        {"Resent-To: " OUTSIDE "\n", "zhang", "mx", LOCAL, OUTSIDE, FALSE, "Resent-To"},
        {BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, FALSE, ""},
        {"", NULL, "egress", "", OUTSIDE, FALSE, ""},
        /* two of one kind are one */
        {"Delivered-To: " LOCAL "\nX-Original-To: " LOCAL "\n", NULL, "egress", LOCAL, OUTSIDE, FALSE,
         "Delivered-To: local user,X-Original-To: local user"},
        {"Resent-From: " OUTSIDE "\nResent-To: " OUTSIDE "\n", NULL, "egress", LOCAL, OUTSIDE, FALSE,
         "Resent-From,Resent-To"},
        /* two of different kinds */
        {"Delivered-To: " LOCAL "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE,
         "Delivered-To: local user,outside author"},
        {"Delivered-To: " LOCAL "\nX-Sieve: CMU Sieve 2.2\n", NULL, "egress", LOCAL, OUTSIDE, TRUE,
         "X-Sieve,Delivered-To: local user"},
        {"X-Loop: " LOCAL "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "X-Loop: local user,outside author"},
        {"Resent-From: " OUTSIDE "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "Resent-From,outside author"},
        {BY_OUTSIDER, NULL, "egress", SRS, OUTSIDE, TRUE, "SRS sender,outside author"},
        {BY_OUTSIDER, NULL, "egress", "", OUTSIDE, TRUE, "outside author,null sender"},
        {"Delivered-To: " LOCAL "\n", NULL, "egress", SRS, OUTSIDE, TRUE, "Delivered-To: local user,SRS sender"},
        /* outside letters that a machine made, sent on */
        {"Auto-Submitted: auto-generated\n" BY_OUTSIDER, NULL, "egress", SRS, OUTSIDE, TRUE,
         "SRS sender,outside author"},
        /* inside the unit, and from outside: facts for the record, decided by policy or not at all */
        {"X-Sieve-Redirected-From: " LOCAL "\n", NULL, "mx", LOCAL, LOCAL, TRUE, "X-Sieve-Redirected-From"},
        {"Delivered-To: " LOCAL "\n" BY_OUTSIDER, NULL, "mx", OUTSIDE, LOCAL, FALSE, ""},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

/* As real programs write them; the newest header first. */
static void
test_forward_look_programs(void **state)
{
    static const Case cases[] = {
        /* Pigeonhole */
        {"Received: by mx.unit.example (Postfix, from userid 5000)\n\tid 4A; Mon, 2 Nov 2026 10:00:00 +0800 (CST)\n"
         "X-Sieve: Pigeonhole Sieve 0.5.19\nX-Sieve-Redirected-From: " LOCAL "\nDelivered-To: " LOCAL "\n"
         "Received: from mx.unit.example\n\tby mx.unit.example with LMTP\n" BY_OUTSIDER,
         NULL, "egress", OUTSIDE, OUTSIDE, TRUE,
         "X-Sieve-Redirected-From,X-Sieve,Delivered-To: local user,outside sender at egress,outside author"},
        /* Exchange: a mailbox rule, and forwarding set on the mailbox */
        {"X-MS-Exchange-Inbox-Rules-Loop: " LOCAL "\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n"
         "Resent-From: <" LOCAL ">\n" BY_OUTSIDER,
         NULL, "egress", LOCAL, OUTSIDE, TRUE,
         "X-MS-Exchange-Inbox-Rules-Loop,X-MS-Exchange-Generated-Message-Source,Resent-From"},
        {"X-MS-Exchange-ForwardingLoop:\n zhang@unit.example;8d7f\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE,
         "X-MS-Exchange-ForwardingLoop"},
        /* X.400 and Gmail */
        {"Autoforwarded: TRUE\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "Autoforwarded: true"},
        {"X-Forwarded-Encrypted: i=1; AJvYcC\nX-Forwarded-To: friend@out.example\nX-Forwarded-For: " LOCAL
         " friend@out.example\n" BY_OUTSIDER,
         NULL, "egress", LOCAL, OUTSIDE, TRUE, "X-Forwarded-To,X-Forwarded-For,X-Forwarded-Encrypted"},
        {"X-Zimbra-Forwarded: " LOCAL "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "X-Zimbra-Forwarded"},
        {"X-Kopano-Rule-Action: forward\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "X-Kopano-Rule-Action"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_by_hand(void **state)
{
    static const Case cases[] = {
        /* "redirect" and "bounce" of mail programs: Resent-* above the letter's earlier way */
        {"Resent-From: " LOCAL "\nResent-To: " OUTSIDE "\nDelivered-To: " LOCAL "\n" BY_OUTSIDER, "zhang", "mx", LOCAL,
         OUTSIDE, FALSE, "Delivered-To: local user,Resent-From,Resent-To"},
        {"Received: from pc by mx.unit.example (Postfix) with ESMTPSA\nResent-From: " LOCAL "\nDelivered-To: " LOCAL
         "\nX-Sieve: CMU Sieve 2.2\n" BY_OUTSIDER,
         NULL, "egress", LOCAL, OUTSIDE, FALSE, "X-Sieve,Delivered-To: local user,Resent-From"},
        /* what a colleague's rule or an outside mailbox forwarded to this person, and he sends on by hand */
        {"Resent-From: " LOCAL "\nX-Sieve-Redirected-From: li@unit.example\n" BY_OUTSIDER, "zhang", "mx", LOCAL,
         OUTSIDE, FALSE, "X-Sieve-Redirected-From,Resent-From"},
        {"Resent-From: " LOCAL "\nX-Forwarded-To: " LOCAL "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, FALSE,
         "X-Forwarded-To,Resent-From"},
        /* a rule that sends on what somebody here redirected to its owner */
        {"X-Sieve-Redirected-From: " LOCAL "\nResent-From: li@unit.example\n" BY_OUTSIDER, NULL, "egress", LOCAL,
         OUTSIDE, TRUE, "X-Sieve-Redirected-From,Resent-From"},
        /* "forward" of a mail program: a letter of its own */
        {"In-Reply-To: <1@out.example>\nX-Forwarded-Message-Id: <1@out.example>\n", "zhang", "mx", LOCAL, OUTSIDE,
         FALSE, ""},
        {"Resent-From: " LOCAL "\n", NULL, "pickup", LOCAL, OUTSIDE, FALSE, "Resent-From"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_lists(void **state)
{
    static const Case cases[] = {
        {"Received: from lists by mx.unit.example\nReceived: from out by mx.unit.example\nDelivered-To: "
         "week@unit.example\n" BY_OUTSIDER
         "List-Id: Weekly <week.unit.example>\nList-Post: <mailto:week@unit.example>\n",
         NULL, "egress", "week-bounces@unit.example", OUTSIDE, FALSE, "Delivered-To: local user"},
        {"List-Id: <week.lists.unit.example>\n" BY_OUTSIDER, NULL, "egress", "week-bounces@lists.unit.example", OUTSIDE,
         FALSE, ""},
        /* forwarded into the list by its author's mailbox, and out of it by a member's rule */
        {"Received: a\nReceived: b\nX-Forwarded-To: week@unit.example\n" BY_OUTSIDER "List-Id: <week.unit.example>\n",
         NULL, "egress", "week-bounces@unit.example", OUTSIDE, FALSE, "X-Forwarded-To"},
        {"Received: a\nX-Sieve-Redirected-From: " LOCAL "\nReceived: b\nList-Id: <week.unit.example>\n", NULL, "egress",
         "week-bounces@unit.example", OUTSIDE, TRUE, "X-Sieve-Redirected-From"},
        /* not a local list, not its sender */
        {"Delivered-To: " LOCAL "\nList-Id: <week.out.example>\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE,
         "Delivered-To: local user,outside author"},
        {"List-Id: <week.unit.example>\n" BY_OUTSIDER, NULL, "egress", SRS, OUTSIDE, TRUE, "SRS sender,outside author"},
        {"List-Id: <week.unit.example>\n", NULL, "egress", OUTSIDE, OUTSIDE, TRUE, "outside sender at egress"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_replies_and_reports(void **state)
{
    static const Case cases[] = {
        /* out-of-office of Pigeonhole and of Exchange, whose rules agent writes its loop header into it too */
        {"X-Sieve: Pigeonhole Sieve 0.5.19\nAuto-Submitted: auto-replied (vacation)\nFrom: A <" LOCAL ">\n", NULL,
         "egress", "", OUTSIDE, FALSE, "X-Sieve"},
        {"Auto-Submitted: auto-generated\nX-MS-Exchange-Inbox-Rules-Loop: " LOCAL
         "\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\nFrom: A <" LOCAL ">\n",
         NULL, "egress", "", OUTSIDE, FALSE, "X-MS-Exchange-Inbox-Rules-Loop,X-MS-Exchange-Generated-Message-Source"},
        {"Auto-Submitted: auto-replied\nX-Loop: " LOCAL "\nDelivered-To: " LOCAL "\n", NULL, "pickup", LOCAL, OUTSIDE,
         FALSE, "Delivered-To: local user,X-Loop: local user"},
        /* bounces of a host whose name is in no local domain; a receipt */
        {"From: A <MAILER-DAEMON@mx.host.example>\nAuto-Submitted: auto-replied\nContent-Type: multipart/report;\n"
         " report-type=delivery-status; boundary=b\n",
         NULL, "egress", "", OUTSIDE, FALSE, ""},
        {"From: A <MAILER-DAEMON@mx.host.example>\nContent-Type: multipart/report; boundary=b\n", NULL, "egress", "",
         OUTSIDE, FALSE, ""},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
}

static void
test_forward_look_what_the_gate_knows(void **state)
{
    static const Case cases[] = {
        {"", NULL, "egress", LOCAL, OUTSIDE, TRUE, "seen-inbound:message-id,seen-inbound:body", "message-id body"},
        {"", NULL, "pickup", LOCAL, OUTSIDE, TRUE, "seen-inbound:body", "body"},
        {"", NULL, "egress", LOCAL, OUTSIDE, FALSE, "ORCPT: local user", "orcpt"},
        {BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, TRUE, "ORCPT: local user,outside author", "orcpt"},
        {"Resent-From: " LOCAL "\n" BY_OUTSIDER, NULL, "egress", LOCAL, OUTSIDE, FALSE,
         "Resent-From,seen-inbound:message-id", "message-id"},
        {"List-Id: <week.unit.example>\n" BY_OUTSIDER, NULL, "egress", "week-bounces@unit.example", OUTSIDE, FALSE,
         "seen-inbound:message-id,ORCPT: local user", "message-id orcpt"},
        {"Content-Type: multipart/report; boundary=b\n", NULL, "egress", "", OUTSIDE, FALSE, "seen-inbound:message-id",
         "message-id"},
        {"", NULL, "mx", OUTSIDE, LOCAL, FALSE, "", "message-id body"}, /* in: not leaving */
        {"", NULL, "egress", LOCAL, OUTSIDE, FALSE, "", "nonsense"},
        {"X-Sieve-Redirected-From: " LOCAL "\n", NULL, "egress", LOCAL, OUTSIDE, FALSE,
         "X-Sieve-Redirected-From,seen-inbound:message-id,allowed: register", "message-id allowed"},
    };
    assert_cases(cases, G_N_ELEMENTS(cases));
    assert_string_equal(forward_seen_word("seen-inbound:body"), "body");
    assert_null(forward_seen_word("X-Sieve"));
    assert_null(forward_seen_word(NULL));
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
        cmocka_unit_test(test_forward_look_envelope),
        cmocka_unit_test(test_forward_look_weak_signs_need_another),
        cmocka_unit_test(test_forward_look_programs),
        cmocka_unit_test(test_forward_look_by_hand),
        cmocka_unit_test(test_forward_look_lists),
        cmocka_unit_test(test_forward_look_replies_and_reports),
        cmocka_unit_test(test_forward_look_what_the_gate_knows),
        cmocka_unit_test(test_forward_look_unset_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
