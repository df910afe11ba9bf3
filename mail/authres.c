/* A lenient reader: comments matter, since verifiers write the domain's policy into one ("dmarc=fail (p=reject ...)").
 */
#include "config.h"
#include "authres.h"
#include "mime.h"
#include <string.h>

typedef struct {
    const char *authserv_id;
    AuthResults *results;
    gboolean passed, failed;
} Look;

/* Copies the next word into `word`, lower case: letters, digits, "-._"; "=" is a word of its own. FALSE at the end. */
static gboolean
next_word(const char **cursor, const char *end, GString *word)
{
    const char *c = *cursor;
    g_string_truncate(word, 0);
    while (c < end && (g_ascii_isspace(*c) || strchr("()\",", *c) != NULL))
        c++;
    if (c < end && (*c == '=' || *c == ';'))
        g_string_append_c(word, *c++);
    else
        while (c < end && !g_ascii_isspace(*c) && strchr("()\",=;", *c) == NULL)
            g_string_append_c(word, g_ascii_tolower(*c++));
    *cursor = c;
    return word->len > 0;
}

static void
note_result(Look *look, const char *method, const char *result)
{
    gboolean fail = strcmp(result, "fail") == 0 || strcmp(result, "softfail") == 0 || strcmp(result, "permerror") == 0;
    if (strcmp(method, "dmarc") != 0 && strcmp(method, "spf") != 0 && strcmp(method, "dkim") != 0)
        return;
    look->passed |= strcmp(result, "pass") == 0;
    look->failed |= fail;
    if (strcmp(method, "dmarc") == 0 && strcmp(result, "fail") == 0)
        look->results->failed = TRUE;
}

/* One "method=result ..." section up to the semicolon. */
static void
read_section(Look *look, const char *from, const char *end)
{
    g_autoptr(GString) name = g_string_new(NULL);
    g_autoptr(GString) word = g_string_new(NULL);
    gboolean first = TRUE, dmarc_fail = FALSE;
    while (next_word(&from, end, word)) {
        if (strcmp(word->str, "=") != 0) {
            g_string_assign(name, word->str);
            continue;
        }
        if (!next_word(&from, end, word))
            break;
        char *version = strchr(name->str, '/'); /* "dkim/1=pass" */
        if (version != NULL)
            *version = '\0';
        if (first) {
            note_result(look, name->str, word->str);
            dmarc_fail = strcmp(name->str, "dmarc") == 0 && strcmp(word->str, "fail") == 0;
        } else if (dmarc_fail && strcmp(word->str, "reject") == 0 &&
                   (strcmp(name->str, "p") == 0 || g_str_has_prefix(name->str, "policy."))) {
            look->results->dmarc_reject = TRUE;
        }
        first = FALSE;
    }
}

static gboolean
each_header(const char *name, const char *raw, gsize length, gpointer user)
{
    Look *look = user;
    const char *cursor = raw, *end = raw + length;
    if (g_ascii_strcasecmp(name, "Authentication-Results") != 0)
        return TRUE;
    g_autoptr(GString) word = g_string_new(NULL);
    if (!next_word(&cursor, end, word) || g_ascii_strcasecmp(word->str, look->authserv_id) != 0)
        return TRUE;
    look->results->present = TRUE;
    while (cursor < end) {
        const char *semicolon = memchr(cursor, ';', (gsize)(end - cursor));
        const char *stop = semicolon == NULL ? end : semicolon;
        read_section(look, cursor, stop);
        cursor = semicolon == NULL ? end : semicolon + 1;
    }
    return TRUE;
}

void
authres_look(const Message *message, const Settings *settings, AuthResults *results_out)
{
    Look look = {settings->authserv_id, results_out, FALSE, FALSE};
    *results_out = (AuthResults){FALSE};
    if (settings->authserv_id == NULL || *settings->authserv_id == '\0')
        return;
    mime_headers(message_part(message, 0), each_header, &look);
    results_out->failed |= look.failed && !look.passed;
    results_out->missing = !look.passed && !look.failed;
}
