/* ooxml_look - how runs of WordprocessingML and DrawingML look, and the styles that say it (ISO/IEC 29500-1 17.7):
 * size, colour, hidden. Table styles and conditions are not followed. */
#pragma once
#include "ooxml_kind.h"
#include "xml.h"

typedef struct {
    guint size;     /* tenths of a point, 0 not told */
    guint32 colour; /* FACE_NO_COLOUR not told */
    gboolean vanish, vanish_told;
    char font[32]; /* cut; only symbol fonts count */
} OoxmlLook;

guint32 ooxml_colour(const char *value); /* RRGGBB; FACE_NO_COLOUR: none */
/* What `over` tells counts. */
void ooxml_look_over(OoxmlLook *look, const OoxmlLook *over);
gboolean ooxml_is_on(const XmlElement *element); /* val: anything but 0, false, off */
/* An element inside the properties of a run (in_run: inside rPr) changes the look. */
void ooxml_look_on(OoxmlLook *look, OoxmlKind kind, const XmlElement *element, gboolean in_run);

typedef struct OoxmlStyles OoxmlStyles;
OoxmlStyles *ooxml_styles_new(void);
void ooxml_styles_free(OoxmlStyles *styles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OoxmlStyles, ooxml_styles_free)
/* While styles.xml is read: a style begins; what it is based on; the look being defined (that of the defaults before
 * the first style). */
void ooxml_styles_define(OoxmlStyles *styles, const XmlElement *element);
void ooxml_styles_base(OoxmlStyles *styles, const char *id);
OoxmlLook *ooxml_styles_defining(OoxmlStyles *styles);
/* The look of a style with those it is based on, over `under`, or, if NULL, over the defaults; id "": the default style
 * of paragraphs. styles may be NULL. */
OoxmlLook ooxml_styles_look(const OoxmlStyles *styles, const char *id, const OoxmlLook *under);
