/* The envelope alone: the gate has one long before there is a message. */
#include "config.h"
#include "message.h"

void
envelope_clear(Envelope *envelope)
{
    g_free(envelope->sender);
    g_clear_pointer(&envelope->recipients, g_ptr_array_unref);
    g_free(envelope->client_ip);
    g_free(envelope->client_name);
    g_free(envelope->helo);
    g_free(envelope->auth_user);
    g_free(envelope->auth_type);
    g_free(envelope->tls_version);
    g_free(envelope->listener);
    g_free(envelope->queue_id);
    g_free(envelope->seen);
    g_free(envelope->history);
    submitter_free(envelope->account);
    *envelope = (Envelope){0};
}
