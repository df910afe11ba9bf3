/* html_style - declarations of CSS: what they say about hiding, the colours of ink and paper. */
#include "config.h"
#include "html_style.h"
#include "html_bytes.h"
#include "html_value.h"

#define SIZE_SEEN 2.0 /* pixels; smaller letters cannot be read */
#define OPACITY_SEEN 0.05
#define DECLARATION_MAX 2048

guint32
html_hash(const char *text, gsize length)
{
    guint32 hash = HTML_HASH_START;
    for (gsize i = 0; i < length; i++)
        hash = html_hash_byte(hash, text[i]);
    return html_hash_end(hash);
}

guint8
html_facts_hide(guint32 facts)
{
    gboolean box = (facts & (FACT_CLIP_PATH | FACT_TRANSFORM | FACT_MARGIN)) != 0;
    if (facts & FACT_OVERFLOW)
        box |= (facts & (FACT_HEIGHT | FACT_MAX_HEIGHT | FACT_WIDTH | FACT_MAX_WIDTH | FACT_LINE)) != 0;
    if (facts & FACT_PLACED)
        box |= (facts & (FACT_LEFT | FACT_RIGHT | FACT_TOP | FACT_BOTTOM)) != 0;
    box |= (facts & (FACT_LOOSE | FACT_CLIP)) == (FACT_LOOSE | FACT_CLIP);
    return (guint8)((facts & (HIDE_SURE | HIDE_INDENT)) | (box ? HIDE_BOX : 0));
}

/* --- properties ---------------------------------------------------------- */

typedef enum {
    P_NONE,
    P_DISPLAY,
    P_VISIBILITY,
    P_SIZE,
    P_FONT_ALL,
    P_OPACITY,
    P_OFFICE,
    P_INK,
    P_PAPER,
    P_PICTURE,
    P_SPACE,
    P_DIRECTION,
    P_BIDI,
    P_FONT,
    P_INDENT,
    P_POSITION,
    P_LEFT,
    P_RIGHT,
    P_TOP,
    P_BOTTOM,
    P_MARGIN,
    P_CLIP,
    P_CLIP_PATH,
    P_TRANSFORM,
    P_SCALE,
    P_ZOOM,
    P_HEIGHT,
    P_MAX_HEIGHT,
    P_WIDTH,
    P_MAX_WIDTH,
    P_OVERFLOW,
    P_LINE,
    P_FILTER,
    P_CONTENT,
} Property;

static const struct {
    const char *name;
    Property property;
} properties[] = {
    {"display", P_DISPLAY},
    {"visibility", P_VISIBILITY},
    {"font-size", P_SIZE},
    {"font", P_FONT_ALL},
    {"font-family", P_FONT},
    {"opacity", P_OPACITY},
    {"mso-hide", P_OFFICE},
    {"color", P_INK},
    {"-webkit-text-fill-color", P_INK},
    {"background", P_PAPER},
    {"background-color", P_PAPER},
    {"background-image", P_PICTURE},
    {"white-space", P_SPACE},
    {"direction", P_DIRECTION},
    {"unicode-bidi", P_BIDI},
    {"text-indent", P_INDENT},
    {"position", P_POSITION},
    {"left", P_LEFT},
    {"right", P_RIGHT},
    {"top", P_TOP},
    {"bottom", P_BOTTOM},
    {"margin-left", P_MARGIN},
    {"margin-top", P_MARGIN},
    {"clip", P_CLIP},
    {"clip-path", P_CLIP_PATH},
    {"-webkit-clip-path", P_CLIP_PATH},
    {"transform", P_TRANSFORM},
    {"-webkit-transform", P_TRANSFORM},
    {"scale", P_SCALE},
    {"zoom", P_ZOOM},
    {"height", P_HEIGHT},
    {"max-height", P_MAX_HEIGHT},
    {"width", P_WIDTH},
    {"max-width", P_MAX_WIDTH},
    {"overflow", P_OVERFLOW},
    {"overflow-x", P_OVERFLOW},
    {"overflow-y", P_OVERFLOW},
    {"line-height", P_LINE},
    {"filter", P_FILTER},
    {"content", P_CONTENT},
};

#define SLOTS 256 /* a power of two, well above the number of properties */
static guint8 slots[SLOTS];

static guint
slot_of(const char *name, gsize length)
{
    return ((guint)length * 31 + ((guchar)name[0] | 0x20u) * 7 + ((guchar)name[length - 1] | 0x20u) * 13 +
            ((guchar)name[length / 2] | 0x20u)) %
           SLOTS;
}

static void
fill_slots(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
        guint slot = slot_of(properties[i].name, strlen(properties[i].name));
        while (slots[slot] != 0)
            slot = (slot + 1) % SLOTS;
        slots[slot] = (guint8)(i + 1);
    }
}

static Property
property(const char *name, gsize length)
{
    static gsize ready;
    if (length == 0 || length > DECLARATION_MAX)
        return P_NONE;
    if (g_once_init_enter(&ready)) {
        fill_slots();
        g_once_init_leave(&ready, 1);
    }
    for (guint slot = slot_of(name, length); slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        const char *known = properties[slots[slot] - 1].name;
        if (g_ascii_strncasecmp(name, known, length) == 0 && known[length] == '\0')
            return properties[slots[slot] - 1].property;
    }
    return P_NONE;
}

static void
say(HtmlSaid *said, guint32 bit, gboolean yes)
{
    said->hides = yes ? said->hides | bit : said->hides & ~bit;
    said->shows = yes ? said->shows & ~bit : said->shows | bit;
}

static void
read_box(HtmlSaid *said, Property what, HtmlValue value)
{
    static const guint32 facts[] = {
        [P_LEFT] = FACT_LEFT,     [P_RIGHT] = FACT_RIGHT,         [P_TOP] = FACT_TOP,
        [P_BOTTOM] = FACT_BOTTOM, [P_HEIGHT] = FACT_HEIGHT,       [P_MAX_HEIGHT] = FACT_MAX_HEIGHT,
        [P_WIDTH] = FACT_WIDTH,   [P_MAX_WIDTH] = FACT_MAX_WIDTH, [P_LINE] = FACT_LINE,
        [P_CLIP] = FACT_CLIP,     [P_MARGIN] = FACT_MARGIN,       [P_CLIP_PATH] = FACT_CLIP_PATH,
        [P_INDENT] = HIDE_INDENT, [P_TRANSFORM] = FACT_TRANSFORM, [P_SCALE] = FACT_TRANSFORM,
        [P_ZOOM] = FACT_TRANSFORM};
    gboolean yes;
    switch (what) {
    case P_LINE: /* a bare 1 is as high as the letters */
        yes = html_value_pixels(value) == 0 || (html_value_pixels(value) <= 1 && html_value_contains(value, "px"));
        break;
    case P_LEFT:
    case P_RIGHT:
    case P_TOP:
    case P_BOTTOM:
        yes = html_value_is_far(value, FALSE);
        break;
    case P_MARGIN:
    case P_INDENT:
        yes = html_value_is_far(value, TRUE);
        break;
    case P_CLIP:
        yes = html_value_is_cut(value);
        break;
    case P_CLIP_PATH:
        yes = html_value_is_clipped(value);
        break;
    case P_TRANSFORM:
        yes = html_value_is_gone(value);
        break;
    case P_SCALE:
    case P_ZOOM:
        yes = html_value_fraction(value) < OPACITY_SEEN;
        break;
    default: /* sides of a box */
        yes = html_value_pixels(value) <= 1;
    }
    say(said, facts[what], yes);
}

static void
read_position(HtmlSaid *said, HtmlValue value)
{
    gboolean loose = html_value_starts(value, "absolute") || html_value_starts(value, "fixed");
    say(said, FACT_LOOSE, loose);
    say(said, FACT_PLACED, loose || html_value_starts(value, "relative") || html_value_starts(value, "sticky"));
}

static void
read_paper(HtmlStyle *style, HtmlSaid *said, Property what, HtmlValue value)
{
    gboolean none = what == P_PICTURE && html_value_starts(value, "none");
    if (what == P_PAPER)
        said->paper = html_colour_paper(value.text, value.length);
    else if (!none)
        said->paper = COLOUR_UNKNOWN;
    style->background |= !none;
}

static void
read_value(HtmlStyle *style, HtmlSaid *said, Property what, HtmlValue value)
{
    switch (what) {
    case P_DISPLAY:
        say(said, HIDE_DISPLAY, html_value_starts(value, "none"));
        break;
    case P_VISIBILITY:
        say(said, HIDE_VISIBILITY, html_value_starts(value, "hidden") || html_value_starts(value, "collapse"));
        break;
    case P_SIZE:
        say(said, HIDE_SIZE, html_value_pixels(value) < SIZE_SEEN && html_value_pixels(value) >= 0);
        break;
    case P_FONT_ALL:
        say(said, HIDE_SIZE, html_value_font_size(value) < SIZE_SEEN);
        break;
    case P_OPACITY:
        say(said, HIDE_OPACITY, html_value_fraction(value) < OPACITY_SEEN);
        break;
    case P_FILTER:
        say(said, HIDE_OPACITY, html_value_is_dim(value));
        break;
    case P_OFFICE:
        say(said, HIDE_OFFICE, html_value_starts(value, "all"));
        break;
    case P_INK:
        said->ink = html_colour(value.text, value.length);
        break;
    case P_PAPER:
    case P_PICTURE:
        read_paper(style, said, what, value);
        break;
    case P_SPACE:
        style->keeps_space = html_value_starts(value, "pre") || html_value_starts(value, "break-spaces");
        break;
    case P_DIRECTION:
        style->rtl = html_value_starts(value, "rtl");
        break;
    case P_BIDI:
        style->override = html_value_starts(value, "bidi-override") || html_value_starts(value, "isolate-override");
        break;
    case P_FONT:
        style->symbols = html_symbol_font(value.text, value.length);
        break;
    case P_POSITION:
        read_position(said, value);
        break;
    case P_OVERFLOW:
        say(said, FACT_OVERFLOW,
            html_value_starts(value, "hidden") || html_value_starts(value, "clip") ||
                html_value_starts(value, "scroll") || html_value_starts(value, "auto"));
        break;
    case P_CONTENT:
        style->content = value.text;
        style->content_length = value.length;
        break;
    case P_NONE:
        break;
    default:
        read_box(said, what, value);
    }
}

/* --- variables ----------------------------------------------------------- */

static void
set_variable(HtmlVariables *variables, guint32 name, HtmlValue value)
{
    while (value.length > 0 && byte_is_space(*value.text))
        value.text++, value.length--;
    while (value.length > 0 && byte_is_space(value.text[value.length - 1]))
        value.length--;
    if (variables->count == HTML_VARIABLES || value.length > sizeof variables->rows[0].value)
        return;
    for (guint i = 0; i < variables->count; i++)
        if (variables->rows[i].name == name && variables->rows[i].length == value.length &&
            memcmp(variables->rows[i].value, value.text, value.length) == 0)
            return;
    variables->rows[variables->count].name = name;
    variables->rows[variables->count].length = (guint8)value.length;
    memcpy(variables->rows[variables->count++].value, value.text, value.length);
}

gboolean
html_style_variables(HtmlVariables *variables, const char *css, gsize length)
{
    const char *end = css + length;
    gboolean any = FALSE;
    while (css < end && (css = memmem(css, (gsize)(end - css), "--", 2)) != NULL) {
        const char *name = css, *stop;
        for (css += 2; css < end && (g_ascii_isalnum(*css) || *css == '-' || *css == '_' || (guchar)*css >= 0x80);
             css++)
            ;
        for (stop = css; stop < end && byte_is_space(*stop); stop++)
            ;
        any |= css - name > 2;
        if (css - name == 2 || stop == end || *stop != ':')
            continue;
        guint32 hash = html_hash(name, (gsize)(css - name));
        for (name = ++stop; stop < end && *stop != ';' && *stop != '}' && *stop != '!';)
            stop++;
        set_variable(variables, hash, (HtmlValue){name, (gsize)(stop - name)});
        css = stop;
    }
    return any;
}

/* Which element a variable is set on is not known here: whatever any of its values hides may be hidden. */
static void
read_variable(HtmlStyle *style, Property what, HtmlValue value, const HtmlVariables *variables)
{
    HtmlStyle scratch = {.plain = {.ink = COLOUR_UNSET, .paper = COLOUR_UNSET}};
    gsize length = 0;
    while (!html_value_starts(value, "var("))
        value.text++, value.length--;
    for (value.text += 4, value.length -= 4; value.length > 0 && byte_is_space(*value.text);)
        value.text++, value.length--;
    while (length < value.length && value.text[length] != ',' && value.text[length] != ')' &&
           !byte_is_space(value.text[length]))
        length++;
    guint32 name = html_hash(value.text, length);
    for (guint i = 0; i < variables->count; i++) {
        if (variables->rows[i].name == name) {
            scratch.plain.hides = scratch.plain.shows = 0;
            read_value(&scratch, &scratch.plain, what,
                       (HtmlValue){variables->rows[i].value, variables->rows[i].length});
            style->maybe |= scratch.plain.hides;
        }
    }
    if (scratch.plain.ink != COLOUR_UNSET)
        style->plain.ink = scratch.plain.ink;
    if (scratch.plain.paper != COLOUR_UNSET)
        style->plain.paper = COLOUR_UNKNOWN;
}

/* --- declarations -------------------------------------------------------- */

/* Whether a property that begins so may be one of ours; many of those in real letters are not. */
static gboolean
may_matter(const char *name)
{
    switch (((guchar)name[0] | 0x20) << 8 | ((guchar)name[1] | 0x20)) {
    case 'd' << 8 | 'i':
    case 'v' << 8 | 'i':
    case 'f' << 8 | 'o':
    case 'f' << 8 | 'i':
    case 'o' << 8 | 'p':
    case 'o' << 8 | 'v':
    case 'm' << 8 | 's':
    case 'c' << 8 | 'o':
    case 'c' << 8 | 'l':
    case 'b' << 8 | 'a':
    case 'b' << 8 | 'o':
    case 'w' << 8 | 'h':
    case 'w' << 8 | 'i':
    case 'u' << 8 | 'n':
    case 'p' << 8 | 'o':
    case 'l' << 8 | 'e':
    case 'l' << 8 | 'i':
    case 'r' << 8 | 'i':
    case 't' << 8 | 'o':
    case 't' << 8 | 'e':
    case 't' << 8 | 'r':
    case 'm' << 8 | 'a':
    case 'h' << 8 | 'e':
    case 's' << 8 | 'c':
    case 'z' << 8 | 'o':
    case '-' << 8 | 'w':
        return TRUE;
    default:
        return FALSE;
    }
}

/* "!important" at the end of a value, which ends before it. */
static gboolean
take_firm(HtmlValue *value)
{
    for (gsize at = value->length; at > 0; at--) {
        if (value->text[at - 1] == '!') {
            value->length = at - 1;
            return TRUE;
        }
    }
    return FALSE;
}

/* A declaration without comments and the blanks around its halves. */
static void
read_declaration(HtmlStyle *style, const char *text, const char *end, const HtmlVariables *variables)
{
    const char *name, *name_end;
    Property what;
    gboolean firm;
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
    for (text++; text < end && byte_is_space(*text);)
        text++;
    HtmlValue value = {text, (gsize)(end - text)};
    firm = what != P_CONTENT && take_firm(&value);
    while (value.length > 0 && byte_is_space(value.text[value.length - 1]))
        value.length--;
    if (value.length > 4 && bytes_find(value.text, value.text + value.length, '(') != NULL &&
        html_value_contains(value, "var("))
        read_variable(style, what, value, variables);
    else
        read_value(style, firm ? &style->firm : &style->plain, what, value);
}

/* A character that is written "\" and hexadecimal digits, undone where it is part of a name. Returns what is taken. */
static gsize
take_escape(const char *css, gsize length, GString *plain)
{
    gsize at = 1;
    gunichar code = 0;
    while (at < length && at <= 6 && g_ascii_isxdigit(css[at]))
        code = code * 16 + (gunichar)g_ascii_xdigit_value(css[at++]);
    if (at == 1 || (code < 0x80 && !g_ascii_isalnum((char)code) && code != '-' && code != '_') ||
        !g_unichar_validate(code)) {
        g_string_append_c(plain, '\\');
        return 1;
    }
    g_string_append_unichar(plain, code);
    return at + (at < length && g_ascii_isspace(css[at]));
}

char *
html_style_plain(const char *css, gsize length, gsize *length_out)
{
    GString *plain = g_string_sized_new(length);
    const char *end = css + length;
    while (css < end) {
        const char *from = css;
        while (css < end && *css != '\\' && !(*css == '/' && end - css > 1 && css[1] == '*'))
            css++;
        g_string_append_len(plain, from, css - from);
        if (css == end)
            break;
        if (*css == '\\') {
            css += take_escape(css, (gsize)(end - css), plain);
            continue;
        }
        css = memmem(css + 2, (gsize)(end - css - 2), "*/", 2);
        css = css != NULL ? css + 2 : end;
    }
    *length_out = plain->len;
    return g_string_free(plain, FALSE);
}

void
html_style_init(HtmlStyle *style)
{
    *style = (HtmlStyle){.plain = {.ink = COLOUR_UNSET, .paper = COLOUR_UNSET},
                         .firm = {.ink = COLOUR_UNSET, .paper = COLOUR_UNSET}};
}

/* Behind the declaration that begins at css: ';' in quotes or brackets does not end it. */
static const char *
declaration_end(const char *css, const char *end)
{
    const char *stop = bytes_find(css, end, ';'), *at = css;
    char quote = '\0';
    guint depth = 0;
    if (stop == NULL)
        return end;
    end = end - css > DECLARATION_MAX ? css + DECLARATION_MAX : end;
    if (stop >= end)
        return stop;
    if (bytes_find(css, stop, '"') == NULL && bytes_find(css, stop, '\'') == NULL && bytes_find(css, stop, '(') == NULL)
        return stop;
    for (; at < end; at++) {
        if (quote != '\0')
            quote = *at == quote || *at == '\n' ? '\0' : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && depth > 0)
            depth--;
        else if (*at == ';' && depth == 0)
            return at;
    }
    return quote != '\0' || depth > 0 ? stop : end; /* never closed: at the first, then */
}

void
html_style_read(HtmlStyle *style, const char *css, gsize length, const HtmlVariables *variables)
{
    g_autofree char *plain = NULL;
    const char *end = css + length;
    if (bytes_find(css, end, '\\') != NULL ||
        (bytes_find(css, end, '/') != NULL && memmem(css, length, "/*", 2) != NULL)) {
        plain = html_style_plain(css, length, &length);
        css = plain;
    }
    end = css + length;
    while (css < end) {
        const char *stop = declaration_end(css, end);
        read_declaration(style, css, stop, variables);
        css = stop + 1;
    }
    style->reversed = style->rtl && style->override;
    if (plain != NULL)
        style->content = NULL; /* was lent from it */
}
