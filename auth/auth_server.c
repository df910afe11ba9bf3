/* Connections of hangu-authd. A connection in a call belongs to the thread that runs it until it comes back. */
#include "config.h"
#include "auth_server.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "log.h"
#include "process.h"
#include "wire.h"
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLERS 4
/* A caller that takes no row for so long is given up. */
#define ROW_US (10 * G_TIME_SPAN_SECOND)
#define USER_NAME_BUFFER 4096

typedef enum { PEER_IDLE, PEER_IN_CALL, PEER_OVER } PeerState;

typedef struct {
    int fd;
    guint uid;
    PeerState state;
} Peer;

struct AuthServer {
    AuthServerOptions options;
    char *socket;
    int listener;
    gboolean has_group;
    gid_t group;
    GPtrArray *peers; /* Peer */
    GArray *polled;   /* struct pollfd, of one turn */
    GThreadPool *callers;
    GAsyncQueue *back; /* AuthCall whose work is done */
    int back_fd;       /* eventfd beside it */
};

struct AuthCall {
    AuthServer *server;
    Peer *peer;
    json_t *request;
    char *actor;
    gboolean gone; /* the caller takes nothing any more */
};

void
account_answer_clear(AccountAnswer *facts)
{
    g_free(facts->stage);
    g_free(facts->address);
    g_clear_pointer(&facts->problems, g_ptr_array_unref);
    g_clear_pointer(&facts->addresses, g_ptr_array_unref);
    g_clear_pointer(&facts->officers, g_ptr_array_unref);
    g_clear_pointer(&facts->names, g_ptr_array_unref);
}

static void
peer_free(gpointer data)
{
    Peer *peer = data;
    close(peer->fd);
    g_free(peer);
}

static void
call_free(AuthCall *call)
{
    json_decref(call->request);
    g_free(call->actor);
    g_free(call);
}

/* --- who may come --------------------------------------------------------------------------------------------- */

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
may_ask(const AuthServer *server, int fd, guint *uid_out)
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
    log_warn("user %u may not ask about accounts: neither root nor in the group of %s", *uid_out, server->socket);
    return FALSE;
}

static void
accept_peers(AuthServer *server)
{
    while (server->peers->len < server->options.connections) {
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
        if (may_ask(server, fd, &peer->uid))
            g_ptr_array_add(server->peers, peer);
        else
            peer_free(peer);
    }
}

static char *
user_name(guint uid)
{
    struct passwd entry, *found = NULL;
    char buffer[USER_NAME_BUFFER];
    if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
        return g_strdup(found->pw_name);
    return g_strdup_printf("%u", uid);
}

/* --- answers -------------------------------------------------------------------------------------------------- */

static gboolean
answer(const Peer *peer, guint32 type, GVariant *body, gint64 deadline_us)
{
    g_autoptr(GError) error = NULL;
    if (frame_send(peer->fd, type, body, NULL, 0, deadline_us, &error))
        return TRUE;
    log_warn("an asker (user %u) did not take its answer: %s", peer->uid, error->message);
    return FALSE;
}

static gboolean
answer_error(const Peer *peer, const GError *why, gint64 deadline_us)
{
    GVariant *body = g_variant_new("(ubs)", (guint32)error_exit_status(why), FALSE, why->message);
    return answer(peer, WIRE_ACCOUNT_RESULT, body, deadline_us);
}

/* row NULL: the last frame. */
static gboolean
answer_row(const Peer *peer, gboolean more, const json_t *row)
{
    char *text = row != NULL ? json_dumps(row, JSON_COMPACT) : NULL;
    GVariant *body = g_variant_new("(ubs)", 0, more, text != NULL ? text : "{}");
    free(text);
    return answer(peer, WIRE_ACCOUNT_RESULT, body, clock_monotonic_us() + ROW_US);
}

static GVariant *
strings(const GPtrArray *texts)
{
    static const char *const none[] = {NULL};
    if (texts == NULL)
        return g_variant_new_strv(none, 0);
    return g_variant_new_strv((const char *const *)texts->pdata, texts->len);
}

static gboolean
answer_facts(const AuthServer *server, const Peer *peer, const Frame *frame)
{
    AccountQuestion question;
    g_auto(AccountAnswer) facts = {0};
    g_autoptr(GError) error = NULL;
    g_variant_get(frame->body, "(&s&s&s&s&s)", &question.account, &question.mechanism, &question.client_ip,
                  &question.tls, &question.sender);
    if (!server->options.facts(server->options.user, &question, &facts, &error))
        return answer_error(peer, error, clock_monotonic_us());
    GVariant *body = g_variant_new("(ss@as@as@as@as)", facts.stage != NULL ? facts.stage : "",
                                   facts.address != NULL ? facts.address : "", strings(facts.problems),
                                   strings(facts.addresses), strings(facts.officers), strings(facts.names));
    /* who does not take it at once holds up everybody else */
    return answer(peer, WIRE_ACCOUNT_FACTS, body, clock_monotonic_us());
}

/* --- calls ---------------------------------------------------------------------------------------------------- */

const char *
auth_call_actor(const AuthCall *call)
{
    return call->actor;
}

gboolean
auth_call_row(AuthCall *call, const json_t *row, GError **error)
{
    if (!call->gone)
        call->gone = !answer_row(call->peer, TRUE, row);
    if (call->gone)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "who called takes no answer any more");
    return !call->gone;
}

static json_t *
read_request(const Frame *frame, GError **error)
{
    const char *text;
    json_error_t why;
    g_variant_get(frame->body, "(&s)", &text);
    json_t *request = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(request) && json_is_string(json_object_get(request, "verb")))
        return request;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE, "a call is one JSON object with a text \"verb\"%s%s",
                request == NULL ? ": " : "", request == NULL ? why.text : "");
    json_decref(request);
    return NULL;
}

static void
run_call(gpointer data, gpointer user)
{
    AuthCall *call = data;
    AuthServer *server = user;
    g_autoptr(GError) error = NULL;
    gboolean good = server->options.call(server->options.user, call, call->request, &error);
    if (!call->gone)
        call->gone = good ? !answer_row(call->peer, FALSE, NULL)
                          : !answer_error(call->peer, error, clock_monotonic_us() + ROW_US);
    g_async_queue_push(server->back, call);
    eventfd_write(server->back_fd, 1);
}

static gboolean
start_call(AuthServer *server, Peer *peer, const Frame *frame)
{
    g_autoptr(GError) error = NULL;
    json_t *request = read_request(frame, &error);
    if (request == NULL)
        return answer_error(peer, error, clock_monotonic_us());
    AuthCall *call = g_new0(AuthCall, 1);
    call->server = server;
    call->peer = peer;
    call->request = request;
    call->actor = user_name(peer->uid);
    peer->state = PEER_IN_CALL;
    g_thread_pool_push(server->callers, call, NULL);
    return TRUE;
}

static void
take_back(AuthServer *server)
{
    eventfd_t count;
    AuthCall *call;
    eventfd_read(server->back_fd, &count);
    while ((call = g_async_queue_try_pop(server->back)) != NULL) {
        call->peer->state = call->gone ? PEER_OVER : PEER_IDLE;
        call_free(call);
    }
}

/* --- a turn --------------------------------------------------------------------------------------------------- */

/* FALSE: the connection is over. */
static gboolean
take_request(AuthServer *server, Peer *peer)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(peer->fd, wire_type_string, clock_monotonic_us(), &frame, &error);
    if (got < 0)
        log_warn("a request of user %u was refused: %s", peer->uid, error->message);
    if (got <= 0)
        return FALSE;
    if (frame.type == WIRE_ACCOUNT_ASK)
        return answer_facts(server, peer, &frame);
    if (frame.type == WIRE_ACCOUNT_CALL)
        return start_call(server, peer, &frame);
    log_warn("user %u sent a frame of type 0x%x, which is not for hangu-authd", peer->uid, frame.type);
    return FALSE;
}

static void
poll_fd(AuthServer *server, int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    g_array_append_val(server->polled, one);
}

static void
close_peers(AuthServer *server)
{
    for (guint i = server->peers->len; i > 0; i--)
        if (((const Peer *)g_ptr_array_index(server->peers, i - 1))->state == PEER_OVER)
            g_ptr_array_remove_index(server->peers, i - 1);
}

void
auth_server_turn(AuthServer *server, int wake_fd, int timeout_ms)
{
    g_array_set_size(server->polled, 0);
    for (guint i = 0; i < server->peers->len; i++) {
        const Peer *peer = g_ptr_array_index(server->peers, i);
        poll_fd(server, peer->state == PEER_IDLE ? peer->fd : -1);
    }
    guint peers = server->polled->len;
    poll_fd(server, server->peers->len < server->options.connections ? server->listener : -1);
    poll_fd(server, server->back_fd);
    poll_fd(server, wake_fd);
    const struct pollfd *polled = (const struct pollfd *)server->polled->data;
    if (poll((struct pollfd *)server->polled->data, server->polled->len, timeout_ms) <= 0)
        return;
    for (guint i = 0; i < peers; i++) {
        Peer *peer = g_ptr_array_index(server->peers, i);
        if (polled[i].revents != 0 && !take_request(server, peer))
            peer->state = PEER_OVER;
    }
    if (polled[peers + 1].revents != 0)
        take_back(server);
    close_peers(server);
    if (polled[peers].revents != 0)
        accept_peers(server);
}

/* --- life ----------------------------------------------------------------------------------------------------- */

AuthServer *
auth_server_new(const AuthServerOptions *options, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(options->socket);
    if (!process_directory(directory, 0755, error))
        return NULL;
    int listener = frame_listen(options->socket, 0660, options->group, error);
    if (listener < 0)
        return NULL;
    AuthServer *server = g_new0(AuthServer, 1);
    const struct group *group = *options->group != '\0' ? getgrnam(options->group) : NULL;
    server->options = *options;
    server->socket = g_strdup(options->socket);
    server->listener = listener;
    server->has_group = group != NULL;
    server->group = group != NULL ? group->gr_gid : 0;
    server->peers = g_ptr_array_new_with_free_func(peer_free);
    server->polled = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    server->back = g_async_queue_new();
    server->back_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->callers = g_thread_pool_new(run_call, server, CALLERS, TRUE, NULL);
    return server;
}

void
auth_server_free(AuthServer *server)
{
    if (server == NULL)
        return;
    close(server->listener);
    unlink(server->socket);
    g_thread_pool_free(server->callers, FALSE, TRUE);
    take_back(server);
    g_ptr_array_unref(server->peers);
    g_array_unref(server->polled);
    g_async_queue_unref(server->back);
    close(server->back_fd);
    g_free(server->socket);
    g_free(server);
}
