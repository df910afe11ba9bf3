/* doc_text - the text of a Word file, piece by piece, in its stories ([MS-DOC] 2.4.1): main text, notes, headers,
 * comments, text boxes. */
#pragma once
#include "doc_styles.h"
#include "runs.h"
#include "sink.h"

typedef struct {
    guint32 from, to; /* character positions */
    gsize at;         /* of the first byte, in the stream WordDocument */
    gboolean wide;    /* UTF-16; else one byte each */
    Bytes looks;      /* sprms of the whole piece, by a fast save; none */
} DocPiece;

typedef struct {
    Sink *sink;
    guint part;
    Bytes word, data; /* the streams WordDocument and Data */
    GArray *pieces;   /* DocPiece, rising */
    GArray *letters;  /* DocLook of characters */
    GArray *paragraphs;
    DocStyles *styles;
    GPtrArray *fonts;    /* names; may hold NULL */
    const char *charset; /* of single bytes that are not CP1252; NULL they are */
    Covered *told;       /* of `word` */
    gsize characters;    /* that may still be told */
} DocText;

/* Character positions from..to as text of this place; main: the main text, which begins in the header zone. */
void doc_text_tell(DocText *text, guint32 from, guint32 to, PlaceKind place, guint page, gboolean head);
