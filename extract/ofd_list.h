/* ofd_list - the XML files of an OFD package that lead to others: OFD.xml, Document.xml, lists of annotations,
 * attachments, signatures, versions, extensions. */
#pragma once
#include "package.h"

typedef enum {
    OFD_TO_DOCUMENT,
    OFD_TO_VERSION,
    OFD_TO_PAGE,
    OFD_TO_TEMPLATE,
    OFD_TO_RESOURCES,
    OFD_TO_ANNOTATIONS, /* the list; with an id: of one page */
    OFD_TO_LIST,        /* signatures, extensions, tags: another list */
    OFD_TO_ATTACHMENTS,
    OFD_TO_FILE, /* to be given on as an object */
    OFD_TO_SEAL,
} OfdTo;

typedef struct {
    OfdTo to;
    char *id;
    char *member; /* as the directory writes it; NULL: there is none */
} OfdLink;

typedef struct {
    GPtrArray *links;     /* OfdLink */
    double width, height; /* default PhysicalBox; 0 not told */
    gboolean encrypted;
} OfdList;

void ofd_list_clear(OfdList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(OfdList, ofd_list_clear)
/* Tells its words (properties, titles of outlines, names, URIs) and fills the list. FALSE: no such member. */
gboolean ofd_list_read(Package *package, const char *member, OfdList *list_out);
