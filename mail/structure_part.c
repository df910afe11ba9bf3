/* Parts of the flat list: their numbers and paths, and what lies in a leaf. */
#include "config.h"
#include "content.h"
#include "lines.h"
#include "structure.h"
#include <string.h>

/* --- parts ------------------------------------------------------------------------------------------------------ */

void
structure_path(Message *message, Part *part)
{
    const Part *above = part->parent < 0 ? NULL : message_part(message, (guint)part->parent);
    while (above != NULL && above->kind != PART_MESSAGE && above->kind != PART_LEAF)
        above = above->parent < 0 ? NULL : message_part(message, (guint)above->parent);
    const char *number = part->number;
    if (above != NULL && g_str_has_prefix(number, above->number)) {
        number += strlen(above->number);
        number += *number == '.';
    }
    if (part->is_unpacked && part->name != NULL)
        number = ""; /* the name in the archive tells more */
    g_free(part->path);
    part->path = g_strconcat(above == NULL ? "" : above->path, above == NULL ? "" : "/", number,
                             part->name == NULL || *number == '\0' ? "" : "/", part->name, NULL);
}

void
structure_name(Message *message, Part *part, const char *name)
{
    g_free(part->name);
    part->name = g_strdup(name);
    structure_path(message, part);
}

Part *
structure_add(Message *message, PartKind kind, guint parent, const char *number)
{
    const Part *above = message_part(message, parent);
    Part *part = part_new(kind);
    part->index = message->parts->len;
    part->type = g_strdup(kind == PART_MESSAGE ? "message/rfc822" : "text/plain");
    if (above == NULL) {
        part->number = g_strdup(number);
    } else {
        part->parent = (int)parent;
        part->depth = above->depth + 1;
        gboolean top = strcmp(above->number, "0") == 0 && g_ascii_isdigit(number[0]);
        gboolean dot = !top && g_ascii_isdigit(number[0]);
        part->number = g_strconcat(top ? "" : above->number, dot ? "." : "", number, NULL);
    }
    g_ptr_array_add(message->parts, part);
    structure_path(message, part);
    return part;
}

void
structure_raw(const Opening *opening, gint64 from, gint64 to, Coverage coverage, CoverageWhy why)
{
    Message *message = opening->message;
    if (from >= to)
        return;
    g_autofree char *number = g_strdup_printf("r%u", ++message->readings);
    Part *part = structure_add(message, PART_RAW, opening->parent, number);
    part->content = g_mime_stream_substream(opening->source, from, to);
    part->is_reading = TRUE;
    part_cover(part, coverage, why);
    if (opening->level == 0) {
        part->from = from;
        part->to = to;
    }
}

/* --- leaves ----------------------------------------------------------------------------------------------------- */

static gboolean
take_head(const guint8 *bytes, gsize length, gpointer user)
{
    GByteArray *head = user;
    g_byte_array_append(head, bytes, (guint)MIN(length, DETECT_BYTES - head->len));
    return head->len < DETECT_BYTES;
}

static gboolean
take_far(const guint8 *bytes, gsize length, gpointer user)
{
    GByteArray *head = user;
    g_byte_array_append(head, bytes, (guint)MIN(length, DETECT_FAR_AT + DETECT_FAR_BYTES - head->len));
    return head->len < DETECT_FAR_AT + DETECT_FAR_BYTES;
}

/* What the head does not tell may stand further inside. FALSE: the content cannot be read. */
static gboolean
look_further(const Part *part, Detected *detected, GError **error)
{
    if (detected->class != DETECT_BINARY || !g_str_equal(detected->type, "application/octet-stream"))
        return TRUE;
    g_autoptr(GByteArray) head = g_byte_array_new();
    if (content_flow(part->content, part->transfer, take_far, head, NULL, error) < 0)
        return FALSE;
    if (head->len > DETECT_FAR_AT)
        *detected = detect_wide(head->data, head->len, head->data + DETECT_FAR_AT, head->len - DETECT_FAR_AT);
    return TRUE;
}

static gboolean
is_letter_type(const char *type)
{
    return g_str_equal(type, "message/rfc822") || g_str_equal(type, "message/rfc2822") ||
           g_str_equal(type, "message/global") || g_str_equal(type, "message/news");
}

static gboolean
first_line_is_field(const GByteArray *head)
{
    const char *text = (const char *)head->data;
    const char *newline = head->len == 0 ? NULL : memchr(text, '\n', head->len);
    return newline != NULL && line_is_field(text, (gsize)(newline - text));
}

/* Opens the letter (or its first fragment) that lies in a leaf. */
static gboolean
open_inside(const Opening *opening, Part *part, gboolean declared, GError **error)
{
    guint index = part->index;
    g_autoptr(GMimeStream) aside = NULL;
    if (part->transfer != TRANSFER_IDENTITY) {
        GError *failure = NULL;
        aside = content_aside(opening->message, part->content, part->transfer, opening->settings, &failure);
        if (failure != NULL) {
            g_propagate_error(error, failure);
            return FALSE;
        }
        if (aside == NULL) {
            part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return TRUE;
        }
        if (declared)
            opening->message->oddities |= ODD_ENCODED_CONTAINER;
    }
    GMimeStream *source = aside != NULL ? aside : part->content;
    Opening inner = *opening;
    inner.source = source;
    inner.from = source->bound_start;
    inner.prefix = NULL;
    inner.parent = index;
    inner.level = opening->level + 1;
    return structure_open(&inner, error);
}

gboolean
structure_leaf(const Opening *opening, Part *part, GError **error)
{
    Message *message = opening->message;
    structure_path(message, part);
    part->is_reading |= opening->is_reading;
    g_autoptr(GByteArray) head = g_byte_array_new();
    if (content_flow(part->content, part->transfer, take_head, head, NULL, error) < 0)
        return FALSE;
    Detected detected = detect_bytes(head->data, head->len);
    if (!look_further(part, &detected, error))
        return FALSE;
    g_free(part->detected);
    part->detected = g_strdup(detected.type);
    part->content_class = detected.class;
    part->is_executable = detected.class == DETECT_EXECUTABLE;
    part->is_text = detected.is_text;
    if (g_str_equal(part->type, "message/partial") || g_str_equal(part->type, "message/external-body"))
        message->oddities |= ODD_PARTIAL_MESSAGE;
    gboolean fragment = g_str_equal(part->type, "message/partial") && first_line_is_field(head);
    gboolean declared = is_letter_type(part->type);
    gboolean like_letter = detected.class == DETECT_MESSAGE;
    gboolean body_text = g_str_has_prefix(part->type, "text/") && !part->is_attachment &&
                         !g_str_equal(part->type, "text/rfc822-headers");
    gboolean report = g_str_has_prefix(part->type, "message/");
    if (declared && detected.is_text)
        part->kind = PART_MESSAGE;
    else if (!fragment && (!like_letter || body_text || report))
        return TRUE;
    part->is_opened = !fragment;
    return open_inside(opening, part, declared, error);
}
