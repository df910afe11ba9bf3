/* The queue to the ledger. One thread sends; a record leaves the queue only when the ledger has it, or refuses it. */
#include "config.h"
#include "events.h"
#include "clock.h"
#include "errors.h"
#include "ledger.h"
#include "log.h"
#include "record.h"
#include "wire.h"
#include <string.h>

#define QUEUED_MAX 50000
#define MERGED_MAX 100000
#define WRITE_US (20 * G_TIME_SPAN_SECOND)
/* How long one attempt takes at most, and the pause after one that failed. */
#define ATTEMPT_US (5 * G_TIME_SPAN_SECOND)
#define PAUSE_US (500 * G_TIME_SPAN_MILLISECOND)
/* Between two batches that are not full: the ledger's disk has letters to write as well. */
#define GATHER_US (20 * G_TIME_SPAN_MILLISECOND)
/* How often the spans of merged events are looked through. */
#define TICK_US (100 * G_TIME_SPAN_MILLISECOND)

/* A line that waits. */
typedef struct {
    guint64 events; /* that it stands for */
    gsize length;
    char line[];
} Entry;

/* Events that are equal to one that went out. */
typedef struct {
    GList link; /* in its lane */
    char *key;
    Entry *first;
    gint64 until_us;
    guint64 more; /* since the first */
} Merged;

/* Those of one span, the first to end in front. */
typedef struct {
    gint64 span_us;
    GQueue merged;
} Lane;

struct Events {
    LedgerClient *ledger;
    char *unit, *program;
    guint queued_max, merged_max;
    gint64 write_us;
    GThread *thread;

    GMutex lock; /* guards what follows; never held while sending */
    GCond wake;
    GQueue queue;       /* Entry */
    guint in_hand;      /* of the batch that is being sent */
    GHashTable *merged; /* its key: Merged */
    GPtrArray *lanes;   /* Lane */
    EventMark *mark;
    gboolean stop;
    gint64 give_up_us; /* after stop */
    guint64 written, lost, lost_untold;
    gboolean away;
    gint64 sent_us; /* when the last batch was sent */
    EventMarkEnd last;
    guint64 missing; /* of the last end */
};

static void
merged_free(gpointer data)
{
    Merged *merged = data;
    g_free(merged->first);
    g_free(merged->key);
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

/* Takes the record. NULL: it is none that could be written, which is a mistake of ours. */
static Entry *
entry_new(json_t *record, guint64 events)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    record_fit(record);
    g_autofree char *line = record_line(record, &length, &error);
    json_decref(record);
    if (line == NULL) {
        log_error("an event has no line: %s", error->message);
        return NULL;
    }
    Entry *entry = g_malloc(sizeof *entry + length + 1);
    entry->events = events;
    entry->length = length;
    memcpy(entry->line, line, length + 1);
    return entry;
}

/* Under the lock. Takes the entry, whose events are known to the mark. */
static gboolean
put(Events *events, Entry *entry)
{
    if (entry == NULL)
        return FALSE;
    if (events->queue.length + events->in_hand >= events->queued_max) {
        if (events->lost_untold == 0)
            log_error("%u events wait for the ledger: those that follow are lost until it answers", events->queued_max);
        events->lost_untold += entry->events;
        events->lost += entry->events;
        g_free(entry);
        return FALSE;
    }
    g_queue_push_tail(&events->queue, entry);
    g_cond_signal(&events->wake);
    return TRUE;
}

gboolean
events_queue(Events *events, json_t *record)
{
    Entry *entry = entry_new(record, 1);
    g_mutex_lock(&events->lock);
    event_mark_taken(events->mark, entry != NULL);
    gboolean fits = put(events, entry);
    g_mutex_unlock(&events->lock);
    return fits;
}

/* --- equal ones ----------------------------------------------------------------------------------------------- */

static Lane *
lane_of(Events *events, gint64 span_us)
{
    for (guint i = 0; i < events->lanes->len; i++) {
        Lane *lane = g_ptr_array_index(events->lanes, i);
        if (lane->span_us == span_us)
            return lane;
    }
    Lane *lane = g_new0(Lane, 1);
    lane->span_us = span_us;
    g_ptr_array_add(events->lanes, lane);
    return lane;
}

/* Under the lock: the line for what came after the first. */
static void
put_rest(Events *events, const Merged *merged)
{
    if (merged->more == 0)
        return;
    json_t *record = json_loadb(merged->first->line, merged->first->length, 0, NULL);
    json_object_set_new(record, "count", json_integer((json_int_t)merged->more));
    put(events, entry_new(record, merged->more));
}

/* Under the lock. */
static void
end_span(Events *events, Lane *lane, Merged *merged)
{
    put_rest(events, merged);
    g_queue_unlink(&lane->merged, &merged->link);
    g_hash_table_remove(events->merged, merged->key);
}

/* Under the lock: the spans that are over. */
static void
end_spans(Events *events, gboolean all)
{
    gint64 now = clock_monotonic_us();
    for (guint i = 0; i < events->lanes->len; i++) {
        Lane *lane = g_ptr_array_index(events->lanes, i);
        Merged *merged;
        while ((merged = g_queue_peek_head(&lane->merged)) != NULL && (all || now >= merged->until_us))
            end_span(events, lane, merged);
    }
}

/* Under the lock. TRUE: counted with an equal one. */
static gboolean
count_again(Events *events, const char *key)
{
    Merged *merged = g_hash_table_lookup(events->merged, key);
    if (merged == NULL || clock_monotonic_us() >= merged->until_us)
        return FALSE;
    merged->more++;
    event_mark_taken(events->mark, 1);
    return TRUE;
}

gboolean
events_again(Events *events, const char *key)
{
    g_mutex_lock(&events->lock);
    gboolean counted = count_again(events, key);
    g_mutex_unlock(&events->lock);
    return counted;
}

/* Under the lock. */
static void
open_span(Events *events, const char *key, gint64 span_us, const Entry *first)
{
    if (g_hash_table_size(events->merged) >= events->merged_max)
        return;
    Merged *merged = g_new0(Merged, 1);
    merged->link.data = merged;
    merged->key = g_strdup(key);
    merged->first = g_memdup2(first, sizeof *first + first->length + 1);
    merged->until_us = clock_monotonic_us() + span_us;
    g_hash_table_insert(events->merged, merged->key, merged);
    g_queue_push_tail_link(&lane_of(events, span_us)->merged, &merged->link);
}

gboolean
events_merge(Events *events, const char *key, gint64 span_us, json_t *record)
{
    Entry *entry = entry_new(record, 1);
    if (entry == NULL)
        return FALSE;
    g_mutex_lock(&events->lock);
    gboolean fits = TRUE;
    if (count_again(events, key)) /* another thread was faster */
        g_free(entry);
    else {
        end_spans(events, FALSE); /* the one before it, if there was one */
        open_span(events, key, span_us, entry);
        event_mark_taken(events->mark, 1);
        fits = put(events, entry);
    }
    g_mutex_unlock(&events->lock);
    return fits;
}

/* --- out ------------------------------------------------------------------------------------------------------ */

static json_t *
lost_record(const Events *events, const char *reason, guint64 count)
{
    json_t *record = events_about(events, "login", "lost", "-");
    if (count > 0)
        json_object_set_new(record, "count", json_integer((json_int_t)count));
    json_object_set_new(record, "alert", json_true());
    record_put_word(record, "reason", reason);
    return record;
}

/* Under the lock: the record that tells of lost ones, once there is room again. */
static void
tell_lost(Events *events)
{
    if (events->lost_untold == 0 || events->queue.length > events->queued_max / 2)
        return;
    Entry *entry = entry_new(lost_record(events, "queue-full", events->lost_untold), events->lost_untold);
    events->lost_untold = 0;
    put(events, entry);
}

/* Under the lock: as many as fit into one call. */
static GPtrArray *
take_batch(Events *events)
{
    GPtrArray *batch = g_ptr_array_new_with_free_func(g_free);
    gsize bytes = 0;
    const Entry *next;
    while (batch->len < LEDGER_BATCH_MAX && (next = g_queue_peek_head(&events->queue)) != NULL &&
           (batch->len == 0 || bytes + next->length <= LEDGER_BATCH_BYTES)) {
        bytes += next->length;
        g_ptr_array_add(batch, g_queue_pop_head(&events->queue));
    }
    events->in_hand = batch->len;
    return batch;
}

static void
say_refused(guint index, const char *why, gpointer user)
{
    (void)index;
    (*(guint *)user)++;
    log_error("the ledger refused an event: %s", why);
}

/* Without the lock. FALSE: try again later. */
static gboolean
send_batch(Events *events, const GPtrArray *batch, guint *refused, GError **error)
{
    const char *lines[LEDGER_BATCH_MAX];
    for (guint i = 0; i < batch->len; i++)
        lines[i] = ((const Entry *)g_ptr_array_index(batch, i))->line;
    return ledger_append_batch(events->ledger, lines, batch->len, clock_monotonic_us() + ATTEMPT_US, say_refused,
                               refused, error);
}

/* Under the lock: what became of an attempt. A record that the ledger refuses is done with: it blocks nobody. */
static void
settle(Events *events, GPtrArray *batch, guint refused, const GError *error)
{
    for (guint i = 0; error == NULL && i < batch->len; i++)
        event_mark_told(events->mark, ((const Entry *)g_ptr_array_index(batch, i))->events);
    if (error == NULL)
        events->written += batch->len - refused;
    else if (!events->away)
        log_error("events wait: %s", error->message);
    if (events->away && error == NULL)
        log_info("the ledger answers again");
    events->away = error != NULL;
    events->in_hand = 0;
    while (error != NULL && batch->len > 0)
        g_queue_push_head(&events->queue, g_ptr_array_steal_index(batch, batch->len - 1));
}

/* Under the lock: waits for work. FALSE: the end. */
static gboolean
wait_for_work(Events *events)
{
    gint64 gathered = events->sent_us + GATHER_US;
    while (!events->stop && (g_queue_is_empty(&events->queue) ||
                             (events->queue.length < LEDGER_BATCH_MAX && g_get_monotonic_time() < gathered))) {
        gint64 until = g_queue_is_empty(&events->queue) ? g_get_monotonic_time() + TICK_US : gathered;
        g_cond_wait_until(&events->wake, &events->lock, until);
        end_spans(events, FALSE);
        tell_lost(events);
    }
    if (events->stop) {
        end_spans(events, TRUE);
        tell_lost(events);
    }
    return !g_queue_is_empty(&events->queue) && !(events->stop && g_get_monotonic_time() > events->give_up_us);
}

static gpointer
run(gpointer data)
{
    Events *events = data;
    g_mutex_lock(&events->lock);
    while (wait_for_work(events)) {
        g_autoptr(GPtrArray) batch = take_batch(events);
        g_autoptr(GError) error = NULL;
        guint refused = 0;
        events->sent_us = g_get_monotonic_time();
        g_mutex_unlock(&events->lock);
        send_batch(events, batch, &refused, &error);
        g_mutex_lock(&events->lock);
        settle(events, batch, refused, error);
        if (error != NULL)
            g_cond_wait_until(&events->wake, &events->lock, g_get_monotonic_time() + PAUSE_US);
        end_spans(events, FALSE);
        tell_lost(events);
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

/* What the process before this one took and did not tell. */
static void
tell_missing(Events *events)
{
    static const char *const reasons[] = {"not-sent", "not-sent", "killed", "fell"};
    gboolean fell = events->last == EVENT_MARK_FELL;
    if (events->missing == 0 && !fell)
        return;
    log_warn("it had not ended in order (%s): up to %" G_GUINT64_FORMAT " events%s are not in the audit log",
             reasons[events->last], events->missing, fell ? " and more" : "");
    put(events, entry_new(lost_record(events, reasons[events->last], fell ? 0 : events->missing), events->missing));
}

Events *
events_new(const EventsOptions *options)
{
    g_autoptr(GError) error = NULL;
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
    events->merged = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, merged_free);
    events->lanes = g_ptr_array_new_with_free_func(g_free);
    if (options->mark_file != NULL)
        events->mark = event_mark_open(options->mark_file, &events->last, &events->missing, &error);
    if (error != NULL)
        log_error("a sudden end would not be told: %s", error->message);
    tell_missing(events);
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
        log_error("%u events did not reach the ledger: the next start will record that", events->queue.length);
    event_mark_close(events->mark);
    g_queue_clear_full(&events->queue, g_free);
    g_hash_table_unref(events->merged);
    g_ptr_array_unref(events->lanes);
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
    *state_out = (EventsState){
        .waiting = events->queue.length + events->in_hand,
        .written = events->written,
        .lost = events->lost,
        .away = events->away,
        .last = events->last,
        .missing = events->missing,
    };
    g_mutex_unlock(&events->lock);
}
