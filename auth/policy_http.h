/* policy_http - the door of Dovecot's auth-policy requests: HTTP/1.1 on loopback, bounded in everything.
 *
 *     POST /?command=allow|report    Content-Type: application/json    X-Hangu-Key: KEY
 *     200 {"status": 0, "msg": ""}   status: 0 go on, -1 refused, above: seconds to wait first
 *
 * Whatever is not such a request gets a 4xx and {"status": -1, ...}: the door opens for nothing that was not
 * understood. A body is at most POLICY_BODY_MAX; the key is compared in constant time; who is idle or slow is cut off;
 * more connections than allowed wait in the kernel's queue. An answer that must not go out before something is durable
 * holds up nobody but its own connection. */
#pragma once
#include "policy_request.h"
#include <glib.h>

typedef struct {
    int status;
    char *text;      /* owned; NULL: "" */
    gboolean settle; /* it goes out when PolicyHttpOptions.settle says so */
} PolicyAnswer;

/* Says that what was answered so far is durable, or will not be. */
typedef void (*PolicySettled)(gpointer user);

typedef struct {
    const char *listen; /* "127.0.0.1:4001", "[::1]:4001"; port 0: any */
    const char *key;    /* of the header X-Hangu-Key */
    guint connections;
    guint threads;
    guint slow_ms; /* a connection without a whole request in this time is cut off; 0: 20,000 */
    /* Any of the threads. */
    void (*answer)(gpointer user, const PolicyRequest *request, PolicyAnswer *answer_out);
    /* Calls `settled` once, from any thread. Needed if an answer ever has `settle`. */
    void (*settle)(gpointer user, PolicySettled settled, gpointer settled_user);
    gpointer user;
} PolicyHttpOptions;

typedef struct PolicyHttp PolicyHttp;
PolicyHttp *policy_http_new(const PolicyHttpOptions *options, GError **error);
void policy_http_free(PolicyHttp *http); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PolicyHttp, policy_http_free)
guint policy_http_port(const PolicyHttp *http);

typedef struct {
    guint64 answered, refused; /* well-formed requests; others */
    guint64 cut;               /* connections that were too slow */
    guint connections;
} PolicyHttpState;
void policy_http_state(PolicyHttp *http, PolicyHttpState *state_out);
