/* HTTP by libmicrohttpd. It drops who is silent; who sends a byte now and then is cut off by a thread of ours. */
#include "config.h"
#include "http_door.h"
#include "crypto.h"
#include "errors.h"
#include "frame.h"
#include "log.h"
#include <gio/gio.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW_MS 20000
#define SILENT_SECONDS 15

struct HttpDoor {
    HttpDoorOptions options;
    char *socket; /* path; NULL: an address */
    guint8 key[CRYPTO_DIGEST_SIZE];
    struct MHD_Daemon *daemon;
    GThread *sweeper;

    GMutex lock; /* guards what follows */
    GCond wake;
    GHashTable *links; /* Link, as a set */
    gboolean stop;
    guint64 refused;
    gint64 told_us;
};

/* A connection. */
typedef struct {
    int fd;
    gint64 since_us; /* its start, or the end of its last request */
    gboolean cut;
} Link;

/* A request under way. */
typedef struct {
    GByteArray *body;
    guint status; /* of HTTP; 0: fine so far */
    const char *why;
} Incoming;

/* --- answers -------------------------------------------------------------------------------------------------- */

/* Takes the body. */
static enum MHD_Result
reply(struct MHD_Connection *connection, guint status, char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body != NULL ? strlen(body) : 0, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
refuse(HttpDoor *door, struct MHD_Connection *connection, guint status, const char *why)
{
    gint64 now = g_get_monotonic_time();
    g_mutex_lock(&door->lock);
    gboolean tell = now - door->told_us > G_USEC_PER_SEC; /* who sends nonsense does not fill the log */
    if (tell)
        door->told_us = now;
    guint64 count = ++door->refused;
    g_mutex_unlock(&door->lock);
    if (tell)
        log_warn("a request for the %s was refused (%u): %s; %" G_GUINT64_FORMAT " so far", door->options.name, status,
                 why, count);
    return reply(connection, status, door->options.refusal(door->options.user, status, why));
}

/* --- a request ------------------------------------------------------------------------------------------------ */

static gboolean
has_key(const HttpDoor *door, struct MHD_Connection *connection)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Hangu-Key");
    if (door->options.key == NULL)
        return TRUE;
    crypto_sha256(key != NULL ? key : "", key != NULL ? strlen(key) : 0, digest);
    return crypto_equal(digest, door->key, sizeof digest) && key != NULL;
}

static void
fail_with(Incoming *incoming, guint status, const char *why)
{
    if (incoming->status != 0)
        return;
    incoming->status = status;
    incoming->why = why;
}

static void
look_at_head(const HttpDoor *door, struct MHD_Connection *connection, const char *url, const char *method,
             Incoming *incoming)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!has_key(door, connection))
        fail_with(incoming, MHD_HTTP_UNAUTHORIZED, "the key is missing or wrong");
    if (strcmp(url, door->options.path) != 0)
        fail_with(incoming, MHD_HTTP_NOT_FOUND, "there is nothing at this path");
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        fail_with(incoming, MHD_HTTP_METHOD_NOT_ALLOWED, "only POST is answered");
    if (length != NULL && g_ascii_strtoull(length, NULL, 10) > door->options.body_max)
        fail_with(incoming, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
}

static enum MHD_Result
finish(HttpDoor *door, struct MHD_Connection *connection, const Incoming *incoming)
{
    HttpReply answer = {.status = MHD_HTTP_OK};
    HttpRequest request = {
        .language = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
        .body = (const char *)incoming->body->data,
        .length = incoming->body->len,
    };
    if (incoming->status != 0)
        return refuse(door, connection, incoming->status, incoming->why);
    door->options.answer(door->options.user, &request, &answer);
    g_autofree char *why = answer.why;
    if (why != NULL)
        return refuse(door, connection, answer.status, why);
    return reply(connection, answer.status, answer.body);
}

static enum MHD_Result
take(void *user, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
     const char *data, size_t *length, void **state)
{
    HttpDoor *door = user;
    Incoming *incoming = *state;
    (void)version;
    if (incoming == NULL) { /* an answer to the head alone would end the connection */
        incoming = *state = g_new0(Incoming, 1);
        incoming->body = g_byte_array_sized_new((guint)door->options.body_max); /* growing leaves copies */
        look_at_head(door, connection, url, method, incoming);
        return MHD_YES;
    }
    if (*length == 0)
        return finish(door, connection, incoming);
    if (incoming->body->len + *length > door->options.body_max)
        fail_with(incoming, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
    if (incoming->status == 0)
        g_byte_array_append(incoming->body, (const guint8 *)data, (guint)*length);
    *length = 0;
    return MHD_YES;
}

static Link *
link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void
completed(void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
    HttpDoor *door = user;
    Incoming *incoming = *state;
    Link *link = link_of(connection);
    (void)why;
    if (incoming != NULL) {
        crypto_wipe(incoming->body->data, incoming->body->len);
        g_byte_array_unref(incoming->body);
        g_free(incoming);
    }
    *state = NULL;
    g_mutex_lock(&door->lock);
    if (link != NULL)
        link->since_us = g_get_monotonic_time();
    g_mutex_unlock(&door->lock);
}

/* --- connections ---------------------------------------------------------------------------------------------- */

static void
connected(void *user, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
    HttpDoor *door = user;
    g_mutex_lock(&door->lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        Link *link = g_new0(Link, 1);
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        link->fd = info != NULL ? (int)info->connect_fd : -1;
        link->since_us = g_get_monotonic_time();
        g_hash_table_add(door->links, link);
        *context = link;
    } else {
        g_hash_table_remove(door->links, *context);
        *context = NULL;
    }
    g_mutex_unlock(&door->lock);
}

/* The descriptor is open as long as the link is in the table: shutting down is left to its owner to notice. */
static void
cut_slow(HttpDoor *door)
{
    GHashTableIter iter;
    gpointer key;
    gint64 slow = (door->options.slow_ms != 0 ? door->options.slow_ms : SLOW_MS) * G_TIME_SPAN_MILLISECOND;
    gint64 now = g_get_monotonic_time();
    g_hash_table_iter_init(&iter, door->links);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        Link *link = key;
        if (link->cut || link->fd < 0 || now - link->since_us < slow)
            continue;
        link->cut = TRUE;
        shutdown(link->fd, SHUT_RDWR);
    }
}

static gpointer
sweep(gpointer data)
{
    HttpDoor *door = data;
    gint64 pause = (door->options.slow_ms != 0 ? door->options.slow_ms : SLOW_MS) * G_TIME_SPAN_MILLISECOND / 4;
    g_mutex_lock(&door->lock);
    while (!door->stop) {
        g_cond_wait_until(&door->wake, &door->lock, g_get_monotonic_time() + pause);
        cut_slow(door);
    }
    g_mutex_unlock(&door->lock);
    return NULL;
}

/* --- life ----------------------------------------------------------------------------------------------------- */

static void G_GNUC_PRINTF(2, 0) library_says(void *user, const char *format, va_list values)
{
    char line[256];
    (void)user;
    g_vsnprintf(line, sizeof line, format, values);
    g_strchomp(line);
    log_debug("http: %s", line);
}

/* Memory over 32 KiB is mapped for each connection and unmapped with it: nothing stays behind in the heap. */
#define MEMORY_OF_SECRETS (64 * 1024)

static gboolean
start(HttpDoor *door, int listener, const struct sockaddr *address)
{
    const HttpDoorOptions *options = &door->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
    if (address->sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    const struct MHD_OptionItem where[] = {
        {listener >= 0 ? MHD_OPTION_LISTEN_SOCKET : MHD_OPTION_SOCK_ADDR, listener, (gpointer)address},
        {MHD_OPTION_END, 0, NULL}};
    door->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, take, door, MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL, MHD_OPTION_ARRAY, where,
        MHD_OPTION_THREAD_POOL_SIZE, options->threads, MHD_OPTION_CONNECTION_LIMIT,
        MAX(options->connections, options->threads), MHD_OPTION_CONNECTION_TIMEOUT, SILENT_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_OF_SECRETS, MHD_OPTION_NOTIFY_COMPLETED, completed, door,
        MHD_OPTION_NOTIFY_CONNECTION, connected, door, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    return door->daemon != NULL;
}

/* The socket of a Unix path, -1 for an address. FALSE with error. */
static gboolean
find_place(HttpDoor *door, int *listener_out, struct sockaddr_storage *native, GError **error)
{
    const char *listen = door->options.listen;
    *listener_out = -1;
    if (g_str_has_prefix(listen, "unix:")) {
        const char *group = door->options.group != NULL ? door->options.group : "";
        door->socket = g_strdup(listen + strlen("unix:"));
        *listener_out = frame_listen_stream(door->socket, 0660, group, error);
        return *listener_out >= 0;
    }
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(listen, 4001, NULL);
    g_autoptr(GSocketAddress) address =
        parsed != NULL
            ? g_inet_socket_address_new_from_string(g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed)),
                                                    g_network_address_get_port(G_NETWORK_ADDRESS(parsed)))
            : NULL;
    if (address != NULL && g_socket_address_to_native(address, native, sizeof *native, NULL))
        return TRUE;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, "%s is no address and port to listen on", listen);
    return FALSE;
}

HttpDoor *
http_door_new(const HttpDoorOptions *options, GError **error)
{
    struct sockaddr_storage native = {0};
    int listener;
    HttpDoor *door = g_new0(HttpDoor, 1);
    door->options = *options;
    if (options->key != NULL)
        crypto_sha256(options->key, strlen(options->key), door->key);
    g_mutex_init(&door->lock);
    g_cond_init(&door->wake);
    door->links = g_hash_table_new_full(NULL, NULL, g_free, NULL);
    gboolean good = find_place(door, &listener, &native, error);
    if (good && !start(door, listener, (const struct sockaddr *)&native)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY, "cannot listen on %s: is another program there?",
                    options->listen);
        good = FALSE;
        if (listener >= 0)
            close(listener);
    }
    if (!good) {
        http_door_free(door);
        return NULL;
    }
    door->sweeper = g_thread_new("sweeper", sweep, door);
    return door;
}

void
http_door_free(HttpDoor *door)
{
    if (door == NULL)
        return;
    if (door->daemon != NULL)
        MHD_stop_daemon(door->daemon);
    if (door->socket != NULL)
        unlink(door->socket);
    g_mutex_lock(&door->lock);
    door->stop = TRUE;
    g_cond_signal(&door->wake);
    g_mutex_unlock(&door->lock);
    if (door->sweeper != NULL)
        g_thread_join(door->sweeper);
    g_hash_table_unref(door->links);
    g_mutex_clear(&door->lock);
    g_cond_clear(&door->wake);
    g_free(door->socket);
    g_free(door);
}
