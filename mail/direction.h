/* direction - out, local or in: from authentication, client networks, listener and local domains.
 *
 * Egress listener: out. Submission (authenticated, from a local network, or sendmail(1)): out if any recipient is
 * outside, else local. Other mail: in if all recipients are inside, else out. A recipient is outside also when its
 * local part is a route, or when it is an SRS address that leads outside. No recipient known: out, the strictest. */
#pragma once
#include "message.h"
#include "settings.h"

/* Writes message->direction, and message->egress: the letter comes from the egress listener or sendmail(1), where a 5xx
 * would make Postfix bounce it. envelope.direction_given goes before the rules, not before egress. */
void direction_derive(Message *message, const Settings *settings);

gboolean direction_is_loopback(const char *ip); /* NULL is not */
gboolean direction_is_egress(const Envelope *envelope, const Settings *settings);
/* sendmail(1): the listener is settings->pickup_listener, or Postfix's stand-in for a session (a client "localhost" on
 * loopback that said neither HELO nor who listens). */
gboolean direction_is_pickup(const Envelope *envelope, const Settings *settings);
/* Authenticated, from a local network, or sendmail(1); never at the egress listener. */
gboolean direction_is_submission(const Envelope *envelope, const Settings *settings);
