/* Any packet at a socket of ours, raw or behind a sound header: never a crash, never a body that is not of its
 * type. */
#include "config.h"
#include <stdint.h>
#include "frame.h"
#include "wire.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
receive_one(int fd)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int got = frame_receive(fd, wire_type_string, 0, &frame, &error);
    g_assert((got < 0) == (error != NULL));
    if (got != 1 || frame.body == NULL)
        return;
    g_assert(g_variant_is_of_type(frame.body, G_VARIANT_TYPE(wire_type_string(frame.type))));
    g_autofree char *text = g_variant_print(frame.body, FALSE);
    g_assert(text != NULL);
}

/* The first byte picks a known type; the rest is the body behind a header that fits. */
static gsize
dress_up(const uint8_t *data, size_t size, guint8 packet[SENT_MAX])
{
    static const guint32 types[] = {WIRE_LEDGER_APPEND, WIRE_LEDGER_DONE,    WIRE_LEDGER_FAILED, WIRE_LOADER_READY,
                                    WIRE_LOADER_FAILED, WIRE_CONTROL_STATUS, WIRE_CONTROL_DONE,  WIRE_LEDGER_STATUS_IS};
    guint32 type = types[data[0] % G_N_ELEMENTS(types)], length = (guint32)MIN(size - 1, SENT_MAX - 12);
    memcpy(packet, "HGU\x01", 4);
    memcpy(packet + 4, &type, 4);
    memcpy(packet + 8, &length, 4);
    memcpy(packet + 12, data + 1, length);
    return 12 + length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fds[2];
    guint8 packet[SENT_MAX];
    if (size == 0 || !frame_pair(fds, NULL))
        return 0;
    if (send(fds[0], data, MIN(size, SENT_MAX), MSG_DONTWAIT) > 0)
        receive_one(fds[1]);
    gsize length = dress_up(data, size, packet);
    if (send(fds[0], packet, length, MSG_DONTWAIT) > 0)
        receive_one(fds[1]);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
