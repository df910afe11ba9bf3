/* notices - letters of the gate to people of this house: a bounded queue, and one thread that submits them by SMTP.
 *
 * Null sender; the text is mail/notice.h's. Never to outsiders, lists or programs. At most notices.each of one kind and
 * problem to one recipient in an hour, a warning once a day (how many more there were the next one says), and
 * notices.all altogether. A notice passes
 * the gate again by a ticket for its body (tickets.h). What cannot be sent is tried again with growing pauses for a
 * day. In memory only: what waits when the gate ends is lost, with a line in the log. Thread-safe. */
#pragma once
#include "notice.h"
#include "settings.h"
#include "tickets.h"
#include <jansson.h>

#define NOTICES_MAX 1000 /* waiting at once */

typedef struct Notices Notices;
/* `tickets` is lent. The thread begins with the first notice. */
Notices *notices_new(Tickets *tickets);
/* Ends the thread; says what is lost. No notice is taken any more. */
void notices_stop(Notices *notices);
void notices_free(Notices *notices); /* NULL does nothing */

/* Takes a notice to one recipient, without waiting; record_id NULL or "": one of its own. FALSE: it is not sent, since
 * nobody may be written to, or too many were (counted), or notices.send is off. */
gboolean notices_tell(Notices *notices, const Settings *settings, const Notice *notice);
/* The same to officers: those named and those of notices.officers, each once. */
void notices_tell_officers(Notices *notices, const Settings *settings, Notice *notice, const GPtrArray *officers);

/* {"sent", "waiting", "suppressed", "failed" (attempts), "lost"}; gives a reference. */
json_t *notices_json(Notices *notices);
