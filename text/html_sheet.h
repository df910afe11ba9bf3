/* html_sheet - style sheets: rules that say something about hiding, and which elements they are about. Part of html.
 *
 * Bounded: rules, selectors, tests of attributes, text of ::before, steps of matching for the whole page. What is
 * beyond a bound is left out, so that its text stays visible. */
#pragma once
#include "html_style.h"

#define HTML_READINGS 3 /* beside the first: a wide window, a telephone, paper */
#define HTML_FIRST 1u   /* bit of the first reading; the others follow */
#define HTML_OTHERS (((1u << HTML_READINGS) - 1) << 1)

#define HTML_SHEET_ROWS 4096
#define HTML_SHEET_STEPS 8192 /* compound selectors */
#define HTML_SHEET_TESTS 32
#define HTML_SHEET_WORDS 4096 /* bytes of ::before and ::after */
#define HTML_SHEET_EFFORT (4 * 1000 * 1000)
#define HTML_SHEET_SLOTS 256

typedef struct {  /* a class or an id */
    guint32 fold; /* html_hash(); 0 none */
    guint64 exact;
} HtmlName;

#define HTML_STEP_NAMES 4
typedef struct { /* "tag.class#id[attribute]:nth-child()" and what joins it to the one on its left */
    char join;   /* ' ' '>' '+' '~'; 0 nothing on its left */
    guint32 tag; /* html_hash(), 0 any */
    guint32 tests;
    HtmlName id, classes[HTML_STEP_NAMES];
    gint16 nth_step, nth_first; /* :nth-child(step n + first), first 0 and step 0: any */
    gboolean vague;             /* something else was asked for too */
    gboolean given;             /* html or body: may stand around all, unwritten */
    guint64 bits;               /* that an element surely has in html_node_bits() */
} HtmlStep;

typedef struct {
    guint32 name; /* attribute */
    char how;     /* 0 is there, '=' '~' '|' '^' '$' '*' */
    guint8 length;
    char value[30];
} HtmlTest;

typedef enum { CONTENT_NONE, CONTENT_BEFORE, CONTENT_AFTER } HtmlContentPlace;

typedef struct {
    guint32 key;                 /* what its elements surely have: fold of id or class, tag; 0 nothing */
    guint32 weight;              /* specificity */
    guint16 next;                /* in its slot, from 1 */
    guint16 step, steps;         /* the last one first */
    guint16 words, words_length; /* content, in sheet->words */
    guint8 place;                /* HtmlContentPlace */
    guint8 readings;             /* HTML_FIRST ... */
    guint32 maybe;
    HtmlSaid plain, firm;
} HtmlRow;

typedef struct {
    guint count, steps, tests, words_length;
    guint32 hides;              /* facts that some rule says */
    guint32 asked;              /* tests that a row in use has */
    guint8 readings;            /* bits of others that differ from the second */
    gboolean background, fonts; /* these are set somewhere */
    gboolean full;              /* a bound was met */
    gboolean used;              /* some row is indexed */
    gboolean deep;              /* some row in use asks about other elements */
    guint64 effort;
    HtmlVariables *variables;             /* of the page */
    guint16 slots[HTML_SHEET_SLOTS], any; /* first row, from 1 */
    guint64 named[8];                     /* bits of the classes in some rule */
    HtmlRow *rows;
    HtmlStep *step;
    guint rows_room, steps_room;
    HtmlTest test[HTML_SHEET_TESTS];
    char words[HTML_SHEET_WORDS];
} HtmlSheet;

#define HTML_NODE_NAMES 16 /* of those that some rule names */
typedef struct {           /* what selectors ask about an element */
    guint32 tag, tests;
    HtmlName id;
    guint64 bits;       /* html_node_bits() */
    guint64 above;      /* those of all elements around it */
    guint64 elders;     /* those of its children so far */
    guint32 nth;        /* among its siblings, from 1; 0 unknown */
    guint32 children;   /* begun so far */
    gboolean crowded;   /* it has more classes than these */
    gboolean late;      /* it was open before somebody asked: of it only the tag is known */
    gboolean uncounted; /* its children have no numbers */
    guint32 names;      /* classes */
    HtmlName classes[HTML_NODE_NAMES];
} HtmlNode;

typedef struct {
    HtmlNode *nodes;  /* open elements, the outermost first; [depth] is the one in question */
    HtmlNode *before; /* its next elder sibling, at the same depth; tag 0: none */
    guint depth;
    gboolean nodes_known; /* FALSE: only nodes[depth] is, as no rule asked for more */
} HtmlFamily;

#define HTML_MATCHES 32
typedef struct {
    guint count;
    struct {
        guint16 row;
        guint8 readings;
    } rows[HTML_MATCHES]; /* weakest first */
} HtmlMatches;

HtmlSheet *html_sheet_new(HtmlVariables *variables);
void html_sheet_free(HtmlSheet *sheet);
/* Rules of one <style>; `readings` are those in which its medium holds. */
void html_sheet_read(HtmlSheet *sheet, const char *css, gsize length, guint readings);
void html_sheet_match(HtmlSheet *sheet, const HtmlFamily *family, HtmlMatches *matches);
void html_node_name(HtmlName *name, const char *text, gsize length);

static inline gboolean
html_sheet_names(const HtmlSheet *sheet, guint32 fold)
{
    return sheet->named[fold >> 6 & 7] >> (fold & 63) & 1;
}

/* html_media: the readings in which a list of media queries holds, never HTML_FIRST. */
guint html_media(const char *text, gsize length);
/* html_selector: adds the steps of one selector to the sheet: `row` gets key, weight, steps, place and what remains of
 * its readings. FALSE: not understood, or it holds for nobody. */
gboolean html_selector_read(HtmlSheet *sheet, const char *text, const char *end, HtmlRow *row);
/* html_match: the readings of a row in which it is about the element; what an attribute says to tests. */
guint html_selector_match(HtmlSheet *sheet, const HtmlRow *row, const HtmlFamily *family);
void html_sheet_test(const HtmlSheet *sheet, guint32 name, const char *value, gsize length, HtmlNode *node);
guint64 html_node_bits(const HtmlNode *node); /* of tag, id and classes: tells quickly what is not there */
guint64 html_step_bits(const HtmlStep *step);
/* The end of a name (letters, digits, '-', '_', "\" and a character, beyond ASCII). */
const char *html_selector_name(const char *text, const char *end);
/* The place of one of `ends` outside of quotes and brackets, or `end`. */
const char *html_selector_find(const char *text, const char *end, const char *ends);
