/* A whole answer of a document reader: frames, each of a byte for its type, two for its length, and a body. Whatever
 * comes, parts stay in order, budgets hold, and the letter can be read afterwards. */
#include "config.h"
#include <stdint.h>
#include "extract_take.h"
#include "log.h"
#include "read.h"
#include "wire_extract.h"
#include <string.h>

#define PARTS_MAX 20
#define TEXT_MAX 20000
#define BYTES_MAX 20000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Settings *settings;

static gboolean
take_segment(const Segment *segment, gpointer user)
{
    const Message *message = user;
    g_assert(segment->length > 0 && segment->length <= SEGMENT_MAX);
    g_assert(message_part(message, segment->part) != NULL);
    g_assert(g_utf8_validate_len(segment->text, segment->length, NULL));
    return TRUE;
}

static gboolean
end_part(guint part, gpointer user)
{
    return FALSE;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    g_mime_init();
    log_open("fuzz", LOG_TO_STDERR, LOG_LEVEL_ERROR);
    settings = settings_new_default();
    settings->max_parts = PARTS_MAX;
    settings->max_text_bytes = 1024 * 1024;
    return 0;
}

static void
answer(Take *take, const uint8_t *data, size_t size)
{
    static const guint32 types[] = {WIRE_EXTRACT_PART, WIRE_EXTRACT_TEXT, WIRE_EXTRACT_BYTES, WIRE_EXTRACT_COVER,
                                    WIRE_EXTRACT_END,  WIRE_EXTRACT_GIVE, WIRE_EXTRACT_OVER,  WIRE_EXTRACT_LOOK};
    CoverageWhy why = WHY_NONE;
    while (size >= 3) {
        gsize length = MIN(((gsize)data[1] << 8 | data[2]), size - 3);
        guint32 type = types[data[0] % G_N_ELEMENTS(types)];
        const char *string = wire_inspector_types(type);
        g_autoptr(GBytes) bytes = g_bytes_new(data + 3, length);
        g_autoptr(GVariant) body = NULL;
        if (*string != '\0')
            body = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(string), bytes, FALSE));
        const Frame frame = {.type = type, .body = body};
        g_autoptr(GError) error = NULL;
        TakeResult result = take_frame(take, &frame, &error);
        g_assert((result == TAKE_LIE) == (error != NULL));
        data += 3 + length;
        size -= 3 + length;
        if (result == TAKE_ON)
            continue;
        why = result == TAKE_LIE ? WHY_READER_FAILED : result == TAKE_OVER ? WHY_OVER_BUDGET : WHY_NONE;
        break;
    }
    take_finish(take, why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Message *message = message_new();
    message->raw = g_mime_stream_mem_new();
    Part *letter = part_new(PART_LETTER), *attachment = part_new(PART_LEAF);
    letter->number = g_strdup("0");
    letter->path = g_strdup("0");
    letter->type = g_strdup("text/plain");
    attachment->number = g_strdup("1");
    attachment->path = g_strdup("1/a.zip");
    attachment->type = g_strdup("application/zip");
    attachment->index = 1;
    attachment->parent = 0;
    g_ptr_array_add(message->parts, letter);
    g_ptr_array_add(message->parts, attachment);
    gint64 text_left = TEXT_MAX, spent = 0;
    const TakePlan plan = {message, settings, 1, take_segment, message, &text_left, BYTES_MAX, &spent, PARTS_MAX, 3, NULL};
    answer(take_new(&plan), data, size);
    g_assert(text_left >= 0 && spent >= 0 && spent <= BYTES_MAX);
    for (guint i = 1; i < message->parts->len; i++) {
        const Part *part = message_part(message, i);
        g_assert(part->index == i && part->parent >= 0 && (guint)part->parent < i && part->path != NULL);
    }
    const Reader reader = {take_segment, end_part, message, -1, NULL, NULL};
    g_autoptr(GError) error = NULL;
    g_assert(read_message(message, settings, &reader, &error));
    message_free(message);
    return 0;
}
