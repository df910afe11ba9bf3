/* hangu-ledger: takes over the ledger, says so, serves until it is told to stop. */
#include "config.h"
#include "daemon.h"
#include "chain.h"
#include "errors.h"
#include "journal.h"
#include "language.h"
#include "log.h"
#include "process.h"
#include "server.h"
#include "settings.h"
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROGRAM "hangu-ledger " PACKAGE_VERSION
/* Connections besides those of the gate: commands, the console. */
#define MORE_CONNECTIONS 32
/* Descriptors that are not connections. */
#define OTHER_FDS 32
/* Turns that finish what is in hand at the end. */
#define LAST_TURNS 1000

typedef struct {
    char *config, *user;
    gboolean check, foreground, version;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->config);
    g_free(options->user);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const Options *options;
    Settings *settings;
    Journal *journal;
    Server *server;
    int signals;
    gboolean stop;
} Daemon;

static int
fail(GError *error)
{
    int status = error_exit_status(error);
    fprintf(stderr, "hangu-ledger: %s\n", error->message);
    g_error_free(error);
    return status;
}

static Settings *
load_settings(const Options *options, GError **error)
{
    g_autoptr(Problems) problems = problems_new();
    Settings *settings = settings_load(options->config, problems);
    if (settings != NULL && !problems_to_error(problems, error))
        return settings;
    if (settings == NULL)
        problems_to_error(problems, error);
    settings_free(settings);
    return NULL;
}

/* --- while it runs ------------------------------------------------------------------------------------------- */

static json_t *
own_record(const Daemon *daemon, const char *kind)
{
    json_t *record = record_new(kind, daemon->settings->unit, PROGRAM);
    json_object_set_new(record, "pid", json_integer(getpid()));
    record_put_word(record, "settings_digest", daemon->settings->digest);
    return record;
}

/* Only what can change under way: everything else needs a restart, and says so. */
static void
reload(Daemon *daemon)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Settings) fresh = load_settings(daemon->options, &error);
    if (fresh == NULL) {
        log_error("settings were not reloaded, the old ones stay: %s", error->message);
        return;
    }
    if (g_strcmp0(fresh->ledger_dir, daemon->settings->ledger_dir) != 0 ||
        g_strcmp0(fresh->ledger_socket, daemon->settings->ledger_socket) != 0 ||
        g_strcmp0(fresh->ledger_group, daemon->settings->ledger_group) != 0 ||
        g_strcmp0(fresh->unit, daemon->settings->unit) != 0)
        log_warn("unit, directory, socket or group of the ledger changed: restart hangu-ledger for that");
    log_open("hangu-ledger", (LogSink)fresh->log_sink, (LogLevel)fresh->log_level);
    journal_set_file_size(daemon->journal, (guint64)fresh->ledger_file_size);
    log_info("settings reloaded: log and ledger.file_size");
}

static void
take_signals(Daemon *daemon)
{
    struct signalfd_siginfo info;
    while (read(daemon->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP)
            reload(daemon);
        else
            daemon->stop = TRUE;
    }
}

static gboolean
serve(Daemon *daemon, GError **error)
{
    while (!daemon->stop) {
        if (server_turn(daemon->server, daemon->signals, -1, error) < 0)
            return FALSE;
        take_signals(daemon);
    }
    process_notify("STOPPING=1");
    int more = 1;
    for (guint i = 0; i < LAST_TURNS && more > 0; i++)
        more = server_turn(daemon->server, -1, 0, error);
    return more >= 0 && journal_note(daemon->journal, own_record(daemon, "stop"), error);
}

/* --- start --------------------------------------------------------------------------------------------------- */

static guint
connections_allowed(const Settings *settings)
{
    struct rlimit files;
    guint wanted = (guint)settings->connections + MORE_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return wanted;
    if (files.rlim_cur < wanted + OTHER_FDS) {
        files.rlim_cur = MIN(files.rlim_max, wanted + OTHER_FDS);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return (guint)MIN(wanted, MAX(files.rlim_cur, OTHER_FDS + 1) - OTHER_FDS);
}

static gboolean
start(Daemon *daemon, GError **error)
{
    const Settings *settings = daemon->settings;
    JournalOptions journal = {
        .directory = settings->ledger_dir,
        .unit = settings->unit,
        .program = PROGRAM,
        .file_size = (guint64)settings->ledger_file_size,
    };
    ServerOptions server = {
        .socket = settings->ledger_socket,
        .group = settings->ledger_group,
        .connections = connections_allowed(settings),
    };
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, 0};
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not a death */
    if (!process_become(daemon->options->user, error))
        return FALSE;
    process_harden();
    daemon->signals = process_signals(wanted, error);
    if (daemon->signals < 0)
        return FALSE;
    daemon->journal = journal_open(&journal, error);
    if (daemon->journal == NULL)
        return FALSE;
    daemon->server = server_new(daemon->journal, &server, error);
    return daemon->server != NULL && journal_note(daemon->journal, own_record(daemon, "start"), error);
}

static int
run_daemon(const Options *options, Settings *settings)
{
    Daemon daemon = {.options = options, .settings = settings, .signals = -1};
    GError *error = NULL;
    log_open("hangu-ledger", (LogSink)settings->log_sink, (LogLevel)settings->log_level);
    gboolean good = start(&daemon, &error);
    if (good) {
        JournalState state;
        journal_state(daemon.journal, &state);
        log_info("ready: %s, record %" G_GUINT64_FORMAT ", on %s", settings->ledger_dir, state.seq,
                 settings->ledger_socket);
        process_notify("READY=1");
        good = serve(&daemon, &error);
    }
    if (!good)
        log_error("%s", error->message);
    else
        log_info("stopped");
    server_free(daemon.server);
    journal_free(daemon.journal);
    if (daemon.signals >= 0)
        close(daemon.signals);
    if (good)
        return 0;
    /* with syslog, the one who started it by hand would see nothing */
    if (settings->log_sink == LOG_TO_SYSLOG)
        return fail(error);
    int status = error_exit_status(error);
    g_error_free(error);
    return status;
}

/* --check: what a start would meet, without touching anything. */
static int
check_only(const Settings *settings)
{
    GError *error = NULL;
    g_auto(ChainTail) tail = {0};
    if (!g_file_test(settings->ledger_dir, G_FILE_TEST_EXISTS)) {
        printf(_("%s does not exist: the first start creates it\n"), settings->ledger_dir);
        return 0;
    }
    if (!chain_tail(settings->ledger_dir, &tail, &error))
        return fail(error);
    if (tail.no_next) {
        fprintf(stderr, _("hangu-ledger: the newest file of %s is missing: run `hangu ledger verify`\n"),
                settings->ledger_dir);
        return HANGU_ERROR_DATA;
    }
    g_autofree char *head = chain_head_format(&tail.head);
    printf(_("%s: settings and the end of the ledger are in order\nhead %s\n"), settings->ledger_dir, head);
    if (tail.torn > 0)
        printf(_("the last line is torn: the start will cut it off and record that\n"));
    return 0;
}

static int
parse_options(int *argc, char ***argv, Options *options)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, N_("check settings and the end of the ledger, and leave"),
         NULL},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user, N_("become this user first (when started by root)"),
         N_("NAME")},
        {"foreground", 0, 0, G_OPTION_ARG_NONE, &options->foreground, N_("stay in the foreground (it always does)"),
         NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and leave"), NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_translation_domain(context, PACKAGE);
    g_option_context_set_summary(
        context, _("The only writer of the audit log. The gate sends it each decision, and answers Postfix only after\n"
                   "the record is on disk. Each line carries the hash of the line before."));
    g_option_context_set_description(
        context,
        _("Settings (hangu.yaml): ledger.directory, ledger.socket, ledger.group, ledger.file_size, unit.\n"
          "\n"
          "Signals: TERM finishes what is in hand and stops; HUP reloads log settings and ledger.file_size.\n"
          "\n"
          "At the start an unfinished last line (power was lost while it was written) is cut off and a record of\n"
          "kind \"repair\" says so. If the end of the ledger is not what this program wrote, it does not start:\n"
          "run `hangu ledger verify`, keep the directory as evidence under another name, start again.\n"
          "When the disk is full it answers with failure, the gate answers 4xx, and Postfix keeps the letters.\n"
          "\n"
          "Exit status: 0 stopped, 65 the ledger's end is damaged, 69 another hangu-ledger runs, 74 disk,\n"
          "77 permission, 78 settings."));
    if (g_option_context_parse(context, argc, argv, &error) && *argc == 1)
        return 0;
    if (error != NULL)
        fprintf(stderr, "hangu-ledger: %s\n", error->message);
    else
        fprintf(stderr, _("hangu-ledger: unexpected word \"%s\"\n"), (*argv)[1]);
    fputs(_("Try `hangu-ledger --help`.\n"), stderr);
    return HANGU_ERROR_USAGE;
}

int
daemon_main(int argc, char **argv)
{
    g_auto(Options) options = {0};
    GError *error = NULL;
    language_set();
    int status = parse_options(&argc, &argv, &options);
    if (status != 0)
        return status;
    if (options.version) {
        puts(PROGRAM);
        return 0;
    }
    g_autoptr(Settings) settings = load_settings(&options, &error);
    if (settings == NULL)
        return fail(error);
    return options.check ? check_only(settings) : run_daemon(&options, settings);
}
