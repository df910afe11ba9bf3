/* hangu-authd: opens the register, says so, answers until it is told to stop. */
#include "config.h"
#include "authd.h"
#include "auth_policy.h"
#include "auth_server.h"
#include "desk.h"
#include "dovecot.h"
#include "errors.h"
#include "events.h"
#include "language.h"
#include "log.h"
#include "login_door.h"
#include "one_times.h"
#include "policy_http.h"
#include "process.h"
#include "record.h"
#include "secrets.h"
#include "settings.h"
#include "sweep.h"
#include "verbs_login.h"
#include "verbs_otp.h"
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROGRAM "hangu-authd " PACKAGE_VERSION
/* Connections besides those of the gate: commands, the console. */
#define MORE_CONNECTIONS 64
/* Descriptors that are not connections. */
#define OTHER_FDS 64
/* Requests of Dovecot: connections at once, and threads that answer (one may wait for the disk). */
#define POLICY_CONNECTIONS 1000
#define POLICY_THREADS 4
/* Seconds for a whole request of theirs. */
#define SLOW 20
#define SLOW_MAX 600
/* What waits for the ledger at the end gets this long. */
#define LAST_EVENTS_US (5 * G_TIME_SPAN_SECOND)

typedef struct {
    char *config, *user;
    gboolean check, dovecot, foreground, version;
    int slow; /* seconds */
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
    Settings *settings; /* of the start */
    Settings *reloaded; /* NULL: not yet */
    Events *events;
    Desk *desk;
    OneTimes *one_times;
    LoginDoor *login_door;
    AuthPolicy *policy;
    PolicyHttp *http;
    Sweep *sweep;
    AuthServer *server;
    int signals;
    gboolean stop;
} Daemon;

static int
fail(GError *error)
{
    int status = error_exit_status(error);
    fprintf(stderr, "hangu-authd: %s\n", error->message);
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

/* --- while it runs -------------------------------------------------------------------------------------------- */

static void
note(Daemon *daemon, const char *kind, const char *reason)
{
    json_t *record = events_record(daemon->events, kind);
    json_object_set_new(record, "pid", json_integer(getpid()));
    record_put_word(record, "reason", reason);
    const Settings *now = daemon->reloaded != NULL ? daemon->reloaded : daemon->settings;
    record_put_word(record, "settings_digest", now->digest);
    events_queue(daemon->events, record);
}

/* A start after a sudden end says so. */
static void
note_start(Daemon *daemon)
{
    EventsState events;
    events_state(daemon->events, &events);
    note(daemon, "start",
         events.last == EVENT_MARK_KILLED ? "after-kill"
         : events.last == EVENT_MARK_FELL ? "after-fall"
                                          : NULL);
}

/* An alert at each start, until Dovecot is told what it must know. */
static void
check_dovecot(Daemon *daemon)
{
    g_autofree char *why = NULL;
    DovecotState state = dovecot_check(daemon->settings, &why);
    if (state == DOVECOT_UNKNOWN)
        log_warn("the settings of Dovecot were not checked: %s", why);
    auth_policy_set_blind(daemon->policy, state == DOVECOT_WRONG ? why : NULL);
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
    const Settings *old = daemon->settings;
    /* a limit that is looser is no reason to open a lock: who is locked stays so */
    if (g_strcmp0(fresh->accounts_database, old->accounts_database) != 0 ||
        g_strcmp0(fresh->accounts_words, old->accounts_words) != 0 ||
        g_strcmp0(fresh->accounts_dovecot_config, old->accounts_dovecot_config) != 0 ||
        g_strcmp0(fresh->accounts_calendar, old->accounts_calendar) != 0 ||
        g_strcmp0(fresh->accounts_sweep, old->accounts_sweep) != 0 ||
        g_strcmp0(fresh->control_socket, old->control_socket) != 0 ||
        g_strcmp0(fresh->accounts_socket, old->accounts_socket) != 0 ||
        g_strcmp0(fresh->accounts_group, old->accounts_group) != 0 ||
        g_strcmp0(fresh->accounts_login_socket, old->accounts_login_socket) != 0 ||
        g_strcmp0(fresh->accounts_login_group, old->accounts_login_group) != 0 ||
        g_strcmp0(fresh->accounts_policy_listen, old->accounts_policy_listen) != 0 ||
        g_strcmp0(fresh->ledger_socket, old->ledger_socket) != 0 || g_strcmp0(fresh->unit, old->unit) != 0)
        log_warn("unit, database, words, sockets, group, policy_listen or dovecot_config changed: restart hangu-authd");
    log_open("hangu-authd", (LogSink)fresh->log_sink, (LogLevel)fresh->log_level);
    if (daemon->policy != NULL) {
        auth_policy_set_settings(daemon->policy, fresh);
        check_dovecot(daemon);
    }
    settings_free(daemon->reloaded);
    daemon->reloaded = g_steal_pointer(&fresh);
    note(daemon, "reload", NULL);
    log_info("settings reloaded: log, limits and days of accounts; Dovecot's were looked at");
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

static void
serve(Daemon *daemon)
{
    while (!daemon->stop) {
        auth_server_turn(daemon->server, daemon->signals, -1);
        take_signals(daemon);
    }
    process_notify("STOPPING=1");
    note(daemon, "stop", NULL);
}

/* --- start ---------------------------------------------------------------------------------------------------- */

static guint
connections_allowed(const Settings *settings)
{
    struct rlimit files;
    guint wanted = (guint)settings->connections + MORE_CONNECTIONS, others = OTHER_FDS + POLICY_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return wanted;
    if (files.rlim_cur < wanted + others) {
        files.rlim_cur = MIN(files.rlim_max, wanted + others);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return (guint)MIN(wanted, MAX(files.rlim_cur, others + 1) - others);
}

/* One-time passwords, and the door where login programs ask for them. */
static gboolean
open_login_door(Daemon *daemon, GError **error)
{
    const Settings *settings = daemon->settings;
    daemon->one_times = one_times_new(settings->accounts_database, error);
    verbs_otp_use(daemon->one_times);
    if (daemon->one_times == NULL || *settings->accounts_login_group == '\0')
        return daemon->one_times != NULL;
    daemon->login_door =
        login_door_new(settings->accounts_login_socket, settings->accounts_login_group, daemon->desk, error);
    return daemon->login_door != NULL;
}

static gboolean
open_door(Daemon *daemon, GError **error)
{
    const Settings *settings = daemon->settings;
    g_auto(Secrets) secrets = {0};
    if (*settings->accounts_policy_listen == '\0')
        return TRUE;
    daemon->policy = auth_policy_new(settings, daemon->events, error);
    if (daemon->policy == NULL || !secrets_load(settings->accounts_database, &secrets, error))
        return FALSE;
    auth_policy_use_one_times(daemon->policy, daemon->one_times);
    desk_add_problems(daemon->desk, auth_policy_problems, daemon->policy);
    check_dovecot(daemon);
    PolicyHttpOptions http = {
        .listen = settings->accounts_policy_listen,
        .key = secrets.key,
        .connections = POLICY_CONNECTIONS,
        .threads = POLICY_THREADS,
        .slow_ms = (guint)daemon->options->slow * 1000,
        .answer = auth_policy_answer,
        .settle = auth_policy_settle,
        .user = daemon->policy,
    };
    daemon->http = policy_http_new(&http, error);
    verbs_login_use(daemon->policy, daemon->http);
    return daemon->http != NULL;
}

static gboolean
start(Daemon *daemon, GError **error)
{
    const Settings *settings = daemon->settings;
    g_autofree char *mark = secrets_path(settings->accounts_database, "events.mark");
    EventsOptions events = {
        .ledger_socket = settings->ledger_socket,
        .unit = settings->unit,
        .program = PROGRAM,
        .write_us = settings->ledger_timeout * G_TIME_SPAN_SECOND,
        .mark_file = mark,
    };
    AuthServerOptions server = {
        .socket = settings->accounts_socket,
        .group = settings->accounts_group,
        .connections = connections_allowed(settings),
        .facts = desk_facts,
        .call = desk_call,
    };
    g_autofree char *directory = g_path_get_dirname(settings->accounts_database);
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, 0};
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not a death */
    signal(SIGPIPE, SIG_IGN);
    if (!process_become(daemon->options->user, error))
        return FALSE;
    process_harden();
    daemon->signals = process_signals(wanted, error);
    if (daemon->signals < 0 || !process_directory(directory, 0700, error))
        return FALSE;
    daemon->desk = desk_new(settings, error);
    if (daemon->desk == NULL)
        return FALSE;
    daemon->events = events_new(&events);
    if (!open_login_door(daemon, error) || !open_door(daemon, error))
        return FALSE;
    server.user = daemon->desk;
    daemon->server = auth_server_new(&server, error);
    if (daemon->server == NULL)
        return FALSE;
    note_start(daemon);
    daemon->sweep = sweep_new(settings, daemon->events, daemon->policy, error);
    if (daemon->sweep == NULL)
        return FALSE;
    sweep_start(daemon->sweep);
    return TRUE;
}

static int
run_daemon(const Options *options, Settings *settings)
{
    Daemon daemon = {.options = options, .settings = settings, .signals = -1};
    GError *error = NULL;
    log_open("hangu-authd", (LogSink)settings->log_sink, (LogLevel)settings->log_level);
    gboolean good = start(&daemon, &error);
    if (good) {
        log_info("ready: %s, on %s", settings->accounts_database, settings->accounts_socket);
        process_notify("READY=1");
        serve(&daemon);
    } else
        log_error("%s", error->message);
    sweep_free(daemon.sweep);
    login_door_free(daemon.login_door);
    auth_server_free(daemon.server);
    verbs_otp_use(NULL);
    verbs_login_use(NULL, NULL);
    policy_http_free(daemon.http);
    auth_policy_free(daemon.policy);
    one_times_free(daemon.one_times);
    events_free(daemon.events, LAST_EVENTS_US);
    desk_free(daemon.desk);
    settings_free(daemon.reloaded);
    if (daemon.signals >= 0)
        close(daemon.signals);
    if (good) {
        log_info("stopped");
        return 0;
    }
    /* with syslog, the one who started it by hand would see nothing */
    if (settings->log_sink == LOG_TO_SYSLOG)
        return fail(error);
    int status = error_exit_status(error);
    g_error_free(error);
    return status;
}

/* --dovecot: what Dovecot must be told. */
static int
print_dovecot(const Options *options, const Settings *settings)
{
    GError *error = NULL;
    g_autofree char *directory = g_path_get_dirname(settings->accounts_database);
    if (*settings->accounts_policy_listen == '\0')
        g_set_error(&error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("accounts.policy_listen is empty: nothing to ask"));
    if (error != NULL || !process_become(options->user, &error) || !process_directory(directory, 0700, &error))
        return fail(error);
    g_autofree char *text = dovecot_settings(settings, &error);
    if (text == NULL)
        return fail(error);
    fputs(text, stdout);
    return 0;
}

/* --check: what a start would meet, without touching anything. */
static int
check_only(const Settings *settings)
{
    if (!g_file_test(settings->accounts_database, G_FILE_TEST_EXISTS)) {
        printf(_("%s does not exist: the first start creates it\n"), settings->accounts_database);
        return 0;
    }
    printf(_("%s: settings are in order\n"), settings->accounts_database);
    return 0;
}

static int
parse_options(int *argc, char ***argv, Options *options)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, N_("check settings and the database, and leave"), NULL},
        {"dovecot", 0, 0, G_OPTION_ARG_NONE, &options->dovecot,
         N_("print the settings that Dovecot needs, with the secrets, and leave"), NULL},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user, N_("become this user first (when started by root)"),
         N_("NAME")},
        {"slow", 0, 0, G_OPTION_ARG_INT, &options->slow, N_("cut off after so long who has sent no whole request"),
         N_("SECONDS")},
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
        context,
        _("The owner of the register of accounts. The gate asks it about each submission, `hangu account`\n"
          "changes the register through it, and each change is on disk in the audit log before it is answered."));
    g_option_context_set_description(
        context, _("Settings (hangu.yaml): accounts, ledger.socket, unit.\n"
                   "\n"
                   "Signals: TERM finishes what is in hand and stops; HUP reloads settings of the log\n"
                   "and of locks and passwords, and looks at Dovecot's.\n"
                   "\n"
                   "Exit status: 0 stopped, 65 the database is damaged, 69 another hangu-authd runs, 74 disk,\n"
                   "77 permission, 78 settings."));
    gboolean good = g_option_context_parse(context, argc, argv, &error);
    if (good && (options->slow < 1 || options->slow > SLOW_MAX))
        g_set_error(&error, HANGU_ERROR, HANGU_ERROR_USAGE, _("--slow: 1 to %d seconds"), SLOW_MAX);
    if (error == NULL && *argc == 1)
        return 0;
    if (error != NULL)
        fprintf(stderr, "hangu-authd: %s\n", error->message);
    else
        fprintf(stderr, _("hangu-authd: unexpected word \"%s\"\n"), (*argv)[1]);
    fputs(_("Try `hangu-authd --help`.\n"), stderr);
    return HANGU_ERROR_USAGE;
}

int
authd_main(int argc, char **argv)
{
    g_auto(Options) options = {.slow = SLOW};
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
    if (options.dovecot)
        return print_dovecot(&options, settings);
    return options.check ? check_only(settings) : run_daemon(&options, settings);
}
