/* Parse and read of any bytes as a letter: no crash, every promise of segment.h and message.h kept. */
#include "config.h"
#include <stdint.h>
#include <string.h>
#include "mime.h"
#include "read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean
take(const Segment *segment, gpointer user)
{
    const Message *message = user;
    g_assert(segment->length > 0 && segment->length <= SEGMENT_MAX);
    g_assert(g_utf8_validate_len(segment->text, segment->length, NULL));
    g_assert(segment->part < message->parts->len);
    g_assert(segment->charset != NULL);
    return TRUE;
}

static gboolean
part_end(guint part, gpointer user)
{
    return FALSE;
}

static void
check_parts(const Message *message)
{
    for (guint i = 0; i < message->parts->len; i++) {
        const Part *part = message_part(message, i);
        g_assert(part->index == i);
        g_assert(i == 0 ? part->parent == -1 : part->parent >= 0 && (guint)part->parent < i);
        g_assert(g_utf8_validate(part->path, -1, NULL));
        g_assert(g_str_is_ascii(part->number) && g_str_is_ascii(part->type));
        g_assert((part->coverage < COVERAGE_PARTIAL) == (part->why == WHY_NONE));
        if (part->from >= 0)
            g_assert(part->from <= part->to && part->to <= message->size);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Settings *settings;
    if (settings == NULL) {
        settings = settings_new_default();
        settings->max_parts = 50;
        settings->max_depth = 10;
        settings->max_header_bytes = 64 * 1024;
        settings->max_part_bytes = 1024 * 1024;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Message) message = message_new();
    message->raw = g_mime_stream_mem_new_with_buffer((const char *)data, size);
    message->size = (gint64)size;
    const Reader reader = {take, part_end, message, -1};
    g_assert(mime_parse(message, settings, &error));
    g_assert(read_message(message, settings, &reader, &error));
    check_parts(message);
    return 0;
}
