/* The frames of document readers: the first byte is the frame, the rest its body. What is believed must keep what the
 * header promises, and go out again as it came. */
#include "config.h"
#include <stdint.h>
#include "errors.h"
#include "wire_extract.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static GVariant *
part_again(const Frame *frame, GError **error)
{
    WirePart part;
    if (!wire_take_part(frame, &part, error))
        return NULL;
    g_assert(part.number >= 1 && part.number <= WIRE_PARTS_MAX && part.parent < part.number && part.size >= -1);
    g_assert(strlen(part.name) <= WIRE_NAME_MAX && g_utf8_validate(part.name, -1, NULL));
    g_assert(strlen(part.type) <= WIRE_TYPE_MAX);
    return wire_part(&part);
}

static GVariant *
text_again(const Frame *frame, GError **error)
{
    WireText text;
    if (!wire_take_text(frame, &text, error))
        return NULL;
    g_assert(text.place >= PLACE_BODY && text.place < PLACE_COUNT && text.part <= WIRE_PARTS_MAX);
    g_assert(text.length <= WIRE_TEXT_MAX && g_utf8_validate(text.text, (gssize)text.length, NULL));
    g_assert(strlen(text.name) <= WIRE_NAME_MAX && g_utf8_validate(text.name, -1, NULL));
    return wire_text(&text);
}

static GVariant *
bytes_again(const Frame *frame, GError **error)
{
    WireBytes bytes;
    if (!wire_take_bytes(frame, &bytes, error))
        return NULL;
    g_assert(bytes.length <= WIRE_BYTES_MAX);
    return wire_bytes(&bytes);
}

static GVariant *
cover_again(const Frame *frame, GError **error)
{
    WireCover cover;
    if (!wire_take_cover(frame, &cover, error))
        return NULL;
    g_assert(coverage_word(cover.coverage) != NULL);
    return wire_cover(&cover);
}

static GVariant *
look_again(const Frame *frame, GError **error)
{
    WireLook look;
    if (!wire_take_look(frame, &look, error))
        return NULL;
    g_assert(look.look != 0 && (look.look & ~(guint)LOOK_ALL) == 0 && look.page <= WIRE_PARTS_MAX);
    return wire_look(&look);
}

static GVariant *
job_again(const Frame *frame, GError **error)
{
    WireJob job;
    if (!wire_take_job(frame, &job, error))
        return NULL;
    g_assert(job.length >= 0 && job.max_text >= 0 && job.max_bytes >= 0 && job.cpu_ms > 0 && job.ocr_ms >= 0 &&
             job.ocr_ms <= job.cpu_ms);
    return wire_job(&job);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        guint32 type;
        FrameTypes types;
        GVariant *(*again)(const Frame *frame, GError **error);
    } rows[] = {
        {WIRE_EXTRACT_JOB, wire_reader_types, job_again},
        {WIRE_EXTRACT_PART, wire_inspector_types, part_again},
        {WIRE_EXTRACT_TEXT, wire_inspector_types, text_again},
        {WIRE_EXTRACT_BYTES, wire_inspector_types, bytes_again},
        {WIRE_EXTRACT_COVER, wire_inspector_types, cover_again},
        {WIRE_EXTRACT_LOOK, wire_inspector_types, look_again},
    };
    if (size == 0 || data[0] >= G_N_ELEMENTS(rows))
        return 0;
    guint row = data[0];
    g_autoptr(GBytes) bytes = g_bytes_new(data + 1, size - 1); /* GVariant wants its data aligned */
    const GVariantType *type = G_VARIANT_TYPE(rows[row].types(rows[row].type));
    g_autoptr(GVariant) body = g_variant_ref_sink(g_variant_new_from_bytes(type, bytes, FALSE));
    const Frame frame = {.type = rows[row].type, .body = body, .fd_count = 1};
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) again = rows[row].again(&frame, &error);
    g_assert((again == NULL) == (error != NULL));
    if (again != NULL)
        g_assert(g_variant_equal(g_variant_ref_sink(again), body));
    return 0;
}
