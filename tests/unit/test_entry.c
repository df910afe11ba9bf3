/* The record of a letter takes over whatever an inspection reports, and shows every field that such a record may have:
 * who adds one to report_record() or to the schema is told here what else it needs. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "entry.h"
#include "letters.h"
#include "record.h"
#include "record_schema.h"
#include "report.h"
#include "shipped.h"
#include <string.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PARTS 110 /* more than a record lists, of parts and of findings */

static Shipped shipped;
static const guint8 key[CRYPTO_KEY_SIZE] = "a key of thirty-two bytes or so";

/* A letter that has everything to be reported: marks in many parts, one part that cannot be read. */
static Message *
full_message(void)
{
    g_autoptr(GString) text =
        g_string_new("From: a@unit.example\nTo: b@outside.example\nMessage-ID: <x1@unit.example>\n"
                     "Content-Type: multipart/mixed; boundary=B\n\n");
    for (guint i = 0; i < PARTS; i++)
        g_string_append_printf(text, "--B\nContent-Type: text/plain; charset=utf-8\n\n机密★%u年\n\n关于某事的通知\n",
                               i + 1);
    g_string_append(text, "--B\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAAAIAA==\n"
                          "--B--\n");
    Message *message = letter_of(text->str, -1, FALSE);
    message->envelope.direction_given = TRUE;
    message->envelope.direction = DIRECTION_OUT;
    message->envelope.received_us = G_GINT64_CONSTANT(1793700000000000);
    assert_true(inspector_run(shipped.inspector, message, -1, NULL));
    message->reader = g_strdup("0.1.0/poppler-1");
    message->ocr = g_strdup(DIGEST);
    g_free(message->papers_digest);
    message->papers_digest = g_strdup(DIGEST);
    message->own = 1;
    message->decision.observed = VERDICT_REJECT;
    message->decision.observed_row = g_strdup("out-other");
    return message;
}

static void
fill_envelope(Envelope *envelope)
{
    char **const texts[] = {&envelope->queue_id,  &envelope->listener,    &envelope->auth_user, &envelope->auth_type,
                            &envelope->client_ip, &envelope->client_name, &envelope->helo,      &envelope->tls_version};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(*texts[i]);
        *texts[i] = g_strdup_printf("value-%u", (guint)i);
    }
    g_ptr_array_add(envelope->recipients, g_strdup("b@outside.example"));
    submitter_free(envelope->account);
    envelope->account = submitter_new(SUBMITTER_KNOWN);
    envelope->account->stage = SUBMITTER_STAGE_WARN;
    envelope->account->problems = SUBMITTER_LOCKED;
}

/* The entry of a letter whose inspection reported this; checked as the ledger does. Gives a reference. */
static json_t *
entry_of(const json_t *report)
{
    static char unit[] = "某局", digest[] = DIGEST, released[] = "0123456789AB";
    Settings settings = {.unit = unit, .digest = digest};
    Snapshot snapshot = {.settings = &settings};
    Letter letter = {.snapshot = &snapshot, .size = 2048};
    g_auto(Outcome)
        outcome = {.failure = FAILURE_NONE, .has_body = TRUE, .mode = MODE_ENFORCE, .answer = VERDICT_REJECT};
    gsize length;
    envelope_clear(&letter.envelope);
    g_autoptr(Message) owner = message_new();
    fill_envelope(&owner->envelope);
    letter.envelope = owner->envelope;
    outcome.id = g_strdup("0123456789AC");
    outcome.reply = g_strdup("550 5.7.1 Refused (record 0123456789AC)");
    outcome.released = g_strdup(released);
    outcome.done.line = record_line(report, NULL, NULL);
    assert_non_null(outcome.done.line);
    g_autofree char *line = entry_letter(&letter, &outcome, &length);
    json_t *record = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(record);
    return record;
}

/* The gate decides on the mode itself. */
static gboolean
is_the_gates(const char *field)
{
    return strcmp(field, "mode") == 0;
}

static void
test_entry_letter_takes_over_every_field_of_a_report(void **state)
{
    g_autoptr(Message) message = full_message();
    json_auto_t *report = report_record(message, shipped.rules, shipped.policy, key);
    json_object_set_new(report, "findings_total", json_integer(message->findings->len));
    json_auto_t *record = entry_of(report);
    const char *field;
    json_t *value;
    json_object_foreach(report, field, value)
    {
        if (!is_the_gates(field) && !json_equal(json_object_get(record, field), value))
            fail_msg("report_record() gives \"%s\", which entry_letter() does not take over: name it in report_fields "
                     "of milter/entry.c, and in lib/record_schema.c",
                     field);
    }
}

/* What the ledger adds, and what only a letter without a verdict has. */
static gboolean
is_of_others(const char *field)
{
    static const char *const others[] = {"seq", "prev", "time", "uid", "failure", NULL};
    return g_strv_contains(others, field);
}

static void
test_entry_letter_shows_every_field_of_the_schema(void **state)
{
    g_autoptr(Message) message = full_message();
    json_auto_t *report = report_record(message, shipped.rules, shipped.policy, key);
    json_auto_t *record = entry_of(report);
    g_autoptr(GError) error = NULL;
    assert_true(message->parts->len > PARTS);
    for (const RecordField *field = record_schema(); field->name != NULL; field++) {
        if ((field->kinds & RECORD_JUDGED) != 0 && !is_of_others(field->name) &&
            json_object_get(record, field->name) == NULL)
            fail_msg("a letter's record may have \"%s\", and none has it here: let full_message() or fill_envelope() "
                     "show it, so that it is seen to get through",
                     field->name);
    }
    json_object_set_new(record, "seq", json_integer(1));
    json_object_set_new(record, "prev", json_string(RECORD_NO_HASH));
    json_object_set_new(record, "time", json_string("2026-11-22T01:02:03.456Z"));
    if (!record_check(record, &error))
        fail_msg("%s", error->message);
}

static int
set_up(void **state)
{
    g_mime_init();
    shipped_load(&shipped);
    return shipped.inspector != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
    shipped_unload(&shipped);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_letter_takes_over_every_field_of_a_report),
        cmocka_unit_test(test_entry_letter_shows_every_field_of_the_schema),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
