/* xml - SAX2 with our own getEntity: a document's own entities are unknown words to it, so that nothing expands. */
#include "config.h"
#include "xml.h"
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

struct Xml {
    xmlParserCtxtPtr context;
    xmlSAXHandler sax;
    const XmlEvents *events;
    gpointer user;
    guint depth;
    gboolean too_deep, cut; /* cut: attributes were left out */
    GString *values;        /* of the element in hand, each ended by NUL */
    guint8 head[4];         /* the first bytes tell the encoding: kept until there are so many */
    gsize head_length;
};

/* What libxml2 recovers is not always UTF-8. */
static void
append_valid(GString *out, const char *text, gsize length)
{
    if (g_utf8_validate_len(text, length, NULL)) {
        g_string_append_len(out, text, (gssize)length);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
    g_string_append(out, valid);
}

static void
on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *space, int spaces,
         const xmlChar **declared, int count, int defaulted, const xmlChar **attributes)
{
    Xml *xml = user;
    XmlAttribute told[XML_ATTRIBUTES_MAX];
    if (++xml->depth > XML_DEPTH_MAX) {
        xml->too_deep = TRUE;
        xmlStopParser(xml->context);
        return;
    }
    xml->cut |= count > XML_ATTRIBUTES_MAX;
    count = MIN(count, XML_ATTRIBUTES_MAX);
    g_string_truncate(xml->values, 0);
    for (int i = 0; i < count; i++) {
        const xmlChar **row = attributes + 5 * (gsize)i; /* name, prefix, namespace, value, end of value */
        gsize before = xml->values->len;
        append_valid(xml->values, (const char *)row[3], (gsize)(row[4] - row[3]));
        told[i] = (XmlAttribute){(const char *)row[0], row[2] != NULL ? (const char *)row[2] : "", NULL,
                                 xml->values->len - before};
        g_string_append_c(xml->values, '\0');
    }
    const char *value = xml->values->str; /* it stays where it is now */
    for (int i = 0; i < count; value += told[i++].length + 1)
        told[i].value = value;
    XmlElement element = {(const char *)name, space != NULL ? (const char *)space : "", told, (guint)count};
    xml->events->start(&element, xml->user);
}

static void
on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    Xml *xml = user;
    if (xml->depth > 0 && xml->depth-- <= XML_DEPTH_MAX)
        xml->events->end((const char *)name, xml->user);
}

static void
on_text(void *user, const xmlChar *text, int length)
{
    Xml *xml = user;
    if (length > 0 && g_utf8_validate_len((const char *)text, (gsize)length, NULL)) {
        xml->events->text((const char *)text, (gsize)length, xml->user);
    } else if (length > 0) {
        g_autofree char *valid = g_utf8_make_valid((const char *)text, length);
        xml->events->text(valid, strlen(valid), xml->user);
    }
}

static void
on_comment(void *user, const xmlChar *text)
{
    Xml *xml = user;
    if (xml->events->comment != NULL && text != NULL)
        xml->events->comment((const char *)text, xml->user);
}

static xmlEntityPtr
on_entity(void *user, const xmlChar *name)
{
    return xmlGetPredefinedEntity(name);
}

static xmlEntityPtr
on_parameter_entity(void *user, const xmlChar *name)
{
    return NULL;
}

static void
on_error(void *user, const char *format, ...)
{
}

static void
on_structured_error(void *user, xmlErrorPtr error)
{
}

static xmlParserInputPtr
no_input(const char *url, const char *id, xmlParserCtxtPtr context)
{
    return NULL;
}

void
xml_prepare(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(no_input);
    xmlSetGenericErrorFunc(NULL, on_error);
    xmlSetStructuredErrorFunc(NULL, on_structured_error);
}

Xml *
xml_new(const XmlEvents *events, gpointer user)
{
    Xml *xml = g_new0(Xml, 1);
    xml->events = events;
    xml->user = user;
    xml->values = g_string_new(NULL);
    xml->sax.initialized = XML_SAX2_MAGIC;
    xml->sax.startElementNs = on_start;
    xml->sax.endElementNs = on_end;
    xml->sax.characters = on_text;
    xml->sax.ignorableWhitespace = on_text;
    xml->sax.cdataBlock = on_text;
    xml->sax.comment = on_comment;
    xml->sax.getEntity = on_entity;
    xml->sax.getParameterEntity = on_parameter_entity;
    xml->sax.serror = on_structured_error;
    return xml;
}

static void
begin(Xml *xml)
{
    xml->context = xmlCreatePushParserCtxt(&xml->sax, xml, (const char *)xml->head, (int)xml->head_length, NULL);
    if (xml->context != NULL) /* NOENT: the predefined ones in attributes; others are unknown, see on_entity() */
        xmlCtxtUseOptions(xml->context, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOENT);
}

void
xml_push(Xml *xml, const guint8 *bytes, gsize length)
{
    while (xml->context == NULL && length > 0 && xml->head_length < sizeof xml->head) {
        xml->head[xml->head_length++] = *bytes++;
        length--;
        if (xml->head_length == sizeof xml->head)
            begin(xml);
    }
    while (xml->context != NULL && length > 0 && !xml->too_deep) {
        gsize piece = MIN(length, 1024 * 1024);
        xmlParseChunk(xml->context, (const char *)bytes, (int)piece, 0);
        bytes += piece;
        length -= piece;
    }
}

gboolean
xml_finish(Xml *xml)
{
    if (xml->context == NULL)
        return xml->head_length == 0; /* no document has three bytes */
    if (!xml->too_deep)
        xmlParseChunk(xml->context, NULL, 0, 1);
    return xml->context->wellFormed && !xml->too_deep && !xml->cut;
}

void
xml_free(Xml *xml)
{
    if (xml == NULL)
        return;
    if (xml->context != NULL) {
        xmlDocPtr document = xml->context->myDoc;
        xmlFreeParserCtxt(xml->context);
        if (document != NULL)
            xmlFreeDoc(document);
    }
    g_string_free(xml->values, TRUE);
    g_free(xml);
}

const char *
xml_value(const XmlElement *element, const char *name)
{
    for (guint i = 0; i < element->count; i++)
        if (strcmp(element->attributes[i].name, name) == 0)
            return element->attributes[i].value;
    return "";
}

gboolean
xml_has(const XmlElement *element, const char *name)
{
    for (guint i = 0; i < element->count; i++)
        if (strcmp(element->attributes[i].name, name) == 0)
            return TRUE;
    return FALSE;
}
