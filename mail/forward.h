/* forward - evidence that a letter was forwarded by a machine and not sent by a person.
 *
 * Reads the headers of the letter and its envelope, after direction_derive(). Writes message->forward_evidence (header
 * names and fixed words only, never text or addresses) and message->auto_forward.
 *
 * Certain in every direction: Auto-Submitted: auto-forwarded and the headers that only forwarding programs write. For
 * mail that does not come in: a delivery header (Delivered-To and the like) of a local user, an SRS sender, an outside
 * sender at egress or sendmail(1), Resent-*. A person who redirects a letter by hand makes Resent-* as well, around all
 * the old delivery headers: an authenticated or local client with a local Resent-From is taken for that; then these are
 * told as evidence and decide nothing. Automatic replies are no forwarding. */
#pragma once
#include "message.h"
#include "settings.h"

void forward_look(Message *message, const Settings *settings);
