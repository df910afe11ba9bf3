/* The kinds of backends behind one face; the passwd-file, which has a module of its own, among them. */
#include "config.h"
#include "backend_private.h"
#include "crypto.h"
#include "errors.h"
#include "passwd_file.h"
#include <glib/gi18n.h>
#include <string.h>

#define ACCOUNT_MAX 320

/* --- passwd-file -------------------------------------------------------------------------------------------------- */

static gboolean
file_open(const Backend *backend, Place *place, GError **error)
{
    place->data = passwd_file_open(backend->file, place->account, error);
    if (place->data == NULL)
        return FALSE;
    g_ptr_array_add(place->values, g_strdup(passwd_file_stored(place->data)));
    return TRUE;
}

static gboolean
file_prepare(Place *place, const char *stored, GError **error)
{
    return passwd_file_prepare(place->data, stored, error);
}

static gboolean
file_commit(Place *place, GError **error)
{
    return passwd_file_commit(place->data, error);
}

static void
file_close(Place *place)
{
    passwd_file_free(place->data);
}

const BackendKind backend_file = {file_open, file_prepare, file_commit, file_close};

/* --- any ---------------------------------------------------------------------------------------------------------- */

static void
wipe_value(gpointer value)
{
    crypto_wipe(value, strlen(value));
    g_free(value);
}

gboolean
backend_need(const char *value, const char *key, GError **error)
{
    if (value != NULL && *value != '\0')
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("passwords.%s is not set"), key);
    return FALSE;
}

static gboolean
check(const Settings *settings, const BackendKind **kind_out, GError **error)
{
    switch (settings->passwords_backend) {
    case PASSWORDS_FILE:
        *kind_out = &backend_file;
        return backend_need(settings->passwords_file, "file", error);
    case PASSWORDS_LDAP:
        *kind_out = &backend_ldap;
        return backend_ldap_check(settings, error);
    case PASSWORDS_SQL:
        *kind_out = &backend_sql;
        return backend_sql_check(settings, error);
    default:
        return backend_need(NULL, "backend", error);
    }
}

Backend *
backend_new(const Settings *settings, GError **error)
{
    const BackendKind *kind = NULL;
    if (!check(settings, &kind, error))
        return NULL;
    Backend *backend = g_new0(Backend, 1);
    backend->kind = kind;
    backend->settings = settings;
    backend->file = g_strdup(settings->passwords_file);
    return backend;
}

Backend *
backend_new_file(const char *path)
{
    Backend *backend = g_new0(Backend, 1);
    backend->kind = &backend_file;
    backend->file = g_strdup(path);
    return backend;
}

void
backend_free(Backend *backend)
{
    if (backend == NULL)
        return;
    g_free(backend->file);
    g_free(backend);
}

Place *
backend_open(const Backend *backend, const char *account, GError **error)
{
    if (*account == '\0' || strlen(account) > ACCOUNT_MAX || !g_utf8_validate(account, -1, NULL)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, _("no account has such a name"));
        return NULL;
    }
    Place *place = g_new0(Place, 1);
    place->backend = backend;
    place->account = g_strdup(account);
    place->values = g_ptr_array_new_with_free_func(wipe_value);
    if (backend->kind->open(backend, place, error))
        return place;
    place_free(place);
    return NULL;
}

void
place_free(Place *place)
{
    if (place == NULL)
        return;
    if (place->data != NULL)
        place->backend->kind->close(place);
    g_ptr_array_unref(place->values);
    g_free(place->account);
    g_free(place);
}

gboolean
place_has(const Place *place, const char *password)
{
    for (guint i = 0; i < place->values->len; i++) {
        g_autoptr(PasswordHash) hash = password_hash_parse(g_ptr_array_index(place->values, i));
        if (password_hash_try(hash, password))
            return TRUE;
    }
    return FALSE;
}

gboolean
place_prepare(Place *place, const char *stored, GError **error)
{
    return place->backend->kind->prepare(place, stored, error);
}

gboolean
place_commit(Place *place, GError **error)
{
    return place->backend->kind->commit(place, error);
}

HashMake
backend_scheme(const Settings *settings)
{
    static const HashMake makes[] = {
        [PASSWORDS_YESCRYPT] = MAKE_YESCRYPT, [PASSWORDS_BCRYPT] = MAKE_BCRYPT, [PASSWORDS_ARGON2ID] = MAKE_ARGON2ID};
    return makes[settings->passwords_scheme];
}
