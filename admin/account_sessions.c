/* doveadm, run with a list of arguments. */
#include "config.h"
#include "account_sessions.h"
#include "dovecot_run.h"
#include <glib/gi18n.h>
#include <string.h>
#include <sysexits.h>

const char *
step_status_word(StepStatus status)
{
    static const char *const words[] = {[STEP_DONE] = "done", [STEP_FAILED] = "failed", [STEP_BY_HAND] = "by-hand"};
    return words[status];
}

StepStatus
account_sessions_end(const char *config, const char *user, char **text_out)
{
    g_autofree char *said = NULL;
    const char *const arguments[] = {"kick", user, NULL};
    int status = dovecot_run("doveadm", config, arguments, NULL, &said);
    if (status == 0 || status == EX_NOHOST) /* the latter: nobody was there */
        *text_out = g_strdup(status == 0 ? _("sessions ended") : _("there were no sessions"));
    else if (status < 0)
        *text_out = g_strdup_printf(_("doveadm is not here; on the mail store run: doveadm kick %s"), user);
    else
        *text_out = g_strdup_printf(_("doveadm kick %s: %s (status %d)"), user, said, status);
    return status == 0 || status == EX_NOHOST ? STEP_DONE : status < 0 ? STEP_BY_HAND : STEP_FAILED;
}

/* "name ACTIVE" in one of the lines. Gives the name, or NULL. */
static char *
active_script(const char *listed)
{
    g_auto(GStrv) lines = g_strsplit(listed, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_strchomp(lines[i]);
        if (g_str_has_suffix(lines[i], " ACTIVE"))
            return g_strchomp(g_strndup(lines[i], strlen(lines[i]) - strlen(" ACTIVE")));
    }
    return NULL;
}

StepStatus
account_sieve_stop(const char *config, const char *user, char **text_out)
{
    g_autofree char *listed = NULL, *said = NULL;
    const char *const list[] = {"sieve", "list", "-u", user, NULL};
    const char *const stop[] = {"sieve", "deactivate", "-u", user, NULL};
    int status = dovecot_run("doveadm", config, list, &listed, NULL);
    if (status != 0) {
        *text_out =
            g_strdup_printf(_("look yourself, on the mail store: doveadm sieve list -u %s; and switch off what is "
                              "active: doveadm sieve deactivate -u %s"),
                            user, user);
        return STEP_BY_HAND;
    }
    g_autofree char *script = active_script(listed);
    if (script == NULL) {
        *text_out = g_strdup(_("no script is active"));
        return STEP_DONE;
    }
    status = dovecot_run("doveadm", config, stop, NULL, &said);
    *text_out = status == 0 ? g_strdup_printf(_("switched off: %s"), script)
                            : g_strdup_printf(_("%s is active and could not be switched off: %s"), script, said);
    return status == 0 ? STEP_DONE : STEP_FAILED;
}
