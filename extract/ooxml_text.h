/* ooxml_text - one XML part of a package as text: WordprocessingML, DrawingML, VML, and any other.
 *
 * What kind it is tells its root element, not its name. */
#pragma once
#include "ooxml_levels.h"
#include "package.h"
#include "story.h"

typedef struct OoxmlText OoxmlText;
typedef struct {
    const char *name;       /* of the sheet or slide; NULL none */
    guint page;             /* 0: none */
    gboolean head;          /* begins in the header zone */
    gboolean hidden;        /* all of it */
    OoxmlStyles *styles;    /* NULL none; styles.xml fills it, others wear it */
    OoxmlDeck *deck;        /* of slides: what they wear; NULL nothing */
    GString *diagrams;      /* NULL, or what diagrams say: a drawing of one that says the same is not told again */
    GHashTable *head_parts; /* NULL, or gets the relationship ids of the first section's headers */
} OoxmlTextHow;

/* FALSE: no such member. */
gboolean ooxml_text_read(Package *package, const char *member, const OoxmlTextHow *how);
/* The character that a symbol font shows for this code, NULL if it is no box, tick or star. */
const char *ooxml_symbol(const char *font, guint code);
