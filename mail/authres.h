/* authres - what our own verifier found out about the sender (RFC 8601).
 *
 * Only headers of the letter itself whose authserv-id is the configured one count: anybody can write the others. */
#pragma once
#include "message.h"
#include "settings.h"

typedef struct {
    gboolean present;      /* a header of the configured authserv-id is there */
    gboolean failed;       /* DMARC failed, or nothing passed and SPF or DKIM failed */
    gboolean missing;      /* nothing passed and nothing failed, or no header at all */
    gboolean dmarc_reject; /* DMARC failed and the domain's policy is reject */
} AuthResults;

/* All FALSE when no authserv-id is configured. */
void authres_look(const Message *message, const Settings *settings, AuthResults *results_out);
