/* What `hangu status` shows of the gate. */
#include "config.h"
#include "clock.h"
#include "control.h"
#include "log.h"
#include "wire_extract.h"
#include <string.h>
#include <unistd.h>

#define LEDGER_PATIENCE_US G_USEC_PER_SEC
#define EXTRACT_PATIENCE_US (2 * G_USEC_PER_SEC)

static void
put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, text != NULL ? json_string(text) : json_null());
}

static void
put_time(json_t *object, const char *key, gint64 wall_us)
{
    g_autofree char *text = wall_us > 0 ? clock_format(wall_us) : NULL;
    put_text(object, key, text);
}

static json_t *
inspectors_json(const Director *director)
{
    PoolStatus status;
    pool_status(director->gate->pool, &status);
    return json_pack("{sI si si si si si sI sI sI sI sI sf}", "wanted", (json_int_t)director->reload.inspectors, "idle",
                     (int)status.idle, "busy", (int)status.busy, "waiting", (int)status.waiting, "documents",
                     (int)status.documents, "long", (int)status.longs, "backs", (json_int_t)status.backs, "deaths",
                     (json_int_t)status.deaths, "hangs", (json_int_t)status.hangs, "lies", (json_int_t)status.lies,
                     "jobs", (json_int_t)status.jobs, "longest_ms", (double)status.longest_us / 1000.0);
}

static json_t *
reload_json(const Reload *reload)
{
    json_t *object = json_object();
    json_object_set_new(object, "good", json_boolean(reload->good));
    json_object_set_new(object, "loading", json_boolean(reload->loading));
    put_time(object, "time", reload->ended_us);
    put_text(object, "text", reload->text);
    if (reload->warning != NULL)
        put_text(object, "warning", reload->warning);
    return object;
}

static json_t *
ledger_json(const Snapshot *snapshot)
{
    g_autoptr(GError) error = NULL;
    json_t *status = ledger_status(snapshot->ledger, g_get_monotonic_time() + LEDGER_PATIENCE_US, &error);
    if (status != NULL) {
        json_object_set_new(status, "alive", json_true());
        return status;
    }
    status = json_pack("{sb}", "alive", 0);
    put_text(status, "error", error->message);
    return status;
}

/* NULL: there is a reader. It was asked for and is not needed: it ends, and another one takes its place. */
static char *
find_extract_trouble(const Settings *settings)
{
    gint64 deadline = g_get_monotonic_time() + EXTRACT_PATIENCE_US;
    g_autoptr(GError) error = NULL;
    g_auto(Frame) frame = {0};
    const char *why = NULL;
    int fd = frame_connect(settings->extract_socket, deadline, &error);
    gboolean answered = fd >= 0 && frame_send(fd, WIRE_EXTRACT_WANT, NULL, NULL, 0, deadline, &error) &&
                        frame_receive(fd, wire_inspector_types, deadline, &frame, &error) > 0;
    if (fd >= 0)
        close(fd);
    if (answered && frame.type == WIRE_EXTRACT_GIVE)
        return NULL;
    if (answered && wire_take_none(&frame, &why, &error))
        return g_strdup(why);
    return g_strdup(error != NULL ? error->message : "hangu-extract hung up; the log tells why");
}

static json_t *
extract_json(const Settings *settings)
{
    g_autofree char *trouble = find_extract_trouble(settings);
    json_t *object = json_pack("{sb}", "alive", trouble == NULL);
    if (trouble != NULL)
        put_text(object, "error", trouble);
    return object;
}

static json_t *
problem_json(void)
{
    gint64 when_us = 0;
    g_autofree char *text = log_last_problem(&when_us);
    if (text == NULL)
        return json_null();
    json_t *object = json_object();
    put_time(object, "time", when_us);
    put_text(object, "text", text);
    return object;
}

static const char *
on_failure_word(const Settings *settings)
{
    static const char *const words[] = {
        [ON_FAILURE_TEMPFAIL] = "tempfail", [ON_FAILURE_HOLD] = "hold", [ON_FAILURE_ACCEPT] = "accept"};
    return words[settings->on_failure];
}

static void
put_settings(json_t *object, const Snapshot *snapshot)
{
    const Settings *settings = snapshot->settings;
    put_text(object, "unit", settings->unit);
    put_text(object, "mode", settings->mode == MODE_ENFORCE ? "enforce" : "observe");
    put_text(object, "on_failure", on_failure_word(settings));
    put_text(object, "socket", settings->socket);
    put_text(object, "settings", settings->path);
    put_text(object, "settings_digest", settings->digest);
    put_text(object, "ruleset", snapshot->ruleset_digest);
    put_text(object, "policy_digest", snapshot->policy_digest);
    put_text(object, "papers_digest", snapshot->papers_digest);
    put_text(object, "ledger_dir", settings->ledger_dir);
    json_object_set_new(object, "generation", json_integer((json_int_t)snapshot->generation));
    json_object_set_new(object, "message_size", json_integer(settings->message_size));
    json_object_set_new(object, "connections_max", json_integer(settings->connections));
}

json_t *
control_status(Director *director)
{
    Gate *gate = director->gate;
    g_autoptr(Snapshot) snapshot = gate_snapshot(gate);
    json_t *object = json_object();
    json_object_set_new(object, "pid", json_integer(getpid()));
    put_text(object, "version", PACKAGE_VERSION);
    put_time(object, "started", gate->started_us);
    put_settings(object, snapshot);
    json_object_set_new(object, "stopping", json_boolean(g_atomic_int_get(&gate->stopping)));
    json_object_set_new(object, "connections", json_integer(g_atomic_int_get(&gate->connections)));
    json_object_set_new(object, "letters_in_hand", json_integer(g_atomic_int_get(&gate->letters)));
    json_object_set_new(object, "inspectors", inspectors_json(director));
    json_object_set_new(object, "letters", stats_json(&gate->stats));
    json_object_set_new(object, "notices", notices_json(gate->notices));
    json_object_set_new(object, "reload", reload_json(&director->reload));
    json_object_set_new(object, "ledger", ledger_json(snapshot));
    json_object_set_new(object, "extract", extract_json(snapshot->settings));
    json_object_set_new(object, "last_problem", problem_json());
    return object;
}
