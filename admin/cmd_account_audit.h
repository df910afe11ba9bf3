/* cmd_account_audit - hangu account audit: which stored passwords are weak, by their scheme or by trying. */
#pragma once
#include "command.h"

extern const Command command_account_audit;
