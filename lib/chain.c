/* The ledger's files by name, its end, and reading it from one end to the other. */
#include "config.h"
#include "chain.h"
#include "chain_reader.h"
#include "clock.h"
#include "errors.h"
#include "record_scan.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_PREFIX "hangu-"
#define FILE_SUFFIX ".log"
#define FILE_DIGITS 6
/* The wall clock may have been set back by so much within a file. */
#define CLOCK_SLACK_US (G_TIME_SPAN_HOUR)

char *
chain_head_format(const ChainHead *head)
{
    return g_strdup_printf("%" G_GUINT64_FORMAT ":%s", head->seq, head->seq == 0 ? RECORD_NO_HASH : head->hash);
}

gboolean
chain_head_parse(const char *text, ChainHead *head_out, GError **error)
{
    g_autofree char *number = g_strndup(text, strcspn(text, ":"));
    const char *hash = strchr(text, ':');
    if (!g_ascii_string_to_unsigned(number, 10, 0, G_MAXINT64, &head_out->seq, NULL) || hash == NULL ||
        !record_is_hash(hash + 1)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_USAGE,
                    "\"%s\" is no head: expected SEQ:HASH as `hangu ledger head` prints it", text);
        return FALSE;
    }
    g_strlcpy(head_out->hash, hash + 1, sizeof head_out->hash);
    return TRUE;
}

char *
chain_file_name(guint number)
{
    return g_strdup_printf(FILE_PREFIX "%0*u" FILE_SUFFIX, FILE_DIGITS, number);
}

guint
chain_file_number(const char *name)
{
    if (!g_str_has_prefix(name, FILE_PREFIX))
        return 0;
    guint64 number = g_ascii_strtoull(name + strlen(FILE_PREFIX), NULL, 10);
    if (number == 0 || number > G_MAXINT32)
        return 0;
    g_autofree char *same = chain_file_name((guint)number); /* one name per number: "hangu-7.log" is none */
    return strcmp(same, name) == 0 ? (guint)number : 0;
}

GPtrArray *
chain_files(const char *directory, GError **error)
{
    g_autoptr(GArray) numbers = chain_numbers(directory, error);
    if (numbers == NULL)
        return NULL;
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < numbers->len; i++) {
        g_autofree char *name = chain_file_name(i + 1);
        if (g_array_index(numbers, guint, i) != i + 1) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s/%s is missing: the ledger has a gap", directory,
                        name);
            return NULL;
        }
        g_ptr_array_add(paths, g_build_filename(directory, name, NULL));
    }
    return g_steal_pointer(&paths);
}

/* --- the end ------------------------------------------------------------------------------------------- */

/* Whole lines next to each other: each must follow the one before. */
static gboolean
check_links(const char *path, const char *bytes, gsize length, GError **error)
{
    ChainHead last = {0};
    for (const char *end = bytes + length, *line = bytes; line < end;) {
        const char *newline = memchr(line, '\n', (gsize)(end - line));
        g_assert(newline != NULL);
        RecordLink link;
        gboolean good = FALSE;
        good = record_scan(line, (gsize)(newline - line), &good, &link) && good &&
               (last.seq == 0 || (link.seq == last.seq + 1 && strcmp(link.prev, last.hash) == 0));
        if (!good) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA,
                        "%s: near its end, after record %" G_GUINT64_FORMAT
                        ", a line does not follow the one before: run `hangu ledger verify`",
                        path, last.seq);
            return FALSE;
        }
        last.seq = link.seq;
        record_hash(line, (gsize)(newline - line), last.hash);
        line = newline + 1;
    }
    return TRUE;
}

/* The last whole line of a file (NULL if it has none), how many bytes it ends at, how many stand behind it. */
static gboolean
read_last_line(const char *path, char **line_out, guint64 *size_out, guint64 *torn_out, GError **error)
{
    const gsize most = 2 * (RECORD_LINE_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        g_set_error(error, HANGU_ERROR, errno == EACCES ? HANGU_ERROR_PERMISSION : HANGU_ERROR_IO, "cannot read %s: %s",
                    path, g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    guint64 size = (guint64)info.st_size;
    gsize want = (gsize)MIN(size, most);
    g_autofree char *bytes = g_malloc(want + 1);
    ssize_t got = want == 0 ? 0 : pread(fd, bytes, want, (off_t)(size - want));
    close(fd);
    if (got < 0 || (gsize)got != want) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot read the end of %s: %s", path,
                    got < 0 ? g_strerror(errno) : "it is shorter than it was a moment ago; try again");
        return FALSE;
    }
    const char *newline = memrchr(bytes, '\n', want);
    gsize whole = newline == NULL ? 0 : (gsize)(newline - bytes);
    const char *before = whole == 0 ? NULL : memrchr(bytes, '\n', whole);
    const char *begin = before == NULL ? bytes : before + 1;
    if ((newline == NULL && size > want) || (newline != NULL && (gsize)(newline - begin) > RECORD_LINE_MAX)) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the end of %s is no record", path);
        return FALSE;
    }
    if (newline != NULL) { /* the window may begin inside a line */
        const char *first = size == want ? bytes : (const char *)memchr(bytes, '\n', want) + 1;
        if (!check_links(path, first, (gsize)(newline + 1 - first), error))
            return FALSE;
    }
    *line_out = newline == NULL ? NULL : g_strndup(begin, (gsize)(newline - begin));
    *torn_out = newline == NULL ? want : want - whole - 1;
    *size_out = size - *torn_out;
    return TRUE;
}

static gboolean
take_last_line(const char *path, const char *line, ChainTail *tail, GError **error)
{
    RecordLink link;
    gboolean linked = FALSE;
    g_autoptr(GError) wrong = NULL;
    tail->record = record_parse(line, strlen(line), &wrong);
    if (tail->record == NULL || !record_scan(line, strlen(line), &linked, &link) || !linked) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "the last line of %s is no record: %s", path,
                    wrong != NULL ? wrong->message : "v, seq, prev or time is missing");
        return FALSE;
    }
    tail->head.seq = link.seq;
    record_hash(line, strlen(line), tail->head.hash);
    return TRUE;
}

gboolean
chain_tail(const char *directory, ChainTail *tail_out, GError **error)
{
    *tail_out = (ChainTail){.head.hash = RECORD_NO_HASH};
    g_autoptr(GPtrArray) files = chain_files(directory, error);
    if (files == NULL)
        return FALSE;
    tail_out->number = files->len;
    for (guint i = files->len; i > 0; i--) {
        const char *path = g_ptr_array_index(files, i - 1);
        g_autofree char *line = NULL;
        guint64 size = 0, torn = 0;
        if (!read_last_line(path, &line, &size, &torn, error))
            return FALSE;
        if (i == files->len) {
            tail_out->size = size;
            tail_out->torn = torn;
        } else if (torn != 0) {
            g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s ends in an unfinished line, but another file follows",
                        path);
            return FALSE;
        }
        if (line == NULL)
            continue;
        if (!take_last_line(path, line, tail_out, error))
            return FALSE;
        tail_out->no_next = i == files->len && json_object_get(tail_out->record, "next") != NULL;
        break;
    }
    return TRUE;
}

void
chain_tail_clear(ChainTail *tail)
{
    g_clear_pointer(&tail->record, json_decref);
}

/* --- from one end to the other -------------------------------------------------------------------------- */

/* What a reading goes by. */
typedef struct {
    const ChainSelect *select;
    char since[32]; /* as records have it; "" : all */
    ChainEach each;
    gpointer user;
} Reading;

/* Time of the first line of a file; "" if it has none that can be read. */
static void
first_time(const char *directory, guint number, char time_out[32])
{
    g_autoptr(ChainReader) reader = chain_reader_new(directory, number, NULL);
    ChainRaw raw;
    RecordLink link;
    gboolean linked = FALSE;
    time_out[0] = '\0';
    if (reader != NULL && chain_reader_next(reader, &raw, NULL) == 1 && raw.bytes != NULL && raw.whole &&
        record_scan(raw.bytes, raw.length, &linked, &link) && linked)
        g_strlcpy(time_out, link.time, 32);
}

/* The newest file that begins well before since, or the first: 0. */
static gboolean
file_of_time(const char *directory, gint64 since_us, guint *number_out, GError **error)
{
    g_autoptr(GArray) numbers = chain_numbers(directory, error);
    g_autofree char *wanted = clock_format(since_us - CLOCK_SLACK_US);
    *number_out = 0;
    if (numbers == NULL)
        return FALSE;
    for (guint i = numbers->len; since_us > 0 && i > 1 && *number_out == 0; i--) {
        char time[32];
        guint number = g_array_index(numbers, guint, i - 1);
        first_time(directory, number, time);
        if (time[0] != '\0' && strcmp(time, wanted) < 0)
            *number_out = number;
    }
    return TRUE;
}

/* Looks at the bytes before it makes an object of them: most lines of a search are not wanted. */
static gboolean
is_wanted(const Reading *reading, const ChainRaw *raw, gboolean *canonical)
{
    RecordLink link;
    gboolean linked = FALSE;
    *canonical = !raw->too_long && record_scan(raw->bytes, raw->length, &linked, &link);
    if (!*canonical || (linked && reading->since[0] != '\0' && strcmp(link.time, reading->since) < 0))
        return FALSE;
    return reading->select == NULL || reading->select->want == NULL ||
           reading->select->want(raw->bytes, raw->length, reading->user);
}

static gboolean
give_line(const Reading *reading, const ChainRaw *raw, gboolean *go_on, GError **error)
{
    gboolean canonical = FALSE;
    gboolean wanted = raw->bytes != NULL && is_wanted(reading, raw, &canonical);
    if (!canonical) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_DATA, "%s:%" G_GUINT64_FORMAT ": %s", raw->file, raw->line,
                    raw->bytes == NULL ? "the file is missing" : "the line is no record; run `hangu ledger verify`");
        return FALSE;
    }
    json_t *record = wanted ? record_parse(raw->bytes, raw->length, error) : NULL;
    if (record == NULL)
        return !wanted;
    ChainLine line = {
        .file = raw->file,
        .line = raw->line,
        .offset = raw->offset,
        .bytes = raw->bytes,
        .length = raw->length,
        .record = record,
    };
    g_autoptr(GError) stopped = NULL;
    *go_on = reading->each(&line, reading->user, &stopped);
    json_decref(record);
    if (stopped == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&stopped));
    return FALSE;
}

gboolean
chain_select(const char *directory, const ChainSelect *select, ChainEach each, gpointer user, gboolean *torn_out,
             GError **error)
{
    guint from;
    gint64 since_us = select != NULL ? select->since_us : 0;
    Reading reading = {.select = select, .each = each, .user = user};
    if (torn_out != NULL)
        *torn_out = FALSE;
    if (since_us > 0) {
        g_autofree char *since = clock_format(since_us);
        g_strlcpy(reading.since, since, sizeof reading.since);
    }
    if (!file_of_time(directory, since_us, &from, error))
        return FALSE;
    g_autoptr(ChainReader) reader = chain_reader_new(directory, from, error);
    if (reader == NULL)
        return FALSE;
    ChainRaw raw;
    gboolean go_on = TRUE;
    int got = 1;
    while (go_on && (got = chain_reader_next(reader, &raw, error)) == 1) {
        if (raw.bytes != NULL && !raw.whole && raw.last_file) {
            if (torn_out != NULL)
                *torn_out = TRUE;
            break;
        }
        if (!give_line(&reading, &raw, &go_on, error))
            return FALSE;
    }
    return got >= 0;
}

gboolean
chain_read(const char *directory, ChainEach each, gpointer user, gboolean *torn_out, GError **error)
{
    return chain_select(directory, NULL, each, user, torn_out, error);
}
