/* hangu rules hash-list: makes an exact-data list (rules/exact.h) of the lines of texts and the columns of tables. */
#include "config.h"
#include "cmd_rules_hash.h"
#include "errors.h"
#include "exact.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "rules hash-list"
#define INPUT_MAX ((gsize)256 * 1024 * 1024)
#define SHOWN_MAX 20        /* lines named that were left out */
#define PROGRESS_STEP 20000 /* entries between two lines of progress */

typedef struct {
    char *out, *key;
    int column;
    gboolean heading; /* the first line of a table is one */
    ExactWriter *writer;
    guint lines, doubles, left_out;
    gboolean progress;
} HashList;

static const char *
why_left_out(ExactAdded added)
{
    switch (added) {
    case EXACT_SHORT:
        return _("too short: it would be found everywhere");
    case EXACT_LONG:
        return _("too long");
    case EXACT_BROKEN:
        return _("holds a comma, a full stop or the like, or is no text: it would never be found");
    default:
        return _("the list is full");
    }
}

static void
show_progress(guint lines)
{
    fputc('\r', stderr);
    fprintf(stderr, _("%u lines"), lines);
}

static void
entry_take(HashList *task, const char *file, guint line, const char *entry)
{
    ExactAdded added = exact_writer_add(task->writer, entry);
    if (added == EXACT_DOUBLE)
        task->doubles++;
    else if (added != EXACT_ADDED && ++task->left_out <= SHOWN_MAX)
        fprintf(stderr, _("%s:%u: left out: %s\n"), file, line, why_left_out(added));
    if (++task->lines % PROGRESS_STEP == 0 && task->progress)
        show_progress(task->lines);
}

/* The field of that number of a line of comma-separated values; NULL if the line has fewer. RFC 4180, but a quoted
 * field ends with its line. */
static char *
csv_field(const char *line, int column)
{
    g_autoptr(GString) field = g_string_new(NULL);
    for (int number = 1;; number++) {
        gboolean quoted = *line == '"';
        g_string_truncate(field, 0);
        for (line += quoted; *line != '\0' && (quoted || *line != ','); line++) {
            if (quoted && *line == '"' && line[1] != '"') {
                quoted = FALSE;
                continue;
            }
            line += quoted && *line == '"';
            g_string_append_c(field, *line);
        }
        if (number == column)
            return g_strdup(field->str);
        if (*line++ == '\0')
            return NULL;
    }
}

/* As UTF-8; what is none is taken for GB18030, as office programs write it. NULL with error. */
static char *
input_read(const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, &why)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_NO_INPUT, "%s", why->message);
        return NULL;
    }
    if (length > INPUT_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: more than %u MB"), path, (guint)(INPUT_MAX >> 20));
        return NULL;
    }
    if (g_utf8_validate(bytes, (gssize)length, NULL))
        return g_steal_pointer(&bytes);
    char *text = g_convert(bytes, (gssize)length, "UTF-8", "GB18030", NULL, NULL, NULL);
    if (text == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, _("%s: neither UTF-8 nor GB18030"), path);
    return text;
}

static gboolean
file_take(HashList *task, const char *path, GError **error)
{
    g_autofree char *text = input_read(path, error);
    if (text == NULL)
        return FALSE;
    gboolean table = task->column > 0 || g_str_has_suffix(path, ".csv");
    char *at = g_str_has_prefix(text, "\xEF\xBB\xBF") ? text + 3 : text;
    for (guint line = 1; at != NULL; line++) {
        char *next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        g_strchomp(at);
        g_autofree char *field = table ? csv_field(at, MAX(task->column, 1)) : NULL;
        const char *entry = table ? field : at;
        gboolean skip = table ? line == 1 && task->heading : entry != NULL && entry[0] == '#';
        if (entry != NULL && *entry != '\0' && !skip)
            entry_take(task, path, line, entry);
        at = next;
    }
    return TRUE;
}

static int
list_make(HashList *task, char **files)
{
    g_autoptr(GError) error = NULL;
    task->writer = exact_writer_new();
    task->progress = isatty(STDERR_FILENO);
    gboolean good = TRUE;
    for (; good && *files != NULL; files++)
        good = file_take(task, *files, &error);
    if (task->progress && task->lines >= PROGRESS_STEP)
        fputc('\n', stderr);
    good = good && exact_writer_write(task->writer, task->out, task->key, &error);
    guint count = exact_writer_count(task->writer);
    exact_writer_free(task->writer);
    if (!good)
        return command_fail(NAME, g_steal_pointer(&error));
    printf(_("%s: %u entries (key %s); doubles: %u, left out: %u\n"), task->out, count,
           task->key != NULL ? task->key : exact_key_path(), task->doubles, task->left_out);
    return task->left_out > 0;
}

static int
run(int argc, char **argv)
{
    HashList task = {0};
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &task.out, N_("the list to write; it is replaced at once"), N_("FILE")},
        {"key", 'k', 0, G_OPTION_ARG_FILENAME, &task.key, N_("key of the lists; made if it is not there"), N_("FILE")},
        {"column", 0, 0, G_OPTION_ARG_INT, &task.column, N_("column of the tables, from 1 (files named .csv: 1)"),
         N_("N")},
        {"heading", 0, 0, G_OPTION_ARG_NONE, &task.heading, N_("the first line of each table is a heading"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(_("FILE..."));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_summary(
        context,
        _("Makes a list of a unit's own data that rules find (exact:) and nobody reads off the file.\n"
          "The files have one entry a line, or comma-separated values; UTF-8 or GB18030. Delete them afterwards.\n"
          "Exit status: 0 all entries are in the list, 1 some were left out, which is told."));
    int status = command_parse(NAME, context, &argc, &argv);
    if (status == 0 && task.out == NULL)
        status = command_usage(NAME, _("--out FILE is missing"));
    else if (status == 0 && task.column < 0)
        status = command_usage(NAME, _("--column counts from 1"));
    else if (status == 0 && argc < 2)
        status = command_usage(NAME, _("which files?"));
    if (status == 0)
        status = list_make(&task, argv + 1);
    g_free(task.out);
    g_free(task.key);
    return status;
}

const Command command_rules_hash_list = {"hash-list", N_("make an exact-data list"), run};
