/* taker - a thread at the other end of the socket, since a socket holds only some frames. */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "taker.h"
#include "cell.h"
#include "detect.h"
#include "frame.h"
#include "reader.h"
#include "spool.h"
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const TakerLimits TAKER_WIDE = {64 * 1024 * 1024, 256 * 1024 * 1024, 1000, 12};

typedef struct {
    int socket;
    Taken *taken;
} Taker;

static void
keep_bytes(Taken *taken, const WireBytes *bytes)
{
    if (bytes->part >= taken->bytes->len)
        g_ptr_array_set_size(taken->bytes, (gint)bytes->part + 1);
    GString **kept = (GString **)&g_ptr_array_index(taken->bytes, bytes->part);
    if (*kept == NULL)
        *kept = g_string_new(NULL);
    g_string_append_len(*kept, (const char *)bytes->bytes, (gssize)bytes->length);
}

static void
keep_types(Taken *taken, const WireText *text)
{
    g_autofree char *copy = g_strndup(text->text, text->length);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    for (guint i = 0; text->head && lines[i] != NULL; i++) {
        g_autofree char *colour =
            text->colour == FACE_NO_COLOUR ? g_strdup("-") : g_strdup_printf("%06x", text->colour);
        if (lines[i][0] != '\0')
            g_string_append_printf(taken->types, "%u %s %s\n", text->size, colour, lines[i]);
    }
}

static gboolean
keep(Taken *taken, const Frame *frame, GError **error)
{
    WirePart part;
    WireText text;
    WireBytes bytes;
    WireCover cover;
    WireLook look;
    switch (frame->type) {
    case WIRE_EXTRACT_PART:
        if (!wire_take_part(frame, &part, error))
            return FALSE;
        g_string_append_printf(taken->told, "part %u<%u %s \"%s\"\n", part.number, part.parent, part.type, part.name);
        g_string_append_printf(taken->names, "%s\n", part.name);
        return TRUE;
    case WIRE_EXTRACT_TEXT:
        if (!wire_take_text(frame, &text, error) || text.length > WIRE_TEXT_MAX)
            return FALSE;
        taken->text_frames++;
        if (!text.goes_on)
            g_string_append_printf(taken->text, "%s%u:%s:%s:", taken->text->len > 0 ? "\n" : "", text.part,
                                   place_word(text.place), text.name);
        g_string_append_len(taken->text, text.text, (gssize)text.length);
        keep_types(taken, &text);
        g_string_append(taken->places[text.place], text.goes_on ? "" : "\n");
        g_string_append_len(taken->places[text.place], text.text, (gssize)text.length);
        return TRUE;
    case WIRE_EXTRACT_BYTES:
        if (!wire_take_bytes(frame, &bytes, error))
            return FALSE;
        keep_bytes(taken, &bytes);
        return TRUE;
    case WIRE_EXTRACT_COVER:
        if (!wire_take_cover(frame, &cover, error))
            return FALSE;
        g_string_append_printf(taken->told, "cover %u %s %s\n", cover.part, coverage_word(cover.coverage),
                               cover.why == WHY_NONE ? "none" : why_word(cover.why));
        return TRUE;
    case WIRE_EXTRACT_LOOK:
        if (!wire_take_look(frame, &look, error))
            return FALSE;
        g_string_append_printf(taken->told, "look %u %u %u\n", look.part, look.page, look.look);
        return TRUE;
    default:
        g_string_append(taken->told, "end\n");
        return frame->type == WIRE_EXTRACT_END;
    }
}

static gpointer
take(gpointer user)
{
    Taker *taker = user;
    for (;;) {
        g_auto(Frame) frame = {0};
        GError *error = NULL;
        int got = frame_receive(taker->socket, wire_inspector_types, -1, &frame, &error);
        if (error != NULL)
            g_printerr("taker: %s\n", error->message);
        g_clear_error(&error);
        if (got <= 0) {
            taker->taken->lied |= got < 0;
            return NULL;
        }
        taker->taken->frames++;
        taker->taken->lied |= !keep(taker->taken, &frame, &error);
        if (error != NULL)
            g_printerr("taker: %s\n", error->message);
        g_clear_error(&error);
    }
}

static void
string_free(gpointer string)
{
    if (string != NULL)
        g_string_free(string, TRUE);
}

static WireJob
job_of(const TakerLimits *limits)
{
    return (WireJob){.max_text = limits->max_text,
                     .max_bytes = limits->max_bytes,
                     .max_parts = limits->max_parts,
                     .max_depth = limits->max_depth,
                     .cpu_ms = 20000,
                     .ocr_ms = 15000};
}

static Taken *
taken_new(void)
{
    Taken *taken = g_new0(Taken, 1);
    taken->told = g_string_new(NULL);
    taken->text = g_string_new(NULL);
    taken->names = g_string_new(NULL);
    taken->types = g_string_new(NULL);
    for (guint i = 0; i < PLACE_COUNT; i++)
        taken->places[i] = g_string_new(NULL);
    taken->bytes = g_ptr_array_new_with_free_func(string_free);
    return taken;
}

Taken *
taker_feed(TakerFeed feed, gpointer user, const TakerLimits *limits)
{
    int fds[2];
    WireJob job = job_of(limits);
    Taken *taken = taken_new();
    if (!frame_pair(fds, NULL))
        g_error("no sockets");
    Taker taker = {fds[1], taken};
    GThread *thread = g_thread_new("taker", take, &taker);
    Sink *sink = sink_new(fds[0], &job);
    feed(sink, user);
    sink_end(sink);
    sink_free(sink);
    close(fds[0]);
    g_thread_join(thread);
    close(fds[1]);
    return taken;
}

static const char *
type_of(const guint8 *bytes, gsize length)
{
    gsize far = length > DETECT_FAR_AT ? length - DETECT_FAR_AT : 0;
    return detect_wide(bytes, length, bytes + (far > 0 ? DETECT_FAR_AT : 0), far).type;
}

typedef struct {
    GBytes *bytes;
    const char *type;
} Whole;

static void
feed_whole(Sink *sink, gpointer user)
{
    const Whole *whole = user;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(whole->bytes, &length);
    g_autoptr(Source) source = source_of_bytes(whole->bytes);
    sink_read(sink, whole->type != NULL ? whole->type : type_of(bytes, length), source);
}

/* What libytnef drops it leaks; a reader's process is single-use. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
    return "leak:libytnef";
}

/* --- behind walls ----------------------------------------------------------------------------------------------- */

static Whole *walled; /* what the next cell reads */
static const TakerLimits *walled_limits;

static int
serve_walled(int socket)
{
    WireJob job = job_of(walled_limits);
    Sink *sink = sink_new(socket, &job);
    feed_whole(sink, walled);
    sink_end(sink);
    return 0;
}

/* The same document in a process as readers live in: it must come out the same, without a refused system call. */
static void
check_behind_walls(Whole *whole, const TakerLimits *limits, const Taken *wanted)
{
    static const CellWork work = {.serve = serve_walled};
    CellPlan plan = {&work, {.memory = 1 << 30, .cpu_s = 120, .files = 16}, WALLS_NEEDED};
    int fds[2], ends[2], status;
    guint32 number;
    CellNote note;
    Taker taker = {-1, taken_new()};
    if (!frame_pair(fds, NULL) || pipe2(ends, O_CLOEXEC) != 0)
        g_error("no sockets");
    walled = whole;
    walled_limits = limits;
    int pid = fork();
    if (pid == 0)
        _exit(cell_live(&plan, fds[0], ends[1]));
    close(fds[0]);
    close(ends[1]);
    taker.socket = fds[1];
    take(&taker);
    waitpid(pid, &status, 0);
    gboolean noted = read(ends[0], &note, sizeof note) == sizeof note;
    g_autofree char *call =
        noted && read(ends[0], &number, sizeof number) == sizeof number ? sandbox_call_name(number) : NULL;
    close(fds[1]);
    close(ends[0]);
    if (status != 0 || taker.taken->lied || strcmp(taker.taken->told->str, wanted->told->str) != 0 ||
        strcmp(taker.taken->text->str, wanted->text->str) != 0)
        fail_msg("behind walls: wait status %d, refused call %s, told %s instead of %s", status,
                 call != NULL ? call : "none", taker.taken->told->str, wanted->told->str);
    taken_free(taker.taken);
}

Taken *
taker_read(const void *bytes, gsize length, const char *type, const TakerLimits *limits)
{
    g_autoptr(GBytes) own = g_bytes_new(bytes, length); /* an exact copy, so that a read past the end is seen */
    Whole whole = {own, type};
    readers_prepare();
    Taken *taken = taker_feed(feed_whole, &whole, limits);
    check_behind_walls(&whole, limits, taken);
    return taken;
}

Taken *
taker_read_file(const char *path)
{
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return NULL;
    return taker_read(bytes, length, NULL, &TAKER_WIDE);
}

/* --- by the program --------------------------------------------------------------------------------------------- */

static int
start_program(const char *program, GPid *child_out)
{
    int fds[2];
    const int target = 3;
    const char *arguments[] = {program, "--socket=3", "--connected", "--stock=1", NULL};
    if (!frame_pair(fds, NULL))
        return -1;
    gboolean started =
        g_spawn_async_with_pipes_and_fds(NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1,
                                         &fds[1], &target, 1, child_out, NULL, NULL, NULL, NULL);
    close(fds[1]);
    if (!started)
        close(fds[0]);
    return started ? fds[0] : -1;
}

static gboolean
give_job(int reader, const void *bytes, gsize length, const TakerLimits *limits)
{
    g_autoptr(Spool) spool = spool_new(NULL, G_MAXSIZE, NULL);
    WireJob job = job_of(limits);
    if (spool == NULL || !spool_write(spool, bytes, length, NULL) || !spool_seal(spool, NULL))
        return FALSE;
    int fd = spool_fd(spool);
    job.length = (gint64)length;
    job.type = type_of(bytes, length);
    memcpy(job.key, spool_key(spool), sizeof job.key);
    return frame_send(reader, WIRE_EXTRACT_JOB, wire_job(&job), &fd, 1, -1, NULL);
}

Taken *
taker_ask(const char *program, const void *bytes, gsize length, const TakerLimits *limits)
{
    GPid child = 0;
    Taken *taken = NULL;
    g_auto(Frame) given = {0};
    int socket = start_program(program, &child);
    if (socket < 0)
        return NULL;
    if (frame_send(socket, WIRE_EXTRACT_WANT, NULL, NULL, 0, -1, NULL) &&
        frame_receive(socket, wire_inspector_types, -1, &given, NULL) == 1 && given.type == WIRE_EXTRACT_GIVE &&
        given.fd_count == 1 && give_job(given.fds[0], bytes, length, limits)) {
        taken = taken_new();
        Taker taker = {given.fds[0], taken};
        take(&taker);
    }
    close(socket);
    waitpid(child, NULL, 0);
    return taken;
}

void
taken_free(Taken *taken)
{
    if (taken == NULL)
        return;
    g_string_free(taken->told, TRUE);
    g_string_free(taken->text, TRUE);
    g_string_free(taken->names, TRUE);
    g_string_free(taken->types, TRUE);
    for (guint i = 0; i < PLACE_COUNT; i++)
        g_string_free(taken->places[i], TRUE);
    g_ptr_array_unref(taken->bytes);
    g_free(taken);
}

gboolean
taken_says(const Taken *taken, const char *line)
{
    g_autofree char *whole = g_strconcat(line, "\n", NULL);
    const char *found = strstr(taken->told->str, whole);
    return found != NULL && (found == taken->told->str || found[-1] == '\n');
}

gboolean
taken_has_bytes(const Taken *taken, const char *text)
{
    for (guint i = 0; i < taken->bytes->len; i++) {
        const GString *bytes = g_ptr_array_index(taken->bytes, i);
        if (bytes != NULL && memmem(bytes->str, bytes->len, text, strlen(text)) != NULL)
            return TRUE;
    }
    return FALSE;
}
