/* hangu-passwd-service: a program of its own, because hangu-authd must never see a password. */
#include "config.h"
#include "passwd_daemon.h"
#include "crypto.h"
#include "errors.h"
#include "http_door.h"
#include "language.h"
#include "log.h"
#include "passwd_service.h"
#include "process.h"
#include "secret_file.h"
#include <glib/gi18n.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROGRAM "hangu-passwd-service " PACKAGE_VERSION
#define CONNECTIONS 64
#define THREADS 4 /* changes at once: a hash takes up to 64 MiB and a quarter of a second */

typedef struct {
    char *config, *user;
    gboolean check, version;
} Options;

static void
options_clear(Options *options)
{
    g_free(options->config);
    g_free(options->user);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const Settings *settings;
    char *key; /* NULL: none */
    PasswdService *service;
    HttpDoor *door;
} Daemon;

static int
fail(GError *error)
{
    int status = error_exit_status(error);
    fprintf(stderr, "hangu-passwd-service: %s\n", error->message);
    g_error_free(error);
    return status;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* What jansson reads passes through buffers of its own. */
static void
wipe_and_free(void *block)
{
    if (block != NULL)
        crypto_wipe(block, malloc_usable_size(block));
    free(block);
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static char *
refusal(gpointer user, guint status, const char *why)
{
    (void)user;
    json_auto_t *answer = passwd_service_refusal(status, why);
    return json_dumps(answer, JSON_COMPACT);
}

static void
answer(gpointer user, const HttpRequest *request, HttpReply *reply)
{
    const Daemon *daemon = user;
    g_auto(PasswdRequest) asked = {0};
    g_autoptr(GError) error = NULL;
    if (!passwd_request_read(request->body, request->length, &asked, &error)) {
        reply->status = 400;
        reply->why = g_strdup(error->message);
        return;
    }
    json_auto_t *said =
        passwd_service_answer(daemon->service, &asked, passwd_request_chinese(request->language), &reply->status);
    reply->body = json_dumps(said, JSON_COMPACT);
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static gboolean
check_settings(const Settings *settings, GError **error)
{
    const gboolean socket = g_str_has_prefix(settings->passwd_service_listen, "unix:");
    if (*settings->passwd_service_listen == '\0')
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, _("passwd_service.listen is empty: nothing to do"));
    else if (!socket && settings->passwd_service_key_file == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS,
                    _("passwd_service.listen is a port, which everybody on this machine reaches: set key_file"));
    else
        return TRUE;
    return FALSE;
}

static gboolean
start(Daemon *daemon, GError **error)
{
    const Settings *settings = daemon->settings;
    if (settings->passwd_service_key_file != NULL) {
        daemon->key = secret_file_read(settings->passwd_service_key_file, error);
        if (daemon->key == NULL)
            return FALSE;
    }
    daemon->service = passwd_service_new(settings, error);
    if (daemon->service == NULL)
        return FALSE;
    HttpDoorOptions door = {
        .name = "password service",
        .listen = settings->passwd_service_listen,
        .group = settings->passwd_service_group,
        .path = "/password",
        .key = daemon->key,
        .body_max = PASSWD_BODY_MAX,
        .connections = CONNECTIONS,
        .threads = THREADS,
        .answer = answer,
        .refusal = refusal,
        .user = daemon,
    };
    daemon->door = http_door_new(&door, error);
    return daemon->door != NULL;
}

static void
serve(int signals)
{
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) != sizeof info)
        ;
    process_notify("STOPPING=1");
}

static int
run_daemon(const Options *options, const Settings *settings)
{
    static const int wanted[] = {SIGTERM, SIGINT, 0};
    Daemon daemon = {.settings = settings};
    GError *error = NULL;
    log_open("hangu-passwd-service", (LogSink)settings->log_sink, (LogLevel)settings->log_level);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not a death */
    if (!check_settings(settings, &error) || !process_become(options->user, &error))
        return fail(error);
    process_harden();
    const int signals = process_signals(wanted, &error);
    const gboolean good = signals >= 0 && start(&daemon, &error);
    if (good) {
        log_info("ready on %s", settings->passwd_service_listen);
        process_notify("READY=1");
        serve(signals);
    }
    http_door_free(daemon.door);
    passwd_service_free(daemon.service);
    secret_free(daemon.key);
    if (signals >= 0)
        close(signals);
    if (!good)
        return fail(error);
    log_info("stopped");
    return 0;
}

static int
parse_options(int *argc, char ***argv, Options *options)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config, N_("settings file; without it the installed one"),
         N_("FILE")},
        {"check", 0, 0, G_OPTION_ARG_NONE, &options->check, N_("check settings, and leave"), NULL},
        {"user", 0, 0, G_OPTION_ARG_STRING, &options->user, N_("become this user first (when started by root)"),
         N_("NAME")},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, N_("print the version and leave"), NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, PACKAGE);
    g_option_context_set_translation_domain(context, PACKAGE);
    g_option_context_set_summary(context, _("Changes passwords for webmail: POST /password with account, old, new."));
    g_option_context_set_description(context, _("Settings (hangu.yaml): passwd_service, passwords, accounts.socket.\n"
                                                "\n"
                                                "Signals: TERM finishes what is in hand and stops.\n"
                                                "\n"
                                                "Exit status: 0 stopped, 69 the address is taken, 77 permission, 78 "
                                                "settings."));
    if (g_option_context_parse(context, argc, argv, &error) && *argc == 1)
        return 0;
    if (error != NULL)
        fprintf(stderr, "hangu-passwd-service: %s\n", error->message);
    else
        fprintf(stderr, _("hangu-passwd-service: unexpected word \"%s\"\n"), (*argv)[1]);
    fputs(_("Try `hangu-passwd-service --help`.\n"), stderr);
    return HANGU_ERROR_USAGE;
}

int
passwd_daemon_main(int argc, char **argv)
{
    g_auto(Options) options = {0};
    GError *error = NULL;
    json_set_alloc_funcs(malloc, wipe_and_free);
    language_set();
    int status = parse_options(&argc, &argv, &options);
    if (status != 0)
        return status;
    if (options.version) {
        puts(PROGRAM);
        return 0;
    }
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(Settings) settings = settings_load(options.config, problems);
    if (settings == NULL) {
        problems_to_error(problems, &error);
        return fail(error);
    }
    if (!options.check)
        return run_daemon(&options, settings);
    if (!check_settings(settings, &error))
        return fail(error);
    g_autoptr(PasswdService) service = passwd_service_new(settings, &error);
    return service != NULL ? 0 : fail(error);
}
