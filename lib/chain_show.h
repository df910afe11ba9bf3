/* chain_show - what a verification tells a person or a program; shared by `hangu ledger verify` and
 * hangu-ledger-verify. */
#pragma once
#include "chain.h"

/* {"v", "directory", "state", "lines", "head", "noted", "file", "line", "text", "first_time", "last_time"}; absent
 * values are null. Gives a reference. */
json_t *chain_show_json(const char *directory, const ChainHead *noted, const ChainReport *report);
/* Some lines, translated. Gives. */
char *chain_show_text(const char *directory, const ChainHead *noted, const ChainReport *report);

/* Verifies and prints to standard output; progress on standard error if that is a terminal and the ledger is long.
 * head: "SEQ:HASH" or NULL. 0 good, 1 something is wrong; -1 with error if it could not be read. */
int chain_show_verify(const char *directory, const char *head, gboolean json, gboolean quiet, GError **error);
