/* Inspect, decide, record. */
#include "config.h"
#include "passage.h"
#include "account.h"
#include "entry.h"
#include "errors.h"
#include "log.h"
#include "record.h"
#include "spool_stream.h"
#include "track.h"

#define RESERVE_MIN_US (G_USEC_PER_SEC / 2)
#define RESERVE_MAX_US (5 * G_USEC_PER_SEC)
/* Mail servers wait 30 s for an answer to MAIL (milter_command_timeout); asking about the account takes some. */
#define BEGIN_SECONDS 15
#define LEDGER_MIN_US (2 * G_USEC_PER_SEC)

PassageTimes
passage_times(gint64 now_us, gint64 seconds)
{
    gint64 span = seconds * G_USEC_PER_SEC;
    gint64 reserve = MIN(CLAMP(span / 10, RESERVE_MIN_US, RESERVE_MAX_US), span / 3);
    return (PassageTimes){now_us + span - 2 * reserve, now_us + span - reserve, now_us + span};
}

static Failure
failure_of(PoolEnd end)
{
    switch (end) {
    case POOL_DONE:
        return FAILURE_NONE;
    case POOL_DIED:
        return FAILURE_INSPECTOR_DIED;
    case POOL_HUNG:
        return FAILURE_INSPECTOR_HUNG;
    case POOL_LIED:
        return FAILURE_INSPECTOR_LIED;
    case POOL_REFUSED:
        return FAILURE_ENVELOPE;
    case POOL_BUSY:
    case POOL_GIVEN_UP:
    case POOL_BACK:
        break;
    }
    return FAILURE_NO_INSPECTOR;
}

static gboolean
digest_letter(Letter *letter, guint8 out[CRYPTO_DIGEST_SIZE])
{
    g_autoptr(GError) error = NULL;
    GMimeStream *stream =
        spool_stream_open(spool_fd(letter->spool), spool_key(letter->spool), spool_length(letter->spool), &error);
    gboolean good = stream != NULL && suspects_digest(letter->gate->suspects, stream, letter->body_from, out);
    g_clear_object(&stream);
    if (!good)
        log_error("a letter cannot be read again: %s", error != NULL ? error->message : "its spool is damaged");
    return good;
}

/* Whether this letter has ended two inspectors already; free while nobody died. */
static gboolean
is_deadly(Letter *letter)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    return !suspects_is_empty(letter->gate->suspects) && digest_letter(letter, digest) &&
           suspects_count(letter->gate->suspects, digest) >= 2;
}

/* An inspector ended over this letter: TRUE if it is the second one. */
static gboolean
note_deadly(Letter *letter)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    return digest_letter(letter, digest) && suspects_add(letter->gate->suspects, digest) >= 2;
}

static void
inspect(Letter *letter, const PassageTimes *times, PoolTick tick, gpointer user, Outcome *outcome)
{
    if (is_deadly(letter)) {
        outcome->failure = FAILURE_DEADLY;
        return;
    }
    Job job = {
        .spool_fd = spool_fd(letter->spool),
        .length = spool_length(letter->spool),
        .deadline_us = times->inspect_by_us,
        .envelope = &letter->envelope,
    };
    memcpy(job.key, spool_key(letter->spool), sizeof job.key);
    g_autofree char *why = NULL;
    PoolEnd end = pool_run(letter->gate->pool, &job, times->kill_at_us, tick, user, &outcome->done, &why);
    crypto_wipe(job.key, sizeof job.key);
    outcome->failure = failure_of(end);
    if (end == POOL_DIED || end == POOL_HUNG || end == POOL_LIED) {
        if (note_deadly(letter))
            outcome->failure = FAILURE_DEADLY;
    } else if (end == POOL_DONE && outcome->done.failed) {
        outcome->failure = FAILURE_INSPECTION;
        why = log_foreign(outcome->done.failure, -1, JOB_FAILURE_MAX);
    }
    if (outcome->failure != FAILURE_NONE)
        log_error("%s: no verdict (%s): %s", outcome->id, failure_word(outcome->failure), why);
}

static gboolean
append(Letter *letter, const Outcome *outcome, gint64 deadline_us, PoolTick tick, gpointer user, GError **error)
{
    gsize length = 0;
    g_autofree char *record = entry_letter(letter, outcome, &length);
    return ledger_append_line(letter->snapshot->ledger, record, length, deadline_us, tick, user, error);
}

/* A letter about to be held is known by its body from now on; if an officer released it, it passes. */
static void
look_for_ticket(Letter *letter, Outcome *outcome)
{
    const Envelope *envelope = &letter->envelope;
    if (letter->spool == NULL)
        return;
    GMimeStream *stream =
        spool_stream_open(spool_fd(letter->spool), spool_key(letter->spool), spool_length(letter->spool), NULL);
    outcome->has_body =
        stream != NULL && tickets_body_digest(letter->gate->tickets, stream, letter->body_from, outcome->body);
    g_clear_object(&stream);
    if (!outcome->has_body || outcome->failure != FAILURE_NONE || outcome->done.verdict != VERDICT_HOLD)
        return; /* what would be refused is never released, and what was not judged is not let go unseen */
    outcome->released = tickets_use(letter->gate->tickets, outcome->body, envelope->sender, envelope->recipients,
                                    g_get_monotonic_time());
    if (outcome->released != NULL)
        outcome_decide(outcome, letter->snapshot->settings, letter->never_5xx);
}

/* Makes the outcome durable, or changes it into one that needs no record. */
static void
record(Letter *letter, const PassageTimes *times, PoolTick tick, gpointer user, Outcome *outcome)
{
    const Settings *settings = letter->snapshot->settings;
    g_autoptr(GError) error = NULL;
    gint64 now = g_get_monotonic_time();
    gint64 deadline = MIN(now + settings->ledger_timeout * G_USEC_PER_SEC, times->answer_by_us);
    deadline = MAX(deadline, now + LEDGER_MIN_US);
    if (append(letter, outcome, deadline, tick, user, &error))
        return;
    if (g_error_matches(error, HANGU_ERROR, HANGU_ERROR_DATA) && outcome->failure == FAILURE_NONE) {
        /* The report is not what a record may hold: then there is no verdict, but that can be recorded. */
        log_error("%s: the ledger refuses the record: %s", outcome->id, error->message);
        g_clear_error(&error);
        outcome->failure = FAILURE_RECORD;
        outcome_decide(outcome, settings, letter->never_5xx);
        if (append(letter, outcome, deadline, tick, user, &error))
            return;
    }
    log_error("%s: no record, no passage: %s", outcome->id, error->message);
    outcome->failure = FAILURE_LEDGER;
    outcome_decide(outcome, settings, letter->never_5xx);
}

/* Whether policy may have something against the account; it is asked only then. */
static gboolean
is_suspect(const Letter *letter)
{
    const Settings *settings = letter->snapshot->settings;
    const Submitter *facts = letter->envelope.account;
    return facts != NULL && settings->mode == MODE_ENFORCE && facts->stage == SUBMITTER_STAGE_ENFORCE &&
           (facts->problems | account_sender_problems(&letter->envelope, NULL, settings)) != 0;
}

/* TRUE: the account is refused. */
static gboolean
ask_policy(Letter *letter, const PassageTimes *times, PoolTick tick, gpointer user, Outcome *outcome)
{
    Job job = {
        .spool_fd = -1, .length = JOB_NO_LETTER, .deadline_us = times->inspect_by_us, .envelope = &letter->envelope};
    g_autofree char *why = NULL;
    PoolEnd end = pool_run(letter->gate->pool, &job, times->kill_at_us, tick, user, &outcome->done, &why);
    if (end == POOL_DONE && !outcome->done.failed)
        return outcome->done.verdict == VERDICT_REJECT;
    log_warn("%s: the account is not judged before the letter: %s", outcome->id,
             why != NULL ? why : "the inspector found no verdict");
    return FALSE;
}

gboolean
passage_begin(Letter *letter, PoolTick tick, gpointer user, Outcome *outcome_out)
{
    const Settings *settings = letter->snapshot->settings;
    PassageTimes times = passage_times(g_get_monotonic_time(), BEGIN_SECONDS);
    gboolean away = letter->failure == FAILURE_ACCOUNT;
    if (!away && (letter->failure != FAILURE_NONE || !is_suspect(letter)))
        return FALSE;
    *outcome_out = (Outcome){.failure = letter->failure, .id = record_id_new()};
    if (away || ask_policy(letter, &times, tick, user, outcome_out)) {
        outcome_decide(outcome_out, settings, FALSE);
        if (outcome_out->answer == VERDICT_TEMPFAIL || outcome_out->answer == VERDICT_REJECT) {
            record(letter, &times, tick, user, outcome_out);
            if (outcome_out->answer == VERDICT_TEMPFAIL || outcome_out->answer == VERDICT_REJECT)
                return TRUE; /* a record that the ledger does not take may end otherwise, and needs the letter */
        }
    }
    outcome_clear(outcome_out);
    return FALSE;
}

void
passage_run(Letter *letter, PoolTick tick, gpointer user, Outcome *outcome_out)
{
    const Settings *settings = letter->snapshot->settings;
    gint64 seconds = letter->submission ? settings->deadline_submission : settings->deadline;
    PassageTimes times = passage_times(g_get_monotonic_time(), seconds);
    *outcome_out = (Outcome){.failure = letter->failure, .id = record_id_new()};
    track_ask(letter);
    if (outcome_out->failure == FAILURE_NONE)
        inspect(letter, &times, tick, user, outcome_out);
    outcome_decide(outcome_out, settings, letter->never_5xx);
    if (outcome_out->answer == VERDICT_HOLD)
        look_for_ticket(letter, outcome_out);
    record(letter, &times, tick, user, outcome_out);
    track_note(letter, outcome_out);
}
