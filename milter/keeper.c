/* The keeper's life: orders from the gate on one side, ends of loaders on the other. */
#include "config.h"
#include "keeper.h"
#include "errors.h"
#include "family.h"
#include "frame.h"
#include "log.h"
#include "wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define SEND_PATIENCE_US (10 * G_USEC_PER_SEC)

typedef struct {
    guint64 generation;
    int pid;
    int retire; /* closing it retires the loader; -1: done */
} Charge;

typedef struct {
    int channel;
    int children; /* signalfd */
    const char *config;
    const LoaderWork *work;
    Readers *readers;
    GArray *charges; /* Charge */
} Keeper;

const char *
keeper_answer_type_string(guint32 type)
{
    return type >= WIRE_LOADER_INSPECTOR && type <= WIRE_LOADER_FAILED ? wire_type_string(type) : NULL;
}

const char *
keeper_order_type_string(guint32 type)
{
    return type == WIRE_KEEPER_LOAD || type == WIRE_KEEPER_RETIRE ? wire_type_string(type) : NULL;
}

static void
report_loss(Keeper *keeper, guint64 generation, const char *text)
{
    g_autoptr(GError) error = NULL;
    if (!frame_send(keeper->channel, WIRE_LOADER_FAILED, g_variant_new("(tss)", generation, "refused", text), NULL, 0,
                    g_get_monotonic_time() + SEND_PATIENCE_US, &error))
        log_error("the gate cannot be told that generation %" G_GUINT64_FORMAT " is lost: %s", generation,
                  error->message);
}

/* In the child. Other generations' retire ends must not be held open by this one. */
static int
live_as_loader(Keeper *keeper, guint64 generation, int retire)
{
    for (guint i = 0; i < keeper->charges->len; i++)
        close(g_array_index(keeper->charges, Charge, i).retire);
    close(keeper->children);
    if (keeper->readers->listener >= 0)
        close(keeper->readers->listener);
    LoaderTask task = {generation, keeper->channel, retire, keeper->config, keeper->work};
    return loader_run(&task);
}

static void
fork_loader(Keeper *keeper, guint64 generation)
{
    g_autoptr(GError) error = NULL;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        report_loss(keeper, generation, g_strerror(errno));
        return;
    }
    int pid = family_fork("hangu-loader", &error);
    if (pid == 0) {
        close(ends[1]);
        _exit(live_as_loader(keeper, generation, ends[0]));
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        report_loss(keeper, generation, error->message);
        return;
    }
    Charge charge = {generation, pid, ends[1]};
    g_array_append_val(keeper->charges, charge);
}

static void
retire(Keeper *keeper, guint64 up_to)
{
    for (guint i = 0; i < keeper->charges->len; i++) {
        Charge *charge = &g_array_index(keeper->charges, Charge, i);
        if (charge->generation > up_to || charge->retire < 0)
            continue;
        close(charge->retire);
        charge->retire = -1;
    }
}

/* A loader that leaves with the status of bad settings has said so itself. */
static void
note_end(Keeper *keeper, int pid, int status)
{
    for (guint i = 0; i < keeper->charges->len; i++) {
        Charge charge = g_array_index(keeper->charges, Charge, i);
        if (charge.pid != pid)
            continue;
        g_array_remove_index_fast(keeper->charges, i);
        gboolean expected = charge.retire < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == HANGU_ERROR_SETTINGS);
        if (charge.retire >= 0)
            close(charge.retire);
        if (expected)
            return;
        g_autofree char *how = family_death(status);
        g_autofree char *text = g_strdup_printf("the loader %s", how);
        report_loss(keeper, charge.generation, text);
        return;
    }
}

static void
reap(Keeper *keeper)
{
    int status, pid;
    family_drain(keeper->children);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!readers_note_end(keeper->readers, pid, status))
            note_end(keeper, pid, status);
}

/* FALSE: the gate is gone. */
static gboolean
obey(Keeper *keeper)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(keeper->channel, keeper_order_type_string, g_get_monotonic_time() + G_USEC_PER_SEC, &frame,
                            &error);
    if (got <= 0 || frame.body == NULL) {
        if (got < 0)
            log_error("the gate's order is not understood: %s", error->message);
        return FALSE;
    }
    guint64 generation;
    g_variant_get(frame.body, "(t)", &generation);
    if (frame.type == WIRE_KEEPER_LOAD)
        fork_loader(keeper, generation);
    else
        retire(keeper, generation);
    return TRUE;
}

static int
poll_timeout(gint64 due_us)
{
    return due_us < 0 ? -1 : (int)CLAMP((due_us - g_get_monotonic_time()) / 1000 + 1, 0, 60 * 1000);
}

static int
keep(Keeper *keeper)
{
    for (;;) {
        gint64 due_us = readers_tend(keeper->readers);
        struct pollfd fds[2] = {{.fd = keeper->channel, .events = POLLIN}, {.fd = keeper->children, .events = POLLIN}};
        if (poll(fds, 2, poll_timeout(due_us)) < 0 && errno != EINTR)
            return HANGU_ERROR_INTERNAL;
        if (fds[1].revents != 0)
            reap(keeper);
        if (fds[0].revents != 0 && !obey(keeper))
            return 0;
    }
}

/* All but standard streams and these two; the gate's lock, above all, must end with the gate. */
static void
shut_out_others(int one, int other)
{
    int kept[] = {STDERR_FILENO, MIN(one, other), MAX(one, other)};
    closelog(); /* its descriptor must not become a socket's number */
    for (gsize i = 1; i < G_N_ELEMENTS(kept); i++) {
        kept[i] = MAX(kept[i], kept[i - 1]); /* -1: there is none */
        if (kept[i] > kept[i - 1] + 1)
            close_range((unsigned)kept[i - 1] + 1, (unsigned)kept[i] - 1, 0);
    }
    close_range((unsigned)kept[2] + 1, ~0U, 0);
}

int
keeper_start(const char *config, const LoaderWork *work, Readers *readers, GError **error)
{
    static Readers none = {.listener = -1};
    int pair[2];
    if (!frame_pair(pair, error))
        return -1;
    int pid = family_fork("hangu-keeper", error);
    if (pid == 0) {
        Keeper keeper = {.channel = pair[1], .config = config, .work = work};
        keeper.readers = readers != NULL ? readers : &none;
        shut_out_others(pair[1], keeper.readers->listener);
        keeper.charges = g_array_new(FALSE, FALSE, sizeof(Charge));
        keeper.children = family_watch_children(NULL);
        _exit(keeper.children < 0 ? HANGU_ERROR_INTERNAL : keep(&keeper));
    }
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return -1;
    }
    return pair[0];
}
