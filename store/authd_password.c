/* Calls of the verbs password.*, one row of answer each. */
#include "config.h"
#include "authd_password.h"
#include "crypto.h"
#include "errors.h"
#include <string.h>

#define TEXT_MAX 1024 /* nonce, name and password together */

void
authd_person_clear(AuthdPerson *person)
{
    if (person->nonce != NULL)
        crypto_wipe(person->nonce, strlen(person->nonce));
    g_free(person->nonce);
    g_free(person->address);
    g_free(person->tier);
    g_free(person->owner);
    g_free(person->unit);
    g_free(person->department);
    g_clear_pointer(&person->logins, g_ptr_array_unref);
}

/* In hexadecimal. NULL with error: too long to be a password that Dovecot would take. Gives. */
static char *
hash_of(const char *nonce, const char *login, const char *password, GError **error)
{
    guint8 text[TEXT_MAX], digest[CRYPTO_DIGEST_SIZE];
    const gsize first = strlen(nonce), name = strlen(login) + 1, rest = strlen(password);
    if (first + name + rest > sizeof text) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "account and password are too long");
        return NULL;
    }
    memcpy(text, nonce, first);
    memcpy(text + first, login, name);
    memcpy(text + first + name, password, rest);
    crypto_sha256(text, first + name + rest, digest);
    char *hex = crypto_hex(digest, sizeof digest);
    crypto_wipe(text, sizeof text);
    crypto_wipe(digest, sizeof digest);
    return hex;
}

static gboolean
keep_row(const json_t *row, gpointer user)
{
    json_t **kept = user;
    if (*kept == NULL && json_object_size(row) > 0)
        *kept = json_incref((json_t *)row);
    return TRUE;
}

/* Takes `call`. One row, or NULL with error. Gives a reference. */
static json_t *
ask(AuthdClient *client, json_t *call, gint64 deadline_us, GError **error)
{
    json_t *row = NULL;
    json_auto_t *owned = call;
    if (owned == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "the account's name is not UTF-8");
        return NULL;
    }
    if (authd_call(client, owned, deadline_us, keep_row, &row, error)) {
        if (row == NULL)
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "hangu-authd answered nothing");
        return row;
    }
    json_decref(row);
    return NULL;
}

static char *
text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return g_strdup(text != NULL ? text : "");
}

gboolean
authd_password_ask(AuthdClient *client, const char *account, gint64 deadline_us, AuthdPerson *person_out,
                   GError **error)
{
    gsize i;
    json_t *login;
    *person_out = (AuthdPerson){0};
    json_auto_t *row =
        ask(client, json_pack("{s:s,s:s}", "verb", "password.ask", "account", account), deadline_us, error);
    if (row == NULL)
        return FALSE;
    person_out->known = json_is_true(json_object_get(row, "known"));
    person_out->hears = json_is_true(json_object_get(row, "hears"));
    person_out->address = text_of(row, "address");
    person_out->tier = text_of(row, "tier");
    person_out->owner = text_of(row, "owner");
    person_out->unit = text_of(row, "unit");
    person_out->department = text_of(row, "department");
    person_out->nonce = text_of(row, "nonce");
    person_out->logins = g_ptr_array_new_with_free_func(g_free);
    json_array_foreach(json_object_get(row, "logins"), i, login)
    {
        if (json_is_string(login))
            g_ptr_array_add(person_out->logins, g_strdup(json_string_value(login)));
    }
    json_t *nonce = json_object_get(row, "nonce");
    if (json_is_string(nonce))
        crypto_wipe((char *)json_string_value(nonce), json_string_length(nonce));
    return TRUE;
}

gboolean
authd_password_used(AuthdClient *client, const AuthdPerson *person, const char *password, guint history,
                    gint64 deadline_us, gboolean *used_out, GError **error)
{
    json_auto_t *hashes = json_object();
    *used_out = FALSE;
    for (guint i = 0; i < person->logins->len; i++) {
        const char *login = g_ptr_array_index(person->logins, i);
        g_autofree char *hash = hash_of(person->nonce, login, password, error);
        if (hash == NULL)
            return FALSE;
        json_object_set_new(hashes, login, json_string(hash));
    }
    if (!person->hears || json_object_size(hashes) == 0)
        return TRUE;
    json_auto_t *row = ask(client,
                           json_pack("{s:s,s:s,s:i,s:O}", "verb", "password.used", "account", person->address,
                                     "history", (int)history, "hashes", hashes),
                           deadline_us, error);
    if (row == NULL)
        return FALSE;
    *used_out = !json_is_false(json_object_get(row, "used"));
    return TRUE;
}

gboolean
authd_password_allow(AuthdClient *client, const AuthdPerson *person, const char *login, const char *client_ip,
                     const char *password, gint64 deadline_us, char **why_out, GError **error)
{
    *why_out = NULL;
    if (!person->hears)
        return TRUE;
    g_autofree char *hash = hash_of(person->nonce, login, password, error);
    if (hash == NULL)
        return FALSE;
    json_auto_t *row = ask(
        client,
        json_pack("{s:s,s:s,s:s,s:s}", "verb", "password.allow", "account", login, "client", client_ip, "hash", hash),
        deadline_us, error);
    if (row == NULL)
        return FALSE;
    if (!json_is_true(json_object_get(row, "allowed")))
        *why_out = text_of(row, "text");
    return TRUE;
}

gboolean
authd_password_report(AuthdClient *client, const AuthdPerson *person, const char *login, const char *client_ip,
                      const char *password, gboolean good, gint64 deadline_us, GError **error)
{
    if (!person->hears)
        return TRUE;
    g_autofree char *hash = hash_of(person->nonce, login, password, error);
    if (hash == NULL)
        return FALSE;
    json_auto_t *row = ask(client,
                           json_pack("{s:s,s:s,s:s,s:s,s:b}", "verb", "password.report", "account", login, "client",
                                     client_ip, "hash", hash, "good", good),
                           deadline_us, error);
    return row != NULL;
}

gboolean
authd_password_changed(AuthdClient *client, const char *account, gboolean undone, const char *by, gint64 deadline_us,
                       GError **error)
{
    json_t *call = json_pack("{s:s,s:s,s:b}", "verb", "password.changed", "account", account, "undone", undone);
    if (call != NULL && by != NULL)
        json_object_set_new(call, "by", json_string(by));
    json_auto_t *row = ask(client, call, deadline_us, error);
    return row != NULL;
}
