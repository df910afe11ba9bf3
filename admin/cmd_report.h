/* cmd_report - the reports of `hangu report` that have files of their own. */
#pragma once
#include "command.h"

extern const Command command_report_passwords;
extern const Command command_report_logins;
