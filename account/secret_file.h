/* secret_file - a password or key that an administrator keeps in a file: its first line.
 *
 * Refused: a file that others than owner and group can read or write, an empty line, more than SECRET_MAX bytes. */
#pragma once
#include <glib.h>

#define SECRET_MAX 1024

/* Errors: NO_INPUT, PERMISSION, IO, SETTINGS. Give back with secret_free(). */
char *secret_file_read(const char *path, GError **error);
void secret_free(char *secret); /* wipes; NULL is fine */
