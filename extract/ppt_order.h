/* ppt_order - where the slides, notes and masters that count lie in the stream ([MS-PPT] 2.1.2): every save may leave
 * the older ones behind. */
#pragma once
#include "art.h"

typedef struct {
    gsize document;     /* where its record begins */
    GHashTable *slides; /* number of the slide, from 1, by where its record begins + 1 */
    GArray *places;     /* gsize: the other way, from the first slide on; 0 unknown */
    GHashTable *live;   /* a set: where a record that counts begins + 1 */
    gboolean encrypted;
    gboolean known; /* FALSE: the tables are damaged, everything counts */
} PptOrder;

/* user: the stream "Current User". */
void ppt_order_read(PptOrder *order, Bytes stream, Bytes user);
void ppt_order_clear(PptOrder *order);
/* The next record of this type among those in `body`, from *at on; *at goes behind it. */
gboolean ppt_next(Bytes body, guint type, gsize *at, ArtRecord *out);
