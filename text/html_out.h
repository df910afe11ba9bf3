/* html_out - where the scanner's text goes: three streams with the white space rules of HTML, and single pieces.
 * Part of html.
 *
 * Hidden text is one stream of its own. Where it stands on one line with visible text, the hidden stream repeats
 * that line, so that a mark made of shown and hidden characters in turn, or hidden by a rule that we and not the
 * reader's program apply, is seen whole.
 *
 * Likewise each other reading of the page (html_style.h) is a stream of its own, in which only those places stand
 * where it differs from the first: the text of that reading with 512 bytes of what it shows before and behind. It
 * comes as HIDDEN. */
#pragma once
#include "html.h"
#include "html_table.h"

#define HTML_PIECE (64 * 1024)

#define OUT_READINGS 3

typedef enum { OUT_BODY, OUT_HIDDEN, OUT_TITLE, OUT_OTHER, OUT_STREAMS = OUT_OTHER + OUT_READINGS } HtmlWhich;
typedef enum {
    GAP_NONE,
    GAP_SPACE,
    GAP_LINE,
    GAP_CELL,
    GAP_ROW,
    GAP_BREAK /* <br>; an event, never a state */
} HtmlGap;

typedef struct {
    char *bytes; /* HTML_PIECE, allocated when first used */
    gsize length;
    gsize from;    /* bytes at the start that were handed over and are kept for who looks back */
    gsize line_at; /* where the current line begins in bytes */
    HtmlGap gap;   /* owed before the next text */
    guint lines, tabs;
    guint cells;      /* cells begun in this row */
    gboolean written; /* anything at all */
} HtmlStream;

typedef struct {
    HtmlSink sink;
    gpointer user;
    gboolean stopped; /* the sink said FALSE */
    gboolean shared;  /* the current visible line has hidden text and goes to both streams ... */
    gsize share;      /* ... for so many more bytes */
    guint8 differs;   /* other readings, from bit 0, in which the text to come is hidden and not in the first, or the
                         other way */
    guint8 open;      /* other readings that are being given */
    gboolean cited;   /* the text to come is quoted: lines of visible text begin with "> " */
    gboolean only_others;
    gsize left[OUT_READINGS]; /* for so many more bytes, if they do not differ again */
    struct {
        HtmlGap gap;
        guint lines, tabs;
    } before;         /* what the page owed when the element began that makes the difference */
    HtmlTable *table; /* made when needed */
    HtmlStream streams[OUT_STREAMS];
} HtmlOut;

typedef enum { TABLE_OPEN, TABLE_ROW, TABLE_CELL, TABLE_CELL_END, TABLE_CLOSE } HtmlTableEvent;

void html_out_clear(HtmlOut *out);
/* Text up to the first '<' or '&' (or NUL-free end); white space collapses unless kept. Returns where it stopped. */
const char *html_out_flow(HtmlOut *out, HtmlWhich which, const char *text, const char *end, gboolean keep);
/* Text as it is. */
void html_out_text(HtmlOut *out, HtmlWhich which, const char *text, gsize length);
void html_out_gap(HtmlOut *out, HtmlWhich which, HtmlGap gap);
/* Text that only some other readings have. */
void html_out_aside(HtmlOut *out, guint readings, const char *text, gsize length);
/* An element begins in which readings differ: before its gap. */
void html_out_mark(HtmlOut *out);
/* A table, row or cell begins or ends; a cell of so many columns and rows. */
void html_out_table(HtmlOut *out, HtmlTableEvent event, guint columns, guint rows);
/* Hands over what a stream holds and begins it anew. */
void html_out_flush(HtmlOut *out, HtmlWhich which);
/* One text of its own; white space only is dropped, NULs are left out, longer than HTML_PIECE is cut. */
void html_out_piece(HtmlOut *out, PlaceKind kind, const char *name, const char *text, gsize length);
/* The length without a UTF-8 character that is cut at the end. */
gsize html_whole(const char *text, gsize length);
