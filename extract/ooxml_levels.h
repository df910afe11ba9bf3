/* ooxml_levels - how text of slides looks by level and placeholder: what presentation, master, layout and theme say
 * (ISO/IEC 29500-1 19.3.1.36, 19.3.1.52, 21.1.2.4). */
#pragma once
#include "ooxml_look.h"
#include "package.h"

#define OOXML_LEVELS 9

typedef struct OoxmlDeck OoxmlDeck;
OoxmlDeck *ooxml_deck_new(Package *package, const char *presentation); /* presentation: its member */
void ooxml_deck_free(OoxmlDeck *deck);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OoxmlDeck, ooxml_deck_free)
/* Once, for a slide of this layout; a member may be NULL. The parts are not counted as read. */
void ooxml_deck_wear(OoxmlDeck *deck, const char *layout, const char *master, const char *theme);
/* What a name of the theme stands for (accent2, tx1); FACE_NO_COLOUR: nobody told. */
guint32 ooxml_deck_colour(const OoxmlDeck *deck, const char *name);

/* The shape in hand of a part that is read along. */
typedef struct {
    OoxmlDeck *deck; /* lent; NULL: nothing is known */
    OoxmlLook levels[OOXML_LEVELS];
    OoxmlLook *list;           /* the list of levels in hand; NULL none */
    guint level;               /* 1 to 9; 0 none */
    guint scale;               /* in per cent: text made smaller to fit */
    gboolean defaults, filled; /* in defRPr; in its solidFill */
    gboolean outline;          /* in the line around letters */
    char type[16], index[12];  /* of its placeholder; type "-": it is none */
} OoxmlShape;
void ooxml_shape_init(OoxmlShape *shape, OoxmlDeck *deck);
void ooxml_shape_start(OoxmlShape *shape, const XmlElement *element);
void ooxml_shape_end(OoxmlShape *shape, const char *name);
