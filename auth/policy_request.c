/* Reading a request of Dovecot's. The text of the hash lives in the JSON object only: it is wiped there as well. */
#include "config.h"
#include "policy_request.h"
#include "crypto.h"
#include "errors.h"
#include <string.h>

#define MEMBERS_MAX 32
#define SHORT_MAX 128

static gboolean
refuse(GError **error, const char *member, const char *why)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s %s", member, why);
    return FALSE;
}

static gboolean
is_plain(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if ((guchar)text[i] < 0x20 || text[i] == 0x7f)
            return FALSE;
    return TRUE;
}

static gboolean
read_text(const json_t *object, const char *name, gsize most, gboolean required, const char **text_out, GError **error)
{
    const json_t *value = json_object_get(object, name);
    *text_out = "";
    if (value == NULL)
        return !required || refuse(error, name, "is missing");
    if (!json_is_string(value))
        return refuse(error, name, "is no text");
    *text_out = json_string_value(value);
    if (json_string_length(value) > most)
        return refuse(error, name, "is too long");
    return is_plain(*text_out, json_string_length(value)) || refuse(error, name, "has control characters");
}

static gboolean
read_flag(const json_t *object, const char *name, gboolean required, gboolean *flag_out, GError **error)
{
    const json_t *value = json_object_get(object, name);
    *flag_out = json_is_true(value);
    if (value == NULL)
        return !required || refuse(error, name, "is missing");
    return json_is_boolean(value) || refuse(error, name, "is neither true nor false");
}

static gboolean
read_hash(PolicyRequest *request, GError **error)
{
    const char *hex;
    if (!read_text(request->json, "pwhash", (gsize)POLICY_HASH_MAX * 2, TRUE, &hex, error))
        return FALSE;
    gsize length = strlen(hex);
    if (length % 2 != 0)
        return refuse(error, "pwhash", "is no whole number of bytes");
    for (gsize i = 0; i < length / 2; i++) {
        int high = g_ascii_xdigit_value(hex[i * 2]), low = g_ascii_xdigit_value(hex[i * 2 + 1]);
        if (high < 0 || low < 0)
            return refuse(error, "pwhash", "is not hexadecimal");
        request->hash[i] = (guint8)(high << 4 | low);
    }
    request->hash_length = length / 2;
    return TRUE;
}

/* Nothing nested, and not too much of it. */
static gboolean
is_flat(const json_t *object, GError **error)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return refuse(error, "the body", "is no JSON object");
    if (json_object_size(object) > MEMBERS_MAX)
        return refuse(error, "the object", "has too many members");
    json_object_foreach((json_t *)object, name, value)
    {
        if (json_is_object(value) || json_is_array(value))
            return refuse(error, "a member", "is neither text, number nor boolean");
    }
    return TRUE;
}

gboolean
policy_request_read(PolicyCommand command, const char *body, gsize length, PolicyRequest *request_out, GError **error)
{
    *request_out = (PolicyRequest){.command = command};
    gboolean report = command == POLICY_REPORT;
    const char *word;
    if (length > POLICY_BODY_MAX)
        return refuse(error, "the body", "is too long");
    /* jansson refuses bad UTF-8, and NUL in a text unless it is allowed */
    json_t *json = request_out->json = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        return refuse(error, "the body", "is no JSON");
    return is_flat(json, error) && read_text(json, "login", POLICY_LOGIN_MAX, TRUE, &request_out->login, error) &&
           (report || *request_out->login != '\0' || refuse(error, "login", "is empty")) &&
           read_text(json, "remote", SHORT_MAX, TRUE, &request_out->remote, error) &&
           read_text(json, "protocol", SHORT_MAX, FALSE, &request_out->protocol, error) &&
           read_text(json, "session", SHORT_MAX, FALSE, &request_out->session, error) &&
           read_text(json, "mech", SHORT_MAX, FALSE, &request_out->mech, error) &&
           read_text(json, "secured", SHORT_MAX, FALSE, &word, error) && read_hash(request_out, error) &&
           read_flag(json, "tls", FALSE, &request_out->tls, error) &&
           read_flag(json, "success", report, &request_out->success, error) &&
           read_flag(json, "policy_reject", FALSE, &request_out->policy_reject, error);
}

void
policy_request_clear(PolicyRequest *request)
{
    json_t *hash = json_object_get(request->json, "pwhash");
    if (json_is_string(hash))
        crypto_wipe((char *)json_string_value(hash), json_string_length(hash));
    crypto_wipe(request->hash, sizeof request->hash);
    json_decref(request->json);
    request->json = NULL;
}
