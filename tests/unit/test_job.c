/* The frames between gate and inspector: what goes in comes out, and an answer is believed only when all of it fits. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "errors.h"
#include "fake_inspector.h"
#include "wire.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
make_envelope(Envelope *envelope)
{
    *envelope = (Envelope){
        .sender = g_strdup("\xff\xfe@unit.example"), /* clients send what they like */
        .recipients = g_ptr_array_new_with_free_func(g_free),
        .client_ip = g_strdup("192.0.2.1"),
        .auth_user = g_strdup("zhang"),
        .queue_id = g_strdup("4Q1"),
        .seen = g_strdup("message-id orcpt"),
        .history = g_strdup("0:3:2"),
        .smtputf8 = TRUE,
        .received_us = 42,
    };
    g_ptr_array_add(envelope->recipients, g_strdup("b@outside.example"));
    g_ptr_array_add(envelope->recipients, g_strdup(""));
}

static void
test_job_goes_over_a_socket_unchanged(void **state)
{
    Envelope in, out = {0};
    make_envelope(&in);
    int pair[2];
    assert_true(frame_pair(pair, NULL));
    Job sent = {.number = 7,
                .spool_fd = open("/dev/null", O_RDONLY),
                .length = 99,
                .deadline_us = 5,
                .lease = LEASE_DOCUMENTS,
                .envelope = &in};
    memset(sent.key, 0xAB, sizeof sent.key);
    Job got = {.spool_fd = -1};
    g_auto(Frame) frame = {0};
    assert_true(frame_send(pair[0], WIRE_JOB, job_encode(&sent, NULL), &sent.spool_fd, 1, -1, NULL));
    assert_int_equal(frame_receive(pair[1], job_type_string, -1, &frame, NULL), 1);
    assert_true(job_decode(&frame, &got, &out, NULL));
    assert_int_equal(got.number, 7);
    assert_int_equal(got.length, 99);
    assert_int_equal(got.deadline_us, 5);
    assert_int_equal(got.lease, LEASE_DOCUMENTS);
    assert_memory_equal(got.key, sent.key, sizeof got.key);
    assert_true(got.spool_fd >= 0 && got.spool_fd != sent.spool_fd);
    assert_string_equal(out.sender, in.sender);
    assert_int_equal(out.recipients->len, 2);
    assert_string_equal(g_ptr_array_index(out.recipients, 0), "b@outside.example");
    assert_string_equal(g_ptr_array_index(out.recipients, 1), "");
    assert_string_equal(out.client_ip, "192.0.2.1");
    assert_string_equal(out.seen, "message-id orcpt");
    assert_null(out.client_name);
    assert_null(out.listener);
    assert_string_equal(out.queue_id, "4Q1");
    assert_true(out.smtputf8);
    assert_int_equal(out.received_us, 42);
    assert_null(out.account);
    close(sent.spool_fd);
    job_clear(&got);
    envelope_clear(&in);
    envelope_clear(&out);
    close(pair[0]);
    close(pair[1]);
}

static GVariant *
encode_with_account(Envelope *envelope, gint64 length)
{
    make_envelope(envelope);
    envelope->account = submitter_new(SUBMITTER_KNOWN);
    envelope->account->stage = SUBMITTER_STAGE_WARN;
    envelope->account->problems = SUBMITTER_PASSWORD_WEAK | SUBMITTER_SENDER_NOT_OWNED;
    g_ptr_array_add(envelope->account->addresses, g_strdup("zhang@unit.example"));
    g_ptr_array_add(envelope->account->addresses, g_strdup("@branch.example"));
    g_ptr_array_add(envelope->account->names, g_strdup("李青"));
    Job job = {.envelope = envelope, .length = length, .spool_fd = -1};
    return g_variant_ref_sink(job_encode(&job, NULL));
}

/* The facts of the account come over, with and without a letter. */
static void
test_job_carries_the_account(void **state)
{
    Envelope in, out = {0};
    Job got = {.spool_fd = -1};
    g_auto(Frame) frame = {.type = WIRE_JOB, .body = encode_with_account(&in, JOB_NO_LETTER), .fds = {-1, -1, -1, -1}};
    assert_true(job_decode(&frame, &got, &out, NULL));
    assert_int_equal(got.length, JOB_NO_LETTER);
    assert_int_equal(got.spool_fd, -1);
    assert_int_equal(out.account->source, SUBMITTER_KNOWN);
    assert_int_equal(out.account->stage, SUBMITTER_STAGE_WARN);
    assert_int_equal(out.account->problems, in.account->problems);
    assert_int_equal(out.account->addresses->len, 2);
    assert_string_equal(g_ptr_array_index(out.account->addresses, 1), "@branch.example");
    assert_int_equal(out.account->names->len, 1);
    assert_string_equal(g_ptr_array_index(out.account->names, 0), "李青");
    assert_string_equal(out.history, "0:3:2");
    assert_int_equal(out.recipients->len, 2);
    assert_string_equal(g_ptr_array_index(out.recipients, 0), "b@outside.example");
    envelope_clear(&in);
    envelope_clear(&out);
}

static void
test_job_decode_refuses_odd_accounts(void **state)
{
    static const guint64 odd[] = {
        SUBMITTER_DEVICE + 2,                             /* source */
        1 | (guint64)3 << 8,                              /* stage */
        1 | (guint64)(SUBMITTER_ADDRESSES_MAX + 1) << 16, /* addresses */
        1 | (guint64)6 << 16,                             /* more than there are strings */
        1 | (guint64)1 << (32 + SUBMITTER_PROBLEMS),      /* problems */
        (guint64)1 << 32,                                 /* without a source */
        1 | (guint64)(SUBMITTER_NAMES_MAX + 1) << 56,     /* names */
        1 | (guint64)9 << 56,                             /* more names than there are strings */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
        Envelope in, out = {0};
        Job got = {.spool_fd = -1};
        g_autoptr(GVariant) body = encode_with_account(&in, JOB_NO_LETTER);
        g_autoptr(GVariant) key = g_variant_get_child_value(body, 7), strings = g_variant_get_child_value(body, 8);
        GVariant *other = g_variant_new("(txxxbut@ay@ay)", (guint64)1, (gint64)JOB_NO_LETTER, (gint64)0, (gint64)0,
                                        FALSE, LEASE_LIGHT, odd[i], key, strings);
        g_auto(Frame) frame = {.type = WIRE_JOB, .body = g_variant_ref_sink(other), .fds = {-1, -1, -1, -1}};
        if (job_decode(&frame, &got, &out, NULL))
            fail_msg("case %d was believed", (int)i);
        envelope_clear(&in);
        envelope_clear(&out);
    }
}

static void
test_job_decode_refuses_a_frame_without_descriptor(void **state)
{
    Envelope in, out = {0};
    make_envelope(&in);
    Job job = {.envelope = &in}, got = {.spool_fd = -1};
    g_auto(Frame) frame = {.type = WIRE_JOB, .body = g_variant_ref_sink(job_encode(&job, NULL))};
    g_autoptr(GError) error = NULL;
    assert_false(job_decode(&frame, &got, &out, &error));
    assert_int_equal(error->code, HANGU_ERROR_PROTOCOL);
    envelope_clear(&in);
    envelope_clear(&out);
}

/* Every way to cut the strings of a job short, and what stands for NULL. */
static void
test_job_decode_refuses_an_envelope_cut_short(void **state)
{
    Envelope in;
    make_envelope(&in);
    Job job = {.envelope = &in, .length = 7};
    g_autoptr(GVariant) body = g_variant_ref_sink(job_encode(&job, NULL));
    g_autoptr(GVariant) strings = g_variant_get_child_value(body, 8);
    gsize length = 0;
    const char *bytes = g_variant_get_fixed_array(strings, &length, 1);
    guint refused = 0;
    for (gsize cut = 0; cut < length; cut++) {
        Envelope out = {0};
        Job got = {.spool_fd = -1};
        GVariant *key = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, job.key, sizeof job.key, 1);
        GVariant *part = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, cut, 1);
        GVariant *shorter = g_variant_new("(txxxbut@ay@ay)", (guint64)1, (gint64)7, (gint64)0, (gint64)0, FALSE,
                                          LEASE_LIGHT, (guint64)0, key, part);
        g_auto(Frame) frame = {.type = WIRE_JOB, .body = g_variant_ref_sink(shorter), .fds = {-1, -1, -1, -1}};
        frame.fd_count = 1;
        refused += !job_decode(&frame, &got, &out, NULL);
        envelope_clear(&out);
    }
    assert_true(refused > 10);
    assert_true(refused < length); /* without the last recipient it is an envelope */
    envelope_clear(&in);
}

static void
test_job_done_comes_back_whole(void **state)
{
    g_auto(JobDone) in = {0}, out = {0};
    fake_done(&in, 3, VERDICT_REJECT);
    g_autoptr(GVariant) body = g_variant_ref_sink(job_done_encode(&in));
    assert_true(job_done_decode(body, 3, &out, NULL));
    assert_int_equal(out.verdict, VERDICT_REJECT);
    assert_int_equal(out.level, LEVEL_SECRET);
    assert_string_equal(out.reply, in.reply);
    g_autofree char *line = json_dumps(in.report, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(out.line, line);
}

typedef void (*Spoil)(JobDone *done);
#define SPOIL(name, code)        \
    static void name(JobDone *d) \
    {                            \
        code;                    \
    }
static void
set(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}
SPOIL(spoil_number, d->number++)
SPOIL(spoil_verdict, d->verdict = 4)
SPOIL(spoil_mode, d->mode = 2)
SPOIL(spoil_actions, d->actions = 1 << 10)
SPOIL(spoil_direction, d->direction = 9)
SPOIL(spoil_class, d->class = 99)
SPOIL(spoil_level, d->level = 7)
SPOIL(spoil_problems, d->account_problems = SUBMITTER_PROBLEMS_ALL + 1)
SPOIL(spoil_effect, d->account_effect = ACCOUNT_EFFECT_DECIDED + 1)
SPOIL(spoil_row, set(&d->row, "Out State"))
SPOIL(spoil_reply_code, set(&d->reply, "250 2.0.0 Ok"))
SPOIL(spoil_reply_class, set(&d->reply, "550 4.7.1 mixed"))
SPOIL(spoil_reply_lines, set(&d->reply, "550 5.7.1 a\r\nRCPT TO:<x@y>"))
SPOIL(spoil_reply_bytes, set(&d->reply, "550 5.7.1 \xe5\xaf\x86"))
SPOIL(spoil_reply_none, set(&d->reply, ""))
SPOIL(spoil_accept_reply, d->verdict = VERDICT_ACCEPT)

static void
test_job_done_decode_believes_nothing_odd(void **state)
{
    static const Spoil spoils[] = {
        spoil_number,     spoil_verdict,      spoil_mode,       spoil_actions,     spoil_direction,   spoil_class,
        spoil_level,      spoil_row,          spoil_reply_code, spoil_reply_class, spoil_reply_lines, spoil_reply_bytes,
        spoil_reply_none, spoil_accept_reply, spoil_problems,   spoil_effect,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(spoils); i++) {
        g_auto(JobDone) in = {0}, out = {0};
        g_autoptr(GError) error = NULL;
        fake_done(&in, 3, VERDICT_REJECT);
        spoils[i](&in);
        g_autoptr(GVariant) body = g_variant_ref_sink(job_done_encode(&in));
        if (job_done_decode(body, 3, &out, &error))
            fail_msg("case %d was believed", (int)i);
        assert_int_equal(error->code, HANGU_ERROR_PROTOCOL);
        assert_null(out.line);
    }
}

/* An answer whose report is these bytes, with so many values. */
static GVariant *
encode_raw(const JobDone *done, const char *report, gsize count)
{
    const guint32 values[] = {done->failed,           done->verdict,        done->mode,    done->actions,
                              done->direction,        done->egress,         done->class,   done->level,
                              done->account_problems, done->account_effect, done->counted, 0, 0};
    return g_variant_ref_sink(g_variant_new(
        "(t@aussss)", done->number, g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, values, count, sizeof values[0]),
        done->row, done->reply, report, ""));
}

static void
test_job_done_decode_believes_no_odd_number_of_values(void **state)
{
    for (gsize count = 0; count <= 12; count++) {
        g_auto(JobDone) in = {0}, out = {0};
        fake_done(&in, 3, VERDICT_REJECT);
        g_autofree char *report = json_dumps(in.report, JSON_COMPACT | JSON_SORT_KEYS);
        g_autoptr(GVariant) body = encode_raw(&in, report, count);
        assert_true(g_variant_is_of_type(body, G_VARIANT_TYPE(job_done_type_string(WIRE_JOB_DONE))));
        assert_int_equal(job_done_decode(body, 3, &out, NULL), count == 11);
    }
}

static void
test_job_done_decode_believes_no_odd_report(void **state)
{
    g_autofree char *long_one = g_strnfill(JOB_REPORT_MAX + 1, ' ');
    const char *reports[] = {
        "",
        "{\"verdict\":",
        "[]",
        "{\"verdict\":\"reject\",\"verdict\":\"accept\"}",
        "{\"verdict\":\"accept\",\"class\":\"state\",\"level\":\"secret\",\"direction\":\"out\"}",
        "{\"verdict\":\"reject\"}",
        "{\"class\":\"state\",\"direction\":\"out\",\"level\":\"secret\",\"verdict\":\"rejec\"}",
        "{\"class\":\"state\",\"direction\":\"out\",\"level\":\"secret\",\"verdict\":\"reject\"} ",
        "{\"class\":\"state\", \"direction\":\"out\",\"level\":\"secret\",\"verdict\":\"reject\"}",
        "{\"class\":\"state\",\"level\":\"secret\",\"direction\":\"out\",\"verdict\":\"reject\"}",
        "{\"class\":\"state\",\"direction\":\"out\",\"level\":\"secret\",\"rank\":1.5,\"verdict\":\"reject\"}",
        "[\"verdict\",\"reject\"]",
        long_one,
    };
    for (gsize i = 0; i < G_N_ELEMENTS(reports); i++) {
        g_auto(JobDone) in = {0}, out = {0};
        g_autoptr(GError) error = NULL;
        fake_done(&in, 3, VERDICT_REJECT);
        g_autoptr(GVariant) body = encode_raw(&in, reports[i], 11);
        assert_false(job_done_decode(body, 3, &out, &error));
        assert_int_equal(error->code, HANGU_ERROR_PROTOCOL);
    }
}

static void
test_job_done_encode_shortens_long_reports(void **state)
{
    g_auto(JobDone) in = {0}, out = {0};
    fake_done(&in, 3, VERDICT_REJECT);
    json_t *parts = json_object_get(in.report, "parts");
    for (int i = 0; i < 5000; i++)
        json_array_append_new(parts, json_pack("{s:s, s:s}", "number", "1", "type", "application/octet-stream"));
    g_autoptr(GVariant) body = g_variant_ref_sink(job_done_encode(&in));
    assert_true(job_done_decode(body, 3, &out, NULL));
    assert_false(out.failed);
    json_auto_t *report = json_loads(out.line, 0, NULL);
    assert_true(json_array_size(json_object_get(report, "parts")) > 100);
    assert_int_equal(json_integer_value(json_object_get(report, "parts_total")), 5000);
}

static void
test_job_done_encode_fails_what_cannot_be_shortened(void **state)
{
    g_auto(JobDone) in = {0}, out = {0};
    g_autofree char *text = g_strnfill(JOB_REPORT_MAX, 'x');
    fake_done(&in, 3, VERDICT_REJECT);
    json_object_set_new(in.report, "term", json_string(text));
    g_autoptr(GVariant) body = g_variant_ref_sink(job_done_encode(&in));
    assert_true(job_done_decode(body, 3, &out, NULL));
    assert_true(out.failed);
}

static void
test_job_reply_is_good_knows_replies(void **state)
{
    static const struct {
        const char *text;
        char first;
        gboolean good;
    } cases[] = {
        {"550 5.7.1 no", '5', TRUE},     {"525 5.7.13 locked", '5', TRUE}, {"451 4.3.0 later", '4', TRUE},
        {"451 4.3.0 later", '5', FALSE}, {"550 5.7 no", '5', FALSE},       {"550 5.7.1", '5', FALSE},
        {"550 5.7.1  no", '5', FALSE},   {"5500 5.7.1 no", '5', FALSE},    {"550-5.7.1 no", '5', FALSE},
        {"550 5.7777.1 no", '5', FALSE}, {"550 5.7.1 a\tb", '5', FALSE},   {"", '5', FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(job_reply_is_good(cases[i].text, cases[i].first), cases[i].good);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_job_goes_over_a_socket_unchanged),
        cmocka_unit_test(test_job_carries_the_account),
        cmocka_unit_test(test_job_decode_refuses_odd_accounts),
        cmocka_unit_test(test_job_decode_refuses_a_frame_without_descriptor),
        cmocka_unit_test(test_job_decode_refuses_an_envelope_cut_short),
        cmocka_unit_test(test_job_done_comes_back_whole),
        cmocka_unit_test(test_job_done_decode_believes_no_odd_number_of_values),
        cmocka_unit_test(test_job_done_decode_believes_nothing_odd),
        cmocka_unit_test(test_job_done_decode_believes_no_odd_report),
        cmocka_unit_test(test_job_done_encode_shortens_long_reports),
        cmocka_unit_test(test_job_done_encode_fails_what_cannot_be_shortened),
        cmocka_unit_test(test_job_reply_is_good_knows_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
