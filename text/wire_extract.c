/* The bodies as GVariants and back. frame_receive() has checked that a body is of its type and normal (strings are
 * UTF-8 then, without NUL); here it is checked once more, since it costs little and a caller may have other frames, and
 * what the type cannot say: ranges, words, lengths. */
#include "config.h"
#include "wire_extract.h"
#include "errors.h"
#include <string.h>

#define JOB_TYPE "(xaysxxuuxx)"
#define PART_TYPE "(uussx)"
#define TEXT_TYPE "(ussubbbuus)"
#define BYTES_TYPE "(uay)"
#define COVER_TYPE "(uss)"
#define LOOK_TYPE "(uuu)"
#define CPU_MAX_MS (3600 * 1000)
#define DEPTH_MAX 1000

typedef struct {
    guint32 type;
    const char *string;
} BodyType;

static const char *
look_up(const BodyType *types, gsize count, guint32 type)
{
    for (gsize i = 0; i < count; i++)
        if (types[i].type == type)
            return types[i].string;
    return NULL;
}

const char *
wire_reader_types(guint32 type)
{
    static const BodyType types[] = {{WIRE_EXTRACT_JOB, JOB_TYPE}};
    return look_up(types, G_N_ELEMENTS(types), type);
}

const char *
wire_inspector_types(guint32 type)
{
    static const BodyType types[] = {
        {WIRE_EXTRACT_GIVE, "(ss)"},    {WIRE_EXTRACT_NONE, "(s)"},       {WIRE_EXTRACT_PART, PART_TYPE},
        {WIRE_EXTRACT_TEXT, TEXT_TYPE}, {WIRE_EXTRACT_BYTES, BYTES_TYPE}, {WIRE_EXTRACT_COVER, COVER_TYPE},
        {WIRE_EXTRACT_LOOK, LOOK_TYPE}, {WIRE_EXTRACT_END, "(x)"},        {WIRE_EXTRACT_OVER, ""},
    };
    return look_up(types, G_N_ELEMENTS(types), type);
}

const char *
wire_spawner_types(guint32 type)
{
    static const BodyType types[] = {{WIRE_EXTRACT_WANT, ""}};
    return look_up(types, G_N_ELEMENTS(types), type);
}

/* --- making ----------------------------------------------------------------------------------------------------- */

static GVariant *
byte_array(const guint8 *bytes, gsize length)
{
    return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, length, 1);
}

GVariant *
wire_job(const WireJob *job)
{
    return g_variant_new("(x@aysxxuuxx)", job->length, byte_array(job->key, sizeof job->key), job->type, job->max_text,
                         job->max_bytes, job->max_parts, job->max_depth, job->cpu_ms, job->ocr_ms);
}

GVariant *
wire_part(const WirePart *part)
{
    return g_variant_new(PART_TYPE, part->number, part->parent, part->name, part->type, part->size);
}

GVariant *
wire_text(const WireText *text)
{
    g_autofree char *own = g_strndup(text->text, text->length); /* with its NUL */
    return g_variant_new(TEXT_TYPE, text->part, place_word(text->place), text->name, text->page, text->head, text->ocr,
                         text->goes_on, text->size, text->colour, own);
}

GVariant *
wire_bytes(const WireBytes *bytes)
{
    return g_variant_new("(u@ay)", bytes->part, byte_array(bytes->bytes, bytes->length));
}

GVariant *
wire_cover(const WireCover *cover)
{
    const char *why = why_word(cover->why);
    return g_variant_new(COVER_TYPE, cover->part, coverage_word(cover->coverage), why == NULL ? "none" : why);
}

GVariant *
wire_look(const WireLook *look)
{
    return g_variant_new(LOOK_TYPE, look->part, look->page, look->look);
}

GVariant *
wire_give(const char *reader, const char *ocr)
{
    return g_variant_new("(ss)", reader, ocr);
}

GVariant *
wire_none(const char *why)
{
    return g_variant_new("(s)", why);
}

GVariant *
wire_end(gint64 bytes)
{
    return g_variant_new("(x)", bytes);
}

/* --- taking ----------------------------------------------------------------------------------------------------- */

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, HANGU_ERROR, HANGU_ERROR_PROTOCOL, "refused a frame of a document reader: %s", what);
    return FALSE;
}

static gboolean
is_frame(const Frame *frame, guint32 type, const char *string, GError **error)
{
    if (frame->type != type || frame->body == NULL || !g_variant_is_of_type(frame->body, G_VARIANT_TYPE(string)))
        return refuse(error, "it is not the one expected");
    (void)g_variant_get_data(frame->body); /* in one piece, if it was not: what is lent points into it */
    return g_variant_is_normal_form(frame->body) || refuse(error, "its body is not of its type");
}

static gboolean
is_name(const char *name)
{
    return strlen(name) <= WIRE_NAME_MAX;
}

static gboolean
is_type(const char *type)
{
    gsize length = strlen(type);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isgraph(type[i]))
            return FALSE;
    return length <= WIRE_TYPE_MAX;
}

/* The bytes of an "ay" child, alive as long as the frame: a child of serialised data points into it. */
static const guint8 *
bytes_of(const Frame *frame, gsize child, gsize *length_out)
{
    g_autoptr(GVariant) bytes = g_variant_get_child_value(frame->body, child);
    return g_variant_get_fixed_array(bytes, length_out, 1);
}

gboolean
wire_take_job(const Frame *frame, WireJob *job_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_JOB, JOB_TYPE, error))
        return FALSE;
    WireJob job = {0};
    gsize key_length;
    const guint8 *key = bytes_of(frame, 1, &key_length);
    g_variant_get(frame->body, "(x@ay&sxxuuxx)", &job.length, NULL, &job.type, &job.max_text, &job.max_bytes,
                  &job.max_parts, &job.max_depth, &job.cpu_ms, &job.ocr_ms);
    if (frame->fd_count != 1)
        return refuse(error, "a job comes with one descriptor");
    if (key_length != CRYPTO_KEY_SIZE)
        return refuse(error, "the key of a job is too long or too short");
    if (job.length < 0 || job.max_text < 0 || job.max_bytes < 0 || job.max_parts > WIRE_PARTS_MAX ||
        job.max_depth > DEPTH_MAX || job.cpu_ms < 1 || job.cpu_ms > CPU_MAX_MS || job.ocr_ms < 0 ||
        job.ocr_ms > job.cpu_ms)
        return refuse(error, "a number of a job is out of range");
    if (!is_type(job.type))
        return refuse(error, "the type of a job is no media type");
    memcpy(job.key, key, CRYPTO_KEY_SIZE);
    *job_out = job;
    return TRUE;
}

gboolean
wire_take_part(const Frame *frame, WirePart *part_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_PART, PART_TYPE, error))
        return FALSE;
    g_variant_get(frame->body, "(uu&s&sx)", &part_out->number, &part_out->parent, &part_out->name, &part_out->type,
                  &part_out->size);
    if (part_out->number < 1 || part_out->number > WIRE_PARTS_MAX || part_out->parent >= part_out->number)
        return refuse(error, "the number of a part is out of range");
    if (part_out->size < -1)
        return refuse(error, "the size of a part is out of range");
    if (!is_name(part_out->name) || !is_type(part_out->type))
        return refuse(error, "the name or type of a part is none");
    return TRUE;
}

gboolean
wire_take_text(const Frame *frame, WireText *text_out, GError **error)
{
    const char *place;
    if (!is_frame(frame, WIRE_EXTRACT_TEXT, TEXT_TYPE, error))
        return FALSE;
    g_variant_get(frame->body, "(u&s&subbbuu&s)", &text_out->part, &place, &text_out->name, &text_out->page,
                  &text_out->head, &text_out->ocr, &text_out->goes_on, &text_out->size, &text_out->colour,
                  &text_out->text);
    text_out->length = strlen(text_out->text);
    if (!place_parse(place, &text_out->place) || text_out->place < PLACE_FILE_NAME) /* of links and directories */
        return refuse(error, "the place of a text is none of a document");
    if (text_out->part > WIRE_PARTS_MAX || text_out->page > WIRE_PARTS_MAX || text_out->size > WIRE_SIZE_MAX ||
        (text_out->colour > 0xFFFFFF && text_out->colour != FACE_NO_COLOUR))
        return refuse(error, "a number of a text is out of range");
    if (!is_name(text_out->name) || text_out->length > WIRE_TEXT_MAX)
        return refuse(error, "a text is too long");
    return TRUE;
}

gboolean
wire_take_bytes(const Frame *frame, WireBytes *bytes_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_BYTES, BYTES_TYPE, error))
        return FALSE;
    g_variant_get_child(frame->body, 0, "u", &bytes_out->part);
    bytes_out->bytes = bytes_of(frame, 1, &bytes_out->length);
    if (bytes_out->part > WIRE_PARTS_MAX)
        return refuse(error, "the number of a part is out of range");
    return bytes_out->length <= WIRE_BYTES_MAX || refuse(error, "a piece of content is too long");
}

gboolean
wire_take_cover(const Frame *frame, WireCover *cover_out, GError **error)
{
    const char *coverage, *why;
    if (!is_frame(frame, WIRE_EXTRACT_COVER, COVER_TYPE, error))
        return FALSE;
    g_variant_get(frame->body, "(u&s&s)", &cover_out->part, &coverage, &why);
    if (cover_out->part > WIRE_PARTS_MAX)
        return refuse(error, "the number of a part is out of range");
    if (!coverage_parse(coverage, &cover_out->coverage) || !why_parse(why, &cover_out->why) ||
        (cover_out->coverage >= COVERAGE_PARTIAL) != (cover_out->why != WHY_NONE))
        return refuse(error, "it covers a part with words that are none, or do not fit each other");
    return TRUE;
}

gboolean
wire_take_look(const Frame *frame, WireLook *look_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_LOOK, LOOK_TYPE, error))
        return FALSE;
    g_variant_get(frame->body, LOOK_TYPE, &look_out->part, &look_out->page, &look_out->look);
    if (look_out->part > WIRE_PARTS_MAX || look_out->page > WIRE_PARTS_MAX || look_out->look == 0 ||
        (look_out->look & ~(guint)LOOK_ALL) != 0)
        return refuse(error, "a number of a look is out of range");
    return TRUE;
}

gboolean
wire_take_end(const Frame *frame, gint64 *bytes_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_END, "(x)", error))
        return FALSE;
    g_variant_get(frame->body, "(x)", bytes_out);
    return *bytes_out >= 0 || refuse(error, "less than nothing was unpacked");
}

gboolean
wire_take_none(const Frame *frame, const char **why_out, GError **error)
{
    if (!is_frame(frame, WIRE_EXTRACT_NONE, "(s)", error))
        return FALSE;
    g_variant_get(frame->body, "(&s)", why_out);
    return is_name(*why_out) || refuse(error, "a reason is too long");
}

gboolean
wire_take_give(const Frame *frame, const char **reader_out, const char **ocr_out, GError **error)
{
    static const char prefix[] = "sha256:";
    if (!is_frame(frame, WIRE_EXTRACT_GIVE, "(ss)", error))
        return FALSE;
    g_variant_get(frame->body, "(&s&s)", reader_out, ocr_out);
    gsize length = strlen(*reader_out);
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum((*reader_out)[i]) && strchr("._+:/-", (*reader_out)[i]) == NULL)
            return refuse(error, "the version of the reader is no word");
    if (length > WIRE_READER_MAX)
        return refuse(error, "the version of the reader is too long");
    const char *hex = *ocr_out + sizeof prefix - 1;
    if (**ocr_out != '\0' && (!g_str_has_prefix(*ocr_out, prefix) || strlen(hex) != 2 * CRYPTO_DIGEST_SIZE ||
                              strspn(hex, "0123456789abcdef") != 2 * CRYPTO_DIGEST_SIZE))
        return refuse(error, "the digest of the OCR models is none");
    return TRUE;
}
