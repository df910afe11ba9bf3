/* glyphs - characters with their places on a page (OFD, XPS), put into reading order.
 *
 * Shown ones come as lines: by base line, then from left to right; what is drawn twice on one spot (fake bold) comes
 * once, a gap becomes a space, a wide one a tab. Then the same in the order of the file, but only around the spots
 * where the two orders differ: so text set in columns, drawn upwards or one character at a time is seen whole as well,
 * and an ordinary page comes once. Vertical and slanting runs come in the order of the file. */
#pragma once
#include "story.h"

#define GLYPHS_MAX 200000 /* of one page; what goes beyond is ordered by itself */

typedef enum { GLYPH_SHOWN, GLYPH_HIDDEN, GLYPH_VERTICAL, GLYPH_SLANTING } GlyphKind;
#define GLYPH_KINDS (GLYPH_SLANTING + 1)

typedef struct {
    double x, y;    /* where it stands on its base line: mm from the left and from the top of the page, y downwards */
    float size;     /* of an em, mm */
    float width;    /* likely advance, mm */
    guint32 colour; /* FACE_NO_COLOUR unknown */
    guint32 object; /* of the same: never taken for one drawn twice */
    gunichar code;
    guint8 kind;     /* GlyphKind */
    gboolean shared; /* of a template: it stands on other pages too */
} Glyph;

typedef struct {
    PlaceKind place;      /* of what is shown */
    double height;        /* of the page, mm; 0 unknown */
    gboolean first;       /* page 1: its upper third is the header zone */
    gboolean tell_shared; /* lines that are all shared, too */
} GlyphsHow;

/* Tells and empties. Shared lines in the upper and lower tenth are PAGE_HEADER and PAGE_FOOTER; hidden glyphs HIDDEN,
 * slanting ones TEXT_BOX. */
void glyphs_tell(GArray *glyphs, Story *story, const GlyphsHow *how);

/* x' = a x + c y + e, y' = b x + d y + f. */
typedef struct {
    double a, b, c, d, e, f;
} Matrix;
extern const Matrix MATRIX_NONE;
/* First `inner`, then `outer`. What is not finite or beyond all paper becomes MATRIX_NONE. */
Matrix matrix_join(const Matrix *inner, const Matrix *outer);
/* Numbers apart by spaces or commas; gives how many there were, at most `most`. Not finite: 0. */
guint numbers_parse(const char *text, double *out, guint most);
double glyph_advance(gunichar code); /* likely, in ems */
/* Sets the kind of the glyphs from `from` on, which stand in one run, by where they go, one alone by its matrix. */
void glyphs_direct(GArray *glyphs, guint from, const Matrix *matrix);
