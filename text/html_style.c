/* html_style - inline CSS declarations: what they hide, the colours of ink and paper. */
#include "config.h"
#include "html_style.h"
#include <string.h>

guint32
html_hash(const char *text, gsize length)
{
    guint32 hash = 2166136261u;
    for (gsize i = 0; i < length; i++)
        hash = (hash ^ (guint8)g_ascii_tolower(text[i])) * 16777619u;
    return hash != 0 ? hash : 1;
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
        if (word_is(text, length, colour_names[i].name))
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

static void
read_value(HtmlStyle *style, const char *name, gsize name_length, const char *value, gsize length)
{
    gboolean none = starts(value, length, "none");
    if (word_is(name, name_length, "display"))
        hide(style, HIDE_DISPLAY, none);
    else if (word_is(name, name_length, "visibility"))
        hide(style, HIDE_VISIBILITY, starts(value, length, "hidden") || starts(value, length, "collapse"));
    else if (word_is(name, name_length, "font-size") || word_is(name, name_length, "font"))
        hide(style, HIDE_SIZE, is_zero(value, length));
    else if (word_is(name, name_length, "opacity"))
        hide(style, HIDE_OPACITY, is_zero(value, length));
    else if (word_is(name, name_length, "mso-hide"))
        hide(style, HIDE_OFFICE, starts(value, length, "all"));
    else if (word_is(name, name_length, "color"))
        style->ink = html_colour(value, length);
    else if (starts(name, name_length, "background")) {
        style->background = TRUE;
        if (word_is(name, name_length, "background") || word_is(name, name_length, "background-color"))
            style->paper = paper_colour(value, length);
        else if (word_is(name, name_length, "background-image") && !none)
            style->paper = COLOUR_UNKNOWN;
    } else if (word_is(name, name_length, "white-space"))
        style->keeps_space = starts(value, length, "pre") || starts(value, length, "break-spaces");
    else if (word_is(name, name_length, "direction"))
        style->rtl = starts(value, length, "rtl");
    else if (word_is(name, name_length, "unicode-bidi"))
        style->override = starts(value, length, "bidi-override") || starts(value, length, "isolate-override");
}

/* A declaration without comments and the blanks around its halves. */
static void
read_declaration(HtmlStyle *style, const char *text, gsize length)
{
    const char *colon, *end = text + length, *value, *name_end;
    while (text < end && (g_ascii_isspace(*text)))
        text++;
    /* Nearly all declarations of real letters end here: none of ours begins so. */
    if (text == end || strchr("dvfomcbwuDVFOMCBWU", *text) == NULL)
        return;
    colon = memchr(text, ':', (gsize)(end - text));
    if (colon == NULL)
        return;
    for (name_end = colon; name_end > text && g_ascii_isspace(name_end[-1]);)
        name_end--;
    for (value = colon + 1; value < end && g_ascii_isspace(*value);)
        value++;
    for (const char *mark = end; mark > value; mark--)
        if (mark[-1] == '!') { /* !important */
            end = mark - 1;
            break;
        }
    while (end > value && g_ascii_isspace(end[-1]))
        end--;
    read_value(style, text, (gsize)(name_end - text), value, (gsize)(end - value));
}

static char *
without_comments(const char *css, gsize length, gsize *length_out)
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
    if (memchr(css, '/', length) != NULL && memmem(css, length, "/*", 2) != NULL)
        css = plain = without_comments(css, length, &length);
    end = css + length;
    while (css < end) {
        const char *stop = memchr(css, ';', (gsize)(end - css));
        if (stop == NULL)
            stop = end;
        read_declaration(style, css, (gsize)(stop - css));
        css = stop + 1;
    }
    style->reversed = style->rtl && style->override;
}

/* --- rules --------------------------------------------------------------- */

static void
add_row(HtmlSheet *sheet, int kind, guint32 tag, guint32 label, const HtmlStyle *style)
{
    for (guint i = 0; i < sheet->count; i++) {
        if (sheet->rows[i].kind != kind || sheet->rows[i].tag != tag || sheet->rows[i].label != label)
            continue;
        sheet->rows[i].hides = (sheet->rows[i].hides & ~style->shows) | style->hides;
        sheet->rows[i].shows = (sheet->rows[i].shows & ~style->hides) | style->shows;
        return;
    }
    if (style->hides == 0 || sheet->count == HTML_SHEET_ROWS)
        return;
    sheet->rows[sheet->count].kind = (guint8)kind;
    sheet->rows[sheet->count].tag = tag;
    sheet->rows[sheet->count].label = label;
    sheet->rows[sheet->count].hides = style->hides;
    sheet->rows[sheet->count++].shows = style->shows;
}

static gsize
name_length(const char *text, const char *end)
{
    gsize length = 0;
    while (text + length < end && (g_ascii_isalnum(text[length]) || text[length] == '-' || text[length] == '_' ||
                                   (guchar)text[length] >= 0x80))
        length++;
    return length;
}

/* One selector of a list: "tag", ".class", "#id", "tag.class"; anything else is not understood and left out. */
static void
add_selector(HtmlSheet *sheet, const char *text, const char *end, const HtmlStyle *style)
{
    guint32 tag = 0, label = 0;
    int kind = SHEET_TAG;
    gsize length;
    while (text < end && g_ascii_isspace(*text))
        text++;
    while (text < end && g_ascii_isspace(end[-1]))
        end--;
    length = name_length(text, end);
    if (length > 0)
        tag = html_hash(text, length);
    text += length;
    if (text < end && (*text == '.' || *text == '#')) {
        kind = *text == '#' ? SHEET_ID : tag != 0 ? SHEET_TAG_CLASS : SHEET_CLASS;
        length = name_length(++text, end);
        if (length > 0)
            label = html_hash(text, length);
        text += length;
    }
    if (text == end && (kind == SHEET_TAG ? tag != 0 : label != 0))
        add_row(sheet, kind, tag, label, style);
}

static const char *
block_end(const char *text, const char *end)
{
    guint depth = 1;
    for (; text < end; text++) {
        if (*text == '{')
            depth++;
        else if (*text == '}' && --depth == 0)
            break;
    }
    return text;
}

void
html_sheet_read(HtmlSheet *sheet, const char *css, gsize length)
{
    g_autofree char *plain = without_comments(css, length, &length);
    const char *text = plain, *end = plain + length;
    sheet->background |= memmem(plain, length, "background", 10) != NULL;
    sheet->fonts |= memmem(plain, length, "font", 4) != NULL;
    while (text < end) {
        const char *open = text, *close, *part;
        HtmlStyle style;
        while (text < end && (g_ascii_isspace(*text) || strchr("<!->};", *text) != NULL))
            text++; /* also the "<!--" and "-->" around old sheets */
        for (open = text; open < end && *open != '{' && !(*text == '@' && *open == ';');)
            open++;
        if (open == end || *open == ';') {
            text = MIN(open + 1, end);
            continue;
        }
        close = block_end(open + 1, end);
        html_style_init(&style);
        if (*text != '@')
            html_style_read(&style, open + 1, (gsize)(close - open - 1));
        for (part = text; (style.hides | style.shows) != 0 && part < open;) {
            const char *comma = memchr(part, ',', (gsize)(open - part));
            comma = comma != NULL ? comma : open;
            add_selector(sheet, part, comma, &style);
            part = comma + 1;
        }
        text = MIN(close + 1, end);
    }
}

void
html_sheet_match(const HtmlSheet *sheet, int kind, guint32 tag, guint32 label, HtmlMatch *match)
{
    for (guint i = 0; i < sheet->count; i++) {
        int row = sheet->rows[i].kind;
        if ((row == SHEET_TAG_CLASS ? SHEET_CLASS : row) != kind || sheet->rows[i].label != label ||
            (sheet->rows[i].tag != 0 && sheet->rows[i].tag != tag))
            continue;
        match->hides[row] = (match->hides[row] & ~sheet->rows[i].shows) | sheet->rows[i].hides;
        match->shows[row] = (match->shows[row] & ~sheet->rows[i].hides) | sheet->rows[i].shows;
    }
}

guint
html_match_hides(const HtmlMatch *match)
{
    guint hides = 0;
    for (int kind = 0; kind < SHEET_KINDS; kind++)
        hides = (hides & ~match->shows[kind]) | match->hides[kind];
    return hides;
}
