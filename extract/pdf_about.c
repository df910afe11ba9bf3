/* What a document says of itself: properties, XMP, outline, layers; and the files in it. */
#include "config.h"
#include "pdf_parts.h"
#include "xml.h"
#include <string.h>

#define OUTLINE_MAX 20000
#define OUTLINE_DEPTH 40
#define LAYERS_MAX 1000
#define FILE_MAX (64 * 1024 * 1024) /* half of it a level deeper, and so on */

/* --- properties -------------------------------------------------------------------------------------------------- */

typedef struct {
    GString *out;
    gboolean all; /* attributes; else those with more than ASCII */
} XmlWords;

static void
xml_text(const char *text, gsize length, gpointer user)
{
    const XmlWords *words = user;
    g_string_append_len(words->out, text, (gssize)length);
}

static void
xml_end(const char *name, gpointer user)
{
    const XmlWords *words = user;
    if (words->out->len > 0 && words->out->str[words->out->len - 1] != '\n')
        g_string_append_c(words->out, '\n');
}

static void
xml_start(const XmlElement *element, gpointer user)
{
    const XmlWords *words = user;
    for (guint i = 0; i < element->count; i++) {
        const XmlAttribute *attribute = &element->attributes[i];
        if (!words->all && g_str_is_ascii(attribute->value))
            continue;
        g_string_append_len(words->out, attribute->value, (gssize)attribute->length);
        g_string_append_c(words->out, '\n');
    }
}

char *
pdf_xml_words(const void *bytes, gsize length, gboolean all, gboolean *whole_out)
{
    static const XmlEvents events = {xml_start, xml_end, xml_text, NULL};
    XmlWords words = {g_string_new(NULL), all};
    g_autoptr(Xml) xml = xml_new(&events, &words);
    xml_push(xml, bytes, length);
    *whole_out = xml_finish(xml);
    return g_string_free(words.out, FALSE);
}

/* Simple properties may be attributes. */
static void
read_xmp(Pdf *pdf)
{
    gboolean whole;
    g_autofree char *packet = poppler_document_get_metadata(pdf->document);
    if (packet == NULL)
        return;
    char *words = pdf_xml_words(packet, strlen(packet), TRUE, &whole);
    if (!whole) /* then its words, whatever they are in */
        sink_raw_text(pdf->sink, pdf->part, PLACE_PROPERTY, "xmp", packet, strlen(packet));
    pdf_tell(pdf, PLACE_PROPERTY, "xmp", 0, words);
}

static void
read_properties(Pdf *pdf)
{
    PopplerDocument *document = pdf->document;
    pdf_tell(pdf, PLACE_PROPERTY, "title", 0, poppler_document_get_title(document));
    pdf_tell(pdf, PLACE_PROPERTY, "subject", 0, poppler_document_get_subject(document));
    pdf_tell(pdf, PLACE_PROPERTY, "keywords", 0, poppler_document_get_keywords(document));
    pdf_tell(pdf, PLACE_PROPERTY, "author", 0, poppler_document_get_author(document));
    pdf_tell(pdf, PLACE_PROPERTY, "creator", 0, poppler_document_get_creator(document));
    pdf_tell(pdf, PLACE_PROPERTY, "producer", 0, poppler_document_get_producer(document));
}

/* --- outline and layers ------------------------------------------------------------------------------------------ */

static void
read_outline(Pdf *pdf, PopplerIndexIter *iter, guint depth, guint *count)
{
    do {
        PopplerAction *action = poppler_index_iter_get_action(iter);
        if (action != NULL) {
            pdf_tell(pdf, PLACE_ATTRIBUTE, "outline", 0, g_strdup(action->any.title));
            pdf_action_tell(pdf, action, 0);
            poppler_action_free(action);
        }
        PopplerIndexIter *child = depth < OUTLINE_DEPTH ? poppler_index_iter_get_child(iter) : NULL;
        if (child != NULL)
            read_outline(pdf, child, depth + 1, count);
        g_clear_pointer(&child, poppler_index_iter_free);
    } while (++*count < OUTLINE_MAX && !sink_stopped(pdf->sink) && poppler_index_iter_next(iter));
}

static void
read_layers(Pdf *pdf, PopplerLayersIter *iter, guint depth)
{
    do {
        PopplerLayersIter *child = depth < OUTLINE_DEPTH ? poppler_layers_iter_get_child(iter) : NULL;
        PopplerLayer *layer = poppler_layers_iter_get_layer(iter);
        pdf_tell(pdf, PLACE_ATTRIBUTE, "layer", 0, poppler_layers_iter_get_title(iter));
        if (layer != NULL) {
            pdf_tell(pdf, PLACE_ATTRIBUTE, "layer", 0, g_strdup(poppler_layer_get_title(layer)));
            if (!poppler_layer_is_visible(layer) && pdf->hidden_layers->len < LAYERS_MAX)
                g_ptr_array_add(pdf->hidden_layers, g_steal_pointer(&layer));
        }
        g_clear_object(&layer);
        if (child != NULL)
            read_layers(pdf, child, depth + 1);
        g_clear_pointer(&child, poppler_layers_iter_free);
    } while (pdf->hidden_layers->len < LAYERS_MAX && !sink_stopped(pdf->sink) && poppler_layers_iter_next(iter));
}

void
pdf_about_read(Pdf *pdf)
{
    guint count = 0;
    PopplerIndexIter *outline = poppler_index_iter_new(pdf->document);
    PopplerLayersIter *layers = poppler_layers_iter_new(pdf->document);
    read_properties(pdf);
    read_xmp(pdf);
    if (outline != NULL)
        read_outline(pdf, outline, 0, &count);
    if (layers != NULL)
        read_layers(pdf, layers, 0);
    if (count >= OUTLINE_MAX || pdf->hidden_layers->len >= LAYERS_MAX)
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, WHY_OVER_BUDGET);
    g_clear_pointer(&outline, poppler_index_iter_free);
    g_clear_pointer(&layers, poppler_layers_iter_free);
}

/* --- embedded files ---------------------------------------------------------------------------------------------- */

typedef struct {
    Sink *sink;
    GByteArray *bytes;
    gsize most;
    gboolean over;
} Unpacked;

static gboolean
take_bytes(const gchar *bytes, gsize count, gpointer user, GError **error)
{
    Unpacked *unpacked = user;
    unpacked->over = count > unpacked->most - unpacked->bytes->len || !sink_spend(unpacked->sink, (gint64)count);
    if (unpacked->over) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "too large");
        return FALSE;
    }
    g_byte_array_append(unpacked->bytes, (const guint8 *)bytes, (guint)count);
    return TRUE;
}

gboolean
pdf_attachment_read(Pdf *pdf, PopplerAttachment *attachment)
{
    const char *name = poppler_attachment_get_name(attachment);
    gsize length = name != NULL ? strlen(name) : 0;
    g_autoptr(GByteArray) held = g_byte_array_new();
    Unpacked unpacked = {pdf->sink, held, FILE_MAX >> MIN(sink_depth(pdf->sink), 4), FALSE};
    pdf_tell(pdf, PLACE_ATTRIBUTE, "description", 0, g_strdup(poppler_attachment_get_description(attachment)));
    gboolean whole = poppler_attachment_save_to_callback(attachment, take_bytes, &unpacked, NULL);
    if (!whole && held->len == 0)
        return sink_missing(pdf->sink, pdf->part, name, length, -1, unpacked.over ? WHY_OVER_BUDGET : WHY_DAMAGED);
    if (!whole)
        sink_cover(pdf->sink, pdf->part, COVERAGE_PARTIAL, unpacked.over ? WHY_OVER_BUDGET : WHY_DAMAGED);
    if (whole) /* told: not once more when the file is swept */
        g_hash_table_add(pdf->told, g_compute_checksum_for_data(G_CHECKSUM_SHA256, held->data, held->len));
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(g_steal_pointer(&held));
    g_autoptr(Source) source = source_of_bytes(bytes);
    return sink_object(pdf->sink, pdf->part, name, length, source);
}

void
pdf_attachments_read(Pdf *pdf)
{
    GList *files = poppler_document_get_attachments(pdf->document);
    for (GList *item = files; item != NULL; item = item->next)
        if (!pdf_attachment_read(pdf, item->data))
            break;
    g_list_free_full(files, g_object_unref);
}
