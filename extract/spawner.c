/* One poll() for those who want readers and for the readers. Whoever waits longest is served first. */
#include "config.h"
#include "spawner.h"
#include "clock.h"
#include "errors.h"
#include "log.h"
#include "wire_extract.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_PATIENCE_US (G_USEC_PER_SEC / 10) /* one frame to one who asked for one: there is room */

typedef struct {
    int fd;
    guint64 ticket; /* 0: it wants nothing */
} Client;

typedef struct {
    int listener; /* -1: one client, already connected */
    GArray *clients;
    guint64 tickets;
    Stock *stock;
    void (*about)(const char **reader_out, const char **ocr_out); /* NULL: unknown */
} Spawner;

static Client *
nth(const Spawner *spawner, guint i)
{
    return &g_array_index(spawner->clients, Client, i);
}

static void
add_client(Spawner *spawner, int fd)
{
    Client client = {.fd = fd};
    g_array_append_val(spawner->clients, client);
}

static void
accept_clients(Spawner *spawner)
{
    int fd;
    while ((fd = accept4(spawner->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (spawner->clients->len < SPAWNER_CLIENTS_MAX) {
            add_client(spawner, fd);
            continue;
        }
        log_warn("more than %d connections; one is refused", SPAWNER_CLIENTS_MAX);
        close(fd);
    }
}

/* FALSE: it is gone, or does not keep to the rules. */
static gboolean
hear_client(Spawner *spawner, Client *client)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(client->fd, wire_spawner_types, 0, &frame, &error);
    if (got < 0)
        log_warn("a connection is closed: %s", error->message);
    else if (got > 0 && client->ticket != 0)
        log_warn("a connection is closed: it asks again before it was answered");
    if (got <= 0 || client->ticket != 0)
        return FALSE;
    client->ticket = ++spawner->tickets;
    return TRUE;
}

static void
drop_client(Spawner *spawner, guint i)
{
    close(nth(spawner, i)->fd);
    g_array_remove_index_fast(spawner->clients, i);
}

/* `polled` begins with the clients, in their order; from the end, since the last one moves into a gap. */
static void
hear_clients(Spawner *spawner, const GArray *polled, guint count)
{
    for (guint i = count; i-- > 0;)
        if (g_array_index(polled, struct pollfd, i).revents != 0 && !hear_client(spawner, nth(spawner, i)))
            drop_client(spawner, i);
}

/* G_MAXUINT: nobody waits. */
static guint
find_next(const Spawner *spawner)
{
    guint next = G_MAXUINT;
    for (guint i = 0; i < spawner->clients->len; i++)
        if (nth(spawner, i)->ticket != 0 && (next == G_MAXUINT || nth(spawner, i)->ticket < nth(spawner, next)->ticket))
            next = i;
    return next;
}

static gboolean
answer(Spawner *spawner, Client *client, GError **error)
{
    gint64 deadline = clock_monotonic_us() + SEND_PATIENCE_US;
    int reader = stock_take(spawner->stock);
    client->ticket = 0;
    if (reader < 0)
        return frame_send(client->fd, WIRE_EXTRACT_NONE, wire_none(stock_trouble(spawner->stock)), NULL, 0, deadline,
                          error);
    const char *version = "", *ocr = "";
    if (spawner->about != NULL)
        spawner->about(&version, &ocr);
    gboolean sent = frame_send(client->fd, WIRE_EXTRACT_GIVE, wire_give(version, ocr), &reader, 1, deadline, error);
    close(reader);
    return sent;
}

static gboolean
has_answer(Spawner *spawner)
{
    return stock_has(spawner->stock) || stock_trouble(spawner->stock) != NULL;
}

static void
answer_clients(Spawner *spawner)
{
    guint next;
    while ((next = find_next(spawner)) != G_MAXUINT && has_answer(spawner)) {
        g_autoptr(GError) error = NULL;
        if (answer(spawner, nth(spawner, next), &error))
            continue;
        log_warn("a connection is closed: %s", error->message);
        drop_client(spawner, next);
    }
}

static int
poll_time(gint64 due_us)
{
    gint64 left = due_us - clock_monotonic_us();
    return due_us < 0 ? -1 : (int)CLAMP(left / 1000 + 1, 0, 60 * 1000);
}

static void
watch(GArray *polled, int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    g_array_append_val(polled, one);
}

/* FALSE with errno when it cannot go on. */
static gboolean
turn(Spawner *spawner, GArray *polled)
{
    guint count = spawner->clients->len;
    g_array_set_size(polled, 0);
    for (guint i = 0; i < count; i++)
        watch(polled, nth(spawner, i)->fd);
    watch(polled, spawner->listener); /* -1 is left out by poll() */
    gint64 due_us = stock_watch(spawner->stock, polled);
    if (poll((struct pollfd *)(gpointer)polled->data, polled->len, poll_time(due_us)) < 0)
        return errno == EINTR || errno == EAGAIN;
    hear_clients(spawner, polled, count);
    if (g_array_index(polled, struct pollfd, count).revents != 0)
        accept_clients(spawner);
    stock_tend(spawner->stock);
    answer_clients(spawner);
    return TRUE;
}

static gboolean
is_listening(int socket, GError **error)
{
    int type = 0, listening = 0;
    socklen_t length = sizeof type, other = sizeof listening;
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET &&
        getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &other) == 0)
        return listening != 0;
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                "descriptor %d is no SEQPACKET socket; hangu-milter and hangu start this program with one", socket);
    return FALSE;
}

static int
serve(Spawner *spawner, GError **error)
{
    g_autoptr(GArray) polled = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    stock_tend(spawner->stock);
    while (spawner->listener >= 0 || spawner->clients->len > 0)
        if (!turn(spawner, polled)) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_INTERNAL, "cannot wait: %s", g_strerror(errno));
            return HANGU_ERROR_INTERNAL;
        }
    return 0;
}

int
spawner_run(int socket, const StockOptions *options, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    gboolean listening = is_listening(socket, &trouble);
    g_autoptr(Stock) stock = trouble == NULL ? stock_new(options, &trouble) : NULL;
    if (stock == NULL) {
        int status = error_exit_status(trouble);
        g_propagate_error(error, g_steal_pointer(&trouble));
        return status;
    }
    Spawner spawner = {.listener = listening ? socket : -1, .stock = stock};
    spawner.about = options->plan.work->about;
    spawner.clients = g_array_new(FALSE, FALSE, sizeof(Client));
    if (!listening)
        add_client(&spawner, socket);
    int status = serve(&spawner, error);
    while (spawner.clients->len > 0)
        drop_client(&spawner, 0);
    g_array_unref(spawner.clients);
    return status;
}
