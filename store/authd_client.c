/* Client of hangu-authd. As with the ledger, a connection is kept only after a good answer: what is left of a broken
 * conversation must never be read as the facts of another account. */
#include "config.h"
#include "authd_client.h"
#include "clock.h"
#include "errors.h"
#include "frame.h"
#include "wire.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_MAX 32 /* idle connections */
/* An authd that is being restarted gets this long to listen again. */
#define RESTART_US (1 * G_TIME_SPAN_SECOND)
#define RESTART_PAUSE_US (20 * G_TIME_SPAN_MILLISECOND)

struct AuthdClient {
    char *socket;
    GMutex lock;  /* guards idle; never held while waiting */
    GArray *idle; /* int, connections nobody uses */
};

AuthdClient *
authd_client_new(const char *socket_path)
{
    AuthdClient *client = g_new0(AuthdClient, 1);
    client->socket = g_strdup(socket_path);
    client->idle = g_array_new(FALSE, FALSE, sizeof(int));
    g_mutex_init(&client->lock);
    return client;
}

void
authd_client_free(AuthdClient *client)
{
    if (client == NULL)
        return;
    for (guint i = 0; i < client->idle->len; i++)
        close(g_array_index(client->idle, int, i));
    g_array_unref(client->idle);
    g_mutex_clear(&client->lock);
    g_free(client->socket);
    g_free(client);
}

/* --- the pool ------------------------------------------------------------------------------------------------ */

static int
take_idle(AuthdClient *client)
{
    int fd = -1;
    g_mutex_lock(&client->lock);
    if (client->idle->len > 0) {
        fd = g_array_index(client->idle, int, client->idle->len - 1);
        g_array_set_size(client->idle, client->idle->len - 1);
    }
    g_mutex_unlock(&client->lock);
    return fd;
}

/* An idle connection on which something can be read is closed at the other end, or out of step. */
static gboolean
is_quiet(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 0) == 0;
}

static int
borrow(AuthdClient *client, gint64 deadline_us, GError **error)
{
    int fd;
    while ((fd = take_idle(client)) >= 0) {
        if (is_quiet(fd))
            return fd;
        close(fd);
    }
    gint64 patience_us = clock_monotonic_us() + RESTART_US;
    for (;;) {
        g_autoptr(GError) away = NULL;
        fd = frame_connect(client->socket, deadline_us, &away);
        gint64 now = clock_monotonic_us();
        if (fd < 0 && away->code == HANGU_ERROR_AWAY && now < patience_us && (deadline_us < 0 || now < deadline_us)) {
            g_usleep(RESTART_PAUSE_US);
            continue;
        }
        if (fd < 0)
            g_propagate_error(error, g_steal_pointer(&away));
        return fd;
    }
}

static void
give_back(AuthdClient *client, int fd, gboolean sound)
{
    g_mutex_lock(&client->lock);
    gboolean kept = sound && client->idle->len < KEPT_MAX;
    if (kept)
        g_array_append_val(client->idle, fd);
    g_mutex_unlock(&client->lock);
    if (!kept)
        close(fd);
}

static void
take_error(GVariant *body, GError **error)
{
    guint32 code;
    gboolean more;
    const char *text;
    g_variant_get(body, "(ub&s)", &code, &more, &text);
    g_set_error(error, HANGU_ERROR,
                code >= HANGU_ERROR_USAGE && code <= HANGU_ERROR_SETTINGS ? (int)code : HANGU_ERROR_INTERNAL,
                "hangu-authd: %s", text);
}

static gboolean
receive(int fd, guint32 type, gint64 deadline_us, Frame *answer, GError **error)
{
    int got = frame_receive(fd, wire_type_string, deadline_us, answer, error);
    if (got == 0)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_AWAY,
                    "hangu-authd hung up without an answer: it answers root and members of accounts.group, or was "
                    "being stopped");
    else if (got > 0 && answer->type == WIRE_ACCOUNT_RESULT && type != WIRE_ACCOUNT_RESULT)
        take_error(answer->body, error);
    else if (got > 0 && answer->type != type)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "hangu-authd answered something else than was asked");
    return got > 0 && answer->type == type;
}

/* --- the account of a submission --------------------------------------------------------------------------------- */

static GVariant *
pack_question(const AuthdQuestion *question)
{
    const char *const texts[] = {question->account, question->mechanism, question->client_ip, question->tls_version,
                                 question->sender};
    GVariant *packed[G_N_ELEMENTS(texts)];
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *text = texts[i] != NULL ? texts[i] : "";
        /* No account has a name that is no UTF-8; what takes its place is no account's either. */
        packed[i] = g_variant_new_take_string(g_utf8_make_valid(text, (gssize)strnlen(text, SUBMITTER_TEXT_MAX)));
    }
    return g_variant_new_tuple(packed, G_N_ELEMENTS(packed));
}

static gboolean
take_texts(GVariant *list, gsize most, GPtrArray *out)
{
    GVariantIter iter;
    const char *text;
    if (g_variant_n_children(list) > most)
        return FALSE;
    g_variant_iter_init(&iter, list);
    while (g_variant_iter_next(&iter, "&s", &text)) {
        if (*text == '\0' || strlen(text) > SUBMITTER_TEXT_MAX)
            return FALSE;
        g_ptr_array_add(out, g_strdup(text));
    }
    return TRUE;
}

static gboolean
take_problems(GVariant *list, guint *problems_out)
{
    GVariantIter iter;
    const char *word;
    guint bit;
    g_variant_iter_init(&iter, list);
    while (g_variant_iter_next(&iter, "&s", &word)) {
        if (!submitter_problem_parse(word, &bit))
            return FALSE;
        *problems_out |= bit;
    }
    return TRUE;
}

static Submitter *
take_facts(GVariant *body, gboolean logged_in, GError **error)
{
    const char *stage, *own;
    g_autoptr(GVariant) problems = NULL, addresses = NULL, officers = NULL, names = NULL;
    g_autoptr(Submitter) facts = submitter_new(SUBMITTER_UNKNOWN);
    g_variant_get(body, "(&s&s@as@as@as@as)", &stage, &own, &problems, &addresses, &officers, &names);
    gboolean good = (*stage == '\0' || submitter_stage_parse(stage, &facts->stage)) &&
                    strlen(own) <= SUBMITTER_TEXT_MAX && take_problems(problems, &facts->problems) &&
                    take_texts(addresses, SUBMITTER_ADDRESSES_MAX, facts->addresses) &&
                    take_texts(officers, SUBMITTER_ADDRESSES_MAX, facts->officers) &&
                    take_texts(names, SUBMITTER_NAMES_MAX, facts->names);
    if (!good) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the facts that hangu-authd told are not believed");
        return NULL;
    }
    facts->own = *own != '\0' ? g_strdup(own) : NULL;
    if (facts->own != NULL)
        facts->source = logged_in ? SUBMITTER_KNOWN : SUBMITTER_DEVICE;
    return g_steal_pointer(&facts);
}

/* FALSE only with error: that the deadline is over, receive() tells. */
static gboolean
wait_a_moment(int fd, gint64 deadline_us, AuthdTick tick, gpointer user, GError **error)
{
    gint64 moment = clock_monotonic_us() + AUTHD_TICK_US;
    if (tick == NULL || (deadline_us >= 0 && deadline_us < moment))
        return TRUE;
    int ready = frame_wait(fd, moment, error);
    if (ready == 0)
        tick(user);
    return ready >= 0;
}

Submitter *
authd_ask(AuthdClient *client, const AuthdQuestion *question, gint64 deadline_us, AuthdTick tick, gpointer user,
          GError **error)
{
    g_auto(Frame) answer = {0};
    gboolean logged_in = question->account != NULL && *question->account != '\0';
    int fd = borrow(client, deadline_us, error);
    if (fd < 0)
        return NULL;
    Submitter *facts = NULL;
    if (frame_send(fd, WIRE_ACCOUNT_ASK, pack_question(question), NULL, 0, deadline_us, error) &&
        wait_a_moment(fd, deadline_us, tick, user, error) &&
        receive(fd, WIRE_ACCOUNT_FACTS, deadline_us, &answer, error))
        facts = take_facts(answer.body, logged_in, error);
    give_back(client, fd, facts != NULL);
    return facts;
}

/* --- verbs ------------------------------------------------------------------------------------------------------- */

/* One frame of an answer. TRUE: it was good; *more_out tells whether another follows. */
static gboolean
take_result(GVariant *body, AuthdRow row, gpointer user, gboolean *wanted, gboolean *more_out, GError **error)
{
    guint32 code;
    const char *text;
    g_variant_get(body, "(ub&s)", &code, more_out, &text);
    if (code != 0) {
        take_error(body, error);
        return FALSE;
    }
    if (*text == '\0' || !*wanted)
        return TRUE;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "a row that hangu-authd told is no JSON");
    else if (row != NULL)
        *wanted = row(object, user);
    gboolean good = object != NULL;
    json_decref(object);
    return good;
}

gboolean
authd_call(AuthdClient *client, const json_t *call, gint64 deadline_us, AuthdRow row, gpointer user, GError **error)
{
    char *text = json_dumps(call, JSON_COMPACT);
    if (text == NULL || strlen(text) >= FRAME_BODY_MAX - 1) {
        free(text);
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the request is too long or no JSON");
        return FALSE;
    }
    GVariant *body = g_variant_ref_sink(g_variant_new("(s)", text));
    free(text);
    int fd = borrow(client, deadline_us, error);
    gboolean good = fd >= 0 && frame_send(fd, WIRE_ACCOUNT_CALL, body, NULL, 0, deadline_us, error);
    gboolean more = TRUE, wanted = TRUE;
    while (good && more) {
        g_auto(Frame) answer = {0};
        good = receive(fd, WIRE_ACCOUNT_RESULT, deadline_us, &answer, error) &&
               take_result(answer.body, row, user, &wanted, &more, error);
    }
    g_variant_unref(body);
    if (fd >= 0)
        give_back(client, fd, good);
    return good;
}
