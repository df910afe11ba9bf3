/* account_sessions - what Dovecot does for an account, through its own doveadm, never through a shell. */
#pragma once
#include <glib.h>

typedef enum { STEP_DONE, STEP_FAILED, STEP_BY_HAND } StepStatus;
const char *step_status_word(StepStatus status); /* "done", "failed", "by-hand" */

/* Ends all sessions of the user. text_out says what was done, or what to run by hand. Gives it.
 * config: Dovecot's configuration file (-c), NULL: its default. */
StepStatus account_sessions_end(const char *config, const char *user, char **text_out);
/* Switches the active Sieve script off; the scripts stay for the successor to look at. */
StepStatus account_sieve_stop(const char *config, const char *user, char **text_out);
