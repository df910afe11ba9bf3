/* The parse stage: finds where the letter begins, opens it, and notes what later stages ask for. */
#include "config.h"
#include "mime.h"
#include "address.h"
#include "content.h"
#include "entity.h"
#include "lines.h"
#include "structure.h"
#include <string.h>

#define MESSAGE_ID_MAX 250
#define LEADING_MAX (64 * 1024)

typedef struct {
    gint64 at; /* of the first line that is not blank */
    gboolean field;
} Start;

static gboolean
find_start(const Line *line, gpointer user)
{
    Start *start = user;
    if (line_is_blank(line))
        return TRUE;
    start->at = line->offset;
    start->field = line_is_field(line->text, line->length) || (line->length > 5 && memcmp(line->text, "From ", 5) == 0);
    return FALSE;
}

/* Empty lines before the first header would make GMime take all headers for body; recipients' programs skip them. */
static int
skip_leading(GMimeStream *raw, gint64 *start_out)
{
    Start start = {0, FALSE};
    gint64 to = MIN(g_mime_stream_length(raw), LEADING_MAX);
    int result = lines_of_stream(raw, 0, to, find_start, &start);
    *start_out = start.field ? start.at : 0;
    return result;
}

static char *
printable_id(const char *raw)
{
    if (raw == NULL)
        return NULL;
    g_autoptr(GString) id = g_string_new(NULL);
    const char *open = strchr(raw, '<');
    for (const char *c = open != NULL ? open + 1 : raw; *c != '\0' && *c != '>' && id->len < MESSAGE_ID_MAX; c++)
        if (*c > ' ' && *c < 127)
            g_string_append_c(id, *c);
    return id->len == 0 ? NULL : g_string_free(g_steal_pointer(&id), FALSE);
}

static GPtrArray *
mailboxes(GMimeHeaderList *headers, const char *name)
{
    const char *raw = entity_header(headers, name);
    return address_parse_list(raw == NULL ? "" : raw, raw == NULL ? 0 : strlen(raw));
}

static void
init_gmime(void)
{
    static gsize once;
    if (g_once_init_enter(&once)) {
        g_mime_init();
        g_once_init_leave(&once, 1);
    }
}

gboolean
mime_parse(Message *message, const Settings *settings, GError **error)
{
    init_gmime();
    Opening opening = {.message = message, .settings = settings, .source = message->raw};
    structure_add(message, PART_LETTER, 0, "0");
    if (skip_leading(message->raw, &opening.from) < 0 && message->size > 0)
        opening.from = 0; /* the same error comes again below, with its text */
    if (opening.from > 0)
        message->oddities |= ODD_BAD_HEADER;
    if (!structure_open(&opening, error))
        return FALSE;
    GMimeHeaderList *headers = message_part(message, 0)->inner;
    message->message_id = printable_id(entity_header(headers, "Message-ID"));
    message->from = mailboxes(headers, "From");
    message->from_sender = mailboxes(headers, "Sender");
    return TRUE;
}

int
mime_part_bytes(const Part *part, ContentSink sink, gpointer user, guint *oddities_out, GError **error)
{
    if (part->content == NULL)
        return 1;
    return content_flow(part->content, part->transfer, sink, user, oddities_out, error);
}

static gboolean
each_header(GMimeHeaderList *headers, MimeHeader each, gpointer user)
{
    int count = headers == NULL ? 0 : g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        const char *raw = g_mime_header_get_raw_value(header);
        if (raw != NULL && !each(g_mime_header_get_name(header), raw, strlen(raw), user))
            return FALSE;
    }
    return TRUE;
}

void
mime_headers(const Part *part, MimeHeader each, gpointer user)
{
    if (each_header(part->headers, each, user) && each_header(part->inner, each, user))
        each_header(part->body, each, user);
}
