/* doc_looks - how characters and paragraphs of a Word file look ([MS-DOC] 2.8, 2.9.32 ChpxFkp, 2.9.175 PapxFkp): what
 * hides them, deletes them, their size and colour, pictures and symbols. What their styles add is in doc_styles. */
#pragma once
#include "runs.h"

typedef struct {
    gsize from, to; /* in the stream WordDocument */
    Bytes list;     /* their properties, of a run of characters not yet applied */
    gboolean deleted, hidden, field_data;
    gboolean style_hidden;             /* what "as the style" means */
    gboolean colour_told, hidden_told; /* by a list that was applied */
    gboolean row_end;                  /* of paragraphs */
    guint size;                        /* tenths of a point, 0 unknown */
    guint32 colour;                    /* FACE_NO_COLOUR unknown */
    guint style;                       /* of a paragraph: 0 Normal; of characters: 0 none */
    guint font, symbol;                /* 0: no symbol */
    gsize data;                        /* in the stream Data, + 1; 0 none */
} DocLook;
#define DOC_LOOK_PLAIN ((DocLook){.colour = FACE_NO_COLOUR})

/* The runs of a PlcBteChpx (or PlcBtePapx: paragraphs) in rising order. Gives an array of DocLook.
 * The pages they stand on are covered. */
GArray *doc_looks_read(Bytes word, Bytes plc, gboolean paragraphs, Covered *covered);
/* The one at this byte; where none is told, a plain one up to the next. *cursor: 0 at first. */
DocLook doc_look_at(const GArray *looks, gsize at, guint *cursor);
/* Applies the properties of a list of sprms. */
void doc_look_apply(DocLook *look, Bytes list);
