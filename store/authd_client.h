/* authd_client - client of hangu-authd: a small pool of kept connections.
 *
 * Thread-safe: a thread borrows a connection for one question, waits, gives it back after a good answer; after any
 * error it is closed, never reused. hangu-authd, while it is restarted, gets a second. */
#pragma once
#include "submitter.h"
#include <jansson.h>

typedef struct AuthdClient AuthdClient;
AuthdClient *authd_client_new(const char *socket_path);
void authd_client_free(AuthdClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthdClient, authd_client_free)

/* What the gate asks at MAIL FROM; NULL: none. Strings of any bytes. */
typedef struct {
    const char *account, *mechanism, *client_ip, *tls_version, *sender;
} AuthdQuestion;

/* Gives. Without an account, facts with an own address are a device's. Errors: HANGU_ERROR_AWAY, HANGU_ERROR_TIMEOUT,
 * HANGU_ERROR_PERMISSION, HANGU_ERROR_DATA (an answer over the limits of submitter.h or with unknown words),
 * HANGU_ERROR_PROTOCOL. `tick` (may be NULL) is called once if the answer takes longer than AUTHD_TICK_US. */
#define AUTHD_TICK_US (20 * 1000)
typedef void (*AuthdTick)(gpointer user);
Submitter *authd_ask(AuthdClient *client, const AuthdQuestion *question, gint64 deadline_us, AuthdTick tick,
                     gpointer user, GError **error);

/* One row of an answer; lent. FALSE: no more rows are wanted. */
typedef gboolean (*AuthdRow)(const json_t *row, gpointer user);
/* A verb of the register: {"verb": ..., "by": ..., arguments}. Calls `row` for each row. The error of the verb itself
 * has the code that hangu-authd gave. deadline_us is for the whole of it. */
gboolean authd_call(AuthdClient *client, const json_t *call, gint64 deadline_us, AuthdRow row, gpointer user,
                    GError **error);
