/* dovecot - the other end: the settings it must have, printed and checked. */
#pragma once
#include "settings.h"
#include <glib.h>

/* What is to stand in Dovecot's configuration, with the secrets (which are made when absent). Gives; NULL with error.
 */
char *dovecot_settings(const Settings *settings, GError **error);

typedef enum { DOVECOT_GOOD, DOVECOT_WRONG, DOVECOT_UNKNOWN } DovecotState;
/* Asks doveconf whether hashes come whole and logins are refused while hangu-authd is away. why_out: of all but GOOD;
 * gives. UNKNOWN: doveconf is not there, or may not read the configuration. */
DovecotState dovecot_check(const Settings *settings, char **why_out);
