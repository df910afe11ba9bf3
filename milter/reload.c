/* Load, check, swap. */
#include "config.h"
#include "reload.h"
#include "clock.h"
#include "errors.h"
#include "keeper.h"
#include "log.h"
#include "wire.h"
#include <string.h>
#include <unistd.h>

#define PATIENCE_US (10 * G_USEC_PER_SEC)
#define RETRY_MAX_US (30 * G_USEC_PER_SEC)

void
reload_init(Reload *reload, Gate *gate, int keeper, const char *config)
{
    *reload = (Reload){.gate = gate, .keeper = keeper, .config = config};
}

void
reload_clear(Reload *reload)
{
    close(reload->keeper);
    g_clear_pointer(&reload->next, settings_free);
    g_clear_pointer(&reload->text, g_free);
    g_clear_pointer(&reload->warning, g_free);
}

static gboolean
order(Reload *reload, guint32 type, guint64 generation)
{
    g_autoptr(GError) error = NULL;
    if (frame_send(reload->keeper, type, g_variant_new("(t)", generation), NULL, 0,
                   g_get_monotonic_time() + PATIENCE_US, &error))
        return TRUE;
    log_error("the keeper cannot be reached: %s", error->message);
    return FALSE;
}

static void
end_with(Reload *reload, gboolean good, const char *text)
{
    reload->loading = FALSE;
    reload->good = good;
    reload->ended_us = clock_wall_us();
    g_free(reload->text);
    reload->text = g_strdup(text);
    g_clear_pointer(&reload->next, settings_free);
}

/* Every problem is a line of its own: file, line, column, key, what was expected. */
static ReloadNews
fail(Reload *reload, const char *reason, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    log_error("generation %" G_GUINT64_FORMAT " of settings and rules does not load%s", reload->generation,
              reload->gate->snapshot != NULL ? "; the one in force stays" : "");
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            log_error("%s", *line);
    end_with(reload, FALSE, text);
    reload->reason = reason;
    return RELOAD_FAILED;
}

ReloadNews
reload_begin(Reload *reload)
{
    g_autoptr(Problems) problems = problems_new();
    if (reload->loading) {
        reload->again = TRUE;
        return RELOAD_WAIT;
    }
    reload->generation++;
    reload->retry_at_us = 0;
    reload->next = settings_load(reload->config, problems);
    if (reload->next == NULL) {
        g_autofree char *text = problems_to_text(problems);
        return fail(reload, "refused", text);
    }
    reload->loading = TRUE;
    return order(reload, WIRE_KEEPER_LOAD, reload->generation) ? RELOAD_WAIT : RELOAD_LOST;
}

static void
take_inspector(Reload *reload, Frame *frame)
{
    guint64 generation, slot;
    gint32 pid;
    if (frame->fd_count != 2) {
        log_error("an inspector came without socket or pidfd");
        return;
    }
    g_variant_get(frame->body, "(tit)", &generation, &pid, &slot);
    pool_add(reload->gate->pool, generation, (guint)slot, pid, frame->fds[0], frame->fds[1]);
    frame->fd_count = 0; /* the pool has them */
}

/* What a running gate cannot change. */
static void
warn_of_fixed(const Settings *old, const Settings *new)
{
    if (g_strcmp0(old->socket, new->socket) != 0 || g_strcmp0(old->control_socket, new->control_socket) != 0)
        log_warn("milter.socket and milter.control_socket change only with a restart");
    if (g_strcmp0(old->extract_socket, new->extract_socket) != 0 ||
        g_strcmp0(old->extract_program, new->extract_program) != 0 || old->extract_walls != new->extract_walls ||
        old->extract_stock != new->extract_stock || old->extract_most != new->extract_most ||
        old->extract_memory != new->extract_memory || old->extract_cpu < new->extract_cpu)
        log_warn("socket, program, walls, stock, most, memory and a larger cpu of extract change only with a restart");
    if (old->log_sink != new->log_sink || old->log_level != new->log_level)
        log_warn("log.sink and log.level change only with a restart");
}

static ReloadNews
put_in_force(Reload *reload, GVariant *body)
{
    const char *ruleset, *policy, *settings, *papers, *warning;
    guint64 generation;
    guint32 inspectors;
    g_variant_get(body, "(t&s&s&s&s&su)", &generation, &ruleset, &policy, &settings, &papers, &warning, &inspectors);
    if (!reload->loading || generation != reload->generation)
        return RELOAD_WAIT; /* a generation given up */
    if (g_strcmp0(settings, reload->next->digest != NULL ? reload->next->digest : "") != 0) {
        pool_drop(reload->gate->pool, generation);
        order(reload, WIRE_KEEPER_RETIRE, generation);
        return fail(reload, "refused", "the settings file changed while it was read; reload again");
    }
    Gate *gate = reload->gate;
    if (gate->snapshot != NULL)
        warn_of_fixed(gate->snapshot->settings, reload->next);
    gate_swap(gate, snapshot_new(g_steal_pointer(&reload->next), generation, ruleset, policy, papers));
    pool_swap(gate->pool, generation, inspectors);
    order(reload, WIRE_KEEPER_RETIRE, generation - 1);
    reload->losses = 0;
    reload->inspectors = inspectors;
    g_free(reload->warning);
    reload->warning = *warning != '\0' ? g_strdup(warning) : NULL;
    log_info("generation %" G_GUINT64_FORMAT " is in force: %u inspectors, rules %.19s", generation, inspectors,
             ruleset);
    g_autofree char *text = *warning != '\0' ? g_strdup_printf("loaded, but %s", warning) : g_strdup("loaded");
    end_with(reload, TRUE, text);
    return RELOAD_DONE;
}

/* A load that failed, or the loader in force lost with all its inspectors. */
static ReloadNews
take_failure(Reload *reload, GVariant *body)
{
    guint64 generation;
    const char *reason, *text;
    g_variant_get(body, "(t&s&s)", &generation, &reason, &text);
    pool_drop(reload->gate->pool, generation);
    if (reload->loading && generation == reload->generation)
        return fail(reload, strcmp(reason, "refused-signature") == 0 ? "refused-signature" : "refused", text);
    if (reload->gate->snapshot == NULL || generation != reload->gate->snapshot->generation)
        return RELOAD_WAIT;
    gint64 pause = MIN((gint64)G_USEC_PER_SEC << MIN(reload->losses, 10), RETRY_MAX_US);
    reload->losses++;
    reload->retry_at_us = g_get_monotonic_time() + pause;
    log_error("the inspectors are lost: %s; loading again in %d s", text, (int)(pause / G_USEC_PER_SEC));
    return RELOAD_WAIT;
}

ReloadNews
reload_hear(Reload *reload)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(reload->keeper, keeper_answer_type_string, g_get_monotonic_time() + G_USEC_PER_SEC, &frame,
                            &error);
    if (got < 0 && g_error_matches(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT))
        return RELOAD_WAIT; /* compiling rules takes its time; a death would be an end of file */
    if (got <= 0 || frame.body == NULL) {
        log_error("the keeper is gone: %s", got < 0 ? error->message : "end of file");
        return RELOAD_LOST;
    }
    switch (frame.type) {
    case WIRE_LOADER_INSPECTOR:
        take_inspector(reload, &frame);
        return RELOAD_WAIT;
    case WIRE_LOADER_READY:
        return put_in_force(reload, frame.body);
    default:
        return take_failure(reload, frame.body);
    }
}

ReloadNews
reload_continue(Reload *reload)
{
    gboolean due = reload->retry_at_us != 0 && g_get_monotonic_time() >= reload->retry_at_us;
    if (reload->loading || (!reload->again && !due))
        return RELOAD_WAIT;
    reload->again = FALSE;
    return reload_begin(reload);
}
