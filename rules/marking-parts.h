/* marking-parts - the pieces of the grammar; private to marking. Indexes are those of the window. */
#pragma once
#include "marking-window.h"

/* PERIOD at `index` (spaces before it are skipped). Fills the term of the mark; gives the index after it, or -1. */
int term_read(const Window *window, int index, gboolean events, Mark *mark);
/* Nothing that would go on with the word stands at `index`. */
gboolean term_ends_here(const Window *window, int index);
/* STAR PERIOD? after the level word, or a term without star. Fills mark and traits; gives the end of the mark. */
int star_read(const Window *window, int after, Mark *mark, guint *traits);

/* Boxes: M4. Which box belongs to the mark [begin, end), bound by its row. */
typedef enum { BOX_NONE, BOX_EMPTY, BOX_TICKED } BoxState;
BoxState box_read(const Window *window, int begin, int end, int *begin_out, int *end_out);

/* The label of a field that ends before `begin` (M3). */
typedef enum { LABEL_NONE, LABEL_SAME_LINE, LABEL_LINE_BEFORE, LABEL_CHANGED } LabelKind;
LabelKind label_read(const Window *window, int begin, int *begin_out);
/* Whether [from, to) is a label and nothing else. */
gboolean label_is_cell(const Window *window, int from, int to);
/* marking-grid.c: the mark [begin, end), whose level ends at `word_end`, fills a cell of a row, and the cell above it
 * is its label (M3). */
gboolean grid_label_read(const Window *window, int begin, int word_end, int end);

/* M6: a statement about this very document around [begin, end). */
typedef enum { SENTENCE_NONE, SENTENCE_STATES, SENTENCE_NEGATED } SentenceKind;
SentenceKind sentence_read(const Window *window, int begin, int end, Level level);

/* Quotation, example, title, list, option, glue. */
guint surroundings_read(const Window *window, int begin, int end, const Mark *mark);
/* Edges of the line, and what else is on it. */
guint line_read(const Window *window, int begin, int end);
/* 已解密 and its like after the mark. */
gboolean voided_read(const Window *window, int begin, int end);
