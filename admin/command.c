/* What all commands share: options, errors, subcommands. */
#include "config.h"
#include "command.h"
#include "errors.h"
#include "nearest.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static gboolean
asks_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-?") == 0 ||
           strcmp(word, "help") == 0;
}

int
command_fail(const char *name, GError *error)
{
    const char *space = *name != '\0' ? " " : "";
    fprintf(stderr, "hangu%s%s: %s\n", space, name, error != NULL ? error->message : _("failed for an unknown reason"));
    int status = error_exit_status(error);
    g_clear_error(&error);
    return status;
}

int
command_usage(const char *name, const char *format, ...)
{
    const char *space = *name != '\0' ? " " : "";
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "hangu%s%s: %s\n", space, name, text);
    fprintf(stderr, _("Try: hangu%s%s --help\n"), space, name);
    return HANGU_ERROR_USAGE;
}

int
command_parse(const char *name, GOptionContext *context, int *argc, char ***argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *program = g_strconcat("hangu ", name, NULL);
    g_set_prgname(program); /* the first line of --help */
    if (g_option_context_parse(context, argc, argv, &error))
        return 0;
    return command_usage(name, "%s", error->message);
}

char *
command_list(const Command *const *table)
{
    GString *text = g_string_new(NULL);
    for (; *table != NULL; table++)
        g_string_append_printf(text, "  %-16s %s\n", (*table)->name, _((*table)->summary));
    return g_string_free(text, FALSE);
}

static const Command *
find_command(const Command *const *table, const char *name)
{
    for (; *table != NULL; table++)
        if (strcmp((*table)->name, name) == 0)
            return *table;
    return NULL;
}

static int
unknown_command(const char *name, const Command *const *table, const char *word)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (; *table != NULL; table++)
        g_ptr_array_add(known, (gpointer)(*table)->name);
    g_ptr_array_add(known, NULL);
    const char *near = nearest_word(word, (const char *const *)known->pdata);
    if (near != NULL)
        return command_usage(name, _("unknown command \"%s\"; did you mean \"%s\"?"), word, near);
    return command_usage(name, _("unknown command \"%s\""), word);
}

static void
print_help(const char *name, const Command *const *table, char *(*help)(void), FILE *stream)
{
    g_autofree char *text = help != NULL ? help() : command_list(table);
    if (help == NULL)
        fprintf(stream, _("Usage: hangu %s COMMAND [OPTION...]\n\nCommands:\n"), name);
    fputs(text, stream);
}

int
command_dispatch(const char *name, const Command *const *table, char *(*help)(void), int argc, char **argv)
{
    if (argc < 2) {
        print_help(name, table, help, stderr);
        return HANGU_ERROR_USAGE;
    }
    gboolean helping = asks_help(argv[1]);
    if (helping && argc < 3) {
        print_help(name, table, help, stdout);
        return 0;
    }
    const char *word = helping ? argv[2] : argv[1]; /* "hangu help check" is "hangu check --help" */
    const Command *command = find_command(table, word);
    if (command == NULL)
        return unknown_command(name, table, word);
    if (!helping)
        return command->run(argc - 1, argv + 1);
    char *asking[] = {argv[2], (char *)"--help", NULL};
    return command->run(2, asking);
}
