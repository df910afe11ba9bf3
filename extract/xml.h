/* xml - events of an XML document (libxml2's push SAX2) for the format files.
 *
 * No entities beyond the predefined five and character references, no DTD, no network, bounded depth. Names come
 * without their prefix: "p" of w:p; the namespace is told where it matters (xml_in()). A document that is damaged gives
 * its events up to the damage, and libxml2's recovery what it can of the rest. Text and values are valid UTF-8. */
#pragma once
#include <glib.h>

#define XML_DEPTH_MAX 250
#define XML_ATTRIBUTES_MAX 64 /* told of one element */

typedef struct {
    const char *name;  /* without prefix */
    const char *space; /* its namespace, "" none */
    const char *value; /* valid UTF-8 */
    gsize length;
} XmlAttribute;

typedef struct {
    const char *name;
    const char *space; /* "" none */
    const XmlAttribute *attributes;
    guint count;
} XmlElement;

typedef struct {
    void (*start)(const XmlElement *element, gpointer user);
    void (*end)(const char *name, gpointer user);
    void (*text)(const char *text, gsize length, gpointer user); /* maybe in pieces */
    void (*comment)(const char *text, gpointer user);            /* may be NULL */
} XmlEvents;

typedef struct Xml Xml;
Xml *xml_new(const XmlEvents *events, gpointer user); /* events: static */
void xml_push(Xml *xml, const guint8 *bytes, gsize length);
gboolean xml_finish(Xml *xml); /* FALSE: damaged, or an element was nested too deep to be told */
void xml_free(Xml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Xml, xml_free)

/* Value of an attribute, "" if it is not there. */
const char *xml_value(const XmlElement *element, const char *name);
gboolean xml_has(const XmlElement *element, const char *name);
void xml_prepare(void); /* before the walls */
