/* postfix - Postfix's own commands, run with an argument list and never through a shell.
 *
 * config: configuration directory (-c), NULL: Postfix's default. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* Runs a Postfix command (found in PATH and /usr/sbin) with `arguments` (ends with NULL) after "-c config". Gives its
 * standard output; an error (HANGU_ERROR_AWAY) carries its exit status and the last line it wrote to standard error. */
char *postfix_run(const char *config, const char *command, const char *const *arguments, GError **error);

/* Letters in the hold queue as postqueue -j tells them (queue_id, arrival_time, message_size, sender, recipients).
 * Gives an array. */
json_t *postfix_held(const char *config, GError **error);

/* The queue id that a requeued letter got, from the mail log ("orig_id="), waiting at most until deadline_us
 * (monotonic). Gives, or NULL if the log cannot be read or does not say. */
char *postfix_requeued_as(const char *config, const char *queue_id, gint64 deadline_us);

/* Whether text can be a queue id at all: letters and digits, 6 to 30. */
gboolean postfix_queue_id_valid(const char *text);
