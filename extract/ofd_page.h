/* ofd_page - the content of OFD pages, templates, annotations and resources (GB/T 33190-2016 clauses 7 to 15) as text.
 *
 * Text is what TextCode says. Where a font's glyphs show something else (CGTransform, a font made for it) nobody can
 * know but by looking; a page whose codes mean nothing, or whose text is drawn as curves, is covered partial,
 * unsupported. */
#pragma once
#include "ofd_kept.h"
#include "ofd_text.h"
#include "package.h"

typedef struct {
    Package *package;
    GHashTable *colours;   /* guint32 by id of a DrawParam: its FillColor, OFD_CLEAR if it is not seen */
    GHashTable *relatives; /* id of a DrawParam by id of one that takes from it what it does not say */
    OfdKept kept;
    double height, width; /* of pages that say nothing else, mm; 0 unknown */
} Ofd;

typedef enum {
    OFD_PAGE,
    OFD_TEMPLATE,    /* kept under `id`, told with the pages that take it */
    OFD_ANNOTATIONS, /* of page `page` */
    OFD_RESOURCES,
    OFD_ORPHAN, /* nobody refers to it */
} OfdPageKind;

typedef struct {
    OfdPageKind kind;
    guint page; /* from 1; 0 none */
    const char *id;
} OfdPageHow;

/* FALSE: no such member, or it was read already. */
gboolean ofd_page_read(Ofd *ofd, const char *member, const OfdPageHow *how);
/* At the end of a document: templates and units that no page showed; then all it named is forgotten. */
void ofd_document_end(Ofd *ofd);
