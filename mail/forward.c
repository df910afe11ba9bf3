/* forward - signs of automatic forwarding. */
#include "config.h"
#include "forward.h"
#include "address.h"
#include "direction.h"
#include "mime.h"
#include <string.h>

#define EVIDENCE_MAX 20

typedef enum {
    SIGN_ALWAYS,   /* the header is there */
    SIGN_VALUE,    /* ... with this word first */
    SIGN_ADDRESS,  /* ... with an address in it: programs that know only the web put an IP there */
    SIGN_LEAVING,  /* counts when the letter does not come in and is not redirected by hand */
    SIGN_DELIVERY, /* the same, and it names a local user */
    SIGN_RESENT,
} SignKind;

static const struct {
    const char *header;
    SignKind kind;
    const char *value;
} signs[] = {
    {"Auto-Submitted", SIGN_VALUE, "auto-forwarded"},
    {"Autoforwarded", SIGN_VALUE, "true"}, /* RFC 2156 */
    {"X-MS-Exchange-Organization-AutoForwarded", SIGN_VALUE, "true"},
    {"X-MS-Exchange-Generated-Message-Source", SIGN_VALUE, "mailbox"}, /* "Mailbox Rules Agent" */
    {"X-MS-Exchange-Inbox-Rules-Loop", SIGN_ALWAYS},
    {"X-MS-Exchange-ForwardingLoop", SIGN_ALWAYS},
    {"X-Forwarded-To", SIGN_ADDRESS},
    {"X-Forwarded-For", SIGN_ADDRESS},
    {"X-Forwarded-Encrypted", SIGN_ALWAYS},
    {"X-Yandex-Forward", SIGN_ALWAYS},
    {"X-Sieve-Redirected-From", SIGN_ALWAYS},
    {"X-Sieve", SIGN_LEAVING}, /* some servers put it into every letter they deliver */
    {"X-Gm-Original-To", SIGN_LEAVING},
    {"Delivered-To", SIGN_DELIVERY},
    {"X-Delivered-To", SIGN_DELIVERY},
    {"X-Original-To", SIGN_DELIVERY},
    {"Envelope-To", SIGN_DELIVERY},
    {"X-Envelope-To", SIGN_DELIVERY},
    {"Resent-From", SIGN_RESENT},
    {"Resent-Sender", SIGN_RESENT},
    {"Resent-To", SIGN_RESENT},
    {"Resent-Cc", SIGN_RESENT},
    {"Resent-Bcc", SIGN_RESENT},
    {"Resent-Date", SIGN_RESENT},
    {"Resent-Message-ID", SIGN_RESENT},
};

typedef struct {
    const Settings *settings;
    gboolean seen[G_N_ELEMENTS(signs)];
    gboolean resent_by_local; /* Resent-From or Resent-Sender is a local address */
} Look;

/* Whether the first word, past comments, is `word`. */
static gboolean
begins_with(const char *raw, gsize length, const char *word)
{
    const char *end = raw + length;
    gsize size = strlen(word);
    guint depth = 0;
    for (; raw < end && (depth > 0 || *raw == '(' || g_ascii_isspace(*raw)); raw++) {
        if (*raw == '(')
            depth++;
        else if (*raw == ')' && depth > 0)
            depth--;
    }
    return (gsize)(end - raw) >= size && g_ascii_strncasecmp(raw, word, size) == 0 &&
           ((gsize)(end - raw) == size || strchr(" \t\r\n;(", raw[size]) != NULL);
}

static gboolean
names_local_user(const char *raw, gsize length, const Settings *settings)
{
    g_autoptr(GPtrArray) mailboxes = address_parse_list(raw, length);
    for (guint i = 0; i < mailboxes->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(mailboxes, i);
        if (address_is_local(mailbox->address, settings->local_domains))
            return TRUE;
    }
    return FALSE;
}

static gboolean
each_header(const char *name, const char *raw, gsize length, gpointer user)
{
    Look *look = user;
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        gboolean seen = TRUE;
        if (g_ascii_strcasecmp(name, signs[i].header) != 0)
            continue;
        if (signs[i].kind == SIGN_VALUE)
            seen = begins_with(raw, length, signs[i].value);
        else if (signs[i].kind == SIGN_ADDRESS)
            seen = memchr(raw, '@', length) != NULL;
        else if (signs[i].kind == SIGN_DELIVERY)
            seen = names_local_user(raw, length, look->settings);
        look->seen[i] |= seen;
        if (g_ascii_strcasecmp(name, "Resent-From") == 0 || g_ascii_strcasecmp(name, "Resent-Sender") == 0)
            look->resent_by_local |= names_local_user(raw, length, look->settings);
        break;
    }
    return TRUE;
}

static void
note(Message *message, const char *evidence, gboolean decides)
{
    if (message->forward_evidence->len < EVIDENCE_MAX)
        g_ptr_array_add(message->forward_evidence, g_strdup(evidence));
    message->auto_forward |= decides;
}

static void
note_headers(Message *message, const Look *look, gboolean by_hand)
{
    gboolean comes_in = message->direction == DIRECTION_IN;
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        gboolean certain = signs[i].kind <= SIGN_ADDRESS;
        if (!look->seen[i] || (comes_in && !certain))
            continue;
        g_autofree char *evidence =
            signs[i].kind == SIGN_VALUE      ? g_strdup_printf("%s: %s", signs[i].header, signs[i].value)
            : signs[i].kind == SIGN_DELIVERY ? g_strdup_printf("%s: local user", signs[i].header)
                                             : g_strdup(signs[i].header);
        note(message, evidence, certain || !by_hand);
    }
}

static void
note_sender(Message *message, const Settings *settings)
{
    const Envelope *envelope = &message->envelope;
    g_autofree char *sender = address_normal(envelope->sender);
    gboolean told = settings->local_domains != NULL && settings->local_domains->len > 0;
    gboolean outside = told && *sender != '\0' && !address_is_local(sender, settings->local_domains);
    if (message->direction == DIRECTION_OUT && address_is_srs(sender))
        note(message, "SRS sender", TRUE);
    if (outside && direction_is_egress(envelope, settings))
        note(message, "outside sender at egress", TRUE);
    else if (outside && message->direction == DIRECTION_OUT && direction_is_pickup(envelope, settings))
        note(message, "outside sender at sendmail", TRUE);
}

void
forward_look(Message *message, const Settings *settings)
{
    const Envelope *envelope = &message->envelope;
    const Part *letter = message_part(message, 0);
    Look look = {.settings = settings};
    gboolean by_hand;
    if (letter != NULL)
        mime_headers(letter, each_header, &look);
    by_hand =
        look.resent_by_local && direction_is_submission(envelope, settings) && !direction_is_pickup(envelope, settings);
    note_headers(message, &look, by_hand);
    note_sender(message, settings);
}
