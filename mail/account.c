/* Session and addresses against the facts of the account. */
#include "config.h"
#include "account.h"
#include "address.h"
#include "direction.h"
#include <string.h>

static gboolean
listed(const GPtrArray *words, const char *wanted)
{
    for (guint i = 0; words != NULL && wanted != NULL && i < words->len; i++)
        if (g_ascii_strcasecmp(g_ptr_array_index(words, i), wanted) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
is_set(const char *text)
{
    return text != NULL && *text != '\0';
}

gboolean
account_is_asked(const Envelope *envelope, const Settings *settings)
{
    if (direction_is_egress(envelope, settings) || direction_is_pickup(envelope, settings))
        return FALSE;
    return is_set(envelope->auth_user) || listed(settings->submission_listeners, envelope->listener);
}

/* --- the session ------------------------------------------------------------------------------------------------- */

/* Mechanisms that show the password itself (RFC 4616 and LOGIN). */
static gboolean
shows_password(const char *mechanism)
{
    return g_ascii_strcasecmp(mechanism, "PLAIN") == 0 || g_ascii_strcasecmp(mechanism, "LOGIN") == 0;
}

/* SASL ANONYMOUS (RFC 4505) names nobody. */
static gboolean
is_logged_in(const Envelope *envelope)
{
    return is_set(envelope->auth_user) &&
           g_ascii_strcasecmp(is_set(envelope->auth_type) ? envelope->auth_type : "", "ANONYMOUS") != 0;
}

guint
account_session_problems(const Envelope *envelope, const Submitter *facts, const Settings *settings)
{
    const char *mechanism = is_set(envelope->auth_type) ? envelope->auth_type : "";
    gboolean logged_in = is_logged_in(envelope);
    guint problems = 0;
    if (facts != NULL && facts->source == SUBMITTER_DEVICE)
        return 0;
    if (!logged_in && !address_in_networks(envelope->client_ip, settings->local_networks))
        problems |= SUBMITTER_NO_AUTH;
    if (listed(settings->accounts_weak_mechanisms, mechanism))
        problems |= SUBMITTER_MECHANISM_WEAK;
    if (!is_set(envelope->tls_version) && !direction_is_loopback(envelope->client_ip))
        problems |= logged_in && shows_password(mechanism) ? SUBMITTER_CLEAR_PASSWORD : SUBMITTER_NO_TLS;
    return problems;
}

/* --- the addresses ----------------------------------------------------------------------------------------------- */

gboolean
account_owns(const Submitter *facts, const char *address, const char *delimiter)
{
    g_autofree char *base = address_base(address, delimiter);
    const char *domain = address_domain(base);
    for (guint i = 0; i < facts->addresses->len; i++) {
        const char *allowed = g_ptr_array_index(facts->addresses, i);
        g_autofree char *own = address_base(allowed, delimiter);
        if (*allowed == '@' ? *domain != '\0' && g_str_equal(address_domain(own), domain) : g_str_equal(own, base))
            return TRUE;
    }
    return FALSE;
}

/* Whether there is a list of addresses to compare with. */
static gboolean
is_bound(const Submitter *facts)
{
    return facts != NULL && facts->source == SUBMITTER_KNOWN && facts->addresses->len > 0;
}

static gboolean
all_owned(const Submitter *facts, const GPtrArray *mailboxes, const char *delimiter)
{
    for (guint i = 0; mailboxes != NULL && i < mailboxes->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(mailboxes, i);
        if (*mailbox->address != '\0' && !account_owns(facts, mailbox->address, delimiter))
            return FALSE;
    }
    return TRUE;
}

guint
account_sender_problems(const Envelope *envelope, const Message *message, const Settings *settings)
{
    const Submitter *facts = envelope->account;
    const char *delimiter = settings->recipient_delimiter;
    if (!is_bound(facts))
        return 0;
    g_autofree char *sender = address_normal(envelope->sender);
    gboolean owned = *sender == '\0' || account_owns(facts, sender, delimiter);
    if (message != NULL)
        owned =
            owned && all_owned(facts, message->from, delimiter) && all_owned(facts, message->from_sender, delimiter);
    return owned ? 0 : SUBMITTER_SENDER_NOT_OWNED;
}

gboolean
account_sender_unproven(const Envelope *envelope, const Settings *settings)
{
    const Submitter *facts = envelope->account;
    if (facts == NULL || facts->source == SUBMITTER_DEVICE)
        return FALSE;
    g_autofree char *sender = address_normal(envelope->sender);
    return *sender == '\0' || !is_bound(facts) || !account_owns(facts, sender, settings->recipient_delimiter);
}
