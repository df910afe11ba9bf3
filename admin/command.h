/* command - one command of `hangu`: one file admin/cmd_<name>.c, one row in the table of main.c. */
#pragma once
#include <glib.h>

typedef struct {
    const char *name;                  /* "check", "ledger" */
    const char *summary;               /* one line for `hangu --help`; N_() */
    int (*run)(int argc, char **argv); /* argv[0] is the name; returns the exit status (BLUEPRINT section 4) */
} Command;

/* Commands parse their options with GOption and answer --help themselves. Shared helpers: */

/* Prints `error` (or a plain text) to standard error as "hangu NAME: TEXT"; gives the exit status. */
int command_fail(const char *name, GError *error);
