/* art - drawings as Word, Excel and PowerPoint store them ([MS-ODRAW]): the pictures of a drawing go to the sink as
 * objects, names, alternative and WordArt texts of shapes as text. */
#pragma once
#include "runs.h"

#define ART_DEPTH_MAX 24 /* records in records */

typedef struct Art Art;
struct Art {
    Sink *sink; /* lent */
    guint part;
    guint page;          /* of the texts; 0 none */
    Bytes delayed;       /* where pictures lie that the drawing only points to (2.2.32, foDelay); none: {NULL, 0} */
    const guint8 *start; /* what `covered` counts from; NULL: from the bytes given to art_read() */
    Covered *covered;    /* what was told; NULL nobody asks */
    Covered *delayed_covered; /* of `delayed` */
    guint pictures;
    /* NULL, or takes a record that is no container: its type, its body, TRUE: it was told */
    gboolean (*other)(Art *art, guint type, Bytes body, gpointer user);
    gpointer user;
};

typedef struct {
    guint version, instance, type;
    Bytes body; /* as much as there is */
    gsize size; /* with its header, as told */
} ArtRecord;

/* The record at `at`; FALSE: no header there, or it is cut. */
gboolean art_record(Bytes bytes, gsize at, ArtRecord *out);
/* A bitmap without the file header that a .bmp begins with: with it. Gives. */
GBytes *art_bitmap(Bytes dib);
/* Records one after the other, containers gone into. Gives where it stopped: a header that cannot be one. */
gsize art_read(Art *art, Bytes bytes);
