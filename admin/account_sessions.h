/* account_sessions - what Dovecot does for an account, through its own doveadm, never through a shell. */
#pragma once
#include <glib.h>

typedef enum { STEP_DONE, STEP_FAILED, STEP_TO_DO } StepStatus;
const char *step_status_word(StepStatus status); /* "done", "failed", "to-do" */

/* names: what Dovecot may call the account, the likeliest first, ending with NULL. config: Dovecot's configuration file
 * (-c), NULL: its default. text_out says what was done, or what to do; given. */

/* Ends all sessions of all the names. */
StepStatus account_sessions_end(const char *config, const char *const *names, char **text_out);
/* Switches the active Sieve script of the first name that is a user off, also one that was put there as a file; the
 * scripts stay for the successor to look at. dry_run: only looks. */
StepStatus account_sieve_stop(const char *config, const char *const *names, gboolean dry_run, char **text_out);
