/* ofd_text - one TextObject (GB/T 33190-2016 clause 11.2): its TextCodes laid out as glyphs. */
#pragma once
#include "glyphs.h"
#include "xml.h"

#define OFD_CLEAR 0xFF000000 /* a colour that is not seen */
/* What a colour element says; FACE_NO_COLOUR: nothing that is known. */
guint32 ofd_colour(const XmlElement *element);
gboolean ofd_is_white(guint32 colour);
gboolean ofd_is_clear(const XmlElement *element); /* Alpha is none */
gboolean ofd_is_off(const char *value);           /* a truth value that is told, and false */

#define OFD_TEXT_MAX (1024 * 1024) /* bytes of one object; no page has as much */
#define OFD_CODES_MAX 20000        /* TextCodes of one object: lay it then, and clear its codes */

typedef struct {
    gboolean open, unseen;
    double size, stretch; /* mm; HScale */
    double read;          /* ReadDirection: 0, 90, 180, 270 */
    guint32 colour;
    GPtrArray *codes; /* OfdCode */
    gsize held;       /* bytes of text */
} OfdText;

void ofd_text_init(OfdText *text);
void ofd_text_free(OfdText *text);
void ofd_text_begin(OfdText *text, const XmlElement *element);
void ofd_text_code(OfdText *text, const XmlElement *element);
gboolean ofd_text_push(OfdText *text, const char *bytes, gsize length); /* FALSE: too much, not taken */
void ofd_text_code_end(OfdText *text);
/* Adds its glyphs, through the matrix of the object. */
void ofd_text_lay(const OfdText *text, const Matrix *matrix, guint object, GArray *glyphs);
void ofd_text_drop(OfdText *text);  /* its codes were laid; more may come */
void ofd_text_clear(OfdText *text); /* the object ended */
