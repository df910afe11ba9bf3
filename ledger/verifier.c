/* hangu-ledger-verify: proves a ledger offline; small, and nothing else is needed to run it. */
#include "config.h"
#include "chain_show.h"
#include "errors.h"
#include "language.h"
#include <glib/gi18n.h>
#include <stdio.h>

typedef struct {
    char *head;
    gboolean json, quiet, version;
} Options;

static GOptionContext *
make_context(Options *options)
{
    const GOptionEntry entries[] = {
        {"head", 0, 0, G_OPTION_ARG_STRING, &options->head, N_("a head that was noted earlier"), N_("SEQ:HASH")},
        {"json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_("one JSON object instead of text"), NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet, N_("print nothing; the exit status tells"), NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and leave"), NULL},
        {NULL},
    };
    GOptionContext *context = g_option_context_new(_("DIRECTORY"));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_translation_domain(context, PACKAGE);
    g_option_context_set_summary(context, _("Proves that the audit log in DIRECTORY is whole and unchanged. Needs no "
                                            "running program, no settings and no\nright but to read the files: copy "
                                            "them to a machine of your own and verify there."));
    g_option_context_set_description(
        context,
        _("What is looked at: DIRECTORY/hangu-000001.log, hangu-000002.log and so on. Each line is one record as JSON\n"
          "with sorted keys and no spaces; it carries its number (seq) and the SHA-256 (prev) of the bytes of the "
          "line\n"
          "before, without the newline. `head` is the number and hash of the last line.\n"
          "\n"
          "What is found, the first of them named with file and line:\n"
          "  changed       a line is not what was written\n"
          "  removed       lines are missing\n"
          "  reordered     a line stands before its turn\n"
          "  inserted      a line was never part of the chain, or stands there twice\n"
          "  missing-file  a file of the ledger is not there\n"
          "  torn          the last line is unfinished: a write was cut off, hangu-ledger repairs it\n"
          "and only with --head, for nothing in the files themselves can show it:\n"
          "  cut           the end was taken away\n"
          "  rebuilt       the chain was computed anew; a changed last line shows so, too\n"
          "\n"
          "So note the head from time to time (`hangu ledger head`), on paper or on another machine:\n"
          "  hangu-ledger-verify /var/lib/hangu/ledger\n"
          "  hangu-ledger-verify --head 1234:5ab0... /media/copy/ledger\n"
          "\n"
          "Exit status: 0 good; 1 something is wrong; 64 wrong usage, 66 no such directory, 74 disk, 77 permission."));
    return context;
}

static int
complain(const char *text, int status)
{
    fprintf(stderr, "hangu-ledger-verify: %s\n", text);
    if (status == HANGU_ERROR_USAGE)
        fputs(_("Try `hangu-ledger-verify --help`.\n"), stderr);
    return status;
}

int
main(int argc, char **argv)
{
    Options options = {0};
    g_autoptr(GError) error = NULL;
    language_set();
    g_autoptr(GOptionContext) context = make_context(&options);
    gboolean parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_autofree char *head = options.head;
    if (!parsed)
        return complain(error->message, HANGU_ERROR_USAGE);
    if (options.version) {
        puts("hangu-ledger-verify " PACKAGE_VERSION);
        return 0;
    }
    if (argc != 2)
        return complain(argc < 2 ? _("which directory?") : _("one directory at a time"), HANGU_ERROR_USAGE);
    int status = chain_show_verify(argv[1], head, options.json, options.quiet, &error);
    return status < 0 ? complain(error->message, error_exit_status(error)) : status;
}
