/* The whole corridor with the rules and the policy that ship. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "evasions.h"
#include "letters.h"
#include "shipped.h"
#include "spool_stream.h"
#include <unistd.h>

static Shipped shipped;

static Message *
inspect(Message *message, Direction direction, gint64 deadline_us)
{
    g_autoptr(GError) error = NULL;
    message->envelope.direction_given = TRUE;
    message->envelope.direction = direction;
    message->envelope.received_us = G_GINT64_CONSTANT(1793700000000000); /* November 2026 */
    g_free(message->envelope.sender);
    message->envelope.sender = g_strdup("a@unit.example");
    g_ptr_array_add(message->envelope.recipients, g_strdup("b@outside.example"));
    if (!inspector_run(shipped.inspector, message, deadline_us, &error))
        fail_msg("%s", error->message);
    return message;
}

static Message *
inspect_text(const char *text, Direction direction)
{
    return inspect(letter_of(text, -1, FALSE), direction, -1);
}

static void
test_inspector_run_finds_every_disguised_mark(void **state)
{
    guint missed = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(evasions); i++) {
        const Evasion *one = &evasions[i];
        g_autoptr(Message) message =
            letter_of(one->letter, one->length == 0 ? -1 : one->length, strchr(one->letter, '\r') != NULL);
        inspect(message, DIRECTION_OUT, -1);
        if (message->class == CLASS_STATE && message->level == LEVEL_HIGHLY_SECRET &&
            g_strcmp0(message->term, "10年") == 0 && message->decision.verdict >= VERDICT_HOLD)
            continue;
        print_error("%s: %s %s %s\n", one->name, class_word(message->class), level_word(message->level),
                    verdict_word(message->decision.verdict));
        missed++;
    }
    assert_int_equal(missed, 0);
}

static const struct {
    const char *name, *letter;
    Class class;
    Level level;
    const char *term;
    Confidence confidence;
    Verdict verdict;
} cases[] = {
    {"nothing", HEAD "\n请于周五前报送材料。\n", CLASS_NONE, LEVEL_NONE, NULL, CONFIDENCE_NONE, VERDICT_ACCEPT},
    {"first page", HEAD "\n000012\n机密★10年\n特急\n\n某国保〔2026〕12号\n\n关于某事的通知\n", CLASS_STATE,
     LEVEL_HIGHLY_SECRET, "10年", CONFIDENCE_CONFIRMED, VERDICT_REJECT},
    {"speaks of secrecy", HEAD "\n各单位要认真学习保密法，国家秘密的密级分为绝密、机密、秘密三级。\n", CLASS_MENTION,
     LEVEL_NONE, NULL, CONFIDENCE_MENTION, VERDICT_ACCEPT},
    {"internal note", HEAD "\n内部资料 注意保存\n\n一、工作安排\n", CLASS_WORK, LEVEL_WORK_SECRET, NULL,
     CONFIDENCE_CONFIRMED, VERDICT_HOLD},
    {"highest level and longest term of two parts",
     HEAD "Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/plain; "
          "charset=utf-8\n\n000012\n绝密★5年\n特急\n"
          "--B\nContent-Type: text/plain; charset=utf-8\n\n000013\n秘密★10年\n特急\n--B--\n",
     CLASS_STATE, LEVEL_TOP_SECRET, "10年", CONFIDENCE_CONFIRMED, VERDICT_REJECT},
    {"mark in a letter inside a letter",
     HEAD "Content-Type: message/rfc822\n\nSubject: x\nContent-Type: message/rfc822\n\nSubject: "
          "=?utf-8?B?44CQ5py65a+G4piFMTDlubTjgJE=?=\n\nx\n",
     CLASS_STATE, LEVEL_HIGHLY_SECRET, "10年", CONFIDENCE_CONFIRMED, VERDICT_REJECT},
};

static void
test_inspector_run_summarises_and_decides(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Message) message = inspect_text(cases[i].letter, DIRECTION_OUT);
        if (message->class != cases[i].class || message->level != cases[i].level ||
            g_strcmp0(message->term, cases[i].term) != 0 || message->decision.verdict != cases[i].verdict ||
            message->confidence != cases[i].confidence)
            fail_msg("%s: %s %s %s %s %s", cases[i].name, class_word(message->class), level_word(message->level),
                     message->term, confidence_word(message->confidence), verdict_word(message->decision.verdict));
        for (guint j = 1; j < message->findings->len; j++)
            assert_true(((Finding *)g_ptr_array_index(message->findings, j - 1))->class >=
                        ((Finding *)g_ptr_array_index(message->findings, j))->class);
    }
}

static void
test_inspector_run_forgets_the_letter_before(void **state)
{
    g_autoptr(Message) marked = inspect_text(cases[1].letter, DIRECTION_OUT);
    g_autoptr(Message) clean = inspect_text(cases[0].letter, DIRECTION_OUT);
    assert_int_equal(marked->class, CLASS_STATE);
    assert_int_equal(clean->class, CLASS_NONE);
    assert_int_equal(clean->findings->len, 0);
    assert_null(clean->decision.row);
}

static void
test_inspector_run_lets_policy_know_what_was_not_read(void **state)
{
    const char letter[] = HEAD "Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAA==\n";
    g_autoptr(Message) out = inspect_text(letter, DIRECTION_OUT);
    g_autoptr(Message) local = inspect_text(letter, DIRECTION_LOCAL);
    assert_int_equal(out->coverage, COVERAGE_UNREADABLE);
    assert_int_equal(out->why, WHY_UNSUPPORTED);
    assert_int_equal(out->decision.verdict, VERDICT_HOLD);
    assert_int_equal(local->decision.verdict, VERDICT_ACCEPT);
}

static void
test_inspector_run_knows_an_executable(void **state)
{
    const char letter[] = HEAD
        "Content-Type: text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\n"
        "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAAA4fug4AtAnNIbgBTM0h\n";
    g_autoptr(Message) message = inspect_text(letter, DIRECTION_IN);
    assert_true(message_part(message, 1)->is_executable);
    assert_int_equal(message->decision.verdict, VERDICT_HOLD);
}

static void
test_inspector_run_past_the_deadline_is_partial(void **state)
{
    g_autoptr(Message) message = inspect(letter_of(cases[1].letter, -1, FALSE), DIRECTION_OUT, 0);
    assert_int_equal(message->coverage, COVERAGE_PARTIAL);
    assert_int_equal(message->why, WHY_OVER_BUDGET);
    assert_int_equal(message->decision.verdict, VERDICT_HOLD);
}

/* A list of a large unit: words of the rules in every row, nothing that is a mark. */
static void
test_inspector_run_reads_a_register_full_of_words_to_its_end(void **state)
{
    g_autoptr(GString) letter = g_string_new(HEAD "\n编号,姓名,培训,部门\n");
    for (guint row = 1; row <= 20000; row++)
        g_string_append_printf(letter, "%u,张三,秘密载体管理与机密性要求,内部审计处\n", row);
    g_autoptr(Message) message = inspect_text(letter->str, DIRECTION_OUT);
    assert_int_equal(message->coverage, COVERAGE_COMPLETE);
    assert_int_equal(message->decision.verdict, VERDICT_ACCEPT);
    g_string_append(letter, "\n机密★10年\n");
    g_autoptr(Message) marked = inspect_text(letter->str, DIRECTION_OUT);
    assert_int_equal(marked->class, CLASS_STATE);
}

static void
test_inspector_run_believes_only_our_verifier(void **state)
{
    static const struct {
        const char *id;
        Verdict verdict;
    } rows[] = {{NULL, VERDICT_ACCEPT}, {"other.example", VERDICT_ACCEPT}, {"mx.unit.example", VERDICT_REJECT}};
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        shipped.settings->authserv_id = g_strdup(rows[i].id);
        g_autoptr(Message) message = inspect_text(
            "Authentication-Results: mx.unit.example; dmarc=fail (p=reject dis=none) header.from=b\n" HEAD "\nhello\n",
            DIRECTION_IN);
        assert_int_equal(message->decision.verdict, rows[i].verdict);
        g_clear_pointer(&shipped.settings->authserv_id, g_free);
    }
}

static void
test_inspector_run_without_the_bytes_gives_no_verdict(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Spool) spool = spool_new(g_get_tmp_dir(), 0, NULL);
    g_autofree char *body = g_strnfill(3 * SPOOL_CHUNK, 'x');
    g_autofree char *text = g_strconcat(HEAD "\n", body, NULL);
    assert_true(spool_write(spool, text, strlen(text), NULL) && spool_seal(spool, NULL));
    char broken = 1;
    assert_int_equal(pwrite(spool_fd(spool), &broken, 1, 2 * SPOOL_CHUNK), 1);
    g_autoptr(Message) message = message_new();
    message->raw = spool_stream_of(spool, NULL);
    message->size = spool_length(spool);
    assert_false(inspector_run(shipped.inspector, message, -1, &error));
    assert_int_equal(error->code, HANGU_ERROR_IO);
}

static gboolean
refuse(LeaseKind wanted, gpointer user)
{
    return FALSE;
}

/* Nothing of a letter that goes back counts; with a mark in sight or not. */
static void
test_inspector_run_of_a_lease_that_ended_gives_no_verdict(void **state)
{
    g_autoptr(GError) error = NULL;
    Lease lease = lease_new(LEASE_LIGHT, refuse, NULL);
    lease.until_us = 0;
    g_autoptr(Message) message = letter_of(HEAD "\n机密★10年\n", -1, FALSE);
    message->lease = &lease;
    assert_false(inspector_run(shipped.inspector, message, -1, &error));
    assert_int_equal(error->code, HANGU_ERROR_AWAY);
    assert_true(lease.ended);
}

static int
load(void **state)
{
    shipped_load(&shipped);
    return shipped.inspector == NULL ? -1 : 0;
}

static int
unload(void **state)
{
    shipped_unload(&shipped);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inspector_run_finds_every_disguised_mark),
        cmocka_unit_test(test_inspector_run_summarises_and_decides),
        cmocka_unit_test(test_inspector_run_forgets_the_letter_before),
        cmocka_unit_test(test_inspector_run_lets_policy_know_what_was_not_read),
        cmocka_unit_test(test_inspector_run_knows_an_executable),
        cmocka_unit_test(test_inspector_run_past_the_deadline_is_partial),
        cmocka_unit_test(test_inspector_run_reads_a_register_full_of_words_to_its_end),
        cmocka_unit_test(test_inspector_run_believes_only_our_verifier),
        cmocka_unit_test(test_inspector_run_without_the_bytes_gives_no_verdict),
        cmocka_unit_test(test_inspector_run_of_a_lease_that_ended_gives_no_verdict),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
