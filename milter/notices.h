/* notices - letters of the gate to people of this house: a bounded queue, and one thread that submits them by SMTP.
 *
 * Null sender; the text is mail/notice.h's. Never to outsiders, lists or programs. Nobody is flooded:
 * - What stays true until somebody acts (all but letters held or stopped and locks) is told once a day; how often it
 * happened meanwhile the next letter says.
 * - A person's first letter goes at once, and so does the first of another kind; the rest waits notices.pause, then
 *   twice and four times as long, and goes as one letter. An officer's waits begin at a quarter of that.
 * - A day has at most notices.each letters for a person, notices.each_officer for an officer (what is left comes
 *   in the next one), an hour at most notices.all altogether. notices.pause 0: each thing at once, up to those limits.
 * A notice passes the gate again by a ticket for its body (tickets.h). What cannot be sent is tried again with growing
 * pauses for three days. What waits lies in a directory (notice_spool.h): a gate that was killed sends it when it comes
 * back, in the worst case a second time; only the counts of what was not told one by one are lost. Thread-safe. */
#pragma once
#include "notice.h"
#include "settings.h"
#include "tickets.h"
#include <jansson.h>

#define NOTICES_MAX 5000    /* waiting at once */
#define NOTICES_BOX_MAX 500 /* for one recipient */

typedef struct Notices Notices;
/* `tickets` is lent. `directory` NULL: nothing is kept. The thread begins with the first notice. */
Notices *notices_new(Tickets *tickets, const char *directory);
/* Takes over what an earlier gate left. Once, before the first notice. */
void notices_recover(Notices *notices, const Settings *settings);
/* Ends the thread; what waits stays in the directory. No notice is taken any more. */
void notices_stop(Notices *notices);
void notices_free(Notices *notices); /* NULL does nothing */

/* Takes a notice to one recipient, without waiting for disk or mail server; record_id NULL or "": one of its own.
 * FALSE: it is not told, since nobody may be written to, notices.send is off, or too much waits (an error in the log).
 */
gboolean notices_tell(Notices *notices, const Settings *settings, const Notice *notice);
/* The same to officers: those named and those of notices.officers, each once. */
void notices_tell_officers(Notices *notices, const Settings *settings, Notice *notice, const GPtrArray *officers);

/* {"sent" (letters), "sending" (whether one is due or in hand), "waiting", "suppressed" (counted, not told one by one),
 * "failed" (attempts), "lost"}; gives a reference. */
json_t *notices_json(Notices *notices);
