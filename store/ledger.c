/* Client of hangu-ledger. A connection serves one request at a time and is kept only after a good answer: what is left
 * of a broken conversation must never be read as the answer to the next one. */
#include "config.h"
#include "ledger.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "record.h"
#include "wire.h"
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define TICK_US (5 * G_TIME_SPAN_SECOND)
/* A ledger that is being restarted gets this long to listen again. */
#define RESTART_US (1 * G_TIME_SPAN_SECOND)
#define RESTART_PAUSE_US (20 * G_TIME_SPAN_MILLISECOND)

struct LedgerClient {
    char *socket;
    gint64 tick_us;
    GMutex lock;  /* guards what follows; never held while waiting */
    GArray *idle; /* int, connections nobody uses */
    guint64 requests;
};

LedgerClient *
ledger_client_new(const char *socket_path)
{
    LedgerClient *client = g_new0(LedgerClient, 1);
    client->socket = g_strdup(socket_path);
    client->tick_us = TICK_US;
    client->idle = g_array_new(FALSE, FALSE, sizeof(int));
    g_mutex_init(&client->lock);
    return client;
}

void
ledger_client_set_tick(LedgerClient *client, gint64 interval_us)
{
    client->tick_us = interval_us;
}

void
ledger_client_free(LedgerClient *client)
{
    if (client == NULL)
        return;
    for (guint i = 0; i < client->idle->len; i++)
        close(g_array_index(client->idle, int, i));
    g_array_unref(client->idle);
    g_mutex_clear(&client->lock);
    g_free(client->socket);
    g_free(client);
}

/* --- the pool ------------------------------------------------------------------------------------------------ */

/* An idle connection on which something can be read is closed at the other end, or out of step. */
static gboolean
is_quiet(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 0) == 0;
}

static int
take_idle(LedgerClient *client, guint64 *number_out)
{
    int fd = -1;
    g_mutex_lock(&client->lock);
    *number_out = ++client->requests;
    if (client->idle->len > 0) {
        fd = g_array_index(client->idle, int, client->idle->len - 1);
        g_array_set_size(client->idle, client->idle->len - 1);
    }
    g_mutex_unlock(&client->lock);
    return fd;
}

/* A connection, kept or new; -1 with error. A ledger that is away is tried again until `patience_us` (monotonic). */
static int
borrow(LedgerClient *client, gint64 deadline_us, gint64 patience_us, guint64 *number_out, GError **error)
{
    int fd;
    while ((fd = take_idle(client, number_out)) >= 0) {
        if (is_quiet(fd))
            return fd;
        close(fd);
    }
    for (;;) {
        g_autoptr(GError) away = NULL;
        fd = frame_connect(client->socket, deadline_us, &away);
        gint64 now = clock_monotonic_us();
        gboolean again =
            fd < 0 && away->code == HANGU_ERROR_AWAY && now < patience_us && (deadline_us < 0 || now < deadline_us);
        if (again) {
            g_usleep(RESTART_PAUSE_US);
            continue;
        }
        if (fd < 0)
            g_propagate_error(error, g_steal_pointer(&away));
        return fd;
    }
}

static void
give_back(LedgerClient *client, int fd)
{
    g_mutex_lock(&client->lock);
    g_array_append_val(client->idle, fd);
    g_mutex_unlock(&client->lock);
}

/* --- one request --------------------------------------------------------------------------------------------- */

static gboolean
wait_answer(int fd, gint64 tick_us, gint64 deadline_us, LedgerTick tick, gpointer user, GError **error)
{
    for (;;) {
        gint64 next = clock_monotonic_us() + tick_us;
        gboolean last = deadline_us >= 0 && deadline_us <= next;
        int ready = frame_wait(fd, last ? deadline_us : next, error);
        if (ready != 0)
            return ready > 0;
        if (last || (tick != NULL && !tick(user))) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT, "the ledger did not answer in time%s",
                        last ? "" : ": given up by the caller");
            return FALSE;
        }
    }
}

static gboolean
receive(int fd, gint64 deadline_us, Frame *answer, GError **error)
{
    int got = frame_receive(fd, wire_type_string, deadline_us, answer, error);
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                    "hangu-ledger went away before it answered; whether the record is written is unknown");
    return got > 0;
}

static gboolean
talk(const LedgerClient *client, int fd, guint32 type, GVariant *body, gint64 deadline_us, LedgerTick tick,
     gpointer user, Frame *answer, GError **error)
{
    return frame_send(fd, type, body, NULL, 0, deadline_us, error) &&
           wait_answer(fd, client->tick_us, deadline_us, tick, user, error) &&
           receive(fd, clock_monotonic_us(), answer, error);
}

/* What the ledger said. `sound`: the conversation is in step and the connection may be kept. */
static gboolean
read_answer(const Frame *answer, guint64 number, guint64 *seq_out, gboolean *sound, GError **error)
{
    guint64 answered = 0, seq = 0;
    guint32 code = 0;
    const char *text = NULL;
    if (answer->type == WIRE_LEDGER_DONE)
        g_variant_get(answer->body, "(tt&s)", &answered, &seq, &text);
    else if (answer->type == WIRE_LEDGER_FAILED)
        g_variant_get(answer->body, "(tu&s)", &answered, &code, &text);
    *sound = text != NULL && answered == number;
    if (!*sound) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "the ledger answered something else than was asked");
        return FALSE;
    }
    if (answer->type == WIRE_LEDGER_FAILED) {
        g_set_error(error, HANGU_ERROR,
                    code >= HANGU_ERROR_USAGE && code <= HANGU_ERROR_SETTINGS ? (int)code : HANGU_ERROR_IO,
                    "the ledger did not write the record: %s", text);
        return FALSE;
    }
    if (seq_out != NULL)
        *seq_out = seq;
    return TRUE;
}

/* `line` fits RECORD_FIT. */
static gboolean
append_line(LedgerClient *client, const char *line, gint64 deadline_us, LedgerTick tick, gpointer user,
            guint64 *seq_out, GError **error)
{
    guint64 number;
    gboolean sound = FALSE;
    g_auto(Frame) answer = {0};
    int fd = borrow(client, deadline_us, clock_monotonic_us() + RESTART_US, &number, error);
    if (fd < 0)
        return FALSE;
    gboolean good = talk(client, fd, WIRE_LEDGER_APPEND, g_variant_new("(ts)", number, line), deadline_us, tick, user,
                         &answer, error) &&
                    read_answer(&answer, number, seq_out, &sound, error);
    if (sound)
        give_back(client, fd);
    else
        close(fd);
    return good;
}

/* The record as a line, its lists shortened so that it fits. Takes the reference. */
static char *
short_line(json_t *record, GError **error)
{
    record_fit(record);
    char *line = record_line(record, NULL, error);
    json_decref(record);
    return line;
}

gboolean
ledger_append(LedgerClient *client, const json_t *record, gint64 deadline_us, LedgerTick tick, gpointer user,
              guint64 *seq_out, GError **error)
{
    g_autofree char *line = short_line(json_copy((json_t *)record), error);
    return line != NULL && append_line(client, line, deadline_us, tick, user, seq_out, error);
}

gboolean
ledger_append_line(LedgerClient *client, const char *line, gsize length, gint64 deadline_us, LedgerTick tick,
                   gpointer user, GError **error)
{
    if (length <= RECORD_FIT)
        return append_line(client, line, deadline_us, tick, user, NULL, error);
    g_autofree char *shorter = short_line(json_loadb(line, length, 0, NULL), error);
    return shorter != NULL && append_line(client, shorter, deadline_us, tick, user, NULL, error);
}

/* --- many at once -------------------------------------------------------------------------------------------- */

static GVariant *
batch_body(guint64 number, const char *const *lines, guint count, GError **error)
{
    gsize bytes = 0;
    g_auto(GVariantBuilder) texts;
    g_variant_builder_init(&texts, G_VARIANT_TYPE("as"));
    for (guint i = 0; i < count; i++) {
        bytes += strlen(lines[i]);
        g_variant_builder_add(&texts, "s", lines[i]);
    }
    if (count <= LEDGER_BATCH_MAX && bytes <= LEDGER_BATCH_BYTES)
        return g_variant_new("(tas)", number, &texts);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "%u records of %zu bytes are too many for one call", count,
                bytes);
    return NULL;
}

/* Nobody is told anything before the whole answer is known to be sound. */
static gboolean
read_batch_answer(const Frame *answer, guint64 number, guint count, LedgerRefused refused, gpointer user,
                  gboolean *sound, GError **error)
{
    guint64 answered = 0;
    guint32 code;
    const char *text;
    g_autoptr(GVariantIter) results = NULL;
    if (answer->type == WIRE_LEDGER_BATCH_DONE)
        g_variant_get(answer->body, "(ta(us))", &answered, &results);
    *sound = results != NULL && answered == number && g_variant_iter_n_children(results) == count;
    if (!*sound) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "the ledger answered something else than was asked");
        return FALSE;
    }
    g_autoptr(GVariantIter) again = g_variant_iter_copy(results);
    while (g_variant_iter_next(results, "(u&s)", &code, &text))
        if (code != 0 && code != HANGU_ERROR_DATA) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "the ledger did not write the records: %s", text);
            return FALSE;
        }
    for (guint i = 0; g_variant_iter_next(again, "(u&s)", &code, &text); i++)
        if (code != 0)
            refused(i, text, user);
    return TRUE;
}

/* *perhaps_out: nobody knows whether the lines are written. */
static gboolean
append_batch(LedgerClient *client, const char *const *lines, guint count, gint64 deadline_us, LedgerRefused refused,
             gpointer user, gboolean *perhaps_out, GError **error)
{
    guint64 number;
    gboolean sound = FALSE;
    g_auto(Frame) answer = {0};
    int fd = borrow(client, deadline_us, clock_monotonic_us() + RESTART_US, &number, error);
    *perhaps_out = FALSE;
    if (fd < 0)
        return FALSE;
    GVariant *body = batch_body(number, lines, count, error);
    if (body == NULL) {
        give_back(client, fd);
        return FALSE;
    }
    gboolean good = talk(client, fd, WIRE_LEDGER_BATCH, body, deadline_us, NULL, NULL, &answer, error) &&
                    read_batch_answer(&answer, number, count, refused, user, &sound, error);
    *perhaps_out = !sound;
    if (sound)
        give_back(client, fd);
    else
        close(fd);
    return good;
}

gboolean
ledger_append_batch(LedgerClient *client, const char *const *lines, guint count, gint64 deadline_us,
                    LedgerRefused refused, gpointer user, GError **error)
{
    gboolean perhaps;
    return append_batch(client, lines, count, deadline_us, refused, user, &perhaps, error);
}

typedef struct {
    guint count;
    char *why; /* the first one's */
} Refusals;

static void
note_refusal(guint index, const char *why, gpointer user)
{
    Refusals *refusals = user;
    refusals->count++;
    if (refusals->why == NULL)
        refusals->why = g_strdup(why);
}

static gboolean
append_some(LedgerClient *client, const char *const *lines, guint count, gint64 deadline_us, guint *perhaps_out,
            GError **error)
{
    gboolean unknown;
    Refusals refusals = {0, NULL};
    gboolean good = append_batch(client, lines, count, deadline_us, note_refusal, &refusals, &unknown, error);
    *perhaps_out += good || unknown ? count - refusals.count : 0;
    if (good && refusals.count > 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the ledger did not write the record: %s", refusals.why);
    g_free(refusals.why);
    return good && refusals.count == 0;
}

gboolean
ledger_append_all(LedgerClient *client, const GPtrArray *records, gint64 deadline_us, guint *perhaps_out,
                  GError **error)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    gsize bytes = 0;
    *perhaps_out = 0;
    for (guint i = 0; i < records->len; i++) {
        char *line = short_line(json_copy(g_ptr_array_index(records, i)), error);
        if (line == NULL)
            return FALSE;
        bytes += strlen(line);
        if (lines->len == LEDGER_BATCH_MAX || bytes > LEDGER_BATCH_BYTES) {
            if (!append_some(client, (const char *const *)lines->pdata, lines->len, deadline_us, perhaps_out, error)) {
                g_free(line);
                return FALSE;
            }
            g_ptr_array_set_size(lines, 0);
            bytes = strlen(line);
        }
        g_ptr_array_add(lines, line);
    }
    return lines->len == 0 ||
           append_some(client, (const char *const *)lines->pdata, lines->len, deadline_us, perhaps_out, error);
}

json_t *
ledger_status(LedgerClient *client, gint64 deadline_us, GError **error)
{
    guint64 number;
    const char *text = NULL;
    g_auto(Frame) answer = {0};
    int fd = borrow(client, deadline_us, 0, &number, error);
    if (fd < 0)
        return NULL;
    if (!talk(client, fd, WIRE_LEDGER_STATUS, NULL, deadline_us, NULL, NULL, &answer, error)) {
        close(fd);
        return NULL;
    }
    if (answer.type == WIRE_LEDGER_STATUS_IS)
        g_variant_get(answer.body, "(&s)", &text);
    json_t *status = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(status)) {
        give_back(client, fd);
        return status;
    }
    close(fd);
    json_decref(status);
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "the ledger answered something else than was asked");
    return NULL;
}
