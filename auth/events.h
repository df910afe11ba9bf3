/* events - what happened to accounts, on its way to the ledger.
 *
 * Two ways. events_write() answers when the record is durable: changes of the register. events_queue() answers at
 * once: logins, which must wait for nobody. A thread of its own takes what is queued to the ledger, many records in one
 * call, and again while the ledger is away. Of equal events (events_merge()) the first goes out at once; the rest of a
 * span goes as one line with `count`: an hour of good logins, half a second of failures.
 * The queue is bounded. What does not fit is lost and counted, and the next record that goes out says how many: a full
 * queue blocks nobody and opens nothing. A process that is killed loses what waits, and the next start says how many:
 * a record with event "lost" and reason "killed" (and count), "fell" (the machine did, nobody knows how many) or
 * "not-sent" (the ledger was away at the end). Thread-safe. */
#pragma once
#include "event_mark.h"
#include <glib.h>
#include <jansson.h>

typedef struct {
    const char *ledger_socket;
    const char *unit, *program; /* of every record */
    const char *mark_file;      /* event_mark.h; NULL: none */
    guint queued;               /* records that wait, at most; 0: 50,000 */
    guint merged;               /* different events that are counted, at most; 0: 100,000 */
    gint64 write_us;            /* events_write() waits so long for the ledger; 0: 20 s */
} EventsOptions;

typedef struct Events Events;
/* A mark that cannot be kept is told to the log, and stops nobody. */
Events *events_new(const EventsOptions *options);
/* Sends what waits, for at most `patience_us`, and ends the thread. NULL is fine. */
void events_free(Events *events, gint64 patience_us);

/* A new record of this kind with unit and program. Gives. */
json_t *events_record(const Events *events, const char *kind);
/* The same of kind "login" or "password". */
json_t *events_about(const Events *events, const char *kind, const char *event, const char *account);

/* TRUE: the record is in the ledger. Takes the record. Errors as ledger_append(). */
gboolean events_write(Events *events, json_t *record, GError **error);
/* Takes the record. FALSE: it did not fit. */
gboolean events_queue(Events *events, json_t *record);
/* TRUE: an equal event went out within its span; this one is counted, and no record is needed. */
gboolean events_again(Events *events, const char *key);
/* After that said FALSE. Takes the record: events that follow with an equal `key` within `span_us` are one line like
 * this one. */
gboolean events_merge(Events *events, const char *key, gint64 span_us, json_t *record);

typedef struct {
    guint waiting;
    guint64 written, lost;
    gboolean away;     /* the last attempt to reach the ledger failed */
    EventMarkEnd last; /* how it ended before */
    guint64 missing;   /* then */
} EventsState;
void events_state(Events *events, EventsState *state_out);
