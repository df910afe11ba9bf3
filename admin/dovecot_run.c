/* Dovecot is asked through its own programs, as Postfix is in postfix.c. */
#include "config.h"
#include "dovecot_run.h"
#include <gio/gio.h>
#include <string.h>

/* The cause comes first; what follows may be a backtrace. */
static char *
first_line(const char *said)
{
    said += strspn(said, " \t\r\n");
    return g_strndup(said, strcspn(said, "\r\n"));
}

static GSubprocess *
start(const char *program, const char *config, const char *const *arguments)
{
    g_autofree char *path = g_find_program_in_path(program);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    if (path == NULL)
        return NULL;
    g_ptr_array_add(argv, path);
    if (config != NULL) {
        g_ptr_array_add(argv, (gpointer) "-c");
        g_ptr_array_add(argv, (gpointer)config);
    }
    for (; *arguments != NULL; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    return g_subprocess_newv((const char *const *)argv->pdata,
                             G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, NULL);
}

static char *
bounded(char *text)
{
    if (text != NULL && strlen(text) > DOVECOT_OUTPUT_MAX)
        text[DOVECOT_OUTPUT_MAX] = '\0';
    return text != NULL ? text : g_strdup("");
}

int
dovecot_run(const char *program, const char *config, const char *const *arguments, char **output_out, char **said_out)
{
    char *output = NULL, *said = NULL;
    int status = -1;
    g_autoptr(GSubprocess) process = start(program, config, arguments);
    if (process != NULL && g_subprocess_communicate_utf8(process, NULL, NULL, &output, &said, NULL) &&
        g_subprocess_get_if_exited(process))
        status = g_subprocess_get_exit_status(process);
    g_autofree char *taken = bounded(output), *errors = bounded(said);
    if (said_out != NULL)
        *said_out = first_line(errors);
    if (output_out != NULL)
        *output_out = g_steal_pointer(&taken);
    return status;
}
