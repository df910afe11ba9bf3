/* cmd_passwd_campaign - the subcommands of `hangu passwd campaign`; argv[0] is "campaign". */
#pragma once
#include "command.h"

int cmd_passwd_campaign(int argc, char **argv);
