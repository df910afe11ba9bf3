/* One part after the other; parts found on the way are appended and get their turn. */
#include "config.h"
#include "read.h"
#include "clock.h"
#include "decode.h"
#include "detect_inside.h"
#include "embedded.h"
#include "embedded_data.h"
#include "entity.h"
#include "extract.h"
#include "label.h"
#include "mime.h"
#include "mismatch.h"
#include "read_header.h"
#include "read_text.h"
#include "structure.h"
#include <string.h>

#define SIGNATURE_MAX (256 * 1024) /* no signature is longer */
#define TRANSFER_JUNK_MAX 64       /* more junk in base64 than this: look at the bytes as they are as well */
#define QUOTED_MIN 6               /* so many =XX in bytes as they are: read them as quoted-printable as well */

typedef struct {
    Message *message;
    const Settings *settings;
    const Reader *reader;
    GError **error;
    gboolean stopped; /* by the sink, the deadline or the text budget */
    gint64 text_left;
} Reading;

/* --- what kind of part ------------------------------------------------------------------------------------------ */

static gboolean
is_one_of(const char *type, const char *const *types)
{
    for (; *types != NULL; types++)
        if (strcmp(type, *types) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
is_signature(const char *type)
{
    static const char *const types[] = {"application/pgp-signature", "application/pkcs7-signature",
                                        "application/x-pkcs7-signature", NULL};
    return is_one_of(type, types);
}

static gboolean
is_status(const char *type)
{
    static const char *const types[] = {"message/delivery-status",
                                        "message/global-delivery-status",
                                        "message/disposition-notification",
                                        "message/global-disposition-notification",
                                        "message/feedback-report",
                                        "message/tracking-status",
                                        NULL};
    return is_one_of(type, types);
}

static gboolean
is_encrypted_type(const char *type)
{
    static const char *const types[] = {"application/pkcs7-mime", "application/x-pkcs7-mime",
                                        "application/pgp-encrypted", "application/cms", NULL};
    return is_one_of(type, types) || g_str_has_prefix(type, "application/x-encrypted-");
}

static gboolean
is_xml(const char *type)
{
    return g_str_has_suffix(type, "/xml") || g_str_has_suffix(type, "+xml");
}

static gboolean
is_unknown(const Part *part)
{
    return part->content_class == DETECT_BINARY && g_strcmp0(part->detected, "application/octet-stream") == 0;
}

/* Whether the part is inside a multipart/signed: only there a signature is one. */
static gboolean
in_signed(const Message *message, const Part *part)
{
    const Part *above = message_part(message, (guint)part->parent);
    g_autofree char *type = entity_type(entity_header(above->body, "Content-Type"));
    return strcmp(above->type, "multipart/signed") == 0 || strcmp(type, "multipart/signed") == 0;
}

/* Whether a reader process takes it. What came out of one is not given to the next: it would have been read there. */
static gboolean
is_document(const Reading *reading, const Part *part)
{
    return reading->reader->extractor != NULL && part->content_class != DETECT_TEXT && !part->is_unpacked &&
           extract_reads(part->detected);
}

/* RTF is text by its name, and a document. */
static gboolean
is_rich_text(const Part *part)
{
    static const char *const types[] = {"text/rtf", "text/richtext", NULL};
    return is_one_of(part->type, types) && g_strcmp0(part->detected, "application/rtf") == 0;
}

/* A picture that is an archive, and the like: somebody hides something, or a program is badly made. One that is another
 * kind of picture is nothing. */
static gboolean
says_otherwise(const Part *part)
{
    static const char *const families[] = {"text/", "image/", "audio/", "video/"};
    for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
        if (g_str_has_prefix(part->type, families[i]))
            return extract_reads(part->detected) &&
                   (part->content_class != DETECT_PICTURE || strcmp(families[i], "image/") != 0);
    return FALSE;
}

/* Pictures that hold pages of text and that no reader takes apart. Without readers pictures are opaque, all of them. */
static gboolean
is_unread_picture(const Reading *reading, const Part *part)
{
    static const char *const types[] = {
        "image/heic", "image/heif", "image/avif", "image/jxl", "image/x-jbig2", "image/vnd.adobe.photoshop", NULL};
    return reading->reader->extractor != NULL && is_one_of(part->detected, types);
}

static void
call_mismatch(Reading *reading, Part *part)
{
    part->is_mismatch = TRUE;
    reading->message->oddities |= ODD_TYPE_MISMATCH;
}

static void
cover_leaf(Reading *reading, Part *part, gint64 length)
{
    gboolean says_text = g_str_has_prefix(part->type, "text/");
    DetectClass class = part->content_class;
    /* a script is text to its last byte; RTF and the like are text too, but mean something else */
    gboolean text = class == DETECT_TEXT || class == DETECT_HTML || class == DETECT_MESSAGE ||
                    (class == DETECT_EXECUTABLE && part->is_text);
    part->is_html = class == DETECT_HTML || strcmp(part->type, "text/html") == 0 || is_xml(part->type) ||
                    (part->detected != NULL && is_xml(part->detected));
    part->is_text |= says_text;
    gboolean document = is_document(reading, part);
    if (is_encrypted_type(part->type) && !document) /* its reader tells what is signed from what is encrypted */
        part_cover(part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    if (strcmp(part->type, "message/partial") == 0 || strcmp(part->type, "message/external-body") == 0)
        part_cover(part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    if (class == DETECT_EMPTY)
        return;
    if (text) {
        if (is_status(part->type) || is_signature(part->type))
            part_cover(part, COVERAGE_OPAQUE, WHY_NONE);
        return;
    }
    if (says_text && is_unknown(part))
        return; /* reading will tell: some scripts in UTF-16 look like nothing at first sight */
    if ((says_text || says_otherwise(part)) && !is_rich_text(part))
        call_mismatch(reading, part);
    gboolean encrypted = is_encrypted_type(part->detected);
    gboolean signature = is_signature(part->type) && length <= SIGNATURE_MAX && in_signed(reading->message, part) &&
                         (encrypted || is_signature(part->detected) || is_unknown(part));
    gboolean shown = class == DETECT_PICTURE || class == DETECT_AUDIO_VIDEO, unread = is_unread_picture(reading, part);
    if (encrypted && !signature && !document)
        part_cover(part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    else if (!unread && (signature || (shown && !document)))
        part_cover(part, COVERAGE_OPAQUE, WHY_NONE);
    else if (unread || !document)
        part_cover(part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
}

/* --- content ---------------------------------------------------------------------------------------------------- */

typedef struct {
    Reading *reading;
    Part *part;
    TextReader *text;     /* NULL: not read as text */
    Embedded *embedded;   /* NULL: not looked for */
    EmbeddedData *data;   /* NULL: not looked for */
    Transfer *layer;      /* NULL, or one more encoding below that of the part */
    CryptoHash *hash;     /* NULL: no digest wanted */
    DetectInside *inside; /* NULL: not looked for */
    gint64 seen;          /* decoded bytes */
    gboolean over;        /* a budget or the deadline */
    guint quoted;         /* =XX seen */
} Flow;

static gboolean
past_deadline(const Reading *reading)
{
    return reading->reader->deadline_us >= 0 && clock_monotonic_us() > reading->reader->deadline_us;
}

/* By the deadline, or since the letter may not have its inspector any longer. */
static gboolean
is_over(const Reading *reading)
{
    return past_deadline(reading) || !lease_goes_on(reading->message->lease);
}

static guint
count_quoted(const guint8 *bytes, gsize length)
{
    guint count = 0;
    const guint8 *c = bytes, *end = bytes + length;
    while (count < QUOTED_MIN && (c = memchr(c, '=', (gsize)(end - c))) != NULL && end - c > 2) {
        count += c[1] >= '8' && g_ascii_isxdigit(c[1]) && g_ascii_isxdigit(c[2]);
        c++;
    }
    return count;
}

static gboolean
push_text(Flow *flow, const guint8 *bytes, gsize length)
{
    if (flow->layer == NULL)
        return text_reader_push(flow->text, bytes, length);
    g_autoptr(GByteArray) clear = g_byte_array_new();
    transfer_push(flow->layer, bytes, length, clear);
    return clear->len == 0 || text_reader_push(flow->text, clear->data, clear->len);
}

static gboolean
take_bytes(const guint8 *bytes, gsize length, gpointer user)
{
    Flow *flow = user;
    Reading *reading = flow->reading;
    gint64 room = reading->settings->max_part_bytes - flow->seen;
    if (flow->text != NULL)
        room = MIN(room, reading->text_left);
    flow->over = (gint64)length > room || is_over(reading);
    gsize take = (gsize)MIN((gint64)length, MAX(room, 0));
    flow->seen += (gint64)take;
    if (flow->hash != NULL)
        crypto_hash_add(flow->hash, bytes, take);
    if (flow->inside != NULL)
        detect_inside_push(flow->inside, bytes, take);
    if (flow->embedded != NULL)
        embedded_push(flow->embedded, bytes, take);
    if (flow->data != NULL)
        embedded_data_push(flow->data, bytes, take);
    if (flow->text != NULL) {
        reading->text_left -= (gint64)take;
        reading->message->text_bytes += (gint64)take;
        if (flow->part->transfer != TRANSFER_QUOTED && flow->quoted < QUOTED_MIN)
            flow->quoted += count_quoted(bytes, take);
        if (!push_text(flow, bytes, take)) {
            reading->stopped = TRUE;
            return FALSE;
        }
    }
    return !flow->over;
}

/* Adds what was found inside a text as parts of it, numbered from `first`. */
static gboolean
add_blocks(Reading *reading, guint parent, const GArray *blocks, guint first, guint oddity)
{
    Message *message = reading->message;
    Opening opening = {.message = message, .settings = reading->settings, .parent = parent, .level = 1};
    for (guint i = 0; i < blocks->len; i++) {
        const EmbeddedBlock *block = &g_array_index(blocks, EmbeddedBlock, i);
        if ((gint64)message->parts->len > reading->settings->max_parts) {
            message->oddities |= ODD_PARTS;
            part_cover(message_part(message, parent), COVERAGE_PARTIAL, WHY_OVER_BUDGET);
            return TRUE;
        }
        g_autofree char *number = g_strdup_printf("%u", first + i);
        Part *part = structure_add(message, PART_LEAF, parent, number);
        message->oddities |= oddity;
        g_free(part->type);
        part->type = g_strdup("application/octet-stream");
        part->is_attachment = TRUE;
        part->content = block->stream != NULL ? g_object_ref(block->stream) : g_mime_stream_mem_new();
        if (block->name != NULL) {
            g_autoptr(GPtrArray) names = decode_plausible((const guint8 *)block->name, strlen(block->name), NULL);
            part->name = g_strdup(((const Decoding *)g_ptr_array_index(names, 0))->text);
        }
        if (block->cut)
            part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        opening.source = part->content;
        if (!structure_leaf(&opening, part, reading->error))
            return FALSE;
    }
    return TRUE;
}

static void
plan_text(const Part *part, const Reading *reading, TextPlan *plan)
{
    *plan = (TextPlan){reading->reader->segment, reading->reader->user, part->index};
    plan->kind = part->kind == PART_OUTSIDE ? PLACE_OUTSIDE : part->kind == PART_RAW ? PLACE_RAW : PLACE_BODY;
    plan->declared = part->charset;
    plan->html = part->is_html;
    plan->plain = !part->is_html || is_xml(part->type) || (part->detected != NULL && is_xml(part->detected));
    static const char *const folded[] = {"text/calendar",  "text/vcard",      "text/x-vcard",
                                         "text/directory", "application/ics", NULL};
    plan->unfold = is_one_of(part->type, folded) || (part->detected != NULL && is_one_of(part->detected, folded));
}

static gboolean
finish_text(Flow *flow)
{
    g_autoptr(GByteArray) rest = g_byte_array_new();
    if (flow->layer != NULL)
        transfer_finish(flow->layer, rest);
    return (rest->len == 0 || text_reader_push(flow->text, rest->data, rest->len)) && text_reader_finish(flow->text);
}

/* One pass over a part's bytes. FALSE: I/O error. */
static gboolean
flow_part(Flow *flow, TransferKind kind, guint *junk_out)
{
    Part *part = flow->part;
    Reading *reading = flow->reading;
    int result = content_flow(part->content, kind, take_bytes, flow, junk_out, reading->error);
    if (result < 0)
        return FALSE;
    if (flow->text != NULL && !reading->stopped && !finish_text(flow))
        reading->stopped = TRUE;
    if (flow->over) {
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        reading->stopped |= reading->text_left <= 0 || is_over(reading);
    }
    return TRUE;
}

static void
look_at_bytes(Reading *reading, Part *part)
{
    g_autofree char *number = g_strdup_printf("r%u", ++reading->message->readings);
    GMimeStream *content = part->content;
    Part *raw = structure_add(reading->message, PART_RAW, part->index, number);
    raw->content = g_object_ref(content);
    raw->is_reading = TRUE;
}

/* What the text carries openly: no oddity. */
static gboolean
add_data(Reading *reading, guint parent, EmbeddedData *data, guint first)
{
    gboolean over;
    const GArray *blocks = embedded_data_finish(data, &over);
    if (over)
        part_cover(message_part(reading->message, parent), COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    return add_blocks(reading, parent, blocks, first, 0);
}

static gboolean
read_text_part(Reading *reading, Part *part)
{
    TextPlan plan;
    guint junk = 0, index = part->index;
    plan_text(part, reading, &plan);
    g_autoptr(TextReader) text = text_reader_new(&plan);
    /* Blocks of a letter are its parts already; found once more in its text, each level would double what is inside. */
    g_autoptr(Embedded) embedded = part->is_opened ? NULL : embedded_new(reading->message, reading->settings);
    g_autoptr(EmbeddedData) data =
        part->is_opened ? NULL : embedded_data_new(reading->message, reading->settings, plan.unfold);
    Flow flow = {.reading = reading, .part = part, .text = text, .embedded = embedded, .data = data};
    flow.hash = part->kind == PART_LEAF ? crypto_hash_new() : NULL;
    gboolean good = flow_part(&flow, part->transfer, &junk);
    part->has_digest = good && flow.hash != NULL && !flow.over && !reading->stopped;
    crypto_hash_free(flow.hash, part->has_digest ? part->digest : NULL);
    if (!good)
        return FALSE;
    if (part->transfer == TRANSFER_BASE64 && junk > TRANSFER_JUNK_MAX && !part->is_reading) {
        reading->message->oddities |= ODD_TRANSFER;
        look_at_bytes(reading, part);
    }
    if (part->kind == PART_LEAF && is_unknown(part) && !text_reader_plausible(text)) {
        call_mismatch(reading, part);
        part_cover(part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    }
    if (!text_reader_complete(text))
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    if (text_reader_lied(text))
        reading->message->oddities |= ODD_CHARSET_LIE;
    const GArray *blocks = embedded == NULL ? NULL : embedded_finish(embedded);
    part = message_part(reading->message, index);
    if (embedded != NULL && embedded_encrypted(embedded))
        part_cover(part, COVERAGE_UNREADABLE, WHY_ENCRYPTED);
    if (flow.quoted >= QUOTED_MIN && !reading->stopped) {
        g_autoptr(TextReader) again = text_reader_new(&plan);
        g_autoptr(Transfer) layer = transfer_new(TRANSFER_QUOTED);
        Flow second = {.reading = reading, .part = part, .text = again, .layer = layer, .quoted = QUOTED_MIN};
        if (!flow_part(&second, part->transfer, NULL))
            return FALSE;
    }
    return blocks == NULL ||
           (add_blocks(reading, index, blocks, 1, ODD_HIDDEN_BLOCK) && add_data(reading, index, data, blocks->len + 1));
}

/* Content that nobody reads here: only its digest is taken. */
static gboolean
read_other_part(Reading *reading, Part *part)
{
    Flow flow = {.reading = reading, .part = part, .hash = crypto_hash_new()};
    DetectInside inside = {0};
    if (part->coverage == COVERAGE_OPAQUE &&
        (part->content_class == DETECT_PICTURE || part->content_class == DETECT_AUDIO_VIDEO))
        flow.inside = &inside;
    gboolean good = flow_part(&flow, part->transfer, NULL);
    if (inside.found) { /* a picture's first bytes must not carry an archive out */
        call_mismatch(reading, part);
        part_cover(part, COVERAGE_UNREADABLE, WHY_UNSUPPORTED);
    }
    part->has_digest = good && !flow.over;
    crypto_hash_free(flow.hash, part->has_digest ? part->digest : NULL);
    return good;
}

static void
read_document(Reading *reading, const Part *part)
{
    const Reader *reader = reading->reader;
    if (!lease_opens(reading->message->lease)) {
        reading->stopped = TRUE;
        return;
    }
    if (!extract_part(reader->extractor, reading->message, part->index, reading->settings, reader->segment,
                      reader->user, reader->names, reader->deadline_us, &reading->text_left))
        reading->stopped = TRUE;
    reading->stopped |= reading->text_left <= 0 || is_over(reading);
}

static gboolean
read_content(Reading *reading, Part *part)
{
    if (part->content == NULL)
        return TRUE;
    if (part->kind == PART_MESSAGE)
        return read_other_part(reading, part);
    if (part->kind == PART_LEAF)
        cover_leaf(reading, part, g_mime_stream_length(part->content));
    else
        part->is_text = TRUE;
    if (part->kind == PART_LEAF && is_document(reading, part)) {
        read_document(reading, part);
        return TRUE;
    }
    return part->is_text ? read_text_part(reading, part) : read_other_part(reading, part);
}

/* --- the letter ------------------------------------------------------------------------------------------------- */

static gboolean
read_part(Reading *reading, guint index)
{
    const HeaderSink sink = {reading->reader->segment, reading->reader->user, reading->reader->names};
    Part *part = message_part(reading->message, index);
    if (!reading->stopped && is_over(reading))
        reading->stopped = TRUE;
    if (!reading->stopped)
        reading->stopped =
            !read_part_headers(part, &sink) || !label_headers(part, &sink) || !read_part_names(part, &sink);
    if (reading->stopped) {
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
        return TRUE;
    }
    if (part->kind == PART_LEAF && mismatch_of_name(part->name, part->detected))
        call_mismatch(reading, part);
    if (!read_content(reading, part))
        return FALSE;
    part = message_part(reading->message, index);
    if (reading->stopped)
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    if (reading->reader->part_end(index, reading->reader->user))
        part_cover(part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    return TRUE;
}

gboolean
read_message(Message *message, const Settings *settings, const Reader *reader, GError **error)
{
    Reading reading = {message, settings, reader, error, FALSE, settings->max_text_bytes};
    message->coverage = COVERAGE_COMPLETE;
    message->why = WHY_NONE;
    for (guint i = 0; i < message->parts->len; i++) {
        if (!read_part(&reading, i))
            return FALSE;
        const Part *part = message_part(message, i);
        if (part->coverage > message->coverage) {
            message->coverage = part->coverage;
            message->why = part->why;
        }
    }
    return TRUE;
}
