/* sessions - an account's sessions end: Dovecot's doveadm is asked over HTTP (passwords.sessions_url).
 *
 * Over HTTP and not by running it, because `doveadm kick` sends signals, which needs root. */
#pragma once
#include "settings.h"
#include <glib.h>

typedef enum {
    SESSIONS_KEPT,  /* nobody wants them ended */
    SESSIONS_ENDED, /* or there were none */
    SESSIONS_FAILED /* with error */
} SessionsEnd;
const char *sessions_word(SessionsEnd end); /* "kept", "ended", "failed"; lends */
/* Waits a few seconds at most. */
SessionsEnd sessions_end(const Settings *settings, const char *account, GError **error);
