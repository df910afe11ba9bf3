/* kept_history - a torn last line (the machine stopped while it was written) is nobody's use and is passed over. */
#include "config.h"
#include "kept_history.h"
#include "clock.h"
#include "errors.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0640 /* the gate's group reads it */

void
kept_use_free(KeptUse *use)
{
    if (use == NULL)
        return;
    g_free(use->ruleset);
    g_free(use->policy);
    g_free(use->settings);
    g_free(use->program);
    g_free(use->engine);
    g_free(use->fold);
    g_free(use->papers);
    g_free(use);
}

static char *
history_path(const char *directory)
{
    return g_build_filename(directory, "history", NULL);
}

/* "" for what is not there, so that a record that lacks it compares. */
static char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return g_strdup(text != NULL ? text : "");
}

static KeptUse *
use_read(const char *line, gsize length)
{
    json_auto_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    const char *from = json_string_value(json_object_get(object, "from"));
    gint64 from_us;
    if (from == NULL || !clock_parse(from, &from_us, NULL))
        return NULL;
    KeptUse *use = g_new0(KeptUse, 1);
    *use = (KeptUse){from_us,
                     0,
                     text_of(object, "ruleset"),
                     text_of(object, "policy"),
                     text_of(object, "settings"),
                     text_of(object, "program"),
                     text_of(object, "engine"),
                     text_of(object, "fold"),
                     g_strdup(json_string_value(json_object_get(object, "papers")))};
    return use;
}

static char *
use_line(const KeptUse *use)
{
    g_autofree char *time = clock_format(use->from_us);
    json_auto_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "from", time, "ruleset", use->ruleset,
                                    "policy", use->policy, "settings", use->settings, "program", use->program, "engine",
                                    use->engine, "fold", use->fold, "papers", use->papers);
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    char *line = g_strconcat(text, "\n", NULL);
    free(text);
    return line;
}

GPtrArray *
kept_history(const char *directory, GError **error)
{
    g_autofree char *path = history_path(directory);
    g_autofree char *bytes = NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func((GDestroyNotify)kept_use_free);
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, &why)) {
        if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return g_steal_pointer(&uses);
        if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_ACCES))
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                        _("%s: kept rule sets are read by root, by the gate's user and by members of its group: add "
                          "yourself with `usermod -aG hangu NAME` and log in anew; if that is done already, "
                          "`systemd-tmpfiles --create` opens the directories of an older installation to the group"),
                        directory);
        else
            g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_IO, why->message);
        return NULL;
    }
    for (const char *line = bytes, *end; line < bytes + length; line = end + 1) {
        end = memchr(line, '\n', (gsize)(bytes + length - line));
        if (end == NULL)
            break;
        KeptUse *use = use_read(line, (gsize)(end - line));
        if (use == NULL)
            continue;
        if (uses->len > 0)
            ((KeptUse *)g_ptr_array_index(uses, uses->len - 1))->until_us = use->from_us;
        g_ptr_array_add(uses, use);
    }
    return g_steal_pointer(&uses);
}

static gboolean
fail(GError **error, const char *path)
{
    int why = errno;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "%s: %s", path, g_strerror(why));
    return FALSE;
}

gboolean
kept_history_append(const char *directory, const KeptUse *use, GError **error)
{
    g_autofree char *path = history_path(directory);
    g_autofree char *line = use_line(use);
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
    char last = '\n';
    if (fd < 0)
        return fail(error, path);
    if (fchmod(fd, MODE) != 0) { /* the umask takes from it */
        fail(error, path);
        close(fd);
        return FALSE;
    }
    off_t size = lseek(fd, 0, SEEK_END);
    if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n') {
        g_autofree char *torn = g_steal_pointer(&line);
        line = g_strconcat("\n", torn, NULL);
    }
    gssize length = (gssize)strlen(line);
    errno = ENOSPC; /* what a short write means */
    gboolean good = write(fd, line, (gsize)length) == length && fdatasync(fd) == 0;
    if (!good)
        fail(error, path);
    close(fd);
    return good;
}

gboolean
kept_history_write(const char *directory, const GPtrArray *uses, GError **error)
{
    g_autofree char *path = history_path(directory);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < uses->len; i++) {
        g_autofree char *line = use_line(g_ptr_array_index(uses, i));
        g_string_append(text, line);
    }
    return g_file_set_contents_full(path, text->str, (gssize)text->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, MODE, error) &&
           (g_chmod(path, MODE) == 0 || fail(error, path));
}

const KeptUse *
kept_use_at(const GPtrArray *history, const char *ruleset, gint64 now_us)
{
    const KeptUse *found = NULL;
    for (guint i = 0; i < history->len; i++) {
        const KeptUse *use = g_ptr_array_index(history, i);
        if (strcmp(use->ruleset, ruleset) == 0 && (found == NULL || use->from_us <= now_us))
            found = use;
    }
    return found;
}
