/* Births and deaths of readers. */
#include "config.h"
#include "stock.h"
#include "clock.h"
#include "errors.h"
#include "family.h"
#include "frame.h"
#include "log.h"
#include "wire_extract.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_FIRST_US (G_USEC_PER_SEC / 4) /* after a reader that died before it was given; doubles up to: */
#define PAUSE_MOST_US (30 * G_USEC_PER_SEC)
#define SHORT_US (G_USEC_PER_SEC / 2) /* what takes longer leaves the processors to what does not */
#define SLOW_NICE 10
#define LEAVE_US (G_USEC_PER_SEC / 2) /* so long a reader may go on that nobody waits for */

typedef struct {
    int pid;
    int socket; /* the other end; -1: given away */
    int own;    /* the reader's end once more, to say what it died of, and to see whether somebody waits */
    int report; /* read end of its pipe */
    gboolean ready, slowed, killed;
    gint64 given_us; /* 0: it waits */
    gint64 left_us;  /* since when nobody waits for its answer; 0: somebody does */
} Reader;

struct Stock {
    StockOptions options;
    GArray *readers; /* Reader */
    int children;    /* signalfd of SIGCHLD */
    gint64 not_before_us, pause_us;
    char *trouble;
    gboolean told; /* that walls are missing */
};

Stock *
stock_new(const StockOptions *options, GError **error)
{
    int children = family_watch_children(error);
    if (children < 0)
        return NULL;
    Stock *stock = g_new0(Stock, 1);
    stock->options = *options;
    stock->children = children;
    stock->readers = g_array_new(FALSE, TRUE, sizeof(Reader));
    if (options->plan.work->prepare != NULL)
        options->plan.work->prepare();
    cell_prepare();
    return stock;
}

static Reader *
nth(const Stock *stock, guint i)
{
    return &g_array_index(stock->readers, Reader, i);
}

static void
forget(Stock *stock, guint i)
{
    Reader *reader = nth(stock, i);
    if (reader->socket >= 0)
        close(reader->socket);
    close(reader->own);
    close(reader->report);
    g_array_remove_index_fast(stock->readers, i);
}

void
stock_free(Stock *stock)
{
    if (stock == NULL)
        return;
    for (guint i = 0; i < stock->readers->len; i++)
        kill(nth(stock, i)->pid, SIGKILL);
    while (stock->readers->len > 0) {
        while (waitpid(nth(stock, 0)->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        forget(stock, 0);
    }
    g_array_unref(stock->readers);
    close(stock->children);
    g_free(stock->trouble);
    g_free(stock);
}

/* --- births ------------------------------------------------------------------------------------------------------- */

static void
pause_births(Stock *stock, char *trouble)
{
    stock->pause_us = stock->pause_us == 0 ? PAUSE_FIRST_US : MIN(stock->pause_us * 2, PAUSE_MOST_US);
    stock->not_before_us = clock_monotonic_us() + stock->pause_us;
    g_free(stock->trouble);
    stock->trouble = trouble;
}

/* In the child; the cell closes whatever else is open. */
static int
fork_cell(Stock *stock, int socket, int report, GError **error)
{
    int pid = family_fork("hangu-reader", error);
    if (pid == 0)
        _exit(cell_live(&stock->options.plan, socket, report));
    return pid;
}

static gboolean
fork_reader(Stock *stock, GError **error)
{
    int pair[2], ends[2];
    if (!frame_pair(pair, error))
        return FALSE;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot make a pipe: %s", g_strerror(errno));
        close(pair[0]);
        close(pair[1]);
        return FALSE;
    }
    int pid = fork_cell(stock, pair[1], ends[1], error);
    close(ends[1]);
    Reader reader = {.pid = pid, .socket = pair[0], .own = pair[1], .report = ends[0]};
    g_array_append_val(stock->readers, reader);
    if (pid < 0)
        forget(stock, stock->readers->len - 1);
    return pid > 0;
}

static guint
count_waiting(const Stock *stock)
{
    guint waiting = 0;
    for (guint i = 0; i < stock->readers->len; i++)
        waiting += nth(stock, i)->given_us == 0;
    return waiting;
}

static gboolean
want_more(const Stock *stock)
{
    return stock->readers->len < stock->options.most && count_waiting(stock) < stock->options.ready;
}

static void
fill(Stock *stock)
{
    while (want_more(stock) && clock_monotonic_us() >= stock->not_before_us) {
        g_autoptr(GError) error = NULL;
        if (fork_reader(stock, &error))
            continue;
        log_error("no reader can be started: %s", error->message);
        pause_births(stock, g_strdup(error->message));
    }
}

static void
note_walls(Stock *stock, Reader *reader, const CellNote *note)
{
    guint needed = stock->options.plan.needed;
    reader->ready = (note->walls & needed) == needed;
    if (reader->ready)
        g_clear_pointer(&stock->trouble, g_free);
    if (note->missing[0] == '\0' || stock->told)
        return;
    stock->told = TRUE;
    if (reader->ready)
        log_warn("readers of documents do without these walls: %s", note->missing);
    else
        log_error("no document is read: these walls around readers cannot be closed: %s", note->missing);
}

static void
hear(Stock *stock)
{
    for (guint i = 0; i < stock->readers->len; i++) {
        Reader *reader = nth(stock, i);
        CellNote note;
        if (reader->ready || read(reader->report, &note, sizeof note) != sizeof note)
            continue;
        note.missing[sizeof note.missing - 1] = '\0';
        note_walls(stock, reader, &note);
        if (!reader->ready)
            pause_births(stock, g_strdup_printf("walls around readers are missing: %s", note.missing));
    }
}

/* --- deaths ------------------------------------------------------------------------------------------------------- */

/* What the way it died means; "" if there is nothing to add. Gives. */
static char *
explain(const Stock *stock, const Reader *reader, int status)
{
    guint32 number;
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGSYS && reader->ready && read(reader->report, &number, sizeof number) == sizeof number) {
        g_autofree char *call = sandbox_call_name(number);
        return g_strdup_printf(": it called %s, which is refused", call);
    }
    if (reader->killed && reader->left_us != 0)
        return g_strdup(": nobody waits for its answer");
    if (reader->killed)
        return g_strdup_printf(": it took longer than %" G_GINT64_FORMAT " s", stock->options.time_us / G_USEC_PER_SEC);
    if (signal == SIGXCPU || signal == SIGPROF)
        return g_strdup(": its processor time was over");
    if (signal == SIGXFSZ)
        return g_strdup(": it wrote to a file, which is refused");
    if (signal == SIGABRT || signal == SIGTRAP)
        return g_strdup(": it gave itself up; its memory may have been over");
    return g_strdup("");
}

static void
tell_death(const Stock *stock, const Reader *reader, int status)
{
    g_autofree char *how = family_death(status), *why = explain(stock, reader, status);
    if (reader->given_us == 0) {
        log_warn("reader %d %s before it had a document%s", reader->pid, how, why);
        return;
    }
    double seconds = (double)(clock_monotonic_us() - reader->given_us) / G_USEC_PER_SEC;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        log_debug("reader %d is done after %.3f s", reader->pid, seconds);
    else if (reader->killed && reader->left_us != 0)
        log_debug("reader %d %s after %.3f s%s", reader->pid, how, seconds, why);
    else
        log_warn("reader %d %s after %.3f s%s", reader->pid, how, seconds, why);
}

/* Of the processor's or the clock's. The kernel's last word, SIGKILL, comes to one that went over its processor time
 * and ignored the first. */
static gboolean
is_out_of_time(const Stock *stock, const Reader *reader, int status, const struct rusage *used)
{
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    gboolean spent = used->ru_utime.tv_sec + used->ru_stime.tv_sec >= (gint64)stock->options.plan.limits.cpu_s;
    return reader->killed || signal == SIGXCPU || signal == SIGPROF || (signal == SIGKILL && spent);
}

/* Whoever has the reader's other end hears it before the end of file. If that end is full, it is not said. */
static void
tell_taker(const Stock *stock, const Reader *reader, int status, const struct rusage *used)
{
    if (reader->given_us != 0 && reader->left_us == 0 && is_out_of_time(stock, reader, status, used))
        frame_send(reader->own, WIRE_EXTRACT_OVER, NULL, NULL, 0, clock_monotonic_us(), NULL);
}

static void
note_death(Stock *stock, int pid, int status, const struct rusage *used)
{
    guint i = 0;
    while (i < stock->readers->len && nth(stock, i)->pid != pid)
        i++;
    if (i == stock->readers->len)
        return;
    gboolean no_walls = WIFEXITED(status) && WEXITSTATUS(status) == CELL_NO_WALLS && !nth(stock, i)->ready;
    tell_taker(stock, nth(stock, i), status, used);
    if (!no_walls) /* its note has said it */
        tell_death(stock, nth(stock, i), status);
    if (!no_walls && nth(stock, i)->given_us == 0)
        pause_births(stock, g_strdup("readers die before they have a document; the log tells how"));
    forget(stock, i);
}

static void
bury(Stock *stock)
{
    int status, pid;
    family_drain(stock->children);
    struct rusage used;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
        note_death(stock, pid, status, &used);
}

/* Ordinary documents take some milliseconds: the gate and their readers go before a long one, or a bomb. */
static void
slow_down(Reader *reader, gint64 now)
{
    if (reader->slowed || reader->given_us == 0 || now < reader->given_us + SHORT_US)
        return;
    reader->slowed = TRUE;
    setpriority(PRIO_PROCESS, (id_t)reader->pid, SLOW_NICE);
}

/* Who has the other end may die or lose interest; a reader that works, or was taken over, does not notice. */
static void
look_after(Reader *reader, gint64 now)
{
    struct pollfd end = {.fd = reader->own};
    if (reader->given_us != 0 && reader->left_us == 0 && poll(&end, 1, 0) > 0 && (end.revents & POLLHUP) != 0)
        reader->left_us = now;
}

/* When it is to be killed; monotonic. */
static gint64
end_of(const Stock *stock, const Reader *reader)
{
    gint64 end = reader->given_us + stock->options.time_us;
    return reader->left_us != 0 ? MIN(end, reader->left_us + LEAVE_US) : end;
}

static void
kill_old(Stock *stock)
{
    gint64 now = clock_monotonic_us();
    for (guint i = 0; i < stock->readers->len; i++) {
        Reader *reader = nth(stock, i);
        slow_down(reader, now);
        look_after(reader, now);
        if (reader->killed || reader->given_us == 0 || now < end_of(stock, reader))
            continue;
        reader->killed = TRUE;
        kill(reader->pid, SIGKILL);
    }
}

/* --- for the spawner ------------------------------------------------------------------------------------------------
 */

static void
watch(GArray *polled, int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    g_array_append_val(polled, one);
}

gint64
stock_watch(const Stock *stock, GArray *polled)
{
    gint64 due = want_more(stock) ? stock->not_before_us : -1;
    watch(polled, stock->children, POLLIN);
    for (guint i = 0; i < stock->readers->len; i++) {
        const Reader *reader = nth(stock, i);
        if (!reader->ready) /* later, what it writes is for its burial */
            watch(polled, reader->report, POLLIN);
        if (reader->given_us != 0 && !reader->killed) {
            gint64 end = end_of(stock, reader);
            if (!reader->slowed)
                end = MIN(end, reader->given_us + SHORT_US);
            if (reader->left_us == 0)
                watch(polled, reader->own, 0); /* its hanging up alone */
            due = due < 0 ? end : MIN(due, end);
        }
    }
    return due;
}

void
stock_tend(Stock *stock)
{
    hear(stock);
    bury(stock);
    kill_old(stock);
    fill(stock);
}

static Reader *
find_ready(const Stock *stock)
{
    for (guint i = 0; i < stock->readers->len; i++)
        if (nth(stock, i)->ready && nth(stock, i)->given_us == 0)
            return nth(stock, i);
    return NULL;
}

gboolean
stock_has(const Stock *stock)
{
    return find_ready(stock) != NULL;
}

int
stock_take(Stock *stock)
{
    Reader *reader = find_ready(stock);
    if (reader == NULL)
        return -1;
    int socket = reader->socket;
    reader->socket = -1;
    reader->given_us = clock_monotonic_us();
    stock->pause_us = 0;
    return socket;
}

const char *
stock_trouble(const Stock *stock)
{
    return stock->trouble;
}
