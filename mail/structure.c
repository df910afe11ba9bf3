/* Walks GMime's tree once and keeps what outlives it: streams and header lists. */
#include "config.h"
#include "structure.h"
#include "entity.h"
#include "errors.h"
#include "guard.h"
#include "repair.h"
#include "spool_stream.h"
#include <errno.h>
#include <string.h>

#define BAD_REGIONS_MAX 16
#define BAD_REGION_SIZE (64 * 1024)

typedef struct {
    const Opening *opening;
    Message *message;
    gint64 shift;      /* GMime's offsets minus those of the source: length of the prefix */
    gint64 to;         /* end of the source */
    GPtrArray *bounds; /* boundaries of the enclosing multiparts */
    gint64 raw_from;   /* a limit was met: from here on the bytes are looked at as they are; -1 none */
    guint encrypted;   /* inside so many multipart/encrypted */
    GError **error;
} Walk;

static gboolean walk_object(Walk *walk, GMimeObject *object, guint parent, const char *number);

/* --- leaves ----------------------------------------------------------------------------------------------------- */

static void
cover_encrypted(const Walk *walk, Part *part)
{
    if (walk->encrypted > 0)
        part_cover(part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
}

static gboolean
walk_leaf(Walk *walk, GMimePart *object, guint parent, const char *number)
{
    GMimeDataWrapper *wrapper = g_mime_part_get_content(object);
    GMimeStream *stream = wrapper == NULL ? NULL : g_mime_data_wrapper_get_stream(wrapper);
    Part *part = structure_add(walk->message, PART_LEAF, parent, number);
    guint index = part->index;
    part->headers = g_object_ref(g_mime_object_get_header_list((GMimeObject *)object));
    part->content = stream != NULL ? g_object_ref(stream) : g_mime_stream_mem_new();
    walk->message->oddities |= entity_describe(part);
    cover_encrypted(walk, part);
    if (stream != NULL && walk->opening->level == 0) {
        part->from = stream->bound_start;
        part->to = stream->bound_end;
    }
    if (!structure_leaf(walk->opening, part, walk->error))
        return FALSE;
    if (stream == NULL)
        return TRUE;
    Region region = {walk->opening, part->headers, stream->bound_start, stream->bound_end, index};
    return repair_leaf(&region, walk->error);
}

/* --- containers ------------------------------------------------------------------------------------------------- */

static gboolean
walk_face(Walk *walk, const char *text, guint parent, const char *number)
{
    if (text == NULL || text[strspn(text, " \t\r\n")] == '\0')
        return TRUE;
    Part *part = structure_add(walk->message, PART_OUTSIDE, parent, number);
    part->is_reading = walk->opening->is_reading;
    part->content = g_mime_stream_mem_new_with_buffer(text, strlen(text));
    return TRUE;
}

/* Where the content of a multipart lies; FALSE if that cannot be told. */
static gboolean
container_region(Walk *walk, GMimeObject *object, guint parent, Region *region)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    gint64 header = entity_offset(headers);
    if (header < 0)
        return FALSE;
    gint64 source_header = header - walk->shift;
    gint64 from = source_header < walk->opening->from
                      ? walk->opening->from /* its headers are the prefix */
                      : repair_body_start(walk->opening->source, source_header, walk->to);
    gint64 to = repair_body_end(walk->opening->source, from, walk->to, walk->bounds);
    *region = (Region){walk->opening, headers, from, to, parent};
    return from >= 0 && from < to;
}

static gboolean
walk_children(Walk *walk, GMimeMultipart *multipart, guint parent)
{
    int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; i++) {
        g_autofree char *number = g_strdup_printf("%d", i + 1);
        if (!walk_object(walk, g_mime_multipart_get_part(multipart, i), parent, number))
            return FALSE;
    }
    return TRUE;
}

/* parent: the part that stands for this multipart */
static gboolean
walk_multipart(Walk *walk, GMimeMultipart *multipart, guint parent)
{
    GMimeObject *object = (GMimeObject *)multipart;
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    g_autofree char *type = entity_type(entity_header(headers, "Content-Type"));
    const char *boundary = g_mime_object_get_content_type_parameter(object, "boundary");
    gboolean encrypted = g_str_equal(type, "multipart/encrypted");
    int children = g_mime_multipart_get_count(multipart);
    Region region;
    gboolean doubtful = repair_is_doubtful(headers, children) && container_region(walk, object, parent, &region);
    if (boundary != NULL)
        g_ptr_array_add(walk->bounds, g_strdup(boundary));
    walk->encrypted += encrypted;
    gboolean good = walk_face(walk, g_mime_multipart_get_prologue(multipart), parent, "p") &&
                    walk_children(walk, multipart, parent) &&
                    walk_face(walk, g_mime_multipart_get_epilogue(multipart), parent, "e");
    walk->encrypted -= encrypted;
    if (boundary != NULL)
        g_ptr_array_set_size(walk->bounds, (gint)walk->bounds->len - 1);
    if (good && doubtful)
        good = repair_container(&region, children, walk->error);
    return good;
}

static gboolean
walk_top(Walk *walk, GMimeMessage *letter, guint parent)
{
    Part *part = message_part(walk->message, parent);
    GMimeObject *top = g_mime_message_get_mime_part(letter);
    if (part->inner == NULL)
        part->inner = g_object_ref(g_mime_object_get_header_list((GMimeObject *)letter));
    if (top == NULL)
        return TRUE;
    if (!GMIME_IS_MULTIPART(top))
        return walk_object(walk, top, parent, "1");
    if (part->body == NULL && walk->opening->prefix == NULL)
        part->body = g_object_ref(g_mime_object_get_header_list(top));
    return walk_multipart(walk, (GMimeMultipart *)top, parent);
}

static gboolean
walk_message(Walk *walk, GMimeMessagePart *object, guint parent, const char *number)
{
    Part *part = structure_add(walk->message, PART_MESSAGE, parent, number);
    GMimeMessage *letter = g_mime_message_part_get_message(object);
    part->headers = g_object_ref(g_mime_object_get_header_list((GMimeObject *)object));
    part->is_reading = walk->opening->is_reading;
    walk->message->oddities |= entity_describe(part);
    structure_path(walk->message, part);
    cover_encrypted(walk, part);
    return letter == NULL || walk_top(walk, letter, part->index);
}

/* A limit was met at this object: what lies from here on is not taken apart any more. */
static gboolean
give_up(Walk *walk, GMimeObject *object, guint oddity)
{
    gint64 header = entity_offset(g_mime_object_get_header_list(object));
    gint64 from = header - walk->shift;
    if (header < 0 && GMIME_IS_PART(object)) {
        GMimeDataWrapper *wrapper = g_mime_part_get_content((GMimePart *)object);
        from = wrapper == NULL ? walk->opening->from : g_mime_data_wrapper_get_stream(wrapper)->bound_start;
    }
    from = MAX(from, walk->opening->from);
    walk->message->oddities |= oddity;
    if (walk->raw_from < 0 || from < walk->raw_from)
        walk->raw_from = from;
    return TRUE;
}

static gboolean
walk_object(Walk *walk, GMimeObject *object, guint parent, const char *number)
{
    const Settings *settings = walk->opening->settings;
    const Part *above = message_part(walk->message, parent);
    if (walk->raw_from >= 0)
        return TRUE;
    if (above->depth + 1 > settings->max_depth)
        return give_up(walk, object, ODD_DEPTH);
    if (walk->message->parts->len > settings->max_parts)
        return give_up(walk, object, ODD_PARTS);
    if (GMIME_IS_MESSAGE_PART(object))
        return walk_message(walk, (GMimeMessagePart *)object, parent, number);
    if (!GMIME_IS_MULTIPART(object))
        return walk_leaf(walk, (GMimePart *)object, parent, number);
    Part *part = structure_add(walk->message, PART_CONTAINER, parent, number);
    part->headers = g_object_ref(g_mime_object_get_header_list(object));
    part->is_reading = walk->opening->is_reading;
    walk->message->oddities |= entity_describe(part);
    cover_encrypted(walk, part);
    return walk_multipart(walk, (GMimeMultipart *)object, part->index);
}

/* --- one reading ------------------------------------------------------------------------------------------------ */

static void
note_warning(gint64 offset, GMimeParserWarning code, const char *item, gpointer user)
{
    Message *message = user;
    gboolean content =
        item != NULL && (g_ascii_strncasecmp(item, "Content-", 8) == 0 || g_ascii_strcasecmp(item, "From") == 0 ||
                         g_ascii_strcasecmp(item, "Subject") == 0);
    switch (code) {
    case GMIME_CRIT_CONFLICTING_HEADER:
        message->oddities |= content ? ODD_DUPLICATE_HEADER : 0;
        break;
    case GMIME_CRIT_CONFLICTING_PARAMETER:
        message->oddities |= ODD_DOUBLE_PARAMETER;
        break;
    case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
        message->oddities |= ODD_NO_BOUNDARY;
        break;
    case GMIME_WARN_MALFORMED_MULTIPART:
        message->oddities |= ODD_BROKEN_BOUNDARY;
        break;
    case GMIME_WARN_TRUNCATED_MESSAGE:
        message->oddities |= ODD_TRUNCATED;
        break;
    case GMIME_CRIT_NESTING_OVERFLOW:
        message->oddities |= ODD_DEPTH;
        break;
    case GMIME_WARN_MALFORMED_MESSAGE:
        message->oddities |= ODD_BAD_HEADER;
        break;
    case GMIME_CRIT_INVALID_HEADER_NAME:
        message->oddities |= ODD_BAD_HEADER;
        if (message->bad_lines->len <= BAD_REGIONS_MAX)
            g_array_append_val(message->bad_lines, offset);
        break;
    default:
        break;
    }
}

/* Header lines without a name are dropped by GMime: they are looked at as they are. */
static void
keep_bad_lines(Walk *walk)
{
    GArray *offsets = walk->message->bad_lines;
    gint64 seen = -1;
    for (guint i = 0; i < offsets->len; i++) {
        gint64 from = MAX(g_array_index(offsets, gint64, i) - walk->shift, walk->opening->from);
        if (from < seen)
            continue;
        gint64 limit = MIN(from + BAD_REGION_SIZE, walk->to);
        gint64 to = i < BAD_REGIONS_MAX ? repair_body_start(walk->opening->source, from, limit) : walk->to;
        seen = to < 0 ? limit : to;
        structure_raw(walk->opening, from, seen, COVERAGE_COMPLETE, WHY_NONE);
    }
}

/* What the parser did not get, or could not be trusted with. */
static gboolean
keep_rest(Walk *walk, const GuardReport *report, gint64 consumed, GError **error)
{
    const Opening *opening = walk->opening;
    keep_bad_lines(walk);
    if (report->stopped_at >= 0) {
        walk->message->oddities |= report->stop_oddity;
        gboolean lost = report->stop_oddity == ODD_BROKEN_BOUNDARY;
        if (lost && report->face_at >= 0) {
            Region region = {opening, NULL, report->face_at, walk->to, opening->parent};
            if (!repair_container(&region, 0, error))
                return FALSE;
        } else {
            structure_raw(opening, report->stopped_at, walk->to, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        }
    } else if (walk->raw_from >= 0) {
        structure_raw(opening, walk->raw_from, walk->to, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    } else if (consumed < walk->to) {
        walk->message->oddities |= ODD_TRUNCATED;
        structure_raw(opening, MAX(consumed, opening->from), walk->to, COVERAGE_COMPLETE, WHY_NONE);
    }
    if (report->nul) {
        walk->message->oddities |= ODD_NUL;
        structure_raw(opening, opening->from, walk->to, COVERAGE_COMPLETE, WHY_NONE);
    }
    if (report->bare_cr && opening->prefix == NULL) {
        walk->message->oddities |= ODD_BARE_CR;
        return repair_bare_cr(opening, error);
    }
    return TRUE;
}

static GMimeMessage *
parse(const Opening *opening, const char *prefix, GuardReport *report, gint64 *consumed_out)
{
    g_autoptr(GMimeStream) guard = guard_new(opening->source, opening->from, prefix, opening->settings, report);
    GMimeParserOptions *options = g_mime_parser_options_new();
    GMimeParser *parser = g_mime_parser_new_with_stream(guard);
    static const char *no_charsets[] = {"utf-8",
                                        NULL}; /* copied with each header: keep it short, we decode ourselves */
    g_mime_parser_options_set_fallback_charsets(options, no_charsets);
    g_mime_parser_options_set_warning_callback(options, note_warning, opening->message);
    g_array_set_size(opening->message->bad_lines, 0);
    GMimeMessage *letter = g_mime_parser_construct_message(parser, options);
    *consumed_out = g_mime_parser_tell(parser);
    g_object_unref(parser);
    g_mime_parser_options_free(options);
    return letter;
}

gboolean
structure_open(const Opening *opening, GError **error)
{
    Message *message = opening->message;
    GuardReport report;
    gint64 consumed = 0;
    gint64 to = opening->source->bound_start + g_mime_stream_length(opening->source);
    if (opening->level > STRUCTURE_LEVELS_MAX || ++message->openings > STRUCTURE_OPENINGS_MAX) {
        message->oddities |= ODD_DEPTH;
        structure_raw(opening, opening->from, to, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    const char *prefix = opening->prefix;
    GMimeMessage *letter = parse(opening, prefix, &report, &consumed);
    if (letter == NULL && !report.io_failed && prefix == NULL) {
        message->oddities |= ODD_BAD_HEADER; /* no header at all: everything is body */
        prefix = "\n";
        letter = parse(opening, prefix, &report, &consumed);
    }
    Walk walk = {.opening = opening, .message = message, .to = to, .raw_from = -1, .error = error};
    walk.shift = prefix == NULL ? 0 : (gint64)strlen(prefix);
    walk.bounds = g_ptr_array_new_with_free_func(g_free);
    gboolean good = !report.io_failed;
    if (!good)
        g_set_error(error, HANGU_ERROR, HANGU_ERROR_IO, "cannot read the letter: %s", g_strerror(errno));
    good = good && (letter == NULL || walk_top(&walk, letter, opening->parent));
    good = good && keep_rest(&walk, &report, letter == NULL ? opening->from : consumed - walk.shift, error);
    g_clear_object(&letter);
    g_ptr_array_unref(walk.bounds);
    return good;
}
