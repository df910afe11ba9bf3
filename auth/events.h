/* events - what happened to accounts, on its way to the ledger.
 *
 * Two ways. events_write() answers when the record is durable: changes of the register. events_queue() answers at
 * once: logins, which must wait for nobody. A thread of its own takes what is queued to the ledger, and again while
 * the ledger is away. Of equal events (events_key()) the first goes out at once; the rest of a span goes as one line
 * with `count`: an hour of good logins, a second of failures.
 * The queue is bounded. What does not fit is lost and counted, and the next record that goes out says how many: a full
 * queue blocks nobody and opens nothing. Thread-safe. */
#pragma once
#include <glib.h>
#include <jansson.h>

typedef struct {
    const char *ledger_socket;
    const char *unit, *program; /* of every record */
    guint queued;               /* records that wait, at most; 0: 20,000 */
    guint merged;               /* different events that are counted, at most; 0: 100,000 */
    gint64 write_us;            /* events_write() waits so long for the ledger; 0: 20 s */
} EventsOptions;

typedef struct Events Events;
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
/* Takes the record. Equal `key`s within `span_us` are one line after the first. */
gboolean events_merge(Events *events, const char *key, gint64 span_us, json_t *record);

typedef struct {
    guint waiting;
    guint64 written, lost;
    gboolean away; /* the last attempt to reach the ledger failed */
} EventsState;
void events_state(Events *events, EventsState *state_out);
