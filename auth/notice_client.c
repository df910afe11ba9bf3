/* NoticeClient to the gate. */
#include "config.h"
#include "notice_client.h"
#include "clock.h"
#include "frame.h"
#include "log.h"
#include "wire.h"
#include <unistd.h>

#define WAITING_MAX 1000
#define SEND_US (5 * G_TIME_SPAN_SECOND)

struct NoticeClient {
    char *socket;
    GThreadPool *pool;
};

static void
send_one(gpointer data, gpointer user)
{
    g_autoptr(GVariant) body = data;
    const NoticeClient *notices = user;
    g_auto(Frame) answer = {0};
    g_autoptr(GError) error = NULL;
    gint64 deadline = clock_monotonic_us() + SEND_US;
    int fd = frame_connect(notices->socket, deadline, &error);
    gboolean good = fd >= 0 && frame_send(fd, WIRE_CONTROL_NOTICE, body, NULL, 0, deadline, &error) &&
                    frame_receive(fd, wire_type_string, deadline, &answer, &error) > 0;
    if (!good)
        log_warn("a notice was not sent: %s", error != NULL ? error->message : "the gate closed the connection");
    if (fd >= 0)
        close(fd);
}

NoticeClient *
notice_client_new(const char *control_socket)
{
    NoticeClient *notices = g_new0(NoticeClient, 1);
    notices->socket = g_strdup(control_socket);
    notices->pool = g_thread_pool_new(send_one, notices, 1, FALSE, NULL);
    return notices;
}

void
notice_client_free(NoticeClient *notices)
{
    if (notices == NULL)
        return;
    g_thread_pool_free(notices->pool, TRUE, TRUE);
    g_free(notices->socket);
    g_free(notices);
}

gboolean
notice_client_send(NoticeClient *notices, const char *kind, const char *recipient, ...)
{
    va_list words;
    const char *name;
    GVariantBuilder values;
    if (g_thread_pool_unprocessed(notices->pool) >= WAITING_MAX)
        return FALSE;
    g_variant_builder_init(&values, G_VARIANT_TYPE("a{ss}"));
    va_start(words, recipient);
    while ((name = va_arg(words, const char *)) != NULL) {
        const char *value = va_arg(words, const char *);
        g_variant_builder_add(&values, "{ss}", name, value);
    }
    va_end(words);
    GVariant *body = g_variant_new("(sssa{ss})", kind, recipient, "", &values);
    return g_thread_pool_push(notices->pool, g_variant_ref_sink(body), NULL);
}
