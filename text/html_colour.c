/* html_colour - colours of CSS and of old attributes. */
#include "config.h"
#include "html_style.h"
#include <string.h>

#define ALPHA_SEEN 0.05 /* less than that cannot be seen */

static const struct {
    const char *name;
    guint32 colour;
} colour_names[] = {
    {"white", 0xFFFFFF},
    {"black", 0x000000},
    {"red", 0xFF0000},
    {"green", 0x008000},
    {"blue", 0x0000FF},
    {"yellow", 0xFFFF00},
    {"gray", 0x808080},
    {"grey", 0x808080},
    {"silver", 0xC0C0C0},
    {"maroon", 0x800000},
    {"navy", 0x000080},
    {"purple", 0x800080},
    {"fuchsia", 0xFF00FF},
    {"aqua", 0x00FFFF},
    {"lime", 0x00FF00},
    {"olive", 0x808000},
    {"teal", 0x008080},
    {"orange", 0xFFA500},
    {"snow", 0xFFFAFA},
    {"ivory", 0xFFFFF0},
    {"whitesmoke", 0xF5F5F5},
    {"ghostwhite", 0xF8F8FF},
    {"windowtext", 0x000000},
    {"window", 0xFFFFFF},
    {"floralwhite", 0xFFFAF0},
    {"azure", 0xF0FFFF},
    {"mintcream", 0xF5FFFA},
    {"seashell", 0xFFF5EE},
    {"aliceblue", 0xF0F8FF},
    {"gainsboro", 0xDCDCDC},
    {"lightgray", 0xD3D3D3},
    {"lightgrey", 0xD3D3D3},
    {"magenta", 0xFF00FF},
    {"cyan", 0x00FFFF},
    {"transparent", COLOUR_TRANSPARENT},
    {"inherit", COLOUR_UNSET},
    {"currentcolor", COLOUR_UNSET},
};

static gboolean
word_is(const char *text, gsize length, const char *word)
{
    return strlen(word) == length && g_ascii_strncasecmp(text, word, length) == 0;
}

static gboolean
starts(const char *text, gsize length, const char *word)
{
    gsize size = strlen(word);
    return length >= size && g_ascii_strncasecmp(text, word, size) == 0;
}

static guint32
hex_colour(const char *text, gsize length)
{
    guint32 colour = 0;
    if (length != 3 && length != 4 && length != 6 && length != 8)
        return COLOUR_UNKNOWN;
    for (gsize i = 0; i < length; i++) {
        int digit = g_ascii_xdigit_value(text[i]);
        if (digit < 0)
            return COLOUR_UNKNOWN;
        if (i < (length <= 4 ? 3u : 6u))
            colour = length <= 4 ? colour << 8 | (guint32)(digit * 17) : colour << 4 | (guint32)digit;
    }
    if ((length == 4 && text[3] == '0') || (length == 8 && text[6] == '0'))
        return COLOUR_TRANSPARENT;
    return colour;
}

typedef struct {
    double value[4];
    gboolean percent[4];
    guint count;
} Numbers;

/* "12, 34, 56", "12 34 56 / 0", "50% 0 0": up to four numbers. */
static Numbers
read_numbers(const char *text, gsize length)
{
    Numbers numbers = {.count = 0};
    for (gsize at = 0; at < length && numbers.count < 4;) {
        double value = 0, unit = 1;
        gsize from = at;
        while (at < length && g_ascii_isdigit(text[at]))
            value = value * 10 + (text[at++] - '0');
        if (at < length && text[at] == '.')
            for (at++; at < length && g_ascii_isdigit(text[at]); at++)
                value += (text[at] - '0') * (unit /= 10);
        if (at == from) {
            at++;
            continue;
        }
        numbers.percent[numbers.count] = at < length && text[at] == '%';
        numbers.value[numbers.count++] = MIN(value, 1e6) * (from > 0 && text[from - 1] == '-' ? -1 : 1);
    }
    return numbers;
}

static guint32
channel(double value)
{
    return (guint32)(CLAMP(value, 0.0, 1.0) * 255 + 0.5);
}

static gboolean
is_clear(const Numbers *numbers)
{
    return numbers->count == 4 && numbers->value[3] < ALPHA_SEEN * (numbers->percent[3] ? 100 : 1);
}

static guint32
rgb_colour(const char *text, gsize length)
{
    Numbers numbers = read_numbers(text, length);
    guint32 colour = 0;
    if (numbers.count < 3)
        return COLOUR_UNKNOWN;
    if (is_clear(&numbers))
        return COLOUR_TRANSPARENT;
    for (guint i = 0; i < 3; i++)
        colour = colour << 8 | channel(numbers.value[i] / (numbers.percent[i] ? 100 : 255));
    return colour;
}

static double
remainder_of(double value, int by)
{
    gint64 whole = (gint64)value;
    return value - (double)(whole - whole % by);
}

/* CSS Color 4, section 7: hue in degrees, saturation and lightness in percent. */
static guint32
hsl_colour(const char *text, gsize length)
{
    static const double steps[] = {0, 8, 4};
    Numbers numbers = read_numbers(text, length);
    guint32 colour = 0;
    if (numbers.count < 3)
        return COLOUR_UNKNOWN;
    if (is_clear(&numbers))
        return COLOUR_TRANSPARENT;
    double light = CLAMP(numbers.value[2] / 100, 0.0, 1.0);
    double span = CLAMP(numbers.value[1] / 100, 0.0, 1.0) * MIN(light, 1 - light);
    double hue = remainder_of(numbers.value[0], 360) / 30;
    for (guint i = 0; i < 3; i++) {
        double k = remainder_of(steps[i] + hue + 12, 12);
        colour = colour << 8 | channel(light - span * MAX(-1.0, MIN(MIN(k - 3, 9 - k), 1.0)));
    }
    return colour;
}

guint32
html_colour(const char *text, gsize length)
{
    while (length > 0 && g_ascii_isspace(*text))
        text++, length--;
    while (length > 0 && g_ascii_isspace(text[length - 1]))
        length--;
    if (length > 1 && text[0] == '#')
        return hex_colour(text + 1, length - 1);
    if (starts(text, length, "rgb"))
        return rgb_colour(text + 3, length - 3);
    if (starts(text, length, "hsl"))
        return hsl_colour(text + 3, length - 3);
    for (guint i = 0; i < G_N_ELEMENTS(colour_names); i++)
        if (length > 0 && (text[0] | 0x20) == colour_names[i].name[0] && word_is(text, length, colour_names[i].name))
            return colour_names[i].colour;
    return hex_colour(text, length);
}

/* A picture makes it unknown. */
guint32
html_colour_paper(const char *value, gsize length)
{
    guint32 found = COLOUR_UNKNOWN;
    for (gsize at = 0; at < length;) {
        gsize from = at;
        guint depth = 0;
        guint32 colour;
        for (; at < length && (depth > 0 || !g_ascii_isspace(value[at])); at++)
            depth += value[at] == '(' ? 1 : value[at] == ')' && depth > 0 ? -1 : 0;
        if (memchr(value + from, '(', at - from) != NULL && !starts(value + from, at - from, "rgb") &&
            !starts(value + from, at - from, "hsl"))
            return COLOUR_UNKNOWN;
        colour = html_colour(value + from, at - from);
        if (colour != COLOUR_UNKNOWN)
            found = colour;
        while (at < length && g_ascii_isspace(value[at]))
            at++;
    }
    return found;
}

gboolean
html_colours_alike(guint32 ink, guint32 paper)
{
    if (ink > 0xFFFFFF || paper > 0xFFFFFF)
        return FALSE;
    for (guint shift = 0; shift <= 16; shift += 8)
        if (ABS((int)(ink >> shift & 255) - (int)(paper >> shift & 255)) > 4)
            return FALSE;
    return TRUE;
}
