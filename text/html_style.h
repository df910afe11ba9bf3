/* html_style - what CSS hides: declarations, style sheets, their selectors and conditions. Part of html.
 *
 * A page has several readings, since mail programs differ in what they apply. The first knows what certainly hides:
 * display, visibility, size, opacity, mso-hide, ink in the colour of the paper; by inline style or by a rule outside
 * of @media and the like, whose selector is decided exactly (tag, class, id, attribute, :first-child, :nth-child,
 * descendants, children, next siblings). The others (HTML_READINGS) apply everything: boxes out of sight (far
 * outside the window, clipped, scaled to nothing, without height or width and overflow), white ink where some paper
 * is not known, var(), rules under conditions and with selectors that are not decided exactly, what ::before and
 * ::after say; one in a wide window, one on a telephone with dark colours, one on paper. Where a reading shows other
 * text than the first, that text is given again as it has it (html_out.h). Outside sheets cannot be read. */
#pragma once
#include <glib.h>

enum { /* what declarations say; html_facts_hide() tells what follows */
       HIDE_DISPLAY = 1 << 0,
       HIDE_VISIBILITY = 1 << 1, /* a descendant can take this one back ... */
       HIDE_SIZE = 1 << 2,       /* ... this one ... */
       HIDE_OFFICE = 1 << 3,     /* ... this one (mso-hide) ... */
       HIDE_INDENT = 1 << 4,     /* ... and this one; doubtful from here on */
       HIDE_OPACITY = 1 << 5,
       HIDE_COLOUR = 1 << 6,
       HIDE_BOX = 1 << 7, /* never said, only follows */
       FACT_CLIP_PATH = 1 << 8,
       FACT_TRANSFORM = 1 << 9,
       FACT_MARGIN = 1 << 10,
       FACT_HEIGHT = 1 << 11, /* nothing high, with overflow */
       FACT_MAX_HEIGHT = 1 << 12,
       FACT_WIDTH = 1 << 13,
       FACT_MAX_WIDTH = 1 << 14,
       FACT_OVERFLOW = 1 << 15,
       FACT_PLACED = 1 << 16, /* any position, with a distance */
       FACT_LOOSE = 1 << 17,  /* absolute or fixed, with clip */
       FACT_LEFT = 1 << 18,
       FACT_RIGHT = 1 << 19,
       FACT_TOP = 1 << 20,
       FACT_BOTTOM = 1 << 21,
       FACT_CLIP = 1 << 22,
       FACT_LINE = 1 << 23, /* no line height, with overflow */
};
#define HIDE_SURE (HIDE_DISPLAY | HIDE_VISIBILITY | HIDE_SIZE | HIDE_OFFICE | HIDE_OPACITY)
#define HIDE_RETURNS (HIDE_VISIBILITY | HIDE_SIZE | HIDE_OFFICE | HIDE_INDENT)

#define COLOUR_UNSET 0xFF000000u       /* nothing said */
#define COLOUR_UNKNOWN 0xFE000000u     /* a picture, a gradient, a name we do not know */
#define COLOUR_TRANSPARENT 0xFD000000u /* else 0xRRGGBB */

typedef enum { SYMBOLS_UNSET, SYMBOLS_NONE, SYMBOLS_WINGDINGS, SYMBOLS_WINGDINGS2, SYMBOLS_WEBDINGS } HtmlSymbols;

typedef struct {
    guint32 hides, shows; /* facts; a bit is in at most one of them, the later declaration wins */
    guint32 ink, paper;
} HtmlSaid;

typedef struct {
    HtmlSaid plain, firm; /* firm: !important */
    guint32 maybe;        /* facts that a variable may say */
    gboolean background;  /* some background was named, known or not */
    gboolean keeps_space;
    HtmlSymbols symbols; /* the first font is one of these */
    gboolean reversed;   /* direction:rtl with unicode-bidi:bidi-override */
    gboolean rtl, override;
    const char *content; /* value of content:, lent from what was read; NULL none */
    gsize content_length;
} HtmlStyle;

/* Values that custom properties have anywhere on the page: what var() may mean. */
#define HTML_VARIABLES 32
typedef struct {
    guint count;
    struct {
        guint32 name; /* html_hash() */
        guint8 length;
        char value[39];
    } rows[HTML_VARIABLES];
} HtmlVariables;

void html_style_init(HtmlStyle *style);
/* Declarations: "a:b; c:d". */
void html_style_read(HtmlStyle *style, const char *css, gsize length, const HtmlVariables *variables);
/* What a style or sheet sets of them. FALSE: it does not speak of any. */
gboolean html_style_variables(HtmlVariables *variables, const char *css, gsize length);
/* Without comments, escapes of letters undone; gives. */
char *html_style_plain(const char *css, gsize length, gsize *length_out);
guint8 html_facts_hide(guint32 facts);

/* What is said later goes before. */
static inline void
html_said_add(HtmlSaid *sum, const HtmlSaid *next)
{
    sum->hides = (sum->hides & ~next->shows) | next->hides;
    sum->shows = (sum->shows & ~next->hides) | next->shows;
    sum->ink = next->ink != COLOUR_UNSET ? next->ink : sum->ink;
    sum->paper = next->paper != COLOUR_UNSET ? next->paper : sum->paper;
}

/* html_colour: as in CSS, also as in bgcolor=; of a background, any of its words. */
guint32 html_colour(const char *text, gsize length);
guint32 html_colour_paper(const char *value, gsize length);
gboolean html_colours_alike(guint32 ink, guint32 paper);

/* html_symbol: whether a list of fonts begins with a symbol font; what such a font shows for one UTF-8 character, NULL
 * for the character itself. */
HtmlSymbols html_symbol_font(const char *name, gsize length);
const char *html_symbol(HtmlSymbols font, const char *text, gsize length);

/* Hash of a name; letters' case does not matter; never 0. In one go, or byte by byte. */
guint32 html_hash(const char *text, gsize length);
#define HTML_HASH_START 2166136261u
static inline guint32
html_hash_byte(guint32 hash, char byte)
{
    return (hash ^ ((guint8)byte | 0x20)) * 16777619u;
}
static inline guint32
html_hash_end(guint32 hash)
{
    return hash != 0 ? hash : 1;
}
