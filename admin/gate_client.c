/* One request, one answer. */
#include "config.h"
#include "gate_client.h"
#include "errors.h"
#include "frame.h"
#include "wire.h"
#include <glib/gi18n.h>
#include <unistd.h>

#define RELOAD_PATIENCE_US (60 * G_USEC_PER_SEC)
#define PATIENCE_US (3 * G_USEC_PER_SEC)

static json_t *
converse(int fd, gint64 deadline_us, GError **error)
{
    g_auto(Frame) frame = {0};
    if (!frame_send(fd, WIRE_CONTROL_STATUS, NULL, NULL, 0, deadline_us, error))
        return NULL;
    int got = frame_receive(fd, wire_type_string, deadline_us, &frame, error);
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    _("hangu-milter does not answer this user: ask as root or as a member of its group"));
    if (got <= 0)
        return NULL;
    const char *text = "";
    if (frame.type == WIRE_CONTROL_STATUS_IS)
        g_variant_get(frame.body, "(&s)", &text);
    json_t *status = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (status == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, _("hangu-milter's answer is not understood"));
    return status;
}

json_t *
gate_client_status(const char *control_socket, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + PATIENCE_US;
    int fd = frame_connect(control_socket, deadline_us, error);
    if (fd < 0)
        return NULL;
    json_t *status = converse(fd, deadline_us, error);
    close(fd);
    return status;
}

static gboolean
ask_reload(int fd, gint64 deadline_us, GError **error)
{
    g_auto(Frame) frame = {0};
    guint32 code = HANGU_ERROR_PROTOCOL;
    const char *text = _("hangu-milter's answer is not understood");
    if (!frame_send(fd, WIRE_CONTROL_RELOAD, NULL, NULL, 0, deadline_us, error))
        return FALSE;
    int got = frame_receive(fd, wire_type_string, deadline_us, &frame, error);
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PERMISSION,
                    _("hangu-milter does not answer this user: ask as root or as a member of its group"));
    if (got <= 0)
        return FALSE;
    if (frame.type == WIRE_CONTROL_DONE)
        g_variant_get(frame.body, "(u&s)", &code, &text);
    if (code != 0)
        g_set_error_literal(error, HANGU_ERROR, (int)code, text);
    return code == 0;
}

gboolean
gate_client_reload(const char *control_socket, GError **error)
{
    gint64 deadline_us = g_get_monotonic_time() + RELOAD_PATIENCE_US;
    int fd = frame_connect(control_socket, deadline_us, error);
    if (fd < 0)
        return FALSE;
    gboolean done = ask_reload(fd, deadline_us, error);
    close(fd);
    return done;
}
