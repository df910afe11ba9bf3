/* cmd_ledger - what the files of `hangu ledger` share. */
#pragma once

int cmd_ledger_search(int argc, char **argv);
