/* The queue to the ledger. One thread sends; a record leaves the queue only when the ledger has it, or refuses it. */
#include "config.h"
#include "events.h"
#include "clock.h"
#include "errors.h"
#include "ledger.h"
#include "log.h"
#include "record.h"

#define QUEUED_MAX 20000
#define MERGED_MAX 100000
#define WRITE_US (20 * G_TIME_SPAN_SECOND)
/* How long one attempt takes at most, and the pause after one that failed. */
#define ATTEMPT_US (5 * G_TIME_SPAN_SECOND)
#define PAUSE_US (500 * G_TIME_SPAN_MILLISECOND)
/* How often the spans of merged events are looked through. */
#define TICK_US (250 * G_TIME_SPAN_MILLISECOND)

/* Events that are equal to one that went out. */
typedef struct {
    json_t *record; /* the last of them */
    gint64 until_us;
    guint64 more; /* since the first */
} Merged;

struct Events {
    LedgerClient *ledger;
    char *unit, *program;
    guint queued_max, merged_max;
    gint64 write_us;
    GThread *thread;

    GMutex lock; /* guards what follows; never held while sending */
    GCond wake;
    GQueue queue;       /* json_t */
    GHashTable *merged; /* key: Merged */
    gboolean stop;
    gint64 give_up_us; /* after stop */
    guint64 written, lost, lost_untold;
    gboolean away;
    gint64 looked_us; /* when the spans were last looked through */
};

static void
merged_free(gpointer data)
{
    Merged *merged = data;
    json_decref(merged->record);
    g_free(merged);
}

json_t *
events_record(const Events *events, const char *kind)
{
    return record_new(kind, events->unit, events->program);
}

json_t *
events_about(const Events *events, const char *kind, const char *event, const char *account)
{
    json_t *record = events_record(events, kind);
    record_put_word(record, "event", event);
    record_put_text(record, "account", account);
    return record;
}

/* --- in ------------------------------------------------------------------------------------------------------- */

/* Under the lock. Takes the record. */
static gboolean
put(Events *events, json_t *record)
{
    if (events->queue.length >= events->queued_max) {
        if (events->lost_untold++ == 0)
            log_error("%u events wait for the ledger: those that follow are lost until it answers", events->queued_max);
        events->lost++;
        json_decref(record);
        return FALSE;
    }
    g_queue_push_tail(&events->queue, record);
    g_cond_signal(&events->wake);
    return TRUE;
}

gboolean
events_queue(Events *events, json_t *record)
{
    g_mutex_lock(&events->lock);
    gboolean fits = put(events, record);
    g_mutex_unlock(&events->lock);
    return fits;
}

/* Under the lock: the line for what came after the first. */
static void
put_rest(Events *events, Merged *merged)
{
    if (merged->more == 0)
        return;
    json_object_set_new(merged->record, "count", json_integer((json_int_t)merged->more));
    put(events, json_incref(merged->record));
    merged->more = 0;
}

gboolean
events_merge(Events *events, const char *key, gint64 span_us, json_t *record)
{
    gboolean fits = TRUE;
    gint64 now = clock_monotonic_us();
    g_mutex_lock(&events->lock);
    Merged *merged = g_hash_table_lookup(events->merged, key);
    if (merged != NULL && now >= merged->until_us) {
        put_rest(events, merged);
        g_hash_table_remove(events->merged, key);
        merged = NULL;
    }
    if (merged != NULL) {
        merged->more++;
        json_decref(merged->record);
        merged->record = record;
    } else {
        if (g_hash_table_size(events->merged) < events->merged_max) {
            merged = g_new0(Merged, 1);
            merged->record = json_deep_copy(record);
            merged->until_us = now + span_us;
            g_hash_table_insert(events->merged, g_strdup(key), merged);
        }
        fits = put(events, record);
    }
    g_mutex_unlock(&events->lock);
    return fits;
}

/* --- out ------------------------------------------------------------------------------------------------------ */

/* Under the lock. */
static void
end_spans(Events *events, gboolean all)
{
    GHashTableIter iter;
    gpointer value;
    gint64 now = clock_monotonic_us();
    if (!all && now - events->looked_us < TICK_US)
        return;
    events->looked_us = now;
    g_hash_table_iter_init(&iter, events->merged);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Merged *merged = value;
        if (!all && now < merged->until_us)
            continue;
        put_rest(events, merged);
        g_hash_table_iter_remove(&iter);
    }
}

/* Under the lock: the record that tells of lost ones, once there is room again. */
static void
tell_lost(Events *events)
{
    if (events->lost_untold == 0 || events->queue.length > events->queued_max / 2)
        return;
    json_t *record = events_about(events, "login", "lost", "-");
    json_object_set_new(record, "count", json_integer((json_int_t)events->lost_untold));
    json_object_set_new(record, "alert", json_true());
    record_put_word(record, "reason", "queue-full");
    g_queue_push_tail(&events->queue, record);
    events->lost_untold = 0;
}

/* Without the lock. FALSE: try again later. */
static gboolean
send_one(Events *events, const json_t *record, GError **error)
{
    return ledger_append(events->ledger, record, clock_monotonic_us() + ATTEMPT_US, NULL, NULL, NULL, error);
}

/* Under the lock: what became of an attempt. TRUE: the record is done with; one that the ledger refuses is a mistake
 * of ours and blocks nobody. */
static gboolean
settle(Events *events, gboolean sent, const GError *error)
{
    gboolean away = !sent && error->code != HANGU_ERROR_DATA;
    if (sent)
        events->written++;
    else if (!away)
        log_error("the ledger refused an event: %s", error->message);
    else if (!events->away)
        log_error("events wait: %s", error->message);
    if (events->away && !away)
        log_info("the ledger answers again");
    events->away = away;
    return !away;
}

/* Under the lock: waits for work; NULL at the end. */
static json_t *
next(Events *events)
{
    while (g_queue_is_empty(&events->queue) && !events->stop) {
        g_cond_wait_until(&events->wake, &events->lock, g_get_monotonic_time() + TICK_US);
        end_spans(events, FALSE);
        tell_lost(events);
    }
    if (events->stop) {
        end_spans(events, TRUE);
        tell_lost(events);
    }
    gboolean over = g_queue_is_empty(&events->queue) || (events->stop && g_get_monotonic_time() > events->give_up_us);
    return over ? NULL : g_queue_pop_head(&events->queue);
}

static gpointer
run(gpointer data)
{
    Events *events = data;
    json_t *record;
    g_mutex_lock(&events->lock);
    while ((record = next(events)) != NULL) {
        g_mutex_unlock(&events->lock);
        g_autoptr(GError) error = NULL;
        gboolean sent = send_one(events, record, &error);
        g_mutex_lock(&events->lock);
        if (settle(events, sent, error)) {
            json_decref(record);
            tell_lost(events);
        } else {
            g_queue_push_head(&events->queue, record);
            g_cond_wait_until(&events->wake, &events->lock, g_get_monotonic_time() + PAUSE_US);
        }
        end_spans(events, FALSE);
    }
    g_mutex_unlock(&events->lock);
    return NULL;
}

gboolean
events_write(Events *events, json_t *record, GError **error)
{
    gint64 deadline = clock_monotonic_us() + events->write_us;
    gboolean good = ledger_append(events->ledger, record, deadline, NULL, NULL, NULL, error);
    json_decref(record);
    return good;
}

/* --- life ----------------------------------------------------------------------------------------------------- */

Events *
events_new(const EventsOptions *options)
{
    Events *events = g_new0(Events, 1);
    events->ledger = ledger_client_new(options->ledger_socket);
    events->unit = g_strdup(options->unit);
    events->program = g_strdup(options->program);
    events->queued_max = options->queued != 0 ? options->queued : QUEUED_MAX;
    events->merged_max = options->merged != 0 ? options->merged : MERGED_MAX;
    events->write_us = options->write_us != 0 ? options->write_us : WRITE_US;
    g_mutex_init(&events->lock);
    g_cond_init(&events->wake);
    g_queue_init(&events->queue);
    events->merged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, merged_free);
    events->thread = g_thread_new("events", run, events);
    return events;
}

void
events_free(Events *events, gint64 patience_us)
{
    if (events == NULL)
        return;
    g_mutex_lock(&events->lock);
    events->stop = TRUE;
    events->give_up_us = g_get_monotonic_time() + patience_us;
    g_cond_signal(&events->wake);
    g_mutex_unlock(&events->lock);
    g_thread_join(events->thread);
    if (events->queue.length > 0)
        log_error("%u events did not reach the ledger", events->queue.length);
    g_queue_clear_full(&events->queue, (GDestroyNotify)json_decref);
    g_hash_table_unref(events->merged);
    ledger_client_free(events->ledger);
    g_mutex_clear(&events->lock);
    g_cond_clear(&events->wake);
    g_free(events->unit);
    g_free(events->program);
    g_free(events);
}

void
events_state(Events *events, EventsState *state_out)
{
    g_mutex_lock(&events->lock);
    state_out->waiting = events->queue.length;
    state_out->written = events->written;
    state_out->lost = events->lost;
    state_out->away = events->away;
    g_mutex_unlock(&events->lock);
}
