/* verbs_login - verbs about locks and passwords: unlock, locks, passwords, login-status. */
#pragma once
#include "auth_policy.h"
#include "policy_http.h"

/* What they speak of; lent until the last call has ended. NULL: they say that nothing is there. */
void verbs_login_use(AuthPolicy *policy, PolicyHttp *http);
/* For other tables. NULL: nothing is there, which verbs_login_need() says as an error. */
AuthPolicy *verbs_login_policy(void);
gboolean verbs_login_need(GError **error);
