/* An LDAP directory: simple bind, one entry, its values replaced in one modification. OpenLDAP knows bcrypt by {CRYPT},
 * not by Dovecot's {BLF-CRYPT}; Dovecot knows both. */
#include "config.h"
#include "backend_private.h"
#include "crypto.h"
#include "errors.h"
#include "secret_file.h"
#include <glib/gi18n.h>
#include <ldap.h>
#include <string.h>

#define CONNECT_WAIT_S 5
#define VALUES_MAX 8
#define BLF "{BLF-CRYPT}"

typedef struct {
    LDAP *link;
    char *dn, *stored;
} Entry;

static gboolean
fail(int result, const char *what, GError **error)
{
    const int code = result == LDAP_SERVER_DOWN || result == LDAP_TIMEOUT || result == LDAP_CONNECT_ERROR ||
                             result == LDAP_UNAVAILABLE || result == LDAP_BUSY
                         ? HANGU_ERROR_AWAY
                     : result == LDAP_INSUFFICIENT_ACCESS || result == LDAP_INVALID_CREDENTIALS ? HANGU_ERROR_PERMISSION
                     : result == LDAP_NO_SUCH_ATTRIBUTE                                         ? HANGU_ERROR_TIMEOUT
                     : result == LDAP_NO_SUCH_OBJECT                                            ? HANGU_ERROR_NO_INPUT
                                                                                                : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, "LDAP: %s: %s (%d)", what, ldap_err2string(result), result);
    return FALSE;
}

static gboolean
is_plain_uri(const char *uri)
{
    return g_str_has_prefix(uri, "ldap://");
}

/* The bind password and the hash go over the line. */
static gboolean
is_covered(const Settings *settings, GError **error)
{
    const char *uri = settings->passwords_ldap_uri;
    if (!is_plain_uri(uri) || settings->passwords_ldap_starttls ||
        g_regex_match_simple("^ldap://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[0-9]+)?/?$", uri, 0, 0))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                _("passwords.ldap_starttls: no is for this machine only; %s is another"), uri);
    return FALSE;
}

gboolean
backend_ldap_check(const Settings *settings, GError **error)
{
    return backend_need(settings->passwords_ldap_uri, "ldap_uri", error) &&
           backend_need(settings->passwords_ldap_bind, "ldap_bind", error) &&
           backend_need(settings->passwords_ldap_password_file, "ldap_password_file", error) &&
           backend_need(settings->passwords_ldap_base, "ldap_base", error) && is_covered(settings, error);
}

/* --- connection --------------------------------------------------------------------------------------------------- */

static gboolean
set_options(LDAP *link, const Settings *settings, GError **error)
{
    static const struct timeval connect_wait = {CONNECT_WAIT_S, 0}, wait = {BACKEND_WAIT_S, 0};
    static const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, client = 0;
    int result = ldap_set_option(link, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (result == LDAP_OPT_SUCCESS)
        result = ldap_set_option(link, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    if (result == LDAP_OPT_SUCCESS)
        result = ldap_set_option(link, LDAP_OPT_NETWORK_TIMEOUT, &connect_wait);
    if (result == LDAP_OPT_SUCCESS)
        result = ldap_set_option(link, LDAP_OPT_TIMEOUT, &wait);
    if (result == LDAP_OPT_SUCCESS)
        result = ldap_set_option(link, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (result == LDAP_OPT_SUCCESS && settings->passwords_ldap_ca != NULL)
        result = ldap_set_option(link, LDAP_OPT_X_TLS_CACERTFILE, settings->passwords_ldap_ca);
    if (result == LDAP_OPT_SUCCESS)
        result = ldap_set_option(link, LDAP_OPT_X_TLS_NEWCTX, &client); /* takes what was set for this link */
    return result == LDAP_OPT_SUCCESS || fail(result, "options", error);
}

static gboolean
bind_link(LDAP *link, const Settings *settings, GError **error)
{
    char *secret = secret_file_read(settings->passwords_ldap_password_file, error);
    if (secret == NULL)
        return FALSE;
    struct berval value = {strlen(secret), secret};
    const int result =
        ldap_sasl_bind_s(link, settings->passwords_ldap_bind, LDAP_SASL_SIMPLE, &value, NULL, NULL, NULL);
    secret_free(secret);
    return result == LDAP_SUCCESS || fail(result, "bind", error);
}

static gboolean
connect_link(Entry *entry, const Settings *settings, GError **error)
{
    int result = ldap_initialize(&entry->link, settings->passwords_ldap_uri);
    if (result != LDAP_SUCCESS)
        return fail(result, settings->passwords_ldap_uri, error);
    if (!set_options(entry->link, settings, error))
        return FALSE;
    if (is_plain_uri(settings->passwords_ldap_uri) && settings->passwords_ldap_starttls) {
        result = ldap_start_tls_s(entry->link, NULL, NULL);
        if (result != LDAP_SUCCESS)
            return fail(result, "StartTLS", error);
    }
    return bind_link(entry->link, settings, error);
}

/* --- entry -------------------------------------------------------------------------------------------------------- */

char *
backend_ldap_filter(const char *filter, const char *account)
{
    GString *escaped = g_string_new(NULL), *text = g_string_new(filter);
    for (const char *at = account; *at != '\0'; at++)
        if (g_ascii_isalnum(*at))
            g_string_append_c(escaped, *at);
        else
            g_string_append_printf(escaped, "\\%02x", (guint)(guchar)*at);
    g_string_replace(text, "%u", escaped->str, 0);
    g_string_free(escaped, TRUE);
    return g_string_free(text, FALSE);
}

static gboolean
take_values(Place *place, LDAPMessage *message, GError **error)
{
    const Entry *entry = place->data;
    const char *attribute = place->backend->settings->passwords_ldap_attribute;
    struct berval **values = ldap_get_values_len(entry->link, message, attribute);
    const int count = ldap_count_values_len(values);
    gboolean good = count <= VALUES_MAX;
    for (int i = 0; good && i < count; i++) {
        good = values[i]->bv_len <= PASSWORD_STORED_MAX && memchr(values[i]->bv_val, '\0', values[i]->bv_len) == NULL;
        if (good)
            g_ptr_array_add(place->values, g_strndup(values[i]->bv_val, values[i]->bv_len));
    }
    if (values != NULL) {
        for (int i = 0; i < count; i++)
            crypto_wipe(values[i]->bv_val, values[i]->bv_len);
        ldap_value_free_len(values);
    }
    if (!good)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("LDAP: what %s holds is no hash of a password"), attribute);
    return good;
}

static gboolean
take_entry(Place *place, LDAPMessage *found, GError **error)
{
    Entry *entry = place->data;
    const int count = ldap_count_entries(entry->link, found);
    if (count != 1) {
        g_set_error(error, HANGU_ERROR, count == 0 ? HANGU_ERROR_NO_INPUT : HANGU_ERROR_DATA,
                    count == 0 ? _("LDAP: no entry of this account") : _("LDAP: more than one entry of this account"));
        return FALSE;
    }
    LDAPMessage *message = ldap_first_entry(entry->link, found);
    entry->dn = ldap_get_dn(entry->link, message);
    return take_values(place, message, error);
}

static gboolean
ldap_place_open(const Backend *backend, Place *place, GError **error)
{
    const Settings *settings = backend->settings;
    Entry *entry = place->data = g_new0(Entry, 1);
    char *attributes[] = {settings->passwords_ldap_attribute, NULL};
    struct timeval wait = {BACKEND_WAIT_S, 0};
    LDAPMessage *found = NULL;
    if (!connect_link(entry, settings, error))
        return FALSE;
    g_autofree char *filter = backend_ldap_filter(settings->passwords_ldap_filter, place->account);
    const int result = ldap_search_ext_s(entry->link, settings->passwords_ldap_base, LDAP_SCOPE_SUBTREE, filter,
                                         attributes, 0, NULL, NULL, &wait, 2, &found);
    gboolean good = result == LDAP_SUCCESS || result == LDAP_SIZELIMIT_EXCEEDED;
    good = good ? take_entry(place, found, error) : fail(result, "search", error);
    ldap_msgfree(found);
    return good;
}

static void
ldap_place_close(Place *place)
{
    Entry *entry = place->data;
    if (entry->link != NULL)
        ldap_unbind_ext_s(entry->link, NULL, NULL);
    ldap_memfree(entry->dn);
    if (entry->stored != NULL)
        crypto_wipe(entry->stored, strlen(entry->stored));
    g_free(entry->stored);
    g_free(entry);
}

/* Nothing can be tried beforehand; what is read before the record is as near as it gets. */
static gboolean
ldap_place_prepare(Place *place, const char *stored, GError **error)
{
    Entry *entry = place->data;
    (void)error;
    entry->stored =
        g_str_has_prefix(stored, BLF) ? g_strconcat("{CRYPT}", stored + strlen(BLF), NULL) : g_strdup(stored);
    return TRUE;
}

/* The old values go by name: had somebody else changed them, they would not be there, and the server refuses all. */
static gboolean
ldap_place_commit(Place *place, GError **error)
{
    const Entry *entry = place->data;
    char *attribute = place->backend->settings->passwords_ldap_attribute;
    struct berval olds[VALUES_MAX], fresh = {strlen(entry->stored), entry->stored};
    struct berval *old_list[VALUES_MAX + 1] = {NULL}, *new_list[] = {&fresh, NULL};
    LDAPMod remove = {.mod_op = LDAP_MOD_DELETE | LDAP_MOD_BVALUES, .mod_type = attribute};
    LDAPMod add = {.mod_op = LDAP_MOD_ADD | LDAP_MOD_BVALUES, .mod_type = attribute};
    for (guint i = 0; i < place->values->len; i++) {
        char *value = g_ptr_array_index(place->values, i);
        olds[i] = (struct berval){strlen(value), value};
        old_list[i] = &olds[i];
    }
    remove.mod_bvalues = old_list;
    add.mod_bvalues = new_list;
    LDAPMod *both[] = {&remove, &add, NULL}, *one[] = {&add, NULL};
    const int result = ldap_modify_ext_s(entry->link, entry->dn, place->values->len > 0 ? both : one, NULL, NULL);
    if (result == LDAP_NO_SUCH_ATTRIBUTE) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT, _("somebody else changed this password just now"));
        return FALSE;
    }
    return result == LDAP_SUCCESS || fail(result, "modify", error);
}

const BackendKind backend_ldap = {ldap_place_open, ldap_place_prepare, ldap_place_commit, ldap_place_close};
