/* Connections of hangu-ledger: who may come, what they ask, the batch, the answers. */
#include "config.h"
#include "server.h"
#include "chain.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "log.h"
#include "process.h"
#include "wire.h"
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int fd;
    guint uid;
    gboolean over; /* closed at the end of the turn */
} Peer;

/* One request of a turn; the body holds the texts of its entries. */
typedef struct {
    Peer *peer;
    guint64 number;
    GVariant *body;
    guint first, count; /* entries */
    gboolean batch;     /* answered as one */
} Request;

struct Server {
    Journal *journal;
    char *socket;
    int listener;
    guint connections;
    gboolean has_group;
    gid_t group;
    gint64 since_us;
    GPtrArray *peers;  /* Peer */
    GArray *polled;    /* struct pollfd, of one turn */
    GArray *requests;  /* Request, of one turn */
    GArray *entries;   /* JournalEntry, of the requests in turn */
    gsize batch_bytes; /* of one turn */
    guint first;       /* peer that is asked first in this turn: each in his turn */
};

static void
free_peer(gpointer data)
{
    Peer *peer = data;
    close(peer->fd);
    g_free(peer);
}

static void
clear_request(gpointer data)
{
    g_variant_unref(((Request *)data)->body);
}

static void
clear_entry(gpointer data)
{
    g_clear_error(&((JournalEntry *)data)->error);
}

Server *
server_new(Journal *journal, const ServerOptions *options, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(options->socket);
    if (!process_directory(directory, 0755, error))
        return NULL;
    int listener = frame_listen(options->socket, 0660, options->group, error);
    if (listener < 0)
        return NULL;
    Server *server = g_new0(Server, 1);
    const struct group *group = *options->group != '\0' ? getgrnam(options->group) : NULL;
    server->journal = journal;
    server->socket = g_strdup(options->socket);
    server->listener = listener;
    server->connections = options->connections;
    server->has_group = group != NULL;
    server->group = group != NULL ? group->gr_gid : 0;
    server->since_us = clock_wall_us();
    server->peers = g_ptr_array_new_with_free_func(free_peer);
    server->polled = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    server->requests = g_array_new(FALSE, FALSE, sizeof(Request));
    g_array_set_clear_func(server->requests, clear_request);
    server->entries = g_array_new(FALSE, TRUE, sizeof(JournalEntry));
    g_array_set_clear_func(server->entries, clear_entry);
    return server;
}

void
server_free(Server *server)
{
    if (server == NULL)
        return;
    close(server->listener);
    unlink(server->socket);
    g_ptr_array_unref(server->peers);
    g_array_unref(server->polled);
    g_array_unref(server->requests);
    g_array_unref(server->entries);
    g_free(server->socket);
    g_free(server);
}

/* --- who may come ------------------------------------------------------------------------------------------ */

/* SO_PEERCRED tells the main group only. */
static gboolean
has_group(int fd, gid_t wanted)
{
    gid_t groups[256];
    socklen_t length = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0)
        return FALSE;
    for (gsize i = 0; i < length / sizeof groups[0]; i++)
        if (groups[i] == wanted)
            return TRUE;
    return FALSE;
}

static gboolean
may_append(const Server *server, int fd, guint *uid_out)
{
    guint gid;
    g_autoptr(GError) error = NULL;
    if (!frame_peer(fd, uid_out, &gid, NULL, &error)) {
        log_warn("%s", error->message);
        return FALSE;
    }
    if (*uid_out == 0 || *uid_out == geteuid())
        return TRUE;
    if (server->has_group && (gid == server->group || has_group(fd, server->group)))
        return TRUE;
    log_warn("user %u may not append to the ledger: neither root nor in the group of %s", *uid_out, server->socket);
    return FALSE;
}

static void
accept_peers(Server *server)
{
    while (server->peers->len < server->connections) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0) {
            if (errno != EAGAIN)
                log_error("cannot take a connection: %s", g_strerror(errno));
            return;
        }
        Peer *peer = g_new0(Peer, 1);
        peer->fd = fd;
        if (may_append(server, fd, &peer->uid))
            g_ptr_array_add(server->peers, peer);
        else
            free_peer(peer);
    }
}

/* --- what they ask ------------------------------------------------------------------------------------------- */

/* An answer that does not go out at once does not go out: nobody may hold up the others. */
static gboolean
answer(const Peer *peer, guint32 type, GVariant *body)
{
    g_autoptr(GError) error = NULL;
    if (frame_send(peer->fd, type, body, NULL, 0, clock_monotonic_us(), &error))
        return TRUE;
    log_warn("an asker (user %u) did not take its answer: %s", peer->uid, error->message);
    return FALSE;
}

static gboolean
answer_failed(const Peer *peer, guint64 number, const GError *why)
{
    return answer(peer, WIRE_LEDGER_FAILED,
                  g_variant_new("(tus)", number, (guint32)error_exit_status(why), why->message));
}

static void
take_entry(Server *server, Request *request, const char *text)
{
    JournalEntry entry = {.uid = request->peer->uid, .text = text, .length = strlen(text)};
    g_array_append_val(server->entries, entry);
    server->batch_bytes += entry.length;
    request->count++;
}

static void
take_append(Server *server, Peer *peer, const Frame *frame)
{
    const char *text;
    Request request = {.peer = peer, .body = g_variant_ref(frame->body), .first = server->entries->len};
    g_variant_get(frame->body, "(t&s)", &request.number, &text);
    take_entry(server, &request, text);
    g_array_append_val(server->requests, request);
}

/* FALSE: more than a batch may have. */
static gboolean
take_batch(Server *server, Peer *peer, const Frame *frame)
{
    const char *text;
    g_autoptr(GVariantIter) texts = NULL;
    Request request = {.peer = peer, .body = g_variant_ref(frame->body), .first = server->entries->len, .batch = TRUE};
    g_variant_get(frame->body, "(tas)", &request.number, &texts);
    gboolean fits = g_variant_iter_n_children(texts) <= LEDGER_BATCH_MAX;
    while (fits && g_variant_iter_next(texts, "&s", &text))
        take_entry(server, &request, text);
    if (fits)
        g_array_append_val(server->requests, request);
    else
        g_variant_unref(request.body);
    return fits;
}

/* Takes one request. FALSE: the connection is over. */
static gboolean
take_request(Server *server, Peer *peer)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(peer->fd, wire_type_string, clock_monotonic_us(), &frame, &error);
    if (got < 0)
        log_warn("a request of user %u was refused: %s", peer->uid, error->message);
    if (got <= 0)
        return FALSE;
    if (frame.type == WIRE_LEDGER_APPEND) {
        take_append(server, peer, &frame);
        return TRUE;
    }
    if (frame.type == WIRE_LEDGER_BATCH && take_batch(server, peer, &frame))
        return TRUE;
    if (frame.type != WIRE_LEDGER_STATUS) {
        log_warn("user %u sent a frame of type 0x%x, which is not for the ledger, or too long a batch", peer->uid,
                 frame.type);
        return FALSE;
    }
    g_autofree char *status = server_status(server);
    return answer(peer, WIRE_LEDGER_STATUS_IS, g_variant_new("(s)", status));
}

/* polled[i] is of peers[i]. */
static void
take_requests(Server *server, const struct pollfd *polled, guint count)
{
    server->first = count == 0 ? 0 : (server->first + 1) % count;
    for (guint n = 0; n < count && server->batch_bytes < SERVER_BATCH_BYTES; n++) {
        guint i = (server->first + n) % count;
        Peer *peer = g_ptr_array_index(server->peers, i);
        if (polled[i].revents != 0 && !take_request(server, peer))
            peer->over = TRUE;
    }
}

static gboolean
answer_batch(const Request *request, const JournalEntry *entries)
{
    g_auto(GVariantBuilder) results;
    g_variant_builder_init(&results, G_VARIANT_TYPE("a(us)"));
    for (guint i = 0; i < request->count; i++) {
        g_autofree char *why = entries[i].error != NULL ? g_strndup(entries[i].error->message, LEDGER_WHY_MAX) : NULL;
        g_autofree char *text = why != NULL ? g_utf8_make_valid(why, -1) : g_strdup("");
        g_variant_builder_add(&results, "(us)",
                              entries[i].error != NULL ? (guint32)error_exit_status(entries[i].error) : 0U, text);
    }
    return answer(request->peer, WIRE_LEDGER_BATCH_DONE, g_variant_new("(ta(us))", request->number, &results));
}

static void
answer_requests(Server *server)
{
    for (guint i = 0; i < server->requests->len; i++) {
        const Request *request = &g_array_index(server->requests, Request, i);
        const JournalEntry *entry = &g_array_index(server->entries, JournalEntry, request->first);
        gboolean taken = request->batch ? answer_batch(request, entry)
                         : entry->error != NULL
                             ? answer_failed(request->peer, request->number, entry->error)
                             : answer(request->peer, WIRE_LEDGER_DONE,
                                      g_variant_new("(tts)", request->number, entry->seq, entry->hash));
        request->peer->over |= !taken;
    }
}

static void
close_peers(Server *server)
{
    for (guint i = server->peers->len; i > 0; i--)
        if (((const Peer *)g_ptr_array_index(server->peers, i - 1))->over)
            g_ptr_array_remove_index(server->peers, i - 1);
}

/* --- a turn -------------------------------------------------------------------------------------------------- */

static void
poll_fd(Server *server, int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    g_array_append_val(server->polled, one);
}

int
server_turn(Server *server, int wake_fd, int timeout_ms, GError **error)
{
    g_array_set_size(server->polled, 0);
    g_array_set_size(server->requests, 0);
    g_array_set_size(server->entries, 0);
    server->batch_bytes = 0;
    for (guint i = 0; i < server->peers->len; i++)
        poll_fd(server, ((Peer *)g_ptr_array_index(server->peers, i))->fd);
    guint peers = server->polled->len;
    poll_fd(server, server->peers->len < server->connections ? server->listener : -1);
    poll_fd(server, wake_fd);
    struct pollfd *polled = (struct pollfd *)server->polled->data;
    int ready = poll(polled, server->polled->len, timeout_ms);
    if (ready <= 0)
        return 0;
    take_requests(server, polled, peers);
    gboolean going = server->entries->len == 0 || journal_append(server->journal, (JournalEntry *)server->entries->data,
                                                                 server->entries->len, error);
    answer_requests(server);
    close_peers(server);
    if (polled[peers].revents != 0)
        accept_peers(server);
    if (!going)
        return -1;
    return ready > (polled[peers + 1].revents != 0) ? 1 : 0;
}

char *
server_status(const Server *server)
{
    JournalState state;
    gint64 when = 0;
    journal_state(server->journal, &state);
    ChainHead head = {.seq = state.seq};
    g_strlcpy(head.hash, state.hash, sizeof head.hash);
    g_autofree char *text = chain_head_format(&head);
    g_autofree char *file = chain_file_name(state.file_number);
    g_autofree char *since = clock_format(server->since_us);
    g_autofree char *problem = log_last_problem(&when);
    g_autofree char *problem_time = problem != NULL ? clock_format(when) : NULL;
    json_t *status = json_pack("{s:i, s:i, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:s}", "v", 1,
                               "pid", (int)getpid(), "head", text, "lines", (json_int_t)state.seq, "file", file,
                               "file_bytes", (json_int_t)state.file_bytes, "repaired", (json_int_t)state.repaired,
                               "batches", (json_int_t)state.batches, "appended", (json_int_t)state.appended,
                               "largest_batch", (json_int_t)state.largest_batch, "refused", (json_int_t)state.refused,
                               "failed", (json_int_t)state.failed, "disk_free", (json_int_t)state.disk_free,
                               "connections", (int)server->peers->len, "since", since);
    json_object_set_new(status, "last_problem",
                        problem == NULL ? json_null() : json_pack("{s:s, s:s}", "time", problem_time, "text", problem));
    char *line = json_dumps(status, JSON_COMPACT);
    json_decref(status);
    return line;
}
