/* authd_password - what whoever changes a password asks hangu-authd, and what he tells it.
 *
 * Never the password: only the hash that Dovecot would send of it, SHA-256 of nonce, login name with its zero, and
 * password. hangu-authd answers root, its own user and the one of
 * hangu-passwd-service. Errors: as authd_call(). */
#pragma once
#include "authd_client.h"

typedef struct {
    gboolean known; /* in the register */
    gboolean hears; /* hangu-authd is told of logins: without that there is no history and no lock */
    char *address;  /* of the register, or the name in lower case */
    char *tier, *owner, *unit, *department; /* "" where nothing is known */
    char *nonce;                            /* "" if it hears nothing */
    GPtrArray *logins;                      /* char *: names under which it saw this account's passwords */
} AuthdPerson;
void authd_person_clear(AuthdPerson *person); /* wipes the nonce */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AuthdPerson, authd_person_clear)

gboolean authd_password_ask(AuthdClient *client, const char *account, gint64 deadline_us, AuthdPerson *person_out,
                            GError **error);
/* Was it one of the last `history`? */
gboolean authd_password_used(AuthdClient *client, const AuthdPerson *person, const char *password, guint history,
                             gint64 deadline_us, gboolean *used_out, GError **error);

/* A try of the present password, `login` from `client_ip` ("": this machine): may it be tried? why_out: NULL, or what
 * the person is told who must not; gives. */
gboolean authd_password_allow(AuthdClient *client, const AuthdPerson *person, const char *login, const char *client_ip,
                              const char *password, gint64 deadline_us, char **why_out, GError **error);
/* And what came of it. */
gboolean authd_password_report(AuthdClient *client, const AuthdPerson *person, const char *login, const char *client_ip,
                               const char *password, gboolean good, gint64 deadline_us, GError **error);
/* Is answered when it is recorded. `undone`: what was recorded before did not come to be. `by` (NULL: nobody else): who
 * it is done for. */
gboolean authd_password_changed(AuthdClient *client, const char *account, gboolean undone, const char *by,
                                gint64 deadline_us, GError **error);
