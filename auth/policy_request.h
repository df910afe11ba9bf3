/* policy_request - what Dovecot's auth-policy client sends: one JSON object, nothing believed.
 *
 * Members (auth_policy_request_attributes as `hangu-authd --dovecot` prints them): login, pwhash, remote, protocol,
 * session, mech, secured are texts; tls, success, policy_reject are booleans, the last two only in a report. Other
 * members may be there if they are texts, numbers, booleans or null. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define POLICY_BODY_MAX 8192
#define POLICY_LOGIN_MAX 320
#define POLICY_HASH_MAX 64 /* bytes: SHA-512 */
/* Not of Dovecot: the present password, tried by whoever wants to change it. */
#define POLICY_PROTOCOL_PASSWD "passwd"

typedef enum { POLICY_ALLOW, POLICY_REPORT } PolicyCommand;

typedef struct {
    PolicyCommand command;
    json_t *json;                                           /* owns the texts */
    const char *login, *remote, *protocol, *session, *mech; /* "" where nothing was said */
    guint8 hash[POLICY_HASH_MAX];
    gsize hash_length; /* 0: none */
    gboolean tls, success, policy_reject;
} PolicyRequest;

/* FALSE with error (HANGU_ERROR_DATA), which tells nothing of the contents. */
gboolean policy_request_read(PolicyCommand command, const char *body, gsize length, PolicyRequest *request_out,
                             GError **error);
void policy_request_clear(PolicyRequest *request); /* wipes the hash */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PolicyRequest, policy_request_clear)
