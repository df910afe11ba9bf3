/* auth_policy - what Dovecot is answered: locks, slow-down, weak and expired passwords; and what is recorded of it.
 *
 * Before a password is tried: is the account or the network locked, are there too many tries? A password that is known
 * from the last good login is judged at the same time, so before and after need not be told apart. After: failures are
 * counted (lockout.h), good logins compared (passwords.h). A failure that counts, and the lock that it leads to, are on
 * the disk before the report is answered (PolicyAnswer.settle).
 * In `observe` all this is counted and recorded, and nobody is refused or kept waiting; in `warn` answers come later
 * with failures, and owners of weak and old passwords are told once a day; in `enforce` locks hold, and such passwords
 * are refused after the days of grace. Thread-safe. */
#pragma once
#include "accounts.h"
#include "events.h"
#include "lockout.h"
#include "one_times.h"
#include "passwords.h"
#include "policy_http.h"
#include "settings.h"

typedef struct AuthPolicy AuthPolicy;
/* `settings` and `events` are lent. Opens "logins.db" and the secrets beside the register. NULL with error. */
AuthPolicy *auth_policy_new(const Settings *settings, Events *events, GError **error);
void auth_policy_free(AuthPolicy *policy); /* NULL is fine */
/* From now on these are asked: limits of locks, networks, hours, days of grace. Lent; those before are no longer used
 * when this returns. Database, words and the gate's socket stay what they were. */
void auth_policy_set_settings(AuthPolicy *policy, const Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthPolicy, auth_policy_free)
/* Before the first request: who has one-time passwords; lent. An account of tier otp without a confirmed one is refused
 * where its group enforces, and what is typed is not taken for a password that changes each time. */
void auth_policy_use_one_times(AuthPolicy *policy, OneTimes *one_times);

/* PolicyHttpOptions.answer, `user` being the AuthPolicy. */
void auth_policy_answer(gpointer user, const PolicyRequest *request, PolicyAnswer *answer_out);
/* PolicyHttpOptions.settle. */
void auth_policy_settle(gpointer user, PolicySettled settled, gpointer settled_user);
/* Problems of an account that the register does not know: locked for this client, password weak or expired.
 * A DeskProblems. */
guint auth_policy_problems(gpointer user, const AccountFacts *facts, const char *account, const char *client);
/* Of a password that was judged and first seen then. */
guint auth_policy_password_problems(const AuthPolicy *policy, const AccountFacts *facts, PasswordVerdict verdict,
                                    gint64 judged_us, gint64 since_us, gint64 now_us);

/* When a password that was first seen then is too old for its tier; 0: never. */
gint64 auth_policy_expires(const AccountFacts *facts, gint64 since_us);
/* How long after that it is refused. */
gint64 auth_policy_grace_us(AuthPolicy *policy);

Lockout *auth_policy_lockout(AuthPolicy *policy);
Passwords *auth_policy_passwords(AuthPolicy *policy);
Logins *auth_policy_logins(AuthPolicy *policy);
Events *auth_policy_events(AuthPolicy *policy);
/* Why nothing is known of passwords; NULL: something is. Gives. */
char *auth_policy_blind(AuthPolicy *policy);
/* `why` NULL: no longer. An alert the first time. */
void auth_policy_set_blind(AuthPolicy *policy, const char *why);
/* By what name lock-outs and passwords know a login name: its address, or itself in lower case. Gives. */
char *auth_policy_name(const AccountFacts *facts, const char *login);
