/* name_checks - user names against the names of their units and against each other, for the register. */
#pragma once
#include "accounts.h"

typedef struct NameChecks NameChecks;
/* For many accounts: all names are indexed. `database` is lent. */
NameChecks *name_checks_new(Database *database);
/* For one: others are only compared with it. */
NameChecks *name_checks_new_for(Database *database, const Account *account);
void name_checks_free(NameChecks *checks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NameChecks, name_checks_free)
/* An account of the register; closed ones and those of no person or unit are left out. */
void name_checks_add(NameChecks *checks, const Account *account);
/* Puts "name_fault" (user_name.h), "name_like" and "name_near" (a local part) into the row, null if the name is fine;
 * names of services and administrators always are. */
gboolean name_checks_put(NameChecks *checks, const Account *account, json_t *row, GError **error);
