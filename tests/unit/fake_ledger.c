#include "config.h"
#include "fake_ledger.h"
#include "errors.h"
#include "frame.h"
#include "wire.h"
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeLedger {
    char *directory, *path;
    int listener, stop[2];
    GThread *thread;
    GMutex lock; /* guards the two below */
    GPtrArray *records;
    FakeLedgerKind kind;
};

/* 0, or why it is refused. */
static guint32
take(FakeLedger *ledger, const char *text)
{
    json_t *record = json_loads(text, 0, NULL);
    g_mutex_lock(&ledger->lock);
    gboolean refused = ledger->kind == FAKE_LEDGER_REFUSES_IO ||
                       (ledger->kind == FAKE_LEDGER_REFUSES_REPORTS && json_object_get(record, "verdict") != NULL);
    guint32 code = ledger->kind == FAKE_LEDGER_REFUSES_IO ? HANGU_ERROR_IO : HANGU_ERROR_DATA;
    if (refused)
        json_decref(record);
    else
        g_ptr_array_add(ledger->records, record);
    g_mutex_unlock(&ledger->lock);
    return refused ? code : 0;
}

static void
answer_batch(FakeLedger *ledger, int fd, const Frame *frame)
{
    guint64 number;
    const char *text;
    GVariantBuilder results;
    g_autoptr(GVariantIter) texts = NULL;
    g_variant_get(frame->body, "(tas)", &number, &texts);
    g_variant_builder_init(&results, G_VARIANT_TYPE("a(us)"));
    while (g_variant_iter_next(texts, "&s", &text)) {
        guint32 code = take(ledger, text);
        g_variant_builder_add(&results, "(us)", code, code != 0 ? "refused" : "");
    }
    frame_send(fd, WIRE_LEDGER_BATCH_DONE, g_variant_new("(ta(us))", number, &results), NULL, 0, -1, NULL);
}

static void
answer(FakeLedger *ledger, int fd, const Frame *frame)
{
    guint64 number;
    const char *text;
    if (frame->type == WIRE_LEDGER_BATCH) {
        answer_batch(ledger, fd, frame);
        return;
    }
    g_variant_get(frame->body, "(t&s)", &number, &text);
    guint32 code = take(ledger, text);
    g_mutex_lock(&ledger->lock);
    guint64 seq = ledger->records->len;
    g_mutex_unlock(&ledger->lock);
    if (code != 0)
        frame_send(fd, WIRE_LEDGER_FAILED, g_variant_new("(tus)", number, code, "refused"), NULL, 0, -1, NULL);
    else
        frame_send(fd, WIRE_LEDGER_DONE, g_variant_new("(tts)", number, seq, "hash"), NULL, 0, -1, NULL);
}

static gpointer
serve(gpointer user)
{
    FakeLedger *ledger = user;
    g_autoptr(GArray) fds = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
    struct pollfd first[2] = {{.fd = ledger->stop[0], .events = POLLIN}, {.fd = ledger->listener, .events = POLLIN}};
    g_array_append_vals(fds, first, 2);
    for (;;) {
        struct pollfd *all = (struct pollfd *)(gpointer)fds->data;
        poll(all, fds->len, -1);
        if (all[0].revents != 0)
            break;
        for (guint i = fds->len; i > 2; i--) {
            g_auto(Frame) frame = {0};
            if (all[i - 1].revents == 0)
                continue;
            if (frame_receive(all[i - 1].fd, wire_type_string, -1, &frame, NULL) > 0) {
                answer(ledger, all[i - 1].fd, &frame);
            } else {
                close(all[i - 1].fd);
                g_array_remove_index(fds, i - 1);
            }
        }
        if (all[1].revents != 0) {
            struct pollfd peer = {.fd = accept4(ledger->listener, NULL, NULL, SOCK_CLOEXEC), .events = POLLIN};
            g_array_append_val(fds, peer);
        }
    }
    for (guint i = 2; i < fds->len; i++)
        close(g_array_index(fds, struct pollfd, i).fd);
    return NULL;
}

FakeLedger *
fake_ledger_start(void)
{
    FakeLedger *ledger = g_new0(FakeLedger, 1);
    ledger->directory = g_dir_make_tmp("hangu-ledger-XXXXXX", NULL);
    ledger->path = g_build_filename(ledger->directory, "socket", NULL);
    ledger->records = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    ledger->listener = frame_listen(ledger->path, 0600, NULL, NULL);
    g_assert_cmpint(ledger->listener, >=, 0);
    g_assert_cmpint(pipe(ledger->stop), ==, 0);
    ledger->thread = g_thread_new("ledger", serve, ledger);
    return ledger;
}

void
fake_ledger_stop(FakeLedger *ledger)
{
    close(ledger->stop[1]);
    g_thread_join(ledger->thread);
    close(ledger->stop[0]);
    close(ledger->listener);
    g_unlink(ledger->path);
    g_rmdir(ledger->directory);
    g_ptr_array_unref(ledger->records);
    g_free(ledger->directory);
    g_free(ledger->path);
    g_free(ledger);
}

const char *
fake_ledger_path(const FakeLedger *ledger)
{
    return ledger->path;
}

void
fake_ledger_behave(FakeLedger *ledger, FakeLedgerKind kind)
{
    g_mutex_lock(&ledger->lock);
    ledger->kind = kind;
    g_mutex_unlock(&ledger->lock);
}

json_t *
fake_ledger_record(FakeLedger *ledger, guint index)
{
    g_mutex_lock(&ledger->lock);
    g_assert_cmpuint(index, <, ledger->records->len);
    json_t *record = g_ptr_array_index(ledger->records, index);
    g_mutex_unlock(&ledger->lock);
    return record;
}

guint
fake_ledger_count(FakeLedger *ledger)
{
    g_mutex_lock(&ledger->lock);
    guint count = ledger->records->len;
    g_mutex_unlock(&ledger->lock);
    return count;
}
