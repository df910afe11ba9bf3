/* doveadm, run with a list of arguments. */
#include "config.h"
#include "account_sessions.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sysexits.h>

#define OUTPUT_MAX 65536

const char *
step_status_word(StepStatus status)
{
    static const char *const words[] = {[STEP_DONE] = "done", [STEP_FAILED] = "failed", [STEP_BY_HAND] = "by-hand"};
    return words[status];
}

/* Exit status of doveadm with these arguments, or -1 if it cannot be run. What it said is given. */
static int
run_doveadm(const char *config, const char *const *arguments, char **said_out)
{
    g_autofree char *program = g_find_program_in_path("doveadm");
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    *said_out = NULL;
    if (program == NULL)
        return -1;
    g_ptr_array_add(argv, program);
    if (config != NULL) {
        g_ptr_array_add(argv, (gpointer) "-c");
        g_ptr_array_add(argv, (gpointer)config);
    }
    for (; *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        (const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL);
    if (process == NULL || !g_subprocess_communicate_utf8(process, NULL, NULL, said_out, NULL, NULL))
        return -1;
    if (*said_out != NULL && strlen(*said_out) > OUTPUT_MAX)
        (*said_out)[OUTPUT_MAX] = '\0';
    return g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
}

static char *
last_line(const char *said)
{
    g_autofree char *text = g_strchomp(g_strdup(said != NULL ? said : ""));
    const char *line = strrchr(text, '\n');
    return g_strdup(line != NULL ? line + 1 : text);
}

StepStatus
account_sessions_end(const char *config, const char *user, char **text_out)
{
    g_autofree char *said = NULL;
    const char *const arguments[] = {"kick", user, NULL};
    int status = run_doveadm(config, arguments, &said);
    g_autofree char *line = last_line(said);
    if (status == 0 || status == EX_NOHOST) /* the latter: nobody was there */
        *text_out = g_strdup(status == 0 ? _("sessions ended") : _("there were no sessions"));
    else if (status < 0)
        *text_out = g_strdup_printf(_("doveadm is not here; on the mail store run: doveadm kick %s"), user);
    else
        *text_out = g_strdup_printf(_("doveadm kick %s: %s (status %d)"), user, line, status);
    return status == 0 || status == EX_NOHOST ? STEP_DONE : status < 0 ? STEP_BY_HAND : STEP_FAILED;
}

/* "name ACTIVE" in one of the lines. Gives the name, or NULL. */
static char *
active_script(const char *said)
{
    g_auto(GStrv) lines = g_strsplit(said != NULL ? said : "", "\n", -1);
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
    g_autofree char *said = NULL, *done = NULL;
    const char *const list[] = {"sieve", "list", "-u", user, NULL};
    const char *const stop[] = {"sieve", "deactivate", "-u", user, NULL};
    int status = run_doveadm(config, list, &said);
    if (status != 0) {
        *text_out =
            g_strdup_printf(_("look yourself, on the mail store: doveadm sieve list -u %s; and switch off what is "
                              "active: doveadm sieve deactivate -u %s"),
                            user, user);
        return STEP_BY_HAND;
    }
    g_autofree char *script = active_script(said);
    if (script == NULL) {
        *text_out = g_strdup(_("no script is active"));
        return STEP_DONE;
    }
    status = run_doveadm(config, stop, &done);
    g_autofree char *line = last_line(done);
    *text_out = status == 0 ? g_strdup_printf(_("switched off: %s"), script)
                            : g_strdup_printf(_("%s is active and could not be switched off: %s"), script, line);
    return status == 0 ? STEP_DONE : STEP_FAILED;
}
