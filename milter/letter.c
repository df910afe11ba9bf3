/* Collecting. Nothing here fails at once: the mail server awaits no reply before the end, so the first thing that goes
 * wrong is kept for the answer. */
#include "config.h"
#include "letter.h"
#include "account.h"
#include "clock.h"
#include "correlation.h"
#include "direction.h"
#include "log.h"
#include "track.h"
#include <string.h>

#define ASK_PATIENCE_US (5 * G_USEC_PER_SEC)

Letter *
letter_new(Gate *gate, Snapshot *snapshot)
{
    Letter *letter = g_new0(Letter, 1);
    letter->gate = gate;
    letter->snapshot = snapshot_ref(snapshot);
    letter->envelope.sender = g_strdup("");
    letter->envelope.recipients = g_ptr_array_new_with_free_func(g_free);
    letter->envelope.received_us = clock_wall_us();
    letter->body_from = -1;
    letter->began_us = g_get_monotonic_time();
    g_atomic_int_inc(&gate->letters);
    return letter;
}

void
letter_free(Letter *letter)
{
    if (letter == NULL)
        return;
    Gate *gate = letter->gate;
    envelope_clear(&letter->envelope);
    spool_free(letter->spool);
    g_clear_pointer(&letter->forged, g_hash_table_unref);
    g_free(letter->message_id);
    g_free(letter->owner);
    snapshot_unref(letter->snapshot);
    g_free(letter);
    g_atomic_int_add(&gate->letters, -1);
}

static void
fail(Letter *letter, Failure failure)
{
    if (letter->failure == FAILURE_NONE)
        letter->failure = failure;
}

/* "<a@b>" as it came, without the brackets. */
static char *
bare_address(const char *argument)
{
    gsize length = strlen(argument);
    if (length >= 2 && argument[0] == '<' && argument[length - 1] == '>')
        return g_strndup(argument + 1, length - 2);
    return g_strdup(argument);
}

static gboolean
has_room(Letter *letter, const char *argument)
{
    letter->envelope_bytes += strlen(argument) + 16;
    if (letter->envelope_bytes <= JOB_ENVELOPE_MAX / 2 && letter->envelope.recipients->len < JOB_RECIPIENTS_MAX)
        return TRUE;
    fail(letter, FAILURE_ENVELOPE);
    return FALSE;
}

void
letter_set_sender(Letter *letter, const char *argument)
{
    if (!has_room(letter, argument))
        return;
    g_free(letter->envelope.sender);
    letter->envelope.sender = bare_address(argument);
}

void
letter_add_recipient(Letter *letter, const char *argument)
{
    if (has_room(letter, argument))
        g_ptr_array_add(letter->envelope.recipients, bare_address(argument));
}

/* Whatever stops the spool, the sender is told the same: storage, later. */
static void
write_bytes(Letter *letter, const void *bytes, gsize length)
{
    const Settings *settings = letter->snapshot->settings;
    g_autoptr(GError) error = NULL;
    letter->size += (gint64)length;
    if (letter->size > settings->message_size)
        fail(letter, FAILURE_TOO_LARGE);
    if (letter->failure != FAILURE_NONE)
        return;
    if (letter->spool == NULL)
        letter->spool = spool_new(settings->spool_dir, (gsize)settings->spool_memory, &error);
    if (letter->spool != NULL && spool_write(letter->spool, bytes, length, &error))
        return;
    log_error("%s", error->message);
    fail(letter, FAILURE_DISK_FULL);
}

static void
note_forged(Letter *letter, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);
    if (letter->forged == NULL)
        letter->forged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (++letter->forged_count > ANSWER_FORGED_MAX) {
        fail(letter, FAILURE_HEADERS);
        return;
    }
    int count = GPOINTER_TO_INT(g_hash_table_lookup(letter->forged, lower));
    g_hash_table_insert(letter->forged, g_steal_pointer(&lower), GINT_TO_POINTER(count + 1));
}

/* The bytes between the first angle brackets. */
static void
note_message_id(Letter *letter, const char *value)
{
    const char *open = strchr(value, '<'), *close = open != NULL ? strchr(open, '>') : NULL;
    if (letter->message_id == NULL && close != NULL && close > open + 1 && close - open <= CORRELATION_MESSAGE_ID_MAX)
        letter->message_id = g_strndup(open + 1, (gsize)(close - open) - 1);
}

void
letter_add_header(Letter *letter, const char *name, const char *value)
{
    if (g_ascii_strncasecmp(name, ANSWER_HEADER_PREFIX, strlen(ANSWER_HEADER_PREFIX)) == 0)
        note_forged(letter, name);
    else if (g_ascii_strcasecmp(name, "Message-ID") == 0)
        note_message_id(letter, value);
    else
        track_header(letter, name, value);
    letter->automatic = letter->automatic || notice_field_is_automatic(name, value);
    write_bytes(letter, name, strlen(name));
    write_bytes(letter, ":", 1);
    /* Postfix parts folded lines by a bare LF. */
    for (;;) {
        gsize length = strcspn(value, "\n");
        gsize text = length > 0 && value[length - 1] == '\r' ? length - 1 : length;
        write_bytes(letter, value, text);
        write_bytes(letter, "\r\n", 2);
        if (value[length] == '\0')
            return;
        value += length + 1;
    }
}

static void
end_header(Letter *letter)
{
    if (letter->body_from >= 0)
        return;
    write_bytes(letter, "\r\n", 2);
    letter->body_from = letter->size;
}

void
letter_add_body(Letter *letter, const void *bytes, gsize length)
{
    end_header(letter);
    write_bytes(letter, bytes, length);
}

static void
nudge(gpointer user)
{
    Letter *letter = user;
    letter->nudged = TRUE;
    if (letter->gate->listener != NULL)
        listen_nudge(letter->gate->listener);
}

void
letter_ask_account(Letter *letter)
{
    const Settings *settings = letter->snapshot->settings;
    Envelope *envelope = &letter->envelope;
    if (!settings->accounts_ask || !account_is_asked(envelope, settings))
        return;
    const AuthdQuestion question = {envelope->auth_user, envelope->auth_type, envelope->client_ip,
                                    envelope->tls_version, envelope->sender};
    g_autoptr(GError) error = NULL;
    Submitter *facts =
        authd_ask(letter->snapshot->authd, &question, g_get_monotonic_time() + ASK_PATIENCE_US, nudge, letter, &error);
    if (facts == NULL) {
        log_error("nothing is known of the account of a submission: %s", error->message);
        facts = submitter_new(SUBMITTER_MISSING);
        if (settings->mode == MODE_ENFORCE)
            fail(letter, FAILURE_ACCOUNT);
    }
    facts->problems |= account_session_problems(envelope, facts, settings);
    if ((facts->problems & SUBMITTER_NO_AUTH) != 0)
        facts->problems &= ~(guint)SUBMITTER_UNREGISTERED; /* nobody is not somebody who is missing in the register */
    envelope->account = facts;
}

void
letter_close(Letter *letter)
{
    const Settings *settings = letter->snapshot->settings;
    const Envelope *envelope = &letter->envelope;
    end_header(letter);
    g_autoptr(GError) error = NULL;
    if (letter->failure == FAILURE_NONE && !spool_seal(letter->spool, &error)) {
        log_error("%s", error->message);
        fail(letter, FAILURE_DISK_FULL);
    }
    letter->submission = direction_is_submission(envelope, settings);
    letter->never_5xx = envelope->listener != NULL && (g_strcmp0(envelope->listener, settings->egress_listener) == 0 ||
                                                       g_strcmp0(envelope->listener, settings->pickup_listener) == 0);
}
