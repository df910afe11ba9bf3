#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "track.h"
#include "unit_settings.h"
#include <glib/gstdio.h>
#include <string.h>

#define LONG_TEXT                                                                                                    \
    "A body that is long enough to tell one letter from another: minutes of the meeting of Tuesday, who was there, " \
    "what was said about the new pumps, what was not said, when the next one will be, and that somebody please "     \
    "brings the drawings of the old station along, on paper, since the file does not open any more on the machine "  \
    "in the small room.\r\n"

typedef struct {
    char *directory;
    Gate *gate;
    Snapshot *snapshot;
} Fixture;

static int
set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->directory = g_dir_make_tmp("hangu-track-XXXXXX", NULL);
    fixture->gate = gate_new(&milter_calls, fixture->directory, NULL);
    fixture->snapshot = snapshot_new(unit_settings(), 1, NULL, NULL, NULL);
    g_mime_init();
    *state = fixture;
    return fixture->gate != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *key = g_build_filename(fixture->directory, "milter", "release.key", NULL);
    g_autofree char *below = g_build_filename(fixture->directory, "milter", NULL);
    snapshot_unref(fixture->snapshot);
    gate_free(fixture->gate);
    g_unlink(key);
    g_rmdir(below);
    g_rmdir(fixture->directory);
    g_free(fixture->directory);
    g_free(fixture);
    return 0;
}

typedef struct {
    const char *listener, *user, *sender, *recipient, *second, *argument, *message_id, *body;
} Given;

/* What the gate knows when the letter has come; then it is accepted. */
static char *
pass(const Fixture *fixture, const Given *given, Verdict answer)
{
    g_autoptr(Letter) letter = letter_new(fixture->gate, fixture->snapshot);
    const Outcome outcome = {.answer = answer};
    letter_set_sender(letter, given->sender);
    letter->envelope.listener = g_strdup(given->listener);
    letter->envelope.auth_user = g_strdup(given->user);
    letter_add_recipient(letter, given->recipient);
    if (given->second != NULL)
        letter_add_recipient(letter, given->second);
    if (given->argument != NULL)
        track_argument(letter, given->recipient, given->argument);
    if (given->message_id != NULL)
        letter_add_header(letter, "Message-Id", given->message_id);
    letter_add_body(letter, given->body, strlen(given->body));
    letter_close(letter);
    track_ask(letter);
    track_note(letter, &outcome);
    return g_strdup(letter->envelope.seen);
}

#define ASSERT_PASS(expected, ...)                                     \
    do {                                                               \
        const Given given = {__VA_ARGS__};                             \
        g_autofree char *known = pass(*state, &given, VERDICT_ACCEPT); \
        assert_string_equal(known != NULL ? known : "-", expected);    \
    } while (0)

#define LI "<li@unit.example>"
#define ZHANG "<zhang@unit.example>"
#define FRIEND "<friend@out.example>"
#define AUTHOR "<author@out.example>"

static void
test_forwarded_letter_is_known(void **state)
{
    ASSERT_PASS("-", "mx", NULL, AUTHOR, LI, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("message-id body", "egress", NULL, AUTHOR, FRIEND, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("message-id body", "pickup", NULL, LI, FRIEND, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("-", "pickup", NULL, LI, ZHANG, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("body", "egress", NULL, LI, FRIEND, NULL, NULL, " <new@unit.example>", " \r\n" LONG_TEXT);
    ASSERT_PASS("message-id", "egress", NULL, LI, FRIEND, NULL, NULL, "\r\n <1@out.example>", "something else");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, NULL, NULL, "something else");
}

static void
test_letter_of_a_colleague_is_known_too(void **state)
{
    ASSERT_PASS("-", "submission", "zhang", ZHANG, LI, NULL, NULL, " <1@unit.example>", LONG_TEXT);
    ASSERT_PASS("message-id body", "egress", NULL, ZHANG, FRIEND, NULL, NULL, " <1@unit.example>", LONG_TEXT);
}

static void
test_what_a_person_sends_is_his(void **state)
{
    /* to a colleague and outside at once */
    ASSERT_PASS("-", "submission", "zhang", ZHANG, LI, FRIEND, NULL, " <1@unit.example>", LONG_TEXT);
    ASSERT_PASS("-", "egress", NULL, ZHANG, FRIEND, NULL, NULL, " <1@unit.example>", LONG_TEXT);
    ASSERT_PASS("message-id body", "egress", NULL, ZHANG, "<li-home@free.example>", NULL, NULL, " <1@unit.example>",
                LONG_TEXT);
    /* redirected by hand */
    ASSERT_PASS("-", "mx", NULL, AUTHOR, LI, NULL, NULL, " <2@out.example>", LONG_TEXT "2");
    ASSERT_PASS("-", "submission", "li", LI, FRIEND, NULL, NULL, " <2@out.example>", LONG_TEXT "2");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, NULL, " <2@out.example>", LONG_TEXT "2");
    /* a rule's program that submits without a login is no person */
    ASSERT_PASS("-", "mx", NULL, AUTHOR, LI, NULL, NULL, " <3@out.example>", LONG_TEXT "3");
    ASSERT_PASS("-", "mx", NULL, LI, FRIEND, NULL, NULL, " <3@out.example>", LONG_TEXT "3");
    ASSERT_PASS("message-id body", "egress", NULL, LI, FRIEND, NULL, NULL, " <3@out.example>", LONG_TEXT "3");
}

static void
test_what_is_not_remembered(void **state)
{
    const Given refused = {"mx", NULL, AUTHOR, LI, NULL, NULL, " <1@out.example>", LONG_TEXT};
    g_autofree char *seen = pass(*state, &refused, VERDICT_REJECT);
    assert_null(seen);
    ASSERT_PASS("-", "egress", NULL, AUTHOR, FRIEND, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("-", "mx", NULL, AUTHOR, LI, NULL, NULL, NULL, "received, thanks");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, NULL, " <9@unit.example>", "received, thanks");
    const Fixture *fixture = *state;
    fixture->snapshot->settings->forward_window = 0;
    ASSERT_PASS("-", "mx", NULL, AUTHOR, LI, NULL, NULL, " <1@out.example>", LONG_TEXT);
    ASSERT_PASS("-", "egress", NULL, AUTHOR, FRIEND, NULL, NULL, " <1@out.example>", LONG_TEXT);
}

static void
test_alias_of_a_local_user(void **state)
{
    ASSERT_PASS("orcpt", "egress", NULL, LI, FRIEND, NULL, "ORCPT=rfc822;Zhang@unit.example", NULL, "x");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, "ORCPT=rfc822;friend@out.example", NULL, "x");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, "NOTIFY=NEVER", NULL, "x");
    ASSERT_PASS("-", "egress", NULL, LI, FRIEND, NULL, "ORCPT=utf-8;zhang@unit.example", NULL, "x");
    ASSERT_PASS("-", "egress", NULL, LI, ZHANG, NULL, "ORCPT=rfc822;li@unit.example", NULL, "x");
}

/* --- work papers to one address ---------------------------------------------------------------------------------- */

/* What the gate knows of the recipients when a letter comes that a rule counts for the first of them. */
static char *
count(const Fixture *fixture, const char *listener, const char *sender, const char *recipient, gint64 days,
      Verdict answer)
{
    g_autoptr(Letter) letter = letter_new(fixture->gate, fixture->snapshot);
    const Outcome outcome = {.answer = answer, .done = {.counted = 1}};
    letter_set_sender(letter, sender);
    letter->envelope.listener = g_strdup(listener);
    letter->envelope.auth_user = g_strdup(g_str_equal(listener, "submission") ? "li" : NULL);
    letter->envelope.received_us = (20000 + days) * G_TIME_SPAN_DAY + G_TIME_SPAN_DAY / 2;
    letter_add_recipient(letter, recipient);
    letter_close(letter);
    track_ask(letter);
    track_note(letter, &outcome);
    return g_strdup(letter->envelope.history);
}

#define ASSERT_COUNT(expected, ...)                                 \
    do {                                                            \
        g_autofree char *known = count(*state, __VA_ARGS__);        \
        assert_string_equal(known != NULL ? known : "-", expected); \
    } while (0)

static void
test_work_papers_are_counted(void **state)
{
    const Fixture *fixture = *state;
    history_retain(fixture->gate->history, 30);
    ASSERT_COUNT("-", "submission", LI, "<li@free.example>", 0, VERDICT_ACCEPT);
    ASSERT_COUNT("0:2:1", "submission", LI, "<Li@FREE.example>", 0, VERDICT_ACCEPT);
    ASSERT_COUNT("0:3:2", "submission", LI, "<li@free.example>", 1, VERDICT_HOLD); /* did not go */
    ASSERT_COUNT("0:3:2", "submission", LI, "<li@free.example>", 1, VERDICT_ACCEPT);
    ASSERT_COUNT("-", "egress", LI, "<li@free.example>", 1, VERDICT_ACCEPT); /* the same letter on its way out */
    ASSERT_COUNT("0:4:3", "submission", LI, "<li@free.example>", 2, VERDICT_ACCEPT);
    ASSERT_COUNT("-", "submission", LI, "<wife@free.example>", 2, VERDICT_ACCEPT);
    ASSERT_COUNT("-", "submission", LI, ZHANG, 2, VERDICT_ACCEPT);
    ASSERT_COUNT("-", "submission", LI, ZHANG, 2, VERDICT_ACCEPT);
    ASSERT_COUNT("-", "mx", "<>", "<li@free.example>", 2, VERDICT_ACCEPT);
    fixture->snapshot->settings->history_days = 0;
    ASSERT_COUNT("-", "submission", LI, "<li@free.example>", 2, VERDICT_ACCEPT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forwarded_letter_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_letter_of_a_colleague_is_known_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_person_sends_is_his, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_alias_of_a_local_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_work_papers_are_counted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
