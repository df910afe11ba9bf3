/* Records, field by field; the schema is lib/record_schema.c. */
#include "config.h"
#include "entry.h"
#include "clock.h"
#include "record.h"
#include <string.h>
#include <unistd.h>

/* What an inspection may say about a letter. */
static const char *const report_fields[] = {
    "direction",  "message_id",  "verdict", "class",    "level",   "term",          "rank",
    "confidence", "coverage",    "why",     "policy",   "actions", "findings",      "findings_total",
    "parts",      "parts_total", "forward", "oddities", "ruleset", "policy_digest", "elapsed_us",
};

static void
copy_report(json_t *record, const json_t *report)
{
    for (gsize i = 0; i < G_N_ELEMENTS(report_fields); i++) {
        json_t *value = json_object_get(report, report_fields[i]);
        if (value != NULL && !json_is_null(value))
            json_object_set(record, report_fields[i], value);
    }
}

static void
put_envelope(json_t *record, const Envelope *envelope)
{
    record_put_text(record, "queue_id", envelope->queue_id);
    record_put_text(record, "listener", envelope->listener);
    record_put_text(record, "sender", envelope->sender);
    record_put_texts(record, "recipients", envelope->recipients);
    json_object_set_new(record, "recipients_total", json_integer(envelope->recipients->len));
    record_put_text(record, "account", envelope->auth_user);
    record_put_text(record, "auth_type", envelope->auth_type);
    record_put_text(record, "client_ip", envelope->client_ip);
    record_put_text(record, "client_name", envelope->client_name);
    record_put_text(record, "helo", envelope->helo);
    record_put_text(record, "tls", envelope->tls_version);
}

json_t *
entry_letter(const Letter *letter, const Outcome *outcome)
{
    const Settings *settings = letter->snapshot->settings;
    json_t *record = record_new("letter", settings->unit, GATE_PROGRAM);
    if (outcome->failure == FAILURE_NONE)
        copy_report(record, outcome->done.report);
    else
        json_object_set_new(record, "failure", json_string(failure_word(outcome->failure)));
    record_put_text(record, "id", outcome->id);
    put_envelope(record, &letter->envelope);
    json_object_set_new(record, "size", json_integer(letter->size));
    json_object_set_new(record, "mode", json_string(outcome->mode == MODE_ENFORCE ? "enforce" : "observe"));
    json_object_set_new(record, "carried_out", json_boolean(outcome->carried_out));
    json_object_set_new(record, "answer", json_string(verdict_word(outcome->answer)));
    record_put_text(record, "reply", outcome->reply);
    record_put_text(record, "released", outcome->released);
    if (outcome->has_body)
        record_put_digest(record, "body", outcome->body, TRUE);
    return record;
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
    record_put_word(record, "reason", reason);
    return record;
}
