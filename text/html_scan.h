/* html_scan - the scanner's state, shared by html.c (where tokens end) and html_tag.c (what a tag means). */
#pragma once
#include "html_element.h"
#include "html_sheet.h"

typedef enum { /* what is being read */
               SCAN_TEXT,
               SCAN_RAW,    /* content of script or style */
               SCAN_OPEN,   /* '<', not yet clear of what */
               SCAN_ENTITY, /* '&' ... */
               SCAN_SYMBOL, /* a character of a symbol font that the push has cut */
               SCAN_TAG,
               SCAN_COMMENT,
               SCAN_BOGUS, /* <? <! </3: up to the next '>' */
} ScanState;

typedef enum { /* where in a tag; the tokenizer states of HTML5 */
               TAG_NAME,
               TAG_BETWEEN,
               TAG_ATTRIBUTE,
               TAG_AFTER, /* blank behind an attribute's name */
               TAG_EQUALS,
               TAG_DOUBLE,
               TAG_SINGLE,
               TAG_BARE,
} TagState;

typedef enum { INPUT_OTHER, INPUT_CHECK, INPUT_RADIO } InputKind;

typedef struct { /* a tag whose attributes are being gathered */
    const HtmlElement *element;
    guint32 hash;
    gboolean open, end, styled, hidden, checked, right_to_left, cited;
    InputKind input;
    HtmlSymbols symbols;
    guint32 ink, paper; /* by attributes; a style goes before them */
    HtmlStyle style;
    guint columns, rows; /* of a cell */
    guint media;         /* readings in which a style sheet holds */
    HtmlNode node;       /* for selectors, if there are any */
    HtmlMatches matches;
} HtmlTag;

#define HTML_PROLOGUE 8
#define HTML_KNOWN_STYLES 16
typedef struct {
    gsize length; /* 0: free */
    HtmlStyle style;
    char text[200];
} HtmlKnownStyle;

struct Html {
    HtmlOut out;
    HtmlStack stack;
    HtmlSheet *sheet; /* NULL: none so far */
    gboolean rules;   /* some of its rules may change what is hidden */
    gboolean fonts;   /* it sets some */
    HtmlVariables variables;
    HtmlNode *nodes, *before;         /* HtmlFamily, once a rule asks for it; nodes[0] stands around all */
    HtmlNode prologue[HTML_PROLOGUE]; /* what is open before the first text: rules often come inside */
    HtmlKnownStyle styles[HTML_KNOWN_STYLES];
    gboolean background; /* some background was named so far: white ink may be meant to be seen */

    ScanState state;
    TagState tag_state;
    HtmlTag tag;
    GString *held; /* token begun in an earlier push, at most HTML_PIECE */
    GString *raw;  /* content of script or style not yet handed over */
    gboolean in_raw, raw_is_style;
    guint raw_media;      /* readings of the style sheet */
    GString *css;         /* a long style sheet, all of it; else NULL */
    gboolean raw_flushed; /* a piece of it went out already */
    gboolean comment_fed; /* a piece of the open comment went to the inner scanner already */
    gboolean blind;       /* after the end, reading again what an unclosed quote or comment had swallowed: a token
                             ends at the first '>' */
    gboolean literal;     /* and again: '<' is text */
    gboolean xml;         /* names may begin with any letter */

    GPtrArray *kept; /* GByteArray: the page so far, for a rule that comes after what it is about; NULL: not wanted */
    gsize kept_length;
    guint late;       /* rows of the sheet before the first such rule */
    gboolean is_late; /* there is one */
    gboolean over;    /* some rule could not be applied */
    gboolean again;   /* this is the second time, with all rules known */

    guint depth; /* of scanners in scanners */
    Html *inner; /* for comments, srcdoc and markup in attributes; made when needed */
    struct {
        Html *outer;
        PlaceKind kind;
        const char *name;
    } relay; /* of an inner scanner: as what its text comes out */
};

typedef enum { OPEN_MORE, OPEN_TEXT, OPEN_TAG, OPEN_COMMENT, OPEN_BOGUS, OPEN_CDATA } OpenKind;

/* html_token: what the '<' at `text` begins; used_out: how many bytes tell that, without any that may be its end. */
OpenKind html_open_kind(const Html *html, const char *text, gsize length, gsize *used_out);
/* Behind the end of the current token, or NULL. It began at `start`, or before that in html->held; sought from `from`.
 */
const char *html_token_end(Html *html, const char *start, const char *from, const char *end);

/* Nothing was shown so far. */
static inline gboolean
html_in_prologue(const Html *html)
{
    return !html->out.streams[OUT_BODY].written;
}

/* html_family: a start tag among the elements that rules ask about; the rules it meets are in html->tag.matches. */
void html_family_enter(Html *html);
/* What the tag's element looks like under what the stack holds; fork is filled as far as open is forked or worded. */
void html_look(Html *html, HtmlOpen *open, HtmlFork *fork);
/* The end of a <style> whose content is css. */
void html_family_style(Html *html, const char *css, gsize length);

/* html_inner: the inner scanner, cleared, whose text comes out of `html` as `kind`; NULL when too deep. */
Html *html_inner(Html *html, PlaceKind kind, const char *name);
/* Emits markup as text of a kind with its tags taken off. */
void html_emit_markup(Html *html, PlaceKind kind, const char *name, const char *text, gsize length);
/* The content of a comment, piece by piece. */
void html_feed_comment(Html *html, const char *text, gsize length, gboolean last);
/* "!DOCTYPE html": no text, unless it is more than one of the usual declarations. */
void html_emit_bogus(Html *html, const char *text, gsize length);

/* html_attribute: attributes as HTML5's tokenizer finds them. Collecting does nothing else; it ends at '>', at `end` or
 * when the list is full. */
#define HTML_ATTRIBUTES 24
typedef struct {
    const char *name, *value; /* value NULL: none begun */
    gsize name_length, length;
    guint32 hash;
    guint name_look, look; /* BYTES_ */
} HtmlAttribute;
const char *html_attributes_collect(const char *text, const char *end, HtmlAttribute *list, guint *count_out);
void html_attributes_read(Html *html, const HtmlAttribute *list, guint count);

/* html_tag: reads a tag that lies whole in [text, end); returns the place behind it. NULL, and nothing done, if its end
 * is not there or it is unusually long. */
const char *html_tag_try(Html *html, const char *text, const char *end);
/* Any tag "<name ...>" or, with `cut`, as much of one as fits; then what it needs to go on with is left in
 * html->held. */
void html_tag_read(Html *html, const char *text, gsize length, gboolean cut);
