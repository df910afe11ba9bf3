/* password_prompt - a new password from the terminal, without echo, or from standard input. */
#pragma once
#include <glib.h>

/* A line of standard input (from_stdin), or asked twice on the terminal. Errors: USAGE (no terminal, two different
 * ones, cancelled), DATA (longer than PASSWORD_MAX, a NUL). Give back with password_prompt_free(). */
char *password_prompt(gboolean from_stdin, GError **error);
void password_prompt_free(char *password); /* wipes; NULL is fine */
