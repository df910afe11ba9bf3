/* One poll() over everything that is not a letter. */
#include "config.h"
#include "director.h"
#include "control.h"
#include "entry.h"
#include "errors.h"
#include "log.h"
#include "process.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LEDGER_PATIENCE_US (5 * G_USEC_PER_SEC)
#define STOP_CHECK_MS 20
/* libmilter writes the answer after our callback has returned; this long after the last letter it is surely out. */
#define LAST_ANSWER_US (G_USEC_PER_SEC / 5)

void
director_init(Director *director, Gate *gate, int keeper, int signals, int control, const char *config)
{
    *director = (Director){.gate = gate, .signals = signals, .control = control};
    reload_init(&director->reload, gate, keeper, config);
    director->waiters = g_array_new(FALSE, FALSE, sizeof(int));
}

/* TRUE: the keeper has something to say; FALSE: we are told to end before having begun. */
static gboolean
wait_for_keeper(Director *director)
{
    struct pollfd fds[2] = {{.fd = director->reload.keeper, .events = POLLIN},
                            {.fd = director->signals, .events = POLLIN}};
    struct signalfd_siginfo info;
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return FALSE;
        while (read(director->signals, &info, sizeof info) == sizeof info)
            if (info.ssi_signo != SIGHUP)
                return FALSE;
        if (fds[0].revents != 0)
            return TRUE;
    }
}

gboolean
director_load_first(Director *director, GError **error)
{
    ReloadNews news = reload_begin(&director->reload);
    while (news == RELOAD_WAIT) {
        if (!wait_for_keeper(director)) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "stopped before settings and rules were loaded");
            return FALSE;
        }
        news = reload_hear(&director->reload);
    }
    if (news == RELOAD_DONE)
        return TRUE;
    const char *text = director->reload.text;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, "settings and rules do not load:\n%s",
                text != NULL ? text : "the loader is gone");
    return FALSE;
}

static void
keep_record(Director *director, const char *kind, const char *reason)
{
    g_autoptr(Snapshot) snapshot = gate_snapshot(director->gate);
    g_autoptr(GError) error = NULL;
    json_auto_t *record = entry_run(snapshot, kind, reason);
    if (!ledger_append(snapshot->ledger, record, g_get_monotonic_time() + LEDGER_PATIENCE_US, NULL, NULL, NULL, &error))
        log_error("no %s record: %s", kind, error->message);
}

static void
begin_stop(Director *director, int status)
{
    gint64 now = g_get_monotonic_time();
    if (director->stop_by_us != 0) {
        director->stop_by_us = now; /* the second order is meant */
        return;
    }
    director->status = status;
    director->stop_by_us = now + STOP_PATIENCE_US;
    g_atomic_int_set(&director->gate->stopping, TRUE);
    process_notify("STOPPING=1");
    log_info("stopping: %d letters in hand", g_atomic_int_get(&director->gate->letters));
}

static void
take_news(Director *director, ReloadNews news)
{
    switch (news) {
    case RELOAD_WAIT:
        return;
    case RELOAD_LOST:
        begin_stop(director, HANGU_ERROR_INTERNAL);
        return;
    case RELOAD_DONE:
    case RELOAD_FAILED:
        keep_record(director, "reload",
                    news == RELOAD_FAILED              ? director->reload.reason
                    : director->reload.warning != NULL ? "loaded-not-kept"
                                                       : "loaded");
        control_answer_waiters(director);
    }
}

void
director_reload(Director *director)
{
    log_info("reloading settings and rules");
    take_news(director, reload_begin(&director->reload));
}

static void
take_signals(Director *director)
{
    struct signalfd_siginfo info;
    while (read(director->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP)
            director_reload(director);
        else
            begin_stop(director, 0);
    }
}

/* TRUE when nothing is left to wait for. */
static gboolean
may_go(Director *director)
{
    gint64 now = g_get_monotonic_time();
    if (director->stop_by_us == 0)
        return FALSE;
    if (now >= director->stop_by_us) {
        log_warn("%d letters in hand are given up; their senders are told to try again",
                 g_atomic_int_get(&director->gate->letters));
        return TRUE;
    }
    if (g_atomic_int_get(&director->gate->letters) > 0)
        director->idle_since_us = 0;
    else if (director->idle_since_us == 0)
        director->idle_since_us = now;
    return director->idle_since_us != 0 && now - director->idle_since_us >= LAST_ANSWER_US;
}

static int
poll_timeout(const Director *director)
{
    if (director->stop_by_us != 0)
        return STOP_CHECK_MS;
    if (director->reload.again && !director->reload.loading)
        return 0;
    if (director->reload.retry_at_us != 0)
        return (int)CLAMP((director->reload.retry_at_us - g_get_monotonic_time()) / 1000 + 1, 0, 60 * 1000);
    return -1;
}

int
director_run(Director *director)
{
    keep_record(director, "start", director->reload.warning != NULL ? "loaded-not-kept" : NULL);
    while (!may_go(director)) {
        gboolean lost = director->status != 0;
        struct pollfd fds[3] = {{.fd = director->signals, .events = POLLIN},
                                {.fd = lost ? -1 : director->reload.keeper, .events = POLLIN},
                                {.fd = director->control, .events = POLLIN}};
        if (poll(fds, G_N_ELEMENTS(fds), poll_timeout(director)) < 0 && errno != EINTR)
            break;
        if (fds[0].revents != 0)
            take_signals(director);
        if (fds[1].revents != 0)
            take_news(director, reload_hear(&director->reload));
        if (fds[2].revents != 0)
            control_serve(director);
        if (director->stop_by_us == 0)
            take_news(director, reload_continue(&director->reload));
    }
    keep_record(director, "stop", director->status == 0 ? "ordered" : "keeper-lost");
    return director->status;
}
