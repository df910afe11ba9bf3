/* hangu-extract: options; nothing else. */
#include "config.h"
#include "errand.h"
#include "errors.h"
#include "language.h"
#include "log.h"
#include "process.h"
#include "spawner.h"
#include "yaml_units.h"
#include <fcntl.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MIB (G_GINT64_CONSTANT(1024) * 1024)
#define FILES 16 /* of a reader: its socket, its pipe, the document, and a few */

typedef struct {
    int socket, ready, most, cpu, time;
    char *memory, *without_walls, *log, *log_level;
    gboolean connected, version;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->memory);
    g_free(options->without_walls);
    g_free(options->log);
    g_free(options->log_level);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

G_GNUC_PRINTF(2, 3)
static gboolean
usage(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, HANGU_ERROR, HANGU_ERROR_USAGE, text);
    return FALSE;
}

static gboolean
parse(int argc, char **argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"socket", 0, 0, G_OPTION_ARG_INT, &options->socket,
         N_("serve the inherited descriptor FD, a listening or a connected SEQPACKET socket"), N_("FD")},
        {"connected", 0, 0, G_OPTION_ARG_NONE, &options->connected,
         N_("serve this one connection and end with it; a listening socket is refused"), NULL},
        {"stock", 0, 0, G_OPTION_ARG_INT, &options->ready, N_("keep COUNT readers ready; without it 2"), N_("COUNT")},
        {"most", 0, 0, G_OPTION_ARG_INT, &options->most, N_("have COUNT readers at most; without it 16"), N_("COUNT")},
        {"memory", 0, 0, G_OPTION_ARG_STRING, &options->memory, N_("address space of one reader; without it 512M"),
         N_("SIZE")},
        {"cpu", 0, 0, G_OPTION_ARG_INT, &options->cpu, N_("processor time of one reader; without it 20"),
         N_("SECONDS")},
        {"time", 0, 0, G_OPTION_ARG_INT, &options->time,
         N_("kill a reader after so long, whatever it does; without it 240"), N_("SECONDS")},
        {"without-walls", 0, 0, G_OPTION_ARG_STRING, &options->without_walls,
         N_("read documents even if these needed walls cannot be closed: privileges, limits, calls"), N_("WORDS")},
        {"log", 0, 0, G_OPTION_ARG_STRING, &options->log, N_("where log lines go: stderr (without it) or syslog"),
         N_("WORD")},
        {"log-level", 0, 0, G_OPTION_ARG_STRING, &options->log_level,
         N_("down to which level: error, warn, info (without it), debug"), N_("WORD")},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and end"), NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_translation_domain(context, PACKAGE);
    g_option_context_set_summary(context,
                                 _("Gives out readers of documents: processes that read one document behind walls, and "
                                   "end.\nhangu-milter and hangu start it; there is no need to start it by hand."));
    g_option_context_set_description(
        context, _("Exit status: 0 its only connection ended, 64 wrong usage, 70 or 74 the system refused something.\n"
                   "It ends with the program that started it."));
    g_option_context_add_main_entries(context, entries, PACKAGE);
    if (!g_option_context_parse(context, &argc, &argv, error))
        return FALSE;
    return argc == 1 || usage(error, _("\"%s\" is not expected; see --help"), argv[1]);
}

static gboolean
open_log(const Options *options, GError **error)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
    const char *sink = options->log != NULL ? options->log : "stderr";
    const char *level = options->log_level != NULL ? options->log_level : "info";
    guint number = 0;
    if (strcmp(sink, "stderr") != 0 && strcmp(sink, "syslog") != 0)
        return usage(error, _("--log: \"%s\" is neither stderr nor syslog"), sink);
    while (levels[number] != NULL && strcmp(levels[number], level) != 0)
        number++;
    if (levels[number] == NULL)
        return usage(error, _("--log-level: \"%s\" is no level; see --help"), level);
    log_open("hangu-extract", strcmp(sink, "syslog") == 0 ? LOG_TO_SYSLOG : LOG_TO_STDERR, (LogLevel)number);
    return TRUE;
}

/* Whoever wants one connection served must not leave a program behind that listens for ever. */
static gboolean
check_connected(const Options *options, GError **error)
{
    int listening = 0;
    socklen_t length = sizeof listening;
    if (!options->connected || getsockopt(options->socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 ||
        listening == 0)
        return TRUE;
    return usage(error, "%s", _("--connected: the socket listens"));
}

static gboolean
fill_plan(const Options *options, StockOptions *plan_out, GError **error)
{
    static const YamlRow memory_row = {"memory", YAML_ROW_SIZE, .min = 64 * MIB, .max = 64 * 1024 * MIB};
    gint64 memory;
    guint without = 0;
    if (!yaml_number_parse(&memory_row, options->memory != NULL ? options->memory : "512M", &memory))
        return usage(error, _("--memory: \"%s\" is no size from 64M to 64G"), options->memory);
    if (options->without_walls != NULL && !sandbox_walls(options->without_walls, &without))
        return usage(error, _("--without-walls: \"%s\": there is a word that is no wall; see --help"),
                     options->without_walls);
    if (options->ready < 1 || options->most < options->ready || options->most > 4096 || options->cpu < 1 ||
        options->cpu > 3600 || options->time < 1 || options->time > 24 * 3600)
        return usage(error, "%s", _("--stock, --most, --cpu, --time: numbers from 1; --most not below --stock"));
    plan_out->plan = (CellPlan){.work = &errand_work, .needed = WALLS_NEEDED & ~without};
    plan_out->plan.limits = (SandboxLimits){.memory = (guint64)memory, .cpu_s = (guint)options->cpu, .files = FILES};
    plan_out->ready = (guint)options->ready;
    plan_out->most = (guint)options->most;
    plan_out->time_us = options->time * G_USEC_PER_SEC;
    return TRUE;
}

/* Whoever stops the daemons tells every process of the group; this one is needed for the letters in hand, and ends with
 * its parent. */
static void
settle(int socket)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    fcntl(socket, F_SETFL, O_NONBLOCK);
    process_harden();
    setlocale(LC_MESSAGES, "C"); /* from here on there is only the log */
}

static int
complain(const GError *error)
{
    g_printerr("hangu-extract: %s\n", error->message);
    return error->domain == G_OPTION_ERROR ? HANGU_ERROR_USAGE : error_exit_status(error);
}

int
main(int argc, char **argv)
{
    g_auto(Options) options = {.socket = -1, .ready = 2, .most = 16, .cpu = 20, .time = 240};
    g_autoptr(GError) error = NULL;
    StockOptions plan = {0};
    language_set();
    if (!parse(argc, argv, &options, &error))
        return complain(error);
    if (options.version) {
        g_print("hangu-extract %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (options.socket < 0)
        usage(&error, "%s", _("--socket FD is missing; hangu-milter and hangu start this program with one"));
    if (error != NULL || !check_connected(&options, &error) || !open_log(&options, &error) ||
        !fill_plan(&options, &plan, &error))
        return complain(error);
    settle(options.socket);
    int status = spawner_run(options.socket, &plan, &error);
    if (error != NULL)
        log_error("%s", error->message);
    return status;
}
