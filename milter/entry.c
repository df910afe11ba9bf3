/* Records, field by field; the schema is lib/record_schema.c. */
#include "config.h"
#include "entry.h"
#include "record_draft.h"
#include <string.h>
#include <unistd.h>

/* What an inspection may say about a letter. */
static const char *const report_fields[] = {
    "direction",  "message_id",      "verdict",  "class",    "level",   "term",          "rank",
    "confidence", "coverage",        "why",      "policy",   "actions", "findings",      "findings_total",
    "parts",      "parts_total",     "forward",  "oddities", "ruleset", "policy_digest", "elapsed_us",
    "observed",   "observed_policy", "received", "engine",   "fold",    "papers_digest", "reader",
    "ocr",        "history",
};

static gboolean
take_field(const RecordSpan *name, const RecordSpan *value, gpointer user)
{
    for (gsize i = 0; i < G_N_ELEMENTS(report_fields); i++)
        if (report_fields[i][0] == name->bytes[0] && record_span_is(name, report_fields[i])) {
            record_draft_put(user, name, value);
            break;
        }
    return TRUE;
}

static void
put_envelope(RecordDraft *record, const Envelope *envelope)
{
    record_draft_text(record, "queue_id", envelope->queue_id);
    record_draft_text(record, "listener", envelope->listener);
    record_draft_text(record, "sender", envelope->sender);
    record_draft_texts(record, "recipients", envelope->recipients);
    record_draft_integer(record, "recipients_total", envelope->recipients->len);
    record_draft_text(record, "account", envelope->auth_user);
    record_draft_text(record, "auth_type", envelope->auth_type);
    record_draft_text(record, "client_ip", envelope->client_ip);
    record_draft_text(record, "client_name", envelope->client_name);
    record_draft_text(record, "helo", envelope->helo);
    record_draft_text(record, "tls", envelope->tls_version);
}

/* From and Sender are what the inspector adds; the rest this gate knows itself. */
static void
put_account(RecordDraft *record, const Submitter *facts, guint found)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    guint problems;
    if (facts == NULL)
        return;
    problems = facts->problems | (found & SUBMITTER_SENDER_NOT_OWNED);
    for (guint bit = 1; bit <= SUBMITTER_PROBLEMS_ALL; bit <<= 1)
        if ((problems & bit) != 0)
            g_ptr_array_add(words, (gpointer)submitter_problem_word(bit));
    record_draft_plain(record, "account_facts", submitter_source_word(facts->source));
    record_draft_plain(record, "account_stage", submitter_stage_word(facts->stage));
    record_draft_texts(record, "account_problems", words);
}

char *
entry_letter(const Letter *letter, const Outcome *outcome, gsize *length_out)
{
    const Settings *settings = letter->snapshot->settings;
    const char *report = outcome->done.line;
    g_autoptr(RecordDraft) record = record_draft_new();
    if (outcome->failure == FAILURE_NONE)
        record_each(report, strlen(report), take_field, record);
    else
        record_draft_plain(record, "failure", failure_word(outcome->failure));
    record_draft_integer(record, "v", RECORD_VERSION);
    record_draft_plain(record, "kind", "letter");
    record_draft_text(record, "unit", settings->unit);
    record_draft_plain(record, "program", GATE_PROGRAM);
    record_draft_plain(record, "id", outcome->id);
    put_envelope(record, &letter->envelope);
    put_account(record, letter->envelope.account, outcome->done.account_problems);
    record_draft_integer(record, "size", letter->size);
    if (outcome->failure == FAILURE_NONE)
        record_draft_plain(record, "settings_digest", settings->digest);
    record_draft_plain(record, "mode", outcome->mode == MODE_ENFORCE ? "enforce" : "observe");
    record_draft_boolean(record, "carried_out", outcome->carried_out);
    record_draft_plain(record, "answer", verdict_word(outcome->answer));
    record_draft_text(record, "reply", outcome->reply);
    record_draft_text(record, "released", outcome->released);
    if (outcome->has_body) {
        g_autofree char *hex = crypto_hex(outcome->body, CRYPTO_DIGEST_SIZE);
        g_autofree char *body = g_strconcat("hmac-sha256:", hex, NULL);
        record_draft_plain(record, "body", body);
    }
    return record_draft_line(record, length_out);
}

json_t *
entry_run(const Snapshot *snapshot, const char *kind, const char *reason)
{
    const Settings *settings = snapshot->settings;
    json_t *record = record_new(kind, settings->unit, GATE_PROGRAM);
    json_object_set_new(record, "mode", json_string(settings->mode == MODE_ENFORCE ? "enforce" : "observe"));
    json_object_set_new(record, "pid", json_integer(getpid()));
    record_put_word(record, "version", PACKAGE_VERSION);
    if (snapshot->ruleset_digest != NULL && *snapshot->ruleset_digest != '\0')
        record_put_word(record, "ruleset", snapshot->ruleset_digest);
    if (snapshot->policy_digest != NULL && *snapshot->policy_digest != '\0')
        record_put_word(record, "policy_digest", snapshot->policy_digest);
    if (settings->digest != NULL)
        record_put_word(record, "settings_digest", settings->digest);
    if (snapshot->papers_digest != NULL && *snapshot->papers_digest != '\0')
        record_put_word(record, "papers_digest", snapshot->papers_digest);
    record_put_word(record, "reason", reason);
    return record;
}
