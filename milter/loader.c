/* One generation of inspectors. The loader waits in one poll() for its children, for its retirement and for the time
 * of the next replacement; it holds no end of an inspector's socket, so that the gate sees every death at once. */
#include "config.h"
#include "loader.h"
#include "errors.h"
#include "family.h"
#include "frame.h"
#include "log.h"
#include "wire.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEND_PATIENCE_US (10 * G_USEC_PER_SEC)
#define YOUNG_US G_USEC_PER_SEC /* who dies younger is replaced after a pause: */
#define YOUNG_PAUSE_US (G_USEC_PER_SEC / 4)

typedef struct {
    int pid; /* 0: to be forked at not_before_us */
    gint64 born_us, not_before_us;
} Slot;

typedef struct {
    const LoaderTask *task;
    Loaded loaded;
    GArray *slots; /* Slot */
    int children;  /* signalfd of SIGCHLD */
    gboolean retired;
} Loader;

/* In the child: nothing of the loader's stays open but the one socket. */
static int
live_as_inspector(Loader *loader, int socket)
{
    close(loader->task->channel);
    close(loader->task->retire);
    close(loader->children);
    return loader->task->work->serve(&loader->loaded, socket);
}

static gboolean
announce(Loader *loader, guint slot, int pid, int socket, GError **error)
{
    int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot open the pidfd of inspector %d: %s", pid,
                    g_strerror(errno));
        return FALSE;
    }
    int fds[2] = {socket, pidfd};
    GVariant *body = g_variant_new("(tit)", loader->task->generation, (gint32)pid, (guint64)slot);
    gboolean sent = frame_send(loader->task->channel, WIRE_LOADER_INSPECTOR, body, fds, 2,
                               g_get_monotonic_time() + SEND_PATIENCE_US, error);
    close(pidfd);
    return sent;
}

static gboolean
fork_inspector(Loader *loader, guint index, GError **error)
{
    Slot *slot = &g_array_index(loader->slots, Slot, index);
    int pair[2];
    if (!frame_pair(pair, error))
        return FALSE;
    int pid = family_fork("hangu-inspect", error);
    if (pid == 0) {
        close(pair[0]);
        _exit(live_as_inspector(loader, pair[1]));
    }
    close(pair[1]);
    gboolean good = pid > 0;
    if (good) {
        *slot = (Slot){.pid = pid, .born_us = g_get_monotonic_time()};
        good = announce(loader, index, pid, pair[0], error);
    }
    close(pair[0]);
    return good;
}

/* Forks what is due; gives the time of the next one that is not, or -1. A failure is tried again: the machine may be
 * short of processes for a moment, and the gate works on with what it has. */
static gint64
fill_slots(Loader *loader)
{
    gint64 next = -1;
    for (guint i = 0; i < loader->slots->len; i++) {
        Slot *slot = &g_array_index(loader->slots, Slot, i);
        if (slot->pid != 0)
            continue;
        g_autoptr(GError) error = NULL;
        gint64 now = g_get_monotonic_time();
        if (now >= slot->not_before_us) {
            if (fork_inspector(loader, i, &error))
                continue;
            log_error("inspector %u of generation %" G_GUINT64_FORMAT " cannot be started: %s", i,
                      loader->task->generation, error->message);
            if (slot->pid == 0)
                slot->not_before_us = now + G_USEC_PER_SEC;
        }
        if (slot->pid == 0)
            next = next < 0 ? slot->not_before_us : MIN(next, slot->not_before_us);
    }
    return next;
}

static void
note_death(Loader *loader, int pid, int status)
{
    gint64 now = g_get_monotonic_time();
    for (guint i = 0; i < loader->slots->len; i++) {
        Slot *slot = &g_array_index(loader->slots, Slot, i);
        if (slot->pid != pid)
            continue;
        *slot = (Slot){.not_before_us = now - slot->born_us < YOUNG_US ? now + YOUNG_PAUSE_US : now};
        if (loader->retired)
            return;
        g_autofree char *how = family_death(status);
        log_warn("inspector %d (slot %u) %s; a new one takes its place", pid, i, how);
        return;
    }
}

static guint
count_alive(const Loader *loader)
{
    guint alive = 0;
    for (guint i = 0; i < loader->slots->len; i++)
        alive += g_array_index(loader->slots, Slot, i).pid != 0;
    return alive;
}

static void
reap(Loader *loader)
{
    int status;
    int pid;
    family_drain(loader->children);
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        note_death(loader, pid, status);
}

static int
poll_timeout(gint64 next_us)
{
    if (next_us < 0)
        return -1;
    gint64 wait = next_us - g_get_monotonic_time();
    return wait <= 0 ? 0 : (int)(wait / 1000 + 1);
}

static void
keep_number(Loader *loader)
{
    while (!loader->retired || count_alive(loader) > 0) {
        gint64 next = loader->retired ? -1 : fill_slots(loader);
        struct pollfd fds[2] = {{.fd = loader->children, .events = POLLIN},
                                {.fd = loader->retired ? -1 : loader->task->retire, .events = POLLIN}};
        if (poll(fds, 2, poll_timeout(next)) < 0 && errno != EINTR)
            return;
        if (fds[1].revents != 0)
            loader->retired = TRUE;
        reap(loader);
    }
}

static int
report_failure(const LoaderTask *task, const char *reason, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *bounded = g_strndup(text, FRAME_BODY_MAX / 2);
    g_autofree char *valid = g_utf8_make_valid(bounded, -1);
    GVariant *body = g_variant_new("(tss)", task->generation, reason, valid);
    if (!frame_send(task->channel, WIRE_LOADER_FAILED, body, NULL, 0, g_get_monotonic_time() + SEND_PATIENCE_US,
                    &error))
        log_error("the gate cannot be told what is wrong: %s", error->message);
    return HANGU_ERROR_SETTINGS;
}

static gboolean
start_inspectors(Loader *loader, GError **error)
{
    for (guint i = 0; i < loader->slots->len; i++)
        if (!fork_inspector(loader, i, error))
            return FALSE;
    const Loaded *loaded = &loader->loaded;
    GVariant *body = g_variant_new("(tsssssu)", loader->task->generation, loaded->ruleset_digest, loaded->policy_digest,
                                   loaded->settings_digest, loaded->papers_digest,
                                   loaded->warning != NULL ? loaded->warning : "", loader->slots->len);
    return frame_send(loader->task->channel, WIRE_LOADER_READY, body, NULL, 0,
                      g_get_monotonic_time() + SEND_PATIENCE_US, error);
}

/* Rules that nobody vouches for may be an attack: the ledger tells them from mere mistakes. */
static const char *
reason_of(const Problems *problems)
{
    for (guint i = 0; i < problems_count(problems) && problems_get(problems, i) != NULL; i++)
        if (g_strcmp0(problems_get(problems, i)->key, "signature") == 0)
            return "refused-signature";
    return "refused";
}

int
loader_run(const LoaderTask *task)
{
    Loader loader = {.task = task};
    g_autoptr(Problems) problems = problems_new();
    g_autoptr(GError) error = NULL;
    loader.children = family_watch_children(&error);
    if (loader.children < 0)
        return report_failure(task, "refused", error->message);
    if (!task->work->load(task->config, &loader.loaded, problems)) {
        g_autofree char *text = problems_to_text(problems);
        return report_failure(task, reason_of(problems), text);
    }
    loader.slots = g_array_sized_new(FALSE, TRUE, sizeof(Slot), loader.loaded.inspectors);
    g_array_set_size(loader.slots, loader.loaded.inspectors);
    if (!start_inspectors(&loader, &error))
        return report_failure(task, "refused", error->message); /* those already forked die with this process */
    keep_number(&loader);
    g_array_unref(loader.slots);
    return 0;
}
