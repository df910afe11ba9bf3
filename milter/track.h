/* track - what the gate knows of a letter's way beyond its own headers: it came in for a local user a while ago
 * (store/correlation.h), or an alias of a local user led to where it goes (ORCPT, RFC 3461 section 5.2), or the
 * register allows the forwards of the user whose mail it is to where it goes (an exception for "auto-forward").
 *
 * Only digests are made here, of bytes as they are: the gate parses no letter. */
#pragma once
#include "letter.h"
#include "outcome.h"

/* Before a letter is inspected: writes envelope.history, of what the account sent to recipients outside lately
 * (store/history.h), and envelope.seen, if the letter may be leaving (egress, or sendmail(1) with a
 * recipient outside), and the word "allowed" if hangu-authd says so (setting accounts.ask; two seconds at most). */
void track_ask(Letter *letter);
/* After it was decided: a letter accepted for a local user, or sent on by a person, is remembered; work papers to a
 * recipient whom a rule counts (JobDone.counted) are counted. */
void track_note(Letter *letter, const Outcome *outcome);

/* One argument of RCPT: if it is ORCPT with another address than the recipient's, and that one is local, the letter was
 * led here by an alias, a virtual address or a .forward file. */
void track_argument(Letter *letter, const char *recipient, const char *argument);

/* One header, from the top: X-Sieve-Redirected-From, Delivered-To and X-Original-To of the last hop name whose mail it
 * is, unless ORCPT did. */
void track_header(Letter *letter, const char *name, const char *value);
