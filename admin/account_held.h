/* account_held - letters that are held and are from or to somebody: by Hangu's ledger, beside Postfix's hold queue. */
#pragma once
#include "account_sessions.h"
#include "settings.h"

/* names: addresses and login names of the account, ending with NULL. Letters of the ledger that are held and neither
 * released nor dropped, and letters of the hold queue that the ledger does not have. DONE: none waits; letters that
 * left the queue without a decision in the ledger are told then, too. TO_DO: they are named, or either could not be
 * looked at. text_out: given. */
StepStatus account_held_look(const Settings *settings, const char *postfix_config, const char *const *names,
                             char **text_out);
