/* A spawner that was started again has forgotten us: the first failure on a connection that worked leads to a second
 * one, the next failure to the part. */
#include "config.h"
#include "extractor.h"
#include "clock.h"
#include "errors.h"
#include "extract_command.h"
#include "wire_extract.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_OF_CHILD 3
#define END_CHECKS 200
#define END_PAUSE_US 5000
#define CONNECT_US (2 * G_USEC_PER_SEC) /* for the first connection */

struct Extractor {
    const Settings *settings; /* lent */
    int socket;               /* -1: none */
    gboolean own;             /* the spawner is our child */
    GPid child;               /* 0: none */
    char *reader, *ocr;       /* of the reader given last; NULL: none yet */
    char *trouble;            /* why there is no reader; NULL: none yet */
};

static Extractor *
extractor_new(const Settings *settings, gboolean own)
{
    Extractor *extractor = g_new0(Extractor, 1);
    extractor->settings = settings;
    extractor->socket = -1;
    extractor->own = own;
    return extractor;
}

static void
hang_up(Extractor *extractor)
{
    if (extractor->socket >= 0)
        close(extractor->socket);
    extractor->socket = -1;
    if (extractor->child == 0)
        return;
    /* It ends with its connection; one that does not is not waited for. */
    for (guint i = 0; waitpid(extractor->child, NULL, i < END_CHECKS ? WNOHANG : 0) == 0; i++)
        if (i + 1 < END_CHECKS)
            g_usleep(END_PAUSE_US);
        else
            kill(extractor->child, SIGKILL);
    g_spawn_close_pid(extractor->child);
    extractor->child = 0;
}

/* --- a spawner of our own --------------------------------------------------------------------------------------- */

static gboolean
start(Extractor *extractor, GError **error)
{
    int pair[2];
    if (!frame_pair(pair, error))
        return FALSE;
    g_auto(GStrv) arguments = extract_command(extractor->settings, SOCKET_OF_CHILD, TRUE);
    const int target = SOCKET_OF_CHILD;
    g_autoptr(GError) why = NULL;
    gboolean started = g_spawn_async_with_pipes_and_fds(NULL, (const char *const *)arguments, NULL,
                                                        G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1, &pair[1],
                                                        &target, 1, &extractor->child, NULL, NULL, NULL, &why);
    close(pair[1]);
    if (!started) {
        extractor->child = 0;
        close(pair[0]);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                    _("documents and archives cannot be read: %s does not start: %s; is it installed?"), arguments[0],
                    why->message);
        return FALSE;
    }
    extractor->socket = pair[0];
    return TRUE;
}

/* --- the connection --------------------------------------------------------------------------------------------- */

static gboolean
connect_again(Extractor *extractor, gint64 deadline_us, GError **error)
{
    hang_up(extractor);
    if (extractor->own)
        return start(extractor, error);
    extractor->socket = frame_connect(extractor->settings->extract_socket, deadline_us, error);
    return extractor->socket >= 0;
}

/* One WANT and its answer. -1 with error; HANGU_ERROR_AWAY: the connection is no more. */
static int
ask(Extractor *extractor, gint64 deadline_us, GError **error)
{
    g_auto(Frame) frame = {0};
    if (!frame_send(extractor->socket, WIRE_EXTRACT_WANT, NULL, NULL, 0, deadline_us, error))
        return -1;
    int got = frame_receive(extractor->socket, wire_inspector_types, deadline_us, &frame, error);
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "the spawner of document readers hung up");
    if (got <= 0)
        return -1;
    const char *why, *version, *ocr;
    if (frame.type == WIRE_EXTRACT_NONE && wire_take_none(&frame, &why, error))
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT, "no document reader: %s", why);
    if (frame.type == WIRE_EXTRACT_GIVE && frame.fd_count == 1 && wire_take_give(&frame, &version, &ocr, error)) {
        int reader = frame.fds[0];
        g_free(extractor->reader);
        extractor->reader = g_strdup(version);
        g_free(extractor->ocr);
        extractor->ocr = g_strdup(ocr);
        frame.fd_count = 0; /* taken */
        return reader;
    }
    if (error != NULL && *error == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "the spawner of document readers answers out of turn");
    return -1;
}

int
extractor_reader(Extractor *extractor, gint64 deadline_us, GError **error)
{
    g_autoptr(GError) why = NULL;
    int reader = -1;
    if (extractor->socket >= 0)
        reader = ask(extractor, deadline_us, &why);
    /* It said that it has none: asking another time would not help. */
    if (reader < 0 && (why == NULL || !g_error_matches(why, HANGU_ERROR, HANGU_ERROR_TIMEOUT))) {
        g_clear_error(&why);
        if (connect_again(extractor, deadline_us, &why))
            reader = ask(extractor, deadline_us, &why);
    }
    if (reader >= 0)
        return reader;
    hang_up(extractor); /* an answer that comes late must not be taken for that of the next question */
    g_free(extractor->trouble);
    extractor->trouble = g_strdup(why->message);
    g_propagate_error(error, g_steal_pointer(&why));
    return -1;
}

void
extractor_about(const Extractor *extractor, const char **reader_out, const char **ocr_out)
{
    *reader_out = extractor->reader != NULL && *extractor->reader != '\0' ? extractor->reader : NULL;
    *ocr_out = extractor->ocr != NULL && *extractor->ocr != '\0' ? extractor->ocr : NULL;
}

Extractor *
extractor_connect(const Settings *settings)
{
    g_autoptr(GError) error = NULL;
    Extractor *extractor = extractor_new(settings, FALSE);
    if (!connect_again(extractor, clock_monotonic_us() + CONNECT_US, &error))
        extractor->trouble = g_strdup(error->message);
    return extractor;
}

Extractor *
extractor_of_socket(const Settings *settings, int socket)
{
    Extractor *extractor = extractor_new(settings, FALSE);
    extractor->socket = socket;
    return extractor;
}

Extractor *
extractor_start(const Settings *settings)
{
    return extractor_new(settings, TRUE);
}

const char *
extractor_trouble(const Extractor *extractor)
{
    return extractor->trouble;
}

void
extractor_free(Extractor *extractor)
{
    if (extractor == NULL)
        return;
    hang_up(extractor);
    g_free(extractor->reader);
    g_free(extractor->ocr);
    g_free(extractor->trouble);
    g_free(extractor);
}
