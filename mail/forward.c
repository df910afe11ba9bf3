/* forward - signs of automatic forwarding. */
#include "config.h"
#include "forward.h"
#include "address.h"
#include "direction.h"
#include "mime.h"
#include <string.h>

#define EVIDENCE_MAX 20
#define FORWARD_ALLOWED "allowed: register"

typedef enum {
    SIGN_ALWAYS,   /* the header is there */
    SIGN_VALUE,    /* ... with this word first */
    SIGN_ADDRESS,  /* ... with an address in it: programs that know only the web put an IP there */
    SIGN_RULE,     /* a mailbox rule made this: a forward, unless it is an automatic reply */
    SIGN_LEAVING,  /* weak, and only in mail that does not come in */
    SIGN_DELIVERY, /* the same, and it names a local user */
    SIGN_RESENT,   /* the same as LEAVING */
} SignKind;

/* Weak signs of one group are one sign: what wrote one of them often wrote another. */
typedef enum { GROUP_CERTAIN, GROUP_DELIVERY, GROUP_SIEVE, GROUP_LOOP, GROUP_RESENT, GROUP_FROM, GROUP_SENDER } Group;

static const struct {
    const char *header;
    SignKind kind;
    const char *value;
    Group group;
} signs[] = {
    {"Auto-Submitted", SIGN_VALUE, "auto-forwarded", GROUP_CERTAIN},
    {"Autoforwarded", SIGN_VALUE, "true", GROUP_CERTAIN},
    {"X-Autoforwarded", SIGN_VALUE, "true", GROUP_CERTAIN}, /* RFC 2156 behind gateways that may not write it bare */
    {"X-MS-Exchange-Organization-AutoForwarded", SIGN_VALUE, "true", GROUP_CERTAIN},
    {"X-MS-Exchange-ForwardingLoop", SIGN_ALWAYS, NULL, GROUP_CERTAIN},
    {"X-MS-Exchange-Inbox-Rules-Loop", SIGN_RULE, NULL, GROUP_CERTAIN},
    {"X-MS-Exchange-Generated-Message-Source", SIGN_RULE, "mailbox", GROUP_CERTAIN}, /* "Mailbox Rules Agent" */
    {"X-Kopano-Rule-Action", SIGN_RULE, NULL, GROUP_CERTAIN},
    {"X-Zarafa-Rule-Action", SIGN_RULE, NULL, GROUP_CERTAIN},
    {"X-Zimbra-Forwarded", SIGN_ALWAYS, NULL, GROUP_CERTAIN},
    {"X-Forwarded-To", SIGN_ADDRESS, NULL, GROUP_CERTAIN},
    {"X-Forwarded-For", SIGN_ADDRESS, NULL, GROUP_CERTAIN},
    {"X-Forwarded-Encrypted", SIGN_ALWAYS, NULL, GROUP_CERTAIN},
    {"X-Yandex-Forward", SIGN_ALWAYS, NULL, GROUP_CERTAIN},
    {"X-Sieve-Redirected-From", SIGN_ALWAYS, NULL, GROUP_CERTAIN},
    {"X-Sieve", SIGN_LEAVING, NULL, GROUP_SIEVE}, /* some servers put it into every letter they deliver */
    {"X-Gm-Original-To", SIGN_LEAVING, NULL, GROUP_DELIVERY},
    {"Delivered-To", SIGN_DELIVERY, NULL, GROUP_DELIVERY},
    {"X-Delivered-To", SIGN_DELIVERY, NULL, GROUP_DELIVERY},
    {"X-Original-To", SIGN_DELIVERY, NULL, GROUP_DELIVERY},
    {"Envelope-To", SIGN_DELIVERY, NULL, GROUP_DELIVERY},
    {"X-Envelope-To", SIGN_DELIVERY, NULL, GROUP_DELIVERY},
    {"X-Loop", SIGN_DELIVERY, NULL, GROUP_LOOP}, /* by custom of procmail's users */
    {"Resent-From", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-Sender", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-To", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-Cc", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-Bcc", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-Date", SIGN_RESENT, NULL, GROUP_RESENT},
    {"Resent-Message-ID", SIGN_RESENT, NULL, GROUP_RESENT},
};

typedef struct {
    const Settings *settings;
    struct {
        gboolean seen;
        gboolean counts; /* not of the letter's way before a local user sent it on by hand */
        gboolean fresh;  /* made at the last hop: at most one Received above it */
    } found[G_N_ELEMENTS(signs)];
    guint received;      /* Received headers so far */
    gboolean sent_on;    /* a Resent-From or Resent-Sender of a local user has come */
    gboolean report;     /* Content-Type is multipart/report */
    gboolean automatic;  /* Auto-Submitted says reply, notification or the like */
    gboolean list_local; /* List-Id or List-Post of a local domain */
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

/* "Weekly <week.lists.unit.example>" (RFC 2919), "<mailto:week@unit.example>" (RFC 2369): what stands in the last
 * angle brackets, or all of it, ends in a local domain. */
static gboolean
names_local_list(const char *raw, gsize length, const Settings *settings)
{
    g_autofree char *text = g_strndup(raw, MIN(length, 500));
    char *open = strrchr(text, '<');
    char *name = open != NULL ? open + 1 : text;
    name[strcspn(name, ">?")] = '\0';
    const char *at = strrchr(name, '@');
    for (const char *tail = at != NULL ? at + 1 : g_strstrip(name); tail != NULL && *tail != '\0';) {
        g_autofree char *address = g_strconcat("x@", tail, NULL);
        const char *dot = strchr(tail, '.');
        if (address_is_local(address, settings->local_domains))
            return TRUE;
        tail = dot != NULL && at == NULL ? dot + 1 : NULL;
    }
    return FALSE;
}

static gboolean
is_there(guint index, const char *raw, gsize length, const Settings *settings)
{
    switch (signs[index].kind) {
    case SIGN_VALUE:
        return begins_with(raw, length, signs[index].value);
    case SIGN_RULE:
        return signs[index].value == NULL || begins_with(raw, length, signs[index].value);
    case SIGN_ADDRESS:
        return memchr(raw, '@', length) != NULL;
    case SIGN_DELIVERY:
        return names_local_user(raw, length, settings);
    case SIGN_ALWAYS:
    case SIGN_LEAVING:
    case SIGN_RESENT:
        break;
    }
    return TRUE;
}

/* What is no sign itself, but tells what the signs are worth. */
static void
look_around(Look *look, const char *name, const char *raw, gsize length)
{
    if (g_ascii_strcasecmp(name, "Received") == 0)
        look->received++;
    else if (g_ascii_strcasecmp(name, "Content-Type") == 0)
        look->report |= begins_with(raw, length, "multipart/report");
    else if (g_ascii_strcasecmp(name, "Auto-Submitted") == 0)
        look->automatic |= !begins_with(raw, length, "no") && !begins_with(raw, length, "auto-forwarded");
    else if (g_ascii_strcasecmp(name, "List-Id") == 0 || g_ascii_strcasecmp(name, "List-Post") == 0)
        look->list_local |= names_local_list(raw, length, look->settings);
    else if (g_ascii_strcasecmp(name, "Resent-From") == 0 || g_ascii_strcasecmp(name, "Resent-Sender") == 0)
        look->sent_on |= names_local_user(raw, length, look->settings);
}

static gboolean
each_header(const char *name, const char *raw, gsize length, gpointer user)
{
    Look *look = user;
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        if (g_ascii_strcasecmp(name, signs[i].header) != 0)
            continue;
        if (is_there(i, raw, length, look->settings)) {
            look->found[i].seen = TRUE;
            look->found[i].counts |= !look->sent_on || signs[i].kind == SIGN_RESENT;
            look->found[i].fresh |= look->received <= 1;
        }
        break;
    }
    look_around(look, name, raw, length);
    return TRUE;
}

static void
note(Message *message, const char *evidence)
{
    if (message->forward_evidence->len < EVIDENCE_MAX)
        g_ptr_array_add(message->forward_evidence, g_strdup(evidence));
}

/* What the letter itself is. */
typedef struct {
    gboolean null_sender;
    gboolean outside_sender; /* not null, and of no local domain */
    gboolean outside_from;
    gboolean report; /* a delivery report, an automatic reply: made here, not passed on */
    gboolean list;   /* a local list's own */
} Nature;

static gboolean
is_outside(const char *address, const Settings *settings)
{
    gboolean told = settings->local_domains != NULL && settings->local_domains->len > 0;
    return told && *address != '\0' && !address_is_local(address, settings->local_domains);
}

static Nature
nature_of(const Message *message, const Look *look, const Settings *settings)
{
    g_autofree char *sender = address_normal(message->envelope.sender);
    Nature nature = {.null_sender = *sender == '\0', .outside_sender = is_outside(sender, settings)};
    for (guint i = 0; message->from != NULL && i < message->from->len; i++) {
        const Mailbox *mailbox = g_ptr_array_index(message->from, i);
        nature.outside_from |= strchr(mailbox->address, '@') != NULL && is_outside(mailbox->address, settings);
    }
    nature.report =
        (nature.null_sender && look->report) || (look->automatic && (nature.null_sender || !nature.outside_from));
    nature.list = look->list_local && !nature.null_sender && !nature.outside_sender && !address_is_srs(sender);
    return nature;
}

static gboolean
decides(guint index, const Look *look, const Nature *nature)
{
    if (!look->found[index].counts || (nature->list && !look->found[index].fresh))
        return FALSE;
    return signs[index].kind != SIGN_RULE || !(nature->report && nature->null_sender);
}

/* Gives the groups of weak signs as bits. */
static guint
note_headers(Message *message, const Look *look, const Nature *nature)
{
    gboolean comes_in = message->direction == DIRECTION_IN;
    guint weak = 0;
    for (guint i = 0; i < G_N_ELEMENTS(signs); i++) {
        gboolean certain = signs[i].group == GROUP_CERTAIN;
        if (!look->found[i].seen || (comes_in && !certain))
            continue;
        g_autofree char *evidence =
            signs[i].kind == SIGN_VALUE      ? g_strdup_printf("%s: %s", signs[i].header, signs[i].value)
            : signs[i].kind == SIGN_DELIVERY ? g_strdup_printf("%s: local user", signs[i].header)
                                             : g_strdup(signs[i].header);
        note(message, evidence);
        if (certain)
            message->auto_forward |= decides(i, look, nature);
        else if (look->found[i].counts)
            weak |= 1u << signs[i].group;
    }
    return weak;
}

static guint
note_sender(Message *message, const Look *look, const Nature *nature, const Settings *settings)
{
    const Envelope *envelope = &message->envelope;
    g_autofree char *sender = address_normal(envelope->sender);
    guint weak = 0;
    if (message->direction == DIRECTION_OUT && address_is_srs(sender)) {
        note(message, "SRS sender");
        weak |= 1u << GROUP_SENDER;
    }
    if (nature->outside_sender && direction_is_egress(envelope, settings)) {
        note(message, "outside sender at egress");
        message->auto_forward = TRUE;
    } else if (nature->outside_sender && message->direction == DIRECTION_OUT &&
               direction_is_pickup(envelope, settings)) {
        note(message, "outside sender at sendmail");
        message->auto_forward = TRUE;
    }
    if (nature->null_sender)
        weak |= 1u << GROUP_SENDER;
    if (nature->outside_from && !look->sent_on)
        weak |= 1u << GROUP_FROM;
    return weak;
}

/* The gate's own knowledge. */
static const struct {
    const char *word, *evidence;
    gboolean certain;
} ways[] = {
    {"message-id", "seen-inbound:message-id", TRUE},
    {"body", "seen-inbound:body", TRUE},
    {"orcpt", "ORCPT: local user", FALSE},
    {"allowed", FORWARD_ALLOWED, FALSE},
};

const char *
forward_seen_word(const char *evidence)
{
    for (guint i = 0; i < G_N_ELEMENTS(ways); i++)
        if (g_strcmp0(evidence, ways[i].evidence) == 0)
            return ways[i].word;
    return NULL;
}

static guint
note_way(Message *message, const Look *look, const Nature *nature)
{
    g_auto(GStrv) words = g_strsplit_set(message->envelope.seen != NULL ? message->envelope.seen : "", " ,", -1);
    guint weak = 0;
    for (guint i = 0; i < G_N_ELEMENTS(ways) && message->direction != DIRECTION_IN; i++) {
        if (!g_strv_contains((const char *const *)words, ways[i].word))
            continue;
        note(message, ways[i].evidence);
        if (strcmp(ways[i].evidence, FORWARD_ALLOWED) == 0)
            continue;
        if (!ways[i].certain)
            weak |= 1u << GROUP_DELIVERY;
        else if (!look->sent_on && !nature->report && !nature->list)
            message->auto_forward = TRUE;
    }
    return weak;
}

/* Two weak signs, of which one was seen in the letter's own headers or envelope: an outside From alone says only that
 * somebody wrote it. */
static void
note_weak(Message *message, guint weak)
{
    if ((weak & 1u << GROUP_FROM) != 0 && (weak & ~(1u << GROUP_FROM)) != 0)
        note(message, "outside author");
    if ((weak & 1u << GROUP_SENDER) != 0 && (weak & ~(1u << GROUP_SENDER)) != 0 && *message->envelope.sender == '\0')
        note(message, "null sender");
    message->auto_forward |= (weak & (weak - 1)) != 0;
}

static gboolean
is_allowed(const Message *message)
{
    return g_ptr_array_find_with_equal_func(message->forward_evidence, FORWARD_ALLOWED, g_str_equal, NULL);
}

void
forward_look(Message *message, const Settings *settings)
{
    const Part *letter = message_part(message, 0);
    Look look = {.settings = settings};
    if (letter != NULL)
        mime_headers(letter, each_header, &look);
    Nature nature = nature_of(message, &look, settings);
    guint weak = note_headers(message, &look, &nature) | note_sender(message, &look, &nature, settings) |
                 note_way(message, &look, &nature);
    if (message->direction != DIRECTION_IN && !nature.report && !nature.list)
        note_weak(message, weak);
    if (is_allowed(message))
        message->auto_forward = FALSE;
}
