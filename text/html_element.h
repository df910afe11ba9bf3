/* html_element - the elements we treat specially, and the stack of open ones. Part of html.
 *
 * The stack is there for what an element passes on: hidden or not, colours, kept white space. It is bounded; what is
 * deeper counts as visible. An end tag closes everything above its start tag, so that no unclosed element hides more
 * than it should. */
#pragma once
#include "html_out.h"
#include "html_sheet.h"

enum { /* flags */
       ELEMENT_BLOCK = 1 << 0,
       ELEMENT_BREAK = 1 << 1,
       ELEMENT_CELL = 1 << 2,
       ELEMENT_ROW = 1 << 3,
       ELEMENT_VOID = 1 << 4,
       ELEMENT_RAW = 1 << 5, /* script, style: text up to its end tag */
       ELEMENT_KEEP = 1 << 6,
       ELEMENT_TITLE = 1 << 7,
       ELEMENT_ASIDE = 1 << 8, /* not shown in the run of the text: template, ruby's reading */
       ELEMENT_QUOTE = 1 << 9,
       ELEMENT_REVERSED = 1 << 10,
       ELEMENT_INPUT = 1 << 11,
       ELEMENT_TABLE = 1 << 12,
       ELEMENT_TABLE_ROW = 1 << 13,
       ELEMENT_CITED = 1 << 14, /* what somebody else wrote: its lines begin with > */
};

typedef struct {
    const char *name;
    guint16 flags;
    guint16 group;  /* GROUP_ bit, 0 inline */
    guint16 closes; /* groups whose open element this one ends ... */
    guint16 walls;  /* ... unless one of these is in between */
    guint32 hash;   /* filled at first use */
} HtmlElement;

/* Lends a static row; NULL for an element that is nothing special. */
const HtmlElement *html_element_find(guint32 hash);

#define HTML_DEPTH 256

typedef struct {
    guint32 ink, paper;
    guint8 hides; /* HIDE_ bits in force */
} HtmlLook;

typedef struct {
    guint32 hash;
    HtmlLook look; /* in the first reading */
    guint16 group, flags;
    guint8 symbols; /* HtmlSymbols */
    guint8 differs; /* other readings, from bit 0, in which it is hidden and not in the first, or the other way round */
    guint8 title, keep, cited, worded; /* worded: a rule has ::before or ::after */
    guint8 forked;                     /* other readings, from bit 0, that have looks of their own */
} HtmlOpen;

typedef struct {
    HtmlLook looks[HTML_READINGS];
    const char *before, *after; /* what ::before and ::after say, in the sheet; after is kept until the element ends */
    guint16 before_length, after_length;
    guint8 before_readings, after_readings; /* from bit 0 */
} HtmlFork;

typedef struct {
    HtmlFork *forks; /* HTML_DEPTH, of items that are forked or worded; made when needed */
    HtmlOpen items[HTML_DEPTH];
    guint depth;
    guint over;          /* open elements beyond the last item */
    guint16 counts[256]; /* open elements by the low byte of their hash: most stray end tags need no search */
} HtmlStack;

extern const HtmlOpen html_outside;

/* What the next text is under; lends. */
static inline const HtmlOpen *
html_stack_top(const HtmlStack *stack)
{
    return stack->depth > 0 ? &stack->items[stack->depth - 1] : &html_outside;
}

static inline HtmlWhich
html_stack_which(const HtmlStack *stack)
{
    const HtmlOpen *top = html_stack_top(stack);
    if (top->title)
        return OUT_TITLE;
    return top->look.hides != 0 && stack->over == 0 ? OUT_HIDDEN : OUT_BODY;
}

/* Ends open elements that a start tag of `element` ends. */
void html_stack_imply(HtmlStack *stack, HtmlOut *out, const HtmlElement *element);
void html_stack_push(HtmlStack *stack, HtmlOut *out, const HtmlOpen *open);
void html_stack_close(HtmlStack *stack, HtmlOut *out, guint32 hash);
