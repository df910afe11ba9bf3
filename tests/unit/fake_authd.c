#include "config.h"
#include "fake_authd.h"
#include "errors.h"
#include "frame.h"
#include "wire.h"
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeAuthd {
    char *directory, *path;
    int listener, stop[2];
    GThread *thread;
    GMutex lock; /* guards what follows */
    FakeAuthdKind kind;
    GVariant *facts;
    char *asked;
    guint connections;
};

static GVariant *
words(const char *list)
{
    GVariantBuilder builder;
    g_auto(GStrv) all = g_strsplit(list != NULL ? list : "", ",", -1);
    g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
    for (char **one = all; *one != NULL; one++)
        g_variant_builder_add(&builder, "s", *one);
    return g_variant_builder_end(&builder);
}

/* Two rows and an end; or the error that the call asks for. */
static void
answer_call(int fd, const char *text)
{
    if (strstr(text, "refuse") != NULL) {
        frame_send(fd, WIRE_ACCOUNT_RESULT, g_variant_new("(ubs)", (guint32)HANGU_ERROR_PERMISSION, FALSE, "not you"),
                   NULL, 0, -1, NULL);
        return;
    }
    for (int i = 1; i <= 2; i++) {
        g_autofree char *row = g_strdup_printf("{\"number\":%d}", i);
        frame_send(fd, WIRE_ACCOUNT_RESULT, g_variant_new("(ubs)", (guint32)0, TRUE, row), NULL, 0, -1, NULL);
    }
    frame_send(fd, WIRE_ACCOUNT_RESULT, g_variant_new("(ubs)", (guint32)0, FALSE, ""), NULL, 0, -1, NULL);
}

/* FALSE: hang up. */
static gboolean
answer(FakeAuthd *authd, int fd, Frame *frame)
{
    const char *texts[5];
    if (frame->type == WIRE_ACCOUNT_CALL) {
        g_variant_get(frame->body, "(&s)", &texts[0]);
        answer_call(fd, texts[0]);
        return TRUE;
    }
    g_variant_get(frame->body, "(&s&s&s&s&s)", &texts[0], &texts[1], &texts[2], &texts[3], &texts[4]);
    g_mutex_lock(&authd->lock);
    g_free(authd->asked);
    authd->asked = g_strdup_printf("%s|%s|%s|%s|%s", texts[0], texts[1], texts[2], texts[3], texts[4]);
    FakeAuthdKind kind = authd->kind;
    GVariant *facts = g_variant_ref(authd->facts);
    g_mutex_unlock(&authd->lock);
    if (kind == FAKE_AUTHD_GOOD)
        frame_send(fd, WIRE_ACCOUNT_FACTS, facts, NULL, 0, -1, NULL);
    else if (kind == FAKE_AUTHD_ODD)
        frame_send(fd, WIRE_LEDGER_DONE, g_variant_new("(tts)", (guint64)1, (guint64)1, ""), NULL, 0, -1, NULL);
    g_variant_unref(facts);
    return kind != FAKE_AUTHD_HANGS_UP;
}

static void
take(FakeAuthd *authd, GArray *fds)
{
    struct pollfd peer = {.fd = accept4(authd->listener, NULL, NULL, SOCK_CLOEXEC), .events = POLLIN};
    g_array_append_val(fds, peer);
    g_mutex_lock(&authd->lock);
    authd->connections++;
    g_mutex_unlock(&authd->lock);
}

static gpointer
serve(gpointer user)
{
    FakeAuthd *authd = user;
    g_autoptr(GArray) fds = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
    struct pollfd first[2] = {{.fd = authd->stop[0], .events = POLLIN}, {.fd = authd->listener, .events = POLLIN}};
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
            if (frame_receive(all[i - 1].fd, wire_type_string, -1, &frame, NULL) <= 0 ||
                !answer(authd, all[i - 1].fd, &frame)) {
                close(all[i - 1].fd);
                g_array_remove_index(fds, i - 1);
            }
        }
        if (all[1].revents != 0)
            take(authd, fds);
    }
    for (guint i = 2; i < fds->len; i++)
        close(g_array_index(fds, struct pollfd, i).fd);
    return NULL;
}

FakeAuthd *
fake_authd_start(void)
{
    FakeAuthd *authd = g_new0(FakeAuthd, 1);
    authd->directory = g_dir_make_tmp("hangu-authd-XXXXXX", NULL);
    authd->path = g_build_filename(authd->directory, "socket", NULL);
    authd->listener = frame_listen(authd->path, 0600, NULL, NULL);
    g_assert_cmpint(authd->listener, >=, 0);
    g_assert_cmpint(pipe(authd->stop), ==, 0);
    fake_authd_say(authd, FAKE_AUTHD_GOOD, "", "", NULL, NULL, NULL);
    authd->thread = g_thread_new("authd", serve, authd);
    return authd;
}

void
fake_authd_stop(FakeAuthd *authd)
{
    close(authd->stop[1]);
    g_thread_join(authd->thread);
    close(authd->stop[0]);
    close(authd->listener);
    g_unlink(authd->path);
    g_rmdir(authd->directory);
    g_variant_unref(authd->facts);
    g_free(authd->asked);
    g_free(authd->directory);
    g_free(authd->path);
    g_free(authd);
}

const char *
fake_authd_path(const FakeAuthd *authd)
{
    return authd->path;
}

void
fake_authd_say(FakeAuthd *authd, FakeAuthdKind kind, const char *stage, const char *own, const char *problems,
               const char *addresses, const char *officers)
{
    GVariant *facts = g_variant_new("(ss@as@as@as@as)", stage, own, words(problems), words(addresses), words(officers),
                                    words("李青,liqing"));
    g_mutex_lock(&authd->lock);
    g_clear_pointer(&authd->facts, g_variant_unref);
    authd->facts = g_variant_ref_sink(facts);
    authd->kind = kind;
    g_mutex_unlock(&authd->lock);
}

char *
fake_authd_asked(FakeAuthd *authd)
{
    g_mutex_lock(&authd->lock);
    char *asked = g_strdup(authd->asked);
    g_mutex_unlock(&authd->lock);
    return asked;
}

guint
fake_authd_connections(FakeAuthd *authd)
{
    g_mutex_lock(&authd->lock);
    guint connections = authd->connections;
    g_mutex_unlock(&authd->lock);
    return connections;
}
