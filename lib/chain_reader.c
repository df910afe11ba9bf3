/* Reads a ledger's files in the order of their numbers through one buffer of fixed size. */
#include "config.h"
#include "chain_reader.h"
#include "chain.h"
#include "errors.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (2 * RECORD_LINE_MAX)
/* A writer beside us may be in the middle of a line: it gets this long to finish it. */
#define UNFINISHED_TRIES 4
#define UNFINISHED_WAIT_US 20000

struct ChainReader {
    char *directory;
    GArray *numbers; /* of the files that are there */
    GPtrArray *paths;
    guint at;       /* index of the file in hand */
    guint expected; /* number that comes next; 0: any */
    int fd;         /* -1: none open */
    guint64 line, offset;
    guint64 done, total;
    gsize start, end;  /* of the unread bytes in buffer */
    gboolean skipping; /* the rest of a line that is too long */
    char buffer[BUFFER_SIZE];
};

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
    guint first = *(const guint *)a, second = *(const guint *)b;
    return first < second ? -1 : first > second;
}

static void
set_open_error(const char *path, int why, GError **error)
{
    int code = why == ENOENT || why == ENOTDIR ? HANGU_ERROR_NO_INPUT
               : why == EACCES || why == EPERM ? HANGU_ERROR_PERMISSION
                                               : HANGU_ERROR_IO;
    g_set_error(error, HANGU_ERROR, code, "cannot read %s: %s%s", path, g_strerror(why),
                code == HANGU_ERROR_NO_INPUT     ? "; is ledger.directory right?"
                : code == HANGU_ERROR_PERMISSION ? "; read it as root or as a member of the ledger's group"
                                                 : "");
}

GArray *
chain_numbers(const char *directory, GError **error)
{
    DIR *listing = opendir(directory);
    if (listing == NULL) {
        set_open_error(directory, errno, error);
        return NULL;
    }
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        guint number = chain_file_number(entry->d_name);
        if (number != 0)
            g_array_append_val(numbers, number);
    }
    closedir(listing);
    g_array_sort(numbers, compare_numbers);
    return numbers;
}

static char *
path_of(const ChainReader *reader, guint number)
{
    g_autofree char *name = chain_file_name(number);
    return g_build_filename(reader->directory, name, NULL);
}

ChainReader *
chain_reader_new(const char *directory, guint from, GError **error)
{
    GArray *numbers = chain_numbers(directory, error);
    if (numbers == NULL)
        return NULL;
    ChainReader *reader = g_new0(ChainReader, 1);
    reader->directory = g_strdup(directory);
    reader->numbers = numbers;
    reader->paths = g_ptr_array_new_with_free_func(g_free);
    reader->fd = -1;
    reader->expected = from == 0 ? 1 : from;
    while (numbers->len > 0 && g_array_index(numbers, guint, 0) < reader->expected)
        g_array_remove_index(numbers, 0);
    for (guint i = 0; i < numbers->len; i++) {
        g_autofree char *path = path_of(reader, g_array_index(numbers, guint, i));
        GStatBuf info;
        if (g_stat(path, &info) == 0)
            reader->total += (guint64)info.st_size;
    }
    return reader;
}

void
chain_reader_free(ChainReader *reader)
{
    if (reader == NULL)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    g_array_unref(reader->numbers);
    g_ptr_array_unref(reader->paths);
    g_free(reader->directory);
    g_free(reader);
}

/* Opens the next file. 1, 0 if there is none, -1; 2 and raw_out filled if it is missing. */
static int
open_next(ChainReader *reader, ChainRaw *raw_out, GError **error)
{
    if (reader->at >= reader->numbers->len)
        return 0;
    guint number = g_array_index(reader->numbers, guint, reader->at);
    gboolean missing = number != reader->expected;
    char *path = path_of(reader, missing ? reader->expected : number);
    g_ptr_array_add(reader->paths, path);
    reader->expected = missing ? number : number + 1;
    if (missing) {
        *raw_out = (ChainRaw){.file = path};
        return 2;
    }
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (reader->fd < 0) {
        set_open_error(path, errno, error);
        return -1;
    }
    reader->line = reader->offset = 0;
    return 1;
}

static void
close_file(ChainReader *reader)
{
    close(reader->fd);
    reader->fd = -1;
    reader->at++;
}

/* Gets more bytes behind those in the buffer. 1, 0 at the end of the file, -1. */
static int
fill(ChainReader *reader, GError **error)
{
    memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    gboolean newest = reader->at + 1 == reader->numbers->len;
    for (guint try = 0;; try++) {
        ssize_t got = read(reader->fd, reader->buffer + reader->end, BUFFER_SIZE - reader->end);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot read %s: %s",
                        (const char *)g_ptr_array_index(reader->paths, reader->paths->len - 1), g_strerror(errno));
            return -1;
        }
        if (got > 0) {
            reader->end += (gsize)got;
            reader->done += (guint64)got;
            return 1;
        }
        if (reader->end == 0 || !newest || try >= UNFINISHED_TRIES)
            return 0;
        g_usleep(UNFINISHED_WAIT_US);
    }
}

/* Takes the line that ends at `stop` (the newline, or the end of what there is). */
static void
take(ChainReader *reader, const char *stop, gboolean whole, ChainRaw *raw_out)
{
    const char *begin = reader->buffer + reader->start;
    gsize length = (gsize)(stop - begin);
    reader->line++;
    *raw_out = (ChainRaw){
        .file = g_ptr_array_index(reader->paths, reader->paths->len - 1),
        .line = reader->line,
        .offset = reader->offset,
        .bytes = begin,
        .length = MIN(length, RECORD_LINE_MAX),
        .too_long = length > RECORD_LINE_MAX,
        .whole = whole,
        .last_file = reader->at + 1 == reader->numbers->len,
    };
    reader->start += length + whole;
    reader->offset += length + whole;
}

/* One line of the open file. 1, 0 at its end, -1. */
static int
next_in_file(ChainReader *reader, ChainRaw *raw_out, GError **error)
{
    for (;;) {
        const char *begin = reader->buffer + reader->start;
        gsize have = reader->end - reader->start;
        const char *newline = have > 0 ? memchr(begin, '\n', have) : NULL;
        if (reader->skipping && have > 0) {
            gsize drop = newline != NULL ? (gsize)(newline - begin) + 1 : have;
            reader->skipping = newline == NULL;
            reader->start += drop;
            reader->offset += drop;
            continue;
        }
        if (newline != NULL) {
            take(reader, newline, TRUE, raw_out);
            return 1;
        }
        if (have > RECORD_LINE_MAX) {
            reader->skipping = TRUE;
            take(reader, begin + have, FALSE, raw_out);
            raw_out->whole = TRUE; /* as far as anybody needs to know: it is no record */
            return 1;
        }
        int filled = fill(reader, error);
        if (filled < 0)
            return -1;
        if (filled > 0)
            continue;
        if (reader->start == reader->end)
            return 0;
        take(reader, reader->buffer + reader->end, FALSE, raw_out);
        return 1;
    }
}

int
chain_reader_next(ChainReader *reader, ChainRaw *raw_out, GError **error)
{
    for (;;) {
        if (reader->fd < 0) {
            int opened = open_next(reader, raw_out, error);
            if (opened != 1)
                return opened == 2 ? 1 : opened;
        }
        int got = next_in_file(reader, raw_out, error);
        if (got != 0)
            return got;
        reader->skipping = FALSE;
        close_file(reader);
    }
}

guint64
chain_reader_done(const ChainReader *reader)
{
    return reader->done;
}

guint64
chain_reader_total(const ChainReader *reader)
{
    return MAX(reader->total, reader->done);
}
