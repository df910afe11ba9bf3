/* ofd_text - DeltaX and DeltaY are lists of steps, in which "g 3 4.2" stands for three steps of 4.2; they are walked
 * along with the characters, never unfolded. */
#include "config.h"
#include "ofd_text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS_APART_MAX 1.6 /* ems: steps wider than this are columns */

typedef struct {
    double x, y;
    char *along, *down; /* DeltaX, DeltaY */
    GString *text;
    gboolean ended;
} OfdCode;

gboolean
ofd_is_off(const char *value)
{
    return g_ascii_strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0;
}

gboolean
ofd_is_clear(const XmlElement *element)
{
    const char *alpha = xml_value(element, "Alpha");
    return alpha[0] != '\0' && g_ascii_strtod(alpha, NULL) <= 0;
}

/* "255 0 0" or "#FF #00 #00"; one number is grey, four are CMYK. */
guint32
ofd_colour(const XmlElement *element)
{
    guint32 parts[4] = {0}, count = 0;
    const char *value = xml_value(element, "Value");
    if (ofd_is_clear(element))
        return OFD_CLEAR;
    g_auto(GStrv) words = g_strsplit_set(value, " ,\t\r\n", 16);
    for (guint i = 0; words[i] != NULL && count < 4; i++)
        if (words[i][0] != '\0')
            parts[count++] = (guint32)CLAMP(
                words[i][0] == '#' ? strtol(words[i] + 1, NULL, 16) : strtol(words[i], NULL, 10), 0, 255);
    if (count == 1)
        return parts[0] << 16 | parts[0] << 8 | parts[0];
    if (count == 4)
        for (guint i = 0; i < 3; i++)
            parts[i] = (255 - parts[i]) * (255 - parts[3]) / 255;
    return count >= 3 ? parts[0] << 16 | parts[1] << 8 | parts[2] : FACE_NO_COLOUR;
}

gboolean
ofd_is_white(guint32 colour)
{
    return colour <= 0xFFFFFF && (colour >> 16) >= 0xF8 && (colour >> 8 & 0xFF) >= 0xF8 && (colour & 0xFF) >= 0xF8;
}

static void
code_free(gpointer data)
{
    OfdCode *code = data;
    g_free(code->along);
    g_free(code->down);
    g_string_free(code->text, TRUE);
    g_free(code);
}

void
ofd_text_init(OfdText *text)
{
    *text = (OfdText){.codes = g_ptr_array_new_with_free_func(code_free)};
}

void
ofd_text_free(OfdText *text)
{
    g_ptr_array_unref(text->codes);
}

void
ofd_text_drop(OfdText *text)
{
    g_ptr_array_set_size(text->codes, 0);
    text->held = 0;
}

void
ofd_text_clear(OfdText *text)
{
    ofd_text_drop(text);
    text->open = FALSE;
}

static double
number_of(const XmlElement *element, const char *name, double otherwise)
{
    double number;
    return numbers_parse(xml_value(element, name), &number, 1) == 1 ? number : otherwise;
}

void
ofd_text_begin(OfdText *text, const XmlElement *element)
{
    const char *stroke = xml_value(element, "Stroke");
    ofd_text_clear(text);
    text->open = TRUE;
    text->size = number_of(element, "Size", 0);
    text->stretch = number_of(element, "HScale", 1);
    text->read = number_of(element, "ReadDirection", 0);
    text->unseen =
        ofd_is_clear(element) || (ofd_is_off(xml_value(element, "Fill")) && (stroke[0] == '\0' || ofd_is_off(stroke)));
}

void
ofd_text_code(OfdText *text, const XmlElement *element)
{
    if (!text->open)
        return;
    const OfdCode *last = text->codes->len > 0 ? g_ptr_array_index(text->codes, text->codes->len - 1) : NULL;
    OfdCode *code = g_new0(OfdCode, 1);
    code->x = number_of(element, "X", last != NULL ? last->x : 0);
    code->y = number_of(element, "Y", last != NULL ? last->y : 0);
    code->along = g_strdup(xml_value(element, "DeltaX"));
    code->down = g_strdup(xml_value(element, "DeltaY"));
    code->text = g_string_new(NULL);
    g_ptr_array_add(text->codes, code);
}

gboolean
ofd_text_push(OfdText *text, const char *bytes, gsize length)
{
    OfdCode *code = text->codes->len > 0 ? g_ptr_array_index(text->codes, text->codes->len - 1) : NULL;
    if (code == NULL || code->ended)
        return TRUE;
    if (text->held + length > OFD_TEXT_MAX)
        return FALSE;
    g_string_append_len(code->text, bytes, (gssize)length);
    text->held += length;
    return TRUE;
}

void
ofd_text_code_end(OfdText *text)
{
    if (text->codes->len > 0)
        ((OfdCode *)g_ptr_array_index(text->codes, text->codes->len - 1))->ended = TRUE;
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *at;
    guint64 again; /* so many more of the same */
    double step;
} Steps;

/* FALSE: there are no more. */
static gboolean
next_step(Steps *steps, double *out)
{
    while (steps->again == 0) {
        double pair[2];
        steps->at += strspn(steps->at, ", \t\r\n");
        guint count = *steps->at == 'g' || *steps->at == 'G' ? 2 : 1;
        steps->at += count - 1;
        if (numbers_parse(steps->at, pair, count) != count)
            return FALSE;
        for (guint i = 0; i < count; i++) {
            steps->at += strspn(steps->at, ", \t\r\n");
            steps->at += strcspn(steps->at, ", \t\r\n");
        }
        steps->step = pair[count - 1];
        steps->again = count == 1 ? 1 : (guint64)MAX(pair[0], 0);
    }
    steps->again--;
    *out = steps->step;
    return TRUE;
}

/* --- laying out ------------------------------------------------------------------------------------------------- */

typedef struct {
    const OfdText *text;
    const Matrix *matrix;
    double em, stretch, wide; /* on the page; wide: the matrix along a line */
    guint object;
    GArray *glyphs;
} Laying;

static void
lay_glyph(const Laying *laying, gunichar code, double x, double y)
{
    const Matrix *m = laying->matrix;
    double width = laying->em * glyph_advance(code) * laying->stretch;
    Glyph glyph = {.x = x * m->a + y * m->c + m->e,
                   .y = x * m->b + y * m->d + m->f,
                   .size = (float)laying->em,
                   .width = (float)width,
                   .colour = laying->text->colour,
                   .object = laying->object,
                   .code = g_unichar_iscntrl(code) ? ' ' : code,
                   .kind = GLYPH_SHOWN};
    g_array_append_val(laying->glyphs, glyph);
}

static void
widen(const Laying *laying, double step)
{
    Glyph *last = &g_array_index(laying->glyphs, Glyph, laying->glyphs->len - 1);
    double wide = step * laying->wide;
    if (wide > (double)last->width && wide <= laying->em * LETTERS_APART_MAX)
        last->width = (float)wide;
}

/* Without steps a character follows the last one as wide as it is likely to be. */
static void
lay_code(const Laying *laying, const OfdCode *code)
{
    Steps along = {.at = code->along}, down = {.at = code->down};
    double x = code->x, y = code->y, size = laying->text->size, dx, dy;
    gboolean told = code->along[0] != '\0' || code->down[0] != '\0';
    guint from = laying->glyphs->len;
    for (const char *at = code->text->str; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character == '\r' || character == '\n')
            continue;
        lay_glyph(laying, character, x, y);
        gboolean right = next_step(&along, &dx), lower = next_step(&down, &dy);
        if (right) { /* however far apart: letters of one text */
            widen(laying, dx);
            x += dx;
        }
        if (lower)
            y += dy;
        if (!right && !lower && (!told || along.at[0] == '\0')) {
            gboolean falls = laying->text->read == 90 || laying->text->read == 270;
            double step = size * glyph_advance(character) * laying->text->stretch;
            x += falls || code->down[0] != '\0' ? 0 : step;
            y += falls || code->down[0] != '\0' ? size : 0;
        }
    }
    glyphs_direct(laying->glyphs, from, laying->matrix);
}

void
ofd_text_lay(const OfdText *text, const Matrix *matrix, guint object, GArray *glyphs)
{
    double tall = hypot(matrix->c, matrix->d), wide = hypot(matrix->a, matrix->b);
    Laying laying = {.text = text, .matrix = matrix, .object = object, .glyphs = glyphs};
    laying.wide = wide;
    laying.em = MIN(text->size * tall, 10000);
    laying.stretch = tall > 0 ? CLAMP(text->stretch * wide / tall, 0, 100) : 1;
    for (guint i = 0; i < text->codes->len; i++)
        lay_code(&laying, g_ptr_array_index(text->codes, i));
}
