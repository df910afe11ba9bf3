/* commands - the table of all commands. */
#pragma once
#include "command.h"

extern const Command command_account;
extern const Command command_check;
extern const Command command_check_settings;
extern const Command command_fingerprint;
extern const Command command_ledger;
extern const Command command_passwd;
extern const Command command_report;
extern const Command command_rules;
extern const Command command_held;
extern const Command command_status;

/* Sets up language and character set: messages in the user's language, UTF-8 always. Call first. */
void commands_set_language(void);

/* `hangu ...`: picks the command and runs it. Returns the exit status; standard output is flushed. */
int commands_main(int argc, char **argv);
