/* Follows the structure just closely enough to count: which boundaries were announced, whether a line is in headers, in
 * a part, or in the no man's land of a multipart. GMime stays the one who parses. */
#include "config.h"
#include "guard.h"
#include "encword.h"
#include "message.h"
#include "spool_stream.h"
#include <string.h>

#define FIELD_MAX 16384 /* a Content-Type is looked at so far */

typedef struct {
    GMimeStream parent;
    GMimeStream *source;
    char *prefix;
    gint64 prefix_length, from;
    GuardReport *report;
    gint64 max_parts, max_header_bytes;

    Lines lines;
    gboolean in_headers;
    gint64 entity_bytes, all_bytes; /* of headers */
    guint fields;
    GString *field;             /* the header field in hand */
    gboolean multipart, letter; /* what the entity's Content-Type announces */
    gint64 face_at;             /* offset where a prologue or epilogue began; -1 none */
    GPtrArray *boundaries;
    gint64 parts;
    guint stop;
    gboolean nul_seen; /* anywhere */
} GuardStream;
typedef struct {
    GMimeStreamClass parent;
} GuardStreamClass;
static GType guard_stream_get_type(void);
G_DEFINE_TYPE(GuardStream, guard_stream, GMIME_TYPE_STREAM)
#define GUARD(stream) ((GuardStream *)(void *)(stream))

static void
end_field(GuardStream *guard)
{
    const char *text = guard->field->str;
    const char *colon = strchr(text, ':');
    if (colon == NULL || g_ascii_strncasecmp(text, "content-type", 12) != 0) {
        g_string_truncate(guard->field, 0);
        return;
    }
    g_autofree char *value = g_ascii_strdown(colon + 1, -1);
    guard->multipart |= strstr(value, "multipart/") != NULL;
    guard->letter |= strstr(value, "message/") != NULL || strstr(value, "multipart/digest") != NULL;
    if (strstr(value, "boundary") == NULL) {
        g_string_truncate(guard->field, 0);
        return;
    }
    g_autoptr(GPtrArray) values = encword_parameter(colon + 1, strlen(colon + 1), "boundary");
    for (guint i = 0; i < values->len && guard->boundaries->len < GUARD_BOUNDARIES_MAX; i++) {
        const Decoding *one = g_ptr_array_index(values, i);
        if (one->length > 0 && !g_ptr_array_find_with_equal_func(guard->boundaries, one->text, g_str_equal, NULL))
            g_ptr_array_add(guard->boundaries, g_strdup(one->text));
    }
    g_string_truncate(guard->field, 0);
}

/* -1 no delimiter, 0 opens a part, 1 closes the multipart */
static int
delimiter_kind(const GuardStream *guard, const Line *line)
{
    int kind = -1;
    for (guint i = 0; i < guard->boundaries->len && kind != 0; i++) {
        const char *boundary = g_ptr_array_index(guard->boundaries, i);
        gsize length = strlen(boundary);
        if (line->length < length + 2 || memcmp(line->text + 2, boundary, length) != 0)
            continue;
        gsize rest = line->length - length - 2;
        const char *tail = line->text + 2 + length;
        gboolean closes = rest >= 2 && tail[0] == '-' && tail[1] == '-';
        gsize blank = closes ? 2 : 0;
        while (blank < rest && g_ascii_isspace(tail[blank]))
            blank++;
        if (blank == rest)
            kind = closes ? 1 : 0;
    }
    return kind;
}

static gboolean
stop(GuardStream *guard, guint oddity)
{
    guard->stop = oddity;
    return FALSE;
}

static gboolean
at_delimiter(GuardStream *guard, const Line *line, gboolean closes)
{
    if (guard->in_headers)
        end_field(guard);
    guard->multipart = guard->letter = FALSE;
    guard->in_headers = !closes;
    guard->entity_bytes = 0;
    guard->face_at = closes ? line->offset : -1;
    return closes || ++guard->parts <= guard->max_parts || stop(guard, ODD_PARTS);
}

static void
end_headers(GuardStream *guard, const Line *line)
{
    end_field(guard);
    guard->entity_bytes = 0;
    guard->face_at = guard->multipart ? line->offset + (gint64)line->full : -1;
    guard->in_headers = !guard->multipart && guard->letter;
    guard->multipart = guard->letter = FALSE;
}

static gboolean
in_header_line(GuardStream *guard, const Line *line)
{
    if (line->length == 0) {
        end_headers(guard, line);
        return TRUE;
    }
    if (line->text[0] != ' ' && line->text[0] != '\t') {
        end_field(guard);
        guard->fields++;
    }
    if (guard->field->len < FIELD_MAX)
        g_string_append_len(guard->field, line->text, (gssize)line->length);
    guard->entity_bytes += (gint64)line->full;
    guard->all_bytes += (gint64)line->full;
    if (guard->entity_bytes > guard->max_header_bytes || guard->fields > GUARD_HEADERS_MAX ||
        guard->all_bytes > guard->max_header_bytes * GUARD_HEADERS_FACTOR)
        return stop(guard, ODD_HEADER_BYTES);
    return TRUE;
}

/* NULs and bare CRs count where structure is; a CR also where a delimiter could follow it. */
static void
note_bytes(GuardStream *guard, const Line *line)
{
    gboolean structural = guard->in_headers || guard->face_at >= 0;
    if (guard->nul_seen && structural && memchr(line->text, '\0', line->length) != NULL)
        guard->report->nul = TRUE;
    if (guard->report->bare_cr || memchr(line->text, '\r', line->length) == NULL)
        return;
    guard->report->bare_cr = structural || memmem(line->text, line->length, "\r--", 3) != NULL;
}

static gboolean
each_line(const Line *line, gpointer user)
{
    GuardStream *guard = user;
    note_bytes(guard, line);
    if (line->length >= 2 && line->text[0] == '-' && line->text[1] == '-') {
        int kind = delimiter_kind(guard, line);
        if (kind >= 0)
            return at_delimiter(guard, line, kind == 1);
    }
    if (guard->in_headers)
        return in_header_line(guard, line);
    if (guard->face_at >= 0 && line->offset + (gint64)line->full - guard->face_at > GUARD_FACE_MAX)
        return stop(guard, ODD_BROKEN_BOUNDARY);
    return TRUE;
}

/* The parser gets nothing from `at` on. */
static void
note_stop(GuardStream *guard, gint64 at)
{
    guard->report->stopped_at = MAX(at - guard->prefix_length, guard->from);
    guard->report->stop_oddity = guard->stop;
    guard->report->face_at = guard->face_at < 0 ? -1 : MAX(guard->face_at - guard->prefix_length, guard->from);
}

/* Looks at bytes that begin at `offset`; gives how many of them the parser may have. */
static gsize
watch(GuardStream *guard, const char *bytes, gsize length, gint64 offset)
{
    guard->nul_seen = guard->nul_seen || memchr(bytes, '\0', length) != NULL;
    if (lines_push(&guard->lines, bytes, length))
        return length;
    gint64 at = MAX(guard->lines.offset, offset); /* the beginning of the line may be gone already */
    note_stop(guard, at);
    return (gsize)(at - offset);
}

static gssize
fetch(GuardStream *guard, char *out, gsize length)
{
    gint64 at = guard->parent.position - guard->from;
    if (at < guard->prefix_length) {
        gsize take = MIN(length, (gsize)(guard->prefix_length - at));
        memcpy(out, guard->prefix + at, take);
        return (gssize)take;
    }
    if (at == guard->prefix_length && g_mime_stream_seek(guard->source, guard->from, GMIME_STREAM_SEEK_SET) < 0)
        return -1;
    return lines_read(guard->source, out, length);
}

static ssize_t
guard_read(GMimeStream *stream, char *out, size_t length)
{
    GuardStream *guard = GUARD(stream);
    if (guard->stop != 0)
        return 0;
    gssize got = fetch(guard, out, length);
    if (got < 0)
        guard->report->io_failed = TRUE;
    else if (got == 0 && !lines_finish(&guard->lines))
        note_stop(guard, guard->lines.offset);
    if (got <= 0)
        return got;
    gint64 offset = stream->position;
    stream->position += got;
    return (ssize_t)watch(guard, out, (gsize)got, offset);
}

static ssize_t
guard_write(GMimeStream *stream, const char *bytes, size_t length)
{
    return -1;
}

static int
guard_nothing(GMimeStream *stream)
{
    return 0;
}

static gboolean
guard_eos(GMimeStream *stream)
{
    GuardStream *guard = GUARD(stream);
    return guard->stop != 0 ||
           (stream->position >= guard->from + guard->prefix_length && g_mime_stream_eos(guard->source));
}

static gint64
guard_tell(GMimeStream *stream)
{
    return stream->position;
}

/* One pass only: what has been seen was counted. */
static gint64
guard_seek(GMimeStream *stream, gint64 offset, GMimeSeekWhence whence)
{
    return -1;
}

static gint64
guard_length(GMimeStream *stream)
{
    return -1;
}

static GMimeStream *
guard_substream(GMimeStream *stream, gint64 start, gint64 end)
{
    GuardStream *guard = GUARD(stream);
    start = MAX(start - guard->prefix_length, guard->from);
    end = end == -1 ? -1 : MAX(end - guard->prefix_length, start);
    /* the virtual function: GMime's wrapper is around this one already and takes the reference */
    return GMIME_STREAM_GET_CLASS(guard->source)->substream(guard->source, start, end);
}

static void
guard_stream_finalize(GObject *object)
{
    GuardStream *guard = GUARD(object);
    g_clear_object(&guard->source);
    g_free(guard->prefix);
    lines_clear(&guard->lines);
    g_string_free(guard->field, TRUE);
    g_ptr_array_unref(guard->boundaries);
    G_OBJECT_CLASS(guard_stream_parent_class)->finalize(object);
}

static void
guard_stream_init(GuardStream *guard)
{
    guard->field = g_string_new(NULL);
    guard->boundaries = g_ptr_array_new_with_free_func(g_free);
    guard->in_headers = TRUE;
    guard->face_at = -1;
}

static void
guard_stream_class_init(GuardStreamClass *class)
{
    G_OBJECT_CLASS(class)->finalize = guard_stream_finalize;
    class->parent.read = guard_read;
    class->parent.write = guard_write;
    class->parent.flush = guard_nothing;
    class->parent.close = guard_nothing;
    class->parent.reset = guard_nothing;
    class->parent.eos = guard_eos;
    class->parent.seek = guard_seek;
    class->parent.tell = guard_tell;
    class->parent.length = guard_length;
    class->parent.substream = guard_substream;
}

GMimeStream *
guard_new(GMimeStream *source, gint64 from, const char *prefix, const Settings *settings, GuardReport *report)
{
    GuardStream *guard = g_object_new(guard_stream_get_type(), NULL);
    *report = (GuardReport){.stopped_at = -1, .face_at = -1};
    guard->source = g_mime_stream_substream(source, from, source->bound_end);
    guard->from = from;
    guard->prefix = g_strdup(prefix);
    guard->prefix_length = prefix == NULL ? 0 : (gint64)strlen(prefix);
    guard->report = report;
    guard->max_parts = settings->max_parts;
    guard->max_header_bytes = settings->max_header_bytes;
    lines_init(&guard->lines, from, each_line, guard);
    g_mime_stream_construct(&guard->parent, from, -1);
    return &guard->parent;
}
