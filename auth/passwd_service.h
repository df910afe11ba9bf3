/* passwd_service - one change of a password as webmail asks for it, from the present one to the record.
 *
 * hangu-authd says who it is and whether the present password may be tried (locks, as for logins); it is tried against
 * what is stored, and what came of it is reported as a login's would be. Only then is the new one judged: by the tier,
 * every fault at once, and by the history. Its hash is made, prepared, recorded, put in place; sessions end. Whatever
 * is not known refuses. Thread-safe. */
#pragma once
#include "passwd_request.h"
#include "settings.h"

typedef struct PasswdService PasswdService;
/* `settings` are lent. NULL with error. */
PasswdService *passwd_service_new(const Settings *settings, GError **error);
void passwd_service_free(PasswdService *service); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswdService, passwd_service_free)

/* The answer and its HTTP status: 200 changed; 403 wrong account or password; 409 changed by somebody else meanwhile;
 * 422 not good enough ("faults"); 423 locked; 429 too many requests; 503 something is away. Gives a reference. */
json_t *passwd_service_answer(PasswdService *service, const PasswdRequest *request, gboolean chinese,
                              guint *status_out);
/* The same for what is no request at all. */
json_t *passwd_service_refusal(guint status, const char *why);
