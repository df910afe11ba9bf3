/* forward - evidence that a letter was forwarded by a machine and not sent by a person.
 *
 * Reads the headers of the letter, its envelope and what the gate knows of its way, after direction_derive().
 * Writes message->forward_evidence (header names and fixed words only, never text or addresses) and
 * message->auto_forward.
 *
 * Certain by themselves, in every direction: what only forwarding programs write (Auto-Submitted: auto-forwarded,
 * Autoforwarded: true of RFC 2156, Exchange's headers of forwarding and of inbox rules, X-Forwarded-To ...,
 * X-Sieve-Redirected-From); for mail that does not come in, also an outside envelope sender at egress or at
 * sendmail(1), and what the gate remembers of the letter (envelope.seen: store/correlation.h), unless a local
 * Resent-From says that a person sent it on.
 * Two of these together, in mail that does not come in: a delivery header of a local user (Delivered-To ...) or an
 * ORCPT that names one, Resent-*,
 * X-Sieve, X-Loop of a local user, an outside author in From, an SRS sender, the null sender.
 * An exception in the register ("allowed") leaves the evidence and takes the conclusion away.
 * Never: what a person redirects by hand (below a Resent-From of a local user everything is of the letter's earlier
 * way), automatic replies and delivery reports (RFC 3834, RFC 3464), letters of a local list (List-Id or List-Post of
 * a local domain under a local sender), unless the certain sign was made after the list, at the last hop. */
#pragma once
#include "message.h"
#include "settings.h"

void forward_look(Message *message, const Settings *settings);

/* The word of envelope.seen that stands behind a line of evidence; NULL: none does. */
const char *forward_seen_word(const char *evidence);
