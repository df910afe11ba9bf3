/* auth_policy_private - shared by the files of auth_policy. */
#pragma once
#include "auth_policy.h"
#include "notice_client.h"

struct AuthPolicy {
    GRWLock settings_lock; /* held for reading by whoever asks the settings */
    const Settings *settings;
    char *database; /* of the register */
    Events *events;
    Logins *logins;
    Lockout *lockout;
    Passwords *passwords;
    NoticeClient *notices;
    OneTimes *one_times; /* NULL: there are none */

    GMutex lock;       /* guards what follows */
    GPtrArray *spares; /* Database that nobody uses */
    char *blind;       /* why nothing is known of passwords */
};

/* One request on its way. */
typedef struct {
    AuthPolicy *policy;
    const PolicyRequest *request;
    AccountFacts facts;
    char *account, *network;
    PasswordUse use;
    PasswordSight sight;
    LockoutTry attempt;
} Case;

/* A record with what the request says. Gives. */
json_t *policy_record(const Case *at, const char *kind, const char *event, const char *reason);
void policy_alert(const Case *at, const char *kind, const char *event, const char *reason);
/* A good login: counted, compared, looked at for what is unusual, its owner told. */
void policy_take_good(Case *at);
