/* hangu's own face: the table of commands, --help, --version, and the language. */
#include "config.h"
#include "commands.h"
#include "errors.h"
#include "language.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static const Command *const table[] = {
    &command_account,
    &command_check,
    &command_check_settings,
    &command_fingerprint,
    &command_ledger,
    &command_passwd,
    &command_report,
    &command_rules,
    &command_held,
    &command_status,
    NULL,
};

void
commands_set_language(void)
{
    language_set();
}

static char *
help_text(void)
{
    g_autofree char *list = command_list(table);
    return g_strconcat(
        _("Usage: hangu COMMAND [OPTION...]\n\n"
          "Hangu is a secure e-mail gateway: it looks at every letter that Postfix hands to it and decides by your\n"
          "rules and policy whether it may pass. This command asks, tests and administers.\n\n"
          "Commands (hangu COMMAND --help says more):\n"),
        list,
        _("\nExamples:\n"
          "  hangu check-settings                 are hangu.yaml, the policy and the rules sound?\n"
          "  hangu check letter.eml               what would the gate do with this letter, and why?\n"
          "  hangu status                         is it running, what did it do today?\n\n"
          "Exit status: 0 fine; 1 something was found (tampered, failed, degraded); 64 wrong usage; 66 no such file;\n"
          "69 a daemon does not answer; 70 a mistake of ours; 74 disk or network; 77 no permission; 78 settings.\n"
          "hangu check: 0 accept, 1 hold, 2 reject, 3 temporary failure; of several letters the worst.\n"),
        NULL);
}

int
commands_main(int argc, char **argv)
{
    int status = 0;
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
        printf("hangu %s\n", PACKAGE_VERSION);
    else
        status = command_dispatch("", table, help_text, argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, _("hangu: the output could not be written: %s\n"), g_strerror(errno));
    return HANGU_ERROR_IO;
}
