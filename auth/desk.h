/* desk - what hangu-authd answers: questions of the gate from the register, calls by the table of verbs.
 *
 * desk_facts() is for one thread, desk_call() for any: each call has a Database of its own. */
#pragma once
#include "accounts.h"
#include "auth_server.h"
#include "ledger.h"
#include "settings.h"
#include <glib.h>

/* Problems that are not the register's: AccountProblem bits of an account that comes from this client. */
typedef guint (*DeskProblems)(gpointer user, const AccountFacts *facts, const char *account, const char *client);

typedef struct Desk Desk;
/* Opens the register, which `settings` names; lent. NULL with error. */
Desk *desk_new(const Settings *settings, GError **error);
void desk_free(Desk *desk); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Desk, desk_free)
void desk_add_problems(Desk *desk, DeskProblems problems, gpointer user);

/* AuthServerOptions.facts and .call, `user` being the Desk. */
gboolean desk_facts(gpointer user, const AccountQuestion *question, AccountAnswer *answer_out, GError **error);
gboolean desk_call(gpointer user, AuthCall *call, const json_t *request, GError **error);
