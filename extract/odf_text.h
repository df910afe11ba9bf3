/* odf_text - one XML part of an OpenDocument package as text. */
#pragma once
#include "package.h"
#include "story.h"

/* How the styles of a document look, by name; filled by styles.xml and by the automatic ones of content.xml. */
typedef struct {
    guint size;     /* tenths of a point, 0 unknown */
    guint32 colour; /* FACE_NO_COLOUR unknown */
    gboolean hidden;
} OdfLook;

typedef struct {
    Package *package;
    GHashTable *looks; /* OdfLook by name */
    gboolean pages;    /* each drawn page is one: presentation, drawing */
    gboolean sheets;   /* each table is one: spreadsheet */
} Odf;

/* FALSE: no such member. main_part: the document itself, which begins in the header zone of page 1. */
gboolean odf_text_read(Odf *odf, const char *member, gboolean main_part);
