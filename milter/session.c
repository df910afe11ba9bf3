/* The callbacks. A table says which step may follow which; what comes out of order ends in a temporary failure. */
#include "config.h"
#include "session.h"
#include "letter.h"
#include "log.h"
#include "passage.h"
#include "telling.h"
#include "track.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* Header changes and quarantine are the point of being here: a mail server without them is refused. */
#define ACTIONS_NEEDED (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE)
#define STEPS_WANTED                                                                                               \
    (SMFIP_NOUNKNOWN | SMFIP_NODATA | SMFIP_NOEOH | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | \
     SMFIP_NR_BODY | SMFIP_HDR_LEADSPC)

typedef enum { STATE_IDLE, STATE_ENVELOPE, STATE_HEADERS, STATE_BODY, STATES } State;
typedef enum { STEP_MAIL, STEP_RCPT, STEP_HEADER, STEP_BODY, STEP_END, STEPS } Step;

typedef struct {
    Snapshot *snapshot;
    unsigned long steps; /* as negotiated */
    State state;
    gboolean counted; /* among the gate's connections */
    char *client_ip, *client_name, *helo;
    Letter *letter; /* NULL between letters */
} Connection;

static const struct {
    gboolean allowed;
    State next;
} table[STATES][STEPS] = {
    [STATE_IDLE] = {[STEP_MAIL] = {TRUE, STATE_ENVELOPE}},
    [STATE_ENVELOPE] = {[STEP_RCPT] = {TRUE, STATE_ENVELOPE},
                        [STEP_HEADER] = {TRUE, STATE_HEADERS},
                        [STEP_BODY] = {TRUE, STATE_BODY},
                        [STEP_END] = {TRUE, STATE_IDLE}},
    [STATE_HEADERS] =
        {[STEP_HEADER] = {TRUE, STATE_HEADERS}, [STEP_BODY] = {TRUE, STATE_BODY}, [STEP_END] = {TRUE, STATE_IDLE}},
    [STATE_BODY] = {[STEP_BODY] = {TRUE, STATE_BODY}, [STEP_END] = {TRUE, STATE_IDLE}},
};

static Gate *gate; /* libmilter hands no pointer to callbacks of new connections */

static Connection *
connection_of(SMFICTX *context)
{
    return gate->calls->get_private(context);
}

static void
drop_letter(Connection *connection)
{
    g_clear_pointer(&connection->letter, letter_free);
    connection->state = STATE_IDLE;
}

static void
connection_free(Connection *connection)
{
    drop_letter(connection);
    if (connection->counted)
        g_atomic_int_add(&gate->connections, -1);
    snapshot_unref(connection->snapshot);
    g_free(connection->client_ip);
    g_free(connection->client_name);
    g_free(connection->helo);
    g_free(connection);
}

/* The connection if this step may come now. A letter whose commands come out of order can no longer pass. */
static Connection *
enter(SMFICTX *context, Step step)
{
    Connection *connection = connection_of(context);
    if (connection == NULL)
        return NULL;
    if (table[connection->state][step].allowed && (step == STEP_MAIL || connection->letter != NULL)) {
        connection->state = table[connection->state][step].next;
        return connection;
    }
    if (connection->letter != NULL)
        connection->letter->failure = FAILURE_SEQUENCE;
    return NULL;
}

/* The mail server awaits no answer to a step it was told so; a mistake is then told at the end. */
static sfsistat
reply_to(SMFICTX *context, unsigned long step, gboolean good)
{
    const Connection *connection = connection_of(context);
    if (connection != NULL && (connection->steps & step) != 0)
        return SMFIS_NOREPLY;
    return good ? SMFIS_CONTINUE : SMFIS_TEMPFAIL;
}

static sfsistat
negotiate(SMFICTX *context, unsigned long actions, unsigned long steps, unsigned long unused2, unsigned long unused3,
          unsigned long *actions_out, unsigned long *steps_out, unsigned long *unused2_out, unsigned long *unused3_out)
{
    static const struct {
        int stage;
        const char *names;
    } symbols[] = {
        {SMFIM_CONNECT, "{daemon_name}"},
        {SMFIM_HELO, "{tls_version}"},
        {SMFIM_ENVFROM, "{daemon_name} {auth_authen} {auth_type} {tls_version}"},
        {SMFIM_ENVRCPT, "i"},
        {SMFIM_EOM, "i"},
    };
    if ((actions & ACTIONS_NEEDED) != ACTIONS_NEEDED) {
        log_error("the mail server offers no header changes or no quarantine (actions 0x%lx); set milter_protocol = 6",
                  actions);
        return SMFIS_REJECT;
    }
    g_autoptr(Snapshot) snapshot = gate_snapshot(gate);
    *actions_out = ACTIONS_NEEDED;
    *steps_out = steps & STEPS_WANTED;
    if (snapshot != NULL && snapshot->settings->accounts_ask)
        *steps_out &= ~(unsigned long)SMFIP_NR_MAIL; /* an account may be refused there */
    *unused2_out = *unused3_out = 0;
    if ((actions & SMFIF_SETSYMLIST) != 0) {
        *actions_out |= SMFIF_SETSYMLIST;
        for (gsize i = 0; i < G_N_ELEMENTS(symbols); i++)
            gate->calls->set_symbols(context, symbols[i].stage, symbols[i].names);
    }
    Connection *connection = g_new0(Connection, 1);
    connection->steps = *steps_out;
    connection->snapshot = g_steal_pointer(&snapshot);
    if (gate->calls->set_private(context, connection) == MI_SUCCESS)
        return SMFIS_CONTINUE;
    connection_free(connection);
    return SMFIS_REJECT;
}

static char *
address_text(const _SOCK_ADDR *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address != NULL && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(gconstpointer)address)->sin_addr, text, sizeof text);
    else if (address != NULL && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(gconstpointer)address)->sin6_addr, text, sizeof text);
    return *text != '\0' ? g_strdup(text) : NULL;
}

static sfsistat
on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
    Connection *connection = connection_of(context);
    if (connection == NULL || connection->snapshot == NULL)
        return SMFIS_TEMPFAIL;
    if (g_atomic_int_get(&gate->stopping))
        return answer_defer(gate->calls, context, "4.3.2", "The mail gateway is being stopped");
    connection->counted = TRUE;
    if (g_atomic_int_add(&gate->connections, 1) >= connection->snapshot->settings->connections) {
        log_warn("more than %" G_GINT64_FORMAT " connections at once: this one is put off (setting milter.connections)",
                 connection->snapshot->settings->connections);
        return answer_defer(gate->calls, context, "4.3.2", "Too many connections to the mail gateway");
    }
    connection->client_ip = address_text(address);
    connection->client_name = g_strdup(name);
    return SMFIS_CONTINUE;
}

static sfsistat
on_helo(SMFICTX *context, char *name)
{
    Connection *connection = connection_of(context);
    if (connection != NULL) {
        g_free(connection->helo);
        connection->helo = g_strdup(name);
    }
    return reply_to(context, SMFIP_NR_HELO, connection != NULL);
}

static char *
symbol(SMFICTX *context, const char *name)
{
    const char *value = gate->calls->get_symbol(context, name);
    return value != NULL && *value != '\0' ? g_strdup(value) : NULL;
}

static gboolean
has_argument(char **arguments, const char *wanted)
{
    for (; *arguments != NULL; arguments++)
        if (g_ascii_strcasecmp(*arguments, wanted) == 0)
            return TRUE;
    return FALSE;
}

static void
take_envelope(SMFICTX *context, const Connection *connection, Letter *letter, char **arguments)
{
    Envelope *envelope = &letter->envelope;
    letter_set_sender(letter, arguments[0]);
    envelope->smtputf8 = has_argument(arguments + 1, "SMTPUTF8");
    envelope->client_ip = g_strdup(connection->client_ip);
    envelope->client_name = g_strdup(connection->client_name);
    envelope->helo = g_strdup(connection->helo);
    envelope->auth_user = symbol(context, "{auth_authen}");
    envelope->auth_type = symbol(context, "{auth_type}");
    envelope->tls_version = symbol(context, "{tls_version}");
    envelope->listener = symbol(context, "{daemon_name}");
}

static void
log_outcome(const Letter *letter, const Outcome *outcome, gint64 elapsed_us)
{
    const JobDone *done = &outcome->done;
    gboolean judged = outcome->failure == FAILURE_NONE;
    g_autofree char *queue_id = log_foreign(letter->envelope.queue_id, -1, 40);
    g_autofree char *client = log_foreign(letter->envelope.client_ip, -1, 60);
    log_info("%s: queue=%s client=%s direction=%s verdict=%s answer=%s mode=%s class=%s level=%s row=%s "
             "size=%" G_GINT64_FORMAT " ms=%.1f",
             outcome->id, queue_id, client, judged ? direction_word(done->direction) : "-",
             judged ? verdict_word(done->verdict) : failure_word(outcome->failure), verdict_word(outcome->answer),
             outcome->mode == MODE_ENFORCE ? "enforce" : "observe", judged ? class_word(done->class) : "-",
             judged ? level_word(done->level) : "-", judged && done->row != NULL ? done->row : "-", letter->size,
             (double)elapsed_us / 1000.0);
}

/* The answer is given: counted, logged, and the letter forgotten. */
static sfsistat
finish(SMFICTX *context, Connection *connection, Outcome *outcome, gint64 began)
{
    Letter *letter = connection->letter;
    sfsistat answer = answer_send(gate->calls, context, outcome, letter->forged);
    gint64 elapsed = g_get_monotonic_time() - began;
    stats_count(&gate->stats, outcome, letter->size, elapsed);
    log_outcome(letter, outcome, elapsed);
    telling_outcome(letter, outcome);
    drop_letter(connection);
    return answer;
}

/* Other sessions must not wait for this one's thread. */
static gboolean
on_early_tick(gpointer user)
{
    Letter *letter = user;
    if (!letter->nudged && gate->listener != NULL)
        listen_nudge(gate->listener);
    letter->nudged = TRUE;
    return TRUE;
}

static sfsistat
on_mail(SMFICTX *context, char **arguments)
{
    Connection *connection = enter(context, STEP_MAIL);
    if (connection == NULL || connection->snapshot == NULL)
        return reply_to(context, SMFIP_NR_MAIL, FALSE);
    g_auto(Outcome) outcome = {0};
    gint64 began = g_get_monotonic_time();
    Letter *letter = connection->letter = letter_new(gate, connection->snapshot);
    if (g_atomic_int_get(&gate->stopping))
        letter->failure = FAILURE_STOPPING;
    take_envelope(context, connection, letter, arguments);
    letter_ask_account(letter);
    if ((connection->steps & SMFIP_NR_MAIL) == 0 && passage_begin(letter, on_early_tick, letter, &outcome))
        return finish(context, connection, &outcome, began);
    return reply_to(context, SMFIP_NR_MAIL, TRUE);
}

static sfsistat
on_rcpt(SMFICTX *context, char **arguments)
{
    Connection *connection = enter(context, STEP_RCPT);
    if (connection != NULL) {
        letter_add_recipient(connection->letter, arguments[0]);
        for (char **one = arguments + 1; *one != NULL; one++)
            track_argument(connection->letter, arguments[0], *one);
    }
    return reply_to(context, SMFIP_NR_RCPT, connection != NULL);
}

static sfsistat
on_header(SMFICTX *context, char *name, char *value)
{
    Connection *connection = enter(context, STEP_HEADER);
    if (connection == NULL)
        return reply_to(context, SMFIP_NR_HDR, FALSE);
    if ((connection->steps & SMFIP_HDR_LEADSPC) != 0) {
        letter_add_header(connection->letter, name, value);
    } else {
        g_autofree char *spaced = g_strconcat(" ", value, NULL);
        letter_add_header(connection->letter, name, spaced);
    }
    return reply_to(context, SMFIP_NR_HDR, TRUE);
}

static sfsistat
on_body(SMFICTX *context, unsigned char *bytes, size_t length)
{
    Connection *connection = enter(context, STEP_BODY);
    if (connection != NULL)
        letter_add_body(connection->letter, bytes, length);
    return reply_to(context, SMFIP_NR_BODY, connection != NULL);
}

/* The first time it is early: other sessions must not wait for this one's thread. */
static gboolean
on_tick(gpointer user)
{
    Connection *connection = connection_of(user);
    if (!connection->letter->nudged) {
        connection->letter->nudged = TRUE;
        if (gate->listener != NULL)
            listen_nudge(gate->listener);
        return TRUE;
    }
    return gate->calls->progress(user) == MI_SUCCESS;
}

static sfsistat
on_end(SMFICTX *context)
{
    Connection *connection = enter(context, STEP_END);
    if (connection == NULL || connection->letter == NULL)
        return SMFIS_TEMPFAIL;
    g_auto(Outcome) outcome = {0};
    Letter *letter = connection->letter;
    gint64 began = g_get_monotonic_time();
    letter->envelope.queue_id = symbol(context, "i");
    letter_close(letter);
    passage_run(letter, on_tick, context, &outcome);
    return finish(context, connection, &outcome, began);
}

static sfsistat
on_abort(SMFICTX *context)
{
    Connection *connection = connection_of(context);
    if (connection != NULL && connection->letter != NULL)
        stats_count_aborted(&gate->stats);
    if (connection != NULL)
        drop_letter(connection);
    return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *context)
{
    Connection *connection = connection_of(context);
    if (connection != NULL) {
        gate->calls->set_private(context, NULL);
        connection_free(connection);
    }
    return SMFIS_CONTINUE;
}

struct smfiDesc
session_describe(Gate *shared)
{
    static char name[] = "hangu";
    gate = shared;
    return (struct smfiDesc){
        .xxfi_name = name,
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = ACTIONS_NEEDED | SMFIF_SETSYMLIST,
        .xxfi_negotiate = negotiate,
        .xxfi_connect = on_connect,
        .xxfi_helo = on_helo,
        .xxfi_envfrom = on_mail,
        .xxfi_envrcpt = on_rcpt,
        .xxfi_header = on_header,
        .xxfi_body = on_body,
        .xxfi_eom = on_end,
        .xxfi_abort = on_abort,
        .xxfi_close = on_close,
    };
}
