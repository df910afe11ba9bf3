/* Frames over SOCK_SEQPACKET: sending and receiving. What arrives is hostile until it is checked. Sockets are
 * made in frame_socket.c. */
#include "config.h"
#include "frame.h"
#include "clock.h"
#include "errors.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both ends run on one machine: numbers in its own byte order. */
typedef struct {
    char magic[3];
    guint8 version;
    guint32 type;
    guint32 length;
} FrameHeader;
G_STATIC_ASSERT(sizeof(FrameHeader) == 12);

static const char frame_magic[3] = {'H', 'G', 'U'};

#define CONTROL_SIZE CMSG_SPACE(sizeof(int) * FRAME_FDS_MAX)
#define FULL_PAUSE_MS 2 /* too many descriptors in flight: poll cannot wait for that */

typedef union {
    char bytes[CONTROL_SIZE];
    struct cmsghdr align;
} Control;

void
frame_clear(Frame *frame)
{
    for (guint i = 0; i < frame->fd_count; i++)
        if (frame->fds[i] >= 0)
            close(frame->fds[i]);
    g_clear_pointer(&frame->body, g_variant_unref);
    *frame = (Frame){0};
    for (guint i = 0; i < FRAME_FDS_MAX; i++)
        frame->fds[i] = -1;
}

/* Milliseconds until the deadline for poll(), rounded up; -1 for ever. */
static int
poll_time(gint64 deadline_us)
{
    if (deadline_us < 0)
        return -1;
    gint64 left = deadline_us - clock_monotonic_us();
    if (left <= 0)
        return 0;
    return (int)MIN((left + 999) / 1000, 3600 * 1000);
}

/* 1 when one of `events` (or an error, or the other end's hanging up) is there, 0 past the deadline, -1 with error. */
static int
wait_for(int fd, short events, gint64 deadline_us, GError **error)
{
    struct pollfd waited = {.fd = fd, .events = events};
    for (;;) {
        int time = poll_time(deadline_us);
        int ready = poll(&waited, 1, time);
        if (ready > 0 && (waited.revents & POLLNVAL) == 0)
            return 1;
        if (ready == 0 && time < 3600 * 1000)
            return 0;
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot wait for a frame: %s",
                        ready > 0 ? "the descriptor is closed" : g_strerror(errno));
            return -1;
        }
    }
}

int
frame_wait(int fd, gint64 deadline_us, GError **error)
{
    return wait_for(fd, POLLIN, deadline_us, error);
}

static gboolean
timed_out(GError **error, const char *what)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_TIMEOUT, _("%s: the other program did not answer in time"), what);
    return FALSE;
}

static void
attach_fds(struct msghdr *message, Control *control, const int *fds, guint fd_count)
{
    if (fd_count == 0)
        return;
    memset(control, 0, sizeof *control);
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
    memcpy(CMSG_DATA(head), fds, sizeof(int) * fd_count);
}

/* After a send that could not be done at once: TRUE to try again. */
static gboolean
wait_to_send(int fd, int why, gint64 deadline_us, GError **error)
{
    if (why == EINTR)
        return TRUE;
    if (why == EAGAIN) {
        int ready = wait_for(fd, POLLOUT, deadline_us, error);
        return ready == 0 ? timed_out(error, _("sending a frame")) : ready > 0;
    }
    if (why == ETOOMANYREFS || why == ENOBUFS) {
        if (poll_time(deadline_us) == 0)
            return timed_out(error, _("sending a frame"));
        poll(NULL, 0, FULL_PAUSE_MS);
        return TRUE;
    }
    int code = why == EPIPE || why == ECONNRESET || why == ENOTCONN ? HANGU_ERROR_AWAY : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, _("cannot send a frame: %s"), g_strerror(why));
    return FALSE;
}

static gboolean
send_parts(int fd, const FrameHeader *header, gconstpointer bytes, const int *fds, guint fd_count, gint64 deadline_us,
           GError **error)
{
    struct iovec parts[2] = {{(void *)header, sizeof *header}, {(void *)bytes, header->length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = header->length > 0 ? 2 : 1};
    Control control;
    attach_fds(&message, &control, fds, fd_count);
    while (sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        if (!wait_to_send(fd, errno, deadline_us, error))
            return FALSE;
    return TRUE;
}

gboolean
frame_send(int fd, guint32 type, GVariant *body, const int *fds, guint fd_count, gint64 deadline_us, GError **error)
{
    g_autoptr(GVariant) kept = body != NULL ? g_variant_ref_sink(body) : NULL;
    gsize length = kept != NULL ? g_variant_get_size(kept) : 0;
    if (length > FRAME_BODY_MAX || fd_count > FRAME_FDS_MAX) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                    "frame 0x%x is too large: %" G_GSIZE_FORMAT " bytes and %u descriptors, at most %d and %d", type,
                    length, fd_count, FRAME_BODY_MAX, FRAME_FDS_MAX);
        return FALSE;
    }
    FrameHeader header = {.version = FRAME_VERSION, .type = type, .length = (guint32)length};
    memcpy(header.magic, frame_magic, sizeof header.magic);
    gconstpointer bytes = length > 0 ? g_variant_get_data(kept) : NULL;
    return send_parts(fd, &header, bytes, fds, fd_count, deadline_us, error);
}

/* Takes every descriptor that came, so that none stays open unseen. More than fit cannot come: the kernel
 * closes what the control buffer does not hold. */
static void
take_fds(struct msghdr *message, Frame *frame)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        gsize count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (gsize i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (frame->fd_count < FRAME_FDS_MAX)
                frame->fds[frame->fd_count++] = fd;
            else
                close(fd);
        }
    }
}

static gboolean
refuse(GError **error, const char *why)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "refused a frame: %s", why);
    return FALSE;
}

static gboolean
check_header(const FrameHeader *header, gsize received, int flags, GError **error)
{
    if ((flags & MSG_TRUNC) != 0)
        return refuse(error, "it is longer than any frame");
    if ((flags & MSG_CTRUNC) != 0)
        return refuse(error, "more descriptors than allowed, or no room for them");
    if (received < sizeof *header || memcmp(header->magic, frame_magic, sizeof header->magic) != 0)
        return refuse(error, "it does not begin like one; is another program on this socket?");
    if (header->version != FRAME_VERSION) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL,
                    "refused a frame of version %u (ours is %d): restart all programs of this installation",
                    header->version, FRAME_VERSION);
        return FALSE;
    }
    if (header->length != received - sizeof *header)
        return refuse(error, "its length is not what it says");
    return TRUE;
}

/* A number and bytes to the end: there is nothing in it that could be wrong, and GVariant would call a function for
 * each byte, which costs more than unpacking the archive that the bytes came from. */
static gboolean
is_always_normal(const char *type, gsize length)
{
    return strcmp(type, "(uay)") == 0 && length >= sizeof(guint32);
}

static gboolean
read_body(const FrameHeader *header, GBytes *bytes, FrameTypes type_string, Frame *frame, GError **error)
{
    const char *type = type_string(header->type);
    frame->type = header->type;
    if (type == NULL) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "refused a frame: type 0x%x is not expected here",
                    header->type);
        return FALSE;
    }
    if (*type == '\0')
        return header->length == 0 || refuse(error, "its type has no body, but one came");
    gboolean normal = is_always_normal(type, header->length);
    g_autoptr(GVariant) body = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(type), bytes, normal));
    if (!g_variant_is_normal_form(body))
        return refuse(error, "its body is not of its type");
    frame->body = g_steal_pointer(&body);
    return TRUE;
}

static int
receive_failed(int why, GError **error)
{
    if (why == ECONNRESET)
        return 0; /* it died with our last frame unread */
    g_set_error(error, HANGU_ERROR, why == EAGAIN ? HANGU_ERROR_TIMEOUT : HANGU_ERROR_IO, "cannot receive a frame: %s",
                g_strerror(why));
    return -1;
}

/* The next packet's length without taking it, so that a buffer need not be as long as the longest frame: freeing so
 * large a block makes malloc tidy the whole heap. 1 and length_out, 0 at the end, -1 with error. */
static int
next_length(int fd, gint64 deadline_us, gsize *length_out, GError **error)
{
    for (gboolean ended = FALSE;;) {
        gssize length = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
        /* The kernel looks for a packet first and for the end after that: who sends and closes in between has both. */
        if (length == 0 && !ended) {
            ended = TRUE;
            continue;
        }
        if (length >= 0) {
            *length_out = (gsize)length;
            return 1;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return receive_failed(errno, error);
        int ready = wait_for(fd, POLLIN, deadline_us, error);
        if (ready == 0)
            timed_out(error, _("waiting for a frame"));
        if (ready <= 0)
            return -1;
    }
}

/* Bytes received, 0 at the end, -1 with error. */
static gssize
receive_packet(int fd, struct msghdr *message, GError **error)
{
    gssize received;
    do
        received = recvmsg(fd, message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    return received >= 0 ? received : receive_failed(errno, error);
}

int
frame_receive(int fd, FrameTypes type_string, gint64 deadline_us, Frame *frame_out, GError **error)
{
    g_auto(Frame) frame = {0};
    FrameHeader header;
    Control control;
    gsize length = 0;
    int there = next_length(fd, deadline_us, &length, error);
    if (there <= 0)
        return there;
    gsize room = length > sizeof header ? MIN(length - sizeof header, FRAME_BODY_MAX) : 0;
    guint8 *body = g_malloc(MAX(room, 1));
    g_autoptr(GBytes) bytes = g_bytes_new_take(body, room);
    struct iovec parts[2] = {{&header, sizeof header}, {body, room}};
    struct msghdr message = {
        .msg_iov = parts, .msg_iovlen = 2, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    gssize received = receive_packet(fd, &message, error);
    if (received < 0)
        return -1;
    take_fds(&message, &frame);
    if (received == 0)
        return 0;
    if (!check_header(&header, (gsize)received, message.msg_flags, error) ||
        !read_body(&header, bytes, type_string, &frame, error))
        return -1;
    *frame_out = frame;
    for (guint i = frame.fd_count; i < FRAME_FDS_MAX; i++)
        frame_out->fds[i] = -1;
    frame = (Frame){0}; /* handed over */
    return 1;
}
