/* command - one command of `hangu`: one file admin/cmd_<name>.c, one line in commands.h, one row in commands.c. */
#pragma once
#include <glib.h>

typedef struct {
    const char *name;                  /* "check", "ledger" */
    const char *summary;               /* one line for `hangu --help`; N_() */
    int (*run)(int argc, char **argv); /* argv[0] is the name; returns the exit status (sysexits.h, errors.h) */
} Command;

/* Commands parse their options with GOption and answer --help themselves. Shared helpers: */

/* Reads the options off argv. 0, or the exit status (64) after it said what is wrong and where the help is.
 * `name` is what the user typed behind "hangu": "check", "ledger verify". --help prints and leaves with 0. */
int command_parse(const char *name, GOptionContext *context, int *argc, char ***argv);

/* Prints `error` to standard error as "hangu NAME: TEXT" and frees it; gives the exit status. NULL: says that
 * something unknown failed. */
int command_fail(const char *name, GError *error);

/* The same for a mistake of the caller: always 64, and points to --help. */
int command_usage(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Runs the command of a table (ends with NULL) that argv[1] names. `name` is what stands before it: "" at the top,
 * "ledger" for its subcommands. --help prints `help` (or, NULL, the table). */
int command_dispatch(const char *name, const Command *const *table, char *(*help)(void), int argc, char **argv);

/* The lines of a table for a help text: "  NAME  SUMMARY\n". Gives. */
char *command_list(const Command *const *table);
