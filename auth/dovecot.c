/* Dovecot's auth_policy_* settings (2.3). */
#include "config.h"
#include "dovecot.h"
#include "secrets.h"
#include <gio/gio.h>
#include <string.h>

#define PATIENCE "10"

/* Settings whose value the door depends on. */
static const struct {
    const char *name, *value, *why;
} wanted[] = {
    {"auth_policy_hash_mech", "sha256", "only SHA-256 hashes can be tried"},
    {"auth_policy_hash_truncate", "0", "cut hashes say nothing about a password, and wrong ones look like right ones"},
    {"auth_policy_reject_on_fail", "yes", "while hangu-authd is away, every login passes unasked"},
    {"auth_policy_check_before_auth", "yes", "a locked account may go on guessing"},
    {"auth_policy_report_after_auth", "yes", "failures are not counted"},
};

char *
dovecot_settings(const Settings *settings, GError **error)
{
    g_auto(Secrets) secrets = {0};
    if (!secrets_load(settings->accounts_database, &secrets, error))
        return NULL;
    GString *text = g_string_new("# Settings of Dovecot (2.3) for hangu-authd. They hold secrets: mode 0600, root.\n");
    g_string_append_printf(text, "auth_policy_server_url = http://%s/\n", settings->accounts_policy_listen);
    g_string_append_printf(text, "auth_policy_server_api_header = X-Hangu-Key:%s\n", secrets.key);
    g_string_append_printf(text, "auth_policy_hash_nonce = %s\n", secrets.nonce);
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_string_append_printf(text, "%s = %s\n", wanted[i].name, wanted[i].value);
    g_string_append(text, "auth_policy_check_after_auth = yes\n"
                          "auth_policy_server_timeout_msecs = 5000\n"
                          "auth_policy_request_attributes = login=%{requested_username} pwhash=%{hashed_password} "
                          "remote=%{rip} protocol=%s session=%{session} mech=%m secured=%c\n");
    return g_string_free(text, FALSE);
}

static GSubprocess *
start_doveconf(const Settings *settings, GError **error)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, (gpointer) "timeout"); /* nobody may hold up the start */
    g_ptr_array_add(argv, (gpointer)PATIENCE);
    g_ptr_array_add(argv, (gpointer) "doveconf");
    if (settings->accounts_dovecot_config != NULL) {
        g_ptr_array_add(argv, (gpointer) "-c");
        g_ptr_array_add(argv, settings->accounts_dovecot_config);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        g_ptr_array_add(argv, (gpointer)wanted[i].name);
    g_ptr_array_add(argv, (gpointer) "auth_policy_server_url");
    g_ptr_array_add(argv, NULL);
    return g_subprocess_newv((const char *const *)argv->pdata,
                             G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, error);
}

static gboolean
has_line(const char *output, const char *name, const char *value)
{
    g_autofree char *line = g_strdup_printf("%s = %s\n", name, value);
    g_autofree char *inside = g_strconcat("\n", line, NULL);
    return g_str_has_prefix(output, line) || strstr(output, inside) != NULL;
}

static DovecotState
judge(const Settings *settings, const char *output, char **why_out)
{
    if (strstr(output, settings->accounts_policy_listen) == NULL) {
        *why_out = g_strdup_printf("auth_policy_server_url does not name %s: Dovecot does not ask hangu-authd",
                                   settings->accounts_policy_listen);
        return DOVECOT_UNKNOWN;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
        if (!has_line(output, wanted[i].name, wanted[i].value)) {
            *why_out = g_strdup_printf("%s is not %s: %s", wanted[i].name, wanted[i].value, wanted[i].why);
            return DOVECOT_WRONG;
        }
    return DOVECOT_GOOD;
}

DovecotState
dovecot_check(const Settings *settings, char **why_out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL;
    *why_out = NULL;
    g_autoptr(GSubprocess) child = start_doveconf(settings, &error);
    gboolean said = child != NULL && g_subprocess_communicate_utf8(child, NULL, NULL, &output, NULL, &error);
    if (!said || !g_subprocess_get_successful(child)) {
        *why_out = g_strdup_printf("doveconf could not be asked: %s",
                                   error != NULL ? error->message : "it ended with an error");
        return DOVECOT_UNKNOWN;
    }
    return judge(settings, output, why_out);
}
