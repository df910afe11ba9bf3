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
    static const char *const words[] = {[STEP_DONE] = "done", [STEP_FAILED] = "failed", [STEP_TO_DO] = "to-do"};
    return words[status];
}

StepStatus
account_sessions_end(const char *config, const char *const *names, char **text_out)
{
    gboolean ended = FALSE;
    for (const char *const *name = names; *name != NULL; name++) {
        g_autofree char *said = NULL;
        const char *const arguments[] = {"kick", *name, NULL};
        int status = dovecot_run("doveadm", config, arguments, NULL, &said);
        ended = ended || status == 0;
        if (status == 0 || status == EX_NOHOST) /* the latter: nobody was there */
            continue;
        *text_out = status < 0
                        ? g_strdup_printf(_("doveadm is not here; on the mail store run: doveadm kick %s"), *name)
                        : g_strdup_printf(_("doveadm kick %s: %s (status %d)"), *name, said, status);
        return status < 0 ? STEP_TO_DO : STEP_FAILED;
    }
    *text_out = g_strdup(ended ? _("sessions ended") : _("there were no sessions"));
    return STEP_DONE;
}

/* --- Sieve --------------------------------------------------------------------------------------------------- */

/* The scripts that doveadm lists: "name" or "name ACTIVE". Exit status of doveadm. */
static int
list_scripts(const char *config, const char *user, GHashTable *scripts, char **active_out)
{
    g_autofree char *listed = NULL;
    const char *const arguments[] = {"sieve", "list", "-u", user, NULL};
    int status = dovecot_run("doveadm", config, arguments, &listed, NULL);
    g_auto(GStrv) lines = g_strsplit(listed, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(lines[i]);
        if (g_str_has_suffix(line, " ACTIVE")) {
            line[strlen(line) - strlen(" ACTIVE")] = '\0';
            g_free(*active_out);
            *active_out = g_strdup(g_strchomp(line));
        }
        if (*line != '\0')
            g_hash_table_add(scripts, g_strdup(line));
    }
    return status;
}

static GHashTable *
new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* A script that was put in its place as a file is listed nowhere; switched off, it comes into the list. */
static char *
find_new(GHashTable *before, GHashTable *after)
{
    GHashTableIter each;
    gpointer name;
    g_hash_table_iter_init(&each, after);
    while (g_hash_table_iter_next(&each, &name, NULL))
        if (!g_hash_table_contains(before, name))
            return g_strdup(name);
    return NULL;
}

/* Whether one is active cannot be told from the list alone, so it is always switched off. */
static StepStatus
stop_scripts(const char *config, const char *user, GHashTable *before, const char *active, char **text_out)
{
    g_autoptr(GHashTable) after = new_set();
    g_autofree char *said = NULL, *still = NULL;
    const char *const arguments[] = {"sieve", "deactivate", "-u", user, NULL};
    int status = dovecot_run("doveadm", config, arguments, NULL, &said);
    if (status != 0 || list_scripts(config, user, after, &still) != 0 || still != NULL) {
        *text_out = g_strdup_printf(_("the script %s could not be switched off (doveadm sieve deactivate -u %s): %s"),
                                    still != NULL    ? still
                                    : active != NULL ? active
                                                     : "?",
                                    user, said);
        return STEP_FAILED;
    }
    g_autofree char *new = find_new(before, after);
    *text_out = active != NULL ? g_strdup_printf(_("switched off: %s"), active)
                : new != NULL  ? g_strdup_printf(_("switched off: a file, which is the script %s now"), new)
                               : g_strdup(_("no script is active"));
    return STEP_DONE;
}

StepStatus
account_sieve_stop(const char *config, const char *const *names, gboolean dry_run, char **text_out)
{
    for (const char *const *name = names; *name != NULL; name++) {
        g_autoptr(GHashTable) scripts = new_set();
        g_autofree char *active = NULL;
        int status = list_scripts(config, *name, scripts, &active);
        if (status == EX_NOUSER)
            continue;
        if (status == 0 && dry_run) {
            *text_out = g_strdup_printf(_("would be switched off: %s"), active != NULL ? active : _("what is active"));
            return STEP_TO_DO;
        }
        if (status == 0)
            return stop_scripts(config, *name, scripts, active, text_out);
        *text_out =
            g_strdup_printf(_("look yourself, on the mail store: doveadm sieve list -u %s; and switch off what is "
                              "active: doveadm sieve deactivate -u %s"),
                            *name, *name);
        return STEP_TO_DO;
    }
    *text_out = g_strdup_printf(_("Dovecot knows no user %s"), names[0]);
    return STEP_DONE;
}
