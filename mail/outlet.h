/* outlet - text of one stream in pieces of any size, handed on as segments of bounded size that overlap.
 *
 * Counts lines; cuts after a newline where there is one near, never inside a character. */
#pragma once
#include "segment.h"

#define OUTLET_SIZE (60 * 1024) /* new text in a segment at most; SEGMENT_OVERLAP before it is repeated */

typedef struct {
    SegmentSink sink;
    gpointer user;
    guint part;
    PlaceKind kind;
    const char *name; /* interned or NULL */
    guint line;       /* of the first text; above 1 it goes on a text that began elsewhere */
    guint page;       /* page, sheet or slide of a document; 0 none */
    gboolean head;    /* all of it stands in a header zone */
    gboolean ocr;     /* all of it was read from a picture */
    guint look;       /* PageLook bits of that page */
} OutletPlace;

typedef struct Outlet Outlet;
Outlet *outlet_new(const OutletPlace *place);
void outlet_free(Outlet *outlet); /* what was not flushed is dropped */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outlet, outlet_free)
/* The decoding that gives the text to come; charset is interned. */
void outlet_charset(Outlet *outlet, const char *charset, gboolean declared);
/* The face of the text to come, until the next; without any, segments have none. */
void outlet_face(Outlet *outlet, guint size, guint32 colour);
/* More about the page, for the text that is not handed on yet. */
void outlet_look(Outlet *outlet, guint look);
/* Valid UTF-8 without NUL. FALSE: the sink stopped. */
gboolean outlet_push(Outlet *outlet, const char *text, gsize length);
/* Hands on what is left; the next text continues the stream. FALSE: the sink stopped. */
gboolean outlet_flush(Outlet *outlet);
/* A short text at once: new, push, flush, free. */
gboolean outlet_one(const OutletPlace *place, const char *charset, gboolean declared, const char *text, gsize length);
