/* cmd_account_forwards - a row of the table of `hangu account`. */
#pragma once
#include "command.h"

extern const Command command_account_forwards;
