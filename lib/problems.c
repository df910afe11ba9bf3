/* The list of mistakes that a run found in its files. */
#include "config.h"
#include "errors.h"
#include "yaml.h"
#include <glib/gi18n.h>

#define PROBLEMS_MAX 1000 /* nobody reads on; a hostile file must not fill the memory */

struct Problems {
    GPtrArray *list;
    guint more; /* found, but not kept */
};

static void
problem_free(gpointer data)
{
    Problem *problem = data;
    g_free(problem->file);
    g_free(problem->key);
    g_free(problem->text);
    g_free(problem);
}

Problems *
problems_new(void)
{
    Problems *problems = g_new0(Problems, 1);
    problems->list = g_ptr_array_new_with_free_func(problem_free);
    return problems;
}

void
problems_free(Problems *problems)
{
    if (problems == NULL)
        return;
    g_ptr_array_unref(problems->list);
    g_free(problems);
}

guint
problems_count(const Problems *problems)
{
    return problems->list->len;
}

const Problem *
problems_get(const Problems *problems, guint index)
{
    return g_ptr_array_index(problems->list, index);
}

void
problems_add_list(Problems *problems, const char *file, guint line, guint column, const char *key, const char *format,
                  va_list arguments)
{
    if (problems->list->len >= PROBLEMS_MAX) {
        problems->more++;
        return;
    }
    Problem *problem = g_new0(Problem, 1);
    problem->file = g_strdup(file);
    problem->line = line;
    problem->column = column;
    problem->key = key != NULL && *key != '\0' ? g_strdup(key) : NULL;
    problem->text = g_strdup_vprintf(format, arguments);
    g_ptr_array_add(problems->list, problem);
}

void
problems_add(Problems *problems, const char *file, guint line, guint column, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    problems_add_list(problems, file, line, column, key, format, arguments);
    va_end(arguments);
}

char *
problems_to_text(const Problems *problems)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < problems->list->len; i++) {
        const Problem *problem = problems_get(problems, i);
        if (problem->file != NULL)
            g_string_append(text, problem->file);
        if (problem->line > 0)
            g_string_append_printf(text, ":%u:%u", problem->line, problem->column);
        if (text->len > 0 && text->str[text->len - 1] != '\n')
            g_string_append(text, ": ");
        if (problem->key != NULL)
            g_string_append_printf(text, "%s: ", problem->key);
        g_string_append(text, problem->text);
        g_string_append_c(text, '\n');
    }
    if (problems->more > 0)
        g_string_append_printf(text, _("... and %u more\n"), problems->more);
    return g_string_free(text, FALSE);
}

gboolean
problems_to_error(const Problems *problems, GError **error)
{
    if (problems->list->len == 0)
        return FALSE;
    g_autofree char *text = problems_to_text(problems);
    g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, g_strchomp(text));
    return TRUE;
}
