/* direction - out, local or in. */
#include "config.h"
#include "direction.h"
#include "address.h"

static gboolean
listener_is(const Envelope *envelope, const char *name)
{
    return envelope->listener != NULL && name != NULL && *name != '\0' && g_strcmp0(envelope->listener, name) == 0;
}

gboolean
direction_is_egress(const Envelope *envelope, const Settings *settings)
{
    return listener_is(envelope, settings->egress_listener);
}

gboolean
direction_is_loopback(const char *ip)
{
    return ip != NULL && (g_str_has_prefix(ip, "127.") || g_ascii_strcasecmp(ip, "::1") == 0 ||
                          g_ascii_strcasecmp(ip, "ipv6:::1") == 0);
}

gboolean
direction_is_pickup(const Envelope *envelope, const Settings *settings)
{
    if (listener_is(envelope, settings->pickup_listener))
        return TRUE;
    return envelope->listener == NULL && envelope->helo == NULL && envelope->auth_user == NULL &&
           direction_is_loopback(envelope->client_ip) && g_strcmp0(envelope->client_name, "localhost") == 0;
}

gboolean
direction_is_submission(const Envelope *envelope, const Settings *settings)
{
    if (direction_is_egress(envelope, settings))
        return FALSE;
    return (envelope->auth_user != NULL && *envelope->auth_user != '\0') || direction_is_pickup(envelope, settings) ||
           address_in_networks(envelope->client_ip, settings->local_networks);
}

/* Both as it is written and as it is unwrapped: SRS may lead outside from an inside address and the other way round. */
static gboolean
is_inside(const char *recipient, const Settings *settings)
{
    g_autofree char *normal = address_normal(recipient);
    g_autofree char *base = address_base(recipient, settings->recipient_delimiter);
    return address_stays_inside(normal, settings->local_domains) && address_stays_inside(base, settings->local_domains);
}

static gboolean
all_inside(const GPtrArray *recipients, const Settings *settings)
{
    for (guint i = 0; i < recipients->len; i++)
        if (!is_inside(g_ptr_array_index(recipients, i), settings))
            return FALSE;
    return recipients->len > 0;
}

void
direction_derive(Message *message, const Settings *settings)
{
    const Envelope *envelope = &message->envelope;
    gboolean egress = direction_is_egress(envelope, settings);
    message->egress = egress || direction_is_pickup(envelope, settings);
    if (envelope->direction_given)
        message->direction = envelope->direction;
    else if (egress || !all_inside(envelope->recipients, settings))
        message->direction = DIRECTION_OUT;
    else
        message->direction = direction_is_submission(envelope, settings) ? DIRECTION_LOCAL : DIRECTION_IN;
}
