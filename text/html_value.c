/* html_value - values of CSS: lengths, and the ways of putting a box out of sight. */
#include "config.h"
#include "html_value.h"
#include "html_bytes.h"
#include <math.h>

#define FAR 900.0        /* pixels; further outside the window nobody looks */
#define FACTOR_SEEN 0.05 /* a scale or opacity below this shows nothing */

gboolean
html_value_starts(HtmlValue value, const char *word)
{
    gsize size = strlen(word);
    return value.length >= size && g_ascii_strncasecmp(value.text, word, size) == 0;
}

gboolean
html_value_contains(HtmlValue value, const char *word)
{
    for (; value.length >= strlen(word); value.text++, value.length--)
        if (html_value_starts(value, word))
            return TRUE;
    return FALSE;
}

/* The next number from *value on, without its unit; moves behind it. NAN if there is none up to a letter. */
static double
take_number(HtmlValue *value)
{
    double number = 0, unit = 1;
    gboolean minus = FALSE, digits = FALSE;
    while (value->length > 0 && !g_ascii_isalnum(*value->text) && *value->text != '.') {
        minus = *value->text == '-';
        value->text++, value->length--;
    }
    for (; value->length > 0 && (g_ascii_isdigit(*value->text) || *value->text == '.');
         value->text++, value->length--) {
        if (*value->text == '.') {
            unit = 0.1;
            continue;
        }
        digits = TRUE;
        number = unit == 1 ? MIN(number * 10 + (*value->text - '0'), 1e9) : number + unit * (*value->text - '0');
        unit = unit == 1 ? 1 : unit / 10;
    }
    return digits ? (minus ? -number : number) : NAN;
}

/* A length in pixels, about; NAN for what is none (auto, a percentage other than 0). */
double
html_value_pixels(HtmlValue value)
{
    static const struct {
        const char *unit;
        double pixels;
    } units[] = {{"pt", 4.0 / 3}, {"em", 16},  {"rem", 16}, {"ex", 8},  {"ch", 8}, {"in", 96},
                 {"cm", 37.8},    {"mm", 3.8}, {"pc", 16},  {"vw", 12}, {"vh", 8}};
    double number = take_number(&value);
    if (isnan(number) || number == 0)
        return number;
    if (html_value_starts(value, "%"))
        return fabs(number) >= 200 ? number * 8 : NAN;
    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (html_value_starts(value, units[i].unit))
            return number * units[i].pixels;
    return number;
}

/* As a part of one: "0.5", "50%". */
double
html_value_fraction(HtmlValue value)
{
    double number = take_number(&value);
    return html_value_starts(value, "%") ? number / 100 : number;
}

/* In "font", the size is the first word that begins with a digit, not the weight. */
double
html_value_font_size(HtmlValue value)
{
    while (value.length > 0) {
        gsize word = 0;
        while (word < value.length && !byte_is_space(value.text[word]))
            word++;
        if (word > 0 && (g_ascii_isdigit(*value.text) || *value.text == '.') &&
            (*value.text == '0' || word != 3 || value.text[1] != '0' || value.text[2] != '0'))
            break;
        while (word < value.length && byte_is_space(value.text[word]))
            word++;
        value.text += word;
        value.length -= word;
    }
    return html_value_pixels(value);
}

gboolean
html_value_is_far(HtmlValue value, gboolean negative_only)
{
    double distance = html_value_pixels(value);
    if (html_value_contains(value, "calc(") || isnan(distance))
        return FALSE;
    return negative_only ? distance <= -FAR : fabs(distance) >= 2 * FAR || distance <= -FAR;
}

/* rect(a,b,c,d) with nothing in it. */
gboolean
html_value_is_cut(HtmlValue value)
{
    double sides[4];
    if (!html_value_starts(value, "rect"))
        return FALSE;
    value.text += 4, value.length -= 4;
    for (guint i = 0; i < 4; i++) {
        sides[i] = take_number(&value);
        while (value.length > 0 && g_ascii_isalpha(*value.text))
            value.text++, value.length--;
    }
    return fabs(sides[1] - sides[3]) <= 1 || fabs(sides[2] - sides[0]) <= 1;
}

/* inset() from half its side on, circle(0), a polygon of nothing but zeros. */
gboolean
html_value_is_clipped(HtmlValue value)
{
    gsize paren = 0;
    while (paren < value.length && value.text[paren] != '(')
        paren++;
    HtmlValue inside = {value.text + paren, value.length - paren};
    HtmlValue first = inside;
    double number = take_number(&first);
    if (html_value_starts(value, "inset"))
        return number >= 50;
    if (html_value_starts(value, "circle") || html_value_starts(value, "ellipse"))
        return number == 0;
    if (!html_value_starts(value, "polygon") || isnan(number))
        return FALSE;
    for (gsize i = 0; i < inside.length; i++)
        if (g_ascii_isdigit(inside.text[i]) && inside.text[i] != '0')
            return FALSE;
    return TRUE;
}

/* A factor of 0, or a move far away. */
gboolean
html_value_is_gone(HtmlValue value)
{
    if (html_value_contains(value, "scale")) {
        HtmlValue at = value;
        while (!html_value_starts(at, "scale"))
            at.text++, at.length--;
        while (at.length > 0 && *at.text != '(')
            at.text++, at.length--;
        for (double number; at.length > 0 && *at.text != ')' && !isnan(number = take_number(&at));)
            if (fabs(number) < FACTOR_SEEN)
                return TRUE;
    }
    if (html_value_starts(value, "translate")) {
        for (; value.length > 0 && *value.text != '('; value.text++, value.length--)
            ;
        return value.length > 0 && fabs(html_value_pixels(value)) >= FAR;
    }
    return FALSE;
}

gboolean
html_value_is_dim(HtmlValue value)
{
    while (value.length > 0 && !html_value_starts(value, "opacity"))
        value.text++, value.length--;
    if (value.length < 8)
        return FALSE;
    value.text += 8, value.length -= 8;
    return html_value_fraction(value) < FACTOR_SEEN;
}
