/* auth_server - the socket of hangu-authd: who may come, what they ask, and the answers.
 *
 * One thread takes every request. Questions about an account (WIRE_ACCOUNT_ASK) it answers itself; calls
 * (WIRE_ACCOUNT_CALL), which may wait for the ledger or print the whole register, are run by a few threads of their
 * own, one for each connection at a time. Peers are root, our own user and the members of `group`. */
#pragma once
#include <glib.h>
#include <jansson.h>

/* "" where nothing is known. Lent. */
typedef struct {
    const char *account, *mechanism, *client_ip, *tls, *sender;
} AccountQuestion;

/* What the gate has to know. Texts are owned. */
typedef struct {
    char *stage;          /* observe, warn, enforce; "": no group knows the account, which is observe */
    char *address;        /* the account's own; "": none */
    GPtrArray *problems;  /* words of the policy's account_problem */
    GPtrArray *addresses; /* that it may send as; "@domain": any of the domain */
    GPtrArray *officers;  /* addresses of those who are told */
    GPtrArray *names;     /* of its owner (own_names.h) */
} AccountAnswer;
void account_answer_clear(AccountAnswer *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AccountAnswer, account_answer_clear)

/* One call on its way. */
typedef struct AuthCall AuthCall;
/* User name of who called. Lent. */
const char *auth_call_actor(const AuthCall *call);
/* One row of the answer. Lends. FALSE with error: the caller is gone, or takes nothing any more. */
gboolean auth_call_row(AuthCall *call, const json_t *row, GError **error);

typedef struct {
    const char *socket; /* path; made with mode 0660 and `group` */
    const char *group;  /* who may ask and call besides root and our own user; "": nobody else */
    guint connections;  /* at most so many at once; more wait in the kernel's queue */
    gpointer user;      /* of what follows */
    /* Fills `facts_out`, which is empty. FALSE with error: the answer is WIRE_ACCOUNT_RESULT with the error. */
    gboolean (*facts)(gpointer user, const AccountQuestion *question, AccountAnswer *facts_out, GError **error);
    /* Any of a few threads. `request` has a text "verb"; rows go out by auth_call_row(), and the last frame, "{}" or
     * the error, after this returns. */
    gboolean (*call)(gpointer user, AuthCall *call, const json_t *request, GError **error);
} AuthServerOptions;

typedef struct AuthServer AuthServer;
AuthServer *auth_server_new(const AuthServerOptions *options, GError **error);
/* Waits for calls in hand, closes all connections, removes the socket. NULL is fine. */
void auth_server_free(AuthServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthServer, auth_server_free)

/* Waits at most timeout_ms (-1: for ever) for work or until `wake_fd` (-1: none) is readable, and does the work. */
void auth_server_turn(AuthServer *server, int wake_fd, int timeout_ms);
