/* hangu-milter: options and the order of starting and stopping; nothing else. */
#include "config.h"
#include "control.h"
#include "director.h"
#include "errors.h"
#include "extract_command.h"
#include "keeper.h"
#include "language.h"
#include "log.h"
#include "process.h"
#include "session.h"
#include "worker.h"
#include <glib/gi18n.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define BACKLOG 256
#define DESCRIPTORS_EACH 3
#define DESCRIPTORS_MORE 256
#define WAKE_US (10 * 1000)

/* libmilter has a thread that waits for SIGHUP, SIGTERM and SIGINT and takes each as an order to drop everything. Our
 * director takes these signals; so that thread, the only caller of sigwait() in this process, shall wait for ever. */
int
sigwait(const sigset_t *set, int *number)
{
    for (;;)
        pause();
}

static void
do_nothing(int number)
{
}

typedef struct {
    char *config, *user;
    gboolean check, version;
} Options;

static gboolean
read_options(int argc, char **argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, N_("read settings from FILE"), N_("FILE")},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check,
         N_("load settings, policy and rules, run the rules' own examples, say everything that is wrong, and end"),
         NULL},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options->user, N_("become user NAME before anything else is done"),
         N_("NAME")},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and end"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_translation_domain(context, PACKAGE);
    g_option_context_set_summary(context,
                                 _("The gate: Postfix asks it about every letter. It stays in the foreground."));
    g_option_context_set_description(
        context,
        _("Signals: HUP loads settings and rules beside those in force and swaps them if nothing is wrong;\n"
          "TERM finishes the letters in hand, then ends.\n"
          "Try it first with --check, then see `hangu status` for what goes through.\n"
          "Exit status: 0 ended by order, 78 settings or rules do not load, 69 it runs already, 77 permission."));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    if (argc > 1)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, _("\"%s\" is not expected; see --help"), argv[1]);
    return argc == 1;
}

static int
complain(const GError *error)
{
    g_printerr("hangu-milter: %s\n", error->message);
    return error->domain == G_OPTION_ERROR ? HANGU_ERROR_USAGE : error_exit_status(error);
}

static int
check_all(const Options *options)
{
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) error = NULL;
    if (!process_become(options->user, &error))
        return complain(error);
    if (!worker_check(options->config, problems)) {
        g_autofree char *text = problems_to_text(problems);
        g_printerr("%s", text);
        return HANGU_ERROR_SETTINGS;
    }
    g_print("%s\n", _("Settings, policy and rules are fine."));
    return 0;
}

static gboolean
make_directories(const Settings *settings, GError **error)
{
    g_autofree char *run = g_path_get_dirname(settings->control_socket);
    g_autofree char *extract = g_path_get_dirname(settings->extract_socket);
    return process_directory(run, 0755, error) && process_directory(extract, 0755, error) &&
           process_directory(settings->spool_dir, 0700, error);
}

/* A session needs a socket, a letter a spool, and a ledger connection while it waits. */
static void
raise_descriptors(const Settings *settings)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)settings->connections * DESCRIPTORS_EACH + DESCRIPTORS_MORE;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = MIN(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        log_warn("at most %" G_GUINT64_FORMAT " descriptors may be open, %" G_GUINT64_FORMAT
                 " are needed for %" G_GINT64_FORMAT " connections; raise LimitNOFILE or lower milter.connections",
                 (guint64)limit.rlim_cur, (guint64)wanted, settings->connections);
}

typedef struct {
    Director director;
    pthread_t main_thread;
    gint ended; /* atomic boolean: smfi_main() has returned */
} Stage;

static gpointer
stop_milter(gpointer user)
{
    smfi_stop();
    return NULL;
}

/* The director's thread. At its end libmilter is told. smfi_stop() waits for a lock that the main thread holds while
 * it polls for connections, so the main thread is woken until it has seen the order. */
static gpointer
direct(gpointer user)
{
    Stage *stage = user;
    int status = director_run(&stage->director);
    GThread *stopper = g_thread_new("stopper", stop_milter, NULL);
    while (!g_atomic_int_get(&stage->ended)) {
        pthread_kill(stage->main_thread, SIGUSR1);
        g_usleep(WAKE_US);
    }
    g_thread_join(stopper);
    return GINT_TO_POINTER(status);
}

static int
serve(Stage *stage, Listener *listener, const Settings *settings, GError **error)
{
    if (!listen_open(listener, settings->socket, settings->socket_group, error))
        return error_exit_status(*error);
    stage->main_thread = pthread_self();
    signal(SIGUSR1, do_nothing);
    GThread *director = g_thread_new("director", direct, stage);
    process_notify("READY=1");
    log_info("%s listens on %s, mode %s", GATE_PROGRAM, settings->socket,
             settings->mode == MODE_ENFORCE ? "enforce" : "observe");
    int ended = smfi_main();
    g_atomic_int_set(&stage->ended, TRUE);
    listen_close(listener);
    int status = GPOINTER_TO_INT(g_thread_join(director));
    notices_stop(stage->director.gate->notices);
    g_clear_pointer(&stage->director.gate->tracks, tracks_close);
    log_info("stopped");
    return ended == MI_SUCCESS ? status : HANGU_ERROR_INTERNAL;
}

/* The keeper, which starts hangu-extract. This process does not keep the readers' socket. */
static int
start_keeper(const Options *options, const Settings *settings, GError **error)
{
    Readers readers = {.listener = frame_listen(settings->extract_socket, 0600, NULL, error)};
    if (readers.listener < 0)
        return -1;
    readers.words = extract_command(settings, READERS_SOCKET, FALSE);
    int keeper = keeper_start(options->config, worker_work(), &readers, error);
    close(readers.listener);
    g_strfreev(readers.words);
    return keeper;
}

/* Order matters: the keeper is forked before there is a thread or anything loaded; Postfix is let in last. */
static int
start(const Options *options, const Settings *settings, GError **error)
{
    static const int signals[] = {SIGHUP, SIGTERM, SIGINT, 0};
    static Stage stage; /* late callbacks of libmilter may still look at the gate */
    static Listener listener;
    if (!make_directories(settings, error) || !listen_claim(&listener, settings->socket, error))
        return error_exit_status(*error);
    int keeper = start_keeper(options, settings, error);
    int watched = keeper >= 0 ? process_signals(signals, error) : -1;
    if (watched < 0)
        return error_exit_status(*error);
    int control = frame_listen(settings->control_socket, 0660, NULL, error);
    if (control < 0)
        return error_exit_status(*error);
    Gate *gate = gate_new(&milter_calls, settings->state_dir, error);
    if (gate == NULL)
        return error_exit_status(*error);
    gate->listener = &listener;
    gate_keep_tracks(gate, settings);
    director_init(&stage.director, gate, keeper, watched, control, options->config);
    smfi_setbacklog(BACKLOG);
    if (smfi_register(session_describe(gate)) != MI_SUCCESS) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL, "libmilter does not take the callbacks");
        return HANGU_ERROR_INTERNAL;
    }
    if (!director_load_first(&stage.director, error))
        return error_exit_status(*error);
    int status = serve(&stage, &listener, settings, error);
    unlink(settings->control_socket);
    unlink(settings->extract_socket);
    return status;
}

int
main(int argc, char **argv)
{
    Options options = {NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Problems) problems = problems_new();
    language_set();
    if (!read_options(argc, argv, &options, &error))
        return complain(error);
    if (options.version) {
        g_print("hangu-milter %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (options.check)
        return check_all(&options);
    g_autoptr(Settings) settings = settings_load(options.config, problems);
    if (settings == NULL) {
        problems_to_error(problems, &error);
        return complain(error);
    }
    log_open("hangu-milter", settings->log_sink, settings->log_level);
    if (!process_become(options.user, &error))
        return complain(error);
    process_harden();
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors(settings);
    int status = start(&options, settings, &error);
    if (error != NULL) {
        log_error("%s", error->message);
        return complain(error);
    }
    return status;
}
