/* reading - the other end is emptied by a thread, and every frame is checked as the inspector does. */
#include "config.h"
#include "reading.h"
#include "frame.h"
#include "wire_extract.h"
#include <unistd.h>

static gboolean
is_honest(const Frame *frame)
{
    WirePart part;
    WireText text;
    WireBytes bytes;
    WireCover cover;
    WireLook look;
    return frame->type == WIRE_EXTRACT_END ||
           (frame->type == WIRE_EXTRACT_PART && wire_take_part(frame, &part, NULL)) ||
           (frame->type == WIRE_EXTRACT_TEXT && wire_take_text(frame, &text, NULL)) ||
           (frame->type == WIRE_EXTRACT_BYTES && wire_take_bytes(frame, &bytes, NULL)) ||
           (frame->type == WIRE_EXTRACT_COVER && wire_take_cover(frame, &cover, NULL)) ||
           (frame->type == WIRE_EXTRACT_LOOK && wire_take_look(frame, &look, NULL));
}

static gpointer
throw_away(gpointer user)
{
    int socket = GPOINTER_TO_INT(user);
    for (;;) {
        g_auto(Frame) frame = {0};
        if (frame_receive(socket, wire_inspector_types, -1, &frame, NULL) <= 0)
            return NULL;
        if (!is_honest(&frame))
            g_error("a frame that the inspector would refuse");
    }
}

void
reading_throw(const guint8 *bytes, gsize length, ReaderRun run)
{
    static const WireJob job = {
        .max_text = 256 * 1024, .max_bytes = 1024 * 1024, .max_parts = 50, .max_depth = 4, .ocr_ms = 1000};
    int fds[2];
    readers_prepare();
    if (!frame_pair(fds, NULL))
        return;
    GThread *thread = g_thread_new("taker", throw_away, GINT_TO_POINTER(fds[1]));
    g_autoptr(GBytes) own = g_bytes_new(bytes, length);
    g_autoptr(Source) source = source_of_bytes(own);
    Sink *sink = sink_new(fds[0], &job);
    run(source, sink, 0);
    sink_end(sink);
    sink_free(sink);
    close(fds[0]);
    g_thread_join(thread);
    close(fds[1]);
}
