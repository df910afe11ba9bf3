/* frame - bounded, versioned frames over SOCK_SEQPACKET Unix sockets.
 *
 * One frame is one packet: magic "HGU", version byte, type (guint32), body length (guint32), body.
 * The body is a serialised GVariant of a type that both ends know; it is checked to be normal.
 * Descriptors ride along (SCM_RIGHTS, at most FRAME_FDS_MAX, close-on-exec at the receiver).
 * All waits are poll() against a monotonic deadline; no signal is raised (MSG_NOSIGNAL). */
#pragma once
#include <glib.h>

#define FRAME_VERSION 1
#define FRAME_BODY_MAX (192 * 1024)
#define FRAME_FDS_MAX 4

typedef struct {
    guint32 type;
    GVariant *body;         /* owned; NULL for none */
    int fds[FRAME_FDS_MAX]; /* owned; -1 when absent */
    guint fd_count;
} Frame;
void frame_clear(Frame *frame); /* closes descriptors, drops the body */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Frame, frame_clear)

/* A connected pair, close-on-exec. */
gboolean frame_pair(int fds_out[2], GError **error);
/* Listening socket at `path`: replaces a dead one, refuses a live one, sets mode and group (NULL: leaves). */
int frame_listen(const char *path, guint mode, const char *group, GError **error);
/* The same of a stream, for a protocol of others (HTTP). */
int frame_listen_stream(const char *path, guint mode, const char *group, GError **error);
int frame_connect(const char *path, gint64 deadline_us, GError **error);
/* uid, gid, pid of the other end. */
gboolean frame_peer(int fd, guint *uid_out, guint *gid_out, int *pid_out, GError **error);

/* Sends one frame; consumes a floating `body` (may be NULL). Does not close `fds`.
 * deadline_us: clock_monotonic_us() value; -1 waits for ever. */
gboolean frame_send(int fd, guint32 type, GVariant *body, const int *fds, guint fd_count, gint64 deadline_us,
                    GError **error);
/* Receives one frame. `type_string` is asked for the GVariant type string of a frame type; it returns
 * NULL for an unknown type (refused), "" for no body. Returns 1 and fills frame_out, 0 at end of file, -1 with error.
 */
typedef const char *(*FrameTypes)(guint32 type);
int frame_receive(int fd, FrameTypes type_string, gint64 deadline_us, Frame *frame_out, GError **error);
/* Waits until readable: 1, or 0 when deadline_us passed, -1 with error. */
int frame_wait(int fd, gint64 deadline_us, GError **error);
