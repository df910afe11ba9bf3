/* html_style - inline CSS declarations: what they hide, the colours of ink and paper. */
#include "config.h"
#include "html_style.h"
#include "html_bytes.h"

guint32
html_hash(const char *text, gsize length)
{
    guint32 hash = HTML_HASH_START;
    for (gsize i = 0; i < length; i++)
        hash = html_hash_byte(hash, text[i]);
    return html_hash_end(hash);
}

/* --- colours ------------------------------------------------------------- */

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
    {"transparent", COLOUR_TRANSPARENT},
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
    if ((length == 4 && text[3] == '0') || (length == 8 && text[6] == '0' && text[7] == '0'))
        return COLOUR_TRANSPARENT;
    return colour;
}

/* "12, 34, 56", "12 34 56 / 0": the numbers behind "rgb(" */
static guint32
rgb_colour(const char *text, gsize length)
{
    guint32 colour = 0, value = 0;
    guint numbers = 0;
    gboolean digits = FALSE;
    for (gsize i = 0; i <= length && numbers < 3; i++) {
        if (i < length && g_ascii_isdigit(text[i]) && value < 1000) {
            value = value * 10 + (guint32)(text[i] - '0');
            digits = TRUE;
            continue;
        }
        if (i < length && (text[i] == '.' || text[i] == '%'))
            return COLOUR_UNKNOWN;
        if (digits) {
            colour = colour << 8 | MIN(value, 255);
            numbers++;
        }
        value = 0;
        digits = FALSE;
    }
    return numbers == 3 ? colour : COLOUR_UNKNOWN;
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
    if (starts(text, length, "rgba("))
        return rgb_colour(text + 5, length - 5);
    if (starts(text, length, "rgb("))
        return rgb_colour(text + 4, length - 4);
    for (guint i = 0; i < G_N_ELEMENTS(colour_names); i++)
        if (length > 0 && (text[0] | 0x20) == colour_names[i].name[0] && word_is(text, length, colour_names[i].name))
            return colour_names[i].colour;
    return hex_colour(text, length);
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

/* --- declarations -------------------------------------------------------- */

static void
hide(HtmlStyle *style, guint bit, gboolean yes)
{
    style->hides = yes ? style->hides | bit : style->hides & ~bit;
    style->shows = yes ? style->shows & ~bit : style->shows | bit;
}

/* "0", "0px", ".0em", "0%": nothing but zeros before the unit. */
static gboolean
is_zero(const char *value, gsize length)
{
    gsize at = 0;
    gboolean digit = FALSE;
    for (; at < length && (value[at] == '0' || value[at] == '.'); at++)
        digit |= value[at] == '0';
    return digit && (at == length || !g_ascii_isdigit(value[at]));
}

/* A background's colour is any of its words; a picture makes it unknown. */
static guint32
paper_colour(const char *value, gsize length)
{
    guint32 found = COLOUR_UNKNOWN;
    for (gsize at = 0; at < length;) {
        gsize from = at;
        guint depth = 0;
        guint32 colour;
        for (; at < length && (depth > 0 || !g_ascii_isspace(value[at])); at++)
            depth += value[at] == '(' ? 1 : value[at] == ')' && depth > 0 ? -1 : 0;
        if (memchr(value + from, '(', at - from) != NULL && !starts(value + from, at - from, "rgb"))
            return COLOUR_UNKNOWN;
        colour = html_colour(value + from, at - from);
        if (colour != COLOUR_UNKNOWN)
            found = colour;
        while (at < length && g_ascii_isspace(value[at]))
            at++;
    }
    return found;
}

typedef enum {
    P_NONE,
    P_DISPLAY,
    P_VISIBILITY,
    P_SIZE,
    P_OPACITY,
    P_OFFICE,
    P_INK,
    P_PAPER,
    P_PICTURE,
    P_SPACE,
    P_DIRECTION,
    P_BIDI,
    P_FONT,
} Property;

static Property
property(const char *name, gsize length)
{
    static const struct {
        const char *name;
        guint8 length;
        Property property;
    } rows[] = {
        {"display", 7, P_DISPLAY},    {"visibility", 10, P_VISIBILITY},
        {"font-size", 9, P_SIZE},     {"font", 4, P_SIZE},
        {"font-family", 11, P_FONT},  {"opacity", 7, P_OPACITY},
        {"mso-hide", 8, P_OFFICE},    {"color", 5, P_INK},
        {"background", 10, P_PAPER},  {"background-color", 16, P_PAPER},
        {"white-space", 11, P_SPACE}, {"direction", 9, P_DIRECTION},
        {"unicode-bidi", 12, P_BIDI}, {"background-image", 16, P_PICTURE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].length == length && (name[0] | 0x20) == rows[i].name[0] &&
            g_ascii_strncasecmp(name, rows[i].name, length) == 0)
            return rows[i].property;
    return P_NONE;
}

static void
read_value(HtmlStyle *style, Property what, const char *value, gsize length)
{
    gboolean none;
    switch (what) {
    case P_DISPLAY:
        hide(style, HIDE_DISPLAY, starts(value, length, "none"));
        break;
    case P_VISIBILITY:
        hide(style, HIDE_VISIBILITY, starts(value, length, "hidden") || starts(value, length, "collapse"));
        break;
    case P_SIZE:
        hide(style, HIDE_SIZE, is_zero(value, length));
        break;
    case P_OPACITY:
        hide(style, HIDE_OPACITY, is_zero(value, length));
        break;
    case P_OFFICE:
        hide(style, HIDE_OFFICE, starts(value, length, "all"));
        break;
    case P_INK:
        style->ink = html_colour(value, length);
        break;
    case P_PAPER:
        style->paper = paper_colour(value, length);
        style->background = TRUE;
        break;
    case P_PICTURE:
        none = starts(value, length, "none");
        style->paper = none ? style->paper : COLOUR_UNKNOWN;
        style->background |= !none;
        break;
    case P_SPACE:
        style->keeps_space = starts(value, length, "pre") || starts(value, length, "break-spaces");
        break;
    case P_DIRECTION:
        style->rtl = starts(value, length, "rtl");
        break;
    case P_BIDI:
        style->override = starts(value, length, "bidi-override") || starts(value, length, "isolate-override");
        break;
    case P_FONT:
        style->symbols = html_symbol_font(value, length);
        break;
    case P_NONE:
        break;
    }
}

/* Whether a property that begins so may be one of ours; nearly all of those in real letters are not. */
static gboolean
may_matter(const char *name)
{
    switch (((guchar)name[0] | 0x20) << 8 | ((guchar)name[1] | 0x20)) {
    case 'd' << 8 | 'i':
    case 'v' << 8 | 'i':
    case 'f' << 8 | 'o':
    case 'o' << 8 | 'p':
    case 'm' << 8 | 's':
    case 'c' << 8 | 'o':
    case 'b' << 8 | 'a':
    case 'w' << 8 | 'h':
    case 'u' << 8 | 'n':
        return TRUE;
    default:
        return FALSE;
    }
}

/* A declaration without comments and the blanks around its halves. */
static void
read_declaration(HtmlStyle *style, const char *text, const char *end)
{
    const char *name, *name_end, *value;
    Property what;
    while (text < end && byte_is_space(*text))
        text++;
    if (end - text < 5 || !may_matter(text))
        return;
    for (name = text; text < end && *text != ':' && !byte_is_space(*text);)
        text++;
    name_end = text;
    while (text < end && byte_is_space(*text))
        text++;
    if (text == end || *text != ':' || (what = property(name, (gsize)(name_end - name))) == P_NONE)
        return;
    for (value = text + 1; value < end && byte_is_space(*value);)
        value++;
    for (const char *mark = end; mark > value; mark--)
        if (mark[-1] == '!') { /* !important */
            end = mark - 1;
            break;
        }
    while (end > value && byte_is_space(end[-1]))
        end--;
    read_value(style, what, value, (gsize)(end - value));
}

char *
html_style_plain(const char *css, gsize length, gsize *length_out)
{
    GString *plain = g_string_sized_new(length);
    const char *end = css + length;
    while (css < end) {
        const char *open = memmem(css, (gsize)(end - css), "/*", 2), *close = NULL;
        g_string_append_len(plain, css, (open != NULL ? open : end) - css);
        if (open != NULL)
            close = memmem(open + 2, (gsize)(end - open - 2), "*/", 2);
        css = close != NULL ? close + 2 : end;
    }
    *length_out = plain->len;
    return g_string_free(plain, FALSE);
}

void
html_style_init(HtmlStyle *style)
{
    *style = (HtmlStyle){.ink = COLOUR_UNSET, .paper = COLOUR_UNSET};
}

void
html_style_read(HtmlStyle *style, const char *css, gsize length)
{
    g_autofree char *plain = NULL;
    const char *end;
    if (bytes_find(css, css + length, '/') != NULL && memmem(css, length, "/*", 2) != NULL) {
        plain = html_style_plain(css, length, &length);
        css = plain;
    }
    end = css + length;
    while (css < end) {
        const char *stop = bytes_find(css, end, ';');
        if (stop == NULL)
            stop = end;
        read_declaration(style, css, stop);
        css = stop + 1;
    }
    style->reversed = style->rtl && style->override;
}
