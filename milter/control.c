/* Requests by table; answers are short, peers that do not listen are dropped after a second. */
#include "config.h"
#include "control.h"
#include "clock.h"
#include "errors.h"
#include "log.h"
#include "record.h"
#include "wire.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_US G_USEC_PER_SEC
#define WAITERS_MAX 16
#define GROUPS_MAX 256

static gboolean
is_member(int fd, gid_t group)
{
    gid_t groups[GROUPS_MAX];
    socklen_t size = sizeof groups;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
        return FALSE;
    for (gsize i = 0; i < size / sizeof *groups; i++)
        if (groups[i] == group)
            return TRUE;
    return FALSE;
}

static gboolean
may_ask(int fd)
{
    guint uid, gid;
    int pid;
    g_autoptr(GError) error = NULL;
    if (!frame_peer(fd, &uid, &gid, &pid, &error)) {
        log_warn("control: %s", error->message);
        return FALSE;
    }
    if (uid == 0 || uid == geteuid() || gid == getegid() || is_member(fd, getegid()))
        return TRUE;
    log_warn("control: user %u (process %d) may not ask", uid, pid);
    return FALSE;
}

static void
reply(int fd, guint32 type, GVariant *body)
{
    g_autoptr(GError) error = NULL;
    if (!frame_send(fd, type, body, NULL, 0, g_get_monotonic_time() + PATIENCE_US, &error))
        log_debug("control: %s", error->message);
    close(fd);
}

static void
serve_status(Director *director, int fd, GVariant *body)
{
    json_auto_t *status = control_status(director);
    char *text = json_dumps(status, JSON_COMPACT);
    reply(fd, WIRE_CONTROL_STATUS_IS, g_variant_new("(s)", text != NULL ? text : "{}"));
    free(text);
}

static void
reply_reload(const Reload *reload, int fd)
{
    g_autofree char *text = g_strndup(reload->text != NULL ? reload->text : "", FRAME_BODY_MAX / 2);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", reload->good ? 0 : HANGU_ERROR_SETTINGS, valid));
}

static void
serve_reload(Director *director, int fd, GVariant *body)
{
    if (director->waiters->len >= WAITERS_MAX || director->stop_by_us != 0) {
        reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", HANGU_ERROR_AWAY, "busy or stopping; try again later"));
        return;
    }
    g_array_append_val(director->waiters, fd);
    director_reload(director);
}

void
control_answer_waiters(Director *director)
{
    if (director->reload.again)
        return; /* the last one asked for has not begun yet */
    for (guint i = 0; i < director->waiters->len; i++)
        reply_reload(&director->reload, g_array_index(director->waiters, int, i));
    g_array_set_size(director->waiters, 0);
}

/* A letter that an officer released may pass the gate once more. */
static void
serve_release(Director *director, int fd, GVariant *body)
{
    const char *record_id, *digest, *sender;
    g_autoptr(GVariantIter) iter = NULL;
    g_autoptr(GPtrArray) recipients = g_ptr_array_new();
    guint8 bytes[CRYPTO_DIGEST_SIZE];
    g_variant_get(body, "(&s&s&sas)", &record_id, &digest, &sender, &iter);
    const char *recipient;
    while (g_variant_iter_next(iter, "&s", &recipient))
        g_ptr_array_add(recipients, (gpointer)recipient);
    if (!record_digest_parse(digest, bytes)) {
        reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", HANGU_ERROR_DATA, "the record has no digest of its body"));
        return;
    }
    tickets_add(director->gate->tickets, record_id, bytes, sender, recipients, g_get_monotonic_time());
    g_autofree char *shown = log_foreign(record_id, -1, RECORD_ID_LENGTH);
    log_info("%s: released", shown);
    reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", 0, "released"));
}

/* As record_id_new() makes them. */
static gboolean
is_record_id(const char *text)
{
    gsize length = strlen(text);
    return length == RECORD_ID_LENGTH && strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == length;
}

/* Who may have letters written: root, ourselves, and the owner of hangu-authd's socket. */
static gboolean
may_notify(int fd, const Settings *settings)
{
    struct stat status;
    guint uid;
    return frame_peer(fd, &uid, NULL, NULL, NULL) &&
           (uid == 0 || uid == geteuid() || (stat(settings->accounts_socket, &status) == 0 && status.st_uid == uid));
}

static void
serve_notice(Director *director, int fd, GVariant *body)
{
    g_autoptr(Snapshot) snapshot = gate_snapshot(director->gate);
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GVariantIter) iter = NULL;
    const char *word, *name, *value;
    Notice notice = {.values = values};
    g_variant_get(body, "(&s&s&sa{ss})", &word, &notice.recipient, &notice.record_id, &iter);
    while (g_variant_iter_next(iter, "{&s&s}", &name, &value))
        g_hash_table_insert(values, (gpointer)name, (gpointer)value);
    value = g_hash_table_lookup(values, "problem");
    if (!may_notify(fd, snapshot->settings)) {
        reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", HANGU_ERROR_PERMISSION, "you may not have notices sent"));
    } else if (!notice_kind_parse(word, &notice.kind) ||
               (value != NULL && !submitter_problem_parse(value, &notice.problem)) ||
               (*notice.record_id != '\0' && !is_record_id(notice.record_id))) {
        reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", HANGU_ERROR_DATA, "no such notice, problem or record"));
    } else {
        gboolean taken = notices_tell(director->gate->notices, snapshot->settings, &notice);
        reply(fd, WIRE_CONTROL_DONE, g_variant_new("(us)", 0, taken ? "taken" : "not sent"));
    }
}

static const struct {
    guint32 type;
    void (*serve)(Director *director, int fd, GVariant *body); /* takes fd */
} requests[] = {
    {WIRE_CONTROL_STATUS, serve_status},
    {WIRE_CONTROL_RELOAD, serve_reload},
    {WIRE_CONTROL_RELEASE, serve_release},
    {WIRE_CONTROL_NOTICE, serve_notice},
};

static const char *
request_type_string(guint32 type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++)
        if (requests[i].type == type)
            return wire_type_string(type);
    return NULL;
}

void
control_serve(Director *director)
{
    g_auto(Frame) frame = {0};
    g_autoptr(GError) error = NULL;
    int fd = accept4(director->control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (!may_ask(fd) ||
        frame_receive(fd, request_type_string, g_get_monotonic_time() + PATIENCE_US, &frame, &error) <= 0) {
        close(fd);
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++)
        if (requests[i].type == frame.type)
            requests[i].serve(director, fd, frame.body);
}
