/* passwd_request - what webmail sends for a new password: one JSON object, nothing believed.
 *
 *     {"account": "li@unit.example", "old": "...", "new": "...", "client": "192.0.2.7"}
 *
 * client (where the person sits) may be absent. Any other member, another type, a text that is too long, empty, not
 * UTF-8 or has control characters: refused, and the error repeats nothing of it. */
#pragma once
#include <glib.h>
#include <jansson.h>

#define PASSWD_BODY_MAX 8192
#define PASSWD_ACCOUNT_MAX 320

typedef struct {
    json_t *json;                            /* owns the passwords */
    char *account;                           /* in lower case, as Dovecot takes login names */
    const char *old_password, *new_password; /* at most PASSWORD_MAX bytes */
    const char *client;                      /* an address, or "" */
} PasswdRequest;

/* FALSE with error (HANGU_ERROR_DATA). */
gboolean passwd_request_read(const char *body, gsize length, PasswdRequest *request_out, GError **error);
void passwd_request_clear(PasswdRequest *request); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PasswdRequest, passwd_request_clear)

/* Chinese rather than English, by an Accept-Language header (RFC 9110, 12.5.4); NULL: none, which is Chinese. */
gboolean passwd_request_chinese(const char *language);
