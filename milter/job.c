/* The two frames between gate and inspector. Envelope strings travel as bytes, because clients send what they like;
 * what comes back is text of ours and is checked field by field. */
#include "config.h"
#include "job.h"
#include "errors.h"
#include "record_scan.h"
#include "wire.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* number, length, deadline, received, smtputf8, lease, account, key, strings: few members, since each costs an
 * allocation or two. The strings stand one behind the other, each with its NUL: the optional ones ('+' in front, or
 * nothing), then the sender, then the addresses and names of the account, then the recipients. The account is a number:
 * 0 for no facts, else from the lowest bit source + 1 (8 bits), stage (8), how many addresses (16), problems (24), how
 * many names (8). */
#define JOB_TYPE "(txxxbutayay)"
/* number; failed, verdict, mode, actions, direction, way, class, level, problems and effect of the account, recipients
 * that are counted; row,
 * reply, report, failure */
#define JOB_DONE_TYPE "(taussss)"

enum {
    FAILED,
    VERDICT,
    MODE,
    ACTIONS,
    DIRECTION,
    WAY,
    CLASS,
    LEVEL,
    PROBLEMS,
    EFFECT,
    COUNTED,
    VALUES
}; /* the values of an answer */

enum { WAY_EGRESS = 1, WAY_FORWARD = 2 }; /* bits: no 5xx may be given; the row is about automatic forwards */

#define ACTIONS_KNOWN (ACTION_TAG | ACTION_ALERT | ACTION_LOG | ACTION_NOTE_ACCOUNT)

/* The optional strings of an envelope, in the order in which they travel. */
static const gsize optional_strings[] = {
    G_STRUCT_OFFSET(Envelope, client_ip), G_STRUCT_OFFSET(Envelope, client_name),
    G_STRUCT_OFFSET(Envelope, helo),      G_STRUCT_OFFSET(Envelope, auth_user),
    G_STRUCT_OFFSET(Envelope, auth_type), G_STRUCT_OFFSET(Envelope, tls_version),
    G_STRUCT_OFFSET(Envelope, listener),  G_STRUCT_OFFSET(Envelope, queue_id),
    G_STRUCT_OFFSET(Envelope, seen),      G_STRUCT_OFFSET(Envelope, history),
};

static char **
optional_string(const Envelope *envelope, gsize index)
{
    return (char **)G_STRUCT_MEMBER_P(envelope, optional_strings[index]);
}

static const char *
or_empty(const char *text)
{
    return text != NULL ? text : "";
}

const char *
job_type_string(guint32 type)
{
    return type == WIRE_JOB ? JOB_TYPE : type == WIRE_JOB_LEAVE ? "(tb)" : NULL;
}

const char *
job_done_type_string(guint32 type)
{
    switch (type) {
    case WIRE_JOB_DONE:
        return JOB_DONE_TYPE;
    case WIRE_JOB_ASK:
        return "(tu)";
    case WIRE_JOB_BACK:
        return "(t)";
    default:
        return NULL;
    }
}

static void
pack_string(GByteArray *strings, const char *text)
{
    g_byte_array_append(strings, (const guint8 *)text, (guint)strlen(text) + 1);
}

static GByteArray *
pack_strings(const Envelope *envelope)
{
    GByteArray *strings = g_byte_array_sized_new(512);
    for (gsize i = 0; i < G_N_ELEMENTS(optional_strings); i++) {
        const char *text = *optional_string(envelope, i);
        if (text != NULL)
            g_byte_array_append(strings, (const guint8 *)"+", 1);
        pack_string(strings, or_empty(text));
    }
    pack_string(strings, envelope->sender);
    for (guint i = 0; envelope->account != NULL && i < envelope->account->addresses->len; i++)
        pack_string(strings, g_ptr_array_index(envelope->account->addresses, i));
    for (guint i = 0; envelope->account != NULL && i < envelope->account->names->len; i++)
        pack_string(strings, g_ptr_array_index(envelope->account->names, i));
    for (guint i = 0; i < envelope->recipients->len; i++)
        pack_string(strings, g_ptr_array_index(envelope->recipients, i));
    return strings;
}

static guint64
pack_account(const Submitter *facts)
{
    if (facts == NULL)
        return 0;
    return ((guint64)facts->source + 1) | (guint64)facts->stage << 8 | (guint64)facts->addresses->len << 16 |
           (guint64)facts->problems << 32 | (guint64)facts->names->len << 56;
}

G_STATIC_ASSERT(SUBMITTER_PROBLEMS <= 24 && SUBMITTER_NAMES_MAX <= 255);

/* FALSE: no such facts. *addresses_out, *names_out: how many follow. */
static gboolean
unpack_account(guint64 packed, Submitter **facts_out, guint *addresses_out, guint *names_out)
{
    guint64 source = packed & 0xFF, stage = packed >> 8 & 0xFF, problems = packed >> 32 & 0xFFFFFF;
    *addresses_out = packed >> 16 & 0xFFFF;
    *names_out = (guint)(packed >> 56);
    if (packed == 0)
        return TRUE;
    if (source < 1 || source > SUBMITTER_DEVICE + 1 || stage > SUBMITTER_STAGE_ENFORCE ||
        (problems & ~(guint64)SUBMITTER_PROBLEMS_ALL) != 0 || *addresses_out > SUBMITTER_ADDRESSES_MAX ||
        *names_out > SUBMITTER_NAMES_MAX)
        return FALSE;
    *facts_out = submitter_new((SubmitterSource)(source - 1));
    (*facts_out)->stage = (SubmitterStage)stage;
    (*facts_out)->problems = (guint)problems;
    return TRUE;
}

GVariant *
job_encode(const Job *job, GError **error)
{
    const Envelope *envelope = job->envelope;
    GByteArray *strings = pack_strings(envelope);
    if (strings->len > JOB_ENVELOPE_MAX || envelope->recipients->len > JOB_RECIPIENTS_MAX ||
        (envelope->account != NULL && (envelope->account->addresses->len > SUBMITTER_ADDRESSES_MAX ||
                                       envelope->account->names->len > SUBMITTER_NAMES_MAX))) {
        g_byte_array_unref(strings);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the envelope is too large (%u recipients)",
                    envelope->recipients->len);
        return NULL;
    }
    GVariant *packed = g_variant_new_from_data(G_VARIANT_TYPE_BYTESTRING, strings->data, strings->len, TRUE,
                                               (GDestroyNotify)g_byte_array_unref, strings);
    GVariant *key = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, job->key, sizeof job->key, 1);
    return g_variant_new("(txxxbut@ay@ay)", job->number, job->length, job->deadline_us, envelope->received_us,
                         envelope->smtputf8, (guint32)job->lease, pack_account(envelope->account), key, packed);
}

typedef struct {
    const char *at, *end;
} Strings;

/* NULL when there is none left, or its NUL is missing. */
static const char *
next_string(Strings *strings)
{
    const char *string = strings->at;
    const char *nul = strings->at < strings->end ? memchr(string, '\0', (gsize)(strings->end - string)) : NULL;
    strings->at = nul != NULL ? nul + 1 : strings->end;
    return nul != NULL ? string : NULL;
}

static gboolean
unpack_strings(GVariant *packed, guint addresses, guint names, Envelope *envelope)
{
    gsize length = 0;
    const char *bytes = g_variant_get_fixed_array(packed, &length, 1);
    Strings strings = {bytes, bytes + length};
    const char *string;
    for (gsize i = 0; i < G_N_ELEMENTS(optional_strings); i++) {
        if ((string = next_string(&strings)) == NULL)
            return FALSE;
        *optional_string(envelope, i) = *string == '+' ? g_strdup(string + 1) : NULL;
    }
    if ((string = next_string(&strings)) == NULL)
        return FALSE;
    envelope->sender = g_strdup(string);
    for (; addresses > 0; addresses--) {
        if ((string = next_string(&strings)) == NULL)
            return FALSE;
        g_ptr_array_add(envelope->account->addresses, g_strdup(string));
    }
    for (; names > 0; names--) {
        if ((string = next_string(&strings)) == NULL)
            return FALSE;
        g_ptr_array_add(envelope->account->names, g_strdup(string));
    }
    while ((string = next_string(&strings)) != NULL)
        g_ptr_array_add(envelope->recipients, g_strdup(string));
    return TRUE;
}

gboolean
job_decode(Frame *frame, Job *job_out, Envelope *envelope_out, GError **error)
{
    if (frame->type != WIRE_JOB || frame->body == NULL || frame->fd_count > 1) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "frame 0x%x with %u descriptors is no job", frame->type,
                    frame->fd_count);
        return FALSE;
    }
    g_autoptr(GVariant) key = NULL, strings = NULL;
    guint32 lease = LEASE_LIGHT;
    guint64 account = 0;
    guint addresses = 0, names = 0;
    g_variant_get(frame->body, "(txxxbut@ay@ay)", &job_out->number, &job_out->length, &job_out->deadline_us,
                  &envelope_out->received_us, &envelope_out->smtputf8, &lease, &account, &key, &strings);
    gsize key_size = 0;
    const guint8 *key_bytes = g_variant_get_fixed_array(key, &key_size, 1);
    envelope_out->recipients = g_ptr_array_new_with_free_func(g_free);
    gboolean whole = frame->fd_count == 1 ? job_out->length >= 0 : job_out->length == JOB_NO_LETTER;
    if (key_size != CRYPTO_KEY_SIZE || !whole || lease > LEASE_LONG ||
        !unpack_account(account, &envelope_out->account, &addresses, &names) ||
        !unpack_strings(strings, addresses, names, envelope_out)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "a job without key, length, lease, account or envelope");
        return FALSE;
    }
    memcpy(job_out->key, key_bytes, CRYPTO_KEY_SIZE);
    job_out->lease = lease;
    job_out->envelope = envelope_out;
    job_out->spool_fd = frame->fd_count == 1 ? frame->fds[0] : -1;
    frame->fds[0] = -1;
    frame->fd_count = 0;
    return TRUE;
}

void
job_clear(Job *job)
{
    if (job->spool_fd >= 0)
        close(job->spool_fd);
    job->spool_fd = -1;
    crypto_wipe(job->key, sizeof job->key);
}

void
job_done_clear(JobDone *done)
{
    g_free(done->row);
    g_free(done->reply);
    json_decref(done->report);
    g_free(done->line);
    g_free(done->failure);
    *done = (JobDone){0};
}

/* Halves a list, once more telling how long it was. */
static void
halve(json_t *report, const char *name)
{
    json_t *list = json_object_get(report, name);
    g_autofree char *total = g_strconcat(name, "_total", NULL);
    gsize length = json_array_size(list);
    if (length == 0)
        return;
    if (json_object_get(report, total) == NULL)
        json_object_set_new(report, total, json_integer((json_int_t)length));
    for (gsize keep = length / 2; length > keep; length--)
        json_array_remove(list, length - 1);
}

/* The report's text, shortened until it fits: a record that lists fewer parts is better than none. NULL: too long. */
static char *
report_text(json_t *report)
{
    for (int round = 0; round < 16; round++) {
        char *text = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
        if (text == NULL || strlen(text) <= JOB_REPORT_MAX)
            return text;
        free(text);
        halve(report, "parts");
        halve(report, "findings");
    }
    return NULL;
}

GVariant *
job_done_encode(const JobDone *done)
{
    char *report = done->failed ? NULL : report_text(done->report);
    const char *failure = done->failure;
    gboolean failed = done->failed;
    if (!failed && report == NULL) {
        failed = TRUE;
        failure = "the report of this letter cannot be written";
    }
    const guint32 values[VALUES] = {
        [FAILED] = failed,
        [VERDICT] = done->verdict,
        [MODE] = done->mode,
        [ACTIONS] = done->actions,
        [DIRECTION] = done->direction,
        [WAY] = WAY_EGRESS * done->egress + WAY_FORWARD * done->forward,
        [CLASS] = done->class,
        [LEVEL] = done->level,
        [PROBLEMS] = done->account_problems,
        [EFFECT] = done->account_effect,
        [COUNTED] = done->counted,
    };
    GVariant *packed = g_variant_new_fixed_array(G_VARIANT_TYPE_UINT32, values, VALUES, sizeof values[0]);
    GVariant *body = g_variant_new("(t@aussss)", done->number, packed, or_empty(done->row), or_empty(done->reply),
                                   or_empty(report), or_empty(failure));
    free(report);
    return body;
}

static gboolean
disbelieve(GError **error, const char *what)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "the inspector's answer is not believed: %s", what);
    return FALSE;
}

gboolean
job_reply_is_good(const char *text, char first)
{
    gsize length = strlen(text);
    if (length > JOB_REPLY_MAX || length < strlen("550 5.7.1 x"))
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] > 0x7E)
            return FALSE;
    if (text[0] != first || !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[2]) || text[3] != ' ' ||
        text[4] != first || text[5] != '.')
        return FALSE;
    const char *rest = text + 6;
    for (int field = 0; field < 2; field++) { /* subject and detail of RFC 3463: one to three digits each */
        gsize digits = strspn(rest, "0123456789");
        if (digits < 1 || digits > 3 || rest[digits] != (field == 0 ? '.' : ' '))
            return FALSE;
        rest += digits + 1;
    }
    return *rest != '\0' && *rest != ' ';
}

static gboolean
row_is_good(const char *row)
{
    gsize length = strlen(row);
    return length <= JOB_ROW_MAX && strspn(row, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == length;
}

typedef struct {
    const char *name, *word;
} Said;

typedef struct {
    Said said[4];
    guint agreed;
} Agreement;

static gboolean
compare_member(const RecordSpan *name, const RecordSpan *value, gpointer user)
{
    Agreement *agreement = user;
    if (name == NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(agreement->said); i++) {
        const Said *said = &agreement->said[i];
        gsize length = strlen(said->word);
        if (record_span_is(name, said->name))
            agreement->agreed += value->length == length + 2 && value->bytes[0] == '"' &&
                                 memcmp(value->bytes + 1, said->word, length) == 0;
    }
    return TRUE;
}

/* The report must be what it would be in a record, and say the same as the frame. What else it says the ledger holds
 * against its schema. */
static gboolean
take_report(JobDone *done, const char *text, GError **error)
{
    gsize length = strlen(text);
    Agreement agreement = {{{"verdict", verdict_word(done->verdict)},
                            {"class", class_word(done->class)},
                            {"level", level_word(done->level)},
                            {"direction", direction_word(done->direction)}}};
    if (length > JOB_REPORT_MAX)
        return disbelieve(error, "report too large");
    if (!record_each(text, length, compare_member, &agreement))
        return disbelieve(error, "report is no JSON object in canonical form");
    if (agreement.agreed != G_N_ELEMENTS(agreement.said))
        return disbelieve(error, "report and verdict differ");
    done->line = g_strndup(text, length);
    return TRUE;
}

static gboolean
check_done(const JobDone *done, GError **error)
{
    if (done->verdict > VERDICT_TEMPFAIL || done->mode > MODE_ENFORCE || (done->actions & ~(guint)ACTIONS_KNOWN) != 0 ||
        done->direction > DIRECTION_IN || done->class > CLASS_STATE || done->level > LEVEL_TOP_SECRET ||
        (done->account_problems & ~(guint)SUBMITTER_PROBLEMS_ALL) != 0 || done->account_effect > ACCOUNT_EFFECT_DECIDED)
        return disbelieve(error, "a value out of range");
    if (done->row != NULL && !row_is_good(done->row))
        return disbelieve(error, "policy row");
    gboolean refuses = done->verdict == VERDICT_REJECT || done->verdict == VERDICT_TEMPFAIL;
    if (refuses != (done->reply != NULL))
        return disbelieve(error, "reply and verdict do not fit");
    if (refuses && !job_reply_is_good(done->reply, done->verdict == VERDICT_REJECT ? '5' : '4'))
        return disbelieve(error, "reply text");
    return TRUE;
}

static char *
take_text(const char *text)
{
    return *text != '\0' ? g_strdup(text) : NULL;
}

gboolean
job_done_decode(GVariant *body, guint64 number, JobDone *done_out, GError **error)
{
    const char *row, *reply, *report, *failure;
    g_autoptr(GVariant) packed = NULL;
    gsize count = 0;
    guint64 answered = 0;
    g_variant_get(body, "(t@au&s&s&s&s)", &answered, &packed, &row, &reply, &report, &failure);
    const guint32 *values = g_variant_get_fixed_array(packed, &count, sizeof values[0]);
    if (answered != number)
        return disbelieve(error, "it belongs to another letter");
    if (count != VALUES || values[FAILED] > 1 || values[WAY] > (WAY_EGRESS | WAY_FORWARD))
        return disbelieve(error, "its values");
    JobDone done = {
        .number = answered,
        .failed = values[FAILED] == 1,
        .verdict = values[VERDICT],
        .mode = values[MODE],
        .actions = values[ACTIONS],
        .direction = values[DIRECTION],
        .egress = (values[WAY] & WAY_EGRESS) != 0,
        .class = values[CLASS],
        .level = values[LEVEL],
        .forward = (values[WAY] & WAY_FORWARD) != 0,
        .account_problems = values[PROBLEMS],
        .account_effect = values[EFFECT],
        .counted = values[COUNTED],
    };
    if (done.failed) {
        done.failure = g_utf8_substring(failure, 0, MIN(g_utf8_strlen(failure, -1), JOB_FAILURE_MAX));
        *done_out = done;
        return TRUE;
    }
    done.row = take_text(row);
    done.reply = take_text(reply);
    if (!check_done(&done, error) || !take_report(&done, report, error)) {
        job_done_clear(&done);
        return FALSE;
    }
    *done_out = done;
    return TRUE;
}

gboolean
job_ask_decode(GVariant *body, guint64 number, LeaseKind *wanted_out, GError **error)
{
    guint64 asked = 0;
    guint32 wanted = 0;
    g_variant_get(body, "(tu)", &asked, &wanted);
    if (asked != number || wanted > LEASE_LONG)
        return disbelieve(error, "it asks for what there is not");
    *wanted_out = wanted;
    return TRUE;
}

gboolean
job_back_decode(GVariant *body, guint64 number, GError **error)
{
    guint64 left = 0;
    g_variant_get(body, "(t)", &left);
    return left == number || disbelieve(error, "it gives another letter back");
}
