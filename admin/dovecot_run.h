/* dovecot_run - Dovecot's own commands, run with an argument list and never through a shell. */
#pragma once
#include <glib.h>

#define DOVECOT_OUTPUT_MAX (16 * 1024 * 1024) /* bytes of either output that are kept */

/* Runs `program` (doveadm, doveconf; found in PATH) with `arguments` (ends with NULL) after "-c config" (NULL: without
 * it). Its exit status, or -1 if it cannot be run. output_out and said_out (each may be NULL) get standard output and
 * the first line of standard error; given, "" for nothing. */
int dovecot_run(const char *program, const char *config, const char *const *arguments, char **output_out,
                char **said_out);
