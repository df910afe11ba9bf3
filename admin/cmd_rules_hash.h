/* cmd_rules_hash - hangu rules hash-list: a row in the table of `hangu rules`. */
#pragma once
#include "command.h"

extern const Command command_rules_hash_list;
