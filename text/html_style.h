/* html_style - what CSS hides: inline declarations and a small table of simple rules. Part of html.
 *
 * Only what certainly hides counts; unknown things are visible. Rules inside @media and the like, and selectors other
 * than tag, .class, #id and tag.class are unknown things. */
#pragma once
#include <glib.h>

enum { /* why an element is hidden */
       HIDE_DISPLAY = 1 << 0,
       HIDE_VISIBILITY = 1 << 1, /* a descendant can take this one back ... */
       HIDE_SIZE = 1 << 2,       /* ... this one ... */
       HIDE_OFFICE = 1 << 3,     /* ... and this one (mso-hide) */
       HIDE_OPACITY = 1 << 4,
       HIDE_COLOUR = 1 << 5,
};
#define HIDE_ALL (HIDE_DISPLAY | HIDE_VISIBILITY | HIDE_SIZE | HIDE_OFFICE | HIDE_OPACITY | HIDE_COLOUR)
#define HIDE_RETURNS (HIDE_VISIBILITY | HIDE_SIZE | HIDE_OFFICE)

#define COLOUR_UNSET 0xFF000000u       /* nothing said */
#define COLOUR_UNKNOWN 0xFE000000u     /* a picture, a gradient, a name we do not know */
#define COLOUR_TRANSPARENT 0xFD000000u /* else 0xRRGGBB */

typedef enum { SYMBOLS_UNSET, SYMBOLS_NONE, SYMBOLS_WINGDINGS, SYMBOLS_WINGDINGS2, SYMBOLS_WEBDINGS } HtmlSymbols;

typedef struct {
    guint hides, shows; /* HIDE_ bits; a bit is in at most one of them, the later declaration wins */
    guint32 ink, paper;
    gboolean background; /* some background was named, known or not */
    gboolean keeps_space;
    HtmlSymbols symbols; /* the first font is one of these */
    gboolean reversed;   /* direction:rtl with unicode-bidi:bidi-override */
    gboolean rtl, override;
} HtmlStyle;

void html_style_init(HtmlStyle *style);
void html_style_read(HtmlStyle *style, const char *css, gsize length);    /* declarations: "a:b; c:d" */
char *html_style_plain(const char *css, gsize length, gsize *length_out); /* without comments; gives */
guint32 html_colour(const char *text, gsize length);                      /* also as in bgcolor= */
gboolean html_colours_alike(guint32 ink, guint32 paper);

/* html_symbol: whether a list of fonts begins with a symbol font; what such a font shows for one UTF-8 character, NULL
 * for the character itself. */
HtmlSymbols html_symbol_font(const char *name, gsize length);
const char *html_symbol(HtmlSymbols font, const char *text, gsize length);

#define HTML_SHEET_ROWS 64
enum { SHEET_TAG, SHEET_CLASS, SHEET_TAG_CLASS, SHEET_ID, SHEET_KINDS }; /* by rising weight */
typedef struct {
    guint count;
    gboolean background, fonts; /* these are set somewhere */
    struct {
        guint8 kind;
        guint32 tag, label; /* html_hash(), 0: any */
        guint hides, shows;
    } rows[HTML_SHEET_ROWS];
} HtmlSheet;
void html_sheet_read(HtmlSheet *sheet, const char *css, gsize length);

/* What the sheet says about one element, gathered attribute by attribute. */
typedef struct {
    guint hides[SHEET_KINDS], shows[SHEET_KINDS];
} HtmlMatch;
/* label: a class or id, SHEET_CLASS or SHEET_ID; or 0 with SHEET_TAG. */
void html_sheet_match(const HtmlSheet *sheet, int kind, guint32 tag, guint32 label, HtmlMatch *match);
guint html_match_hides(const HtmlMatch *match);

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
