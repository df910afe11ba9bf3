/* The account behind a submission: its session, and whose address it sends with. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "account.h"
#include "letters.h"
#include "mime.h"
#include "unit_settings.h"

typedef struct {
    const char *name;
    const char *user, *mechanism, *ip, *tls, *listener;
    gboolean device, asked;
    guint problems;
} SessionCase;

static void
test_session_problems_table(void **state)
{
    static const SessionCase cases[] = {
        {"fine", "zhang", "PLAIN", "192.0.2.1", "TLSv1.3", "submission", FALSE, TRUE, 0},
        {"fine elsewhere", "zhang", "SCRAM-SHA-256", "192.0.2.1", "TLSv1.3", "mx", FALSE, TRUE, 0},
        {"plain in clear", "zhang", "plain", "192.0.2.1", NULL, "submission", FALSE, TRUE, SUBMITTER_CLEAR_PASSWORD},
        {"login in clear", "zhang", "LOGIN", "192.0.2.1", "", "mx", FALSE, TRUE, SUBMITTER_CLEAR_PASSWORD},
        {"no TLS, no password shown", "zhang", "SCRAM-SHA-1", "192.0.2.1", NULL, "smtps", FALSE, TRUE,
         SUBMITTER_NO_TLS},
        {"weak and in clear", "zhang", "cram-md5", "192.0.2.1", NULL, "submission", FALSE, TRUE,
         SUBMITTER_MECHANISM_WEAK | SUBMITTER_NO_TLS},
        {"webmail of this machine", "zhang", "PLAIN", "127.0.0.1", NULL, "submission", FALSE, TRUE, 0},
        {"nobody", NULL, NULL, "192.0.2.1", "TLSv1.2", "submission", FALSE, TRUE, SUBMITTER_NO_AUTH},
        {"nobody in clear", NULL, NULL, "192.0.2.1", NULL, "submission", FALSE, TRUE,
         SUBMITTER_NO_AUTH | SUBMITTER_NO_TLS},
        {"anonymous", "guest", "ANONYMOUS", "192.0.2.1", "TLSv1.2", "submission", FALSE, TRUE, SUBMITTER_NO_AUTH},
        {"an office network", NULL, NULL, "10.1.2.3", "TLSv1.2", "submission", FALSE, TRUE, 0},
        {"a device", NULL, NULL, "192.0.2.1", NULL, "submission", TRUE, TRUE, 0},
        {"mail from outside", NULL, NULL, "192.0.2.1", NULL, "mx", FALSE, FALSE, SUBMITTER_NO_AUTH | SUBMITTER_NO_TLS},
        {"egress", "zhang", NULL, "192.0.2.1", NULL, "egress", FALSE, FALSE, SUBMITTER_NO_TLS},
        {"sendmail", NULL, NULL, "127.0.0.1", NULL, "pickup", FALSE, FALSE, SUBMITTER_NO_AUTH},
    };
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const SessionCase *one = &cases[i];
        Envelope envelope = {.auth_user = (char *)one->user,
                             .auth_type = (char *)one->mechanism,
                             .client_ip = (char *)one->ip,
                             .client_name = (char *)"x",
                             .helo = (char *)"x",
                             .tls_version = (char *)one->tls,
                             .listener = (char *)one->listener};
        g_autoptr(Submitter) facts = submitter_new(one->device ? SUBMITTER_DEVICE : SUBMITTER_KNOWN);
        guint problems = account_session_problems(&envelope, facts, settings);
        gboolean asked = account_is_asked(&envelope, settings);
        if (problems != one->problems || asked != one->asked)
            fail_msg("%s: problems 0x%x asked %d", one->name, problems, asked);
    }
}

static Submitter *
facts_of_zhang(SubmitterSource source)
{
    static const char *const addresses[] = {"zhang@unit.example", "jubangong@unit.example", "@branch.unit.example",
                                            "处长@单位.example"};
    Submitter *facts = submitter_new(source);
    for (gsize i = 0; i < G_N_ELEMENTS(addresses) && source == SUBMITTER_KNOWN; i++)
        g_ptr_array_add(facts->addresses, g_strdup(addresses[i]));
    return facts;
}

static void
test_account_owns_table(void **state)
{
    static const struct {
        const char *address;
        gboolean owned;
    } cases[] = {
        {"zhang@unit.example", TRUE},
        {"Zhang <ZHANG@Unit.Example.>", TRUE},
        {"zhang+news@unit.example", TRUE},
        {"prvs=0123456789=zhang@unit.example", TRUE},
        {"srs0=hhh=tt=unit.example=zhang@relay.example", TRUE},
        {"srs0=hhh=tt=outside.example=zhang@unit.example", FALSE},
        {"jubangong@unit.example", TRUE},
        {"anybody@branch.unit.example", TRUE},
        {"anybody@x.branch.unit.example", FALSE},
        {"anybody@notbranch.unit.example", FALSE},
        {"处长@xn--fiq6nt4o.example", FALSE}, /* another domain */
        {"li@unit.example", FALSE},
        {"zhang@outside.example", FALSE},
        {"zhang", FALSE},
        {"zhang@unit.example@outside.example", FALSE},
        {"", FALSE},
    };
    g_autoptr(Submitter) facts = facts_of_zhang(SUBMITTER_KNOWN);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        if (account_owns(facts, cases[i].address, "+") != cases[i].owned)
            fail_msg("%s", cases[i].address);
    assert_true(account_owns(facts, "处长@单位.EXAMPLE", "+"));
}

static void
test_sender_problems_table(void **state)
{
    static const struct {
        const char *name;
        SubmitterSource source;
        const char *sender, *headers;
        gboolean early, late, unproven; /* not owned at MAIL, at the end; no exemption */
    } cases[] = {
        {"own", SUBMITTER_KNOWN, "zhang@unit.example", "From: Zhang <zhang@unit.example>\n", FALSE, FALSE, FALSE},
        {"an alias over one's own", SUBMITTER_KNOWN, "zhang@unit.example", "From: jubangong@unit.example\n", FALSE,
         FALSE, FALSE},
        {"an alien envelope", SUBMITTER_KNOWN, "li@unit.example", "From: zhang@unit.example\n", TRUE, TRUE, TRUE},
        {"an alien From", SUBMITTER_KNOWN, "zhang@unit.example", "From: li@unit.example\n", FALSE, TRUE, FALSE},
        {"an alien second From", SUBMITTER_KNOWN, "zhang@unit.example",
         "From: zhang@unit.example, \"zhang@unit.example\" <li@unit.example>\n", FALSE, TRUE, FALSE},
        {"an alien Sender", SUBMITTER_KNOWN, "zhang@unit.example",
         "From: zhang@unit.example\nSender: li@unit.example\n", FALSE, TRUE, FALSE},
        {"a second From field", SUBMITTER_KNOWN, "zhang@unit.example",
         "From: zhang@unit.example\nFrom: li@unit.example\n", FALSE, TRUE, FALSE},
        {"a word that the mail server makes an address of", SUBMITTER_KNOWN, "zhang@unit.example", "From: li\n", FALSE,
         TRUE, FALSE},
        {"a group's name alone", SUBMITTER_KNOWN, "zhang@unit.example", "From: undisclosed:;\n", FALSE, FALSE, FALSE},
        {"no From", SUBMITTER_KNOWN, "zhang@unit.example", "Subject: x\n", FALSE, FALSE, FALSE},
        {"null sender", SUBMITTER_KNOWN, "", "From: zhang@unit.example\n", FALSE, FALSE, TRUE},
        {"null sender, alien From", SUBMITTER_KNOWN, "", "From: li@unit.example\n", FALSE, TRUE, TRUE},
        {"not in the register", SUBMITTER_UNKNOWN, "li@unit.example", "From: li@unit.example\n", FALSE, FALSE, TRUE},
        {"nothing known", SUBMITTER_MISSING, "li@unit.example", "From: li@unit.example\n", FALSE, FALSE, TRUE},
        {"a device", SUBMITTER_DEVICE, "printer@unit.example", "From: li@unit.example\n", FALSE, FALSE, FALSE},
    };
    g_autoptr(Settings) settings = unit_settings();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat(cases[i].headers, "\nx\n", NULL);
        g_autoptr(Message) message = letter_of(text, -1, FALSE);
        g_free(message->envelope.sender);
        message->envelope.sender = g_strdup(cases[i].sender);
        message->envelope.account = facts_of_zhang(cases[i].source);
        assert_true(mime_parse(message, settings, NULL));
        gboolean early = account_sender_problems(&message->envelope, NULL, settings) == SUBMITTER_SENDER_NOT_OWNED;
        gboolean late = account_sender_problems(&message->envelope, message, settings) == SUBMITTER_SENDER_NOT_OWNED;
        gboolean unproven = account_sender_unproven(&message->envelope, settings);
        if (early != cases[i].early || late != cases[i].late || unproven != cases[i].unproven)
            fail_msg("%s: early %d late %d unproven %d", cases[i].name, early, late, unproven);
    }
}

static void
test_nothing_is_said_where_nobody_was_asked(void **state)
{
    g_autoptr(Settings) settings = unit_settings();
    Envelope envelope = {.sender = (char *)"li@unit.example", .auth_user = (char *)"zhang"};
    assert_int_equal(account_sender_problems(&envelope, NULL, settings), 0);
    assert_false(account_sender_unproven(&envelope, settings));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_problems_table),
        cmocka_unit_test(test_account_owns_table),
        cmocka_unit_test(test_sender_problems_table),
        cmocka_unit_test(test_nothing_is_said_where_nobody_was_asked),
    };
    g_mime_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
