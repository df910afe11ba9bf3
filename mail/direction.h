/* direction - out, local or in (BLUEPRINT 2.13): from authentication, client networks, listener and local domains. */
#pragma once
#include "message.h"
#include "settings.h"
void direction_derive(Message *message, const Settings *settings);
/* sendmail(1): the listener is settings->pickup_listener. Authenticated, from a local network, or sendmail(1). */
gboolean direction_is_submission(const Envelope *envelope, const Settings *settings);
