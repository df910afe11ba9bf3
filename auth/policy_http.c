/* HTTP by libmicrohttpd. It drops who is silent; who sends a byte now and then is cut off by a thread of ours. */
#include "config.h"
#include "policy_http.h"
#include "clock.h"
#include "crypto.h"
#include "errors.h"
#include "log.h"
#include <gio/gio.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLOW_MS 20000
#define MEMORY_PER_CONNECTION (16 * 1024)
#define SILENT_SECONDS 15

struct PolicyHttp {
    PolicyHttpOptions options;
    guint8 key[CRYPTO_DIGEST_SIZE];
    struct MHD_Daemon *daemon;
    GThread *sweeper;

    GMutex lock; /* guards what follows */
    GCond wake;
    GHashTable *links; /* Link, as a set */
    gboolean stop;
    guint64 answered, refused, cut;
    gint64 told_us;
    guint suspended; /* answers that wait to be settled */
};

/* A connection. */
typedef struct {
    int fd;
    gint64 since_us; /* its start, or the end of its last request */
    gboolean cut;
} Link;

/* A request under way. */
typedef struct {
    PolicyHttp *http;
    struct MHD_Connection *connection;
    GByteArray *body;
    guint status; /* of HTTP; 0: fine so far */
    const char *why;
    gboolean settling;   /* there is an answer */
    PolicyAnswer answer; /* then */
} Incoming;

/* --- answers -------------------------------------------------------------------------------------------------- */

static enum MHD_Result
reply(struct MHD_Connection *connection, guint http, int status, const char *text)
{
    json_t *object = json_pack("{s:i, s:s}", "status", status, "msg", text);
    char *body = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body != NULL ? strlen(body) : 0, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, http, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
refuse(PolicyHttp *http, struct MHD_Connection *connection, guint status, const char *why)
{
    gint64 now = g_get_monotonic_time();
    g_mutex_lock(&http->lock);
    gboolean tell = now - http->told_us > G_USEC_PER_SEC; /* who sends nonsense does not fill the log */
    if (tell)
        http->told_us = now;
    guint64 count = ++http->refused;
    g_mutex_unlock(&http->lock);
    if (tell)
        log_warn("a request for the auth policy was refused (%u): %s; %" G_GUINT64_FORMAT " so far", status, why,
                 count);
    return reply(connection, status, -1, why);
}

/* --- a request ------------------------------------------------------------------------------------------------ */

static gboolean
has_key(const PolicyHttp *http, struct MHD_Connection *connection)
{
    guint8 digest[CRYPTO_DIGEST_SIZE];
    const char *key = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Hangu-Key");
    crypto_sha256(key != NULL ? key : "", key != NULL ? strlen(key) : 0, digest);
    return crypto_equal(digest, http->key, sizeof digest) && key != NULL;
}

static void
fail_with(Incoming *incoming, guint status, const char *why)
{
    if (incoming->status != 0)
        return;
    incoming->status = status;
    incoming->why = why;
}

static enum MHD_Result
count_value(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    guint *counts = user;
    (void)kind;
    (void)value;
    counts[0] += g_ascii_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0;
    counts[1] += g_ascii_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0;
    return MHD_YES;
}

/* Where the body ends must have one reading (RFC 9112, 6.3), and not lie beyond all patience: such a request is
 * answered before its body, and its connection ends. */
static gboolean
is_bounded(struct MHD_Connection *connection, Incoming *incoming)
{
    guint counts[2] = {0};
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, count_value, counts);
    if (counts[0] + counts[1] > 1)
        fail_with(incoming, MHD_HTTP_BAD_REQUEST, "the length of the body is told twice");
    else if (length != NULL && g_ascii_strtoull(length, NULL, 10) > POLICY_BODY_MAX)
        fail_with(incoming, MHD_HTTP_CONTENT_TOO_LARGE, "the body is too long");
    return incoming->status == 0;
}

static void
look_at_head(const PolicyHttp *http, struct MHD_Connection *connection, const char *url, const char *method,
             Incoming *incoming)
{
    if (!has_key(http, connection))
        fail_with(incoming, MHD_HTTP_UNAUTHORIZED, "the key is missing or wrong");
    if (strcmp(url, "/") != 0)
        fail_with(incoming, MHD_HTTP_NOT_FOUND, "there is nothing at this path");
    if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
        fail_with(incoming, MHD_HTTP_METHOD_NOT_ALLOWED, "only POST is answered");
}

/* From the thread that made it durable. */
static void
settled(gpointer user)
{
    Incoming *incoming = user;
    PolicyHttp *http = incoming->http;
    MHD_resume_connection(incoming->connection); /* from here on `incoming` may be gone */
    g_mutex_lock(&http->lock);
    if (--http->suspended == 0 && http->stop)
        g_cond_broadcast(&http->wake);
    g_mutex_unlock(&http->lock);
}

/* Suspended, a connection holds no thread: others are answered meanwhile. FALSE: at the end nobody waits any more. */
static gboolean
suspend(PolicyHttp *http, struct MHD_Connection *connection, Incoming *incoming)
{
    g_mutex_lock(&http->lock);
    gboolean stop = http->stop;
    http->suspended += !stop;
    g_mutex_unlock(&http->lock);
    if (stop)
        return FALSE;
    incoming->settling = TRUE;
    incoming->http = http;
    incoming->connection = connection;
    MHD_suspend_connection(connection);
    http->options.settle(http->options.user, settled, incoming);
    return TRUE;
}

static enum MHD_Result
finish(PolicyHttp *http, struct MHD_Connection *connection, Incoming *incoming)
{
    g_auto(PolicyRequest) request = {0};
    g_autoptr(GError) error = NULL;
    PolicyAnswer *answer = &incoming->answer;
    const char *command = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "command");
    if (incoming->status != 0)
        return refuse(http, connection, incoming->status, incoming->why);
    if (g_strcmp0(command, "allow") != 0 && g_strcmp0(command, "report") != 0)
        return refuse(http, connection, MHD_HTTP_BAD_REQUEST, "command is neither allow nor report");
    if (!policy_request_read(g_str_equal(command, "allow") ? POLICY_ALLOW : POLICY_REPORT,
                             (const char *)incoming->body->data, incoming->body->len, &request, &error))
        return refuse(http, connection, MHD_HTTP_BAD_REQUEST, error->message);
    answer->status = -1;
    http->options.answer(http->options.user, &request, answer);
    g_mutex_lock(&http->lock);
    http->answered++;
    g_mutex_unlock(&http->lock);
    if (answer->settle && suspend(http, connection, incoming))
        return MHD_YES;
    return reply(connection, MHD_HTTP_OK, answer->status, answer->text != NULL ? answer->text : "");
}

static enum MHD_Result
take(void *user, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
     const char *data, size_t *length, void **state)
{
    PolicyHttp *http = user;
    Incoming *incoming = *state;
    (void)version;
    if (incoming == NULL) { /* an answer to the head alone would end the connection */
        incoming = *state = g_new0(Incoming, 1);
        incoming->body = g_byte_array_new();
        if (!is_bounded(connection, incoming))
            return refuse(http, connection, incoming->status, incoming->why);
        look_at_head(http, connection, url, method, incoming);
        return MHD_YES;
    }
    if (incoming->settling)
        return reply(connection, MHD_HTTP_OK, incoming->answer.status,
                     incoming->answer.text != NULL ? incoming->answer.text : "");
    if (*length == 0)
        return finish(http, connection, incoming);
    if (incoming->body->len + *length > POLICY_BODY_MAX)
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
    PolicyHttp *http = user;
    Incoming *incoming = *state;
    Link *link = link_of(connection);
    (void)why;
    if (incoming != NULL) {
        crypto_wipe(incoming->body->data, incoming->body->len);
        g_byte_array_unref(incoming->body);
        g_free(incoming->answer.text);
        g_free(incoming);
    }
    *state = NULL;
    g_mutex_lock(&http->lock);
    if (link != NULL)
        link->since_us = g_get_monotonic_time();
    g_mutex_unlock(&http->lock);
}

/* --- connections ---------------------------------------------------------------------------------------------- */

static void
connected(void *user, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
    PolicyHttp *http = user;
    g_mutex_lock(&http->lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        Link *link = g_new0(Link, 1);
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        link->fd = info != NULL ? (int)info->connect_fd : -1;
        link->since_us = g_get_monotonic_time();
        g_hash_table_add(http->links, link);
        *context = link;
    } else {
        g_hash_table_remove(http->links, *context);
        *context = NULL;
    }
    g_mutex_unlock(&http->lock);
}

/* The descriptor is open as long as the link is in the table: shutting down is left to its owner to notice. */
static void
cut_slow(PolicyHttp *http)
{
    GHashTableIter iter;
    gpointer key;
    gint64 slow = (http->options.slow_ms != 0 ? http->options.slow_ms : SLOW_MS) * G_TIME_SPAN_MILLISECOND;
    gint64 now = g_get_monotonic_time();
    g_hash_table_iter_init(&iter, http->links);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        Link *link = key;
        if (link->cut || link->fd < 0 || now - link->since_us < slow)
            continue;
        link->cut = TRUE;
        http->cut++;
        shutdown(link->fd, SHUT_RDWR);
    }
}

static gpointer
sweep(gpointer data)
{
    PolicyHttp *http = data;
    gint64 pause = (http->options.slow_ms != 0 ? http->options.slow_ms : SLOW_MS) * G_TIME_SPAN_MILLISECOND / 4;
    g_mutex_lock(&http->lock);
    while (!http->stop) {
        g_cond_wait_until(&http->wake, &http->lock, g_get_monotonic_time() + pause);
        cut_slow(http);
    }
    g_mutex_unlock(&http->lock);
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

static gboolean
start(PolicyHttp *http, const struct sockaddr *address, guint port)
{
    const PolicyHttpOptions *options = &http->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    if (address->sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    http->daemon = MHD_start_daemon(
        flags, (guint16)port, NULL, NULL, take, http, MHD_OPTION_EXTERNAL_LOGGER, library_says, NULL,
        MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_THREAD_POOL_SIZE, options->threads, MHD_OPTION_CONNECTION_LIMIT,
        MAX(options->connections, options->threads), MHD_OPTION_CONNECTION_TIMEOUT, SILENT_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_NOTIFY_COMPLETED, completed, http,
        MHD_OPTION_NOTIFY_CONNECTION, connected, http, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
    return http->daemon != NULL;
}

PolicyHttp *
policy_http_new(const PolicyHttpOptions *options, GError **error)
{
    struct sockaddr_storage native;
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(options->listen, 4001, error);
    if (parsed == NULL)
        return NULL;
    const char *host = g_network_address_get_hostname(G_NETWORK_ADDRESS(parsed));
    guint port = g_network_address_get_port(G_NETWORK_ADDRESS(parsed));
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(host, port);
    if (address == NULL || !g_socket_address_to_native(address, &native, sizeof native, error)) {
        g_clear_error(error);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_SETTINGS, "accounts.policy_listen: %s is no address and port",
                    options->listen);
        return NULL;
    }
    PolicyHttp *http = g_new0(PolicyHttp, 1);
    http->options = *options;
    crypto_sha256(options->key, strlen(options->key), http->key);
    g_mutex_init(&http->lock);
    g_cond_init(&http->wake);
    http->links = g_hash_table_new_full(NULL, NULL, g_free, NULL);
    if (!start(http, (const struct sockaddr *)&native, port)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                    "cannot listen on %s (accounts.policy_listen): is another program there?", options->listen);
        policy_http_free(http);
        return NULL;
    }
    http->sweeper = g_thread_new("sweeper", sweep, http);
    return http;
}

void
policy_http_free(PolicyHttp *http)
{
    if (http == NULL)
        return;
    g_mutex_lock(&http->lock);
    http->stop = TRUE;
    g_cond_broadcast(&http->wake);
    while (http->suspended > 0) /* the library cannot end with suspended connections */
        g_cond_wait(&http->wake, &http->lock);
    g_mutex_unlock(&http->lock);
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    if (http->sweeper != NULL)
        g_thread_join(http->sweeper);
    g_hash_table_unref(http->links);
    g_mutex_clear(&http->lock);
    g_cond_clear(&http->wake);
    g_free(http);
}

guint
policy_http_port(const PolicyHttp *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

void
policy_http_state(PolicyHttp *http, PolicyHttpState *state_out)
{
    g_mutex_lock(&http->lock);
    *state_out = (PolicyHttpState){http->answered, http->refused, http->cut, g_hash_table_size(http->links)};
    g_mutex_unlock(&http->lock);
}
