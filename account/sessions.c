/* One POST to doveadm's API. The answer is small: exit status 68 means that nobody was there. */
#include "config.h"
#include "sessions.h"
#include "crypto.h"
#include "errors.h"
#include "secret_file.h"
#include <curl/curl.h>
#include <jansson.h>
#include <string.h>

#define PATIENCE_MS 5000L
#define ANSWER_MAX 4096
#define NOBODY_THERE 68

const char *
sessions_word(SessionsEnd end)
{
    static const char *const words[] = {"kept", "ended", "failed"};
    return words[end];
}

static size_t
take(char *bytes, size_t size, size_t count, void *user)
{
    GString *answer = user;
    if (answer->len + size * count > ANSWER_MAX)
        return 0;
    g_string_append_len(answer, bytes, (gssize)(size * count));
    return size * count;
}

/* The key in Base64, as doveadm wants it. Gives a list. */
static struct curl_slist *
headers_with_key(const char *path, GError **error)
{
    char *key = secret_file_read(path, error);
    if (key == NULL)
        return NULL;
    char *coded = g_base64_encode((const guchar *)key, strlen(key));
    char *line = g_strconcat("Authorization: X-Dovecot-API ", coded, NULL);
    struct curl_slist *list = curl_slist_append(NULL, line);
    list = curl_slist_append(list, "Content-Type: application/json");
    secret_free(key);
    crypto_wipe(coded, strlen(coded));
    crypto_wipe(line, strlen(line));
    g_free(coded);
    g_free(line);
    return list;
}

static gboolean
post(const Settings *settings, const char *body, GString *answer, GError **error)
{
    struct curl_slist *headers = headers_with_key(settings->passwords_sessions_key_file, error);
    if (headers == NULL)
        return FALSE;
    CURL *curl = curl_easy_init();
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, settings->passwords_sessions_url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, PATIENCE_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    const CURLcode done = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (done == CURLE_OK && status == 200)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "doveadm: %s (HTTP status %ld)", curl_easy_strerror(done),
                status);
    return FALSE;
}

/* [["doveadmResponse", ...]] or [["error", {"exitCode": 68}, ...]] */
static gboolean
understand(const GString *text, GError **error)
{
    json_auto_t *answer = json_loadb(text->str, text->len, 0, NULL);
    const json_t *first = json_array_get(answer, 0), *what = json_array_get(first, 1);
    const char *word = json_string_value(json_array_get(first, 0));
    if (g_strcmp0(word, "doveadmResponse") == 0)
        return TRUE;
    const json_t *exit_code = json_object_get(what, "exitCode");
    if (g_strcmp0(word, "error") == 0 && json_is_integer(exit_code) && json_integer_value(exit_code) == NOBODY_THERE)
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "doveadm did not end the sessions (exit status %d)",
                json_is_integer(exit_code) ? (int)json_integer_value(exit_code) : -1);
    return FALSE;
}

SessionsEnd
sessions_end(const Settings *settings, const char *account, GError **error)
{
    if (settings->passwords_sessions_url == NULL)
        return SESSIONS_KEPT;
    if (settings->passwords_sessions_key_file == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, "passwords.sessions_key_file is not set");
        return SESSIONS_FAILED;
    }
    json_auto_t *request = json_pack("[[s,{s:[s]},s]]", "kick", "mask", account, "hangu");
    char *body = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
    g_autoptr(GString) answer = g_string_new(NULL);
    const gboolean good = body != NULL && post(settings, body, answer, error) && understand(answer, error);
    free(body);
    if (!good && error != NULL && *error == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "the account's name is not UTF-8");
    return good ? SESSIONS_ENDED : SESSIONS_FAILED;
}
