/* A flat object of texts. jansson keeps copies of what it reads; the program's allocator wipes what jansson frees. */
#include "config.h"
#include "passwd_request.h"
#include "crypto.h"
#include "errors.h"
#include "password_hash.h"
#include <gio/gio.h>
#include <string.h>

#define CLIENT_MAX 64
#define LANGUAGES_MAX 16

static gboolean
refuse(GError **error, const char *member, const char *why)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s %s", member, why);
    return FALSE;
}

static gboolean
has_controls(const char *text)
{
    for (; *text != '\0'; text++)
        if ((guchar)*text < 0x20 || *text == 0x7f)
            return TRUE;
    return FALSE;
}

/* jansson refuses bad UTF-8, and NUL inside a text. */
static gboolean
read_text(const json_t *object, const char *name, gsize most, gboolean required, const char **text_out, GError **error)
{
    const json_t *value = json_object_get(object, name);
    *text_out = "";
    if (value == NULL)
        return !required || refuse(error, name, "is missing");
    if (!json_is_string(value))
        return refuse(error, name, "is no text");
    if (json_string_length(value) > most)
        return refuse(error, name, "is too long");
    *text_out = json_string_value(value);
    if (required && **text_out == '\0')
        return refuse(error, name, "is empty");
    return !has_controls(*text_out) || refuse(error, name, "has control characters");
}

static gboolean
members_known(const json_t *object, GError **error)
{
    static const char *const known[] = {"account", "old", "new", "client", NULL};
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return refuse(error, "the body", "is no JSON object");
    json_object_foreach((json_t *)object, name, value)
    {
        if (!g_strv_contains(known, name))
            return refuse(error, "a member", "is none of account, old, new, client");
    }
    return TRUE;
}

static gboolean
is_address(const char *client, GError **error)
{
    g_autoptr(GInetAddress) address = *client != '\0' ? g_inet_address_new_from_string(client) : NULL;
    return *client == '\0' || address != NULL || refuse(error, "client", "is no address");
}

gboolean
passwd_request_read(const char *body, gsize length, PasswdRequest *request_out, GError **error)
{
    const char *account;
    *request_out = (PasswdRequest){0};
    if (length > PASSWD_BODY_MAX)
        return refuse(error, "the body", "is too long");
    json_t *json = request_out->json = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        return refuse(error, "the body", "is no JSON");
    if (!members_known(json, error) || !read_text(json, "account", PASSWD_ACCOUNT_MAX, TRUE, &account, error))
        return FALSE;
    request_out->account = g_utf8_strdown(account, -1);
    return read_text(json, "old", PASSWORD_MAX, TRUE, &request_out->old_password, error) &&
           read_text(json, "new", PASSWORD_MAX, TRUE, &request_out->new_password, error) &&
           read_text(json, "client", CLIENT_MAX, FALSE, &request_out->client, error) &&
           is_address(request_out->client, error);
}

void
passwd_request_clear(PasswdRequest *request)
{
    const char *name;
    json_t *value;
    if (json_is_object(request->json))
        json_object_foreach(request->json, name, value)
        {
            if (json_is_string(value))
                crypto_wipe((char *)json_string_value(value), json_string_length(value));
        }
    json_decref(request->json);
    g_free(request->account);
    *request = (PasswdRequest){0};
}

/* --- language ------------------------------------------------------------------------------------------------- */

/* "zh-CN;q=0.8" */
static double
quality(const char *tag)
{
    const char *q = strstr(tag, ";q=");
    return q != NULL ? CLAMP(g_ascii_strtod(q + strlen(";q="), NULL), 0.0, 1.0) : 1.0;
}

gboolean
passwd_request_chinese(const char *language)
{
    double chinese = 0, english = 0;
    g_auto(GStrv) tags = g_strsplit(language != NULL ? language : "", ",", LANGUAGES_MAX);
    for (guint i = 0; tags[i] != NULL; i++) {
        g_strstrip(tags[i]);
        if (g_ascii_strncasecmp(tags[i], "zh", 2) == 0)
            chinese = MAX(chinese, quality(tags[i]));
        else if (g_ascii_strncasecmp(tags[i], "en", 2) == 0)
            english = MAX(english, quality(tags[i]));
    }
    return chinese >= english;
}
