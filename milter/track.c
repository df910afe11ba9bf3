/* Asked and told around each inspection; a digest of the body is made once, and only when somebody needs it. */
#include "config.h"
#include "track.h"
#include "accounts.h"
#include "address.h"
#include "authd_client.h"
#include "clock.h"
#include "correlation.h"
#include "direction.h"
#include "log.h"
#include <string.h>

#define READ_SIZE (64 * 1024)
#define ASK_PATIENCE_US (2 * G_USEC_PER_SEC)
#define COUNTED_MAX 32 /* bits of JobDone.counted */

static gboolean
is_inside(const Letter *letter, const char *address)
{
    return address_stays_inside(address, letter->snapshot->settings->local_domains);
}

/* Normal addresses. */
static GPtrArray *
normal_recipients(const Letter *letter)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < letter->envelope.recipients->len; i++)
        g_ptr_array_add(list, address_normal(g_ptr_array_index(letter->envelope.recipients, i)));
    return list;
}

static guint
count_inside(const Letter *letter, const GPtrArray *recipients)
{
    guint count = 0;
    for (guint i = 0; i < recipients->len; i++)
        count += is_inside(letter, g_ptr_array_index(recipients, i)) ? 1 : 0;
    return count;
}

/* Without white space: Postfix and others fold lines and change their ends on the way. */
static gboolean
digest_body(Letter *letter, guint8 out[CRYPTO_DIGEST_SIZE])
{
    GMimeStream *stream =
        spool_stream_open(spool_fd(letter->spool), spool_key(letter->spool), spool_length(letter->spool), NULL);
    if (stream == NULL || g_mime_stream_seek(stream, MAX(letter->body_from, 0), GMIME_STREAM_SEEK_SET) < 0) {
        g_clear_object(&stream);
        return FALSE;
    }
    g_autofree char *buffer = g_malloc(READ_SIZE);
    CryptoHash *hash = crypto_hash_new();
    gsize total = 0;
    gssize got;
    while ((got = g_mime_stream_read(stream, buffer, READ_SIZE)) > 0) {
        gsize kept = 0;
        for (gssize i = 0; i < got; i++)
            if (!g_ascii_isspace(buffer[i]))
                buffer[kept++] = buffer[i];
        crypto_hash_add(hash, buffer, kept);
        total += kept;
    }
    crypto_hash_free(hash, out);
    g_object_unref(stream);
    return got == 0 && total >= CORRELATION_BODY_MIN;
}

static CorrelationLetter
name_letter(Letter *letter)
{
    if (!letter->body_tried && letter->spool != NULL && letter->failure == FAILURE_NONE)
        letter->has_body = digest_body(letter, letter->body);
    letter->body_tried = TRUE;
    return (CorrelationLetter){letter->message_id, letter->has_body ? letter->body : NULL};
}

void
track_argument(Letter *letter, const char *recipient, const char *argument)
{
    static const char keyword[] = "ORCPT=rfc822;";
    if (g_ascii_strncasecmp(argument, keyword, sizeof keyword - 1) != 0)
        return;
    /* xtext's "+3D" may only stand for what a local part hardly holds; a domain is as it is. */
    g_autofree char *original = address_normal(argument + sizeof keyword - 1);
    g_autofree char *normal = address_normal(recipient);
    if (strchr(original, '@') == NULL || !is_inside(letter, original) || is_inside(letter, normal))
        return;
    letter->led = TRUE;
    g_free(letter->owner);
    letter->owner = g_steal_pointer(&original);
}

void
track_header(Letter *letter, const char *name, const char *value)
{
    static const char *const names[] = {"X-Sieve-Redirected-From", "Delivered-To", "X-Original-To"};
    if (g_ascii_strcasecmp(name, "Received") == 0)
        letter->received++;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        if (letter->owner != NULL || letter->received > 1 || g_ascii_strcasecmp(name, names[i]) != 0)
            continue;
        g_autofree char *address = address_normal(value);
        if (strchr(address, '@') == NULL || !is_inside(letter, address))
            continue;
        letter->owner = g_steal_pointer(&address);
        letter->redirected = i == 0;
    }
}

/* --- permission -------------------------------------------------------------------------------------------------- */

typedef struct {
    char *now;
    const GPtrArray *leaving; /* char *: addresses outside */
    gboolean allowed;
} Permission;

static gboolean
is_covered(const json_t *exceptions, const char *now, const char *address)
{
    for (gsize i = 0; i < json_array_size(exceptions); i++)
        if (accounts_exception_covers(json_array_get(exceptions, i), "auto-forward", now, address))
            return TRUE;
    return FALSE;
}

/* One destination that is not allowed is enough: the letter is one. */
static gboolean
take_row(const json_t *row, gpointer user)
{
    Permission *permission = user;
    if (json_object_size(row) == 0) /* the end of the answer */
        return TRUE;
    permission->allowed = permission->leaving->len > 0;
    for (guint i = 0; i < permission->leaving->len; i++)
        if (!is_covered(json_object_get(row, "exceptions"), permission->now, g_ptr_array_index(permission->leaving, i)))
            permission->allowed = FALSE;
    return TRUE;
}

/* No answer is no permission. */
static gboolean
is_allowed(const Letter *letter, const GPtrArray *recipients)
{
    if (letter->owner == NULL || !letter->snapshot->settings->accounts_ask)
        return FALSE;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) leaving = g_ptr_array_new();
    for (guint i = 0; i < recipients->len; i++)
        if (!is_inside(letter, g_ptr_array_index(recipients, i)))
            g_ptr_array_add(leaving, g_ptr_array_index(recipients, i));
    Permission permission = {.now = clock_format(letter->envelope.received_us), .leaving = leaving};
    json_auto_t *call = json_pack("{s:s, s:s, s:s}", "verb", "show", "by", "", "account", letter->owner);
    if (!authd_call(letter->snapshot->authd, call, g_get_monotonic_time() + ASK_PATIENCE_US, take_row, &permission,
                    &error))
        log_debug("whether this forward is allowed: %s", error->message);
    g_free(permission.now);
    return permission.allowed;
}

/* --- work papers to one address ---------------------------------------------------------------------------------- */

/* Who sends: the register's address of the account, else its name, else the sender that it gives. */
static char *
account_of(const Letter *letter)
{
    const Envelope *envelope = &letter->envelope;
    const Submitter *facts = envelope->account;
    if (facts != NULL && facts->own != NULL)
        return g_strdup(facts->own);
    return address_normal(envelope->auth_user != NULL ? envelope->auth_user : envelope->sender);
}

/* A letter that a person sends is counted where he submits it, and not again on its way out. */
static gboolean
is_counted(const Letter *letter)
{
    const Settings *settings = letter->snapshot->settings;
    return settings->history_days > 0 && *letter->envelope.sender != '\0' &&
           !direction_is_egress(&letter->envelope, settings);
}

/* What is known of those outside who had such papers before. */
static void
ask_history(Letter *letter, const GPtrArray *recipients)
{
    Envelope *envelope = &letter->envelope;
    if (!is_counted(letter) || history_pairs(letter->gate->history) == 0)
        return;
    g_autofree char *account = account_of(letter);
    g_autoptr(GString) words = g_string_new(NULL);
    for (guint i = 0; i < MIN(recipients->len, COUNTED_MAX); i++) {
        const char *address = g_ptr_array_index(recipients, i);
        if (is_inside(letter, address))
            continue;
        HistoryCount count = history_count(letter->gate->history, account, address, envelope->received_us);
        if (count.letters > 0)
            g_string_append_printf(words, "%s%u:%u:%u", words->len > 0 ? " " : "", i, count.letters + 1,
                                   count.days + (count.today ? 0 : 1));
    }
    if (words->len > 0)
        envelope->history = g_string_free(g_steal_pointer(&words), FALSE);
}

static void
note_history(Letter *letter, const Outcome *outcome, const GPtrArray *recipients)
{
    if (outcome->done.counted == 0 || !is_counted(letter))
        return;
    g_autofree char *account = account_of(letter);
    for (guint i = 0; i < MIN(recipients->len, COUNTED_MAX); i++)
        if ((outcome->done.counted & 1u << i) != 0 && !is_inside(letter, g_ptr_array_index(recipients, i)))
            history_add(letter->gate->history, account, g_ptr_array_index(recipients, i), letter->envelope.received_us);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static gint64
window_us(const Letter *letter)
{
    return letter->snapshot->settings->forward_window * G_USEC_PER_SEC;
}

void
track_ask(Letter *letter)
{
    const Settings *settings = letter->snapshot->settings;
    Envelope *envelope = &letter->envelope;
    gboolean egress = direction_is_egress(envelope, settings);
    gboolean leaving = egress || direction_is_pickup(envelope, settings);
    if (letter->failure != FAILURE_NONE)
        return;
    g_autoptr(GPtrArray) recipients = normal_recipients(letter);
    ask_history(letter, recipients);
    if (!leaving && letter->owner == NULL)
        return;
    if (!egress && count_inside(letter, recipients) == recipients->len)
        return;
    guint seen = 0;
    if (leaving && window_us(letter) > 0 && correlation_count(letter->gate->correlation) > 0) {
        CorrelationLetter name = name_letter(letter);
        seen = correlation_leaving(letter->gate->correlation, &name, recipients, g_get_monotonic_time());
    }
    g_autoptr(GString) words = g_string_new(NULL);
    if ((seen & CORRELATION_MESSAGE_ID) != 0)
        g_string_append(words, "message-id ");
    if ((seen & CORRELATION_BODY) != 0)
        g_string_append(words, "body ");
    if (letter->led)
        g_string_append(words, "orcpt ");
    if (is_allowed(letter, recipients))
        g_string_append(words, "allowed ");
    if (words->len > 0)
        envelope->seen = g_strndup(words->str, words->len - 1);
}

void
track_note(Letter *letter, const Outcome *outcome)
{
    const Envelope *envelope = &letter->envelope;
    const Settings *settings = letter->snapshot->settings;
    Correlation *correlation = letter->gate->correlation;
    gint64 now = g_get_monotonic_time();
    if (outcome->failure != FAILURE_NONE || outcome->answer != VERDICT_ACCEPT ||
        direction_is_egress(envelope, settings))
        return;
    g_autoptr(GPtrArray) recipients = normal_recipients(letter);
    note_history(letter, outcome, recipients);
    if (window_us(letter) <= 0)
        return;
    gboolean delivered = count_inside(letter, recipients) > 0;
    gboolean by_person = envelope->auth_user != NULL || delivered;
    if (!delivered && (!by_person || correlation_count(correlation) == 0))
        return;
    CorrelationLetter name = name_letter(letter);
    if (delivered)
        correlation_delivered(correlation, &name, now, window_us(letter));
    if (by_person)
        correlation_told(correlation, &name, recipients, now);
}
