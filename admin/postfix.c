/* Postfix is asked through its own programs, so that whatever it keeps where stays its own affair. */
#include "config.h"
#include "postfix.h"
#include "clock.h"
#include "errors.h"
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define OUTPUT_MAX (64 * 1024 * 1024)
#define LOG_TAIL (256 * 1024)
#define LOG_POLL_US 100000

static char *
find_program(const char *command)
{
    char *path = g_find_program_in_path(command);
    if (path == NULL)
        path = g_strconcat("/usr/sbin/", command, NULL);
    return path;
}

static void
fail(GError **error, const char *command, int status, const char *said)
{
    g_auto(GStrv) lines = g_strsplit(said != NULL ? said : "", "\n", -1);
    const char *last = "";
    for (guint i = 0; lines[i] != NULL; i++)
        if (lines[i][0] != '\0')
            last = lines[i];
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, _("%s ended with status %d: %s"), command, status, last);
}

char *
postfix_run(const char *config, const char *command, const char *const *arguments, GError **error)
{
    g_autofree char *program = find_program(command);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, program);
    g_autofree char *directory = config != NULL ? g_canonicalize_filename(config, NULL) : NULL;
    if (directory != NULL) { /* postsuper takes absolute paths only */
        g_ptr_array_add(argv, (gpointer) "-c");
        g_ptr_array_add(argv, directory);
    }
    for (guint i = 0; arguments[i] != NULL; i++)
        g_ptr_array_add(argv, (gpointer)arguments[i]);
    g_ptr_array_add(argv, NULL);
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        (const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
    g_autofree char *output = NULL, *said = NULL;
    if (process == NULL || !g_subprocess_communicate_utf8(process, NULL, NULL, &output, &said, error)) {
        g_prefix_error(error, "%s: ", command);
        return NULL;
    }
    if (!g_subprocess_get_successful(process)) {
        fail(error, command, g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1, said);
        return NULL;
    }
    if (output == NULL || strlen(output) > OUTPUT_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s printed more than can be read"), command);
        return NULL;
    }
    return g_steal_pointer(&output);
}

json_t *
postfix_held(const char *config, GError **error)
{
    g_autofree char *output = postfix_run(config, "postqueue", (const char *const[]){"-j", NULL}, error);
    if (output == NULL)
        return NULL;
    json_t *held = json_array();
    g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        json_t *entry = json_loads(lines[i], 0, NULL);
        if (g_strcmp0(json_string_value(json_object_get(entry, "queue_name")), "hold") == 0)
            json_array_append(held, entry);
        json_decref(entry);
    }
    return held;
}

gboolean
postfix_queue_id_valid(const char *text)
{
    gsize length = strlen(text);
    return length >= 6 && length <= 30 &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == length;
}

/* "... postfix/pickup[9]: NEW: uid=102 from=<a@b> orig_id=OLD" */
static char *
find_requeued(const char *log, const char *queue_id)
{
    g_autofree char *wanted = g_strconcat(" orig_id=", queue_id, "\n", NULL);
    const char *found = g_strrstr(log, wanted);
    if (found == NULL)
        return NULL;
    const char *line = found;
    while (line > log && line[-1] != '\n')
        line--;
    g_autofree char *whole = g_strndup(line, (gsize)(found - line));
    const char *mark = strstr(whole, "/pickup[");
    const char *id = mark != NULL ? strstr(mark, "]: ") : NULL;
    const char *end = id != NULL ? strstr(id + 3, ": uid=") : NULL;
    if (end == NULL)
        return NULL;
    g_autofree char *new_id = g_strndup(id + 3, (gsize)(end - id - 3));
    return postfix_queue_id_valid(new_id) ? g_steal_pointer(&new_id) : NULL;
}

static char *
read_tail(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    char *text = g_malloc0(LOG_TAIL + 1);
    if (fseek(file, -LOG_TAIL, SEEK_END) != 0)
        rewind(file);
    gsize length = fread(text, 1, LOG_TAIL, file);
    fclose(file);
    text[length] = '\0';
    return text;
}

char *
postfix_requeued_as(const char *config, const char *queue_id, gint64 deadline_us)
{
    g_autofree char *path = postfix_run(config, "postconf", (const char *const[]){"-h", "maillog_file", NULL}, NULL);
    if (path != NULL)
        g_strstrip(path);
    if (path == NULL || path[0] != '/') {
        g_free(path);
        path = g_strdup("/var/log/mail.log");
    }
    char *new_id = NULL;
    do {
        g_autofree char *log = read_tail(path);
        if (log == NULL)
            return NULL;
        new_id = find_requeued(log, queue_id);
        if (new_id == NULL)
            g_usleep(LOG_POLL_US);
    } while (new_id == NULL && clock_monotonic_us() < deadline_us);
    return new_id;
}
