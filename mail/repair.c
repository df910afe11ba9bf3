/* Every other reading is made the same way: header lines that state the assumption are put before the bytes in question
 * and the whole is opened like a letter. Nothing is compared or chosen; findings decide. */
#include "config.h"
#include "repair.h"
#include "content.h"
#include "encword.h"
#include "entity.h"
#include "errors.h"
#include "lines.h"
#include "spool_stream.h"
#include <errno.h>
#include <string.h>

#define BOUNDARY_GUESSES 4
#define COMBINATIONS_MAX 8

/* --- where content lies ----------------------------------------------------------------------------------------- */

typedef struct {
    const GPtrArray *boundaries;
    gint64 at; /* -1 not found */
    GPtrArray *guesses;
    char *candidate;
} Search;

static gboolean
find_empty(const Line *line, gpointer user)
{
    Search *search = user;
    if (line->length > 0 || line->full > 2)
        return TRUE;
    search->at = line->offset + (gint64)line->full;
    return FALSE;
}

gint64
repair_body_start(GMimeStream *source, gint64 header, gint64 to)
{
    Search search = {.at = -1};
    lines_of_stream(source, header, to, find_empty, &search);
    return search.at;
}

static gboolean
find_boundary(const Line *line, gpointer user)
{
    Search *search = user;
    if (line->length < 3 || line->text[0] != '-' || line->text[1] != '-')
        return TRUE;
    for (guint i = 0; i < search->boundaries->len; i++) {
        const char *boundary = g_ptr_array_index(search->boundaries, i);
        gsize length = strlen(boundary);
        if (line->length >= length + 2 && memcmp(line->text + 2, boundary, length) == 0) {
            search->at = line->offset;
            return FALSE;
        }
    }
    return TRUE;
}

gint64
repair_body_end(GMimeStream *source, gint64 from, gint64 to, const GPtrArray *boundaries)
{
    Search search = {.boundaries = boundaries, .at = -1};
    if (from < 0 || boundaries->len == 0)
        return to;
    lines_of_stream(source, from, to, find_boundary, &search);
    return search.at < 0 ? to : search.at;
}

/* A line "--word" before a header field or an empty line opens a part, whatever the headers announced. */
static gboolean
guess_boundary(const Line *line, gpointer user)
{
    Search *search = user;
    if (search->candidate != NULL && (line->length == 0 || line_is_field(line->text, line->length)) &&
        !g_ptr_array_find_with_equal_func(search->guesses, search->candidate, g_str_equal, NULL))
        g_ptr_array_add(search->guesses, g_steal_pointer(&search->candidate));
    g_clear_pointer(&search->candidate, g_free);
    if (line->length < 3 || line->length > 200 || line->text[0] != '-' || line->text[1] != '-')
        return search->guesses->len < BOUNDARY_GUESSES;
    for (gsize i = 2; i < line->length; i++)
        if (line->text[i] < ' ' || line->text[i] == '"' || line->text[i] == '\\' || line->text[i] == 127)
            return TRUE;
    search->candidate = g_strchomp(g_strndup(line->text + 2, line->length - 2));
    return search->guesses->len < BOUNDARY_GUESSES;
}

static GPtrArray *
guess_boundaries(const Region *region)
{
    Search search = {.guesses = g_ptr_array_new_with_free_func(g_free)};
    lines_of_stream(region->opening->source, region->from, region->to, guess_boundary, &search);
    g_free(search.candidate);
    return search.guesses;
}

/* --- readings --------------------------------------------------------------------------------------------------- */

static gboolean
open_source(const Region *region, GMimeStream *source, const char *type, const char *encoding, GError **error)
{
    g_autoptr(GString) prefix = g_string_new(NULL);
    g_string_append_printf(prefix, "Content-Type: %s\n", type);
    if (encoding != NULL)
        g_string_append_printf(prefix, "Content-Transfer-Encoding: %s\n", encoding);
    g_string_append_c(prefix, '\n');

    Message *message = region->opening->message;
    g_autofree char *number = g_strdup_printf("r%u", ++message->readings);
    Part *part = structure_add(message, PART_CONTAINER, region->parent, number);
    g_free(part->type);
    part->type = entity_type(type);
    part->is_reading = TRUE;
    Opening opening = *region->opening;
    opening.source = source;
    opening.from = source->bound_start;
    opening.prefix = prefix->str;
    opening.parent = part->index;
    opening.level++;
    opening.is_reading = TRUE;
    return structure_open(&opening, error);
}

static gboolean
open_region(const Region *region, const char *type, const char *encoding, GError **error)
{
    g_autoptr(GMimeStream) bytes = g_mime_stream_substream(region->opening->source, region->from, region->to);
    return open_source(region, bytes, type, encoding, error);
}

static void
look_at_bytes(const Region *region)
{
    Opening opening = *region->opening;
    opening.parent = region->parent;
    structure_raw(&opening, region->from, region->to, COVERAGE_COMPLETE, WHY_NONE);
}

/* Each pair of different Content-Type and encoding values, except the last ones, which GMime took. */
static gboolean
open_combinations(const Region *region, const GPtrArray *types, const GPtrArray *encodings, GError **error)
{
    guint made = 0;
    for (guint i = 0; i < MAX(types->len, 1); i++)
        for (guint j = 0; j < MAX(encodings->len, 1); j++) {
            const char *type = types->len > 0 ? g_ptr_array_index(types, i) : "text/plain";
            const char *encoding = encodings->len > 0 ? g_ptr_array_index(encodings, j) : NULL;
            if (i + j == 0 || made++ >= COMBINATIONS_MAX)
                continue;
            if (!open_region(region, type, encoding, error))
                return FALSE;
        }
    return TRUE;
}

static gboolean
open_duplicates(const Region *region, GError **error)
{
    g_autoptr(GPtrArray) types = entity_values(region->headers, "Content-Type");
    g_autoptr(GPtrArray) encodings = entity_values(region->headers, "Content-Transfer-Encoding");
    if (types->len < 2 && encodings->len < 2)
        return TRUE;
    region->opening->message->oddities |= ODD_DUPLICATE_HEADER;
    look_at_bytes(region);
    return open_combinations(region, types, encodings, error);
}

/* A second boundary parameter: GMime takes the first. */
static GPtrArray *
other_boundaries(GMimeHeaderList *headers)
{
    GPtrArray *others = g_ptr_array_new_with_free_func(g_free);
    const char *type = entity_header(headers, "Content-Type");
    g_autoptr(GPtrArray) values =
        encword_parameter(type == NULL ? "" : type, type == NULL ? 0 : strlen(type), "boundary");
    g_autofree char *first = type == NULL ? NULL : encword_parameter_plain(type, strlen(type), "boundary");
    for (guint i = 0; i < values->len && others->len < BOUNDARY_GUESSES; i++) {
        const Decoding *value = g_ptr_array_index(values, i);
        if (value->length > 0 && g_strcmp0(value->text, first) != 0 && strpbrk(value->text, "\"\\\r\n") == NULL)
            g_ptr_array_add(others, g_strdup(value->text));
    }
    return others;
}

static gboolean
open_boundaries(const Region *region, const GPtrArray *boundaries, GError **error)
{
    for (guint i = 0; i < boundaries->len; i++) {
        g_autofree char *type =
            g_strdup_printf("multipart/mixed; boundary=\"%s\"", (const char *)g_ptr_array_index(boundaries, i));
        if (!open_region(region, type, NULL, error))
            return FALSE;
    }
    return TRUE;
}

/* multipart with base64: no standard allows it (RFC 2045 section 6.4), some programs open it. */
static gboolean
open_encoded(const Region *region, TransferKind kind, GError **error)
{
    const Opening *opening = region->opening;
    g_autoptr(GMimeStream) bytes = g_mime_stream_substream(opening->source, region->from, region->to);
    GError *failure = NULL;
    g_autoptr(GMimeStream) aside = content_aside(opening->message, bytes, kind, opening->settings, &failure);
    opening->message->oddities |= ODD_ENCODED_CONTAINER;
    if (failure != NULL) {
        g_propagate_error(error, failure);
        return FALSE;
    }
    if (aside == NULL) {
        structure_raw(opening, region->from, region->to, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    g_autofree char *type = g_strstrip(g_strdup(entity_header(region->headers, "Content-Type")));
    return open_source(region, aside, type, NULL, error);
}

static TransferKind
container_encoding(GMimeHeaderList *headers)
{
    gboolean known;
    const char *encoding = entity_header(headers, "Content-Transfer-Encoding");
    return encoding == NULL ? TRANSFER_IDENTITY : transfer_kind(encoding, &known);
}

gboolean
repair_is_doubtful(GMimeHeaderList *headers, int children)
{
    if (children == 0 || container_encoding(headers) != TRANSFER_IDENTITY)
        return TRUE;
    g_autoptr(GPtrArray) types = entity_values(headers, "Content-Type");
    g_autoptr(GPtrArray) encodings = entity_values(headers, "Content-Transfer-Encoding");
    g_autoptr(GPtrArray) boundaries = other_boundaries(headers);
    return types->len > 1 || encodings->len > 1 || boundaries->len > 0;
}

gboolean
repair_container(const Region *region, int children, GError **error)
{
    if (region->headers != NULL) {
        TransferKind kind = container_encoding(region->headers);
        g_autoptr(GPtrArray) others = other_boundaries(region->headers);
        if (others->len > 0)
            region->opening->message->oddities |= ODD_DOUBLE_PARAMETER;
        if (!open_duplicates(region, error) || !open_boundaries(region, others, error))
            return FALSE;
        if (kind != TRANSFER_IDENTITY)
            return open_encoded(region, kind, error);
    }
    if (children > 0)
        return TRUE;
    region->opening->message->oddities |= ODD_BROKEN_BOUNDARY;
    look_at_bytes(region);
    g_autoptr(GPtrArray) guesses = guess_boundaries(region);
    return open_boundaries(region, guesses, error);
}

gboolean
repair_leaf(const Region *region, GError **error)
{
    return open_duplicates(region, error);
}

/* --- bare CR ---------------------------------------------------------------------------------------------------- */

/* Copies with every CR that no LF follows turned into LF. */
static gboolean
copy_lines(GMimeStream *from, Spool *to, gboolean *io_failed)
{
    g_autofree char *buffer = g_malloc(16 * 1024);
    gboolean cr = FALSE;
    g_mime_stream_reset(from);
    for (;;) {
        gssize got = lines_read(from, buffer, 16 * 1024);
        *io_failed = got < 0;
        if (got <= 0)
            return got == 0;
        gsize kept = 0;
        for (gssize i = 0; i < got; i++) {
            char c = buffer[i];
            if (c == '\n' && cr) { /* CR LF: the CR became the LF */
                cr = FALSE;
                continue;
            }
            cr = c == '\r';
            buffer[kept++] = cr ? '\n' : c;
        }
        if (!spool_write(to, buffer, kept, NULL))
            return FALSE;
    }
}

gboolean
repair_bare_cr(const Opening *opening, GError **error)
{
    Message *message = opening->message;
    gint64 to = opening->source->bound_start + g_mime_stream_length(opening->source);
    g_autoptr(Spool) spool = content_room(message, opening->settings);
    gboolean io_failed = FALSE;
    g_autoptr(GMimeStream) bytes = g_mime_stream_substream(opening->source, opening->from, to);
    gboolean copied = spool != NULL && copy_lines(bytes, spool, &io_failed);
    if (io_failed) {
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot read the letter: %s", g_strerror(errno));
        return FALSE;
    }
    g_autoptr(GMimeStream) clean = copied ? content_kept(message, g_steal_pointer(&spool)) : NULL;
    if (clean == NULL) {
        structure_raw(opening, opening->from, to, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    g_autofree char *number = g_strdup_printf("r%u", ++message->readings);
    Part *part = structure_add(message, PART_MESSAGE, opening->parent, number);
    part->is_reading = TRUE;
    Opening inner = *opening;
    inner.source = clean;
    inner.from = 0;
    inner.parent = part->index;
    inner.level++;
    inner.is_reading = TRUE;
    return structure_open(&inner, error);
}
