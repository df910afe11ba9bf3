/* verbs_login - verbs about locks and passwords: unlock, locks, passwords, login-status. */
#pragma once
#include "auth_policy.h"
#include "policy_http.h"

/* What they speak of; lent until the last call has ended. NULL: they say that nothing is there. */
void verbs_login_use(AuthPolicy *policy, PolicyHttp *http);
